//! Messages come twice, backwards, or not at all; two lanes look at once

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join;
use grant_engine::lane::LaneMessage;
use grantway_tests::oracle::expected;
use grantway_tests::story::{
    Delivery, IN_WORKLOADS, Log, SECURITY, Story, WORKLOADS, Wire, another_purchase, license_arn, one_by_one, rule,
};
use pretend_aws::{Knobs, Purchase, Settings, State};
use serde_json::{Value, json};

const JOINER: &str = "487120396655";

/// Rules, purchases, a joiner and an edit, brought in this way, come out as the oracle says
async fn told(delivery: Delivery, knobs: Knobs, seed: u64) -> Story {
    let mut story = Story::in_world(Settings { seed, knobs, ..Settings::default() }).await;
    story.courier.delivery = delivery;
    let (everywhere, somewhere) = (Purchase::sample(), another_purchase(2));
    let everyone = rule("everyone", &everywhere, &json!({"organization": true}));
    story.with_rule(everyone.clone()).await;
    story.with_rule(rule("workloads", &somewhere, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&everywhere).await;
    story.bought(&somewhere).await;
    story.pass(Duration::from_secs(600)).await;
    story.world().create_account(JOINER, "joiner");
    story.world().move_account(JOINER, WORKLOADS);
    let edited = rule("workloads", &somewhere, &one_by_one(&[WORKLOADS, SECURITY]));
    story.with_rule(edited.clone()).await;
    story.pass(Duration::from_secs(600)).await;
    story.reconcile().await;
    story.settle().await;
    let bought = [everywhere, somewhere];
    check(&story, &bought, &[everyone, edited], &format!("{delivery:?}, seed {seed}"));
    story
}

fn check(story: &Story, bought: &[Purchase], rules: &[Value], what: &str) {
    let expected = story.world().with(|state| expected(state, bought, rules));
    for purchase in bought {
        let should: BTreeSet<String> = expected
            .wanted
            .iter()
            .filter(|pair| {
                pair.0 == purchase.license && pair.1 != purchase.acceptor && !expected.held.contains_key(*pair)
            })
            .map(|pair| pair.1.clone())
            .collect();
        assert_eq!(story.active(purchase), should, "{what}: {}", purchase.product);
    }
    assert_eq!(story.broken(), [""; 0], "{what}");
}

fn worst() -> Knobs {
    Knobs {
        auto_accept_account_grants: false,
        grantor_may_activate_account_grants: false,
        duplicate_grants_refused: false,
        visibility_seconds: 30,
        ..Knobs::default()
    }
}

#[tokio::test]
async fn every_message_delivered_twice_does_nothing_twice() {
    for knobs in [Knobs::default(), worst()] {
        let twice = told(Delivery::Twice, knobs.clone(), 1).await;
        let once = told(Delivery::Once, knobs, 1).await;
        let creates = |story: &Story| story.count("LicenseManager", "CreateGrant");
        assert_eq!(creates(&twice), creates(&once));
        assert_eq!(twice.courier.failures, [""; 0]);
    }
}

#[tokio::test]
async fn messages_that_overtake_each_other_lead_to_the_same_place() {
    for seed in 1..=3 {
        for knobs in [Knobs::default(), worst()] {
            told(Delivery::Backwards, knobs, seed).await;
        }
    }
}

#[tokio::test]
async fn with_no_event_at_all_the_schedule_finds_everything() {
    for knobs in [Knobs::default(), worst()] {
        told(Delivery::ScheduleOnly, knobs, 1).await;
    }
}

#[tokio::test]
async fn a_rule_whose_deletion_nobody_heard_of_is_missed_by_the_schedule() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
    // Were it the only one, all rules being gone would be taken for a fault.
    story.with_rule(rule("other", &another_purchase(2), &one_by_one(&[WORKLOADS]))).await;
    story.bought(&purchase).await;
    story.settle().await;
    story.courier.delivery = Delivery::ScheduleOnly;
    story.without_rule("workloads").await;
    let unwanted = async |story: &Story| story.entry(&purchase, IN_WORKLOADS[0]).await.unwrap().unwanted_since;
    assert_eq!(unwanted(&story).await, None);
    story.reconcile().await;
    assert!(unwanted(&story).await.is_some(), "no rule mentions the license any more, and nobody looked at it");
}

#[tokio::test]
async fn a_message_lost_between_raise_and_send_is_found_by_the_sweep() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.courier.delivery = Delivery::ScheduleOnly;
    story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&purchase).await;
    story.world().advance(Duration::from_secs(120));
    story.pump().await;
    // The process that raised the lane died before it sent the message.
    let arn = license_arn(&purchase);
    let raised = story.dispatch().ledger().raise(&arn, story.dispatch().now());
    assert_eq!(story.world().run(raised).await, Ok(1));
    assert_eq!(story.grants_of(&purchase), []);
    story.pass(Duration::from_secs(15 * 60)).await;
    assert_eq!(story.grants_of(&purchase).len(), 4, "the sweep did not find it");
    story.settle().await;
    assert_eq!(story.active(&purchase).len(), 4);
}

