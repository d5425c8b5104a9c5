//! The hours of the week in which changes may be made

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::reader::Reader;
use crate::time::Timestamp;

/// Hours on some days of the week, in UTC
///
/// A window whose end is not after its beginning ends on the next day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(deny_unknown_fields)]
pub struct ChangeWindow {
    /// Days on which it opens
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<Day>"))]
    pub days: BTreeSet<Day>,
    /// When it opens
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::TimeOfDay"))]
    pub from: TimeOfDay,
    /// When it closes
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::TimeOfDay"))]
    pub until: TimeOfDay,
}

/// A day of the week
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "days of the week")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    /// In the order of the week
    const WEEK: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// The day of the week of a day, given as days since 1970-01-01, which was a Thursday
    fn of(day: i64) -> Self {
        let index = usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default();
        Self::WEEK.get(index).copied().unwrap_or(Self::Mon)
    }
}

/// Hours and minutes in UTC, as minutes since midnight
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl FromStr for TimeOfDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write hours and minutes in UTC, such as `22:30`".to_owned();
        let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
        let number = |text: &str, below: u16| {
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number: &u16| digits && *number < below).ok_or_else(wrong)
        };
        Ok(Self(number(hours, 24)? * 60 + number(minutes, 60)?))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

const DAY: i64 = 24 * 3600;

impl ChangeWindow {
    /// When it opens and closes if it opens on a day, given as days since 1970-01-01
    fn on(&self, day: i64) -> Option<(Timestamp, Timestamp)> {
        let at = |day: i64, time: TimeOfDay| Timestamp(day * DAY + i64::from(time.0) * 60);
        let until = if self.until <= self.from { day + 1 } else { day };
        self.days.contains(&Day::of(day)).then(|| (at(day, self.from), at(until, self.until)))
    }

    /// When changes may next be made by it; `now` while it is open, `None` when it never opens
    pub(super) fn opens(&self, now: Timestamp) -> Option<Timestamp> {
        let today = now.0.div_euclid(DAY);
        let mut spans = (today - 1..=today + 7).filter_map(|day| self.on(day));
        spans.find(|(_, until)| *until > now).map(|(from, _)| from.max(now))
    }

    pub(super) fn read(reader: &mut Reader, attribute: &str, value: &Value) -> Option<Self> {
        let help = "write `{\"days\": [\"sat\"], \"from\": \"22:00\", \"until\": \"04:00\"}`";
        let parts = reader.map(attribute, value, help)?;
        reader.known(parts, &["days", "from", "until"], &[], &format!("{attribute}."));
        for part in ["days", "from", "until"].into_iter().filter(|part| !parts.contains_key(*part)) {
            reader.error(&format!("{attribute}.{part}"), &Value::Null, "is missing", help);
        }
        let mut time = |part: &str| {
            let value = parts.get(part)?;
            let name = format!("{attribute}.{part}");
            let read = value.as_str().ok_or_else(|| "write text such as `22:30`".to_owned()).and_then(str::parse);
            read.map_err(|help| reader.error(&name, value, "must be a time of day", &help)).ok()
        };
        let (from, until) = (time("from"), time("until"));
        let days: BTreeSet<Day> = reader.part(parts, attribute, "days", "a day of the week", |text| {
            let words = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
            let found = words.into_iter().zip(Day::WEEK).find(|(word, _)| *word == text.to_lowercase());
            found.map(|(_, day)| day).ok_or_else(|| format!("write {}", words.join(", ")))
        });
        Some(Self { days, from: from?, until: until? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(days: &[Day], from: &str, until: &str) -> ChangeWindow {
        ChangeWindow {
            days: days.iter().copied().collect(),
            from: from.parse().unwrap(),
            until: until.parse().unwrap(),
        }
    }

    fn opens(window: &ChangeWindow, now: &str) -> String {
        window.opens(now.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn a_window_over_midnight_is_open_on_the_morning_after_its_day_alone() {
        // 2027-01-02 is a Saturday.
        let nights = window(&[Day::Sat], "22:00", "04:30");
        assert_eq!(opens(&nights, "2027-01-02T21:59:59Z"), "2027-01-02T22:00:00Z");
        for open in ["2027-01-02T22:00:00Z", "2027-01-03T00:00:00Z", "2027-01-03T04:29:59Z"] {
            assert_eq!(opens(&nights, open), open);
        }
        assert_eq!(opens(&nights, "2027-01-03T04:30:00Z"), "2027-01-09T22:00:00Z");
    }

    #[test]
    fn a_window_opens_on_each_of_its_days_and_around_the_clock_where_both_ends_are_one() {
        let mornings = window(&[Day::Mon, Day::Thu], "06:00", "08:00");
        assert_eq!(opens(&mornings, "2027-01-04T08:00:00Z"), "2027-01-07T06:00:00Z");
        assert_eq!(opens(&mornings, "1970-01-01T00:00:00Z"), "1970-01-01T06:00:00Z", "a Thursday");
        let whole = window(&[Day::Sun], "00:00", "00:00");
        assert_eq!(opens(&whole, "2027-01-03T23:59:59Z"), "2027-01-03T23:59:59Z");
        assert_eq!(opens(&whole, "2027-01-04T00:00:00Z"), "2027-01-10T00:00:00Z");
    }
}
