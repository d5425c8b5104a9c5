//! What a person has to mend is said, and goes on by itself once it is mended

use std::time::Duration;

use grantway_tests::story::{IN_SECURITY, IN_WORKLOADS, SECURITY, Story, WORKLOADS, one_by_one, rule};
use pretend_aws::{Knobs, Purchase};
use serde_json::json;

const HOUR: Duration = Duration::from_secs(3600);
const MARKETPLACE_ACCESS: &str = "license-management.marketplace.amazonaws.com";
const LICENSE_MANAGER_ACCESS: &str = "license-manager.amazonaws.com";

fn by_grantee() -> Knobs {
    Knobs { auto_accept_account_grants: false, ..Knobs::default() }
}

#[tokio::test]
async fn a_missing_role_holds_its_account_only_and_recovers() {
    let (mut story, purchase) = (Story::with_knobs(by_grantee()).await, Purchase::sample());
    let account = IN_SECURITY[0];
    story.world().with(|state| state.sts.missing_roles.insert(account.to_owned()));
    story.with_rule(rule("security", &purchase, &one_by_one(&[SECURITY]))).await;
    story.bought(&purchase).await;
    story.settle().await;
    assert_eq!(story.noted(&purchase).await[account], "MEMBER_ROLE_MISSING");
    assert_eq!(story.pair_states(&purchase).await[account], "MEMBER_ROLE_MISSING");
    assert!(story.active(&purchase).contains(IN_SECURITY[1]));

    story.world().with(|state| state.sts.missing_roles.clear());
    story.pass_sweeping(2 * HOUR, HOUR / 4).await;
    assert_eq!(story.active(&purchase).len(), 2);
    assert!(story.noted(&purchase).await.is_empty());
    assert_eq!(story.grants_of(&purchase).len(), 2);
}

#[tokio::test]
async fn an_account_that_cannot_be_reached_yet_is_held_and_recovers() {
    let knobs = Knobs { account_ready_seconds: 3 * 3600, ..by_grantee() };
    let (mut story, purchase) = (Story::with_knobs(knobs).await, Purchase::sample());
    story.with_rule(rule("security", &purchase, &one_by_one(&[SECURITY]))).await;
    story.bought(&purchase).await;
    story.settle().await;
    story.world().create_account("487120396655", "newcomer");
    story.world().move_account("487120396655", SECURITY);
    story.pass(HOUR).await;
    let code = story.noted(&purchase).await["487120396655"].clone();
    assert!(["MEMBER_ROLE_MISSING", "ACCOUNT_NOT_READY"].contains(&code.as_str()), "{code}");
    story.pass_sweeping(4 * HOUR, HOUR / 4).await;
    story.settle().await;
    assert_eq!(story.active(&purchase).len(), 3);
}

#[tokio::test]
async fn an_account_whose_sign_up_is_not_finished_is_held_and_recovers() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    let account = IN_SECURITY[0];
    story.world().set_account_state(account, "PENDING_ACTIVATION");
    story.with_rule(rule("security", &purchase, &one_by_one(&[SECURITY]))).await;
    story.bought(&purchase).await;
    story.pass(HOUR).await;
    assert_eq!(story.noted(&purchase).await[account], "ACCOUNT_NOT_READY");
    assert_eq!(story.grants_of(&purchase).len(), 1, "a grant was made to an account that cannot have one");

    // No event tells of this.
    story.world().set_account_state(account, "ACTIVE");
    story.pass_sweeping(7 * HOUR, HOUR / 4).await;
    story.settle().await;
    assert_eq!(story.active(&purchase).len(), 2);
}

#[tokio::test]
async fn missing_trusted_access_of_the_marketplace_is_named_and_recovers() {
    for accounts in [one_by_one(&[WORKLOADS]), json!({"ou": WORKLOADS}), json!({"organization": true})] {
        let (mut story, purchase) = (Story::new().await, Purchase::sample());
        story.world().with(|state| state.organization.trusted_services.retain(|service| service != MARKETPLACE_ACCESS));
        story.with_rule(rule("some", &purchase, &accounts)).await;
        story.bought(&purchase).await;
        for _ in 0..4 {
            // At the first look and at every later one.
            story.pass_sweeping(HOUR, HOUR / 4).await;
            let noted = story.noted(&purchase).await;
            for account in IN_WORKLOADS {
                assert_eq!(noted[account], "TRUSTED_ACCESS_MISSING", "{accounts}: {noted:?}");
            }
        }
        assert!(story.active(&purchase).is_empty());

        story.world().with(|state| state.organization.trusted_services.push(MARKETPLACE_ACCESS.to_owned()));
        story.pass_sweeping(2 * HOUR, HOUR / 4).await;
        story.settle().await;
        let expected = if accounts.get("organization").is_some() { 8 } else { 4 };
        assert_eq!(story.active(&purchase).len(), expected, "{accounts}");
    }
}