#[tokio::test]
async fn two_lanes_at_once_on_one_license_make_one_grant_per_key() {
    let mut conflicts = 0;
    for seed in 0..40_u64 {
        let knobs = Knobs {
            duplicate_grants_refused: seed % 2 == 0,
            visibility_seconds: [0, 20][(seed / 2 % 2) as usize],
            auto_accept_account_grants: seed % 3 == 0,
            ..Knobs::default()
        };
        let accounts = if seed % 5 == 0 { json!({"organization": true}) } else { one_by_one(&[WORKLOADS]) };
        let mut story = Story::in_world(Settings { seed, knobs, ..Settings::default() }).await;
        let purchase = Purchase::sample();
        story.courier.delivery = Delivery::ScheduleOnly;
        story.with_rule(rule("some", &purchase, &accounts)).await;
        story.bought(&purchase).await;
        story.world().advance(Duration::from_secs(120));
        let arn = license_arn(&purchase);
        let wires = [Wire::slow(story.world(), seed), Wire::slow(story.world(), seed ^ 0xff)];
        let (one, other) = (story.another_engine(&wires[0], seed), story.another_engine(&wires[1], seed ^ 0xff));
        for _ in 0..6 {
            let world = story.world().clone();
            let (one, other) = world.run(join(one.reconcile(&arn), other.reconcile(&arn))).await;
            let outcomes = [one.unwrap().outcomes, other.unwrap().outcomes];
            conflicts += outcomes.iter().flatten().filter(|(_, outcome)| format!("{outcome:?}") == "Conflict").count();
            assert_eq!(story.broken(), [""; 0], "seed {seed}");
            world.advance(Duration::from_secs(70));
            story.pump().await;
        }
        story.reconcile().await;
        story.settle().await;
        let (grants, active) = if accounts.get("ou").is_some() { (4, 4) } else { (1, 8) };
        let states = story.pair_states(&purchase).await;
        let found = (story.grants_of(&purchase).len(), story.active(&purchase).len());
        assert_eq!(found, (grants, active), "seed {seed}: {states:?}");
    }
    println!("{conflicts} conflicts");
    assert!(conflicts > 10, "the lanes hardly met: {conflicts} conflicts");
}

#[tokio::test]
async fn what_is_asked_for_while_a_lane_looks_stays_owed() {
    for seed in 0..20 {
        let mut story = Story::in_world(Settings { seed, ..Settings::default() }).await;
        let purchase = Purchase::sample();
        story.with_rule(rule("some", &purchase, &one_by_one(&[WORKLOADS]))).await;
        story.bought(&purchase).await;
        story.settle().await;
        let (world, arn) = (story.world().clone(), license_arn(&purchase));
        let wires = [Wire::slow(&world, seed), Wire::slow(&world, seed ^ 0xff)];
        let (one, other) = (story.another_engine(&wires[0], seed), story.another_engine(&wires[1], seed ^ 0xff));
        let wanted = world.run(one.raise(&arn)).await.unwrap();
        let message = LaneMessage { license: arn.clone(), wanted };
        // The first thing a look does is to read how much is asked for, and this takes longer.
        let asks_meanwhile = async {
            other.refresh_organization().await.unwrap();
            other.raise(&arn).await
        };
        let (looked, asked) = world.run(join(one.look(&message, false), asks_meanwhile)).await;
        assert!(looked.unwrap().is_some(), "seed {seed}");
        assert_eq!(asked, Ok(wanted + 1), "seed {seed}");
        let lane = async |story: &Story| world.run(story.engine().ledger().lane(arn.id())).await.unwrap().unwrap();
        let owed = lane(&story).await;
        assert!(owed.done <= wanted && owed.due_at.is_some(), "seed {seed}: {owed:?}");
        story.pump().await;
        let paid = lane(&story).await;
        assert_eq!((paid.wanted, paid.done), (wanted + 1, wanted + 1), "seed {seed}");
    }
}

#[tokio::test]
async fn a_message_that_comes_again_is_looked_at_again_since_whoever_had_it_may_have_died() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.with_rule(rule("some", &purchase, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&purchase).await;
    story.settle().await;
    let (world, license) = (story.world().clone(), license_arn(&purchase));
    let wanted = world.run(story.engine().ledger().lane(license.id())).await.unwrap().unwrap().wanted;
    let body = json!({"license": license, "wanted": wanted}).to_string();
    for (count, looks) in [("1", false), ("2", true)] {
        let record = json!({
            "messageId": "m-1", "eventSource": "aws:sqs", "body": body,
            "attributes": {"ApproximateReceiveCount": count},
        });
        world.with(|state| state.calls.clear());
        let answer = world.run(distribute_grants::lane::handle(story.engine(), json!({"Records": [record]}))).await;
        assert_eq!(answer.unwrap(), json!({"batchItemFailures": []}));
        let listed = |state: &mut State| state.calls.log().iter().any(|call| call.operation == "ListDistributedGrants");
        assert_eq!(world.with(listed), looks, "handed out {count} times");
    }
}

#[tokio::test]
async fn two_first_reads_of_the_organization_at_once_leave_one_whole_snapshot() {
    for seed in 0..20 {
        let mut story = Story::in_world(Settings { seed, ..Settings::default() }).await;
        let wires = [Wire::slow(story.world(), seed), Wire::slow(story.world(), seed ^ 0xff)];
        let (one, other) = (story.another_engine(&wires[0], seed), story.another_engine(&wires[1], seed ^ 0xff));
        let (world, log) = (story.world().clone(), Log::listen());
        for _ in 0..3 {
            let (one, other) = world.run(join(one.refresh_organization(), other.refresh_organization())).await;
            assert_eq!(one.map(|seen| seen.accounts.len()), Ok(10), "seed {seed}");
            assert_eq!(other.map(|seen| seen.accounts.len()), Ok(10), "seed {seed}");
            let kept = world.run(story.engine().ledger().organization()).await;
            assert_eq!(kept.unwrap().expect("a snapshot is in force").accounts.len(), 10, "seed {seed}");
            assert_eq!(log.line_with("snapshot is not whole"), None, "seed {seed}");
            // Something changes, so that the next snapshot is another one.
            world.move_account(IN_WORKLOADS[0], if seed % 2 == 0 { SECURITY } else { WORKLOADS });
            story.courier.delivery = Delivery::ScheduleOnly;
            story.pump().await;
        }
    }
}
