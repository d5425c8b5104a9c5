//! Items as values: reading, writing under a condition, and never touching what a newer version wrote

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use grant_plan::call::{Disposition, Failure, Operation};
use grant_plan::entry::SCHEMA;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Ledger;
use crate::failure::{understand, unreadable};

/// One item as DynamoDB gives it
pub(super) type Item = HashMap<String, AttributeValue>;

/// The partition of one license
pub(super) fn license_key(license: &grant_plan::id::LicenseId) -> String {
    format!("LICENSE#{license}")
}

/// A value as an item under a key
pub(super) fn to_item<T: Serialize>(pk: &str, sk: &str, value: &T) -> Result<Item, Failure> {
    let mut item: Item =
        serde_dynamo::aws_sdk_dynamodb_1::to_item(value).map_err(|error| unreadable(Operation::Ledger, sk, error))?;
    item.insert("pk".to_owned(), AttributeValue::S(pk.to_owned()));
    item.insert("sk".to_owned(), AttributeValue::S(sk.to_owned()));
    Ok(item)
}

/// An item as a value; an item of a newer layout is refused, since acting on half of it would lose the other half
pub(super) fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, Failure> {
    let key = text(&item, "sk").unwrap_or("an item").to_owned();
    if let Some(AttributeValue::N(schema)) = item.get("schema")
        && schema.parse::<u32>().is_ok_and(|schema| schema > SCHEMA)
    {
        let problem = format!("its schema is {schema} and this version knows up to {SCHEMA}; deploy the newer version");
        return Err(unreadable(Operation::Ledger, &key, problem));
    }
    serde_dynamo::aws_sdk_dynamodb_1::from_item(item).map_err(|error| unreadable(Operation::Ledger, &key, error))
}

/// A text attribute
pub(super) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}

impl Ledger {
    /// One item, read consistently
    pub(super) async fn get(&self, pk: &str, sk: &str) -> Result<Option<Item>, Failure> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pk.to_owned()))
            .key("sk", AttributeValue::S(sk.to_owned()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| understand(Operation::Ledger, &error))?;
        Ok(answer.item)
    }

    /// All items of a partition, read consistently, page by page
    pub(super) async fn partition(&self, pk: &str) -> Result<Vec<Item>, Failure> {
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
                .consistent_read(true)
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(|error| understand(Operation::Ledger, &error))?;
            items.extend(answer.items.unwrap_or_default());
            match answer.last_evaluated_key {
                Some(key) if !key.is_empty() => from = Some(key),
                Some(_) | None => return Ok(items),
            }
        }
    }

    /// Writes an item whatever stood there
    pub(super) async fn put(&self, item: Item) -> Result<(), Failure> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| understand(Operation::Ledger, &error))
    }

    /// Writes an item over the `revision` that was read (`None`: no item); `false` when somebody else wrote first
    pub(super) async fn put_over(&self, item: Item, expected: Option<u64>) -> Result<bool, Failure> {
        let call = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let call = match expected {
            None => call.condition_expression("attribute_not_exists(pk)"),
            Some(revision) => call
                .condition_expression("revision = :revision")
                .expression_attribute_values(":revision", AttributeValue::N(revision.to_string())),
        };
        match call.send().await.map_err(|error| understand(Operation::Ledger, &error)) {
            Ok(_) => Ok(true),
            Err(failure) if failure.disposition == Disposition::Stale => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Removes an item, if it is there
    pub(super) async fn delete(&self, pk: &str, sk: &str) -> Result<(), Failure> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pk.to_owned()))
            .key("sk", AttributeValue::S(sk.to_owned()))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| understand(Operation::Ledger, &error))
    }
}
