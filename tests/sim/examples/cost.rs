//! What a small world costs: `cargo run -p pretend-aws --example cost`, microseconds each, the median of many
//!
//! Thousands of worlds are made and run where histories are tried out, so none of these may grow unnoticed.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_types::SdkConfig;
use bytes::Bytes;
use http::Request;
use pretend_aws::{Answer, Blueprint, Purchase, Settings, World};
use serde_json::{Value, json};

const ROUNDS: u32 = 300;
const TABLES: &str = "DynamoDB_20120810";

/// Median over many rounds of `work`, each with something new from `make`
#[expect(clippy::disallowed_methods, reason = "the one thing this program does is to look at the wall clock")]
fn median<T>(mut make: impl FnMut() -> T, mut work: impl FnMut(&T)) -> u128 {
    let mut times: Vec<u128> = (0..ROUNDS)
        .map(|_| {
            let given = make();
            let start = Instant::now();
            work(&given);
            start.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn ask(world: &World, target: &str, operation: &str, body: &Value) -> u16 {
    let request = Request::post("/")
        .header("x-amz-target", format!("{target}.{operation}"))
        .header("authorization", "AWS4-HMAC-SHA256 Credential=210987654321/20260914/us-east-1/any/aws4_request")
        .body(Bytes::from(body.to_string()));
    match request.map(|request| world.answer(request)) {
        Ok(Answer::Response(response)) => response.status().as_u16(),
        Ok(Answer::Lost) | Err(_) => 0,
    }
}

fn fresh() -> World {
    World::new(&Blueprint::sample(), Settings::default())
}

/// A table with a Stream and one with an index, as a small program has them
fn tables(world: &World) {
    let rules = json!({
        "TableName": "rules", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "rule", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "rule", "KeyType": "HASH"}],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    });
    let attribute = |name: &str, kind: &str| json!({"AttributeName": name, "AttributeType": kind});
    let ledger = json!({
        "TableName": "ledger", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions":
            [attribute("pk", "S"), attribute("sk", "S"), attribute("due_shard", "N"), attribute("due_at", "N")],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "GlobalSecondaryIndexes": [{
            "IndexName": "due", "Projection": {"ProjectionType": "ALL"},
            "KeySchema":
                [{"AttributeName": "due_shard", "KeyType": "HASH"}, {"AttributeName": "due_at", "KeyType": "RANGE"}],
        }],
    });
    for table in [rules, ledger] {
        ask(world, TABLES, "CreateTable", &table);
        ask(world, TABLES, "DescribeTable", &json!({"TableName": table.get("TableName")}));
    }
}

fn config(world: &World) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::from_keys("210987654321", "secret", None)))
        .http_client(world.http_client())
        .time_source(world.time_source())
        .sleep_impl(world.sleep())
        .build()
}

fn run<F: Future>(world: &World, work: F) -> Option<F::Output> {
    match pin!(world.run(work)).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
fn main() {
    let show = |what: &str, nanos: u128| println!("{what:<52} {:>8.1} us", nanos as f64 / 1000.0);
    show("a world", median(|| (), |()| drop(fresh())));
    show("two tables in a new world", median(fresh, tables));

    let world = fresh();
    world.purchase(&Purchase::sample());
    world.advance(std::time::Duration::from_secs(90));
    tables(&world);
    let item = json!({"TableName": "rules", "Item": {"rule": {"S": "a"}, "n": {"N": "1"}}});
    show(
        "raw: ListReceivedLicenses",
        median(
            || (),
            |()| {
                ask(&world, "AWSLicenseManager", "ListReceivedLicenses", &json!({}));
            },
        ),
    );
    show(
        "raw: ListAccounts",
        median(
            || (),
            |()| {
                ask(&world, "AWSOrganizationsV20161128", "ListAccounts", &json!({}));
            },
        ),
    );
    show(
        "raw: PutItem",
        median(
            || (),
            |()| {
                ask(&world, TABLES, "PutItem", &item);
            },
        ),
    );

    let config = config(&world);
    let licenses = aws_sdk_licensemanager::Client::new(&config);
    show(
        "SDK: ListReceivedLicenses",
        median(
            || (),
            |()| {
                drop(run(&world, licenses.list_received_licenses().send()));
            },
        ),
    );
    let database = aws_sdk_dynamodb::Client::new(&config);
    show(
        "SDK: conditional PutItem",
        median(
            || (),
            |()| {
                let put = database.put_item().table_name("rules").item("rule", AttributeValue::S("a".to_owned()));
                drop(run(
                    &world,
                    put.condition_expression("attribute_exists(#r)").expression_attribute_names("#r", "rule").send(),
                ));
            },
        ),
    );
    show(
        "SDK: GetItem",
        median(
            || (),
            |()| {
                drop(run(
                    &world,
                    database.get_item().table_name("rules").key("rule", AttributeValue::S("a".to_owned())).send(),
                ));
            },
        ),
    );
}
