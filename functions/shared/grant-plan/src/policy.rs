//! The policy table as a whole: the rules in force, and what keeps others from being so

use serde_json::Value;

use crate::finding::{Finding, Severity};
use crate::license::License;
use crate::rule::Rule;

/// The key of the item that holds settings instead of a rule
pub const SETTINGS: &str = "_settings";

/// What the policy table says
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Rules that could be read, by id; disabled ones included
    pub rules: Vec<Rule>,
    /// Everything wrong with the others
    ///
    /// While there is one, the policy must not be taken for smaller than before: additions go on, and nothing counts
    /// as no longer wanted.
    pub findings: Vec<Finding>,
    /// `_settings.paused`: plan, but change nothing
    pub paused: bool,
}

impl Policy {
    /// Reads all items of the policy table, each as plain JSON
    #[must_use]
    pub fn read(items: &[Value]) -> Self {
        let mut policy = Self::default();
        for item in items {
            if item.get("rule").and_then(Value::as_str) == Some(SETTINGS) {
                policy.read_settings(item);
                continue;
            }
            match Rule::read(item) {
                Ok(rule) => policy.rules.push(rule),
                Err(findings) => policy.findings.extend(findings),
            }
        }
        policy.rules.sort_by(|one, other| one.id.cmp(&other.id));
        policy
    }

    /// Whether every rule could be read
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    /// Whether any enabled rule is about the license
    #[must_use]
    pub fn mentions(&self, license: &License) -> bool {
        self.rules.iter().any(|rule| rule.enabled && rule.products.select(license))
    }

    fn read_settings(&mut self, item: &Value) {
        let attributes = item.as_object().into_iter().flatten().filter(|(name, _)| *name != "rule");
        for (name, value) in attributes {
            match (name.as_str(), value) {
                ("paused", Value::Bool(paused)) => self.paused = *paused,
                ("paused", Value::String(text)) if text == "true" || text == "false" => self.paused = text == "true",
                ("paused", other) => {
                    // Who writes something into `paused` does not want changes made: stand still until it is mended.
                    self.paused = true;
                    self.findings.push(setting(name, other, "must be true or false", "write `true` or `false`"));
                }
                (_, other) => {
                    self.findings.push(setting(name, other, "is not a setting", "this version knows `paused`"));
                }
            }
        }
    }
}

fn setting(name: &str, value: &Value, message: &str, help: &str) -> Finding {
    Finding {
        rule: SETTINGS.to_owned(),
        attribute: name.to_owned(),
        value: value.to_string().chars().take(200).collect(),
        message: message.to_owned(),
        help: help.to_owned(),
        severity: Severity::Error,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_bad_rule_leaves_the_good_ones_in_force() {
        let policy = Policy::read(&[
            json!({"rule": "good", "products": "*", "accounts": {"organization": true}}),
            json!({"rule": "bad", "products": "*"}),
        ]);
        assert_eq!(policy.rules.len(), 1);
        assert!(!policy.is_whole());
    }

    #[test]
    fn an_unreadable_pause_pauses() {
        assert!(Policy::read(&[json!({"rule": "_settings", "paused": "ja"})]).paused);
        assert!(!Policy::read(&[json!({"rule": "_settings", "paused": "false"})]).paused);
        assert!(!Policy::read(&[json!({"rule": "_settings", "limits": 3})]).is_whole());
    }
}
