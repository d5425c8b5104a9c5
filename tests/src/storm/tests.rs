//! Every checker finds what it is there for: a world in order, with one thing wrong in it

use aws_sdk_dynamodb::types::AttributeValue;
use pretend_aws::license_manager::GrantStatus;
use pretend_aws::{Faults, Knobs};
use serde_json::json;

use super::crew::with_room;
use super::justified::Facts;
use super::ledger::Ledger;
use super::listening::Ears;
use super::scene::Scene;
use super::spans::Spans;
use super::{quiet, settled};
use crate::oracle::Pair;
use crate::story::{Item, text};

/// A world in order in which some account has some license, and that pair
async fn in_order() -> (Scene, Pair) {
    in_order_from(1).await.0
}

/// The first such world from a seed on, and the seed after it
async fn in_order_from(first: u64) -> ((Scene, Pair), u64) {
    for seed in first..first + 100 {
        let mut scene = Scene::open(seed).await;
        scene.world().with(|state| {
            state.faults = Faults::calm();
            state.knobs = Knobs::default();
        });
        assert_eq!(settled(&mut scene).await, Vec::<String>::new(), "seed {seed}");
        let hub = scene.hub.clone();
        let found = scene.world().with(|state| {
            let mut ours = state.license_manager.grants().filter(|grant| {
                let account = grant.principal.account();
                grant.name.starts_with("gw/") && grant.status == GrantStatus::Active && account != Some(&hub)
            });
            ours.find_map(|grant| Some((grant.license.clone(), grant.principal.account()?.to_owned())))
        });
        if let Some(pair) = found {
            return ((scene, pair), seed + 1);
        }
    }
    panic!("no seed gives a license to anybody");
}

/// Worlds in which one thing is made wrong: not in every one does it make a difference
const WORLDS: usize = 6;

/// Makes one thing wrong in worlds in order and expects the judgement of one of them to say so
fn finds(expected: &'static str, wrong: impl AsyncFn(&mut Scene, &Pair) + Send + 'static) {
    with_room(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut seed = 1;
            for _ in 0..WORLDS {
                let ((mut scene, pair), next) = in_order_from(seed).await;
                seed = next;
                let plans = scene.story.plans().await;
                assert_eq!(scene.judged(&plans).await, Vec::<String>::new());
                wrong(&mut scene, &pair).await;
                let plans = scene.story.plans().await;
                let broken = scene.judged(&plans).await;
                if broken.iter().any(|broken| broken.contains(expected)) {
                    return;
                }
            }
            panic!("nobody says `{expected}`");
        });
    });
}

/// The ledger's item of a license with this beginning of its sort key
async fn item(scene: &Scene, license: &str, begins: &str) -> Item {
    let pk = format!("LICENSE#{license}");
    let items = scene.story.ledger().await;
    let mut found = items.into_iter().filter(|item| text(item, "pk") == pk && text(item, "sk").starts_with(begins));
    found.next().expect("the ledger has such an item")
}

#[test]
fn no_code_but_active_is_true_of_an_active_pair() {
    with_room(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (scene, (license, account)) = in_order().await;
            let ledger = Ledger::read(&scene.story.ledger().await);
            let purchase = scene.bought.iter().find(|one| one.license == license).unwrap();
            scene.world().with(|state| {
                let (rule, prefix, account) = (&json!({}), "gw/demo/", account.as_str());
                let facts = Facts {
                    state,
                    ledger: &ledger,
                    ledger_lost: true,
                    purchase,
                    account,
                    rule,
                    left: None,
                    prefix,
                    paused: false,
                    budget: 1500,
                };
                for code in grant_plan::reason::ReasonCode::ALL.iter().map(|code| code.as_str()) {
                    assert_eq!(facts.justify(code), code == "ACTIVE", "{code}");
                }
            });
        });
    });
}

#[test]
fn a_reason_that_is_not_true_is_found() {
    finds("is PAUSED, which is not true", async |scene, _| {
        // A pause that Grantway sees and the judge does not know of.
        let everything = json!({"rule": "z", "products": "*", "accounts": {"organization": true}});
        scene.story.with_rule(json!({"rule": "_settings", "paused": true})).await;
        scene.put_rule("z", everything, false).await;
    });
}

#[test]
fn a_rule_that_nobody_follows_is_found() {
    finds("is named by a rule and has no code", async |scene, _| {
        let everything = json!({"rule": "z", "products": "*", "accounts": {"organization": true}});
        scene.rules.insert("z".to_owned(), super::scene::Rule { meant: everything, before: Vec::new(), spoilt: false });
        scene.rules.retain(|id, _| id == "z");
    });
}

#[test]
fn a_pair_that_nobody_asked_for_is_found() {
    finds("has a code and no rule names it", async |scene, _| scene.rules.clear());
    finds("not_wanted: ", async |scene, _| scene.timeline = super::timeline::Timeline::default());
}

/// A rule that denies the account everything, and lets go of it
fn denial(account: &str) -> serde_json::Value {
    json!({"rule": "z", "effect": "deny", "products": "*", "accounts": {"account": account}, "revoke": "now"})
}

#[test]
fn what_is_denied_and_stays_in_use_is_found() {
    finds("let_go: ", async |scene, (_, account)| scene.put_rule("z", denial(account), false).await);
}

#[test]
fn what_was_taken_without_a_release_or_beyond_the_limit_is_found() {
    let take = async |scene: &mut Scene, account: &str| {
        scene.put_rule("z", denial(account), false).await;
        assert_eq!(settled(scene).await, Vec::<String>::new());
    };
    finds("unreleased: ", async move |scene, (_, account)| {
        take(scene, account).await;
        scene.releases.clear();
    });
    finds("over_limit: ", async move |scene, (_, account)| {
        take(scene, account).await;
        scene.limits.revocations = Some(0);
    });
}

