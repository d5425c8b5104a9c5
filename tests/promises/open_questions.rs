//! What nobody outside AWS knows for sure makes no difference

use std::collections::BTreeSet;
use std::time::Duration;

use grantway_tests::oracle::expected;
use grantway_tests::story::{IN_WORKLOADS, SECURITY, Story, WORKLOADS, another_purchase, one_by_one, rule};
use pretend_aws::knobs::AgreementLicenseArn;
use pretend_aws::{Knobs, Purchase, Settings};
use serde_json::{Value, json};
use tokio::task::LocalSet;

const JOINER: &str = "487120396655";

/// Every open question answered in every other way, by name and answer
fn others() -> Vec<(String, Knobs)> {
    let Ok(Value::Object(usual)) = serde_json::to_value(Knobs::default()) else { panic!("knobs are a structure") };
    let world = |name: &str, answer: &Value| {
        let mut one = usual.clone();
        one.insert(name.to_owned(), answer.clone());
        (format!("{name} = {answer}"), serde_json::from_value(Value::Object(one)).expect("knobs"))
    };
    let answers = |knob: pretend_aws::knobs::Knob| {
        let others = knob.outcomes.into_iter().map(|outcome| outcome.value).filter(|value| *value != knob.default);
        others.map(|value| world(knob.name, &value)).collect::<Vec<_>>()
    };
    Knobs::catalog().into_iter().flat_map(answers).collect()
}

/// A year in short: two purchases, a joiner, a mover, the end of an agreement
async fn told_of(name: &str, knobs: Knobs) {
    let settings = Settings { knobs, ..Settings::default() };
    let mut story = Story::in_world(settings).await;
    let (everywhere, somewhere) = (Purchase::sample(), another_purchase(2));
    let rules = [
        rule("everyone", &everywhere, &json!({"organization": true})),
        rule("workloads", &somewhere, &one_by_one(&[WORKLOADS])),
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
        let mut active = story.active(purchase);
        // Then AWS itself reaches suspended accounts by the organization's grant, which nobody asked it to.
        if name.starts_with("suspended_accounts") {
            let suspended = |account: &String| {
                story
                    .world()
                    .with(|state| state.organization.accounts.get(account).is_some_and(|it| it.state == "SUSPENDED"))
            };
            active.retain(|account| !suspended(account));
        }
        assert_eq!(active, should, "{name}: {}", purchase.product);
    }
}

#[tokio::test]
async fn the_likeliest_answers() {
    told_of("the likeliest answers", Knobs::default()).await;
}

#[tokio::test]
async fn every_question_answered_in_every_other_way() {
    let worlds = others();
    assert!(worlds.len() > 60, "{} answers", worlds.len());
    let mut wrong = Vec::new();
    for (name, knobs) in worlds {
        let told = LocalSet::new();
        let name_told = name.clone();
        let story = told.spawn_local(async move { told_of(&name_told, knobs).await });
        if told.run_until(story).await.is_err() {
            wrong.push(name);
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn pages_of_two_some_of_them_empty_hide_nothing() {
    told_of("small pages", Knobs { page_size: 2, empty_pages: true, ..Knobs::default() }).await;
}

#[tokio::test]
async fn a_listing_that_lags_behind_makes_no_second_grant() {
    for duplicate_grants_refused in [true, false] {
        let knobs = Knobs { visibility_seconds: 240, duplicate_grants_refused, ..Knobs::default() };
        let (mut story, purchase) = (Story::with_knobs(knobs).await, Purchase::sample());
        story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
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

#[tokio::test]
async fn what_an_agreement_tells_before_or_unlike_license_manager_waits_for_no_full_reconcile() {
    for agreement_license_arn in [AgreementLicenseArn::Same, AgreementLicenseArn::Unprefixed] {
        for license_visibility_seconds in [0, 120] {
            let knobs = Knobs { agreement_license_arn, license_visibility_seconds, ..Knobs::default() };
            let (mut story, purchase) = (Story::with_knobs(knobs).await, Purchase::sample());
            story.with_rule(rule("security", &purchase, &json!({"ou": SECURITY}))).await;
            story.bought(&purchase).await;
            story.pass(Duration::from_secs(3600)).await;
            let told = format!("{agreement_license_arn:?}, {license_visibility_seconds} seconds");
            assert_eq!(story.active(&purchase).len(), 2, "{told}");
            assert!(story.is_settled().await, "{told}");
        }
    }
}
