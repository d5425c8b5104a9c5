//! A grant that Grantway did not make is shown and left alone

use std::collections::BTreeMap;
use std::time::Duration;

use grantway_tests::story::{HUB, IN_WORKLOADS, Story, WORKLOADS, one_by_one, rule};
use pretend_aws::license_manager::Grant;
use pretend_aws::{Knobs, Purchase};
use serde_json::json;

const BY_HAND: &str = "for the payments team";
const OTHER_DEPLOYMENT: &str = "gw/other/everyone/0123456789abcdef0123456789abcdef";

fn organization_arn(story: &Story) -> String {
    story.world().with(|state| state.organization.arn())
}

fn grant(story: &Story, arn: &str) -> Grant {
    story.world().with(|state| state.license_manager.grant(arn).cloned()).expect("the grant is there")
}

/// A world in which the license is there and somebody granted it before any rule did
async fn granted_before(name: &str, to: &str, activate: bool, knobs: Knobs) -> (Story, Purchase, String) {
    let (mut story, purchase) = (Story::with_knobs(knobs).await, Purchase::sample());
    story.bought(&purchase).await;
    story.settle().await;
    let to = if to == "organization" { organization_arn(&story) } else { to.to_owned() };
    let arn = story.granted_by_hand(name, &purchase, &to);
    story.world().advance(Duration::from_secs(120));
    if activate {
        story.activated_by_hand(&arn);
        story.world().advance(Duration::from_secs(120));
    }
    (story, purchase, arn)
}

fn counted(states: &BTreeMap<String, String>) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for code in states.values() {
        *counts.entry(code.as_str()).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn a_grant_to_an_account_made_by_hand_survives() {
    for (name, activate, code) in [
        (BY_HAND, true, "COVERED_BY_FOREIGN"),
        (BY_HAND, false, "FOREIGN_NOT_ACTIVE"),
        (OTHER_DEPLOYMENT, true, "COVERED_BY_FOREIGN"),
        (OTHER_DEPLOYMENT, false, "OTHER_DEPLOYMENT"),
    ] {
        for grantor_may_activate in [true, false] {
            // Where the grantor may not activate, the person in the account does.
            let knobs = Knobs { grantor_may_activate_account_grants: true, ..Knobs::default() };
            let (mut story, purchase, arn) = granted_before(name, IN_WORKLOADS[0], activate, knobs).await;
            story.world().with(|state| state.knobs.grantor_may_activate_account_grants = grantor_may_activate);
            let before = grant(&story, &arn);
            story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
            story.settle().await;
            story.reconcile().await;

            assert_eq!(grant(&story, &arn), before, "{name}");
            let states = story.pair_states(&purchase).await;
            assert_eq!(states[IN_WORKLOADS[0]], code, "{name}, active: {activate}");
            assert_eq!(counted(&states), BTreeMap::from([(code, 1), ("ACTIVE", 3)]));
            assert_eq!(story.grants_of(&purchase).len(), 3);
            assert_eq!(story.noted(&purchase).await, BTreeMap::from([(IN_WORKLOADS[0].to_owned(), code.to_owned())]));
        }
    }
}

#[tokio::test]
async fn an_active_grant_to_the_organization_made_by_hand_satisfies_every_account() {
    for name in [BY_HAND, OTHER_DEPLOYMENT] {
        let (mut story, purchase, arn) = granted_before(name, "organization", true, Knobs::default()).await;
        let before = grant(&story, &arn);
        for accounts in [json!({"organization": true}), json!({"ou": WORKLOADS}), one_by_one(&[WORKLOADS])] {
            story.with_rule(rule("some", &purchase, &accounts)).await;
            story.settle().await;
            story.reconcile().await;
            assert_eq!(grant(&story, &arn), before);
            assert_eq!(story.grants_of(&purchase), [], "{accounts}");
            let states = story.pair_states(&purchase).await;
            let mut expected = BTreeMap::from([("COVERED_BY_FOREIGN", 4)]);
            if accounts.get("organization").is_some() {
                expected = BTreeMap::from([("COVERED_BY_FOREIGN", 8), ("HOLDER", 1), ("ACCOUNT_SUSPENDED", 1)]);
                assert_eq!(states[HUB], "HOLDER");
            }
            assert_eq!(counted(&states), expected, "{name}");
        }
    }
}

#[tokio::test]
async fn a_sleeping_grant_to_the_organization_made_by_hand_is_left_alone_and_units_get_their_own() {
    for sub_grants_before_activation in [false, true] {
        let knobs = Knobs { sub_grants_before_activation, ..Knobs::default() };
        let (mut story, purchase, arn) = granted_before(BY_HAND, "organization", false, knobs).await;
        let before = grant(&story, &arn);
        story.with_rule(rule("everyone", &purchase, &json!({"organization": true}))).await;
        story.settle().await;
        assert_eq!(grant(&story, &arn), before);
        let states = story.pair_states(&purchase).await;
        assert_eq!(counted(&states), BTreeMap::from([("ACTIVE", 8), ("HOLDER", 1), ("ACCOUNT_SUSPENDED", 1)]));
        assert_eq!(story.grants_of(&purchase).len(), 3, "each unit is exact");
    }
}

#[tokio::test]
async fn a_grant_made_by_hand_after_ours_survives_too() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.with_rule(rule("one", &purchase, &json!({"account": IN_WORKLOADS[1]}))).await;
    story.bought(&purchase).await;
    story.settle().await;
    let arn = story.granted_by_hand(BY_HAND, &purchase, IN_WORKLOADS[0]);
    story.world().advance(Duration::from_secs(120));
    let before = grant(&story, &arn);
    story.with_rule(rule("one", &purchase, &one_by_one(&[WORKLOADS]))).await;
    story.settle().await;
    assert_eq!(grant(&story, &arn), before);
    assert_eq!(story.pair_states(&purchase).await[IN_WORKLOADS[0]], "FOREIGN_NOT_ACTIVE");

    // Its owner activates it: the pair is satisfied, by theirs.
    story.activated_by_hand(&arn);
    story.pass(Duration::from_secs(3600)).await;
    assert_eq!(story.pair_states(&purchase).await[IN_WORKLOADS[0]], "COVERED_BY_FOREIGN");
    assert_eq!(story.active(&purchase).len(), 4);
}
