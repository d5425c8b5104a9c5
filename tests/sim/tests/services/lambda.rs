use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use pretend_aws::lambda::runtime_api::{FunctionError, RuntimeApi};
use pretend_aws::lambda::{QueueMapping, StreamMapping};
use pretend_aws::{QueueAttributes, World};
use serde_json::{Value, json};

use crate::ask::{told, world};
use crate::dynamodb::{item, table};

fn send(world: &World, url: &str, text: &str) {
    told(world, "AmazonSQS", "SendMessage", &json!({"QueueUrl": url, "MessageBody": text}));
}

fn texts(payload: &Value) -> Vec<&str> {
    payload["Records"].as_array().unwrap().iter().map(|record| record["body"].as_str().unwrap()).collect()
}

#[test]
fn only_the_failed_messages_of_a_batch_come_back_and_only_after_the_time_out() {
    let world = world();
    let queue = world.create_queue("q", QueueAttributes { visibility: Duration::from_secs(180), ..Default::default() });
    for text in ["one", "two", "three"] {
        send(&world, &queue.url, text);
    }
    let mut mapping = QueueMapping::new(&queue, 10);
    let batch = mapping.poll(&world).unwrap();
    assert_eq!(texts(batch.payload()), ["one", "two", "three"]);
    let record = batch.payload()["Records"][1].clone();
    assert_eq!(record["eventSource"], "aws:sqs");
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    batch.settle(&world, Ok(json!({"batchItemFailures": [{"itemIdentifier": record["messageId"]}]})));
    assert!(mapping.poll(&world).is_none());
    world.advance(Duration::from_secs(180));
    let batch = mapping.poll(&world).unwrap();
    assert_eq!(texts(batch.payload()), ["two"]);
    batch.settle(&world, Ok(Value::Null));
    world.advance(Duration::from_secs(180));
    assert!(mapping.poll(&world).is_none());
}

#[test]
fn a_function_error_or_a_strange_identifier_fails_the_whole_batch() {
    let world = world();
    let queue = world.create_queue("q", QueueAttributes::default());
    send(&world, &queue.url, "one");
    let mut mapping = QueueMapping::new(&queue, 10);
    for outcome in [Err(()), Ok(json!({"batchItemFailures": [{"itemIdentifier": "nobody"}]}))] {
        mapping.poll(&world).unwrap().settle(&world, outcome);
        world.advance(Duration::from_secs(30));
    }
    assert_eq!(mapping.poll(&world).unwrap().len(), 1);
}

#[test]
fn a_stream_goes_on_from_its_lowest_failed_record() {
    let world = world();
    told(&world, "DynamoDB_20120810", "CreateTable", &table("policy"));
    for number in 0..4 {
        told(
            &world,
            "DynamoDB_20120810",
            "PutItem",
            &json!({"TableName": "policy", "Item": item("a", &number.to_string(), number)}),
        );
    }
    let keys = |payload: &Value| -> Vec<String> {
        let records = payload["Records"].as_array().unwrap();
        records.iter().map(|record| record["dynamodb"]["Keys"]["sk"]["S"].as_str().unwrap().to_owned()).collect()
    };
    let mut mapping = StreamMapping::new("policy", 3);
    let batch = mapping.poll(&world).unwrap();
    assert_eq!(keys(batch.payload()), ["0", "1", "2"]);
    assert_eq!(batch.payload()["Records"][0]["eventSource"], "aws:dynamodb");
    assert!(batch.payload()["Records"][0]["eventSourceARN"].as_str().unwrap().contains("table/policy/stream/"));
    assert!(mapping.poll(&world).is_none(), "a shard has one batch in flight");
    let failed = batch.payload()["Records"][1]["dynamodb"]["SequenceNumber"].clone();
    batch.settle(&world, Ok(json!({"batchItemFailures": [{"itemIdentifier": failed}]})));
    let batch = mapping.poll(&world).unwrap();
    assert_eq!(keys(batch.payload()), ["1", "2", "3"]);
    batch.settle(&world, Err(()));
    let batch = mapping.poll(&world).unwrap();
    assert_eq!(keys(batch.payload()), ["1", "2", "3"]);
    batch.settle(&world, Ok(json!({"batchItemFailures": []})));
    assert!(mapping.poll(&world).is_none());
}

/// A function as small as can be: one call of the Runtime API over a socket
fn call(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn post(path: &str, body: &str) -> String {
    format!(
        "POST /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn block_on<F: std::future::Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

#[test]
fn the_runtime_api_hands_out_invocations_and_takes_answers_and_errors() {
    block_on(async {
        let api = RuntimeApi::start().await.unwrap();
        let address = api.address();
        let function = std::thread::spawn(move || {
            for answer in ["{\"ok\":1}", "failed"] {
                let invocation = call(
                    address,
                    "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
                );
                let id = invocation
                    .split_once("lambda-runtime-aws-request-id: ")
                    .unwrap()
                    .1
                    .split_once("\r\n")
                    .unwrap()
                    .0
                    .to_owned();
                assert!(invocation.contains("lambda-runtime-deadline-ms: "));
                assert!(invocation.ends_with("{\"n\":1}"));
                if answer == "failed" {
                    call(
                        address,
                        &post(
                            &format!("invocation/{id}/error"),
                            "{\"errorType\":\"Retryable\",\"errorMessage\":\"later\"}",
                        ),
                    );
                } else {
                    call(address, &post(&format!("invocation/{id}/response"), answer));
                }
            }
        });
        let deadline = Duration::from_secs(10);
        assert_eq!(api.invoke(json!({"n": 1}), deadline).await, Ok(json!({"ok": 1})));
        let error = FunctionError { error_type: "Retryable".into(), message: "later".into() };
        assert_eq!(api.invoke(json!({"n": 1}), deadline).await, Err(error));
        api.ready().await;
        function.join().unwrap();
        let silent = api.invoke(json!({}), Duration::from_millis(20)).await.unwrap_err();
        assert_eq!(silent.error_type, "Sandbox.Timedout");
    });
}

#[test]
fn an_error_of_initialisation_fails_every_invocation() {
    block_on(async {
        let api = RuntimeApi::start().await.unwrap();
        let address = api.address();
        let report = post("init/error", "{\"errorType\":\"Misconfigured\",\"errorMessage\":\"no table\"}");
        tokio::task::spawn_blocking(move || call(address, &report)).await.unwrap();
        let error = api.invoke(json!({}), Duration::from_secs(10)).await.unwrap_err();
        assert_eq!(error.error_type, "Misconfigured");
    });
}
