//! Runs that crash, lose replies, run at once and wake up late: a small model of the world, searched in full
//!
//! The plan and the steps are driven on a few lines of License Manager ([`model`]), and every place at which something
//! can go wrong does. In the end each account has one live grant, which is ACTIVE, and there is nothing left to do.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[expect(dead_code, reason = "the model tells its world by itself and needs few of the verbs")]
#[path = "world/small.rs"]
mod world;

#[path = "crash/model.rs"]
mod model;

use std::collections::BTreeSet;
use std::time::Duration;

use grant_plan::call::Failure;
use grant_plan::step::{Answer, Ask};
use grant_plan::time::{hours, minutes};

use model::{Habits, Outside, Run, settles, with_old_intents};

/// How one ask goes wrong
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    CrashBeforeTheEffect,
    CrashAfterTheEffect,
    CrashAfterTheAnswer,
    /// It worked, but the run is told that nobody answered
    LostReply,
    /// It never arrived
    LostCall,
    /// Turned away; for a ledger write: somebody else was first
    TurnedAway,
}

const FAULTS: [Fault; 6] = [
    Fault::CrashBeforeTheEffect,
    Fault::CrashAfterTheEffect,
    Fault::CrashAfterTheAnswer,
    Fault::LostReply,
    Fault::LostCall,
    Fault::TurnedAway,
];

/// Has one ask go wrong; whether the run lives on
fn go_wrong(fault: Fault, run: &mut Run, outside: &mut Outside) -> bool {
    let Some(ask) = run.ask().cloned() else { return false };
    let silence = Answer::Failed(Failure::unanswered(ask.operation(), "timed out".into()));
    match fault {
        Fault::CrashBeforeTheEffect => return false,
        Fault::CrashAfterTheEffect => {
            let _ = outside.perform(&ask);
            return false;
        }
        Fault::CrashAfterTheAnswer => {
            run.advance(outside);
            return false;
        }
        Fault::LostReply => {
            let _ = outside.perform(&ask);
            run.answer(silence, outside);
        }
        Fault::LostCall => run.answer(silence, outside),
        Fault::TurnedAway => {
            let answer = match &ask {
                Ask::Record { .. } => Answer::Conflict,
                Ask::Create(_)
                | Ask::Activate(_)
                | Ask::SwitchOff(_)
                | Ask::Delete { .. }
                | Ask::Find { .. }
                | Ask::Tell(_) => {
                    Answer::Failed(Failure::of_code(ask.operation(), "RateLimitExceededException", "slow down", false))
                }
            };
            run.answer(answer, outside);
        }
    }
    true
}

/// Runs again and again, `every` so often, until nothing is to be done; counts asks from the first run on
fn history(mut outside: Outside, every: Duration, faults: &[(usize, Fault)]) -> usize {
    let mut asks = 0;
    for _ in 0..400 {
        let plan = outside.plan();
        if settles(&plan) {
            end(&outside, faults);
            return asks;
        }
        let mut run = Run::of(plan, &mut outside);
        while run.ask().is_some() {
            let fault = faults.iter().find(|(at, _)| *at == asks);
            asks += 1;
            let lives = match fault {
                Some((_, fault)) => go_wrong(*fault, &mut run, &mut outside),
                None => run.advance(&mut outside),
            };
            if !lives {
                break;
            }
        }
        outside.wait(every);
    }
    panic!("it does not settle after {faults:?}: {outside:#?}\n{}", outside.plan());
}

/// What must hold when all is settled, now and for ever
fn end(outside: &Outside, what: impl std::fmt::Debug) {
    assert!(outside.is_right(), "after {what:?}: {outside:#?}");
    let mut tomorrow = outside.clone();
    tomorrow.wait(hours(24));
    assert!(tomorrow.is_settled(), "after {what:?}: {}", tomorrow.plan());
}

#[test]
fn without_faults_two_runs_are_enough_and_a_third_has_nothing_to_do() {
    for habits in Habits::all() {
        let mut outside = Outside::new(habits);
        for _ in 0..2 {
            let mut run = Run::start(&mut outside);
            while run.advance(&mut outside) {}
            outside.wait(minutes(6));
        }
        assert!(outside.is_settled(), "{outside:#?}\n{}", outside.plan());
        end(&outside, habits);
    }
}

#[test]
fn a_fault_at_any_ask_is_mended_by_the_runs_that_follow() {
    let mut histories = 0;
    for habits in Habits::all() {
        let calm = history(Outside::new(habits), minutes(6), &[]);
        // Intent, call and record, then attempt and call, or request and telling, for each of two accounts.
        assert!((10..=14).contains(&calm), "{calm} asks");
        for at in 0..calm {
            for fault in FAULTS {
                history(Outside::new(habits), minutes(6), &[(at, fault)]);
                histories += 1;
            }
        }
    }
    assert!(histories >= 16 * 10 * 6, "{histories}");
}

