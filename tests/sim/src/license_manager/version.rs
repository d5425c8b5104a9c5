//! CreateGrantVersion: activate, deactivate, rename, narrow

use serde::{Deserialize, Serialize};

use super::activation::{TAKEN, override_of};
use super::create::{Written, check_marketplace_access, check_operations};
use super::grant::{Grant, GrantStatus, Override};
use super::license::{AllowedOperation, LicenseStatus};
use super::replay::Asked;
use super::role::{Role, denied};
use super::transition::{Change, Transition};
use super::workflow::Work;
use super::write::{Write, WriteOperation};
use super::{Context, LicenseManager};
use crate::error::ApiError;
use crate::knobs::TakenAccount;

/// A CreateGrantVersion request, its members already checked one by one; what is absent stays as it is
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewVersion {
    pub(super) client_token: String,
    pub(super) grant_arn: String,
    pub(super) name: Option<String>,
    pub(super) operations: Option<Vec<AllowedOperation>>,
    pub(super) status: Option<GrantStatus>,
    pub(super) status_reason: Option<String>,
    pub(super) source_version: Option<String>,
    pub(super) override_behavior: Option<Override>,
    pub(super) desired_status: Option<GrantStatus>,
}

impl LicenseManager {
    /// Makes a new version of a grant; activation ends later, switching off one account's grant is immediate
    pub(super) fn create_grant_version(
        &mut self,
        context: &mut Context<'_>,
        asked: NewVersion,
    ) -> Result<Written, ApiError> {
        let replay = Asked::Version(asked.clone());
        if let Some(answer) = self.replayed(context, &replay)? {
            return Ok(answer);
        }
        let (grant, role) = self.grant_for(&asked.grant_arn, context)?;
        check_request(&asked)?;
        check_role(&asked, &grant, role, context)?;
        self.check_state(&asked, &grant, context)?;

        self.check_start(&asked, &grant, context)?;
        self.record_version(&asked, &grant, context);
        self.amend(&asked, role, context);
        self.carry_out(&asked, &grant, context);
        let answer = self.written(&grant.arn)?;
        self.remember(context, replay, &answer);
        Ok(answer)
    }

    fn record_version(&mut self, asked: &NewVersion, grant: &Grant, context: &Context<'_>) {
        let write = self.write(context, WriteOperation::CreateGrantVersion, grant);
        let off = asked.status == Some(GrantStatus::Disabled);
        let on = asked.status == Some(GrantStatus::Active);
        let takes_from = if off { self.serves(grant) } else { Vec::new() };
        let reaches = if on { self.beneath(grant, context) } else { Vec::new() };
        self.record(Write {
            renamed: asked.name.clone(),
            status: asked.status,
            override_behavior: asked.override_behavior,
            takes_from,
            reaches,
            ..write
        });
    }

    /// What the new version sets going
    fn carry_out(&mut self, asked: &NewVersion, grant: &Grant, context: &Context<'_>) {
        let single = grant.principal.account().is_some();
        match (single, asked.status) {
            (true, Some(GrantStatus::Active)) if grant.status == GrantStatus::Active => {}
            (true, Some(GrantStatus::Active)) => {
                let sticks = context.knobs.first_activation_sticks && !grant.was_stuck;
                if context.knobs.account_activation_passes_workflow || sticks {
                    self.start(grant, Work::Activate, None, context);
                } else {
                    self.activate(&grant.arn, context.knobs, context.now);
                }
            }
            (false, Some(GrantStatus::Active)) => {
                self.start(grant, Work::Activate, Some(Transition::Activating), context);
            }
            (true, Some(_)) => {
                let on = grant.status == GrantStatus::Active;
                let off = Change::to(GrantStatus::Disabled, on.then_some(Transition::Deactivated));
                self.shift(&grant.arn, off.because(asked.status_reason.clone()), context.now);
            }
            (true, None) => {}
            (false, Some(_)) => self.start(grant, Work::SwitchOff, None, context),
            (false, None) => {
                let work = Work::Redistribute { back_to: grant.status };
                self.start(grant, work, Some(Transition::Distributing), context);
            }
        }
    }

    fn amend(&mut self, asked: &NewVersion, role: Role, context: &Context<'_>) {
        self.change(&asked.grant_arn, context.now, |grant| {
            grant.version += 1;
            if let Some(name) = &asked.name {
                grant.name.clone_from(name);
            }
            if let Some(operations) = &asked.operations {
                grant.operations.clone_from(operations);
            }
            if asked.override_behavior.is_some() {
                grant.options = asked.override_behavior;
                grant.options_by_grantor = role == Role::Grantor;
            }
            if asked.status_reason.is_some() {
                grant.status_reason.clone_from(&asked.status_reason);
            }
            if let Some(status) = asked.status {
                grant.switched_off = grant.sub_grant && status == GrantStatus::Disabled;
            }
        });
    }

