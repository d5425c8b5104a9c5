//! What has happened before a history begins, so that every kind of action has its turn

use pretend_aws::license_manager::{GrantStatus, LicenseStatus};
use rand::rngs::StdRng;

use super::draw::{any, pick};
use super::log::Log;
use super::people;
use super::rest::look;
use super::run::{Run, Turn};
use super::scene;
use super::trouble::Trouble;
use super::world::World;

/// How a history may begin
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prelude {
    /// Nothing was done yet
    Nothing,
    /// An intent was written and its call never made
    CallsNotMade,
    /// Grants were made and no answer was heard
    AnswersLost,
    /// Grants were made and have arrived
    Arrived,
    /// Their distribution failed
    Failed,
    /// Everything was at rest, and then somebody or something changed it
    Changed,
    /// As `CallsNotMade`, and nobody asks any more
    IntentsUnwanted,
}

const PRELUDES: [Prelude; 10] = [
    Prelude::Nothing,
    Prelude::Nothing,
    Prelude::CallsNotMade,
    Prelude::AnswersLost,
    Prelude::Arrived,
    Prelude::Failed,
    Prelude::Changed,
    Prelude::Changed,
    Prelude::Changed,
    Prelude::IntentsUnwanted,
];

/// Beyond any listing's lag, in seconds
const LONG: u64 = 400;

/// Has something happen first
pub(super) fn play(world: &mut World, dice: &mut StdRng, log: &mut Log) {
    let prelude = *pick(dice, &PRELUDES);
    log.tell(|| format!("before: {prelude:?}"));
    match prelude {
        Prelude::Nothing => {}
        Prelude::CallsNotMade => with(world, Trouble::LostCall, log),
        Prelude::AnswersLost => with(world, Trouble::LostReply, log),
        Prelude::Arrived => {
            look(world, log);
            world.wait(world.knobs.workflow_seconds + LONG, log);
        }
        Prelude::Failed => {
            look(world, log);
            fail_some(world, log);
            world.wait(world.knobs.workflow_seconds + LONG, log);
        }
        Prelude::Changed => {
            for _ in 0..4 {
                look(world, log);
                world.wait(world.knobs.workflow_seconds + LONG, log);
            }
            people::act(world, dice, log);
            if *pick(dice, &[true, false]) {
                world.wait(world.knobs.workflow_seconds + LONG, log);
            }
        }
        Prelude::IntentsUnwanted => {
            with(world, Trouble::LostCall, log);
            let rules = scene::rules(world, dice);
            world.rule(rules);
        }
    }
}

/// A run whose every CreateGrant comes to this
fn with(world: &mut World, trouble: Trouble, log: &mut Log) {
    for license in 0..world.licenses.len() {
        let mut run = Run::new(world, license);
        loop {
            let creates = matches!(run.ask(), Some(grant_plan::step::Ask::Create(_)));
            if run.turn(world, true, creates.then_some(trouble), log) == Turn::Over {
                break;
            }
        }
    }
    world.wait(LONG, log);
}

/// Workflows that are running end in FAILED_WORKFLOW
pub(super) fn fail_some(world: &mut World, log: &mut Log) {
    let running: Vec<String> = world
        .license_manager
        .grants()
        .filter(|grant| grant.status == GrantStatus::PendingWorkflow)
        .map(|grant| grant.arn.clone())
        .collect();
    for arn in running {
        if world.license_manager.fail_workflow(&arn, "Distribution failed") {
            log.coverage.deed("workflow fails");
        }
    }
}

/// A license whose status is one of these
pub(super) fn ended(world: &World, dice: &mut StdRng) -> Option<String> {
    let ended: Vec<String> = world
        .licenses
        .iter()
        .filter(|purchase| {
            let license = world.license_manager.license(&purchase.license);
            license.is_some_and(|license| license.status != LicenseStatus::Available)
        })
        .map(|purchase| purchase.license.clone())
        .collect();
    any(dice, &ended).cloned()
}
