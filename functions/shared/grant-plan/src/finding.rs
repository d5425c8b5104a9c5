//! What is wrong with a policy item, said so that its author can mend it

use std::fmt;

use serde::Serialize;

/// Whether a finding keeps the rule from taking effect
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The rule takes no effect until this is mended
    Error,
    /// The rule takes effect; its author should look
    Warning,
}

/// One thing found in one attribute of one policy item
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The item's key as written, or `?` when it has none
    pub rule: String,
    /// Attribute, with dots for what lies inside: `accounts.ou`
    pub attribute: String,
    /// What stands there, as JSON, cut to 200 characters
    pub value: String,
    /// What is wrong
    pub message: String,
    /// What to write instead
    pub help: String,
    /// Whether the rule can take effect
    pub severity: Severity,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, attribute, value, message, help, severity: _ } = self;
        write!(formatter, "rule `{rule}`, attribute `{attribute}`: {message}, but it is `{value}`; {help}")
    }
}
