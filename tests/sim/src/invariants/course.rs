//! What was asked of a program in the course of time, and what it was allowed

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

/// License id and account
pub type Pair = (String, String);

/// What was asked of a program in the course of time, and what it was allowed
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// From each moment on, every pair asked for; oldest first. Before the first nothing is asked for.
    pub asked: Vec<(Timestamp, BTreeSet<Pair>)>,
    /// How far a write may lag behind what is asked for
    pub grace: SignedDuration,
    /// How long an account may be served that an organization or unit grant reached without anybody asking for it
    pub correction: SignedDuration,
    /// What the program may take away within any 24 hours
    pub limits: Limits,
    /// When the passes ran that may revoke, first and last moment of each; nothing when that is not known, and then it
    /// is not checked
    pub revoking: Option<Vec<(Timestamp, Timestamp)>>,
    /// The last moment looked at, usually the world's now
    pub until: Timestamp,
}

/// Most that may happen within any 24 hours, counted in accounts
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Accounts that lose an active grant of ours by our writes
    pub revocations: usize,
    /// Accounts in which a grant that is not ours is pushed aside by ours
    pub displacements: usize,
}

impl Limits {
    /// Nothing is too much
    pub const NONE: Self = Self { revocations: usize::MAX, displacements: usize::MAX };
}

impl Course {
    /// What is asked for does not change, nothing is limited, five minutes of grace and to correct
    pub fn steady(asked: BTreeSet<Pair>, until: Timestamp) -> Self {
        Self {
            asked: vec![(Timestamp::MIN, asked)],
            grace: SignedDuration::from_mins(5),
            correction: SignedDuration::from_mins(5),
            limits: Limits::NONE,
            revoking: None,
            until,
        }
    }

    /// Another set is asked for from `at` on
    pub fn ask(&mut self, at: Timestamp, asked: BTreeSet<Pair>) {
        self.asked.push((at, asked));
    }

    /// What was in force at any moment from `from` to `to`
    fn in_force(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = &BTreeSet<Pair>> {
        let ends = self.asked.iter().skip(1).map(|(at, _)| Some(*at)).chain(std::iter::once(None));
        let spans = self.asked.iter().zip(ends);
        spans
            .filter(move |((begins, _), ends)| *begins <= to && ends.is_none_or(|ends| ends > from))
            .map(|((_, asked), _)| asked)
    }

    /// The pair was asked for at some moment of the span
    pub(super) fn asked_once(&self, license: &str, account: &str, from: Timestamp, to: Timestamp) -> bool {
        let pair = (license.to_owned(), account.to_owned());
        self.in_force(from, to).any(|asked| asked.contains(&pair))
    }

    /// The pair was asked for at every moment of the span
    pub(super) fn asked_always(&self, license: &str, account: &str, from: Timestamp, to: Timestamp) -> bool {
        let pair = (license.to_owned(), account.to_owned());
        let begun = self.asked.first().is_some_and(|(at, _)| *at <= from);
        begun && self.in_force(from, to).all(|asked| asked.contains(&pair))
    }

    pub(super) fn before(&self, at: Timestamp) -> Timestamp {
        at.checked_sub(self.grace).unwrap_or(Timestamp::MIN)
    }

    pub(super) fn after(&self, at: Timestamp) -> Timestamp {
        at.checked_add(self.grace).unwrap_or(Timestamp::MAX)
    }

    /// Until when what began at a moment may be corrected
    pub(super) fn correctable(&self, at: Timestamp) -> Timestamp {
        at.checked_add(self.correction).unwrap_or(Timestamp::MAX)
    }
}
