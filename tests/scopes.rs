//! Reconciling scope by scope ends where reconciling everything ends
//!
//! Events only say where to look, and come doubled, late, in any order or never. So whatever has changed, it must not
//! matter whether Grantway hears of each part by itself, in whichever order, or of nothing until the schedule's full
//! reconcile. Each seed is one small world, made several times: in one the schedule's full reconcile comes and no event
//! at all; in the others the scopes are raised one by one, by the messages that AWS would send, and no full reconcile
//! comes. When all have come to rest they must hold the same grants for the same reasons.
#![expect(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "scopes/change.rs"]
mod change;
#[path = "scopes/outcome.rs"]
mod outcome;
#[path = "scopes/rules.rs"]
mod rules;
#[path = "scopes/sample.rs"]
mod sample;
#[path = "scopes/scene.rs"]
mod scene;

use std::collections::BTreeSet;
use std::time::Duration;

use change::Untold;
use distribute_grants::trigger::Scope;
use grantway_tests::story::Delivery;
use outcome::Outcome;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use scene::Scene;

/// How a world stands when the first message comes
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beginning {
    /// Grantway was deployed and has looked at nothing
    Fresh,
    /// What Grantway made is there, and its ledger is empty
    Forgotten,
    /// All was settled, and then accounts moved, came and went
    AccountsChanged,
    /// All was settled, and then agreements, grants and rules became others
    LicensesChanged,
}

/// How Grantway comes to hear of it
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By the schedule's full reconcile
    Reconcile,
    /// By each scope once, in the order of this number
    Scopes(u64),
}

/// What became of one world
struct Ending {
    outcome: Outcome,
    told: Vec<String>,
    /// What is wrong with it whatever the other ways end in
    broken: Vec<String>,
}

/// Worlds of each beginning
const SEEDS: u64 = 10;

/// By then a sweep has read every account's tags anew, whether or not anything told of them
const TAGS_COME_AROUND: Duration = Duration::from_secs(25 * 3600);

/// By then every license is provisioned and every workflow over that is not stuck
const LONGEST_WORKFLOW: Duration = Duration::from_secs(3 * 3600);

async fn play(seed: u64, beginning: Beginning, way: Way) -> Ending {
    let mut scene = Scene::open(seed).await;
    let untold = Box::pin(begin(&mut scene, beginning)).await;
    scene.story.courier.failures.clear();
    match way {
        Way::Reconcile => scene.story.reconcile().await,
        Way::Scopes(order) => {
            scene.story.courier.delivery = Delivery::Once;
            let mut order = StdRng::seed_from_u64(seed ^ (order << 32));
            let scopes = match beginning {
                Beginning::Fresh | Beginning::Forgotten => {
                    let every = scene.scopes(&mut order);
                    every.into_iter().map(|scope| Untold { scope, old: None }).collect()
                }
                Beginning::AccountsChanged | Beginning::LicensesChanged => shuffled(untold, &mut order),
            };
            let mut tags_read = beginning == Beginning::AccountsChanged || beginning == Beginning::LicensesChanged;
            for one in scopes {
                if !tags_read && !matches!(one.scope, Scope::Agreement(_)) {
                    scene.story.sweep().await;
                    tags_read = true;
                }
                scene.tell(format!("raised: {}", one.scope));
                scene.raise(&mut order, &one.scope, one.old.as_ref()).await;
                match order.random_range(0..4) {
                    0 => scene.wait(Duration::from_secs(order.random_range(1..=1_200))).await,
                    1 => scene.story.sweep().await,
                    _ => {}
                }
            }
        }
    }
    if scene.tags_changed {
        Box::pin(scene.story.pass_sweeping(TAGS_COME_AROUND, Duration::from_secs(1_800))).await;
    }
    let mut broken = Vec::new();
    if !scene.rest().await {
        let unrest = scene.unrest().await;
        broken.extend(unrest.iter().map(|line| format!("{way:?}: {} not at rest: {line}", scene.story.world().now())));
    }
    let outcome = Outcome::of(&scene.story).await;
    // Whichever way it came to rest, a full reconcile finds nothing to do.
    scene.story.forget_calls();
    scene.story.reconcile().await;
    if !scene.rest().await {
        broken.push(format!("{way:?}: not at rest after one more full reconcile"));
    }
    let writes = scene.story.world().with(|state| state.calls.of("LicenseManager").write);
    if writes > 0 {
        broken.push(format!("{way:?}: one more full reconcile made {writes} writing calls to License Manager"));
    }
    let later = Outcome::of(&scene.story).await.differences(&outcome);
    broken.extend(later.iter().map(|line| format!("{way:?}: after and before one more full reconcile: {line}")));
    broken.extend(scene.story.courier.failures.iter().map(|failure| format!("{way:?}: {failure}")));
    Ending { outcome, told: scene.told, broken }
}

