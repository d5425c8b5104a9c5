//! One active grant per product and account: who gets the place

use jiff::Timestamp;

use super::LicenseManager;
use super::grant::{GrantStatus, Override};
use super::write::Displacement;
use crate::knobs::Knobs;

/// Reported live by a tool's authors for an account that had its own subscription; as a status reason it is this
/// service's own choice
pub(super) const TAKEN: &str = "You cannot share a license which is already existing in the target account";

impl LicenseManager {
    /// Activates a grant to one account as its override says, DISTRIBUTED_GRANTS_ONLY when it says nothing
    ///
    /// Where another grant is active for the product, the grant becomes DISABLED with a reason, or, under
    /// ALL_GRANTS_PERMITTED_BY_ISSUER, takes its place.
    pub(super) fn activate(&mut self, arn: &str, knobs: &Knobs, now: Timestamp) {
        let Some(grant) = self.grants.get(arn) else { return };
        let taken = self.occupant(arn).is_some();
        match grant.options.unwrap_or(Override::DistributedGrantsOnly) {
            Override::DistributedGrantsOnly if taken => {
                self.shift(arn, GrantStatus::Disabled, Some(TAKEN.to_owned()), knobs.workflow_bumps_version, now);
            }
            Override::DistributedGrantsOnly => {
                self.shift(arn, GrantStatus::Active, None, knobs.workflow_bumps_version, now);
            }
            Override::AllGrantsPermittedByIssuer => {
                self.clear_slot(arn, knobs, now);
                self.shift(arn, GrantStatus::Active, None, knobs.workflow_bumps_version, now);
            }
        }
    }

    /// Marketplace's own grant takes the place at once
    pub(super) fn take_slot(&mut self, arn: &str, knobs: &Knobs, now: Timestamp) {
        self.clear_slot(arn, knobs, now);
        self.shift(arn, GrantStatus::Active, None, false, now);
    }

    /// The other grant that is active for the same product in a grant's account
    pub(super) fn occupant(&self, arn: &str) -> Option<String> {
        let grant = self.grants.get(arn)?;
        let slot = (grant.principal.account()?.to_owned(), grant.sku.clone());
        self.active.get(&slot).filter(|active| *active != arn).cloned()
    }

    fn clear_slot(&mut self, arn: &str, knobs: &Knobs, now: Timestamp) {
        let Some(displaced) = self.occupant(arn) else { return };
        let account = self.grants.get(arn).and_then(|grant| grant.principal.account()).map(str::to_owned);
        let reason = Some("Replaced by another grant for the same product".to_owned());
        self.shift(&displaced, GrantStatus::Disabled, reason, knobs.workflow_bumps_version, now);
        let account = account.unwrap_or_default();
        self.displacements.push(Displacement { at: now, account, displaced, by: arn.to_owned() });
    }

    /// The one place where a status changes: keeps the active place per product and the queue of workflows right
    pub(super) fn shift(&mut self, arn: &str, to: GrantStatus, reason: Option<String>, bump: bool, now: Timestamp) {
        let Some(grant) = self.grants.get_mut(arn) else { return };
        grant.status = to;
        grant.status_reason = reason;
        if bump {
            grant.version += 1;
        }
        if !to.is_live() {
            grant.ended = Some(now);
        }
        if let Some(workflow) = grant.workflow.take() {
            self.workflows.remove(&workflow);
        }
        if let Some(account) = grant.principal.account() {
            let slot = (account.to_owned(), grant.sku.clone());
            if to == GrantStatus::Active {
                self.active.insert(slot, grant.arn.clone());
            } else if self.active.get(&slot) == Some(&grant.arn) {
                self.active.remove(&slot);
            }
        }
    }
}
