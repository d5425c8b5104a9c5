//! Which accounts an organization or unit grant reaches, and the sub-grants that follow from it

use std::collections::BTreeMap;

use super::grant::{Grant, GrantStatus, Principal};
use super::license::LicenseStatus;
use super::workflow::Work;
use super::{LicenseManager, Turn, after, grant_arn, principal};
use crate::organizations::Organization;

/// The organization's tree as last seen, to notice that it changed
#[derive(Debug, Clone, Default)]
pub(super) struct Members {
    accounts: Vec<[String; 3]>,
    units: Vec<[String; 2]>,
}

impl Members {
    pub(super) fn of(organization: &Organization) -> Self {
        let accounts = organization.accounts.values();
        let units = organization.units.values();
        Self {
            accounts: accounts.map(|at| [at.id.clone(), at.parent.clone(), at.state.clone()]).collect(),
            units: units.map(|at| [at.id.clone(), at.parent.clone()]).collect(),
        }
    }

    pub(super) fn are_of(&self, organization: &Organization) -> bool {
        let accounts = organization.accounts.values().map(|at| [&at.id, &at.parent, &at.state]);
        let units = organization.units.values().map(|at| [&at.id, &at.parent]);
        self.accounts.len() == organization.accounts.len()
            && self.units.len() == organization.units.len()
            && self.accounts.iter().map(|at| at.each_ref()).eq(accounts)
            && self.units.iter().map(|at| at.each_ref()).eq(units)
    }
}

/// Whether an account is under an organization or unit principal
pub(super) fn is_under(principal: &Principal, account: &str, organization: &Organization) -> bool {
    let Some(account) = organization.accounts.get(account) else { return false };
    match principal {
        Principal::Organization => true,
        Principal::Unit(unit) => organization.ancestors(&account.parent).iter().any(|above| above.id == *unit),
        Principal::Account(id) => *id == account.id,
    }
}

/// Whether an organization or unit grant reaches an account: never the grantor, which holds the license itself, and the
/// management account only by the knob `organization_grant_covers_management`
fn reaches(grant: &Grant, account: &str, turn: &Turn<'_>) -> bool {
    let management = account == turn.organization.management_account;
    account != grant.grantor
        && (!management || turn.knobs.organization_grant_covers_management)
        && is_under(&grant.principal, account, turn.organization)
}

/// What to do with accounts that have no usable sub-grant
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spread {
    /// Missing sub-grants are made and stay DISABLED
    Dormant,
    /// Missing ones are made, and all are activated
    Activating,
    /// Missing ones are made by a workflow of their own
    Joining,
}

impl LicenseManager {
    /// Brings a grant's sub-grants in line with the organization
    ///
    /// An account must be ACTIVE to get a sub-grant; one that is suspended or closed later keeps what it has, and one
    /// that leaves (or moves out of the unit) loses it at once.
    pub(super) fn spread(&mut self, arn: &str, how: Spread, turn: &mut Turn<'_>) {
        let Some(grant) = self.grants.get(arn).cloned() else { return };
        self.drop_leavers(&grant, turn);
        let present = self.live_sub_grants(arn);
        let organization = turn.organization;
        for account in organization.accounts.values().filter(|account| account.state == "ACTIVE") {
            if !reaches(&grant, &account.id, turn) {
                continue;
            }
            let sub_grant = match present.get(&account.id) {
                Some(sub_grant) => sub_grant.clone(),
                None => self.make_sub_grant(&grant, &account.id, how, turn),
            };
            if how == Spread::Activating {
                self.reactivate_sub_grant(&sub_grant, &grant, turn);
            }
        }
    }

    /// The organization changed: sub-grants for joiners, none for leavers
    pub(super) fn follow_members(&mut self, turn: &mut Turn<'_>) {
        let spread = self.spread.iter().filter_map(|arn| self.grants.get(arn));
        let spread: Vec<Grant> = spread.filter(|grant| grant.status.is_live()).cloned().collect();
        for grant in spread {
            let settled = matches!(grant.status, GrantStatus::Disabled | GrantStatus::WorkflowCompleted);
            let license = self.licenses.get(&grant.license);
            let available = license.is_some_and(|license| license.status == LicenseStatus::Available);
            if settled && available && (grant.activated || turn.knobs.sub_grants_before_activation) {
                self.spread(&grant.arn, Spread::Joining, turn);
            } else {
                self.drop_leavers(&grant, turn);
            }
        }
    }

    /// Live sub-grants of an organization or unit grant, by account
    pub(super) fn live_sub_grants(&self, parent: &str) -> BTreeMap<String, String> {
        let arns = self.sub_grants.get(parent).into_iter().flatten();
        arns.filter_map(|arn| self.grants.get(arn))
            .filter(|grant| grant.status.is_live())
            .filter_map(|grant| Some((grant.principal.account()?.to_owned(), grant.arn.clone())))
            .collect()
    }

    fn drop_leavers(&mut self, grant: &Grant, turn: &Turn<'_>) {
        for (account, arn) in self.live_sub_grants(&grant.arn) {
            if !is_under(&grant.principal, &account, turn.organization) {
                let reason = Some("Account is no longer under the grant's principal".to_owned());
                self.shift(&arn, GrantStatus::Deleted, reason, turn.knobs.workflow_bumps_version, turn.now);
            }
        }
    }

    fn make_sub_grant(&mut self, parent: &Grant, account: &str, how: Spread, turn: &mut Turn<'_>) -> String {
        let arn = grant_arn(&parent.grantor, turn.ids);
        let joining = how == Spread::Joining;
        self.insert(Grant {
            arn: arn.clone(),
            parent_arn: parent.arn.clone(),
            principal: Principal::Account(account.to_owned()),
            principal_arn: principal::account_arn(account),
            status: if joining { GrantStatus::PendingWorkflow } else { GrantStatus::Disabled },
            status_reason: None,
            version: 1,
            activated: false,
            sub_grant: true,
            switched_off: false,
            created: turn.now,
            visible_from: after(turn.now, turn.knobs.visibility_seconds),
            ended: None,
            workflow: None,
            ..parent.clone()
        });
        if joining {
            self.begin(&arn, Work::Arrive, after(turn.now, turn.knobs.workflow_seconds));
        }
        arn
    }

    /// An activation of the parent reaches a sub-grant
    fn reactivate_sub_grant(&mut self, arn: &str, parent: &Grant, turn: &Turn<'_>) {
        let Some(sub_grant) = self.grants.get_mut(arn) else { return };
        let kept_off = sub_grant.switched_off && !turn.knobs.new_version_reactivates_sub_grants;
        let idle = matches!(sub_grant.status, GrantStatus::Disabled | GrantStatus::FailedWorkflow);
        if !idle || kept_off {
            return;
        }
        sub_grant.switched_off = false;
        sub_grant.options = parent.options;
        sub_grant.options_by_grantor = parent.options_by_grantor;
        self.activate(arn, turn.knobs, turn.now);
    }
}
