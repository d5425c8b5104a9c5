//! What a new account costs does not grow with the organization

use std::collections::BTreeMap;

use grantway_tests::story::{IN_SECURITY, SANDBOX, SECURITY, Story, rule};
use pretend_aws::blueprint::AccountBlueprint;
use pretend_aws::{Blueprint, Knobs, Purchase, Settings};
use serde_json::json;

const JOINER: &str = "487120396655";
const THIRD: &str = "700000000000";

fn organization_of(accounts: usize) -> Blueprint {
    let mut blueprint = Blueprint::sample();
    let mut number = 0_u64;
    while blueprint.accounts.len() < accounts {
        let (id, unit) = (format!("{:012}", 700_000_000_000 + number), if number == 0 { SECURITY } else { SANDBOX });
        blueprint.accounts.push(AccountBlueprint {
            name: format!("filler-{number}"),
            parent: unit.to_owned(),
            state: "ACTIVE".to_owned(),
            tags: BTreeMap::new(),
            id,
        });
        number += 1;
    }
    blueprint
}

/// Reading calls by operation, from a new account's creation in its unit to the CreateGrant for it
async fn reads_until_granted(accounts: usize, knobs: Knobs) -> BTreeMap<String, usize> {
    let settings = Settings { knobs, ..Settings::default() };
    let (mut story, purchase) = (Story::of(&organization_of(accounts), settings).await, Purchase::sample());
    story.with_rule(rule("security", &purchase, &json!({"ou": SECURITY}))).await;
    story.bought(&purchase).await;
    story.settle().await;
    assert!(story.active(&purchase).is_superset(&[IN_SECURITY[0], IN_SECURITY[1], THIRD].map(str::to_owned).into()));
    story.forget_calls();
    story.world().create_account(JOINER, "joiner");
    story.world().move_account(JOINER, SECURITY);
    story.pump().await;
    let calls = story.world().with(|state| state.calls.log().to_vec());
    let until = calls.iter().position(|call| call.operation == "CreateGrant").expect("a grant was made at once");
    let mut reads = BTreeMap::new();
    for call in calls.iter().take(until).filter(|call| !call.write) {
        if ["LicenseManager", "Organizations", "Marketplace"].contains(&call.service.as_str()) {
            *reads.entry(format!("{} {}", call.service, call.operation)).or_default() += 1;
        }
    }
    story.settle().await;
    assert_eq!(story.active(&purchase).len(), 4);
    reads
}

#[tokio::test]
async fn a_new_account_costs_the_same_reads_in_an_organization_ten_times_as_large() {
    for account_paths in [true, false] {
        let knobs = Knobs { account_paths, ..Knobs::default() };
        let small = reads_until_granted(30, knobs.clone()).await;
        let large = reads_until_granted(300, knobs).await;
        println!("paths {account_paths}: {} reads {small:?}", small.values().sum::<usize>());
        assert_eq!(small, large);
        assert!(small.values().sum::<usize>() > 3);
    }
}
