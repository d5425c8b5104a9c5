//! License Manager through the door: what befalls its calls

use std::time::Duration;

use pretend_aws::{Fault, Purchase, Service, World};
use serde_json::{Value, json};

use crate::ask::{MEMBER, ask, ask_as, told, world};

const TARGET: &str = "AWSLicenseManager";

/// A world in which the sample product is bought and its license is there
fn licensed() -> World {
    let world = world();
    world.purchase(&Purchase::sample());
    world.advance(Duration::from_secs(100));
    world
}

fn new_grant(token: &str) -> Value {
    json!({
        "ClientToken": token,
        "GrantName": "everyone",
        "LicenseArn": format!("arn:aws:license-manager::294406891311:license:{}", Purchase::sample().license),
        "Principals": [format!("arn:aws:iam::{MEMBER}:root")],
        "HomeRegion": "us-east-1",
        "AllowedOperations": ["CheckoutLicense"],
    })
}

fn fail_next(world: &World, operation: &str, fault: Fault) {
    world.with(|state| state.faults.fail_next(Service::LicenseManager, operation, fault));
}

fn happened(world: &World, fault: Fault) -> u64 {
    world.with(|state| state.faults.happened().get(&fault).copied().unwrap_or_default())
}

#[test]
fn a_failed_workflow_is_accepted_first_and_fails_later_with_a_reason() {
    let world = licensed();
    fail_next(&world, "CreateGrant", Fault::FailedWorkflow);
    let made = told(&world, TARGET, "CreateGrant", &new_grant("once"));
    assert_eq!(made["Status"], "PENDING_WORKFLOW");
    world.advance(Duration::from_secs(100));
    let got = told(&world, TARGET, "GetGrant", &json!({ "GrantArn": made["GrantArn"] }));
    assert_eq!(got["Grant"]["GrantStatus"], "FAILED_WORKFLOW");
    assert!(!got["Grant"]["StatusReason"].as_str().unwrap().is_empty());
    assert_eq!(happened(&world, Fault::FailedWorkflow), 1);
}

#[test]
fn a_slow_workflow_takes_longer() {
    let world = licensed();
    fail_next(&world, "CreateGrant", Fault::SlowWorkflow);
    let made = told(&world, TARGET, "CreateGrant", &new_grant("once"));
    let status = |world: &World| {
        let got = told(world, TARGET, "GetGrant", &json!({ "GrantArn": made["GrantArn"] }));
        got["Grant"]["GrantStatus"].as_str().unwrap().to_owned()
    };
    world.advance(Duration::from_secs(600));
    assert_eq!(status(&world), "PENDING_WORKFLOW");
    world.advance(Duration::from_secs(600));
    assert_eq!(status(&world), "DISABLED");
}

#[test]
fn a_stale_list_misses_what_is_new_once() {
    let world = licensed();
    world.with(|state| state.faults.stale_seconds = 30);
    told(&world, TARGET, "CreateGrant", &new_grant("once"));
    let count =
        |world: &World| told(world, TARGET, "ListDistributedGrants", &json!({}))["Grants"].as_array().unwrap().len();
    fail_next(&world, "ListDistributedGrants", Fault::StaleListing);
    assert_eq!(count(&world), 0);
    assert_eq!(count(&world), 1);
    assert_eq!(happened(&world, Fault::StaleListing), 1);
}

#[test]
fn access_denied_leaves_nothing_behind() {
    let world = licensed();
    fail_next(&world, "CreateGrant", Fault::AccessDenied);
    let (status, refused) = ask(&world, TARGET, "CreateGrant", &new_grant("once"));
    assert_eq!((status, &refused["__type"]), (400, &json!("AccessDeniedException")));
    assert_eq!(world.with(|state| state.license_manager.writes().len()), 0);
    told(&world, TARGET, "CreateGrant", &new_grant("once"));
}

#[test]
fn a_denied_account_can_do_nothing_until_it_is_let_in_again() {
    let world = licensed();
    world.with(|state| state.faults.denied_accounts.push(MEMBER.to_owned()));
    let refused = |target: &str, operation: &str| {
        let (status, answer) = ask_as(&world, MEMBER, target, operation, &json!({}));
        status == 400 && answer["__type"].as_str().is_some_and(|code| code.contains("AccessDenied"))
    };
    assert!(refused(TARGET, "ListReceivedLicenses"));
    assert!(refused("AmazonSQS", "ListQueues"));
    told(&world, TARGET, "ListReceivedLicenses", &json!({}));
    world.with(|state| state.faults.denied_accounts.clear());
    assert!(!refused(TARGET, "ListReceivedLicenses"));
}

#[test]
fn a_lost_reply_comes_after_the_effect_and_the_same_token_finds_it() {
    let world = licensed();
    fail_next(&world, "CreateGrant", Fault::LostReply);
    let request = http::Request::post("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("{TARGET}.CreateGrant"))
        .header("authorization", crate::ask::authorization(crate::ask::MANAGEMENT))
        .body(bytes::Bytes::from(new_grant("once").to_string()))
        .unwrap();
    assert!(matches!(world.answer(request), pretend_aws::Answer::Lost));
    let again = told(&world, TARGET, "CreateGrant", &new_grant("once"));
    let listed = told(&world, TARGET, "ListDistributedGrants", &json!({}));
    assert_eq!(listed["Grants"].as_array().unwrap().len(), 1);
    assert_eq!(listed["Grants"][0]["GrantArn"], again["GrantArn"]);
}
