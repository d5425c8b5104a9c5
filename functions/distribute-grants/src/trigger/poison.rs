//! What cannot be read, and why

use serde_json::Value;

use super::shown::{described, shown};

/// An event, or a part of one, that cannot be read: which field, what stands there, what to do
///
/// Safe to log: `value` is at most 200 characters, e-mail addresses and what looks like a token are struck out, and
/// arrays and objects are described, not printed. The whole event belongs in quarantine, not in a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem} (found: {value}); {fix}")]
pub struct Poison {
    /// Path of the field inside the event or payload: `detail.agreement.id`
    pub field: String,
    /// What stands there
    pub value: String,
    /// What is wrong with it
    pub problem: String,
    /// What a person can do
    pub fix: String,
}

impl Poison {
    /// `field` is not there, or null
    pub(crate) fn missing(field: &str, expected: &str) -> Self {
        Self {
            field: shown(field),
            value: "nothing".to_owned(),
            problem: format!("is missing, expected {expected}"),
            fix: WHAT_TO_DO.to_owned(),
        }
    }

    /// `field` holds something else than it should
    pub(crate) fn wrong(field: &str, value: &Value, expected: &str) -> Self {
        Self {
            field: shown(field),
            value: described(value),
            problem: format!("is not {expected}"),
            fix: WHAT_TO_DO.to_owned(),
        }
    }

    /// [`Poison::missing`] or [`Poison::wrong`], by what was found
    pub(crate) fn at(field: &str, found: Option<&Value>, expected: &str) -> Self {
        match found {
            None | Some(Value::Null) => Self::missing(field, expected),
            Some(value) => Self::wrong(field, value, expected),
        }
    }
}

const WHAT_TO_DO: &str = "the whole event lies in the ledger under `QUARANTINE`; if AWS sent it like this, its shape \
     is new to this version: update. Schedules look at everything meanwhile";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_names_field_value_and_mend() {
        let poison = Poison::wrong("detail.agreement.id", &json!("no id!"), "an agreement id");
        let text = poison.to_string();
        assert!(text.starts_with("`detail.agreement.id` is not an agreement id (found: no id!); the whole "), "{text}");
        assert!(text.contains("`QUARANTINE`"), "{text}");
    }

    #[test]
    fn null_counts_as_missing() {
        assert_eq!(Poison::at("job", Some(&Value::Null), "text"), Poison::missing("job", "text"));
        assert_eq!(Poison::at("job", None, "text"), Poison::missing("job", "text"));
    }
}
