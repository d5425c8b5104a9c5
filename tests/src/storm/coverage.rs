//! What storms and histories met on their way, counted: a check that never saw the thing it checks proves nothing

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// What kind of thing is counted
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Faults that struck, by `pretend_aws::Fault`
    Fault,
    /// Changes of a grant's status in License Manager, `FROM -> TO`
    Transition,
    /// Actions that plans held, by the variants of `grant_plan::action::Action`
    Action,
    /// Codes that pairs or grants were in, by `ReasonCode::as_str`
    Reason,
    /// What people and AWS did meanwhile
    Happening,
    /// Seeds that had these two answers to open questions at once, `knob=answer & knob=answer`
    KnobPair,
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Fault => "fault",
            Self::Transition => "transition",
            Self::Action => "action",
            Self::Reason => "reason",
            Self::Happening => "happening",
            Self::KnobPair => "knob pair",
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
}

impl Coverage {
    /// Counts something
    pub fn add(&mut self, subject: Subject, what: impl Into<String>, times: u64) {
        *self.counts.entry(subject).or_default().entry(what.into()).or_default() += times;
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
        for (subject, counts) in other.counts {
            for (what, times) in counts {
                self.add(subject, what, times);
            }
        }
    }
}
