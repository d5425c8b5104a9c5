//! A thing as it is and as it was: old versions, and lists that tell how things stood a while ago

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A value with its past; cloning shares both
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept<T> {
    now: Arc<T>,
    since: Timestamp,
    /// Each with the moment it was over, oldest first
    past: Vec<(Timestamp, Arc<T>)>,
}

impl<T: Clone + PartialEq> Kept<T> {
    pub(super) fn new(value: T, at: Timestamp) -> Self {
        Self { now: Arc::new(value), since: at, past: Vec::new() }
    }

    pub(super) fn now(&self) -> &T {
        &self.now
    }

    /// As it is, without copying it
    pub(super) fn shared(&self) -> Arc<T> {
        Arc::clone(&self.now)
    }

    /// As it stood at `then`; nothing when it was not there yet
    pub(super) fn at(&self, then: Timestamp) -> Option<&T> {
        if then < self.since {
            return None;
        }
        let later = self.past.iter().find(|(until, _)| *until > then);
        Some(later.map_or(&*self.now, |(_, value)| value))
    }

    /// Changes it, and remembers what it was
    pub(super) fn change(&mut self, at: Timestamp, change: impl FnOnce(&mut T)) {
        let mut next = T::clone(&self.now);
        change(&mut next);
        if next != *self.now {
            self.past.push((at, std::mem::replace(&mut self.now, Arc::new(next))));
        }
    }

    /// Changes what no caller can see
    pub(super) fn amend(&mut self, change: impl FnOnce(&mut T)) {
        change(Arc::make_mut(&mut self.now));
    }

    /// Every state with the moment from which it held, oldest first
    pub(super) fn states(&self) -> impl DoubleEndedIterator<Item = (Timestamp, &T)> {
        let begins = std::iter::once(self.since).chain(self.past.iter().map(|(until, _)| *until));
        let begins: Vec<Timestamp> = begins.collect();
        let values = self.past.iter().map(|(_, value)| &**value).chain(std::iter::once(&*self.now));
        begins.into_iter().zip(values.collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn every_moment_has_the_state_that_held_then() {
        let mut kept = Kept::new(0, at(10));
        kept.change(at(20), |value| *value = 1);
        kept.change(at(20), |value| *value = 2);
        kept.change(at(30), |value| *value = 2);
        kept.change(at(40), |value| *value = 3);
        let seen = [9, 10, 19, 20, 39, 40, 99].map(|second| kept.at(at(second)).copied());
        assert_eq!(seen, [None, Some(0), Some(0), Some(2), Some(2), Some(3), Some(3)]);
        let states: Vec<_> = kept.states().map(|(since, value)| (since.as_second(), *value)).collect();
        assert_eq!(states, [(10, 0), (20, 1), (20, 2), (40, 3)]);
    }
}
