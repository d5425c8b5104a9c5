//! Some accounts first, the rest later

use serde::Serialize;
use serde_json::Value;

use crate::reader::Reader;
use crate::selector::Accounts;

/// A ring of accounts that a rule is tried on before it is for all whom it selects
///
/// The days count from `valid_from`, or else from when the rule's selectors were recorded as they are. Until then the
/// rest is left as it is: it gets nothing by this rule, and what it has is not taken for unwanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(deny_unknown_fields)]
pub struct Rollout {
    /// Whom it is for at once
    pub first: Accounts,
    /// After how many days it is for the rest
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Count"))]
    pub then_after_days: u32,
}

/// A year; a ring that waits longer is a rule of its own
const MOST_DAYS: u32 = 366;

impl Rollout {
    pub(super) fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let help = "write `{\"first\": {\"ou\": [..]}, \"then_after_days\": 7}`";
        let parts = reader.map("rollout", value, help)?;
        reader.known(parts, &["first", "then_after_days"], &[], "rollout.");
        for missing in ["first", "then_after_days"].into_iter().filter(|part| !parts.contains_key(*part)) {
            reader.error(&format!("rollout.{missing}"), &Value::Null, "is missing", help);
        }
        let first = parts.get("first").and_then(|first| Accounts::read(reader, "rollout.first", first));
        let days = parts.get("then_after_days");
        let days = days.and_then(|days| reader.number("rollout.then_after_days", days, 0, MOST_DAYS));
        Some(Self { first: first?, then_after_days: days? })
    }
}
