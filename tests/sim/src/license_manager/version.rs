//! CreateGrantVersion: activate, deactivate, rename, narrow

use super::create::{Asked, Written, check_marketplace_access, check_operations};
use super::grant::{Grant, GrantStatus, Override};
use super::license::{AllowedOperation, LicenseStatus};
use super::role::{Role, denied};
use super::workflow::Work;
use super::write::{Write, WriteOperation};
use super::{Context, LicenseManager};
use crate::error::ApiError;

/// A CreateGrantVersion request, its members already checked one by one; what is absent stays as it is
#[derive(Debug, Clone, PartialEq, Eq)]
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
        if let Some(answer) = self.replayed(context.caller, &replay)? {
            return Ok(answer);
        }
        let (grant, role) = self.grant_for(&asked.grant_arn, context)?;
        check_request(&asked)?;
        check_role(&asked, &grant, role, context)?;
        self.check_state(&asked, &grant, context)?;

        let write = self.write(context, WriteOperation::CreateGrantVersion, &grant);
        self.writes.push(Write {
            renamed: asked.name.clone(),
            status: asked.status,
            override_behavior: asked.override_behavior,
            ..write
        });
        self.amend(&asked, role);
        match (grant.principal.account().is_some(), asked.status) {
            (true, Some(GrantStatus::Active)) if grant.status == GrantStatus::Active => {}
            (_, Some(GrantStatus::Active)) => self.start(&grant, Work::Activate, context),
            (true, Some(_)) => {
                self.shift(&grant.arn, GrantStatus::Disabled, asked.status_reason, false, context.now);
            }
            (true, None) => {}
            (false, Some(_)) => self.start(&grant, Work::SwitchOff, context),
            (false, None) => self.start(&grant, Work::Redistribute { back_to: grant.status }, context),
        }
        let answer = self.written(&grant.arn)?;
        self.remember(context.caller, replay, &answer);
        Ok(answer)
    }

    fn amend(&mut self, asked: &NewVersion, role: Role) {
        let Some(grant) = self.grants.get_mut(&asked.grant_arn) else { return };
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
    }

    fn start(&mut self, grant: &Grant, work: Work, context: &Context<'_>) {
        let reason = self.grants.get(&grant.arn).and_then(|grant| grant.status_reason.clone());
        self.shift(&grant.arn, GrantStatus::PendingWorkflow, reason, false, context.now);
        self.begin(&grant.arn, work, context.workflow_end());
    }

    fn check_state(&self, asked: &NewVersion, grant: &Grant, context: &Context<'_>) -> Result<(), ApiError> {
        if let Some(source) = &asked.source_version
            && *source != grant.version.to_string()
        {
            let text = format!("SourceVersion {source} is not the current version {}", grant.version);
            return Err(ApiError::validation(text));
        }
        let settled = match grant.status {
            GrantStatus::Active | GrantStatus::Disabled | GrantStatus::WorkflowCompleted => true,
            GrantStatus::PendingAccept => asked.status.is_none(),
            GrantStatus::PendingWorkflow
            | GrantStatus::Rejected
            | GrantStatus::FailedWorkflow
            | GrantStatus::Deleted
            | GrantStatus::PendingDelete => false,
        };
        if !settled {
            let text = format!("GrantArn: a grant in status {} cannot get this version", grant.status.as_str());
            return Err(ApiError::validation(text));
        }
        let Some(license) = self.licenses.get(&grant.license) else {
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
        let grant = self.grants.get(arn).ok_or_else(|| super::role::not_found(arn))?;
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
