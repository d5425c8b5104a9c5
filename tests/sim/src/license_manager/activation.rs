//! One active grant per product and account: who gets the place

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::grant::{Grant, GrantStatus, Override};
use super::license::LicenseStatus;
use super::transition::{Change, Transition};
use super::write::Displacement;
use super::{Arn, LicenseManager};
use crate::knobs::{Knobs, OmittedOverride, TakenAccount};

/// Reported live by a tool's authors for an account that had its own subscription; as a status reason it is this
/// service's own choice
pub(super) const TAKEN: &str = "You cannot share a license which is already existing in the target account";

/// By account and SKU: the grant that is active and of use
#[derive(Debug, Clone, Default)]
pub(super) struct Places(BTreeMap<Arc<str>, BTreeMap<Arc<str>, Arn>>);

impl Places {
    pub(super) fn get(&self, account: &str, sku: &str) -> Option<&Arn> {
        self.0.get(account)?.get(sku)
    }

    fn put(&mut self, account: &str, sku: &str, arn: Arn) {
        self.0.entry(account.into()).or_default().insert(sku.into(), arn);
    }

    fn clear(&mut self, account: &str, sku: &str, arn: &str) {
        if let Some(skus) = self.0.get_mut(account)
            && skus.get(sku).is_some_and(|active| **active == *arn)
        {
            skus.remove(sku);
        }
    }

    #[cfg(test)]
    pub(super) fn all(&self) -> BTreeMap<(String, String), String> {
        let places = self.0.iter().flat_map(|(account, skus)| skus.iter().map(move |(sku, arn)| (account, sku, arn)));
        places.map(|(account, sku, arn)| ((account.to_string(), sku.to_string()), arn.to_string())).collect()
    }
}

/// The override a grant is activated with
pub(super) fn override_of(options: Option<Override>, knobs: &Knobs) -> Override {
    options.unwrap_or(match knobs.omitted_override {
        OmittedOverride::DistributedGrantsOnly => Override::DistributedGrantsOnly,
        OmittedOverride::AllGrantsPermittedByIssuer => Override::AllGrantsPermittedByIssuer,
    })
}

impl LicenseManager {
    /// Activates a grant to one account as its override says
    ///
    /// Where another grant is active for the product, the grant is withheld, or, under ALL_GRANTS_PERMITTED_BY_ISSUER,
    /// takes its place.
    pub(super) fn activate(&mut self, arn: &str, knobs: &Knobs, now: Timestamp) {
        let Some(grant) = self.grant(arn) else { return };
        match override_of(grant.options, knobs) {
            Override::DistributedGrantsOnly if self.occupant(arn).is_some() => self.withhold(arn, knobs, now),
            Override::DistributedGrantsOnly => {
                let active = Change::to(GrantStatus::Active, Transition::Activated);
                self.shift(arn, active.bump(knobs.workflow_bumps_version), now);
            }
            Override::AllGrantsPermittedByIssuer => {
                self.clear_place(arn, knobs, now);
                let active = Change::to(GrantStatus::Active, Transition::Activated);
                self.shift(arn, active.bump(knobs.workflow_bumps_version), now);
            }
        }
    }

    fn withhold(&mut self, arn: &str, knobs: &Knobs, now: Timestamp) {
        let reason = Some(TAKEN.to_owned());
        let change = match knobs.taken_account {
            TakenAccount::DisabledWithReason | TakenAccount::Refused => {
                Change::to(GrantStatus::Disabled, Transition::Withheld).because(reason)
            }
            TakenAccount::Disabled => Change::to(GrantStatus::Disabled, Transition::Withheld),
            TakenAccount::Failed => Change::to(GrantStatus::FailedWorkflow, Transition::Failed).because(reason),
        };
        self.shift(arn, change.bump(knobs.workflow_bumps_version), now);
    }

    /// Marketplace's own grant takes the place at once
    pub(super) fn take_place(&mut self, arn: &str, knobs: &Knobs, now: Timestamp) {
        self.clear_place(arn, knobs, now);
        let held = self.grant(arn).is_some_and(|grant| grant.status == GrantStatus::Active);
        let subscribed = (!held).then_some(Transition::Subscribed);
        self.shift(arn, Change::to(GrantStatus::Active, subscribed), now);
    }

    /// The other grant that is active for the same product in a grant's account
    pub(super) fn occupant(&self, arn: &str) -> Option<&Arn> {
        let grant = self.grant(arn)?;
        let active = self.places.get(grant.principal.account()?, &grant.sku)?;
        Some(active).filter(|active| ***active != *arn)
    }

    fn clear_place(&mut self, arn: &str, knobs: &Knobs, now: Timestamp) {
        let Some(displaced) = self.occupant(arn).cloned() else { return };
        let account = self.grant(arn).and_then(|grant| grant.principal.account()).unwrap_or_default().to_owned();
        let change = Change::to(GrantStatus::Disabled, Transition::Displaced)
            .because("Replaced by another grant for the same product".to_owned())
            .bump(knobs.workflow_bumps_version);
        self.shift(&displaced, change, now);
        self.displacements.push(Displacement {
            at: now,
            account,
            displaced: displaced.to_string(),
            by: arn.to_owned(),
        });
    }

    /// The one place where a status changes: keeps the active places, the queue of workflows and the record right
    pub(super) fn shift(&mut self, arn: &str, change: Change, now: Timestamp) {
        let Some(was) = self.grant(arn).map(|grant| grant.status) else { return };
        let Change { to, reason, completes, bump } = change;
        let mut workflow = None;
        self.change(arn, now, |grant| {
            grant.status = to;
            grant.status_reason = reason;
            grant.version += u64::from(bump);
            grant.stuck = false;
            if !to.is_live() {
                grant.ended = Some(now);
            }
            workflow = grant.workflow.take();
        });
        if let Some(workflow) = workflow {
            self.workflows.remove(&workflow);
        }
        self.occupy(arn);
        if let Some(transition) = completes {
            self.count(transition);
        }
        if was != to {
            self.tell_of_grant(arn, now);
        }
    }

    /// A grant's place for its product: taken while it is ACTIVE and its license can be used, free otherwise
    pub(super) fn occupy(&mut self, arn: &str) {
        let Some((key, kept)) = self.grants.get_key_value(arn) else { return };
        let grant: &Grant = kept.now();
        let Some(account) = grant.principal.account() else { return };
        let license = self.licenses.get(grant.license.as_str());
        let usable = license.is_some_and(|license| license.now().status == LicenseStatus::Available);
        if grant.status == GrantStatus::Active && usable {
            self.places.put(account, &grant.sku, Arc::clone(key));
        } else {
            self.places.clear(account, &grant.sku, arn);
        }
    }
}
