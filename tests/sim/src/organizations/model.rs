//! The organization as state: a root, units under it, accounts in them

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::blueprint::Blueprint;

/// The whole organization
#[derive(Debug, Clone)]
pub struct Organization {
    /// `o-...`
    pub id: String,
    /// Twelve digits
    pub management_account: String,
    /// `r-...`
    pub root: String,
    /// By unit id
    pub units: BTreeMap<String, Unit>,
    /// By account id
    pub accounts: BTreeMap<String, Account>,
    /// Service principals with trusted access (EnableAWSServiceAccess)
    pub trusted_services: Vec<String>,
    /// Accounts that may also read the organization (RegisterDelegatedAdministrator)
    pub delegated_administrators: Vec<String>,
}

/// One organizational unit
#[derive(Debug, Clone)]
pub struct Unit {
    /// `ou-...`
    pub id: String,
    /// Name
    pub name: String,
    /// The root's id or a unit's
    pub parent: String,
}

/// One account
#[derive(Debug, Clone)]
pub struct Account {
    /// Twelve digits
    pub id: String,
    /// Name
    pub name: String,
    /// The root's id or a unit's
    pub parent: String,
    /// Account.State
    pub state: String,
    /// Tags
    pub tags: BTreeMap<String, String>,
    /// When it joined
    pub joined: Timestamp,
    /// From when AssumeRole and AcceptGrant work in it
    pub ready: Timestamp,
}

impl Organization {
    /// The organization a blueprint describes, all accounts ready since `now`
    pub fn new(blueprint: &Blueprint, now: Timestamp) -> Self {
        let units = blueprint.units.iter().map(|unit| {
            let unit = Unit { id: unit.id.clone(), name: unit.name.clone(), parent: unit.parent.clone() };
            (unit.id.clone(), unit)
        });
        let accounts = blueprint.accounts.iter().map(|account| {
            let account = Account {
                id: account.id.clone(),
                name: account.name.clone(),
                parent: account.parent.clone(),
                state: account.state.clone(),
                tags: account.tags.clone(),
                joined: now,
                ready: now,
            };
            (account.id.clone(), account)
        });
        Self {
            id: blueprint.organization.clone(),
            management_account: blueprint.management_account.clone(),
            root: blueprint.root.clone(),
            units: units.collect(),
            accounts: accounts.collect(),
            trusted_services: vec![
                "license-manager.amazonaws.com".to_owned(),
                "license-management.marketplace.amazonaws.com".to_owned(),
            ],
            delegated_administrators: Vec::new(),
        }
    }

    /// The organization's ARN; its account field is the management account, whoever asks
    pub fn arn(&self) -> String {
        format!("arn:aws:organizations::{}:organization/{}", self.management_account, self.id)
    }

    /// A unit's ARN
    pub fn unit_arn(&self, unit: &str) -> String {
        format!("arn:aws:organizations::{}:ou/{}/{}", self.management_account, self.id, unit)
    }

    /// The units above an account or unit, innermost first; empty directly under the root
    pub fn ancestors(&self, parent: &str) -> Vec<&Unit> {
        let mut above = Vec::new();
        let mut at = parent;
        while let Some(unit) = self.units.get(at) {
            above.push(unit);
            at = &unit.parent;
        }
        above
    }

    /// Accounts anywhere under the organization (`None`) or one unit
    pub fn accounts_under(&self, unit: Option<&str>) -> Vec<&Account> {
        self.accounts
            .values()
            .filter(|account| {
                unit.is_none_or(|unit| self.ancestors(&account.parent).iter().any(|above| above.id == unit))
            })
            .collect()
    }
}
