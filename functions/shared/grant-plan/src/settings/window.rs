//! The hours of the week in which changes may be made

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::reader::Reader;

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

impl ChangeWindow {
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
            let all = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun];
            let words = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
            let found = words.into_iter().zip(all).find(|(word, _)| *word == text.to_lowercase());
            found.map(|(_, day)| day).ok_or_else(|| format!("write {}", words.join(", ")))
        });
        Some(Self { days, from: from?, until: until? })
    }
}
