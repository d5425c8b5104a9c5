//! The organization as state: a root, units under it, accounts in them

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Creation;
use crate::blueprint::Blueprint;

/// The whole organization
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// By service principal: since when, for those that EnableAWSServiceAccess was called for
    pub trusted_since: BTreeMap<String, Timestamp>,
    /// Accounts that may also read the organization; one that is only named here administers License Manager
    pub delegated_administrators: Vec<String>,
    /// By account and service principal: since when (RegisterDelegatedAdministrator)
    #[serde(with = "crate::world::pairs")]
    pub delegations: BTreeMap<(String, String), Timestamp>,
    /// Requests to make an account, by id (CreateAccount)
    pub creations: BTreeMap<String, Creation>,
    /// When accounts were or will be closed that CloseAccount closes
    pub closures: Vec<(Timestamp, String)>,
    /// Addresses of accounts that CreateAccount made; the others have one made from their id
    pub emails: BTreeMap<String, String>,
    /// Tags of units and the root, by their id; accounts carry their own
    pub tags: BTreeMap<String, BTreeMap<String, String>>,
}

/// One organizational unit
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// `ou-...`
    pub id: String,
    /// Name
    pub name: String,
    /// The root's id or a unit's
    pub parent: String,
}

/// One account
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
            trusted_since: BTreeMap::new(),
            delegated_administrators: Vec::new(),
            delegations: BTreeMap::new(),
            creations: BTreeMap::new(),
            closures: Vec::new(),
            emails: BTreeMap::new(),
            tags: BTreeMap::new(),
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

    /// Tags of an account, a unit or the root; nothing when there is no such thing
    pub fn tags_of(&self, id: &str) -> Option<BTreeMap<String, String>> {
        if let Some(account) = self.accounts.get(id) {
            return Some(account.tags.clone());
        }
        let known = id == self.root || self.units.contains_key(id);
        known.then(|| self.tags.get(id).cloned().unwrap_or_default())
    }

    /// When the next account is made or closed
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let made =
            self.creations.values().filter(|one| one.outcome == super::Outcome::Pending).map(|one| one.completed);
        let closed = self.closures.iter().filter(|(_, id)| self.is_closing(id)).map(|(at, _)| *at);
        made.chain(closed).min()
    }

    /// Accounts whose closure is over by now
    pub(super) fn closures_due(&self, now: Timestamp) -> Vec<String> {
        let due = self.closures.iter().filter(|(at, id)| *at <= now && self.is_closing(id));
        due.map(|(_, id)| id.clone()).collect()
    }

    fn is_closing(&self, id: &str) -> bool {
        self.accounts.get(id).is_some_and(|account| account.state == "PENDING_CLOSURE")
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