#[tokio::test]
async fn missing_trusted_access_of_license_manager_makes_nothing_and_recovers_within_the_hour() {
    for accounts in [one_by_one(&[WORKLOADS]), json!({"ou": WORKLOADS}), json!({"organization": true})] {
        let (mut story, purchase) = (Story::new().await, Purchase::sample());
        story
            .world()
            .with(|state| state.organization.trusted_services.retain(|service| service != LICENSE_MANAGER_ACCESS));
        story.with_rule(rule("some", &purchase, &accounts)).await;
        story.bought(&purchase).await;
        story.pass_sweeping(3 * HOUR, HOUR / 4).await;
        // Without it the organization-wide listing is denied, so nobody knows which pair is active: nothing is done, and
        // every pair says so.
        assert_eq!(story.grants_of(&purchase), []);
        let noted = story.noted(&purchase).await;
        assert!(noted.len() >= 4, "{noted:?}");
        for (account, code) in noted {
            assert!(["ACCESS_DENIED", "HOLDER", "ACCOUNT_SUSPENDED"].contains(&&*code), "{account}: {code}");
        }

        story.world().with(|state| state.organization.trusted_services.push(LICENSE_MANAGER_ACCESS.to_owned()));
        story.pass_sweeping(HOUR + HOUR / 4, HOUR / 4).await;
        story.settle().await;
        let expected = if accounts.get("organization").is_some() { 8 } else { 4 };
        assert_eq!(story.active(&purchase).len(), expected, "{accounts}");
    }
}

#[tokio::test]
async fn a_paused_deployment_changes_nothing_at_aws_and_goes_on_afterwards() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.with_rule(json!({"rule": "_settings", "paused": true})).await;
    story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&purchase).await;
    story.settle().await;
    story.reconcile().await;
    assert_eq!(story.world().with(|state| state.calls.of("LicenseManager").write), 0);
    for (account, code) in story.noted(&purchase).await {
        assert_eq!(code, "PAUSED", "{account}");
    }
    assert_eq!(story.pair_states(&purchase).await.len(), 4);

    story.with_rule(json!({"rule": "_settings", "paused": false})).await;
    story.settle().await;
    assert_eq!(story.active(&purchase).len(), 4);
}

#[tokio::test]
async fn a_pause_in_the_middle_stops_what_is_under_way() {
    let (mut story, purchase) = (Story::with_knobs(by_grantee()).await, Purchase::sample());
    story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&purchase).await;
    while story.grants_of(&purchase).is_empty() {
        story.world().advance(Duration::from_secs(10));
        story.world().with(|state| state.calls.clear());
        story.sweep().await;
    }
    story.with_rule(json!({"rule": "_settings", "paused": "true"})).await;
    story.forget_calls();
    story.pass(2 * HOUR).await;
    assert_eq!(story.world().with(|state| state.calls.of("LicenseManager").write), 0);
    story.without_rule("_settings").await;
    story.settle().await;
    assert_eq!((story.active(&purchase).len(), story.grants_of(&purchase).len()), (4, 4));
}

#[tokio::test]
async fn the_grant_budget_is_never_exceeded_and_names_itself() {
    for visibility_seconds in [0, 200] {
        let knobs = Knobs { visibility_seconds, ..Knobs::default() };
        let mut story = Story::with_knobs(knobs).await.configured(|config| config.grant_budget = 3);
        let purchase = Purchase::sample();
        // One of the three is somebody else's.
        story.bought(&purchase).await;
        story.settle().await;
        story.granted_by_hand("not ours", &purchase, IN_SECURITY[0]);
        story.pass(HOUR / 4).await;
        story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
        for _ in 0..20 {
            story.world().advance(Duration::from_secs(45));
            story.reconcile().await;
            assert!(story.grants_of(&purchase).len() <= 2, "{visibility_seconds} s: over budget");
        }
        story.settle().await;
        let states = story.pair_states(&purchase).await;
        let held = states.values().filter(|code| *code == "GRANT_BUDGET").count();
        assert_eq!((story.active(&purchase).len(), held), (2, 2), "{states:?}");
        assert_eq!(story.noted(&purchase).await.values().filter(|code| *code == "GRANT_BUDGET").count(), 2);
    }
}