#[test]
fn any_two_faults_are_mended_too() {
    let mut histories = 0;
    // The most forgetful service and the strictest one; those between are in the other searches.
    let extreme = |habits: &Habits| habits.accepts_by_itself && habits.remembers_tokens == habits.refuses_duplicates;
    for habits in Habits::all().into_iter().filter(extreme) {
        let calm = history(Outside::new(habits), minutes(6), &[]);
        for first in 0..calm {
            for second in first + 1..first + 8 {
                for (one, other) in FAULTS.iter().flat_map(|one| FAULTS.iter().map(move |other| (*one, *other))) {
                    history(Outside::new(habits), minutes(6), &[(first, one), (second, other)]);
                    histories += 1;
                }
            }
        }
    }
    assert!(histories >= 4 * 10 * 7 * 36, "{histories}");
}

#[test]
fn listings_that_lag_by_less_than_the_wait_make_no_second_grant() {
    for habits in Habits::all() {
        let habits = Habits { lag: minutes(4), ..habits };
        let calm = history(Outside::new(habits), minutes(2), &[]);
        for at in 0..calm {
            for fault in FAULTS {
                history(Outside::new(habits), minutes(2), &[(at, fault)]);
            }
        }
    }
}

#[test]
fn grants_whose_making_was_never_recorded_are_found_and_not_made_again() {
    for habits in Habits::all() {
        for calls_made in [true, false] {
            let outside = with_old_intents(habits, calls_made);
            let known = outside.plan();
            assert_eq!(known.actions.len(), 2, "{known}");
            history(outside, minutes(6), &[]);
        }
    }
}

/// One of two runs in an interleaving: it looks, and then does its asks
#[derive(Debug, Clone)]
enum Hand {
    NotYet,
    At(Box<Run>, usize),
}

impl Hand {
    /// Takes its next turn; `None` when it has none left
    fn turn(&self, outside: &Outside, most: usize) -> Option<(Self, Outside)> {
        let mut outside = outside.clone();
        match self {
            Self::NotYet => {
                let run = Run::start(&mut outside);
                Some((Self::At(Box::new(run), 0), outside))
            }
            Self::At(_, asked) if *asked == most => None,
            Self::At(run, asked) => {
                let mut run = run.clone();
                run.advance(&mut outside).then(|| (Self::At(run, asked + 1), outside))
            }
        }
    }

    fn finish(&mut self, outside: &mut Outside) {
        if let Self::At(run, _) = self {
            while run.advance(outside) {}
        }
    }
}

/// Every order of the turns of two runs; the second one to look is the right-hand one, since they are alike
fn interleave(outside: &Outside, hands: [&Hand; 2], ends: &mut BTreeSet<String>, orders: &mut usize) {
    const MOST: usize = 6;
    let [left, right] = hands;
    let from_left = left.turn(outside, MOST);
    let right_may = !matches!(left, Hand::NotYet);
    let from_right = right.turn(outside, MOST).filter(|_| right_may);
    if from_left.is_none() && from_right.is_none() {
        *orders += 1;
        for finish in [true, false] {
            let (mut left, mut right, mut outside) = (left.clone(), right.clone(), outside.clone());
            if finish {
                left.finish(&mut outside);
                right.finish(&mut outside);
            }
            outside.wait(minutes(6));
            // Many orders end alike; each end is followed up once.
            if ends.insert(format!("{outside:?}")) {
                history(outside, minutes(6), &[]);
            }
        }
    }
    if let Some((left, outside)) = from_left {
        interleave(&outside, [&left, right], ends, orders);
    }
    if let Some((right, outside)) = from_right {
        interleave(&outside, [left, &right], ends, orders);
    }
}

#[test]
fn two_runs_at_once_in_any_order_make_one_grant_for_each_account() {
    for habits in Habits::all().into_iter().filter(|habits| habits.accepts_by_itself == habits.grantor_may_activate) {
        let mut ends = BTreeSet::new();
        let mut orders = 0;
        let starts = [Outside::new(habits), with_old_intents(habits, false), with_old_intents(habits, true)];
        for outside in &starts {
            interleave(outside, [&Hand::NotYet, &Hand::NotYet], &mut ends, &mut orders);
        }
        assert!(orders > 300 && ends.len() > 6, "{orders} orders, {} ends", ends.len());
    }
}

#[test]
fn a_run_that_wakes_up_late_does_no_harm() {
    // Where the service neither knows the token again nor refuses a duplicate, nothing but the time limit of a run
    // keeps a call that is sent late from making a second grant.
    for habits in Habits::all().into_iter().filter(|habits| habits.remembers_tokens || habits.refuses_duplicates) {
        for starts in 0..3 {
            for slept_at in 0..12 {
                let mut outside = match starts {
                    0 => Outside::new(habits),
                    1 => with_old_intents(habits, false),
                    _ => with_old_intents(habits, true),
                };
                let mut late = Run::start(&mut outside);
                for _ in 0..slept_at {
                    late.advance(&mut outside);
                }
                outside.wait(minutes(6));
                let mut meanwhile = Run::start(&mut outside);
                while meanwhile.advance(&mut outside) {}
                while late.advance(&mut outside) {}
                outside.wait(minutes(6));
                history(outside, minutes(6), &[]);
            }
        }
    }
}
