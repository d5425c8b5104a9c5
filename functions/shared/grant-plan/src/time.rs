//! Points in time, as the planner needs them

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Whole seconds since 1970-01-01T00:00:00Z
///
/// The planner compares and adds; reading a clock is somebody else's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This long after; saturates at the end of time
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX)))
    }

    /// This long before; saturates at the beginning of time
    #[must_use]
    pub fn before(self, wait: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX)))
    }

    /// How long ago `earlier` was; zero when it is still to come
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// Text that is no moment
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date such as `2027-01-31` or a moment such as `2027-01-31T18:00:00Z`")]
pub struct TimestampError(String);

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads RFC 3339 with `Z` or an offset; a date alone is its midnight in UTC. Parts of a second are cut off.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(moment.as_second()));
        }
        // A moment without offset would be read as a date, and its time of day lost.
        let date = (text.len() == 10).then(|| text.parse::<jiff::civil::Date>().ok()).flatten();
        let midnight = date.and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok());
        midnight.map(|moment| Self(moment.timestamp().as_second())).ok_or_else(|| TimestampError(text.to_owned()))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC; what lies outside the years that has is written as seconds
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(moment) => write!(formatter, "{moment}"),
            Err(_) => write!(formatter, "{} s", self.0),
        }
    }
}

/// A moment as an admin reads and writes it, for serde's `with`
pub(crate) mod written {
    use serde::Serializer;

    use super::Timestamp;

    pub(crate) fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => serializer.collect_str(at),
            None => serializer.serialize_none(),
        }
    }
}

/// Days as a duration
#[must_use]
pub const fn days(count: u64) -> Duration {
    hours(count * 24)
}

/// Minutes as a duration
#[must_use]
pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// Hours as a duration
#[must_use]
pub const fn hours(count: u64) -> Duration {
    minutes(count * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_moments_are_read_and_written_again() {
        let written = |text: &str| text.parse::<Timestamp>().map(|at| at.to_string());
        assert_eq!(written("2027-01-31").unwrap(), "2027-01-31T00:00:00Z");
        assert_eq!(written("2027-01-31T18:00:00+02:00").unwrap(), "2027-01-31T16:00:00Z");
        assert_eq!(written("2027-01-31T18:00:00.9Z").unwrap(), "2027-01-31T18:00:00Z");
        assert_eq!("1970-01-02".parse(), Ok(Timestamp(86_400)));
    }

    #[test]
    fn a_moment_that_leaves_its_offset_open_is_refused() {
        for text in ["", "2027-02-30", "2027-01-31T18:00:00", "31.01.2027", "tomorrow", "1800000000"] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
