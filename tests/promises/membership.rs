//! Accounts join, move and come back

use std::time::Duration;

use grantway_tests::story::{IN_WORKLOADS, SANDBOX, Story, WORKLOADS, one_by_one, rule};
use pretend_aws::{Knobs, Purchase};
use serde_json::json;

const JOINER: &str = "487120396655";

#[tokio::test]
async fn a_joiner_under_an_organization_grant_becomes_active() {
    for joiner_sub_grant_active in [true, false] {
        for organization_grant_completes_before_activation in [true, false] {
            let knobs =
                Knobs { joiner_sub_grant_active, organization_grant_completes_before_activation, ..Knobs::default() };
            let (mut story, purchase) = (Story::with_knobs(knobs).await, Purchase::sample());
            story.with_rule(rule("everyone", &purchase, &json!({"organization": true}))).await;
            story.bought(&purchase).await;
            story.settle().await;
            story.world().create_account(JOINER, "joiner");
            story.settle().await;
            assert!(story.active(&purchase).contains(JOINER));
            assert_eq!(story.pair_states(&purchase).await[JOINER], "ACTIVE");
            assert_eq!(story.grants_of(&purchase).len(), 1, "one grant to the organization carries everybody");
        }
    }
}

#[tokio::test]
async fn an_account_moved_away_keeps_its_grant_and_is_wanted_again_when_it_comes_back() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&purchase).await;
    story.settle().await;
    let mover = IN_WORKLOADS[0];
    for _ in 0..2 {
        assert_eq!(story.entry(&purchase, mover).await.unwrap().unwanted_since, None);
        story.world().move_account(mover, SANDBOX);
        let moved_at = story.world().now().as_second();
        story.settle().await;
        let since = story.entry(&purchase, mover).await.unwrap().unwanted_since.expect("it is noted").0;
        assert!((moved_at..moved_at + 60).contains(&since), "{since} is not {moved_at}");
        assert_eq!(story.held_grants(&purchase).await[mover], "NO_LONGER_WANTED");
        assert!(!story.pair_states(&purchase).await.contains_key(mover));
        story.pass_sweeping(Duration::from_secs(3 * 86_400), Duration::from_secs(3600)).await;
        assert_eq!(story.entry(&purchase, mover).await.unwrap().unwanted_since.unwrap().0, since, "noted anew");
        assert!(story.active(&purchase).contains(mover));

        story.world().move_account(mover, WORKLOADS);
        story.settle().await;
        assert_eq!(story.pair_states(&purchase).await[mover], "ACTIVE");
    }
    assert_eq!(story.count("LicenseManager", "DeleteGrant"), 0);
    assert_eq!((story.grants_of(&purchase).len(), story.active(&purchase).len()), (4, 4));
}

#[tokio::test]
async fn a_rule_taken_away_takes_nothing_from_anybody() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.with_rule(rule("everyone", &purchase, &json!({"organization": true}))).await;
    story.bought(&purchase).await;
    story.settle().await;
    story.without_rule("everyone").await;
    story.settle().await;
    story.pass_sweeping(Duration::from_secs(2 * 86_400), Duration::from_secs(3600)).await;
    assert_eq!(story.active(&purchase).len(), 8);
    assert_eq!(story.held_grants(&purchase).await["organization"], "NO_LONGER_WANTED");
    assert_eq!(story.count("LicenseManager", "DeleteGrant"), 0);
    assert!(story.pair_states(&purchase).await.is_empty());

    // Wanted again, for some: the grant to the organization is there, and nobody needs another.
    story.with_rule(rule("some", &purchase, &one_by_one(&[WORKLOADS]))).await;
    story.settle().await;
    assert_eq!(story.grants_of(&purchase).len(), 1);
    assert_eq!(story.pair_states(&purchase).await.into_values().collect::<Vec<_>>(), ["ACTIVE"; 4]);
}

#[tokio::test]
async fn an_account_that_leaves_and_another_that_is_closed_stop_nothing() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&purchase).await;
    story.settle().await;
    story.world().remove_account(IN_WORKLOADS[0], "LEFT");
    story.world().set_account_state(IN_WORKLOADS[1], "CLOSED");
    story.world().create_account(JOINER, "joiner");
    story.world().move_account(JOINER, WORKLOADS);
    story.settle().await;
    let states = story.pair_states(&purchase).await;
    assert_eq!(states[IN_WORKLOADS[1]], "ACCOUNT_CLOSED");
    assert!(!states.contains_key(IN_WORKLOADS[0]));
    assert_eq!(states[JOINER], "ACTIVE");
    assert_eq!(story.count("LicenseManager", "DeleteGrant"), 0);
}
