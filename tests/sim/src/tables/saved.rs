//! Tables as a saved world has them: what makes each, and its items

use bytes::Bytes;
use dynoxide::DynoxideError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Tables;
use super::snapshot::{asked, items};

/// One table
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedTable {
    /// The CreateTable request that makes it, its Stream aside
    definition: Map<String, Value>,
    /// StreamSpecification, where a Stream is on
    stream: Option<Value>,
    /// The attribute by which items expire
    time_to_live: Option<String>,
    /// As DynamoDB writes them: `{"name": {"S": "text"}}`
    items: Vec<Value>,
}

/// Members of a table's description that CreateTable takes as they are
const SAME: [&str; 5] =
    ["TableName", "KeySchema", "AttributeDefinitions", "DeletionProtectionEnabled", "OnDemandThroughput"];
/// The same of an index's description
const SAME_OF_INDEX: [&str; 3] = ["IndexName", "KeySchema", "Projection"];

impl Tables {
    /// Every table, by name
    pub(crate) fn saved(&self) -> Result<Vec<SavedTable>, String> {
        self.names()?.iter().map(|name| self.saved_table(name).map_err(|error| format!("`{name}`: {error}"))).collect()
    }

    /// Makes saved tables; the Stream of one begins behind its items
    pub(crate) fn fill(&mut self, tables: &[SavedTable], now: Timestamp) -> Result<(), String> {
        tables.iter().try_for_each(|table| {
            let name = table.definition.get("TableName").and_then(Value::as_str).unwrap_or_default();
            self.make(table, name, now).map_err(|error| format!("`{name}`: {error}"))
        })
    }

    fn names(&self) -> Result<Vec<String>, String> {
        let database = self.database()?;
        let (mut names, mut request) = (Vec::new(), json!({}));
        loop {
            let page = asked(database, "ListTables", &request).map_err(|error| error.to_string())?;
            let listed = page.get("TableNames").and_then(Value::as_array).into_iter().flatten();
            names.extend(listed.filter_map(|name| name.as_str().map(str::to_owned)));
            match page.get("LastEvaluatedTableName").filter(|last| last.is_string()) {
                Some(last) => request = json!({"ExclusiveStartTableName": last}),
                None => return Ok(names),
            }
        }
    }

    fn saved_table(&self, name: &str) -> Result<SavedTable, DynoxideError> {
        let database = self.database().map_err(|why| DynoxideError::InternalServerError(why.to_owned()))?;
        let described = asked(database, "DescribeTable", &json!({"TableName": name}))?;
        let described = described.get("Table").cloned().unwrap_or_default();
        let mut definition = definition(&described);
        let tags = asked(database, "ListTagsOfResource", &json!({"ResourceArn": described.get("TableArn")}))?;
        if let Some(tags) = tags.get("Tags").filter(|tags| tags.as_array().is_some_and(|tags| !tags.is_empty())) {
            definition.insert("Tags".to_owned(), tags.clone());
        }
        let time_to_live = asked(database, "DescribeTimeToLive", &json!({"TableName": name}))?;
        let attribute = time_to_live.pointer("/TimeToLiveDescription/AttributeName").and_then(Value::as_str);
        let stream = described.get("StreamSpecification");
        let on = |stream: &&Value| stream.get("StreamEnabled") == Some(&Value::Bool(true));
        Ok(SavedTable {
            definition,
            stream: stream.filter(on).cloned(),
            time_to_live: attribute.map(str::to_owned),
            items: items(database, name)?,
        })
    }

    fn make(&mut self, table: &SavedTable, name: &str, now: Timestamp) -> Result<(), DynoxideError> {
        let mut perform = |operation: &str, request: &Value| {
            let body = Bytes::from(request.to_string());
            self.perform(operation, &body, now, 0).map(|_| ())
        };
        // A table is CREATING or UPDATING until it has been looked at.
        let look = json!({"TableName": name});
        perform("CreateTable", &Value::Object(table.definition.clone()))?;
        perform("DescribeTable", &look)?;
        for item in &table.items {
            perform("PutItem", &json!({"TableName": name, "Item": item}))?;
        }
        if let Some(stream) = &table.stream {
            perform("UpdateTable", &json!({"TableName": name, "StreamSpecification": stream}))?;
            perform("DescribeTable", &look)?;
        }
        if let Some(attribute) = &table.time_to_live {
            let specification = json!({"AttributeName": attribute, "Enabled": true});
            perform("UpdateTimeToLive", &json!({"TableName": name, "TimeToLiveSpecification": specification}))?;
        }
        Ok(())
    }
}

/// The CreateTable request that would make a table so described
fn definition(described: &Value) -> Map<String, Value> {
    let mode = described.pointer("/BillingModeSummary/BillingMode").and_then(Value::as_str);
    let provisioned = mode != Some("PAY_PER_REQUEST");
    let mut definition = picked(described, &SAME);
    definition.insert("BillingMode".to_owned(), mode.unwrap_or("PROVISIONED").into());
    if let Some(class) = described.pointer("/TableClassSummary/TableClass") {
        definition.insert("TableClass".to_owned(), class.clone());
    }
    definition.extend(throughput(described).filter(|_| provisioned));
    for kind in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        let Some(indexes) = described.get(kind).and_then(Value::as_array) else { continue };
        let shape = |index: &Value| {
            let mut picked = picked(index, &SAME_OF_INDEX);
            picked.extend(throughput(index).filter(|_| provisioned));
            Value::Object(picked)
        };
        definition.insert(kind.to_owned(), indexes.iter().map(shape).collect());
    }
    definition
}

fn throughput(described: &Value) -> Option<(String, Value)> {
    let units = described.get("ProvisionedThroughput")?;
    Some(("ProvisionedThroughput".to_owned(), picked(units, &["ReadCapacityUnits", "WriteCapacityUnits"]).into()))
}

fn picked(described: &Value, names: &[&str]) -> Map<String, Value> {
    let members = names.iter().filter_map(|name| Some(((*name).to_owned(), described.get(name)?.clone())));
    members.filter(|(_, value)| !value.is_null()).collect()
}
