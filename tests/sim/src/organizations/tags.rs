//! Tags of accounts, units and the root

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::request::{constraint, invalid, text};
use crate::error::ApiError;
use crate::state::State;

/// Organizations User Guide, "Tagging": 50 tags on a resource
const MOST: usize = 50;

/// `Tags` of a request; none when the member is missing
pub(super) fn given(body: &Value) -> Result<BTreeMap<String, String>, ApiError> {
    let mut tags = BTreeMap::new();
    for tag in body.get("Tags").and_then(Value::as_array).into_iter().flatten() {
        let (key, value) = (text(tag, "Key"), text(tag, "Value"));
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid("Key", "INVALID_SYSTEM_TAGS_PARAMETER"));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(invalid("Key", "DUPLICATE_TAG_KEY"));
        }
    }
    if tags.len() > MOST { Err(too_many()) } else { Ok(tags) }
}

impl State {
    pub(super) fn tag_call(&mut self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let id = text(body, "ResourceId").to_owned();
        let before = self.organization.tags_of(&id).ok_or_else(target_not_found)?;
        let changes: BTreeMap<String, Option<String>> = if operation == "TagResource" {
            given(body)?.into_iter().map(|(key, value)| (key, Some(value))).collect()
        } else {
            let keys = body.get("TagKeys").and_then(Value::as_array).into_iter().flatten();
            keys.filter_map(Value::as_str).map(|key| (key.to_owned(), None)).collect()
        };
        let added = changes.values().any(Option::is_some);
        let all: BTreeSet<&String> = before.keys().chain(changes.keys()).collect();
        if added && all.len() > MOST {
            return Err(too_many());
        }
        if self.organization.accounts.contains_key(&id) {
            for (key, value) in changes {
                self.tag_account(&id, &key, value.as_deref());
            }
            return Ok(Value::Null);
        }
        let parameters = if added {
            let tags: Vec<Value> = changes.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
            json!({"resourceId": id, "tags": tags})
        } else {
            json!({"resourceId": id, "tagKeys": changes.keys().collect::<Vec<_>>()})
        };
        let tags = self.organization.tags.entry(id).or_default();
        for (key, value) in changes {
            match value {
                Some(value) => tags.insert(key, value),
                None => tags.remove(&key),
            };
        }
        self.tell_call(operation, parameters, Value::Null);
        Ok(Value::Null)
    }
}

fn too_many() -> ApiError {
    constraint("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource.")
}

pub(super) fn target_not_found() -> ApiError {
    ApiError::refused("TargetNotFoundException", "You specified a target that doesn't exist.")
}
