//! A selector of accounts, read from an item

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Accounts;
use crate::nearest::nearest;
use crate::organization::AccountState;
use crate::pattern::Pattern;
use crate::reader::{Reader, id};

/// The parts a selector of accounts may have
pub(crate) const PARTS: [&str; 6] = ["organization", "ou", "account", "tag", "name", "state"];

const HELP: &str = "write a map of `organization: true`, `ou`, `account`, `tag`, `name`, `state`";

impl Accounts {
    pub(crate) fn read(reader: &mut Reader, attribute: &str, value: &Value) -> Option<Self> {
        let Value::Object(parts) = value else {
            reader.error(attribute, value, "must say which accounts", HELP);
            return None;
        };
        let before = reader.errors();
        let at = |part: &str| format!("{attribute}.{part}");
        reader.known(parts, &PARTS, &[], &at(""));
        let flag = parts.get("organization").map(|flag| reader.flag(&at("organization"), flag));
        let unit = "an organizational unit id such as `ou-ab12-34cd56ef`";
        let account = "an account id of twelve digits, as text";
        let selector = Self {
            organization: flag.flatten().unwrap_or_default(),
            units: reader.part(parts, attribute, "ou", unit, of_unit),
            accounts: reader.part(parts, attribute, "account", account, id),
            tags: parts.get("tag").map(|tags| read_tags(reader, &at("tag"), tags)).unwrap_or_default(),
            names: reader.part(parts, attribute, "name", "an account name or glob", Pattern::new),
            states: reader.part(parts, attribute, "state", "a life-cycle state", of_state),
        };
        if selector == Self::default() && reader.errors() == before {
            reader.error(attribute, value, "selects nobody", HELP);
        }
        if selector.organization && selector.is_narrowed() && !selector.is_whole_organization() {
            let message = "adds nothing beside other parts, all of which must hold";
            reader.warning(&at("organization"), &true.into(), message, "take it out, or take the other parts out");
        }
        Some(selector)
    }
}

fn read_tags(reader: &mut Reader, attribute: &str, value: &Value) -> BTreeMap<String, BTreeSet<Pattern>> {
    let help = "write tag keys with their values, such as `{\"env\": [\"prod\", \"stage*\"]}`";
    let Some(tags) = reader.map(attribute, value, help) else { return BTreeMap::new() };
    let mut read = BTreeMap::new();
    for (key, values) in tags {
        let attribute = format!("{attribute}.{}", key.chars().take(128).collect::<String>());
        if let Some(values) = reader.list(&attribute, values, "a tag's value or glob", Pattern::new) {
            read.insert(key.clone(), values.into_iter().collect());
        }
    }
    read
}

fn of_unit<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    if text.starts_with("r-") {
        return Err("for the root write `organization: true`".to_owned());
    }
    id(text)
}

fn of_state(text: &str) -> Result<AccountState, String> {
    let upper = text.to_uppercase();
    if AccountState::KNOWN.contains(&upper.as_str()) {
        return Ok(AccountState::from_api(&upper));
    }
    let near = nearest(text, AccountState::KNOWN).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    Err(format!("{near}write {}", AccountState::KNOWN.join(", ")))
}
