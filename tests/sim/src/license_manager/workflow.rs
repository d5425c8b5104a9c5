//! What runs after a call has answered: distribution, activation, deletion

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::chore::Chore;
use super::coverage::Spread;
use super::grant::{Grant, GrantStatus, Principal};
use super::license::LicenseStatus;
use super::principal::{MARKETPLACE_ACCESS, trusts};
use super::transition::{Change, Transition};
use super::{Arn, LicenseManager, Turn, after};
use crate::knobs::DeletedOrganizationGrant;

/// A workflow in the queue
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Workflow {
    pub(super) grant: Arn,
    pub(super) work: Work,
    /// Set by a fault: it ends in FAILED_WORKFLOW with this reason
    pub(super) failure: Option<Arc<str>>,
}

/// What a workflow does when it ends
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Work {
    /// A new grant arrives at its principal, not yet active
    Distribute {
        /// It was asked to be active, and will be in a second step
        then_activate: bool,
    },
    /// The grantee accepted
    Accept,
    /// A grant is activated; for an organization or unit, in every account it reaches
    Activate,
    /// An organization or unit grant is switched off everywhere
    SwitchOff,
    /// A new name or operations reach the sub-grants; the status goes back to what it was
    Redistribute {
        /// What it was
        back_to: GrantStatus,
    },
    /// The sub-grant of an account that joined
    Arrive,
    /// A grant and its sub-grants go
    Delete,
}

impl LicenseManager {
    /// Starts a grant's one workflow
    pub(super) fn begin(&mut self, arn: &str, work: Work, due: Timestamp) {
        let Some((grant, _)) = self.grants.get_key_value(arn) else { return };
        let grant = Arc::clone(grant);
        self.started += 1;
        let key = (due, self.started);
        // No state of its own: a grant's past is what its callers could have seen.
        if let Some(kept) = self.grants.get_mut(arn) {
            Arc::make_mut(kept).amend(|grant| grant.workflow = Some(key));
        }
        self.workflows.insert(key, Workflow { grant, work, failure: None });
    }

    /// Ends a workflow at `turn.now`
    pub(super) fn finish(&mut self, workflow: Workflow, turn: &mut Turn<'_>) {
        let Some(grant) = self.grant(&workflow.grant).cloned() else { return };
        if workflow.work == Work::Activate && self.sticks(&grant, turn) {
            return;
        }
        let bump = turn.knobs.workflow_bumps_version;
        if let Some(reason) = self.failure(&workflow, &grant) {
            let failed = Change::to(GrantStatus::FailedWorkflow, Transition::Failed).because(reason);
            self.shift(&grant.arn, failed.bump(bump), turn.now);
            return;
        }
        match workflow.work {
            Work::Distribute { then_activate } => self.distributed(&grant, then_activate, turn),
            Work::Accept => {
                let accepted = Change::to(GrantStatus::Disabled, Transition::Accepted);
                self.shift(&grant.arn, accepted.bump(bump), turn.now);
            }
            Work::Activate => self.activated(&grant, turn),
            Work::SwitchOff => self.switched_off(&grant, turn),
            Work::Redistribute { back_to } => self.redistributed(&grant, back_to, turn),
            Work::Arrive => self.arrived(&grant, turn),
            Work::Delete => self.deleted(&grant, turn),
        }
    }

    /// By the knob, an activation hangs until it is asked for once more; reported live by a tool's authors
    fn sticks(&mut self, grant: &Grant, turn: &Turn<'_>) -> bool {
        if !turn.knobs.first_activation_sticks || grant.was_stuck {
            return false;
        }
        self.change(&grant.arn, turn.now, |grant| {
            grant.stuck = true;
            grant.was_stuck = true;
            grant.workflow = None;
        });
        true
    }

    fn failure(&self, workflow: &Workflow, grant: &Grant) -> Option<String> {
        if let Some(reason) = &workflow.failure {
            return Some(reason.to_string());
        }
        let needs_license = match workflow.work {
            Work::Distribute { .. } | Work::Accept | Work::Activate | Work::Arrive => true,
            Work::Delete | Work::SwitchOff | Work::Redistribute { .. } => false,
        };
        match self.license(&grant.license).map(|license| license.status) {
            Some(LicenseStatus::Available) => None,
            Some(status) => needs_license.then(|| format!("License is {}", status.as_str())),
            None => needs_license.then(|| "License does not exist".to_owned()),
        }
    }