/// In any order, but for edits of one rule, which a Stream keeps in theirs
fn shuffled(untold: Vec<Untold>, order: &mut StdRng) -> Vec<Untold> {
    let mut shuffled = untold.clone();
    shuffled.shuffle(order);
    let edits: Vec<usize> =
        (0..shuffled.len()).filter(|at| matches!(shuffled[*at].scope, Scope::Policy { .. })).collect();
    let in_order = untold.into_iter().filter(|one| matches!(one.scope, Scope::Policy { .. }));
    for (at, edit) in edits.into_iter().zip(in_order) {
        shuffled[at] = edit;
    }
    shuffled
}

/// Brings a world to where the messages begin; answers what was not told
async fn begin(scene: &mut Scene, beginning: Beginning) -> Vec<Untold> {
    if beginning == Beginning::Fresh {
        return Vec::new();
    }
    scene.story.reconcile().await;
    assert!(scene.rest().await, "not settled to begin with: {:?}", scene.told);
    if beginning == Beginning::Forgotten {
        scene.story.ledger_emptied().await;
        // License Manager ends what it began, which nobody waits for any more.
        scene.wait(LONGEST_WORKFLOW).await;
        return Vec::new();
    }
    let mut untold = Vec::new();
    for _ in 0..scene.random.random_range(1..=4) {
        untold.extend(match beginning {
            Beginning::LicensesChanged => Box::pin(change::of_licenses(scene)).await,
            Beginning::AccountsChanged | Beginning::Fresh | Beginning::Forgotten => {
                Box::pin(change::of_accounts(scene)).await
            }
        });
    }
    scene.wait(LONGEST_WORKFLOW).await;
    untold
}

/// Plays every seed by a full reconcile and by scopes in two orders, and compares where they end
async fn compare(beginning: Beginning, seeds: impl Iterator<Item = u64>) {
    let (mut wrong, mut codes, mut with_grants, mut count) = (Vec::new(), BTreeSet::new(), 0, 0);
    for seed in seeds {
        count += 1;
        let whole = play(seed, beginning, Way::Reconcile).await;
        codes.extend(whole.outcome.codes().into_iter().map(str::to_owned));
        with_grants += usize::from(whole.outcome.has_grants());
        let mut broken = whole.broken;
        for order in 1..=2 {
            let parts = play(seed, beginning, Way::Scopes(order)).await;
            let differences = whole.outcome.differences(&parts.outcome);
            broken.extend(differences.iter().map(|line| format!("full reconcile and order {order}: {line}")));
            broken.extend(parts.broken);
            if !broken.is_empty() {
                broken.extend(parts.told);
                break;
            }
        }
        if !broken.is_empty() {
            wrong.push(format!("seed {seed}, {beginning:?}:\n  {}", broken.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {count} seeds:\n{}", wrong.len(), wrong.join("\n"));
    assert!(codes.len() >= 5, "only {codes:?} were met");
    assert!(with_grants * 3 > count, "only {with_grants} of {count} worlds had any grant");
}

#[tokio::test]
async fn from_nothing() {
    compare(Beginning::Fresh, 0..SEEDS).await;
}

#[tokio::test]
async fn from_an_empty_ledger() {
    compare(Beginning::Forgotten, 0..SEEDS).await;
}

#[tokio::test]
async fn after_accounts_changed() {
    compare(Beginning::AccountsChanged, 0..SEEDS).await;
}

#[tokio::test]
async fn after_agreements_grants_and_rules_changed() {
    compare(Beginning::LicensesChanged, 0..SEEDS).await;
}
