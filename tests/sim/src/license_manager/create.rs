//! CreateGrant

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::grant::{Grant, GrantStatus, GrantType, Override, Principal};
use super::license::{AllowedOperation, HOME_REGION, License, LicenseStatus, license_id};
use super::principal::Named;
use super::replay::Asked;
use super::role::denied;
use super::transition::Transition;
use super::workflow::Work;
use super::write::{Write, WriteOperation};
use super::{Context, LicenseManager, Turn, grant_arn, principal};
use crate::error::ApiError;
use crate::knobs::{DesiredStatus, Knobs};

/// Why a grant to a nested unit fails, where it is not refused
const NESTED: &str = "Organizational unit is nested; only top-level units are allowed";

/// A CreateGrant request, its members already checked one by one
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    pub(super) tags: BTreeMap<String, String>,
}

/// What every write on a grant answers
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    pub(super) arn: String,
    pub(super) status: GrantStatus,
    pub(super) version: u64,
}

impl LicenseManager {
    /// Makes a grant; the workflow that distributes it ends later
    pub(super) fn create_grant(&mut self, context: &mut Context<'_>, asked: NewGrant) -> Result<Written, ApiError> {
        let replay = Asked::Grant(asked.clone());
        if let Some(answer) = self.replayed(context, &replay)? {
            return Ok(answer);
        }
        if asked.grant_type == GrantType::Delegate {
            return Err(ApiError::validation("GrantType DelegateGrant is for sellers"));
        }
        let license = self.license_to_share(&asked, context)?;
        let parent_arn = license.received_by.clone();
        let (license, sku) = (license.id().to_owned(), license.sku().to_owned());
        let Named { principal, nested } = principal::parse(&asked.principal_arn, context)?;
        self.check_access(&principal, context)?;
        check_activation(&asked, &principal, context)?;
        self.check_room(&license, &asked.principal_arn, &principal, context)?;

        let tags = asked.tags;
        let waits = principal.account().is_some_and(|account| !self.auto_accepts(account, context));
        let arn = grant_arn(context.caller, context.knobs, context.ids);
        let grant = Grant {
            arn,
            name: asked.name,
            parent_arn,
            license,
            sku,
            principal,
            principal_arn: asked.principal_arn,
            grantor: context.caller.to_owned(),
            home_region: HOME_REGION,
            status: if waits { GrantStatus::PendingAccept } else { GrantStatus::PendingWorkflow },
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
            readable_from: context.knobs.readable_from(context.now),
            visible_from: context.knobs.visible_from(context.now),
            ended: None,
            stuck: false,
            was_stuck: false,
            reads: None,
            workflow: None,
        };
        let write = self.write(context, WriteOperation::CreateGrant, &grant);
        let reaches = self.beneath(&grant, context);
        let (status, override_behavior) = (asked.desired_status, grant.options);
        self.record(Write { was: None, status, override_behavior, reaches, ..write });
        let arn = self.insert(grant);
        if !tags.is_empty() {
            self.tags.insert(Arc::clone(&arn), tags);
        }
        self.set_out(&arn, asked.desired_status.is_some(), nested, context);
        let answer = self.written(&arn)?;
        self.remember(context, replay, &answer);
        Ok(answer)
    }

    /// The first step of a new grant
    fn set_out(&mut self, arn: &str, activating: bool, nested: bool, context: &mut Context<'_>) {
        let Some(grant) = self.grant(arn).cloned() else { return };
        let single = grant.principal.account().is_some();
        self.tell_of_grant(arn, context.now);
        if grant.status == GrantStatus::PendingAccept {
            self.count(Transition::AwaitingAcceptance);
        } else if single && !context.knobs.account_grant_passes_workflow {
            let (now, knobs, organization) = (context.now, context.knobs, context.organization);
            self.distributed(&grant, false, &mut Turn { now, organization, knobs, ids: context.ids });
        } else {
            if !single {
                self.count(Transition::Distributing);
            }
            let then_activate = match context.knobs.desired_status_sequence {
                DesiredStatus::Straight | DesiredStatus::Ignored => false,
                DesiredStatus::ByWayOfDistribution => activating,
            };
            let straight = activating && context.knobs.desired_status_sequence == DesiredStatus::Straight;
            let work = if straight { Work::Activate } else { Work::Distribute { then_activate } };
            self.begin(arn, work, context.workflow_end());
            if nested {
                self.fail_workflow(arn, NESTED);
            }
        }
    }

    /// Whether grants to this account are accepted for it (user guide, "Grant acceptance"; the rest are knobs)
    fn auto_accepts(&self, account: &str, context: &Context<'_>) -> bool {
        let knobs = context.knobs;
        let by_administrator = context.caller == context.organization.management_account
            || knobs.auto_accept_from_delegated_administrator && context.administers();
        let joined = context.organization.accounts.get(account).map(|account| account.joined);
        let is_new = joined.zip(self.settings.linked_since).is_some_and(|(joined, linked)| joined > linked);
        knobs.auto_accept_account_grants
            && by_administrator
            && (knobs.auto_accept_new_accounts || !is_new)
            && self.is_linked(context.organization)
    }

    fn license_to_share(&self, asked: &NewGrant, context: &Context<'_>) -> Result<&License, ApiError> {
        let id = license_id(&asked.license_arn);
        let license = self
            .license(id)
            .filter(|license| license.visible_from <= context.now)
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
    /// The refusal of a duplicate is undocumented, `ConflictException` is not even modelled. That too many organization
    /// grants are on their way was seen live.
    fn check_room(
        &self,
        license: &str,
        principal_arn: &str,
        principal: &Principal,
        context: &mut Context<'_>,
    ) -> Result<(), ApiError> {
        let knobs = context.knobs;
        let direct = self.direct.get(license).into_iter().flatten().filter_map(|arn| self.grant(arn));
        let mut count = 0;
        for grant in direct.filter(|grant| grant.is_live() && !grant.is_own_subscription()) {
            let going = grant.status == GrantStatus::PendingDelete && !knobs.pending_delete_blocks_another;
            if grant.principal_arn == principal_arn && !going && knobs.duplicate_grants_refused {
                return Err(knobs.duplicate_error.error(context.ids));
            }
            count += 1;
            if knobs.sub_grants_count_against_quota && grant.principal.account().is_none() {
                count += self.live_sub_grants(&grant.arn).len();
            }
        }
        let most = knobs.grants_per_license;
        if count >= most {
            return Err(ApiError::refused(
                "ResourceLimitExceededException",
                format!("License {license} has reached the limit of {most} grants"),
            ));
        }
        if principal.account().is_none() { self.check_traffic(context) } else { Ok(()) }
    }

    /// Not too many organization and unit grants are on their way
    pub(super) fn check_traffic(&self, context: &Context<'_>) -> Result<(), ApiError> {
        if self.is_crowded(context.knobs) {
            let message = "Too many concurrent org grants are in progress";
            return Err(ApiError::refused("ResourceLimitExceededException", message));
        }
        Ok(())
    }

    /// Whether so many organization and unit grants have workflows running that another one is refused
    pub fn is_crowded(&self, knobs: &Knobs) -> bool {
        let running = self.spread.iter().filter_map(|arn| self.grant(arn)).filter(|grant| grant.workflow.is_some());
        let most = knobs.concurrent_organization_grants;
        most > 0 && running.count() >= most
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
