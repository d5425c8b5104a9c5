//! The `_settings` item: what holds for the whole deployment, whatever the rules say

mod read;
mod window;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::finding::Finding;
use crate::id::{AccountId, OuId};
use crate::organization::Organization;
use crate::rule::Revoke;
use crate::time::Timestamp;

pub use window::{ChangeWindow, Day, TimeOfDay};

/// The key of the item that holds settings instead of a rule
pub const SETTINGS: &str = "_settings";

/// What the `_settings` item says; everything may be left out
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicySettings {
    /// `true`: plan, but change nothing
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Flag"))]
    pub paused: bool,
    /// The most that may be done in any 24 hours
    #[serde(default, skip_serializing_if = "Quotas::is_empty")]
    pub limits: Quotas,
    /// Accounts in which nothing is changed: nothing is given to them and nothing taken from them
    #[serde(default, skip_serializing_if = "Protected::is_empty")]
    pub protected: Protected,
    /// When changes may be made; none given: always
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub change_windows: Vec<ChangeWindow>,
    /// What becomes of grants to accounts that are closed or have left
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Leavers"))]
    pub leavers: Option<Leavers>,
    /// More than this at once wants a person's word
    #[serde(default, skip_serializing_if = "Quotas::is_empty")]
    pub approval: Quotas,
    /// Who wrote it last, where the writer says so
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub edited_by: Option<String>,
}

/// Numbers of changes by kind
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(deny_unknown_fields)]
pub struct Quotas {
    /// Of any kind
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Quota"))]
    pub changes: Option<Quota>,
    /// That take a product from an account
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Quota"))]
    pub revocations: Option<Quota>,
    /// That displace an account's own subscription
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Quota"))]
    pub replacements: Option<Quota>,
}

/// A number, a share, or both, of which the smaller counts
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// This many
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Count"))]
    pub count: Option<u32>,
    /// Of a hundred grants that there are
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Count"))]
    pub percent: Option<u32>,
}

/// Accounts in which nothing is changed
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(deny_unknown_fields)]
pub struct Protected {
    /// By id
    #[serde(rename = "account", default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<crate::schema::Account>"))]
    pub accounts: BTreeSet<AccountId>,
    /// By the unit they lie in, nested ones included
    #[serde(rename = "ou", default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<crate::schema::Unit>"))]
    pub units: BTreeSet<OuId>,
}

/// What becomes of grants to accounts that are closed or have left the organization
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(deny_unknown_fields)]
pub struct Leavers {
    /// Days after which their grants are no longer wanted
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Count"))]
    pub after_days: u32,
}

impl Leavers {
    /// The same as a rule would say it
    #[must_use]
    pub fn revoke(self) -> Revoke {
        Revoke::After { after_days: self.after_days, off_days: 0 }
    }
}

impl Quotas {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Protected {
    /// Whether nothing is protected
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.units.is_empty()
    }

    /// Whether nothing may be changed in the account
    #[must_use]
    pub fn covers(&self, account: &AccountId, organization: &Organization) -> bool {
        let known = organization.accounts.get(account);
        self.accounts.contains(account)
            || known.is_some_and(|known| known.path.iter().any(|unit| self.units.contains(unit)))
    }
}

impl PolicySettings {
    /// Reads the `_settings` item; `None` beside at least one error
    ///
    /// Whether the deployment is paused is in [`PolicySettings::is_paused`], which needs nothing else to be right.
    #[must_use]
    pub fn read_with_warnings(item: &Value) -> (Option<Self>, Vec<Finding>) {
        read::read(item)
    }

    /// Whether an item pauses, however wrong the rest of it is
    ///
    /// Who writes something unreadable into `paused` does not want changes made: all stands still until it is mended.
    #[must_use]
    pub fn is_paused(item: &Value) -> bool {
        match item.get("paused") {
            None => false,
            Some(Value::Bool(paused)) => *paused,
            Some(Value::String(text)) => text != "false",
            Some(Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_)) => true,
        }
    }

    /// Until when no change may be made, by the change windows; `None`: they may be made now
    #[must_use]
    pub fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        let opens = self.change_windows.iter().filter_map(|window| window.opens(now)).min()?;
        (opens > now).then_some(opens)
    }

    /// The settings as an item of the policy table, in canonical form
    #[must_use]
    pub fn item(&self) -> Value {
        let mut item = serde_json::to_value(self).unwrap_or_default();
        if let Some(attributes) = item.as_object_mut() {
            attributes.insert("rule".to_owned(), SETTINGS.into());
        }
        item
    }
}

#[cfg(test)]
mod tests;
