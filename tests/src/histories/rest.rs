//! Following a world until it comes to rest

use std::collections::BTreeMap;

use grant_plan::action::Action;
use grant_plan::entry::{Entry, EntryKey, Phase};
use grant_plan::id::AccountId;
use grant_plan::organization::Principal;
use grant_plan::plan::PairState;
use grant_plan::reason::{ReasonCode, Standing};

use super::fight::fought;
use super::judge::{self, Broken, COMES_TO_REST, STAYS_AT_REST};
use super::log::Log;
use super::run::{Found, Run, Turn};
use super::world::{World, mix};

/// The state of each account for one license
type States = BTreeMap<AccountId, PairState>;

/// Waits between looks, in seconds, when nobody calls for one earlier; the last one is the full reconcile's
const WAITS: [u64; 12] = [60, 120, 300, 360, 600, 900, 1800, 3600, 3600, 7200, 10_800, 21_600];

/// How many looks it may take: three activations on the ladder need eight hours, and four lives of a grant that fails for
/// good, each of some looks, bring it to the rung of a day; units that take turns and a renewal go through it one after the
/// other
const LOOKS: usize = 240;

/// The wait after a look that did something, in seconds
const AFTER_ACTING: u64 = 180;

/// One in so many histories ends in a fight
const FOUGHT_OVER: u64 = 16;

/// A little more than an hour, which is how long most refusals are remembered
const HOUR: u64 = 3700;
const DAY: u64 = 86_400;

/// Looks again and again without trouble until nothing is to be done, then judges what there is
pub(super) fn judged(mut world: World, log: &mut Log) -> Vec<Broken> {
    world.prompt = true;
    for request in std::mem::take(&mut world.inbox) {
        world.act_as_grantee(&request, log);
    }
    world.learn_organization();
    let mut waits = WAITS.iter().copied().chain(std::iter::repeat(21_600));
    let mut quiet = 0;
    for _ in 0..LOOKS {
        let writes = world.license_manager.writes().len();
        let found = look(&mut world, log);
        if !world.broken.is_empty() {
            return world.broken;
        }
        let wrote = world.license_manager.writes().len() > writes || world.license_manager.next_due().is_some();
        let wrote = wrote || judge::an_intent_is_open(&world);
        let of = |holds: fn(&Found) -> bool| found.iter().all(|found| found.as_ref().is_some_and(holds));
        let idle = of(|found| found.actions.is_empty());
        quiet = match () {
            () if !wrote && idle && of(rests) => quiet + 1,
            // Whoever is blocked is tried again now and then: a call that was refused changed nothing.
            () if !wrote && of(|found| found.actions.iter().all(Action::writes)) && !idle => quiet,
            () => 0,
        };
        // What somebody has to mend first is remembered for an hour: then it is seen whether it is mended.
        if idle && (quiet > 1 || (quiet == 1 && of(|found| !is_blocked(found)))) {
            return at_rest(world, found, log);
        }
        let wait = match quiet {
            // What was done shows in a moment.
            _ if !idle => AFTER_ACTING,
            0 => waits.next().unwrap_or(DAY),
            _ => HOUR,
        };
        world.wait(wait, log);
    }
    let found = look(&mut world, log);
    let mut entries = world.ledger.iter().flat_map(|memory| memory.entries.values());
    let some_fail = entries.any(|entry| entry.failed.count >= FAILS_FOR_GOOD);
    if some_fail && found.iter().enumerate().all(|(license, found)| goes_round(&world, license, found.as_ref())) {
        return Vec::new();
    }
    let plans: Vec<String> = found.iter().flatten().map(|found| found.plan.to_string()).collect();
    vec![Broken::new(COMES_TO_REST, format!("after {LOOKS} looks: {}", plans.join("; ")))]
}

