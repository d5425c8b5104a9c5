//! The policy table, read whole

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use grant_plan::call::{Failure, Operation};
use grant_plan::policy::Policy;
use grant_plan::version::going_by_versions;
use serde_json::{Map, Value};

use crate::Engine;
use crate::failure::understand;
use crate::observe::pages;

impl Engine {
    /// The rules in force: as they stand in the table or, where one cannot be read, as they last could
    ///
    /// # Errors
    /// When the table or the ledger cannot be read.
    pub async fn policy(&self) -> Result<Policy, Failure> {
        self.policy_of(&self.policy_items().await?).await
    }

    /// The rules that would be in force if these were the table's items
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn policy_of(&self, items: &[Value]) -> Result<Policy, Failure> {
        let mut recorded = BTreeMap::new();
        for key in going_by_versions(items) {
            recorded.insert(key.to_owned(), self.ledger.versions(key).await?);
        }
        Ok(Policy::read_with_versions(items, &recorded))
    }

    /// The items of the policy table as plain JSON, ordered by rule
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn policy_items(&self) -> Result<Vec<Value>, Failure> {
        let items = pages::all(async |from| {
            let call = self.clients.dynamodb.scan().table_name(&self.config.policy_table).consistent_read(true);
            let page = call.set_exclusive_start_key(from).send().await;
            let page = page.map_err(|error| understand(Operation::Observe, &error))?;
            Ok((page.items, page.last_evaluated_key))
        });
        let mut items: Vec<Value> = items.await?.into_iter().map(plain).collect();
        items.sort_by_key(|item| item.get("rule").map(Value::to_string));
        Ok(items)
    }
}

fn plain(item: HashMap<String, AttributeValue>) -> Value {
    Value::Object(item.into_iter().map(|(name, value)| (name, plain_value(value))).collect::<Map<_, _>>())
}

/// DynamoDB's types as JSON's: sets are lists, binary is base64, numbers that JSON cannot hold stay text
fn plain_value(value: AttributeValue) -> Value {
    let number = |text: String| serde_json::from_str(&text).unwrap_or(Value::String(text));
    let binary = |bytes: &[u8]| Value::String(base64::engine::general_purpose::STANDARD.encode(bytes));
    match value {
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::N(text) => number(text),
        AttributeValue::Bool(flag) => Value::Bool(flag),
        AttributeValue::B(bytes) => binary(bytes.as_ref()),
        AttributeValue::Ss(texts) => Value::Array(texts.into_iter().map(Value::String).collect()),
        AttributeValue::Ns(texts) => Value::Array(texts.into_iter().map(number).collect()),
        AttributeValue::Bs(blobs) => Value::Array(blobs.iter().map(|blob| binary(blob.as_ref())).collect()),
        AttributeValue::L(values) => Value::Array(values.into_iter().map(plain_value).collect()),
        AttributeValue::M(values) => plain(values),
        AttributeValue::Null(_) | _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_lists_numbers_and_maps_of_an_item_become_json() {
        let item = HashMap::from([
            ("rule".to_owned(), AttributeValue::S("r".into())),
            ("set".to_owned(), AttributeValue::Ss(vec!["a".into()])),
            ("number".to_owned(), AttributeValue::N("12".into())),
            ("map".to_owned(), AttributeValue::M(HashMap::from([("x".to_owned(), AttributeValue::Bool(true))]))),
            ("nothing".to_owned(), AttributeValue::Null(true)),
        ]);
        let expected =
            serde_json::json!({"rule": "r", "set": ["a"], "number": 12, "map": {"x": true}, "nothing": null});
        assert_eq!(plain(item), expected);
    }
}
