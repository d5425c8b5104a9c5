use bytes::Bytes;
use http::Request;
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
