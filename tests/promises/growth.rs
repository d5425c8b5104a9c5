//! What a new account costs does not grow with the organization

use std::collections::BTreeMap;

use grantway_tests::story::{IN_SECURITY, SANDBOX, SECURITY, Story, one_by_one, rule};
use pretend_aws::blueprint::AccountBlueprint;
use pretend_aws::{Blueprint, Knobs, Purchase, Settings};

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
async fn reads_until_granted(accounts: usize, knobs: Knobs, seed: u64) -> BTreeMap<String, usize> {
    let settings = Settings { seed, knobs, ..Settings::default() };
    let (mut story, purchase) = (Story::of(&organization_of(accounts), settings).await, Purchase::sample());
    story.with_rule(rule("security", &purchase, &one_by_one(&[SECURITY]))).await;
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

/// The least of each operation over some seeds: one page in eight is empty by chance and asks for another call
async fn least_reads(accounts: usize, knobs: &Knobs) -> BTreeMap<String, usize> {
    let seeds = if knobs.account_paths { 1 } else { 20 };
    let mut least: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 1..=seeds {
        for (operation, count) in reads_until_granted(accounts, knobs.clone(), seed).await {
            let known = least.entry(operation).or_insert(count);
            *known = count.min(*known);
        }
    }
    least
}

#[tokio::test]
async fn a_new_account_costs_the_same_reads_in_an_organization_ten_times_as_large() {
    for account_paths in [true, false] {
        let knobs = Knobs { account_paths, ..Knobs::default() };
        let (small, large) = (least_reads(30, &knobs).await, least_reads(300, &knobs).await);
        println!("paths {account_paths}: {} reads {small:?}", small.values().sum::<usize>());
        assert_eq!(small, large);
        assert!((4..=20).contains(&small.values().sum::<usize>()));
    }
}