    /// A new grant reached its principal
    pub(super) fn distributed(&mut self, grant: &Grant, then_activate: bool, turn: &mut Turn<'_>) {
        let bump = turn.knobs.workflow_bumps_version;
        let change = match &grant.principal {
            Principal::Account(account) => match turn.organization.accounts.get(account) {
                Some(account) if account.state == "ACTIVE" => {
                    Change::to(GrantStatus::Disabled, Transition::AutoAccepted)
                }
                Some(_) | None => Change::to(GrantStatus::FailedWorkflow, Transition::Failed)
                    .because(format!("Account {account} is not an active account of the organization")),
            },
            Principal::Organization | Principal::Unit(_) => {
                if turn.knobs.sub_grants_before_activation {
                    self.spread(&grant.arn, Spread::Dormant, turn);
                }
                before_activation(turn)
            }
        };
        self.shift(&grant.arn, change.bump(bump), turn.now);
        if then_activate {
            let due = after(turn.now, turn.knobs.workflow_seconds);
            self.put_off(Chore::Activate(grant.arn.as_str().into()), due);
        }
    }

    fn activated(&mut self, grant: &Grant, turn: &mut Turn<'_>) {
        if grant.principal.account().is_some() {
            self.activate(&grant.arn, turn.knobs, turn.now);
            return;
        }
        self.change(&grant.arn, turn.now, |grant| grant.activated = true);
        self.spread(&grant.arn, Spread::Activating, turn);
        let completed = Change::to(GrantStatus::WorkflowCompleted, Transition::FannedOut);
        self.shift(&grant.arn, completed.bump(turn.knobs.workflow_bumps_version), turn.now);
    }

    fn switched_off(&mut self, grant: &Grant, turn: &mut Turn<'_>) {
        let bump = turn.knobs.workflow_bumps_version;
        for arn in self.live_sub_grants(&grant.arn).into_values() {
            let status = self.grant(&arn).map(|sub_grant| sub_grant.status);
            if matches!(status, Some(GrantStatus::Active | GrantStatus::PendingWorkflow)) {
                self.shift(&arn, Change::to(GrantStatus::Disabled, Transition::Deactivated).bump(bump), turn.now);
            }
        }
        self.change(&grant.arn, turn.now, |grant| grant.activated = false);
        let off = Change::to(GrantStatus::Disabled, Transition::Deactivated).because(grant.status_reason.clone());
        self.shift(&grant.arn, off.bump(bump), turn.now);
    }

    fn redistributed(&mut self, grant: &Grant, back_to: GrantStatus, turn: &mut Turn<'_>) {
        for arn in self.live_sub_grants(&grant.arn).into_values() {
            self.change(&arn, turn.now, |sub_grant| {
                sub_grant.name.clone_from(&grant.name);
                sub_grant.operations.clone_from(&grant.operations);
                sub_grant.version += 1;
            });
        }
        if grant.activated && turn.knobs.new_version_reactivates_sub_grants {
            self.spread(&grant.arn, Spread::Activating, turn);
        } else if grant.activated || turn.knobs.sub_grants_before_activation {
            self.spread(&grant.arn, Spread::Joining, turn);
        }
        let completes = if back_to != GrantStatus::WorkflowCompleted {
            Transition::Distributed
        } else if grant.activated {
            Transition::FannedOut
        } else {
            Transition::DistributionCompleted
        };
        let done = Change::to(back_to, completes).because(grant.status_reason.clone());
        self.shift(&grant.arn, done.bump(turn.knobs.workflow_bumps_version), turn.now);
    }

    fn arrived(&mut self, sub_grant: &Grant, turn: &Turn<'_>) {
        let parent = self.grant(&sub_grant.parent_arn);
        let activated = parent.is_some_and(|parent| parent.activated && parent.is_live());
        if activated && turn.knobs.joiner_sub_grant_active && trusts(turn.organization, MARKETPLACE_ACCESS) {
            self.activate(&sub_grant.arn, turn.knobs, turn.now);
        } else {
            let arrived = Change::to(GrantStatus::Disabled, None).bump(turn.knobs.workflow_bumps_version);
            self.shift(&sub_grant.arn, arrived, turn.now);
        }
    }

    fn deleted(&mut self, grant: &Grant, turn: &Turn<'_>) {
        let bump = turn.knobs.workflow_bumps_version;
        for arn in self.live_sub_grants(&grant.arn).into_values() {
            self.shift(&arn, Change::to(GrantStatus::Deleted, Transition::Deleted).bump(bump), turn.now);
        }
        let recalled = grant.principal.account().is_none()
            && turn.knobs.deleted_organization_grant == DeletedOrganizationGrant::WorkflowCompleted;
        let to = if recalled { GrantStatus::WorkflowCompleted } else { GrantStatus::Deleted };
        if recalled {
            self.change(&grant.arn, turn.now, |grant| grant.ended = Some(turn.now));
        }
        let gone = Change::to(to, Transition::Deleted).because(grant.status_reason.clone());
        self.shift(&grant.arn, gone.bump(bump), turn.now);
    }
}

fn before_activation(turn: &Turn<'_>) -> Change {
    if turn.knobs.organization_grant_completes_before_activation {
        Change::to(GrantStatus::WorkflowCompleted, Transition::DistributionCompleted)
    } else {
        Change::to(GrantStatus::Disabled, Transition::Distributed)
    }
}
