use std::time::Duration;

use serde_json::{Value, json};

use crate::ask::{ask, told, world};

const TARGET: &str = "DynamoDB_20120810";
const STREAMS: &str = "DynamoDBStreams_20120810";

pub(crate) fn table(name: &str) -> Value {
    json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    })
}

pub(crate) fn item(pk: &str, sk: &str, value: u32) -> Value {
    json!({"pk": {"S": pk}, "sk": {"S": sk}, "value": {"N": value.to_string()}})
}

#[test]
fn items_are_written_read_and_queried() {
    let world = world();
    told(&world, TARGET, "CreateTable", &table("things"));
    for number in 0..3 {
        told(
            &world,
            TARGET,
            "PutItem",
            &json!({"TableName": "things", "Item": item("a", &number.to_string(), number)}),
        );
    }
    let got =
        told(&world, TARGET, "GetItem", &json!({"TableName": "things", "Key": {"pk": {"S": "a"}, "sk": {"S": "1"}}}));
    assert_eq!(got["Item"], item("a", "1", 1));
    let query = json!({
        "TableName": "things", "KeyConditionExpression": "pk = :p AND sk > :s",
        "ExpressionAttributeValues": {":p": {"S": "a"}, ":s": {"S": "0"}},
    });
    assert_eq!(told(&world, TARGET, "Query", &query)["Count"], 2);
}

#[test]
fn a_failed_condition_and_a_cancelled_transaction_say_why() {
    let world = world();
    told(&world, TARGET, "CreateTable", &table("things"));
    let put = json!({"TableName": "things", "Item": item("a", "1", 1), "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"});
    told(&world, TARGET, "PutItem", &put);
    let (status, answer) = ask(&world, TARGET, "PutItem", &put);
    assert_eq!(status, 400);
    assert!(answer["__type"].as_str().unwrap().ends_with("#ConditionalCheckFailedException"));
    assert_eq!(answer["Item"], item("a", "1", 1));
    let transaction = json!({"TransactItems": [{"Put": put}]});
    let (_, answer) = ask(&world, TARGET, "TransactWriteItems", &transaction);
    assert!(answer["__type"].as_str().unwrap().ends_with("#TransactionCanceledException"));
    assert_eq!(answer["CancellationReasons"][0]["Code"], "ConditionalCheckFailed");
    let logged = world.with(|state| state.calls.log().last().cloned().unwrap());
    assert_eq!((logged.result.as_str(), logged.write), ("TransactionCanceledException", true));
}

#[test]
fn an_unknown_table_and_an_unknown_operation_are_refused() {
    let world = world();
    let (_, answer) = ask(&world, TARGET, "GetItem", &json!({"TableName": "nowhere", "Key": {"pk": {"S": "a"}}}));
    assert!(answer["__type"].as_str().unwrap().ends_with("#ResourceNotFoundException"));
    let (_, answer) = ask(&world, TARGET, "CreateTable", &table("t"));
    assert_eq!(answer["__type"], "com.amazon.coral.validate#ValidationException", "a name takes three letters");
    let (_, answer) = ask(&world, TARGET, "CreateBackup", &json!({}));
    assert_eq!(answer["__type"], "UnknownOperationException");
}

#[test]
fn the_stream_tells_of_each_write_on_the_worlds_clock() {
    let world = world();
    let made = told(&world, TARGET, "CreateTable", &table("things"));
    let arn = made["TableDescription"]["LatestStreamArn"].clone();
    world.advance(Duration::from_secs(60));
    told(&world, TARGET, "PutItem", &json!({"TableName": "things", "Item": item("a", "1", 1)}));
    let shard = told(&world, STREAMS, "DescribeStream", &json!({"StreamArn": arn}))["StreamDescription"]["Shards"][0]["ShardId"].clone();
    assert!(shard.as_str().unwrap().len() >= 28, "clients refuse shorter ones: {shard}");
    let iterator = told(
        &world,
        STREAMS,
        "GetShardIterator",
        &json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}),
    );
    let records =
        told(&world, STREAMS, "GetRecords", &json!({"ShardIterator": iterator["ShardIterator"]}))["Records"].clone();
    assert_eq!(records[0]["eventName"], "INSERT");
    assert_eq!(records[0]["dynamodb"]["NewImage"], item("a", "1", 1));
    assert_eq!(records[0]["dynamodb"]["ApproximateCreationDateTime"].as_f64(), Some(1_789_372_860.0));
}
