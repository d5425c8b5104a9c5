//! What is wrong with a policy item, said so that its author can mend it

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// Whether a finding keeps the rule from taking effect
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The rule takes no effect until this is mended
    Error,
    /// The rule takes effect; its author should look
    Warning,
}

/// One thing found in one attribute of one policy item
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The item's key as written, or `?` when it has none
    pub rule: String,
    /// Attribute, with dots for what lies inside: `accounts.ou`
    pub attribute: String,
    /// What stands there, as JSON, cut to 200 characters; never an e-mail address or an account's name
    pub value: String,
    /// What is wrong
    pub message: String,
    /// Whether the rule can take effect
    pub severity: Severity,
    /// What to write instead
    pub help: String,
}

/// Stands for a text that findings do not repeat: they are logged, and people's names have no place in a log
const NOT_SHOWN: &str = "(not shown)";

impl Finding {
    /// A finding about an attribute, its value cut and without names and addresses
    pub(crate) fn about(
        rule: String,
        attribute: &str,
        value: &Value,
        message: &str,
        help: &str,
        severity: Severity,
    ) -> Self {
        let value = match value {
            Value::Null => "missing".to_owned(),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                redacted(value, is_private(attribute)).to_string().chars().take(200).collect()
            }
        };
        let (attribute, message, help) = (attribute.to_owned(), message.to_owned(), help.to_owned());
        Self { rule, attribute, value, message, severity, help }
    }
}

/// Whether what stands in an attribute may name a person or an account
fn is_private(attribute: &str) -> bool {
    match attribute.split_once('.') {
        None => matches!(attribute, "description" | "owner" | "edited_by"),
        Some(("products" | "limits" | "revoke" | "protected" | "change_windows", _)) => false,
        // What is written inside a selector of accounts under a name that we do not know may be an account's name.
        Some((_, part)) => {
            let part = part.strip_prefix("first.").unwrap_or(part);
            !(matches!(part, "ou" | "account" | "organization" | "state" | "then_after_days")
                || part.starts_with("tag"))
        }
    }
}

/// A text as it may be shown: addresses of people may not
pub(crate) fn shown(text: &str) -> &str {
    if text.contains('@') { NOT_SHOWN } else { text }
}

fn redacted(value: &Value, is_private: bool) -> Value {
    match value {
        Value::String(text) if is_private && !is_id(text) => NOT_SHOWN.into(),
        Value::String(text) => shown(text).into(),
        Value::Array(items) => items.iter().map(|item| redacted(item, is_private)).collect(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let is_private = is_private || matches!(name.as_str(), "name" | "description" | "owner" | "edited_by");
                (name.clone(), redacted(value, is_private))
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn is_id(text: &str) -> bool {
    ["ou-", "r-", "o-"].iter().any(|start| text.starts_with(start)) || text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, attribute, value, message, help, severity: _ } = self;
        write!(formatter, "rule `{rule}`, attribute `{attribute}`: {message}, but it is `{value}`; {help}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(attribute: &str, value: Value) -> String {
        Finding::about("r".into(), attribute, &value, "", "", Severity::Error).value
    }

    #[test]
    fn names_and_addresses_are_not_repeated() {
        assert_eq!(shown("owner", json!(["Jane"])), r#"["(not shown)"]"#);
        assert_eq!(shown("accounts.nmae", json!("payments")), r#""(not shown)""#);
        assert_eq!(shown("rollout.first.name", json!("[")), r#""(not shown)""#);
        assert_eq!(shown("ownr", json!("jane@example.com")), r#""(not shown)""#);
        assert_eq!(shown("execpt", json!({"name": "payments", "ou": "ou-1"})), r#"{"name":"(not shown)","ou":"ou-1"}"#);
    }

    #[test]
    fn what_helps_to_find_the_place_is() {
        assert_eq!(shown("accounts.acount", json!("12")), r#""12""#);
        assert_eq!(shown("accounts.ou", json!("prod")), r#""prod""#);
        assert_eq!(shown("products.name", json!("Acme [")), r#""Acme [""#);
        assert_eq!(shown("accounts", Value::Null), "missing");
    }

    #[test]
    fn a_finding_serializes_with_what_a_reader_of_json_looks_for() {
        let finding = Finding::about("r".into(), "effect", &json!("x"), "m", "h", Severity::Warning);
        let expected = json!({"rule": "r", "attribute": "effect", "value": "\"x\"", "message": "m", "severity": "warning", "help": "h"});
        assert_eq!(serde_json::to_value(finding).unwrap(), expected);
    }
}
