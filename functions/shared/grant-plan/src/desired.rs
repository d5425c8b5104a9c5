//! What the rules ask for, for one license

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::id::{AccountId, OuId, RuleId};
use crate::license::License;
use crate::matcher::{Matcher, Why};
use crate::organization::Organization;
use crate::policy::Policy;
use crate::rule::{Activation, Cover, Rule};
use crate::time::Timestamp;

/// The accounts that should be able to use one license, and why others should not
///
/// An account that is in none of the maps is not selected by any rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Desired {
    /// Each account that is granted the license, with how
    pub accounts: BTreeMap<AccountId, Settings>,
    /// The rule by which an organization grant would be exact
    ///
    /// Exact: every account of today that is not off is granted with the same settings, and no selector of a matching
    /// rule could say no to an account of tomorrow.
    pub whole_organization: Option<Settings>,
    /// The top-level units to which a grant would be exact in the same way, each with the rule
    pub whole_units: BTreeMap<OuId, Settings>,
    /// Nobody in the organization is protected, and nobody who joins will be
    pub free_organization: bool,
    /// Top-level units of which the same is true
    pub free_units: BTreeSet<OuId>,
    /// Each account to which a rule denies it
    pub denied: BTreeMap<AccountId, By>,
    /// Each account whose pair is left as it is: nothing is given, and what is there does not count as unwanted
    pub left: BTreeMap<AccountId, Left>,
}

/// How an account gets a license, and by whose word
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The rule that grants
    pub rule: RuleId,
    /// Its version
    pub version: String,
    /// How the grant becomes usable
    pub activation: Activation,
    /// What the grantee may do at most; `None`: all that the holder may pass on
    pub operations: Option<BTreeSet<String>>,
    /// A grant may reach further than the wanted accounts, as long as the others are switched off
    pub wide: bool,
}

/// By whose word
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct By {
    /// The rule
    pub rule: RuleId,
    /// Its version
    pub version: String,
}

/// Why a pair is left as it is
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Why
    pub why: Why,
    /// The rule that cannot be followed; `None`: no rule names the account, which is protected
    pub by: Option<By>,
}

/// Which accounts the policy names for a license
///
/// Compiles the policy for this one question; who asks about many licenses keeps a [`Matcher`].
#[must_use]
pub fn desired(policy: &Policy, organization: &Organization, license: &License, now: Timestamp) -> Desired {
    Desired::of(&Matcher::new(policy, organization, now), license)
}

impl Desired {
    /// What a compiled policy asks for
    #[must_use]
    pub fn of(matcher: &Matcher<'_>, license: &License) -> Self {
        let verdict = matcher.verdict(license);
        let mut desired = Self { whole_organization: verdict.whole.map(Settings::of), ..Self::default() };
        desired.whole_units = verdict.units.iter().map(|(unit, rule)| ((*unit).clone(), Settings::of(rule))).collect();
        for place in &verdict.free {
            match place {
                None => desired.free_organization = true,
                Some(unit) => desired.free_units.extend([(*unit).clone()]),
            }
        }
        for (rule, set) in &verdict.granted {
            let settings = Settings::of(rule);
            desired.accounts.extend(matcher.accounts(set).map(|account| (account.clone(), settings.clone())));
        }
        for (rule, set) in &verdict.denied {
            let by = By::of(rule);
            desired.denied.extend(matcher.accounts(set).map(|account| (account.clone(), by.clone())));
        }
        for (why, rule, set) in &verdict.left {
            let left = Left { why: *why, by: rule.map(By::of) };
            desired.left.extend(matcher.accounts(set).map(|account| (account.clone(), left.clone())));
        }
        desired
    }
}

impl Settings {
    fn of(rule: &Rule) -> Self {
        Self {
            rule: rule.id.clone(),
            version: rule.version.clone(),
            activation: rule.activation,
            operations: rule.operations.clone(),
            wide: rule.cover == Cover::Wide,
        }
    }

    /// What is granted of all that the holder may pass on
    #[must_use]
    pub fn narrow(&self, mut operations: Vec<String>) -> Vec<String> {
        if let Some(narrowed) = &self.operations {
            operations.retain(|operation| narrowed.contains(operation));
        }
        operations
    }
}

impl By {
    pub(crate) fn of(rule: &Rule) -> Self {
        Self { rule: rule.id.clone(), version: rule.version.clone() }
    }
}