#[test]
fn a_grant_that_the_ledger_forgot_is_found() {
    finds("is not known to it", async |scene, _| scene.story.ledger_emptied().await);
}

#[test]
fn a_lane_that_is_owed_a_look_is_found() {
    finds("was asked 999 times", async |scene, (license, _)| {
        let mut lane = item(scene, license, "LANE").await;
        lane.insert("wanted".to_owned(), AttributeValue::N("999".to_owned()));
        scene.story.ledger_put(lane).await;
    });
}

#[test]
fn a_pair_that_the_ledger_remembers_wrongly_is_found() {
    finds("has a PAIR item", async |scene, (license, account)| {
        let mut lane = item(scene, license, "LANE").await;
        lane.insert("sk".to_owned(), AttributeValue::S(format!("PAIR#{account}")));
        lane.insert("code".to_owned(), AttributeValue::S("REJECTED".to_owned()));
        lane.insert("since".to_owned(), AttributeValue::N("0".to_owned()));
        scene.story.ledger_put(lane).await;
    });
}

#[test]
fn a_dead_letter_and_a_message_that_is_not_in_quarantine_are_found() {
    finds("dead-letters has nonsense", async |scene, _| scene.story.message("dead-letters", "nonsense").await);
    finds("0 in quarantine", async |scene, _| scene.unreadable.push("nonsense".to_owned()));
}

#[test]
fn a_write_when_there_is_nothing_to_do_is_found() {
    with_room(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut scene, _) = in_order().await;
            assert_eq!(quiet(&mut scene).await, Vec::<String>::new());
            // What is wanted no longer is noted, and noting it is a write.
            scene.story.courier.delivery = crate::story::Delivery::ScheduleOnly;
            for rule in scene.rules.values() {
                let mut off = rule.meant.clone();
                off["enabled"] = json!(false);
                scene.story.with_rule(off).await;
            }
            let broken = quiet(&mut scene).await;
            assert!(broken.iter().any(|broken| broken.starts_with("quiet: ")), "{broken:?}");
        });
    });
}

#[test]
fn an_account_name_in_a_log_line_is_found() {
    let ears = Ears::listen();
    tracing::info!(target: "grant_engine", "account 1 is well");
    assert_eq!(ears.leaks(), Vec::<String>::new());
    tracing::info!(target: "grant_engine", "account kestrel-1 is well");
    assert_eq!(ears.leaks().len(), 1);
}

#[test]
fn a_message_that_waits_keeps_the_world_from_rest() {
    with_room(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut scene, _) = in_order().await;
            assert!(scene.is_at_rest(&[]));
            scene.story.message("triggers", "{\"job\": \"reconcile\"}").await;
            assert!(!scene.is_at_rest(&[]));
        });
    });
}

#[test]
fn more_grants_than_may_be_made_and_writes_during_a_pause_are_found() {
    with_room(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (scene, _) = runtime.block_on(in_order());
        scene.world().with(|state| {
            assert_eq!(super::judgement::over_budget(state, 1500), Vec::<String>::new());
            assert!(super::judgement::over_budget(state, 0).iter().any(|broken| broken.starts_with("over_budget: ")));
            assert_eq!(super::judgement::while_paused(state, &Spans::default()), Vec::<String>::new());
            let mut always = Spans::default();
            always.mark(0, true);
            let paused = super::judgement::while_paused(state, &always);
            assert!(paused.iter().any(|broken| broken.starts_with("while_paused: ")));
        });
    });
}

#[test]
fn an_entry_that_is_marked_while_a_rule_cannot_be_read_is_found() {
    with_room(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut scene, _) = in_order().await;
            let rules: Vec<String> = scene.rules.keys().cloned().collect();
            for id in rules {
                scene.rules.remove(&id);
                scene.story.without_rule(&id).await;
            }
            scene.note();
            scene.accept_shrink().await;
            scene.story.reconcile().await;
            scene.look_at_ledger().await;
            assert_eq!(scene.broken, Vec::<String>::new());
            // As if a rule had been beyond reading all the time.
            scene.unclear.mark(0, true);
            scene.look_at_ledger().await;
            assert!(scene.broken.iter().any(|broken| broken.starts_with("hasty: ")), "{:?}", scene.broken);
        });
    });
}

#[test]
fn a_pair_that_nobody_will_look_at_again_is_found() {
    let text = |of: &str| AttributeValue::S(of.to_owned());
    let number = |of: &str| AttributeValue::N(of.to_owned());
    let item = |of: &[(&str, AttributeValue)]| -> Item {
        of.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    };
    let pair = item(&[
        ("pk", text("LICENSE#l-1")),
        ("sk", text("PAIR#000000000101")),
        ("code", text("ACTIVATING")),
        ("next_look", number("60")),
    ]);
    let mut lane =
        item(&[("pk", text("LICENSE#l-1")), ("sk", text("LANE")), ("wanted", number("2")), ("done", number("2"))]);
    let broken = |lane: &Item| Ledger::read(&[pair.clone(), lane.clone()]).without_due();
    assert_eq!(broken(&lane).len(), 1);
    lane.insert("due_at".to_owned(), number("60"));
    assert_eq!(broken(&lane), Vec::<String>::new());
    lane.remove("due_at");
    lane.insert("done".to_owned(), number("1"));
    assert_eq!(broken(&lane), Vec::<String>::new());
}
