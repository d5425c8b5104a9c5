//! Replies that never arrive, servers that fail, processes that die: one grant each, in the end

use std::collections::BTreeSet;
use std::time::Duration;

use grantway_tests::story::{IN_SECURITY, Log, SECURITY, Story, one_by_one, rule};
use pretend_aws::{Fault, Knobs, Purchase, Service};
use serde_json::Value;

/// Only the grantee accepts and activates, so that every call there is gets made
fn by_grantee() -> Knobs {
    Knobs {
        auto_accept_account_grants: false,
        grantor_may_activate_account_grants: false,
        // The worst case: a second grant would really be made.
        duplicate_grants_refused: false,
        ..Knobs::default()
    }
}

async fn story() -> (Story, Purchase) {
    (Story::with_knobs(by_grantee()).await, Purchase::sample())
}

fn security(purchase: &Purchase) -> Value {
    rule("security", purchase, &one_by_one(&[SECURITY]))
}

async fn play(story: &mut Story, purchase: &Purchase) {
    story.with_rule(security(purchase)).await;
    story.bought(purchase).await;
    story.settle().await;
}

fn assert_one_each(story: &Story, purchase: &Purchase, what: &str) {
    let grants = story.grants_of(purchase);
    let to: BTreeSet<_> = grants.iter().map(|grant| grant.principal_arn.clone()).collect();
    assert_eq!((grants.len(), to.len()), (2, 2), "{what}: {grants:#?}");
    assert_eq!(story.active(purchase), BTreeSet::from(IN_SECURITY.map(str::to_owned)), "{what}");
}

#[tokio::test]
async fn a_fault_of_any_call_ends_with_one_grant_each() {
    let calls = [
        (Service::LicenseManager, "CreateGrant"),
        (Service::LicenseManager, "CreateGrantVersion"),
        (Service::LicenseManager, "AcceptGrant"),
        (Service::LicenseManager, "GetGrant"),
        (Service::LicenseManager, "ListDistributedGrants"),
        (Service::LicenseManager, "ListReceivedLicenses"),
        (Service::Organizations, "ListAccounts"),
        (Service::Marketplace, "GetAgreementEntitlements"),
        (Service::Sts, "AssumeRole"),
        (Service::DynamoDb, "PutItem"),
        (Service::DynamoDb, "UpdateItem"),
        (Service::DynamoDb, "Query"),
        (Service::Sqs, "SendMessage"),
    ];
    for (service, operation) in calls {
        for fault in [Fault::LostReply, Fault::ServerError, Fault::Throttle] {
            for times in [1, 3, 9] {
                let (mut story, purchase) = story().await;
                story.with_rule(security(&purchase)).await;
                for _ in 0..times {
                    story.fail_next(service, operation, fault);
                }
                // What was not read yet when the faults came: a reconcile reads everything.
                story.reconcile().await;
                story.bought(&purchase).await;
                story.settle().await;
                let what = format!("{times} x {fault:?} of {operation}");
                assert!(story.world().with(|state| state.faults.happened()[&fault]) >= 1, "{what} never struck");
                assert_one_each(&story, &purchase, &what);
            }
        }
    }
}

#[tokio::test]
async fn a_lost_reply_of_create_grant_makes_no_second_grant() {
    let (mut story, purchase) = story().await;
    story.fail_next(Service::LicenseManager, "CreateGrant", Fault::LostReply);
    play(&mut story, &purchase).await;
    assert_one_each(&story, &purchase, "lost");
    // It was found in the listing by the intent in its name, and not asked for again.
    assert_eq!(story.count("LicenseManager", "CreateGrant"), 2);
}

#[tokio::test]
async fn a_server_error_of_create_grant_neither_loses_nor_doubles() {
    let (mut story, purchase) = story().await;
    story.fail_next(Service::LicenseManager, "CreateGrant", Fault::ServerError);
    play(&mut story, &purchase).await;
    assert_one_each(&story, &purchase, "failed");
    assert_eq!(story.count("LicenseManager", "CreateGrant"), 3);
}

#[tokio::test]
async fn any_single_write_may_lose_its_reply() {
    for (operation, at_least) in
        [("PutItem", 12), ("UpdateItem", 8), ("SendMessage", 6), ("CreateGrant", 2), ("AcceptGrant", 2)]
    {
        let mut losses = 0;
        loop {
            let (mut story, purchase) = story().await;
            let log = Log::listen();
            story.wire().lose_reply(operation, losses);
            play(&mut story, &purchase).await;
            assert_eq!(log.line_with("snapshot is not whole"), None, "reply {losses} of {operation}");
            assert_one_each(&story, &purchase, &format!("reply {losses} of {operation}"));
            if story.wire().trouble_is_ahead() {
                break;
            }
            losses += 1;
        }
        println!("{operation}: {losses} replies lost, one at a time");
        assert!(losses >= at_least, "{operation} is called {losses} times only");
    }
}

#[tokio::test]
async fn a_process_may_die_after_any_write() {
    let mut deaths = 0;
    for skip in 0..200 {
        let (mut story, purchase) = story().await;
        story.wire().die_after_writes(skip);
        story.with_rule(security(&purchase)).await;
        story.bought(&purchase).await;
        // What runs meanwhile finds nobody to talk to.
        for _ in 0..12 {
            story.pass(Duration::from_secs(300)).await;
            if !story.wire().trouble_is_ahead() {
                break;
            }
        }
        let died = !story.wire().trouble_is_ahead();
        story.wire().mend();
        story.settle().await;
        assert_one_each(&story, &purchase, &format!("died after write {skip}"));
        if !died {
            break;
        }
        deaths += 1;
    }
    println!("{deaths} places to die");
    assert!((20..200).contains(&deaths), "{deaths} places to die");
}
