//! Tables that are seen or set as they stood before

use std::time::Duration;

use pretend_aws::lambda::StreamMapping;
use pretend_aws::{Blueprint, Knobs, Settings, World};
use serde_json::{Value, json};

use crate::ask::{told, world};
use crate::dynamodb::{item, table};

const TARGET: &str = "DynamoDB_20120810";

fn indexed(name: &str) -> Value {
    let mut table = table(name);
    table["AttributeDefinitions"].as_array_mut().unwrap().push(json!({"AttributeName": "due", "AttributeType": "S"}));
    table["GlobalSecondaryIndexes"] = json!([{
        "IndexName": "by-due", "KeySchema": [{"AttributeName": "due", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }]);
    table
}

fn lagging(seconds: u64) -> World {
    let knobs = Knobs { index_lag_seconds: seconds, ..Knobs::default() };
    let world = World::new(&Blueprint::sample(), Settings { knobs, ..Settings::default() });
    told(&world, TARGET, "CreateTable", &indexed("ledger"));
    told(&world, TARGET, "DescribeTable", &json!({"TableName": "ledger"}));
    world
}

fn put(world: &World, sk: &str, due: &str) {
    let mut item = item("a", sk, 1);
    item["due"] = json!({"S": due});
    told(world, TARGET, "PutItem", &json!({"TableName": "ledger", "Item": item}));
}

fn due(world: &World, due: &str) -> u64 {
    let query = json!({
        "TableName": "ledger", "IndexName": "by-due", "KeyConditionExpression": "due = :d",
        "ExpressionAttributeValues": {":d": {"S": due}},
    });
    told(world, TARGET, "Query", &query)["Count"].as_u64().unwrap()
}

fn count(world: &World, table: &str) -> u64 {
    told(world, TARGET, "Scan", &json!({"TableName": table}))["Count"].as_u64().unwrap()
}

#[test]
fn an_index_shows_a_write_only_when_its_time_has_come_and_the_table_at_once() {
    let world = lagging(60);
    put(&world, "1", "x");
    assert_eq!((due(&world, "x"), count(&world, "ledger")), (0, 1));
    world.advance(Duration::from_secs(30));
    put(&world, "1", "y");
    world.advance(Duration::from_secs(30));
    assert_eq!((due(&world, "x"), due(&world, "y")), (1, 0), "the first write shows, the second does not yet");
    world.advance(Duration::from_secs(30));
    assert_eq!((due(&world, "x"), due(&world, "y")), (0, 1));
    let key = json!({"TableName": "ledger", "Key": {"pk": {"S": "a"}, "sk": {"S": "1"}}});
    told(&world, TARGET, "DeleteItem", &key);
    assert_eq!((due(&world, "y"), count(&world, "ledger")), (1, 0));
    world.advance(Duration::from_secs(60));
    assert_eq!(due(&world, "y"), 0);
}

#[test]
fn refused_writes_and_transactions_lag_as_they_should() {
    let world = lagging(60);
    put(&world, "1", "x");
    let condition =
        json!({"TableName": "ledger", "Item": item("a", "1", 2), "ConditionExpression": "attribute_not_exists(pk)"});
    assert_eq!(crate::ask::ask(&world, TARGET, "PutItem", &condition).0, 400);
    let mut second = item("a", "2", 1);
    second["due"] = json!({"S": "x"});
    told(
        &world,
        TARGET,
        "TransactWriteItems",
        &json!({"TransactItems": [{"Put": {"TableName": "ledger", "Item": second}}]}),
    );
    world.advance(Duration::from_secs(60));
    assert_eq!(due(&world, "x"), 2);
}

#[test]
fn a_lag_that_begins_or_ends_later_loses_nothing() {
    let world = lagging(0);
    put(&world, "1", "x");
    assert_eq!(due(&world, "x"), 1);
    world.with(|state| state.knobs.index_lag_seconds = 60);
    assert_eq!(due(&world, "x"), 1, "what was there when it began shows");
    put(&world, "2", "x");
    assert_eq!(due(&world, "x"), 1);
    world.with(|state| state.knobs.index_lag_seconds = 0);
    assert_eq!(due(&world, "x"), 2);
}

#[test]
fn a_table_goes_back_to_a_snapshot_and_its_stream_tells_of_it() {
    let world = world();
    told(&world, TARGET, "CreateTable", &table("things"));
    let put = |sk: &str, value: u32| {
        told(&world, TARGET, "PutItem", &json!({"TableName": "things", "Item": item("a", sk, value)}));
    };
    put("1", 1);
    put("2", 1);
    let snapshot = world.snapshot_table("things").unwrap();
    assert_eq!(snapshot.len(), 2);
    put("1", 7);
    put("3", 1);
    let mut mapping = StreamMapping::new("things", 100);
    mapping.poll(&world).unwrap().settle(&world, Ok(Value::Null));
    let calls = world.with(|state| state.calls.log().len());
    world.restore_table("things", &snapshot).unwrap();
    assert_eq!(world.snapshot_table("things").unwrap(), snapshot);
    assert_eq!(world.with(|state| state.calls.log().len()), calls, "nobody called");
    let batch = mapping.poll(&world).unwrap();
    let changes: Vec<(String, String)> = batch.payload()["Records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| {
            let key = record["dynamodb"]["Keys"]["sk"]["S"].as_str().unwrap().to_owned();
            (record["eventName"].as_str().unwrap().to_owned(), key)
        })
        .collect();
    assert_eq!(changes, [("REMOVE".to_owned(), "3".to_owned()), ("MODIFY".to_owned(), "1".to_owned())]);
    batch.settle(&world, Ok(Value::Null));
    world.restore_table("things", &pretend_aws::tables::TableSnapshot::default()).unwrap();
    assert_eq!(count(&world, "things"), 0);
    assert_eq!(world.snapshot_table("nowhere").unwrap_err().code, "ResourceNotFoundException");
}

#[test]
fn a_restored_table_is_seen_by_lagging_indexes_too() {
    let world = lagging(60);
    let empty = world.snapshot_table("ledger").unwrap();
    put(&world, "1", "x");
    world.advance(Duration::from_secs(60));
    world.restore_table("ledger", &empty).unwrap();
    assert_eq!((due(&world, "x"), count(&world, "ledger")), (1, 0));
    world.advance(Duration::from_secs(60));
    assert_eq!(due(&world, "x"), 0);
}
