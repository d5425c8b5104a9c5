//! What the rules ask for, for one license

use std::collections::BTreeMap;

use crate::id::{AccountId, RuleId};
use crate::license::License;
use crate::organization::Organization;
use crate::policy::Policy;
use crate::rule::{Activation, Rule};

/// The accounts that should be able to use one license
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Desired {
    /// Each account that a rule names, with how
    pub accounts: BTreeMap<AccountId, Settings>,
    /// The rule by which an organization grant would be exact
    ///
    /// Exact: every account of today is named with the same activation, and no selector of a matching rule could say
    /// no to an account of tomorrow.
    pub whole_organization: Option<Settings>,
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
}

/// Which accounts the policy names for a license
///
/// Where rules meet on an account, the lowest rule id settles how.
#[must_use]
pub fn desired(policy: &Policy, organization: &Organization, license: &License) -> Desired {
    let rules: Vec<&Rule> = policy.rules.iter().filter(|rule| rule.enabled && rule.products.select(license)).collect();
    let mut accounts = BTreeMap::new();
    for account in organization.accounts.keys() {
        if let Some(rule) = rules.iter().find(|rule| names(rule, account, organization)) {
            accounts.insert(account.clone(), Settings::of(rule));
        }
    }
    let whole_organization = rules
        .iter()
        .find(|rule| rule.accounts.is_whole_organization() && rule.except.is_none())
        .map(|rule| Settings::of(rule))
        .filter(|settings| settings.activation != Activation::Manual)
        .filter(|settings| accounts.values().all(|other| other.activation == settings.activation));
    Desired { accounts, whole_organization }
}

fn names(rule: &Rule, account: &AccountId, organization: &Organization) -> bool {
    rule.accounts.select(account, organization)
        && !rule.except.as_ref().is_some_and(|except| except.select(account, organization))
}

impl Settings {
    fn of(rule: &Rule) -> Self {
        Self { rule: rule.id.clone(), version: rule.version.clone(), activation: rule.activation }
    }
}
