//! When to try again what was tried before

use std::time::Duration;

use crate::entry::Attempts;
use crate::time::{Timestamp, hours, minutes};

/// Waits after the first, second and third attempt; after that once a day
const WAITS: [Duration; 3] = [minutes(15), hours(1), hours(6)];
const THEN: Duration = hours(24);

/// How long to wait for what takes the longer the longer it has taken: a part of its age
pub(super) fn rarer(age: Duration, part: u32) -> Duration {
    (age / part).clamp(minutes(2), hours(1))
}

/// Whether it is time
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Try now
    Now,
    /// Not before this
    At(Timestamp),
}

/// When an attempt is due, and whether the ladder is used up
#[must_use]
pub fn due(attempts: Attempts, now: Timestamp) -> (Due, bool) {
    let Some(last) = attempts.last else { return (Due::Now, false) };
    let rung = usize::try_from(attempts.count).unwrap_or(usize::MAX).saturating_sub(1);
    let (wait, stalled) = WAITS.get(rung).map_or((THEN, true), |wait| (*wait, false));
    let at = last.after(wait);
    (if at <= now { Due::Now } else { Due::At(at) }, stalled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_is_fifteen_minutes_an_hour_six_hours_then_daily() {
        let last = Timestamp(1_000_000);
        for (count, wait, stalled) in
            [(1, 900, false), (2, 3600, false), (3, 21600, false), (4, 86400, true), (9, 86400, true)]
        {
            let attempts = Attempts { count, last: Some(last) };
            let at = Timestamp(last.0 + wait);
            assert_eq!(due(attempts, Timestamp(at.0 - 1)), (Due::At(at), stalled), "after {count}");
            assert_eq!(due(attempts, at), (Due::Now, stalled), "after {count}");
        }
        assert_eq!(due(Attempts::default(), last), (Due::Now, false));
    }
}
