//! What a person has the ledger say: another try, a ledger rebuilt, a grant taken over

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets something unexpected should stop there and say so"
)]
#![expect(dead_code, reason = "the world has verbs for other suites too")]

#[path = "world/small.rs"]
mod small;

#[path = "amend/adopted.rs"]
mod adopted;
#[path = "amend/consolidated.rs"]
mod consolidated;
#[path = "amend/rebuilt.rs"]
mod rebuilt;
#[path = "amend/retried.rs"]
mod retried;

use grant_plan::action::Action;
use grant_plan::plan::Plan;
use grant_plan::plan::amend::Proposal;
use grant_plan::reason::ReasonCode;

use small::{World, account};

/// The world once all that is proposed is written
fn written(mut world: World, proposal: &Proposal) -> World {
    for amendment in &proposal.amendments {
        let stood = world.snapshot.entries.get(&amendment.key).map(|entry| entry.revision);
        assert_eq!(amendment.expected, stood, "it is written over what was read");
        assert_eq!(amendment.entry.revision, stood.unwrap_or_default() + 1, "each write raises the revision");
        world.snapshot.entries.insert(amendment.key.clone(), amendment.entry.clone());
    }
    world
}

fn kinds(plan: &Plan) -> Vec<&'static str> {
    plan.actions.iter().map(Action::kind).collect()
}

fn code(plan: &Plan, number: u64) -> ReasonCode {
    plan.pairs[&account(number)].code
}

/// Why the only thing that stays as it is does so
fn why(proposal: &Proposal) -> &str {
    assert!(proposal.amendments.is_empty(), "{proposal:?}");
    let [left] = proposal.left.as_slice() else { panic!("{proposal:?}") };
    &left.why
}
