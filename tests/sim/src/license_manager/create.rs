//! CreateGrant

use rand::Rng;

use super::grant::{Grant, GrantStatus, GrantType, Override, Principal};
use super::license::{AllowedOperation, HOME_REGION, License, LicenseStatus, license_id};
use super::role::denied;
use super::version::NewVersion;
use super::workflow::Work;
use super::write::{Write, WriteOperation};
use super::{Context, LicenseManager, after, grant_arn, principal};
use crate::error::ApiError;

/// Grants per license, as the user guide states
const QUOTA: usize = 2_000;

/// A CreateGrant request, its members already checked one by one
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewGrant {
    pub(super) client_token: String,
    pub(super) name: String,
    pub(super) license_arn: String,
    pub(super) principal_arn: String,
    pub(super) home_region: String,
    pub(super) operations: Vec<AllowedOperation>,
    pub(super) grant_type: GrantType,
    pub(super) desired_status: Option<GrantStatus>,
    pub(super) override_behavior: Option<Override>,
}

/// What every write on a grant answers
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) arn: String,
    pub(super) status: GrantStatus,
    pub(super) version: u64,
}

/// What a client token was used for, and the answer it got
#[derive(Debug, Clone)]
pub(super) struct Replay {
    asked: Asked,
    answer: Written,
}

/// A request that carries a client token
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    Grant(NewGrant),
    Version(NewVersion),
}

impl Asked {
    fn token(&self) -> &str {
        match self {
            Self::Grant(asked) => &asked.client_token,
            Self::Version(asked) => &asked.client_token,
        }
    }
}

impl LicenseManager {
    /// Makes a grant; the workflow that distributes it ends later
    pub(super) fn create_grant(&mut self, context: &mut Context<'_>, asked: NewGrant) -> Result<Written, ApiError> {
        let replay = Asked::Grant(asked.clone());
        if let Some(answer) = self.replayed(context.caller, &replay)? {
            return Ok(answer);
        }
        if asked.grant_type == GrantType::Delegate {
            return Err(ApiError::validation("GrantType DelegateGrant is for sellers"));
        }
        let license = self.license_to_share(&asked, context)?;
        let parent_arn = license.received_by.clone();
        let (license, sku) = (license.id().to_owned(), license.sku().to_owned());
        let principal = principal::parse(&asked.principal_arn, context)?;
        check_activation(&asked, &principal, context)?;
        self.check_room(&license, &asked.principal_arn, context)?;

        let auto_accept = context.knobs.auto_accept_account_grants
            && context.administers()
            && self.linked
            && principal::trusts(context.organization, principal::LICENSE_MANAGER_ACCESS);
        let waits = principal.account().is_some() && !auto_accept;
        let status = if waits { GrantStatus::PendingAccept } else { GrantStatus::PendingWorkflow };
        let activating = asked.desired_status.is_some();
        let arn = grant_arn(context.caller, context.ids);
        let grant = Grant {
            arn: arn.clone(),
            name: asked.name,
            parent_arn,
            license,
            sku,
            principal,
            principal_arn: asked.principal_arn,
            grantor: context.caller.to_owned(),
            home_region: HOME_REGION,
            status,
            status_reason: None,
            version: 1,
            operations: asked.operations,
            options: asked.override_behavior,
            options_by_grantor: asked.override_behavior.is_some(),
            grant_type: asked.grant_type,
            activated: false,
            sub_grant: false,
            switched_off: false,
            created: context.now,
            visible_from: after(context.now, context.knobs.visibility_seconds),
            ended: None,
            workflow: None,
        };
        let write = self.write(context, WriteOperation::CreateGrant, &grant);
        self.writes.push(Write { was: None, status: asked.desired_status, override_behavior: grant.options, ..write });
        self.insert(grant);
        if !waits {
            let work = if activating { Work::Activate } else { Work::Distribute };
            self.begin(&arn, work, context.workflow_end());
        }
        let answer = Written { arn, status, version: 1 };
        self.remember(context.caller, replay, &answer);
        Ok(answer)
    }

    fn license_to_share(&self, asked: &NewGrant, context: &Context<'_>) -> Result<&License, ApiError> {
        let id = license_id(&asked.license_arn);
        let license = self
            .licenses
            .get(id)
            .ok_or_else(|| ApiError::validation(format!("LicenseArn {} does not exist", asked.license_arn)))?;
        if license.holder() != context.caller {
            return Err(denied(format!("{} has not received license {id} with CreateGrant", context.caller)));
        }
        let received = license.received_operations();
        if !received.contains(&AllowedOperation::CreateGrant) {
            return Err(ApiError::validation(format!("LicenseArn: license {id} does not allow CreateGrant")));
        }
        if license.status != LicenseStatus::Available {
            return Err(ApiError::validation(format!("LicenseArn: license {id} is {}", license.status.as_str())));
        }
        if asked.home_region != HOME_REGION {
            let text = format!("Grant can only be created in resource home AWS region: {HOME_REGION}");
            return Err(ApiError::validation(text));
        }
        check_operations(&asked.operations, license)?;
        Ok(license)
    }

