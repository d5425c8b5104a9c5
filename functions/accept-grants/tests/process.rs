//! The built binary as a process, under a Lambda Runtime API and against a pretend AWS behind a port

// The SDK's nested futures are deeper than the compiler's default for laying out types.
#![recursion_limit = "256"]

// Both functions' processes play the same story against the same hub.
// `cfg(test)` is always true here; it tells Clippy that this is test code.
#[cfg(test)]
#[path = "../../distribute-grants/tests/process/function.rs"]
mod function;
#[cfg(test)]
#[path = "../../distribute-grants/tests/process/hub.rs"]
mod hub;
#[cfg(test)]
#[path = "../../distribute-grants/tests/process/mappings.rs"]
mod mappings;
#[cfg(test)]
#[path = "../../distribute-grants/tests/process/nowhere.rs"]
mod nowhere;
#[cfg(test)]
#[path = "../../distribute-grants/tests/process/story.rs"]
mod story;

use std::collections::BTreeSet;
use std::time::Duration;

use function::Function;
use hub::Hub;
use mappings::{Woken, batch, in_process};
use nowhere::Nowhere;
use pretend_aws::license_manager::{Context, LicenseManager};
use pretend_aws::{Purchase, World};
use serde_json::json;
use tokio::time::{Instant, timeout};

const BINARY: &str = env!("CARGO_BIN_EXE_accept-grants");

#[tokio::test]
async fn where_only_the_member_may_accept_and_activate_the_process_does_both_in_its_name() {
    let hub = Hub::start(1).await;
    hub.world().with(|state| {
        state.knobs.auto_accept_account_grants = false;
        state.knobs.grantor_may_activate_account_grants = false;
    });
    let accept = Function::start(BINARY, &hub.environment()).await;
    story::play(&hub, async |woken, payload| match woken {
        Woken::Dispatch => in_process(distribute_grants::dispatch::handle(hub.engine(), payload).await),
        Woken::Lane => in_process(distribute_grants::lane::handle(hub.engine(), payload).await),
        Woken::Accept => accept.invoke(payload).await,
    })
    .await;
    let callers = |operation: &str| -> BTreeSet<String> {
        hub.world().with(|state| {
            let calls = state.calls.log().iter();
            let good = calls.filter(|call| call.operation == operation && call.result == "OK");
            good.map(|call| call.caller.clone()).collect()
        })
    };
    let members = ["318204957731", "402958173646", "487120396655", "560192837465"].map(str::to_owned);
    assert_eq!(callers("AcceptGrant"), BTreeSet::from(members.clone()));
    assert!(callers("CreateGrantVersion").is_superset(&BTreeSet::from(members)));
}

#[tokio::test]
async fn what_no_service_sends_is_kept_and_the_process_lives_on() {
    let hub = Hub::start(2).await;
    let mut accept = Function::start(BINARY, &hub.environment()).await;
    for garbage in [json!(null), json!([]), json!({"Records": 7})] {
        assert_eq!(accept.invoke(garbage).await, Ok(json!({"batchItemFailures": []})));
    }
    assert!(accept.lives() && !accept.said().contains("panicked"), "{}", accept.said());
    let mut kept = hub.quarantined().await;
    kept.sort();
    assert_eq!(kept, ["[]", "null", "{\"Records\":7}"]);
}

#[tokio::test]
async fn a_variable_that_is_missing_or_malformed_ends_the_process_with_its_name_its_value_and_the_fix() {
    let hub = Hub::start(3).await;
    for (name, value, says) in [
        ("GRANTWAY_MEMBER_ROLE", None, "`GRANTWAY_MEMBER_ROLE` is missing; set it to the name of the role in member"),
        (
            "GRANTWAY_ACCEPT_QUEUE_URL",
            Some("accept"),
            "is `accept`: it is not a URL; set it to the URL of an SQS queue",
        ),
    ] {
        let mut environment = hub.environment();
        match value {
            Some(value) => environment.insert(name.to_owned(), value.to_owned()),
            None => environment.remove(name),
        };
        let mut accept = Function::start(BINARY, &environment).await;
        let ended = timeout(Duration::from_secs(5), accept.ended()).await;
        assert_eq!(ended.ok().and_then(|status| status.code()), Some(1), "{name}: {}", accept.said());
        assert!(accept.said().contains(says) && accept.said().contains(name), "{name}: {}", accept.said());
    }
}

