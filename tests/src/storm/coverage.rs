//! What storms and histories met on their way, counted: a check that never saw the thing it checks proves nothing

use std::collections::BTreeMap;
use std::fmt;

use grant_plan::reason::ReasonCode;
use pretend_aws::license_manager::Transition;
use pretend_aws::{Faults, Knobs};
use serde::Serialize;

/// What kind of thing is counted
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Faults that struck, by `pretend_aws::Fault`
    Fault,
    /// Changes of a grant's status in License Manager, by `pretend_aws::license_manager::Transition`
    Transition,
    /// Actions that plans held, by the variants of `grant_plan::action::Action`
    Action,
    /// Codes that pairs or grants were in, by `ReasonCode::as_str`
    Reason,
    /// What people and AWS did meanwhile
    Happening,
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Fault => "fault",
            Self::Transition => "transition",
            Self::Action => "action",
            Self::Reason => "reason",
            Self::Happening => "happening",
        })
    }
}

/// Counts by subject and name; the counts of several runs add up
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Wire seeds that were run
    pub seeds: u64,
    /// Protocol histories that were run
    pub histories: u64,
    /// How often each thing was met
    pub counts: BTreeMap<Subject, BTreeMap<String, u64>>,
    /// In how many seeds two answers to open questions met: places of knobs and outcomes in `Knobs::catalog`
    #[serde(skip)]
    pub(super) pairs: BTreeMap<[Answer; 2], u64>,
}

/// Which knob, and which of its outcomes
pub(super) type Answer = (usize, usize);

impl Coverage {
    /// Counts something
    pub fn add(&mut self, subject: Subject, what: impl Into<String>, times: u64) {
        *self.counts.entry(subject).or_default().entry(what.into()).or_default() += times;
    }

    /// Counts the answers of one world, pair by pair
    pub fn answered(&mut self, choices: &[(&'static str, usize)]) {
        let answers: Vec<Answer> = choices.iter().map(|(_, outcome)| *outcome).enumerate().collect();
        for (index, one) in answers.iter().enumerate() {
            for other in answers.iter().skip(index + 1) {
                *self.pairs.entry([*one, *other]).or_default() += 1;
            }
        }
    }

    /// In how many seeds every two answers met, the rarest first
    fn meetings(&self) -> Vec<(u64, String)> {
        let knobs = Knobs::catalog();
        let answers: Vec<(Answer, String)> = knobs
            .iter()
            .enumerate()
            .flat_map(|(place, knob)| {
                let outcomes = knob.outcomes.iter().enumerate();
                outcomes.map(move |(at, outcome)| ((place, at), format!("{}={}", knob.name, outcome.value)))
            })
            .collect();
        let mut meetings = Vec::new();
        for (index, (one, name)) in answers.iter().enumerate() {
            for (other, other_name) in answers.iter().skip(index + 1).filter(|(other, _)| other.0 != one.0) {
                let seeds = self.pairs.get(&[*one, *other]).copied().unwrap_or_default();
                meetings.push((seeds, format!("{name} & {other_name}")));
            }
        }
        meetings.sort();
        meetings
    }

    /// Takes over the codes that protocol histories met
    pub fn codes_of_histories(&mut self, codes: &BTreeMap<&'static str, u64>) {
        for (code, times) in codes {
            self.add(Subject::Reason, *code, *times);
        }
    }

    /// How often something was met
    #[must_use]
    pub fn of(&self, subject: Subject, what: &str) -> u64 {
        self.counts.get(&subject).and_then(|counts| counts.get(what)).copied().unwrap_or_default()
    }

    /// Takes over what another run met
    pub fn merge(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.histories += other.histories;
        for (pair, seeds) in other.pairs {
            *self.pairs.entry(pair).or_default() += seeds;
        }
        for (subject, counts) in other.counts {
            for (what, times) in counts {
                self.add(subject, what, times);
            }
        }
    }
}

/// Kinds of actions, as `grant_plan::action::Action::kind` names them, but `note_contested`: that people undo the same thing
/// three times within a day is rare in a storm, and histories have a fight of their own
const ACTIONS: [&str; 11] = [
    "create",
    "repeat",
    "record",
    "activate",
    "ask_grantee",
    "delete_failed",
    "close",
    "note_unwanted",
    "switch_off",
    "note_terms",
    "note_served",
];

/// How often each kind of fault has to strike
const STRIKES: u64 = 100;
/// In how many seeds every pair of answers has to meet
const MEETINGS: u64 = 30;
/// How many of a hundred reason codes have to be met
const CODES: usize = 90;
/// Codes of worlds that no storm makes; scenarios do: here acceptance is always the hub's
const ELSEWHERE: [ReasonCode; 1] = [ReasonCode::MemberBusClosed];

/// The codes that storms and histories can meet
fn codes() -> impl Iterator<Item = &'static str> {
    ReasonCode::ALL.iter().filter(|code| !ELSEWHERE.contains(code)).map(|code| code.as_str())
}

impl Coverage {
    /// What was not met, or not often enough, to say that the proof is one; for a thousand seeds and more
    #[must_use]
    pub fn lacks(&self) -> Vec<String> {
        let mut lacks = Vec::new();
        for fault in Faults::catalog() {
            let fault = format!("{:?}", fault.fault);
            let struck = self.of(Subject::Fault, &fault);
            if struck < STRIKES {
                lacks.push(format!("fault {fault} struck {struck} times, {STRIKES} are wanted"));
            }
        }
        let actions = ACTIONS.iter().filter(|kind| self.of(Subject::Action, kind) == 0);
        lacks.extend(actions.map(|kind| format!("no action was of kind {kind}")));
        let missed = self.codes_missed();
        let all = codes().count();
        if missed.len() * 100 > all * (100 - CODES) {
            lacks.push(format!("of {all} reason codes these were not met: {}", missed.join(", ")));
        }
        let rare: Vec<_> = self.meetings().into_iter().filter(|(seeds, _)| *seeds < MEETINGS).collect();
        if let Some((seeds, pair)) = rare.first() {
            lacks.push(format!("{} pairs of answers met in less than {MEETINGS} seeds: {pair} in {seeds}", rare.len()));
        }
        for transition in Transition::ALL {
            if self.of(Subject::Transition, &format!("{transition:?}")) == 0 {
                lacks.push(format!("transition {transition:?} was never gone through"));
            }
        }
        lacks
    }

    /// Reason codes that nothing was ever in
    #[must_use]
    pub fn codes_missed(&self) -> Vec<&'static str> {
        codes().filter(|code| self.of(Subject::Reason, code) == 0).collect()
    }
}

/// The table that people read: one line per thing; of pairs of answers how many and the rarest
impl fmt::Display for Coverage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (subject, counts) in &self.counts {
            for (what, times) in counts {
                writeln!(formatter, "{:<11}{what:<44}{times:>10}", subject.to_string())?;
            }
        }
        let meetings = self.meetings();
        if let Some((seeds, pair)) = meetings.first() {
            writeln!(formatter, "{} pairs of answers, the rarest in {seeds} seeds: {pair}", meetings.len())?;
        }
        let missed = self.codes_missed();
        let all = codes().count();
        let met = all - missed.len();
        writeln!(formatter, "reason codes met: {met} of {all}, not met: {}", missed.join(", "))
    }
}
