//! What runs after a call has answered: distribution, activation, deletion

use jiff::Timestamp;

use super::coverage::Spread;
use super::grant::{Grant, GrantStatus, Principal};
use super::license::LicenseStatus;
use super::{LicenseManager, Turn};

/// A workflow in the queue
#[derive(Debug, Clone)]
pub(super) struct Workflow {
    pub(super) grant: String,
    pub(super) work: Work,
    /// Set by a fault: it ends in FAILED_WORKFLOW with this reason
    pub(super) failure: Option<String>,
}

/// What a workflow does when it ends
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// A new grant arrives at its principal, not yet active
    Distribute,
    /// A grant is activated; for an organization or unit, in every account it reaches
    Activate,
    /// An organization or unit grant is switched off everywhere
    SwitchOff,
    /// A new name or operations reach the sub-grants; the status goes back to what it was
    Redistribute { back_to: GrantStatus },
    /// The sub-grant of an account that joined
    Arrive,
    /// A grant and its sub-grants go
    Delete,
}

impl LicenseManager {
    /// Starts a grant's one workflow
    pub(super) fn begin(&mut self, arn: &str, work: Work, due: Timestamp) {
        let Some(grant) = self.grants.get_mut(arn) else { return };
        self.started += 1;
        let key = (due, self.started);
        grant.workflow = Some(key);
        self.workflows.insert(key, Workflow { grant: arn.to_owned(), work, failure: None });
    }

    /// Ends a workflow at `turn.now`
    pub(super) fn finish(&mut self, workflow: Workflow, turn: &mut Turn<'_>) {
        let Some(grant) = self.grants.get(&workflow.grant).cloned() else { return };
        let available = self.licenses.get(&grant.license).map(|license| license.status);
        let failure = match (workflow.failure, workflow.work) {
            (Some(reason), _) => Some(reason),
            (None, Work::Delete | Work::SwitchOff | Work::Redistribute { .. }) => None,
            (None, Work::Distribute | Work::Activate | Work::Arrive) => match available {
                Some(LicenseStatus::Available) => None,
                Some(status) => Some(format!("License is {}", status.as_str())),
                None => Some("License does not exist".to_owned()),
            },
        };
        let bump = turn.knobs.workflow_bumps_version;
        if let Some(reason) = failure {
            self.shift(&grant.arn, GrantStatus::FailedWorkflow, Some(reason), bump, turn.now);
            return;
        }
        match workflow.work {
            Work::Distribute => self.distributed(&grant, turn),
            Work::Activate => self.activated(&grant, turn),
            Work::SwitchOff => self.switched_off(&grant, turn),
            Work::Redistribute { back_to } => self.redistributed(&grant, back_to, turn),
            Work::Arrive => self.arrived(&grant, turn),
            Work::Delete => {
                for arn in self.live_sub_grants(&grant.arn).into_values() {
                    self.shift(&arn, GrantStatus::Deleted, None, bump, turn.now);
                }
                self.shift(&grant.arn, GrantStatus::Deleted, grant.status_reason, bump, turn.now);
            }
        }
    }

    fn distributed(&mut self, grant: &Grant, turn: &mut Turn<'_>) {
        let bump = turn.knobs.workflow_bumps_version;
        let (to, reason) = match &grant.principal {
            Principal::Account(account) => match turn.organization.accounts.get(account) {
                Some(account) if account.state == "ACTIVE" => (GrantStatus::Disabled, None),
                Some(_) | None => {
                    let reason = format!("Account {account} is not an active account of the organization");
                    (GrantStatus::FailedWorkflow, Some(reason))
                }
            },
            Principal::Organization | Principal::Unit(_) => {
                if turn.knobs.sub_grants_before_activation {
                    self.spread(&grant.arn, Spread::Dormant, turn);
                }
                (before_activation(turn), None)
            }
        };
        self.shift(&grant.arn, to, reason, bump, turn.now);
    }

    fn activated(&mut self, grant: &Grant, turn: &mut Turn<'_>) {
        if grant.principal.account().is_some() {
            self.activate(&grant.arn, turn.knobs, turn.now);
            return;
        }
        if let Some(grant) = self.grants.get_mut(&grant.arn) {
            grant.activated = true;
        }
        self.spread(&grant.arn, Spread::Activating, turn);
        let bump = turn.knobs.workflow_bumps_version;
        self.shift(&grant.arn, GrantStatus::WorkflowCompleted, None, bump, turn.now);
    }

    fn switched_off(&mut self, grant: &Grant, turn: &mut Turn<'_>) {
        let bump = turn.knobs.workflow_bumps_version;
        for arn in self.live_sub_grants(&grant.arn).into_values() {
            let status = self.grants.get(&arn).map(|sub_grant| sub_grant.status);
            if matches!(status, Some(GrantStatus::Active | GrantStatus::PendingWorkflow)) {
                self.shift(&arn, GrantStatus::Disabled, None, bump, turn.now);
            }
        }
        if let Some(grant) = self.grants.get_mut(&grant.arn) {
            grant.activated = false;
        }
        self.shift(&grant.arn, GrantStatus::Disabled, grant.status_reason.clone(), bump, turn.now);
    }

    fn redistributed(&mut self, grant: &Grant, back_to: GrantStatus, turn: &mut Turn<'_>) {
        let bump = turn.knobs.workflow_bumps_version;
        for arn in self.live_sub_grants(&grant.arn).into_values() {
            if let Some(sub_grant) = self.grants.get_mut(&arn) {
                sub_grant.name.clone_from(&grant.name);
                sub_grant.operations.clone_from(&grant.operations);
                sub_grant.version += 1;
            }
        }
        if grant.activated && turn.knobs.new_version_reactivates_sub_grants {
            self.spread(&grant.arn, Spread::Activating, turn);
        } else if grant.activated || turn.knobs.sub_grants_before_activation {
            self.spread(&grant.arn, Spread::Joining, turn);
        }
        self.shift(&grant.arn, back_to, grant.status_reason.clone(), bump, turn.now);
    }

    fn arrived(&mut self, sub_grant: &Grant, turn: &Turn<'_>) {
        let parent = self.grants.get(&sub_grant.parent_arn);
        let activated = parent.is_some_and(|parent| parent.activated && parent.status.is_live());
        if activated && turn.knobs.joiner_sub_grant_active {
            self.activate(&sub_grant.arn, turn.knobs, turn.now);
        } else {
            let bump = turn.knobs.workflow_bumps_version;
            self.shift(&sub_grant.arn, GrantStatus::Disabled, None, bump, turn.now);
        }
    }
}

fn before_activation(turn: &Turn<'_>) -> GrantStatus {
    if turn.knobs.organization_grant_completes_before_activation {
        GrantStatus::WorkflowCompleted
    } else {
        GrantStatus::Disabled
    }
}