fn at_rest(world: World, found: Vec<Option<Found>>, log: &mut Log) -> Vec<Broken> {
    log.coverage.course(&world.license_manager);
    let blocked = found.iter().flatten().any(is_blocked) || is_tried_daily(&world);
    let states: Vec<States> =
        found.into_iter().map(|found| found.map(|found| found.plan.pairs).unwrap_or_default()).collect();
    for pair in states.iter().flat_map(BTreeMap::values) {
        log.coverage.rest(pair.code);
    }
    let mut broken = judge::at_rest(&world, &states);
    // A few will do: it takes a hundred looks.
    if broken.is_empty() && !blocked && mix(&[world.seed, world.intents]).is_multiple_of(FOUGHT_OVER) {
        broken.extend(fought(world.clone(), log));
    }
    broken.extend(stays_at_rest(world, blocked, log));
    broken
}

/// Nothing is written a day later, where nobody is blocked: whoever is may be tried again now and then
pub(super) fn stays_at_rest(mut world: World, blocked: bool, log: &mut Log) -> Option<Broken> {
    let writes = world.license_manager.writes().len();
    world.wait(DAY, log);
    let found = look(&mut world, log);
    (world.license_manager.writes().len() > writes && !blocked).then(|| {
        let actions: Vec<String> = found.iter().flatten().map(|found| format!("{:?}", found.actions)).collect();
        Broken::new(STAYS_AT_REST, format!("a day later: {}", actions.join("; ")))
    })
}

/// Every pair and every grant that is left alone is in a state that may last
fn rests(found: &Found) -> bool {
    // What was noted as unwanted is due after a while, and no rule here has other edges.
    found.plan.next_edge.is_none()
        && found.plan.pairs.values().all(|pair| judge::may_rest(pair.code))
        && found.plan.holds.iter().all(|hold| judge::may_rest(hold.code))
        && found.plan.under_way.iter().all(|grant| judge::may_rest(grant.code))
}

/// Whether nothing moves but grants that License Manager fails again and again: each is made anew once a day, and in a
/// world with several there is always one on its way
fn goes_round(world: &World, license: usize, found: Option<&Found>) -> bool {
    let Some((found, memory)) = found.zip(world.ledger.get(license)) else { return false };
    let fails = |key: &EntryKey| memory.entries.get(key).is_some_and(|entry| entry.failed.count >= FAILS_FOR_GOOD);
    found.actions.iter().all(|action| fails(&action.key()))
        && found.plan.pairs.iter().all(|(account, pair)| {
            judge::may_rest(pair.code) || fails(&EntryKey::Grant(Principal::Account(account.clone())))
        })
}

/// Whether the ladder of some activation has come to its last rung, though no pair may be waiting for it
fn is_tried_daily(world: &World) -> bool {
    let mut entries = world.ledger.iter().flat_map(|memory| memory.entries.values());
    let is_refused = |entry: &Entry| match &entry.phase {
        // A refusal that settles the pair is looked into once a day.
        Phase::Refused { reason, .. } => *reason == ReasonCode::ManagementNotGrantable,
        Phase::Intended { .. } | Phase::Held { .. } | Phase::Closed { .. } => false,
    };
    entries.any(|entry| entry.activation.count > RUNGS || is_refused(entry))
}

/// Rungs of the ladder before the one of a day
const RUNGS: u32 = 3;

/// Lives of a grant that failed, after which it fails for good: the ladder has come to its last rung
const FAILS_FOR_GOOD: u32 = 4;

fn is_blocked(found: &Found) -> bool {
    let pairs = found.plan.pairs.values().map(|pair| pair.code);
    let grants = found.plan.under_way.iter().map(|grant| grant.code);
    pairs.chain(grants).any(|code| code.standing() == Standing::Blocked)
}

/// One run over each license, to its end
pub(super) fn look(world: &mut World, log: &mut Log) -> Vec<Option<Found>> {
    world.pass();
    (0..world.licenses.len())
        .map(|license| {
            let mut run = Run::new(world, license);
            while run.turn(world, true, None, log) != Turn::Over {}
            run.found
        })
        .collect()
}
