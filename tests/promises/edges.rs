//! What the rules ask for changes by itself at the edges of windows, and no event tells of it

use std::time::Duration;

use grant_plan::time::hours;
use grantway_tests::story::{IN_SECURITY, SECURITY, Story, one_by_one, rule, seconds};
use pretend_aws::Purchase;
use serde_json::json;

const SWEEP: Duration = Duration::from_secs(300);

#[tokio::test]
async fn a_rule_begins_and_ends_with_the_sweep_after_the_edge_of_its_window() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    let now = seconds(story.world());
    let mut windowed = rule("later", &purchase, &one_by_one(&[SECURITY]));
    // Far from the full reconcile, which comes every six hours and would find it, too.
    windowed["valid_from"] = now.after(hours(31)).to_string().into();
    windowed["valid_until"] = now.after(hours(61)).to_string().into();
    story.with_rule(windowed).await;
    story.bought(&purchase).await;
    story.pass_sweeping(hours(31) - 2 * SWEEP, SWEEP).await;
    assert_eq!(story.grants_of(&purchase), []);
    story.pass_sweeping(4 * SWEEP, SWEEP).await;
    assert_eq!(story.active(&purchase).len(), 2);

    story.pass_sweeping(hours(30) - 4 * SWEEP, SWEEP).await;
    for account in IN_SECURITY {
        assert_eq!(story.entry(&purchase, account).await.unwrap().unwanted_since, None, "before its end");
    }
    story.pass_sweeping(4 * SWEEP, SWEEP).await;
    for account in IN_SECURITY {
        let since = story.entry(&purchase, account).await.unwrap().unwanted_since.expect("it is over");
        assert!(since.since(now.after(hours(61))) <= 2 * SWEEP);
    }
    assert_eq!(story.active(&purchase).len(), 2, "nothing is taken away");
}

#[tokio::test]
async fn a_rollout_comes_to_the_rest_with_the_sweep_after_its_days() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    let mut in_rings = rule("rings", &purchase, &one_by_one(&[SECURITY]));
    in_rings["valid_from"] = seconds(story.world()).after(hours(1)).to_string().into();
    in_rings["rollout"] = json!({"first": {"account": IN_SECURITY[0]}, "then_after_days": 2});
    story.with_rule(in_rings).await;
    story.bought(&purchase).await;
    story.pass_sweeping(hours(48), SWEEP).await;
    assert_eq!(story.active(&purchase), [IN_SECURITY[0].to_owned()].into());
    assert_eq!(story.pair_states(&purchase).await[IN_SECURITY[1]], "ROLLOUT_LATER");
    story.pass_sweeping(hours(1) + 3 * SWEEP, SWEEP).await;
    assert_eq!(story.active(&purchase).len(), 2);
}

#[tokio::test]
async fn changes_wait_for_the_next_change_window() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    let time_of_day = |after: u64| seconds(story.world()).after(hours(after)).to_string()[11..16].to_owned();
    let window = json!({
        "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": time_of_day(5), "until": time_of_day(6),
    });
    story.with_rule(json!({"rule": "_settings", "change_windows": window})).await;
    story.with_rule(rule("security", &purchase, &one_by_one(&[SECURITY]))).await;
    story.bought(&purchase).await;
    story.pass_sweeping(hours(5) - 2 * SWEEP, SWEEP).await;
    assert_eq!(story.grants_of(&purchase), []);
    assert_eq!(story.noted(&purchase).await[IN_SECURITY[0]], "OUTSIDE_CHANGE_WINDOW");
    story.pass_sweeping(6 * SWEEP, SWEEP).await;
    assert_eq!(story.active(&purchase).len(), 2);

    // Closed again: who comes now waits.
    story.pass_sweeping(hours(1), SWEEP).await;
    story.world().create_account("487120396655", "newcomer");
    story.world().move_account("487120396655", SECURITY);
    story.pass_sweeping(hours(12), SWEEP).await;
    assert_eq!(story.active(&purchase).len(), 2);
    story.pass_sweeping(hours(12), SWEEP).await;
    assert_eq!(story.active(&purchase).len(), 3);
}
