//! Wire storms: the whole engine in small random worlds, judged by checkers that share nothing with it
//!
//! One seed is one world: an organization, what it buys, rules, answers to the open questions about AWS, faults, and
//! people who act at any moment. Then faults stop, time passes, and what is left has to be right.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "only proofs run storms; one that cannot go on should stop there"
)]

mod acts;
mod chance;
pub mod coverage;
pub mod crew;
mod happening;
mod judgement;
mod justified;
mod ledger;
mod listening;
mod people;
mod rules;
mod scene;
mod spans;
mod stage;
mod taking;
#[cfg(test)]
mod tests;
mod timeline;
mod trouble;

use std::collections::BTreeMap;
use std::time::Duration;

use pretend_aws::calls::Call;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

pub use coverage::{Coverage, Subject};
pub use happening::Happening;
use listening::Ears;
use scene::Scene;

use crate::story::{Item, text};

/// What became of one seed, or of one history
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// What was broken, for people; empty when all is well
    pub broken: Vec<String>,
    /// What was met on the way
    pub coverage: Coverage,
    /// What happened, line by line
    pub told: Vec<String>,
    /// Every call of Grantway
    pub calls: Vec<Call>,
}

/// Within which time everything has to be right once the storm is over: what is tried once a day may take two tries
const PATIENCE: Duration = Duration::from_secs(96 * 3600);

/// Dice of their own for what is taken back: the rest of a seed is the same without
const TAKEN_BACK: u64 = 0x7461_6b65;

/// Plays one seed
pub async fn play(seed: u64) -> Verdict {
    let ears = Ears::listen();
    let mut scene = Scene::open(seed).await;
    let mut aside = StdRng::seed_from_u64(seed ^ TAKEN_BACK);
    for _ in 0..scene.random.random_range(6..=15) {
        scene.deliver_somehow();
        let happening = Happening::draw(&mut scene.random);
        scene.happen(happening).await;
        if aside.random_bool(0.15) {
            scene.take_back(&mut aside).await;
        }
        scene.story.pump().await;
        scene.revive();
        scene.wait().await;
        scene.look_at_ledger().await;
    }
    let mut broken = settled(&mut scene).await;
    scene.look_at_ledger().await;
    broken.append(&mut scene.broken);
    if broken.is_empty() && !scene.in_vain {
        broken = quiet(&mut scene).await;
    }
    let world = scene.world();
    broken.extend(ears.leaks());
    ears.count(&mut scene.coverage);
    world.with(|state| {
        for (fault, times) in state.faults.happened() {
            scene.coverage.add(Subject::Fault, format!("{fault:?}"), *times);
        }
        for (transition, times) in state.license_manager.transitions() {
            scene.coverage.add(Subject::Transition, format!("{transition:?}"), *times);
        }
        scene.calls.extend_from_slice(state.calls.log());
    });
    Verdict { broken, coverage: scene.coverage, told: scene.told, calls: scene.calls }
}

/// The storm ends and time passes; answers what is still not right when patience ends
async fn settled(scene: &mut Scene) -> Vec<String> {
    scene.calm().await;
    scene.accept_shrink().await;
    scene.story.pump().await;
    let began = scene.world().now();
    // What no event told of is found by the schedule's full reconcile, which comes within six hours.
    scene.story.reconcile().await;
    let mut step = Duration::from_secs(15 * 60);
    loop {
        scene.story.pass_sweeping(step, step).await;
        let waited = scene.world().now().duration_since(began).unsigned_abs();
        let late = waited >= PATIENCE;
        scene.look_at_releases().await;
        let plans = scene.story.plans().await;
        // Until the world is at rest, the judgement is not worth its price.
        if scene.is_at_rest(&plans) || late {
            let broken = scene.judged(&plans).await;
            if broken.is_empty() || late {
                scene.tell(|_| format!("settled after {} minutes", waited.as_secs() / 60));
                return broken;
            }
        }
        step = (step * 3 / 2).min(Duration::from_secs(2 * 3600));
    }
}

/// Two more full reconciles: the first may count what came last and learn where it came from, the second does nothing
async fn quiet(scene: &mut Scene) -> Vec<String> {
    // What a person began shortly before the storm was over may have come about since, and no event tells of it.
    if scene.by_hand() != scene.left_by_hand {
        scene.story.reconcile().await;
    }
    let mut broken = Vec::new();
    let before = of_licenses(scene).await;
    let first = writes_of_a_reconcile(scene).await;
    let elsewhere: Vec<&String> = first.iter().filter(|call| !call.starts_with("DynamoDb ")).collect();
    if !elsewhere.is_empty() {
        broken.push(format!("quiet: one more full reconcile wrote {elsewhere:?}"));
    }
    if of_licenses(scene).await != before {
        broken.push("quiet: one more full reconcile wrote of grants and pairs".to_owned());
    }
    let second = writes_of_a_reconcile(scene).await;
    if !second.is_empty() {
        broken.push(format!("quiet: the full reconcile after that wrote {second:?}"));
    }
    broken
}

/// What the ledger holds of grants and pairs, by its keys
async fn of_licenses(scene: &Scene) -> BTreeMap<(String, String), Item> {
    let items = scene.story.ledger().await.into_iter();
    let keyed = items.map(|item| ((text(&item, "pk").to_owned(), text(&item, "sk").to_owned()), item));
    keyed.filter(|((pk, sk), _)| pk.starts_with("LICENSE#") && sk != "LANE").collect()
}

async fn writes_of_a_reconcile(scene: &mut Scene) -> Vec<String> {
    let world = scene.world();
    world.with(|state| {
        scene.calls.extend_from_slice(state.calls.log());
        state.calls.clear();
    });
    scene.story.reconcile().await;
    world.with(|state| {
        let ledger = ["PutItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"];
        let wrote = |call: &&Call| match call.service.as_str() {
            "LicenseManager" | "Organizations" | "Marketplace" | "Sts" => call.write,
            "DynamoDb" => ledger.contains(&call.operation.as_str()),
            _ => false,
        };
        let wrote = state.calls.log().iter().filter(wrote);
        wrote.map(|call| format!("{} {}", call.service, call.operation)).collect()
    })
}
