//! Attributes that are one of a few words

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a rule does to the accounts that it selects
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// They get the license
    #[default]
    Grant,
    /// They do not, whatever other rules say
    Deny,
}

/// Whether grants may reach further than the accounts selected
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
pub enum Cover {
    /// Never an account that no rule asks for
    #[default]
    Exact,
    /// The smallest principal that holds them, the others switched off one by one
    Wide,
}

/// What to do where a member may have an entitlement of its own
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// Never displace a member's own active grant (DISTRIBUTED_GRANTS_ONLY)
    #[default]
    Keep,
    /// Displace it (ALL_GRANTS_PERMITTED_BY_ISSUER) once the revocation pass has released that; until then like `keep`
    Replace,
    /// Grant, but leave activation to the member
    Manual,
}

impl Effect {
    pub(crate) const WORDS: [(&'static str, Self); 2] = [("grant", Self::Grant), ("deny", Self::Deny)];

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Cover {
    pub(crate) const WORDS: [(&'static str, Self); 2] = [("exact", Self::Exact), ("wide", Self::Wide)];

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Activation {
    pub(crate) const WORDS: [(&'static str, Self); 3] =
        [("keep", Self::Keep), ("replace", Self::Replace), ("manual", Self::Manual)];

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Keep => "keep",
            Self::Replace => "replace",
            Self::Manual => "manual",
        })
    }
}
