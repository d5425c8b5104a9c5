//! A spoke is right without a ledger: it accepts what the hub made and asked for, and nothing else, however events come

use std::time::Duration;

use grantway_tests::story::{HUB, IN_SECURITY, Log, SECURITY, Story, one_by_one, rule};
use pretend_aws::license_manager::GrantStatus;
use pretend_aws::{Fault, Purchase, Service};
use serde_json::{Value, json};

const ACCOUNT: &str = IN_SECURITY[0];

/// A story in which two accounts have accepted for themselves
async fn settled() -> Story {
    let mut story = Story::of_spokes().await;
    story.with_rule(rule("security", &Purchase::sample(), &one_by_one(&[SECURITY]))).await;
    story.bought(&Purchase::sample()).await;
    story.settle().await;
    story
}

fn event(story: &Story, grant: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut event = json!({
        "source": "grantway", "detail-type": "Grant Requested", "account": HUB,
        "detail": {
            "deployment": story.config().deployment, "license": Purchase::sample().license, "account": ACCOUNT,
            "grant": grant, "activate": true, "asked_at": story.engine().now(),
        },
    });
    change(&mut event);
    event
}

fn status(story: &Story, grant: &str) -> GrantStatus {
    story.world().with(|state| {
        let found = state.license_manager.grants().find(|one| one.arn == grant).map(|one| one.status);
        found.expect("the grant is there")
    })
}

/// Writing calls to License Manager since they were last forgotten
fn writes(story: &Story) -> Vec<String> {
    story.world().with(|state| {
        let log = state.calls.log().iter();
        let writes = log.filter(|call| call.write && call.service == "LicenseManager");
        writes.map(|call| format!("{} by {}: {}", call.operation, call.caller, call.result)).collect()
    })
}

/// A grant that waits for the account's acceptance, under this name
async fn waiting(story: &Story, name: &str) -> String {
    let grant = story.granted_by_hand(name, &Purchase::sample(), ACCOUNT);
    story.world().advance(Duration::from_secs(120));
    assert_eq!(status(story, &grant), GrantStatus::PendingAccept);
    grant
}

/// A purchase is there and no rule asks for it
async fn bought() -> Story {
    let mut story = Story::of_spokes().await;
    story.bought(&Purchase::sample()).await;
    story.world().advance(Duration::from_secs(120));
    story.forget_calls();
    story
}

fn ours(story: &Story) -> String {
    format!("{}by-hand/0123456789abcdef0123456789abcdef", story.stamp())
}

#[tokio::test]
async fn the_account_itself_accepts_and_activates_and_the_hub_sees_it() {
    let story = settled().await;
    for account in IN_SECURITY {
        let accepted = format!("AcceptGrant by {account}: OK");
        assert!(writes(&story).contains(&accepted), "{accepted} is not in {:?}", writes(&story));
        assert_eq!(story.pair_states(&Purchase::sample()).await[account], "ACTIVE");
    }
    let entered = story.world().with(|state| state.calls.log().iter().any(|call| call.operation == "AssumeRole"));
    assert!(!entered, "nobody entered a member account");
}

#[tokio::test]
async fn an_event_says_where_to_look_and_no_name_address_or_secret() {
    let story = settled().await;
    let events = story.spoke_events(ACCOUNT);
    assert!(!events.is_empty());
    for event in events {
        assert_eq!((event["source"].as_str(), event["account"].as_str()), (Some("grantway"), Some(HUB)));
        let fields: Vec<&str> = event["detail"].as_object().expect("a map").keys().map(String::as_str).collect();
        assert_eq!(fields, ["account", "activate", "asked_at", "deployment", "grant", "license"]);
    }
}

#[tokio::test]
async fn events_that_come_again_or_late_or_in_another_order_change_nothing() {
    let story = settled().await;
    story.forget_calls();
    let mut events = story.spoke_events(ACCOUNT);
    events.reverse();
    for event in events.iter().chain(&events) {
        assert_eq!(story.invoke_spoke(ACCOUNT, event.clone()).await, Ok(Value::Null));
    }
    assert_eq!(writes(&story), [""; 0]);
}