#[tokio::test]
async fn without_aws_messages_are_handed_back_in_time_and_the_log_says_what_did_not_answer() {
    let (hub, nowhere) = (Hub::start(4).await, Nowhere::new());
    let mut environment = nowhere.instead_of_aws(hub.environment());
    environment.insert("RUST_LOG".to_owned(), "warn".to_owned());
    let mut accept = Function::start(BINARY, &environment).await;
    let request = json!({
        "license": "l-8c1f40d2b7e94a6fa3d5906e27b1c84f",
        "account": "318204957731",
        "grant": "arn:aws:license-manager::210987654321:grant:g-2f7d91c3a86e4b50b1d4e8f60a973c25",
        "activate": true,
        "key": {"sub_grant": "318204957731"},
        "asked_at": 1_789_372_800,
    });

    let began = Instant::now();
    let answer = accept.invoke(batch(&[&request.to_string()])).await;
    assert_eq!(answer, Ok(json!({"batchItemFailures": [{"itemIdentifier": "0"}]})), "{}", accept.said());
    // A quarter of the 60 s that accept-grants has (`infra/hub.yaml`)
    assert!(began.elapsed() < Duration::from_secs(15), "took {:?}", began.elapsed());
    println!("accept without AWS: {:.1?}", began.elapsed());
    for part in ["Ledger: no answer", "Connection refused"] {
        assert!(accept.said().contains(part), "{}", accept.said());
    }
    assert!(accept.lives());
}

/// A grant of the hub's deployment to an account, which waits to be accepted; its ARN
#[cfg(test)]
fn granted(world: &World, purchase: &Purchase, account: &str) -> String {
    let body = json!({
        "ClientToken": "once", "GrantName": "gw/demo/by-hand/0123456789abcdef0123456789abcdef",
        "HomeRegion": "us-east-1", "LicenseArn": LicenseManager::license_arn(&purchase.license),
        "Principals": [format!("arn:aws:iam::{account}:root")], "AllowedOperations": ["CheckoutLicense"],
    });
    let answer = world.with(|state| {
        let now = state.now();
        let (organization, knobs, ids) = (&state.organization, &state.knobs, &mut state.rng);
        let mut context = Context { now, caller: &state.hub, organization, knobs, ids, slow: false };
        state.license_manager.act_as_person(&mut context, "CreateGrant", &body)
    });
    answer.expect("a grant")["GrantArn"].as_str().expect("its ARN").to_owned()
}

#[tokio::test]
async fn in_a_member_account_the_same_binary_follows_events_with_nothing_of_the_hub_s() {
    let hub = Hub::start(5).await;
    hub.world().with(|state| state.knobs.auto_accept_account_grants = false);
    let purchase = Purchase::sample();
    hub.world().purchase(&purchase);
    hub.world().advance(Duration::from_secs(2));
    let member = "318204957731";
    let grant = granted(hub.world(), &purchase, member);
    hub.world().advance(Duration::from_secs(2));

    let mut environment = hub.environment();
    environment.retain(|name, _| name.starts_with("AWS_"));
    environment.insert("AWS_ACCESS_KEY_ID".to_owned(), member.to_owned());
    for (name, value) in [
        ("GRANTWAY_FUNCTION", "spoke"),
        ("GRANTWAY_DEPLOYMENT", "demo"),
        ("GRANTWAY_HUB_ACCOUNT", "210987654321"),
        ("GRANTWAY_HOME_REGION", "us-east-1"),
        ("RUST_LOG", "info"),
    ] {
        environment.insert(name.to_owned(), value.to_owned());
    }
    let mut spoke = Function::start(BINARY, &environment).await;
    let now = grant_engine::clock::Clock::system().now();
    let event = json!({
        "version": "0", "source": "grantway", "detail-type": "Grant Requested", "account": "210987654321",
        "detail": {
            "deployment": "demo", "license": purchase.license, "account": member, "grant": grant, "activate": true,
            "asked_at": now,
        },
    });
    for payload in [json!(null), json!({"job": "sweep"}), event] {
        assert_eq!(spoke.invoke(payload).await, Ok(json!(null)), "{}", spoke.said());
    }
    hub.world().advance(Duration::from_secs(2));
    assert!(hub.active(&purchase.license).await.contains(member), "{}", spoke.said());
    assert!(spoke.lives() && !spoke.said().contains("panicked"), "{}", spoke.said());
    for part in ["invocation ignored", "swept", "grant treated"] {
        assert!(spoke.said().contains(part), "`{part}` is not in {}", spoke.said());
    }
}

#[tokio::test]
async fn a_spoke_that_is_not_told_its_hub_does_not_start() {
    let hub = Hub::start(6).await;
    let mut environment = hub.environment();
    environment.insert("GRANTWAY_FUNCTION".to_owned(), "spoke".to_owned());
    let mut spoke = Function::start(BINARY, &environment).await;
    let ended = timeout(Duration::from_secs(5), spoke.ended()).await;
    assert_eq!(ended.ok().and_then(|status| status.code()), Some(1), "{}", spoke.said());
    let says = "`GRANTWAY_HUB_ACCOUNT` is missing; set it to the account of the hub, twelve digits";
    assert!(spoke.said().contains(says), "{}", spoke.said());
}
