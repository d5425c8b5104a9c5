//! The one clock of a world: virtual, moved by hand, or the wall clock plus an offset
//!
//! Every service, the SDK's time source and sleep, and DynamoDB's Streams read this clock and no other, so that a
//! seed replays the same history whatever the machine is doing.

mod sdk;
mod sleep;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use jiff::Timestamp;

pub(crate) use sdk::SdkClock;

/// Which clock a world goes by
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// Stands at this instant until somebody moves it
    Virtual(Timestamp),
    /// The wall clock plus what [`World::advance`](crate::World::advance) added
    Real,
}

/// `at` plus `by`, at most the last instant jiff can name
pub(crate) fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// `at` plus whole seconds
pub(crate) fn seconds_later(at: Timestamp, seconds: u64) -> Timestamp {
    later(at, Duration::from_secs(seconds))
}

/// Seconds since the epoch with fraction, as JSON protocols write times
pub(crate) fn epoch_seconds(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}

#[expect(clippy::disallowed_methods, reason = "the one place where a world in real time looks at the wall clock")]
pub(crate) fn wall() -> Timestamp {
    Timestamp::now()
}

#[derive(Debug)]
pub(crate) struct Clock {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    hand: Hand,
    timers: BTreeMap<(Timestamp, u64), Waker>,
    next_timer: u64,
}

#[derive(Debug)]
enum Hand {
    Virtual(Timestamp),
    Offset(Duration),
}

impl Clock {
    pub(crate) fn new(time: Time) -> Self {
        let hand = match time {
            Time::Virtual(at) => Hand::Virtual(at),
            Time::Real => Hand::Offset(Duration::ZERO),
        };
        Self { inner: Mutex::new(Inner { hand, timers: BTreeMap::new(), next_timer: 0 }) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Timestamp {
        match self.lock().hand {
            Hand::Virtual(at) => at,
            Hand::Offset(by) => later(wall(), by),
        }
    }

    pub(crate) fn is_virtual(&self) -> bool {
        matches!(self.lock().hand, Hand::Virtual(_))
    }

    /// Moves the clock so that it shows at least `to`; it never goes back
    pub(crate) fn move_to(&self, to: Timestamp) {
        let now = self.now();
        if to <= now {
            return;
        }
        let mut inner = self.lock();
        match &mut inner.hand {
            Hand::Virtual(at) => *at = to,
            Hand::Offset(by) => *by += Duration::try_from(to.duration_since(now)).unwrap_or_default(),
        }
    }

    /// From now on the wall clock, or, where it already shows something later, that and what passes
    pub(crate) fn start(&self) {
        let ahead = self.now().duration_since(wall());
        self.lock().hand = Hand::Offset(Duration::try_from(ahead).unwrap_or_default());
    }

    /// When the first sleeper wants to wake
    pub(crate) fn next_timer(&self) -> Option<Timestamp> {
        self.lock().timers.keys().next().map(|(at, _)| *at)
    }

    /// Wakes every sleeper whose time has come, earliest first
    pub(crate) fn wake_due(&self) {
        let now = self.now();
        loop {
            let waker = {
                let mut inner = self.lock();
                match inner.timers.first_entry() {
                    Some(entry) if entry.key().0 <= now => entry.remove(),
                    Some(_) | None => return,
                }
            };
            waker.wake();
        }
    }

    fn new_timer(&self) -> u64 {
        let mut inner = self.lock();
        inner.next_timer += 1;
        inner.next_timer
    }

    fn park(&self, at: Timestamp, id: u64, waker: Waker) {
        self.lock().timers.insert((at, id), waker);
    }

    fn unpark(&self, at: Timestamp, id: u64) {
        self.lock().timers.remove(&(at, id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_clock_stands_still_and_never_goes_back() {
        let start: Timestamp = "2026-09-14T08:00:00Z".parse().unwrap();
        let clock = Clock::new(Time::Virtual(start));
        assert_eq!(clock.now(), start);
        clock.move_to(seconds_later(start, 5));
        clock.move_to(start);
        assert_eq!(clock.now(), seconds_later(start, 5));
    }

    #[test]
    fn a_real_clock_keeps_the_offset_it_was_given() {
        let clock = Clock::new(Time::Real);
        let before = clock.now();
        clock.move_to(seconds_later(before, 3600));
        assert!(clock.now() >= seconds_later(before, 3600));
        assert!(clock.now() < seconds_later(before, 3660));
    }
}
