//! What nobody outside AWS knows for sure makes no difference

use std::collections::BTreeSet;
use std::time::Duration;

use grantway_tests::oracle::expected;
use grantway_tests::story::{IN_WORKLOADS, SECURITY, Story, WORKLOADS, another_purchase, rule};
use pretend_aws::{Knobs, Purchase, Settings};
use serde_json::{Value, json};

const JOINER: &str = "487120396655";

/// Every open question answered the other way, by name
fn others() -> Vec<(String, Knobs)> {
    let Ok(Value::Object(usual)) = serde_json::to_value(Knobs::default()) else { panic!("knobs are a structure") };
    let mut all = usual.clone();
    let mut worlds = Vec::new();
    for (name, value) in &usual {
        let other = match (name.as_str(), value) {
            (_, Value::Bool(answer)) => json!(!answer),
            ("page_size", _) => json!(2),
            ("workflow_seconds", _) => json!(1800),
            // Seconds are what has been seen; more than the five minutes of `VISIBILITY_WAIT` nobody has.
            ("visibility_seconds", _) => json!(200),
            ("license_provision_seconds", _) => json!(3 * 3600),
            ("account_ready_seconds", _) => json!(2 * 3600),
            (name, value) => panic!("`{name}` is {value} and has no other value here"),
        };
        all.insert(name.clone(), other.clone());
        let mut one = usual.clone();
        one.insert(name.clone(), other);
        worlds.push((name.clone(), serde_json::from_value(Value::Object(one)).expect("knobs")));
    }
    worlds.push(("all together".to_owned(), serde_json::from_value(Value::Object(all)).expect("knobs")));
    worlds
}

/// A year in short: two purchases, a joiner, a mover, the end of an agreement
async fn told(name: &str, knobs: Knobs) {
    let settings = Settings { knobs, ..Settings::default() };
    let mut story = Story::in_world(settings).await;
    let (everywhere, somewhere) = (Purchase::sample(), another_purchase(2));
    let rules = [
        rule("everyone", &everywhere, &json!({"organization": true})),
        rule("workloads", &somewhere, &json!({"ou": WORKLOADS})),
    ];
    for rule in &rules {
        story.with_rule(rule.clone()).await;
    }
    let bought = [everywhere.clone(), somewhere.clone()];
    for purchase in &bought {
        story.bought(purchase).await;
    }
    story.settle().await;
    check(name, &story, &bought, &rules, &BTreeSet::new());

    story.world().create_account(JOINER, "joiner");
    story.pump().await;
    story.world().move_account(JOINER, WORKLOADS);
    story.world().move_account(IN_WORKLOADS[3], SECURITY);
    story.settle().await;
    // An account that cannot be reached for hours is a hold, which is settled for the time being.
    story.pass_sweeping(Duration::from_secs(3 * 3600), Duration::from_secs(1800)).await;
    story.settle().await;
    // Only the mover keeps what nobody wants for it any more.
    let kept = BTreeSet::from([(somewhere.license.clone(), IN_WORKLOADS[3].to_owned())]);
    check(name, &story, &bought, &rules, &kept);
    assert_eq!(story.held_grants(&somewhere).await[IN_WORKLOADS[3]], "NO_LONGER_WANTED", "{name}");

    story.forget_calls();
    story.reconcile().await;
    assert_eq!(story.world().with(|state| state.calls.of("LicenseManager").write), 0, "{name}");

    story.world().end_agreement(&somewhere.agreement, "EXPIRED");
    story.settle().await;
    for (account, code) in story.pair_states(&somewhere).await {
        assert_eq!(code, "LICENSE_ENDED", "{name}: {account}");
    }
    assert_eq!(story.world().with(|state| state.calls.of("LicenseManager").write), 0, "{name}");
}

fn check(name: &str, story: &Story, bought: &[Purchase], rules: &[Value], kept: &BTreeSet<(String, String)>) {
    let expected = story.world().with(|state| expected(state, bought, rules));
    for purchase in bought {
        let pairs = expected.wanted.iter().filter(|pair| !expected.held.contains_key(*pair)).chain(kept);
        let should: BTreeSet<String> = pairs
            .filter(|(license, account)| *license == purchase.license && *account != purchase.acceptor)
            .map(|(_, account)| account.clone())
            .collect();
        assert_eq!(story.active(purchase), should, "{name}: {}", purchase.product);
    }
}

#[tokio::test]
async fn the_likeliest_answers() {
    told("the likeliest answers", Knobs::default()).await;
}

#[tokio::test]
async fn every_question_answered_the_other_way_and_all_of_them_at_once() {
    let worlds = others();
    assert!(worlds.len() > 20, "{} questions", worlds.len());
    for (name, knobs) in worlds {
        println!("{name}");
        told(&name, knobs).await;
    }
}

#[tokio::test]
async fn pages_of_two_some_of_them_empty_hide_nothing() {
    told("small pages", Knobs { page_size: 2, empty_pages: true, ..Knobs::default() }).await;
}

#[tokio::test]
async fn a_listing_that_lags_behind_makes_no_second_grant() {
    for duplicate_grants_refused in [true, false] {
        let knobs = Knobs { visibility_seconds: 240, duplicate_grants_refused, ..Knobs::default() };
        let (mut story, purchase) = (Story::with_knobs(knobs).await, Purchase::sample());
        story.with_rule(rule("workloads", &purchase, &json!({"ou": WORKLOADS}))).await;
        story.bought(&purchase).await;
        for _ in 0..30 {
            // Somebody asks for a look every twenty seconds while nothing shows yet.
            story.world().advance(Duration::from_secs(20));
            story.reconcile().await;
        }
        story.settle().await;
        assert_eq!(story.grants_of(&purchase).len(), 4);
        assert_eq!(story.active(&purchase), BTreeSet::from(IN_WORKLOADS.map(str::to_owned)));
    }
}