    /// The grants of this license leave room for another to this principal
    ///
    /// The refusal of a duplicate is undocumented: its code varies, and `ConflictException` is not even modelled.
    fn check_room(&self, license: &str, principal_arn: &str, context: &mut Context<'_>) -> Result<(), ApiError> {
        let direct = self.direct.get(license).into_iter().flatten().filter_map(|arn| self.grants.get(arn));
        let mut count = 0;
        for grant in direct.filter(|grant| grant.status.is_live() && !grant.is_own_subscription()) {
            if grant.principal_arn == principal_arn && context.knobs.duplicate_grants_refused {
                let code = if context.ids.random() { "ConflictException" } else { "ValidationException" };
                return Err(ApiError::refused(code, "The principal already has a grant for this license"));
            }
            count += 1;
            if context.knobs.sub_grants_count_against_quota && grant.principal.account().is_none() {
                count += self.live_sub_grants(&grant.arn).len();
            }
        }
        if count >= QUOTA {
            return Err(ApiError::refused(
                "ResourceLimitExceededException",
                format!("License {license} has reached the limit of {QUOTA} grants"),
            ));
        }
        Ok(())
    }

    /// The answer a client token has had; refuses the token for another request
    ///
    /// A token is remembered for ever. The answer is the first one, not today's state.
    pub(super) fn replayed(&self, caller: &str, asked: &Asked) -> Result<Option<Written>, ApiError> {
        match self.replays.get(&(caller.to_owned(), asked.token().to_owned())) {
            Some(replay) if replay.asked == *asked => Ok(Some(replay.answer.clone())),
            Some(_) => Err(ApiError::validation("ClientToken was used before with other parameters")),
            None => Ok(None),
        }
    }

    pub(super) fn remember(&mut self, caller: &str, asked: Asked, answer: &Written) {
        let key = (caller.to_owned(), asked.token().to_owned());
        self.replays.insert(key, Replay { asked, answer: answer.clone() });
    }

    /// The record of a write on a grant as it is before
    pub(super) fn write(&self, context: &Context<'_>, operation: WriteOperation, grant: &Grant) -> Write {
        let slot = grant.principal.account().map(|account| (account.to_owned(), grant.sku.clone()));
        let active = slot.and_then(|slot| self.active.get(&slot));
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
            active_before: active.filter(|active| **active != grant.arn).cloned(),
            in_organization: principal::exists(&grant.principal, context.organization),
            person: self.person,
        }
    }
}

/// Operations passed on must be among those received, and CreateGrant is never passed on
pub(super) fn check_operations(operations: &[AllowedOperation], license: &License) -> Result<(), ApiError> {
    let received = license.received_operations();
    let wrong = operations
        .iter()
        .find(|operation| **operation == AllowedOperation::CreateGrant || !received.contains(operation));
    match wrong {
        Some(operation) => {
            Err(ApiError::validation(format!("AllowedOperations: {} cannot be granted", operation.as_str())))
        }
        None => Ok(()),
    }
}

/// Without Marketplace's trusted access the grantees lack its service-linked role, and nothing can be activated
pub(super) fn check_marketplace_access(context: &Context<'_>) -> Result<(), ApiError> {
    if principal::trusts(context.organization, principal::MARKETPLACE_ACCESS) {
        return Ok(());
    }
    Err(ApiError::validation(
        "Status: grants cannot be activated without trusted access for AWS Marketplace in AWS Organizations",
    ))
}

fn check_activation(asked: &NewGrant, principal: &Principal, context: &Context<'_>) -> Result<(), ApiError> {
    match asked.desired_status {
        None if asked.override_behavior.is_some() => {
            Err(ApiError::validation("Options.ActivationOverrideBehavior is allowed only when the grant is activated"))
        }
        None => Ok(()),
        Some(_) if principal.account().is_some() => Err(ApiError::validation(
            "Options.DesiredStatus is allowed only for organizations and organizational units",
        )),
        Some(_) if !context.knobs.desired_status_supported => {
            Err(ApiError::validation("Options.DesiredStatus is not supported"))
        }
        Some(GrantStatus::Active) => check_marketplace_access(context),
        Some(status) => Err(ApiError::validation(format!("Options.DesiredStatus {} is not ACTIVE", status.as_str()))),
    }
}
