//! Grants to top-level units, and grants to whole places that stay when they are exact no longer

use std::collections::BTreeSet;
use std::time::Duration;

use grantway_tests::story::{HUB, IN_SECURITY, IN_WORKLOADS, SANDBOX, SECURITY, Story, WORKLOADS, rule};
use pretend_aws::Purchase;
use serde_json::json;

const HOUR: Duration = Duration::from_secs(3600);

fn set(accounts: &[&str]) -> BTreeSet<String> {
    accounts.iter().map(|account| (*account).to_owned()).collect()
}

/// To whom Grantway's grants of a license are made, as the pretend AWS has it
fn principals(story: &Story, purchase: &Purchase) -> Vec<String> {
    let mut all: Vec<String> = story.world().with(|state| {
        let grants = state.license_manager.grants().filter(|grant| grant.license == purchase.license);
        let made = grants.filter(|grant| grant.is_live() && !grant.sub_grant && grant.name.starts_with("gw/"));
        let name = |arn: &str| arn.trim_end_matches(":root").rsplit(['/', ':']).next().unwrap_or_default().to_owned();
        made.map(|grant| name(&grant.principal_arn)).collect()
    });
    all.sort();
    all
}

fn writes(story: &Story) -> u64 {
    story.world().with(|state| state.calls.of("LicenseManager").write)
}

#[tokio::test]
async fn a_rule_for_a_unit_takes_one_grant_that_reaches_whoever_is_moved_there() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.with_rule(rule("workloads", &purchase, &json!({"ou": WORKLOADS}))).await;
    story.bought(&purchase).await;
    story.settle().await;
    assert_eq!(principals(&story, &purchase), [WORKLOADS]);
    assert_eq!(story.active(&purchase), set(&IN_WORKLOADS));

    story.world().move_account(IN_SECURITY[0], WORKLOADS);
    story.settle().await;
    story.pass_sweeping(2 * HOUR, HOUR / 4).await;
    story.settle().await;
    assert_eq!(principals(&story, &purchase), [WORKLOADS], "no grant of its own for the mover");
    assert!(story.active(&purchase).contains(IN_SECURITY[0]));
}

#[tokio::test]
async fn the_organization_but_one_account_is_a_grant_to_each_exact_unit_and_to_the_other_accounts_of_its_unit() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    let mut but_one = rule("most", &purchase, &json!({"organization": true}));
    but_one["except"] = json!({"account": IN_SECURITY[0]});
    story.with_rule(but_one).await;
    story.bought(&purchase).await;
    story.settle().await;
    let mut expected = [IN_SECURITY[1], SANDBOX, WORKLOADS];
    expected.sort_unstable();
    assert_eq!(principals(&story, &purchase), expected);
    let states = story.pair_states(&purchase).await;
    assert!(!states.contains_key(IN_SECURITY[0]), "{states:?}");
    assert_eq!(states[HUB], "HOLDER");
    let active = story.active(&purchase);
    assert_eq!((active.len(), active.contains(IN_SECURITY[0])), (7, false));
}

#[tokio::test]
async fn a_denial_under_a_grant_to_the_organization_leaves_the_grant_and_shows_who_has_more_than_they_should() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.with_rule(rule("everyone", &purchase, &json!({"organization": true}))).await;
    story.bought(&purchase).await;
    story.settle().await;
    let active = story.active(&purchase);
    story.forget_calls();
    let mut denial = rule("not-there", &purchase, &json!({"account": IN_WORKLOADS[0]}));
    denial["effect"] = json!("deny");
    story.with_rule(denial).await;
    story.settle().await;
    assert_eq!(principals(&story, &purchase).len(), 1);
    assert_eq!(writes(&story), 0, "nothing is taken away, and nobody is given a second grant");
    assert_eq!(story.active(&purchase), active);
    assert_eq!(story.held_grants(&purchase).await[IN_WORKLOADS[0]], "DENIED_STILL_GRANTED");

    // Who joins is still served by it.
    story.world().create_account("777788889999", "joiner");
    story.world().move_account("777788889999", SECURITY);
    story.settle().await;
    story.pass_sweeping(3 * HOUR, HOUR / 4).await;
    story.settle().await;
    assert!(story.active(&purchase).contains("777788889999"));
}
