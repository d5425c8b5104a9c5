//! Looking at what License Manager knows, now and, where a call looks back, then

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::grant::{Grant, GrantStatus};
use super::license::License;
use super::write::Displacement;
use super::{Arn, LicenseManager};
use crate::organizations::Organization;

impl LicenseManager {
    /// All grants there ever were, by ARN
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.values().map(|kept| kept.now())
    }

    /// One grant
    pub fn grant(&self, arn: &str) -> Option<&Grant> {
        self.grants.get(arn).map(|kept| kept.now())
    }

    /// Sub-grants of an organization or unit grant, ended ones included
    pub fn sub_grants(&self, arn: &str) -> impl Iterator<Item = &Grant> {
        self.sub_grants.get(arn).into_iter().flatten().filter_map(|arn| self.grant(arn))
    }

    /// Every state a grant has been in, each with the moment from which it held, oldest first
    pub fn states(&self, arn: &str) -> Vec<(Timestamp, &Grant)> {
        self.grants.get(arn).map(|kept| kept.states().collect()).unwrap_or_default()
    }

    pub(super) fn license_states(&self, license_id: &str) -> Vec<&License> {
        let kept = self.licenses.get(license_id);
        kept.map(|kept| kept.states().map(|(_, license)| license).collect()).unwrap_or_default()
    }

    /// All licenses, by id
    pub fn licenses(&self) -> impl Iterator<Item = &License> {
        self.licenses.values().map(|kept| kept.now())
    }

    /// One license by its id
    pub fn license(&self, license_id: &str) -> Option<&License> {
        self.licenses.get(license_id).map(|kept| kept.now())
    }

    /// Every active grant that another one put out of the way, oldest first
    pub fn displacements(&self) -> &[Displacement] {
        &self.displacements
    }

    /// Accounts of the organization in which a grant of this license is ACTIVE, with that grant
    ///
    /// The buyer's own account is among them, by Marketplace's grant to it.
    pub fn active_accounts(&self, license_id: &str, organization: &Organization) -> BTreeMap<String, String> {
        self.grants_of(license_id)
            .into_iter()
            .filter_map(|arn| self.grant(&arn))
            .filter(|grant| grant.status == GrantStatus::Active)
            .filter_map(|grant| Some((grant.principal.account()?.to_owned(), grant.arn.clone())))
            .filter(|(account, _)| organization.accounts.contains_key(account))
            .collect()
    }

    /// A grant as the call in hand may see it: as it is, or as it was when the call looks back
    pub(super) fn seen(&self, arn: &str) -> Option<&Grant> {
        let kept = self.grants.get(arn)?;
        self.then.map_or(Some(kept.now()), |then| kept.at(then))
    }

    pub(super) fn seen_license(&self, license_id: &str) -> Option<&License> {
        let kept = self.licenses.get(license_id)?;
        self.then.map_or(Some(kept.now()), |then| kept.at(then))
    }

    /// The moment by which the call in hand sees
    pub(super) fn sight(&self, now: Timestamp) -> Timestamp {
        self.then.unwrap_or(now)
    }

    /// ARNs of a license's grants, each organization grant followed by its sub-grants
    pub(super) fn grants_of(&self, license_id: &str) -> Vec<Arn> {
        let mut arns = Vec::new();
        for arn in self.direct.get(license_id).into_iter().flatten() {
            arns.push(Arc::clone(arn));
            arns.extend(self.sub_grants.get(arn).into_iter().flatten().cloned());
        }
        arns
    }
}
