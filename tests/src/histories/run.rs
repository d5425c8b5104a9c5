//! One run of the lane function over one license, cut into turns

use std::collections::VecDeque;

use grant_plan::action::Action;
use grant_plan::call::Failure;
use grant_plan::entry::Entry;
use grant_plan::id::Intent;
use grant_plan::plan::{Plan, plan};
use grant_plan::reason::ReasonCode;
use grant_plan::snapshot::Remembered as PairMemory;
use grant_plan::step::{Answer, Ask, Context, Next, Outcome, Step};
use jiff::Timestamp;

use super::log::Log;
use super::sight::{Basis, Remembered};
use super::trouble::Trouble;
use super::world::{World, license_id, mix};

/// How long the lane function may run, in seconds: it is ended in whatever it does
pub(super) const TIME_LIMIT: i64 = 300;

/// After this many seconds it begins no further action
const SLICE: i64 = 240;

/// Looks per run: a second one when somebody changed the ledger between reading and writing
const LOOKS: usize = 2;

/// A run under way
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) license: usize,
    began: Timestamp,
    looks: usize,
    stage: Stage,
    /// What it found, once it is over
    pub(super) found: Option<Found>,
}

/// What a run leaves behind
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) plan: Plan,
    /// Actions it took up
    pub(super) actions: Vec<Action>,
}

#[derive(Debug, Clone)]
enum Stage {
    /// It has not looked yet
    Fresh,
    /// It has read the tables
    Remembers(Box<Remembered>),
    /// It waits for an answer
    Acts(Box<Acting>),
    Over,
}

#[derive(Debug, Clone)]
struct Acting {
    basis: Basis,
    plan: Plan,
    before: std::collections::BTreeMap<grant_plan::id::AccountId, PairMemory>,
    todo: VecDeque<(Action, Option<Entry>)>,
    taken: Vec<Action>,
    conflict: bool,
    current: Option<(Action, Step, Ask)>,
}

/// What a turn came to
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It was an ask
    Asked,
    /// It was a look or a part of one
    Looked,
    /// There was none left
    Over,
}

impl Run {
    pub(super) fn new(world: &World, license: usize) -> Self {
        Self { license, began: world.now, looks: 0, stage: Stage::Fresh, found: None }
    }

    /// Whether it has not even looked
    pub(super) fn is_fresh(&self) -> bool {
        matches!(self.stage, Stage::Fresh) && self.looks == 0
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// The ask that the next turn is about
    pub(super) fn ask(&self) -> Option<&Ask> {
        match &self.stage {
            Stage::Acts(acting) => acting.current.as_ref().map(|(_, _, ask)| ask),
            Stage::Fresh | Stage::Remembers(_) | Stage::Over => None,
        }
    }

    fn age(&self, world: &World) -> i64 {
        world.now.as_second().saturating_sub(self.began.as_second())
    }

    /// The function's process is gone
    pub(super) fn end(&mut self) {
        self.stage = Stage::Over;
    }

    /// Takes its next turn; `whole`: a look is one turn and not two
    pub(super) fn turn(&mut self, world: &mut World, whole: bool, trouble: Option<Trouble>, log: &mut Log) -> Turn {
        if self.age(world) > TIME_LIMIT {
            self.end();
        }
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Over => Turn::Over,
            Stage::Fresh => {
                self.looks += 1;
                if let Some(remembered) = world.remember(self.license) {
                    self.stage = Stage::Remembers(Box::new(remembered));
                }
                if whole { self.turn(world, whole, trouble, log) } else { Turn::Looked }
            }
            Stage::Remembers(remembered) => {
                self.look(world, &remembered, log);
                Turn::Looked
            }
            Stage::Acts(mut acting) => {
                if let Some((action, mut step, ask)) = acting.current.take() {
                    match world.carry(self.license, &acting.basis, &ask, trouble, log) {
                        Some(answer) => self.hear(world, acting, action, &mut step, answer, log),
                        None => self.end(),
                    }
                }
                Turn::Asked
            }
        }
    }

