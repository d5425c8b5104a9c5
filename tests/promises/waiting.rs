//! What takes its time, and what goes wrong on AWS's side, is awaited

use std::time::Duration;

use grantway_tests::story::{IN_SECURITY, IN_WORKLOADS, SECURITY, Story, WORKLOADS, one_by_one, rule};
use pretend_aws::license_manager::GrantStatus;
use pretend_aws::{Fault, Knobs, Purchase, Service};
use serde_json::json;

const HOUR: Duration = Duration::from_secs(3600);

/// Lets time pass in small steps until Grantway has made a grant
async fn until_granted(story: &mut Story, purchase: &Purchase) {
    for _ in 0..200 {
        if !story.grants_of(purchase).is_empty() {
            return;
        }
        story.world().advance(Duration::from_secs(10));
        story.pump().await;
        story.sweep().await;
    }
    panic!("no grant was made");
}

#[tokio::test]
async fn a_license_not_provisioned_for_a_day_is_awaited_and_then_granted() {
    let knobs = Knobs { license_provision_seconds: 26 * 3600, ..Knobs::default() };
    let (mut story, purchase) = (Story::with_knobs(knobs).await, Purchase::sample());
    story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&purchase).await;
    story.pass_sweeping(25 * HOUR, HOUR / 2).await;
    let agreement = purchase.agreement.parse().unwrap();
    let waiting = story.world().run(story.engine().ledger().awaited(&agreement)).await.unwrap().expect("it is awaited");
    assert_eq!(waiting.status, "PENDING");
    assert_eq!(story.grants_of(&purchase), []);

    story.pass_sweeping(3 * HOUR, HOUR / 2).await;
    story.settle().await;
    assert_eq!(story.active(&purchase).len(), 4);
    assert_eq!(story.world().run(story.engine().ledger().awaited(&agreement)).await.unwrap(), None);
}

#[tokio::test]
async fn a_grant_whose_workflow_failed_is_replaced_by_exactly_one_new_one() {
    for accounts in [json!({"account": IN_WORKLOADS[0]}), json!({"organization": true})] {
        let (mut story, purchase) = (Story::new().await, Purchase::sample());
        story.with_rule(rule("some", &purchase, &accounts)).await;
        story.bought(&purchase).await;
        until_granted(&mut story, &purchase).await;
        let failed = story.grants_of(&purchase)[0].arn.clone();
        assert!(story.world().with(|state| state.license_manager.fail_workflow(&failed, "something broke")));
        story.settle().await;
        // A distribution that failed once may fail again: the next one waits for its turn.
        story.pass(HOUR / 2).await;
        story.settle().await;
        let grants = story.grants_of(&purchase);
        assert_eq!(grants.len(), 2, "{grants:#?}");
        for grant in &grants {
            let gone = grant.status == GrantStatus::Deleted;
            assert_eq!(gone, grant.arn == failed, "{grant:#?}");
        }
        assert!(story.active(&purchase).contains(IN_WORKLOADS[0]));
        assert_ne!(grants[0].name, grants[1].name, "an intent was used twice");
    }
}

#[tokio::test]
async fn a_rejected_grant_stays_rejected_and_is_not_made_again() {
    let knobs = Knobs { auto_accept_account_grants: false, ..Knobs::default() };
    let (mut story, purchase) = (Story::with_knobs(knobs).await, Purchase::sample());
    let account = IN_SECURITY[0];
    // Nobody accepts for this account, so that its owner has the time to say no.
    story.world().with(|state| state.sts.missing_roles.insert(account.to_owned()));
    story.with_rule(rule("security", &purchase, &one_by_one(&[SECURITY]))).await;
    story.bought(&purchase).await;
    story.settle().await;
    let grants = story.grants_of(&purchase);
    let arn = &grants.iter().find(|grant| grant.principal.account() == Some(account)).unwrap().arn;
    story.person(account, "RejectGrant", &json!({"GrantArn": arn}));
    story.world().with(|state| state.sts.missing_roles.clear());

    story.pass_sweeping(48 * HOUR, HOUR).await;
    assert_eq!(story.pair_states(&purchase).await[account], "REJECTED");
    assert_eq!(story.noted(&purchase).await[account], "REJECTED");
    assert_eq!(story.grants_of(&purchase).len(), 2);
    let rejected = story.world().with(|state| state.license_manager.grant(arn).unwrap().status);
    assert_eq!(rejected, GrantStatus::Rejected);
    assert_eq!(story.count("LicenseManager", "CreateGrant"), 2);
    assert!(story.active(&purchase).contains(IN_SECURITY[1]));
}

#[tokio::test]
async fn a_grant_that_was_accepted_before_we_came_is_as_good() {
    // By the organization's setting: PENDING_ACCEPT is never seen.
    for grantor_may_activate_account_grants in [true, false] {
        let knobs = Knobs { grantor_may_activate_account_grants, ..Knobs::default() };
        let (mut story, purchase) = (Story::with_knobs(knobs).await, Purchase::sample());
        story.with_rule(rule("security", &purchase, &one_by_one(&[SECURITY]))).await;
        story.bought(&purchase).await;
        story.settle().await;
        assert_eq!((story.active(&purchase).len(), story.grants_of(&purchase).len()), (2, 2));
        assert_eq!(story.count("LicenseManager", "AcceptGrant"), 0);
    }
    // By a person, between our asking and our coming.
    let knobs = Knobs { auto_accept_account_grants: false, ..Knobs::default() };
    let (mut story, purchase) = (Story::with_knobs(knobs).await, Purchase::sample());
    story.with_rule(rule("security", &purchase, &one_by_one(&[SECURITY]))).await;
    for _ in 0..4 {
        story.fail_next(Service::Sts, "AssumeRole", Fault::ServerError);
    }
    story.bought(&purchase).await;
    until_granted(&mut story, &purchase).await;
    for grant in story.grants_of(&purchase).iter().filter(|grant| grant.status == GrantStatus::PendingAccept) {
        let account = grant.principal.account().unwrap();
        story.person(account, "AcceptGrant", &json!({"GrantArn": grant.arn}));
    }
    story.settle().await;
    assert_eq!((story.active(&purchase).len(), story.grants_of(&purchase).len()), (2, 2));
}

#[tokio::test]
async fn where_the_grantor_may_not_activate_the_grantee_does() {
    for auto_accept_account_grants in [true, false] {
        let knobs =
            Knobs { grantor_may_activate_account_grants: false, auto_accept_account_grants, ..Knobs::default() };
        let (mut story, purchase) = (Story::with_knobs(knobs).await, Purchase::sample());
        story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
        story.bought(&purchase).await;
        story.settle().await;
        assert_eq!(story.active(&purchase).len(), 4);
        story.world().with(|state| {
            let activated =
                state.license_manager.writes().iter().filter(|write| write.status == Some(GrantStatus::Active));
            let by: Vec<_> = activated.map(|write| write.caller.as_str()).collect();
            assert_eq!(by.len(), 4, "{by:?}");
            assert!(by.iter().all(|caller| IN_WORKLOADS.contains(caller)), "{by:?}");
        });
    }
}
