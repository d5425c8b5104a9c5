//! The demo, for five seeds and three sizes, against an oracle that knows nothing of the planner

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets something unexpected should stop there and say so"
)]

use std::collections::{BTreeMap, BTreeSet};

use grantctl::demo::{Played, Size, play};
use grantway_tests::oracle::{Pair, expected};

async fn played(seed: u64, accounts: u32, licenses: u32) -> Played {
    play(&Size { seed, accounts, licenses }, |_| {}).await.unwrap()
}

/// Compares a demo with the oracle, pair by pair, and with what License Manager itself holds
fn check(played: &Played) {
    let Played { deployment, stage, summary } = played;
    let mut rules: Vec<_> =
        stage.rules.iter().filter(|rule| rule["rule"] != stage.edited_rule["rule"]).cloned().collect();
    rules.push(stage.edited_rule.clone());
    let mut bought = stage.blueprint.purchases.clone();
    bought.push(stage.purchase.clone());
    deployment.world().with(|state| {
        let expected = expected(state, &bought, &rules);
        let held: BTreeMap<Pair, &str> = summary
            .holds
            .iter()
            .map(|held| ((held.license.clone(), held.account.clone()), held.reason_code.as_str()))
            .collect();
        assert_eq!(held, expected.held, "holds differ from the oracle");
        assert_eq!(summary.wanted, expected.wanted.len(), "wanted differs from the oracle");
        assert_eq!(summary.active, expected.wanted.len() - expected.held.len());

        // Not what Grantway says but what License Manager holds: every other pair is ACTIVE there, and no pair that
        // is not wanted is.
        for purchase in bought.iter().filter(|purchase| purchase.acceptor == state.hub) {
            let active: BTreeSet<String> =
                state.license_manager.active_accounts(&purchase.license, &state.organization).into_keys().collect();
            let should: BTreeSet<String> = expected
                .wanted
                .iter()
                .filter(|pair| pair.0 == purchase.license && !expected.held.contains_key(*pair))
                .map(|(_, account)| account.clone())
                .collect();
            let holder = BTreeSet::from([state.hub.clone()]);
            assert_eq!(&active | &holder, &should | &holder, "license {}", purchase.license);
        }
    });
    assert!(summary.settled, "not settled");
    assert_eq!(summary.broken, Vec::<String>::new());
    assert_eq!(summary.writes_when_settled, 0);
    assert!(summary.api_calls.write > 0 && summary.active > 0);
}

macro_rules! demos {
    ($($name:ident: $accounts:literal x $licenses:literal;)*) => {
        $(#[tokio::test]
        async fn $name() {
            for seed in 1..=5 {
                println!("seed {seed}, {} accounts, {} licenses", $accounts, $licenses);
                check(&played(seed, $accounts, $licenses).await);
            }
        })*
    };
}

demos! {
    a_small_organization_gets_what_the_oracle_says: 12 x 2;
    the_usual_organization_gets_what_the_oracle_says: 60 x 6;
    a_larger_organization_gets_what_the_oracle_says: 150 x 9;
}

#[tokio::test]
async fn faults_really_strike_and_the_same_seed_tells_the_same_story() {
    let (one, other) = (played(3, 20, 4).await, played(3, 20, 4).await);
    assert!(one.summary.faults.values().sum::<u64>() > 0, "no fault struck");
    let calls = |played: &Played| played.deployment.world().with(|state| state.calls.log().to_vec());
    assert_eq!(calls(&one), calls(&other));
    assert_eq!(one.summary.api_calls, other.summary.api_calls);
}
