//! One rule of the policy table: who gets which product, and how

mod effect;
mod phase;
mod read;
mod revoke;
mod rollout;
mod version;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::finding::Finding;
use crate::id::RuleId;
use crate::products::Products;
use crate::selector::Accounts;
use crate::time::Timestamp;

pub use effect::{Activation, Cover, Effect};
pub use phase::Phase;
pub use revoke::Revoke;
pub use rollout::Rollout;
pub(crate) use version::fingerprint;

/// A rule of the policy table
///
/// Serializes as the item it was read from, in canonical form: lists in order, defaults left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(description = "A rule of the policy table"))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its key in the policy table: 1 to 64 of `a-z`, `0-9` and `-`
    #[serde(rename = "rule")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::RuleKey"))]
    pub id: RuleId,
    /// What distinguishes this text of the rule from another: a short hash of the canonical item
    #[serde(skip)]
    pub version: String,
    /// Since when accounts and products are selected as they are now; `None`: no record says so
    ///
    /// A rollout counts from here unless the rule has `valid_from`.
    #[serde(skip)]
    pub since: Option<Timestamp>,
    /// For people
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub description: Option<String>,
    /// Whom to ask about it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub owner: Option<String>,
    /// Who wrote it last, where the writer says so; no part of the version
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub edited_by: Option<String>,
    /// `false`: takes no part
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Flag"))]
    pub enabled: bool,
    /// `grant` (default) or `deny`, which wins
    #[serde(default, skip_serializing_if = "Effect::is_default")]
    pub effect: Effect,
    /// Lower first (default 100): decides how an account gets a license where rules that grant it meet
    #[serde(default = "usual", skip_serializing_if = "is_usual")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Count"))]
    pub priority: u32,
    /// Which licenses: `"*"`, or parts that must all hold
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::EveryOr<crate::products::Parts>"))]
    pub products: Products,
    /// Which accounts: parts that must all hold
    pub accounts: Accounts,
    /// Which accounts not; wins over `accounts`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Accounts"))]
    pub except: Option<Accounts>,
    /// Whether grants may reach further than the accounts selected: `exact` (default) or `wide`
    #[serde(default, skip_serializing_if = "Cover::is_default")]
    pub cover: Cover,
    /// How grants become usable: `keep` (default), `replace` or `manual`
    #[serde(default, skip_serializing_if = "Activation::is_default")]
    pub activation: Activation,
    /// What grantees may do with the license, when less than the holder may
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<crate::schema::Operation>"))]
    pub operations: Option<BTreeSet<String>>,
    /// The first second in which it takes part: a date, or a moment such as `2027-01-31T18:00:00Z`
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "crate::time::written::serialize")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub valid_from: Option<Timestamp>,
    /// The first second in which it takes part no more
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "crate::time::written::serialize")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub valid_until: Option<Timestamp>,
    /// What becomes of grants that it asks for no more: `never` (default: they stay), `now`, or after some days
    #[serde(default, skip_serializing_if = "Revoke::is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Revoke"))]
    pub revoke: Revoke,
    /// Some accounts first, the rest days later
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Rollout"))]
    pub rollout: Option<Rollout>,
    /// The most accounts it may select; when it selects more, it stands still
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Count"))]
    pub max_accounts: Option<u32>,
}

/// The priority of a rule that gives none
pub const USUAL_PRIORITY: u32 = 100;

#[cfg(feature = "schema")]
fn usual() -> u32 {
    USUAL_PRIORITY
}

#[cfg(feature = "schema")]
fn yes() -> bool {
    true
}

fn is_usual(priority: &u32) -> bool {
    *priority == USUAL_PRIORITY
}

fn is_true(flag: &bool) -> bool {
    *flag
}

impl Rule {
    /// Whether it selects accounts by their tags
    #[must_use]
    pub fn asks_for_tags(&self) -> bool {
        let first = self.rollout.as_ref().map(|rollout| &rollout.first);
        [Some(&self.accounts), self.except.as_ref(), first].into_iter().flatten().any(|part| !part.tags.is_empty())
    }

    /// Reads one item of the policy table, given as plain JSON (sets as arrays, numbers as numbers or text)
    ///
    /// # Errors
    /// Every finding at once, warnings included, when any of them is an error.
    pub fn read(item: &Value) -> Result<Self, Vec<Finding>> {
        let (rule, findings) = Self::read_with_warnings(item);
        rule.ok_or(findings)
    }

    /// Reads one item with everything found in it; `None` beside at least one error
    #[must_use]
    pub fn read_with_warnings(item: &Value) -> (Option<Self>, Vec<Finding>) {
        read::read(item)
    }

    /// The rule as an item of the policy table, in canonical form: reading it gives the same rule
    #[must_use]
    pub fn item(&self) -> Value {
        // Every key is text and every value plain, so there is nothing that JSON could not hold.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What decides the order in which rules that grant are asked
    #[must_use]
    pub fn order(&self) -> (u32, &RuleId) {
        (self.priority, &self.id)
    }

    /// Whether another rule that grants the same would settle how it is granted alike
    #[must_use]
    pub fn settles_like(&self, other: &Self) -> bool {
        self.activation == other.activation && self.operations == other.operations
    }
}

#[cfg(test)]
mod tests;
