use bytes::Bytes;
use http::Request;
use pretend_aws::{Blueprint, Fault, QueueAttributes, Service, Settings, World};
use serde_json::{Value, json};

use crate::ask::{MEMBER, ask, ask_as, send, world};

#[test]
fn an_unknown_target_is_an_unknown_operation() {
    let world = world();
    let (status, answer) = ask(&world, "AWSSomethingElse", "DoIt", &json!({}));
    assert_eq!((status, answer["__type"].as_str()), (400, Some("UnknownOperationException")));
    let bare = send(&world, Request::get("/nothing/here").body(Bytes::new()).unwrap());
    assert_eq!(bare.status(), 400);
    assert_eq!(bare.headers()["x-amzn-errortype"], "UnknownOperationException");
}

#[test]
fn the_date_header_is_the_worlds() {
    let response = send(&world(), Request::get("/").body(Bytes::new()).unwrap());
    assert_eq!(response.headers()["date"], "Mon, 14 Sep 2026 08:00:00 GMT");
}

#[test]
fn license_manager_spells_message_with_a_capital_letter() {
    let world = world();
    let (status, answer) = ask(
        &world,
        "AWSLicenseManager",
        "GetGrant",
        &json!({"GrantArn": "arn:aws:license-manager::210987654321:grant:g-0"}),
    );
    assert_eq!(status, 400);
    assert!(answer["Message"].is_string(), "{answer}");
}

#[test]
fn a_request_that_is_no_json_is_refused() {
    let request = Request::post("/")
        .header("x-amz-target", "AWSOrganizationsV20161128.ListAccounts")
        .body(Bytes::from("{"))
        .unwrap();
    let response = send(&world(), request);
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(answer["__type"], "SerializationException");
}

#[test]
fn the_caller_is_its_access_key_and_a_strange_key_is_the_management_account() {
    let world = world();
    ask_as(&world, MEMBER, "AWSLicenseManager", "ListReceivedLicenses", &json!({}));
    ask_as(&world, "AKIAIOSFODNN7EXAMPLE", "AWSLicenseManager", "ListReceivedLicenses", &json!({}));
    let callers: Vec<String> = world.with(|state| state.calls.log().iter().map(|call| call.caller.clone()).collect());
    assert_eq!(callers, [MEMBER, "210987654321"]);
}

#[test]
fn each_service_denies_in_its_own_words_and_denied_accounts_are_denied_everywhere() {
    let world = world();
    world.with(|state| state.faults.denied_accounts.push(MEMBER.to_owned()));
    for (target, operation, code) in [
        ("AWSLicenseManager", "ListReceivedLicenses", "AccessDeniedException"),
        ("AWSOrganizationsV20161128", "DescribeOrganization", "AccessDeniedException"),
        ("AWSEvents", "ListRules", "AccessDeniedException"),
        ("DynamoDB_20120810", "ListTables", "AccessDeniedException"),
        ("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", "ListTrails", "AccessDeniedException"),
    ] {
        let (status, answer) = ask_as(&world, MEMBER, target, operation, &json!({}));
        assert_eq!((status, answer["__type"].as_str()), (400, Some(code)), "{target}");
        let text = answer.as_object().unwrap().values().map(|value| value.to_string()).collect::<String>();
        assert!(text.contains("is not authorized to perform"), "{text}");
        assert_eq!(ask(&world, target, operation, &json!({})).0, 200, "{target}");
    }
    assert_eq!(world.with(|state| state.faults.happened()[&Fault::AccessDenied]), 5);
}

#[test]
fn the_same_seed_and_the_same_calls_give_the_same_digests() {
    let history = |seed: u64| {
        let world = World::new(&Blueprint::sample(), Settings { seed, ..Settings::default() });
        let queue = world.create_queue("q", QueueAttributes::default());
        ask(&world, "AWSOrganizationsV20161128", "ListAccounts", &json!({}));
        ask(&world, "AmazonSQS", "SendMessage", &json!({"QueueUrl": queue.url, "MessageBody": "x"}));
        ask(&world, "DynamoDB_20120810", "CreateTable", &crate::dynamodb::table("things"));
        let item = crate::dynamodb::item("a", "1", 1);
        ask(&world, "DynamoDB_20120810", "PutItem", &json!({"TableName": "things", "Item": item}));
        world.with(|state| state.faults.fail_next(Service::Sqs, "ReceiveMessage", Fault::LostReply));
        world.answer(
            Request::post("/")
                .header("x-amz-target", "AmazonSQS.ReceiveMessage")
                .body(Bytes::from(json!({"QueueUrl": queue.url}).to_string()))
                .unwrap(),
        );
        world.with(|state| state.calls.log().iter().map(|call| call.digest.clone()).collect::<Vec<_>>())
    };
    let (first, again, other) = (history(3), history(3), history(4));
    assert_eq!(first, again);
    assert_eq!(first.iter().map(String::len).collect::<Vec<_>>(), [16, 16, 0, 16, 16]);
    assert_ne!(first[1], other[1], "another seed makes another message id");
    assert_ne!(first[4], other[4], "of a lost reply too");
}