    fn start(&mut self, grant: &Grant, work: Work, begins: Option<Transition>, context: &Context<'_>) {
        let reason = self.grant(&grant.arn).and_then(|grant| grant.status_reason.clone());
        self.shift(&grant.arn, Change::to(GrantStatus::PendingWorkflow, begins).because(reason), context.now);
        self.begin(&grant.arn, work, context.workflow_end());
    }

    /// A workflow may start, and an activation may succeed as far as can be told at once
    fn check_start(&self, asked: &NewVersion, grant: &Grant, context: &Context<'_>) -> Result<(), ApiError> {
        if grant.principal.account().is_none() {
            return self.check_traffic(context);
        }
        let refused = context.knobs.taken_account == TakenAccount::Refused;
        let options = asked.override_behavior.or(grant.options);
        let activates = asked.status == Some(GrantStatus::Active) && grant.status != GrantStatus::Active;
        let modest = override_of(options, context.knobs) == Override::DistributedGrantsOnly;
        if refused && activates && modest && self.occupant(&grant.arn).is_some() {
            return Err(ApiError::validation(TAKEN));
        }
        Ok(())
    }

    fn check_state(&self, asked: &NewVersion, grant: &Grant, context: &Context<'_>) -> Result<(), ApiError> {
        if let Some(source) = &asked.source_version
            && *source != grant.version.to_string()
        {
            let text = format!("SourceVersion {source} is not the current version {}", grant.version);
            return Err(context.knobs.stale_version_error.error(text));
        }
        let activates = asked.status == Some(GrantStatus::Active);
        let settled = match grant.status {
            GrantStatus::Active | GrantStatus::Disabled | GrantStatus::WorkflowCompleted => grant.is_live(),
            GrantStatus::PendingAccept => asked.status.is_none(),
            GrantStatus::PendingWorkflow => grant.stuck && activates,
            GrantStatus::FailedWorkflow => context.knobs.failed_grant_can_be_activated && activates,
            GrantStatus::Rejected | GrantStatus::Deleted | GrantStatus::PendingDelete => false,
        };
        if !settled {
            let text = format!("GrantArn: a grant in status {} cannot get this version", grant.status.as_str());
            return Err(context.knobs.busy_grant_error.error(text));
        }
        let Some(license) = self.license(&grant.license) else {
            return Err(ApiError::validation("GrantArn: the license does not exist"));
        };
        if let Some(operations) = &asked.operations {
            check_operations(operations, license)?;
        }
        if asked.status == Some(GrantStatus::Active) {
            if license.status != LicenseStatus::Available {
                return Err(ApiError::validation(format!("Status: the license is {}", license.status.as_str())));
            }
            if !grant.is_own_subscription() {
                check_marketplace_access(context)?;
            }
        }
        Ok(())
    }

    /// What a write on a grant answers
    pub(super) fn written(&self, arn: &str) -> Result<Written, ApiError> {
        let grant = self.grant(arn).ok_or_else(|| ApiError::validation(format!("GrantArn {arn} does not exist")))?;
        Ok(Written { arn: grant.arn.clone(), status: grant.status, version: grant.version })
    }
}

fn check_request(asked: &NewVersion) -> Result<(), ApiError> {
    if asked.desired_status.is_some() {
        return Err(ApiError::validation("Options.DesiredStatus is allowed only on CreateGrant"));
    }
    match asked.status {
        Some(GrantStatus::Active) => Ok(()),
        Some(GrantStatus::Disabled) | None if asked.override_behavior.is_some() => {
            Err(ApiError::validation("Options.ActivationOverrideBehavior is allowed only with Status ACTIVE"))
        }
        Some(GrantStatus::Disabled) | None => Ok(()),
        Some(status) => Err(ApiError::validation(format!("Status {} is neither ACTIVE nor DISABLED", status.as_str()))),
    }
}

/// Who may ask for what: a grantee only for a status, and for an override only where the grantor set none
/// (user guide, "Grant activation"; API member Options.ActivationOverrideBehavior)
fn check_role(asked: &NewVersion, grant: &Grant, role: Role, context: &Context<'_>) -> Result<(), ApiError> {
    let amends = asked.name.is_some() || asked.operations.is_some();
    match role {
        Role::Grantor => {
            if grant.sub_grant && amends {
                let text = "GrantName and AllowedOperations of this grant follow its ParentArn";
                return Err(ApiError::validation(text));
            }
            let single = grant.principal.account().is_some() && !grant.sub_grant;
            let barred = single && !context.knobs.grantor_may_activate_account_grants;
            if barred && asked.status == Some(GrantStatus::Active) {
                return Err(denied("Only the grantee can activate this grant"));
            }
            Ok(())
        }
        Role::Grantee => {
            if amends {
                return Err(denied("Only the grantor can change GrantName or AllowedOperations"));
            }
            let chosen = grant.options_by_grantor && asked.override_behavior.is_some();
            if chosen && asked.override_behavior != grant.options {
                return Err(ApiError::validation("Options.ActivationOverrideBehavior was set by the grantor"));
            }
            Ok(())
        }
        Role::Covered | Role::Stranger => Err(denied("Only the grantor can change this grant")),
    }
}