    fn look(&mut self, world: &mut World, remembered: &Remembered, log: &mut Log) {
        let snapshot = match world.see(remembered) {
            Ok(snapshot) => snapshot,
            Err(failure) => return blind(&failure, log),
        };
        world.note_heard(self.license, &remembered.basis);
        let plan = plan(&snapshot);
        for pair in plan.pairs.values() {
            log.coverage.code(pair.code);
        }
        for hold in &plan.holds {
            log.coverage.code(hold.code);
        }
        log.tell(|| format!("{} look at license {}:\n{}", world.now, self.license, plan.to_string().trim_end()));
        let actions = plan.actions.iter();
        let todo = actions.map(|action| (action.clone(), action.entry(&snapshot.entries).cloned())).collect();
        let acting = Acting {
            basis: remembered.basis.clone(),
            plan,
            before: snapshot.remembered,
            todo,
            taken: Vec::new(),
            conflict: false,
            current: None,
        };
        self.begin(world, Box::new(acting), log);
    }

    /// Takes up the next action that asks for something
    fn begin(&mut self, world: &mut World, mut acting: Box<Acting>, log: &mut Log) {
        while let Some((action, entry)) = acting.todo.pop_front() {
            if self.age(world) >= SLICE {
                break;
            }
            log.coverage.action(&action);
            acting.taken.push(action.clone());
            let context = Context {
                deployment: "main".parse().expect("a name"),
                license: license_id(world.purchase(self.license)),
            };
            let intent = intent(world);
            let (step, next) = Step::start(context, &action, entry.as_ref(), intent, world.seconds());
            match next {
                Next::Ask(ask) => {
                    acting.current = Some((action, step, ask));
                    self.stage = Stage::Acts(acting);
                    return;
                }
                Next::Done(outcome) => note(&mut acting, &action, &outcome, world),
            }
        }
        if acting.conflict && self.looks < LOOKS {
            self.stage = Stage::Fresh;
            return;
        }
        note_pairs(world, self.license, &acting);
        self.found = Some(Found { plan: acting.plan, actions: acting.taken });
        self.end();
    }

    fn hear(
        &mut self,
        world: &mut World,
        mut acting: Box<Acting>,
        action: Action,
        step: &mut Step,
        answer: Answer,
        log: &mut Log,
    ) {
        match step.next(answer, world.seconds()) {
            Next::Ask(ask) => {
                acting.current = Some((action, step.clone(), ask));
                self.stage = Stage::Acts(acting);
            }
            Next::Done(outcome) => {
                note(&mut acting, &action, &outcome, world);
                self.begin(world, acting, log);
            }
        }
    }
}

/// A world that cannot be seen ends the run; the lane looks again later
fn blind(failure: &Failure, log: &mut Log) {
    log.coverage.failure(failure);
    log.tell(|| format!("the world cannot be seen: {failure}"));
}

/// Carries what came of an action over to the pairs that wait for it
fn note(acting: &mut Acting, action: &Action, outcome: &Outcome, world: &World) {
    let key = action.key();
    let (code, detail) = match outcome {
        Outcome::Applied(code) => (*code, None),
        Outcome::Held { code, detail } => (*code, Some(detail.clone())),
        Outcome::Conflict => {
            acting.conflict = true;
            (ReasonCode::Retrying, None)
        }
    };
    for pair in acting.plan.pairs.values_mut().filter(|pair| pair.by.as_ref() == Some(&key)) {
        pair.code = code;
        pair.detail.clone_from(&detail);
        pair.next_look = code.next_look(world.seconds());
    }
}

/// Keeps since when pairs are as they are
fn note_pairs(world: &mut World, license: usize, acting: &Acting) {
    let since = world.seconds();
    let Some(memory) = world.ledger.get_mut(license) else { return };
    for (account, pair) in &acting.plan.pairs {
        let same = acting.before.get(account).is_some_and(|before| before.code == pair.code);
        if pair.code != ReasonCode::Active && !same {
            memory.pairs.insert(account.clone(), PairMemory { code: pair.code, since });
        }
    }
    let settled = |account: &grant_plan::id::AccountId| {
        acting.plan.pairs.get(account).is_none_or(|pair| pair.code == ReasonCode::Active)
    };
    for account in acting.before.keys().filter(|account| settled(account)) {
        memory.pairs.remove(account);
    }
    memory.waiting = acting.plan.waiting.clone();
}

/// A fresh intent: another one for each action of each run
fn intent(world: &mut World) -> Intent {
    world.intents += 1;
    let (one, other) = (mix(&[world.seed, world.intents]), mix(&[world.intents, world.seed, 1]));
    format!("{one:016x}{other:016x}").parse().expect("32 hexadecimal digits")
}
