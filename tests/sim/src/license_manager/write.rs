//! What was written, by whom: the record that invariants are checked against

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::coverage::is_under;
use super::grant::{Grant, GrantStatus, Override, Principal};
use super::license::LicenseStatus;
use super::word::words;
use super::{Context, LicenseManager, principal};

words! {
    /// A writing operation on a grant
    WriteOperation {
        /// CreateGrant
        CreateGrant = "CreateGrant",
        /// CreateGrantVersion
        CreateGrantVersion = "CreateGrantVersion",
        /// AcceptGrant
        AcceptGrant = "AcceptGrant",
        /// RejectGrant
        RejectGrant = "RejectGrant",
        /// DeleteGrant
        DeleteGrant = "DeleteGrant",
    }
}

/// One accepted write; a repeated ClientToken is not a write
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Write {
    /// When
    pub at: Timestamp,
    /// Account that called
    pub caller: String,
    /// What it called
    pub operation: WriteOperation,
    /// On which grant
    pub grant_arn: String,
    /// Of which license, `l-...`
    pub license: String,
    /// The grant's principal
    pub principal: Principal,
    /// The grant's name before the write (the new name for CreateGrant)
    pub name: String,
    /// The name it was given by CreateGrantVersion
    pub renamed: Option<String>,
    /// The grant's status before the write; none for CreateGrant
    pub was: Option<GrantStatus>,
    /// Status asked for: CreateGrantVersion's Status or CreateGrant's DesiredStatus
    pub status: Option<GrantStatus>,
    /// Options.ActivationOverrideBehavior of the call
    pub override_behavior: Option<Override>,
    /// The grant active for the same product in the account when the call came, if it was another one
    pub active_before: Option<String>,
    /// The principal was in the organization
    pub in_organization: bool,
    /// Accounts for which the grant, or a sub-grant of it, was ACTIVE and usable, and is so no more after this write
    pub takes_from: Vec<String>,
    /// ACTIVE accounts under the organization or unit that CreateGrant or an activation was for, the grantor's aside
    pub reaches: Vec<String>,
    /// Done by a person at the console, not by a program under test
    pub person: bool,
}

/// One active grant put out of the way by another
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Displacement {
    /// When
    pub at: Timestamp,
    /// In which account
    pub account: String,
    /// The grant that was active
    pub displaced: String,
    /// The grant that took its place
    pub by: String,
}

impl LicenseManager {
    /// Every accepted write, oldest first
    pub fn writes(&self) -> &[Arc<Write>] {
        &self.writes
    }

    pub(super) fn record(&mut self, write: Write) {
        self.writes.push(Arc::new(write));
    }

    /// The record of a write on a grant as it is before
    pub(super) fn write(&self, context: &Context<'_>, operation: WriteOperation, grant: &Grant) -> Write {
        let active = grant.principal.account().and_then(|account| self.places.get(account, &grant.sku));
        Write {
            at: context.now,
            caller: context.caller.to_owned(),
            operation,
            grant_arn: grant.arn.clone(),
            license: grant.license.clone(),
            principal: grant.principal.clone(),
            name: grant.name.clone(),
            renamed: None,
            was: Some(grant.status),
            status: None,
            override_behavior: None,
            active_before: active.filter(|active| ***active != *grant.arn).map(|active| active.to_string()),
            in_organization: principal::exists(&grant.principal, context.organization),
            takes_from: Vec::new(),
            reaches: Vec::new(),
            person: self.person,
        }
    }

    /// Accounts in which a grant, or a sub-grant of it, is ACTIVE and usable
    pub(super) fn serves(&self, grant: &Grant) -> Vec<String> {
        let available = self.license(&grant.license).is_some_and(|license| license.status == LicenseStatus::Available);
        if !available {
            return Vec::new();
        }
        let sub_grants = self.sub_grants.get(grant.arn.as_str()).into_iter().flatten();
        let sub_grants = sub_grants.filter_map(|arn| self.grant(arn));
        std::iter::once(grant)
            .chain(sub_grants)
            .filter(|grant| grant.status == GrantStatus::Active)
            .filter_map(|grant| grant.principal.account().map(str::to_owned))
            .collect()
    }

    /// ACTIVE accounts under an organization or unit principal, the grantor aside
    pub(super) fn beneath(&self, grant: &Grant, context: &Context<'_>) -> Vec<String> {
        if grant.principal.account().is_some() {
            return Vec::new();
        }
        let accounts = context.organization.accounts.values();
        accounts
            .filter(|account| account.state == "ACTIVE" && account.id != grant.grantor)
            .filter(|account| {
                let management = account.id == context.organization.management_account;
                !management || context.knobs.organization_grant_covers_management
            })
            .filter(|account| is_under(&grant.principal, &account.id, context.organization))
            .map(|account| account.id.clone())
            .collect()
    }
}
