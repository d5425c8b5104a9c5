//! A table's items at one moment, and bringing a table back to them

use std::collections::BTreeMap;

use bytes::Bytes;
use dynoxide::{Database, DynoxideError};
use serde_json::{Map, Value, json};

use super::{engine, refusal};
use crate::World;
use crate::error::ApiError;
use crate::state::State;

/// Every item of a table as it stood; the default has none
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TableSnapshot {
    items: Vec<Value>,
}

impl TableSnapshot {
    /// How many items
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl World {
    /// A table's items as they stand, like a backup of it
    ///
    /// # Errors
    ///
    /// `ResourceNotFoundException` when there is no such table.
    pub fn snapshot_table(&self, table: &str) -> Result<TableSnapshot, ApiError> {
        self.with(|state| {
            let database = state.tables.database().map_err(|why| ApiError::fault("InternalServerError", why))?;
            Ok(TableSnapshot { items: items(database, table).map_err(|error| refusal(&error))? })
        })
    }

    /// Brings a table back to a snapshot: what is not in it goes, what differs is put, what is equal is left alone
    ///
    /// AWS restores into a new table that then takes the old one's place; here the table stays, and its Stream and
    /// indexes see each change. An empty snapshot empties the table. The call log shows nothing of it.
    ///
    /// # Errors
    ///
    /// `ResourceNotFoundException` when there is no such table, `ValidationException` when the items are another
    /// table's.
    pub fn restore_table(&self, table: &str, snapshot: &TableSnapshot) -> Result<(), ApiError> {
        self.with(|state| state.restore(table, snapshot))
    }
}

impl State {
    fn restore(&mut self, table: &str, snapshot: &TableSnapshot) -> Result<(), ApiError> {
        let database = self.tables.database().map_err(|why| ApiError::fault("InternalServerError", why))?;
        let keys = key_names(database, table).map_err(|error| refusal(&error))?;
        let now = items(database, table).map_err(|error| refusal(&error))?;
        let by_key = |items: &[Value]| -> BTreeMap<String, Value> {
            items.iter().map(|item| (key(item, &keys).to_string(), item.clone())).collect()
        };
        let (now, then) = (by_key(&now), by_key(&snapshot.items));
        for (_, item) in now.iter().filter(|(at, _)| !then.contains_key(*at)) {
            self.write("DeleteItem", &json!({"TableName": table, "Key": key(item, &keys)}))?;
        }
        for (_, item) in then.iter().filter(|(at, item)| now.get(*at) != Some(item)) {
            self.write("PutItem", &json!({"TableName": table, "Item": item}))?;
        }
        Ok(())
    }

    fn write(&mut self, operation: &str, request: &Value) -> Result<(), ApiError> {
        let (now, lag) = (self.now(), self.knobs.index_lag_seconds);
        let body = Bytes::from(request.to_string());
        self.tables.perform(operation, &body, now, lag).map(|_| ()).map_err(|error| refusal(&error))
    }
}

/// Every item of a table, page by page
pub(super) fn items(database: &Database, table: &str) -> Result<Vec<Value>, DynoxideError> {
    let mut all = Vec::new();
    let mut request = json!({"TableName": table, "ConsistentRead": true});
    loop {
        let mut page = asked(database, "Scan", &request)?;
        if let Some(Value::Array(items)) = page.get_mut("Items").map(Value::take) {
            all.extend(items);
        }
        match (page.get("LastEvaluatedKey"), request.as_object_mut()) {
            (Some(last), Some(members)) if last.is_object() => {
                members.insert("ExclusiveStartKey".to_owned(), last.clone());
            }
            _ => return Ok(all),
        }
    }
}

fn key_names(database: &Database, table: &str) -> Result<Vec<String>, DynoxideError> {
    let described = asked(database, "DescribeTable", &json!({"TableName": table}))?;
    let schema = described.pointer("/Table/KeySchema").and_then(Value::as_array).into_iter().flatten();
    Ok(schema.filter_map(|part| part.get("AttributeName")?.as_str().map(str::to_owned)).collect())
}

pub(super) fn asked(database: &Database, operation: &str, request: &Value) -> Result<Value, DynoxideError> {
    let answer = engine::perform(database, operation, request.to_string().as_bytes())?.unwrap_or_default();
    serde_json::from_str(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

fn key(item: &Value, names: &[String]) -> Value {
    let members = names.iter().filter_map(|name| Some((name.clone(), item.get(name)?.clone())));
    Value::Object(members.collect::<Map<_, _>>())
}
