//! A rule as a saved world has it: its pattern as text

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Rule;
use super::pattern::Pattern;
use super::targets::Target;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedRule {
    /// JSON, as it was put
    pattern: String,
    description: String,
    state: String,
    targets: BTreeMap<String, Target>,
}

impl From<Rule> for SavedRule {
    fn from(rule: Rule) -> Self {
        let Rule { pattern: _, text, description, state, targets } = rule;
        Self { pattern: text, description, state, targets }
    }
}

impl TryFrom<SavedRule> for Rule {
    type Error = String;

    fn try_from(saved: SavedRule) -> Result<Self, Self::Error> {
        let SavedRule { pattern: text, description, state, targets } = saved;
        let value = serde_json::from_str(&text).map_err(|error| format!("pattern `{text}` is no JSON: {error}"))?;
        let pattern = Pattern::parse(&value)?;
        Ok(Self { pattern, text, description, state, targets })
    }
}
