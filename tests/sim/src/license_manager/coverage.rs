//! Which accounts an organization or unit grant reaches, and the sub-grants that follow from it

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::activation::override_of;
use super::chore::Chore;
use super::grant::{Grant, GrantStatus, Override, Principal};
use super::license::LicenseStatus;
use super::transition::{Change, Transition};
use super::workflow::Work;
use super::{Arn, LicenseManager, Turn, after, grant_arn, principal};
use crate::knobs::{LeaverSubGrant, SuspendedAccounts, TakenAccount};
use crate::organizations::{Account, Organization};

/// How long a leaver keeps its sub-grant where it does not lose it at once
const LATE_SECONDS: u64 = 3_600;

/// The organization's tree as last seen, to notice that it changed
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Members {
    accounts: Vec<[String; 3]>,
    units: Vec<[String; 2]>,
    linked: bool,
}

impl Members {
    pub(super) fn of(organization: &Organization, linked: bool) -> Self {
        let accounts = organization.accounts.values();
        let units = organization.units.values();
        Self {
            accounts: accounts.map(|at| [at.id.clone(), at.parent.clone(), at.state.clone()]).collect(),
            units: units.map(|at| [at.id.clone(), at.parent.clone()]).collect(),
            linked,
        }
    }

    pub(super) fn are_of(&self, organization: &Organization, linked: bool) -> bool {
        let accounts = organization.accounts.values().map(|at| [&at.id, &at.parent, &at.state]);
        let units = organization.units.values().map(|at| [&at.id, &at.parent]);
        self.linked == linked
            && self.accounts.len() == organization.accounts.len()
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
    /// An account must be ACTIVE to get a sub-grant, unless the knob `suspended_accounts` says otherwise; one that is
    /// suspended or closed later keeps what it has, and one that leaves (or moves out of the unit) loses it as the knob
    /// `leaver_sub_grant` says.
    pub(super) fn spread(&mut self, arn: &str, how: Spread, turn: &mut Turn<'_>) {
        let Some(grant) = self.grant(arn).cloned() else { return };
        self.drop_leavers(arn, turn);
        let present = self.live_sub_grants(arn);
        let organization = turn.organization;
        for account in organization.accounts.values() {
            let active = account.state == "ACTIVE";
            let skipped = !active && turn.knobs.suspended_accounts == SuspendedAccounts::Skipped;
            if skipped || !reaches(&grant, &account.id, turn) {
                continue;
            }
            let fails = !active && turn.knobs.suspended_accounts == SuspendedAccounts::Failed;
            let sub_grant = match present.get(account.id.as_str()) {
                Some(sub_grant) => Arc::clone(sub_grant),
                None if self.passes_over(&grant, &account.id, turn) => continue,
                None => self.make_sub_grant(&grant, account, how, fails, turn),
            };
            if how == Spread::Activating && !fails {
                self.reactivate_sub_grant(&sub_grant, &grant, turn);
            }
        }
    }

    /// The organization changed: sub-grants for joiners, none for leavers
    pub(super) fn follow_members(&mut self, turn: &mut Turn<'_>) {
        let linked = self.is_linked(turn.organization);
        for arn in self.spread.iter().cloned().collect::<Vec<_>>() {
            let Some(grant) = self.grant(&arn).filter(|grant| grant.is_live()) else { continue };
            let settled = matches!(grant.status, GrantStatus::Disabled | GrantStatus::WorkflowCompleted);
            let license = self.license(&grant.license);
            let available = license.is_some_and(|license| license.status == LicenseStatus::Available);
            let reaching = grant.activated || turn.knobs.sub_grants_before_activation;
            if settled && available && linked && reaching {
                self.spread(&arn, Spread::Joining, turn);
            } else {
                self.drop_leavers(&arn, turn);
            }
        }
        if turn.knobs.account_grant_ends_on_departure {
            self.end_grants_of_strangers(turn);
        }
    }

    /// Live sub-grants of an organization or unit grant, by account
    pub(super) fn live_sub_grants(&self, parent: &str) -> BTreeMap<String, Arn> {
        let arns = self.sub_grants.get(parent).into_iter().flatten();
        arns.filter_map(|arn| Some((arn, self.grant(arn)?)))
            .filter(|(_, grant)| grant.is_live())
            .filter_map(|(arn, grant)| Some((grant.principal.account()?.to_owned(), Arc::clone(arn))))
            .collect()
    }

    fn drop_leavers(&mut self, parent: &str, turn: &Turn<'_>) {
        let Some(principal) = self.grant(parent).map(|grant| grant.principal.clone()) else { return };
        for (account, arn) in self.live_sub_grants(parent) {
            if is_under(&principal, &account, turn.organization) {
                continue;
            }
            match turn.knobs.leaver_sub_grant {
                LeaverSubGrant::DeletedAtOnce => self.remove(&arn, GrantStatus::Deleted, turn),
                LeaverSubGrant::DeletedLate => self.put_off(Chore::Remove(arn), after(turn.now, LATE_SECONDS)),
                LeaverSubGrant::Disabled => {
                    let status = self.grant(&arn).map(|grant| grant.status);
                    if !matches!(status, Some(GrantStatus::Disabled | GrantStatus::PendingDelete) | None) {
                        self.remove(&arn, GrantStatus::Disabled, turn);
                    }
                }
                LeaverSubGrant::Kept => {}
            }
        }
    }

    /// Takes a grant from an account that left
    pub(super) fn remove(&mut self, arn: &str, to: GrantStatus, turn: &Turn<'_>) {
        let change = Change::to(to, Transition::SubGrantRemoved)
            .because("Account is no longer under the grant's principal".to_owned())
            .bump(turn.knobs.workflow_bumps_version);
        self.shift(arn, change, turn.now);
    }

    /// Grants made to single accounts that are not in the organization
    fn end_grants_of_strangers(&mut self, turn: &Turn<'_>) {
        let direct = self.direct.values().flatten().filter_map(|arn| Some((arn, self.grant(arn)?)));
        let strangers = direct
            .filter(|(_, grant)| grant.is_live() && !grant.is_own_subscription())
            .filter(|(_, grant)| {
                let account = grant.principal.account();
                account.is_some_and(|account| !turn.organization.accounts.contains_key(account))
            })
            .map(|(arn, _)| Arc::clone(arn));
        for arn in strangers.collect::<Vec<_>>() {
            self.remove(&arn, GrantStatus::Deleted, turn);
        }
    }

    /// Whether an account gets no sub-grant because it has something active for the product
    fn passes_over(&self, grant: &Grant, account: &str, turn: &Turn<'_>) -> bool {
        turn.knobs.taken_account == TakenAccount::Refused
            && override_of(grant.options, turn.knobs) == Override::DistributedGrantsOnly
            && self.places.get(account, &grant.sku).is_some()
    }

    fn make_sub_grant(
        &mut self,
        parent: &Grant,
        account: &Account,
        how: Spread,
        fails: bool,
        turn: &mut Turn<'_>,
    ) -> Arn {
        let joining = how == Spread::Joining;
        let arn = self.insert(Grant {
            arn: grant_arn(&parent.grantor, turn.knobs, turn.ids),
            parent_arn: parent.arn.clone(),
            principal: Principal::Account(account.id.clone()),
            principal_arn: principal::account_arn(&account.id),
            status: if joining { GrantStatus::PendingWorkflow } else { GrantStatus::Disabled },
            status_reason: None,
            version: 1,
            activated: false,
            sub_grant: true,
            switched_off: false,
            created: turn.now,
            readable_from: turn.knobs.readable_from(turn.now),
            visible_from: turn.knobs.visible_from(turn.now),
            ended: None,
            stuck: false,
            was_stuck: false,
            reads: None,
            workflow: None,
            ..parent.clone()
        });
        if joining {
            self.count(Transition::SubGrantCreated);
        }
        if fails {
            let reason = format!("Account {} is {}", account.id, account.state);
            let failed = Change::to(GrantStatus::FailedWorkflow, Transition::Failed).because(reason);
            self.shift(&arn, failed.bump(turn.knobs.workflow_bumps_version), turn.now);
        } else if joining {
            self.begin(&arn, Work::Arrive, after(turn.now, turn.knobs.workflow_seconds));
        }
        arn
    }

    /// An activation of the parent reaches a sub-grant
    fn reactivate_sub_grant(&mut self, arn: &str, parent: &Grant, turn: &Turn<'_>) {
        let Some(sub_grant) = self.grant(arn) else { return };
        let kept_off = sub_grant.switched_off && !turn.knobs.new_version_reactivates_sub_grants;
        let idle = matches!(sub_grant.status, GrantStatus::Disabled | GrantStatus::FailedWorkflow);
        if !idle || kept_off {
            return;
        }
        self.change(arn, turn.now, |sub_grant| {
            sub_grant.switched_off = false;
            sub_grant.options = parent.options;
            sub_grant.options_by_grantor = parent.options_by_grantor;
        });
        self.activate(arn, turn.knobs, turn.now);
    }
}