#[tokio::test]
async fn an_event_cannot_have_somebody_else_s_grant_accepted() {
    for name in ["a colleague's", "gw/other/everyone/0123456789abcdef0123456789abcdef"] {
        let story = bought().await;
        let grant = waiting(&story, name).await;
        let log = Log::listen();
        assert_eq!(story.invoke_spoke(ACCOUNT, event(&story, &grant, |_| {})).await, Ok(Value::Null));
        assert_eq!(story.invoke_spoke(ACCOUNT, json!({"job": "sweep"})).await, Ok(Value::Null));
        assert_eq!((status(&story, &grant), writes(&story)), (GrantStatus::PendingAccept, Vec::new()), "{name}");
        assert!(log.line_with("the grant's name says that another made it").is_some(), "{}", log.text());
    }
}

#[tokio::test]
async fn what_is_for_another_account_or_deployment_or_too_late_is_not_followed() {
    let story = bought().await;
    let grant = waiting(&story, &ours(&story)).await;
    let now = story.engine().now();
    let log = Log::listen();
    for (why, wrong) in [
        ("for another account", event(&story, &grant, |event| event["detail"]["account"] = IN_SECURITY[1].into())),
        ("another deployment's", event(&story, &grant, |event| event["detail"]["deployment"] = "other".into())),
        ("too long ago", event(&story, &grant, |event| event["detail"]["asked_at"] = json!(now.0 - 900))),
        ("not come from the hub", event(&story, &grant, |event| event["account"] = ACCOUNT.into())),
    ] {
        assert_eq!(story.invoke_spoke(ACCOUNT, wrong).await, Ok(Value::Null));
        assert_eq!((status(&story, &grant), writes(&story)), (GrantStatus::PendingAccept, Vec::new()), "{why}");
        assert!(log.line_with(why).is_some(), "`{why}` is not in {}", log.text());
    }
    // The same without a fault is followed.
    assert_eq!(story.invoke_spoke(ACCOUNT, event(&story, &grant, |_| {})).await, Ok(Value::Null));
    assert_ne!(status(&story, &grant), GrantStatus::PendingAccept);
}

#[tokio::test]
async fn the_sweep_accepts_what_no_event_told_of_and_leaves_activation_to_who_knows_the_rules() {
    let story = bought().await;
    let grant = waiting(&story, &ours(&story)).await;
    for _ in 0..2 {
        assert_eq!(story.invoke_spoke(ACCOUNT, json!({"job": "sweep"})).await, Ok(Value::Null));
        story.world().advance(Duration::from_secs(120));
        assert_eq!(status(&story, &grant), GrantStatus::Disabled);
    }
    assert_eq!(writes(&story), [format!("AcceptGrant by {ACCOUNT}: OK")]);
}

#[tokio::test]
async fn whoever_accepted_first_it_is_success() {
    let story = bought().await;
    let grant = waiting(&story, &ours(&story)).await;
    // The call is made again, and License Manager refuses it: the grant has been accepted by then.
    story.fail_next(Service::LicenseManager, "AcceptGrant", Fault::LostReply);
    assert_eq!(story.invoke_spoke(ACCOUNT, event(&story, &grant, |_| {})).await, Ok(Value::Null));
    story.world().advance(Duration::from_secs(120));
    assert_eq!(status(&story, &grant), GrantStatus::Active, "{:?}", writes(&story));
}

#[tokio::test]
async fn what_may_pass_is_handed_back_and_what_may_not_is_said_and_counts_as_done() {
    let story = bought().await;
    let grant = waiting(&story, &ours(&story)).await;
    let log = Log::listen();
    for _ in 0..6 {
        story.fail_next(Service::LicenseManager, "AcceptGrant", Fault::ServerError);
    }
    let failed = story.invoke_spoke(ACCOUNT, event(&story, &grant, |_| {})).await;
    assert_eq!(failed.map_err(|fault| fault.error_type()), Err("Retryable"));
    story.fail_next(Service::LicenseManager, "AcceptGrant", Fault::AccessDenied);
    assert_eq!(story.invoke_spoke(ACCOUNT, event(&story, &grant, |_| {})).await, Ok(Value::Null));
    assert!(log.line_with("service control policy").is_some(), "{}", log.text());
    assert_eq!(status(&story, &grant), GrantStatus::PendingAccept);
}
