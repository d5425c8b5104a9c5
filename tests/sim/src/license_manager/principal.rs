//! Principal ARNs: which of them a grant may name

use super::grant::Principal;
use super::{Context, LicenseManager};
use crate::error::ApiError;
use crate::knobs::NestedUnit;
use crate::organizations::Organization;

/// Trusted access without which nothing can be granted to an organization or unit
pub(super) const LICENSE_MANAGER_ACCESS: &str = "license-manager.amazonaws.com";

/// Trusted access without which no grant can be activated in the organization
pub(super) const MARKETPLACE_ACCESS: &str = "license-management.marketplace.amazonaws.com";

pub(super) fn account_arn(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

pub(super) fn trusts(organization: &Organization, service: &str) -> bool {
    organization.trusted_services.iter().any(|trusted| trusted == service)
}

/// Whether the organization has this principal now
pub(super) fn exists(principal: &Principal, organization: &Organization) -> bool {
    match principal {
        Principal::Organization => true,
        Principal::Unit(unit) => organization.units.contains_key(unit),
        Principal::Account(account) => organization.accounts.contains_key(account),
    }
}

/// A principal, and whether it is a unit inside another one
#[derive(Debug)]
pub(super) struct Named {
    pub(super) principal: Principal,
    pub(super) nested: bool,
}

/// The principal an ARN names, if a grant by this caller may name it
///
/// Source: user guide, "Distribute an entitlement" (organization, top-level unit or account). The texts are this
/// service's own.
pub(super) fn parse(arn: &str, context: &Context<'_>) -> Result<Named, ApiError> {
    let organization = context.organization;
    let plain = |principal| Named { principal, nested: false };
    if let Some(account) = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root")) {
        return parse_account(account, context).map(plain);
    }
    if arn == organization.arn() {
        return Ok(plain(Principal::Organization));
    }
    let units = format!("arn:aws:organizations::{}:ou/{}/", organization.management_account, organization.id);
    let Some(unit) = arn.strip_prefix(&units) else {
        return Err(refused(format!("{arn} is not an account, organizational unit or organization of the caller")));
    };
    let Some(unit) = organization.units.get(unit) else {
        return Err(refused(format!("organizational unit {unit} does not exist")));
    };
    let nested = unit.parent != organization.root;
    let text = || format!("Principals: organizational unit {} is nested; only top-level units are allowed", unit.id);
    match context.knobs.nested_unit {
        NestedUnit::ValidationException if nested => Err(ApiError::validation(text())),
        NestedUnit::InvalidParameterValueException if nested => {
            Err(ApiError::refused("InvalidParameterValueException", text()))
        }
        NestedUnit::ValidationException | NestedUnit::InvalidParameterValueException | NestedUnit::FailsLater => {
            Ok(Named { principal: Principal::Unit(unit.id.clone()), nested })
        }
    }
}

impl LicenseManager {
    /// What must be in order before anything is granted to an organization or unit
    ///
    /// Source: user guide, "Distribute an entitlement" and "Settings" (administrators, linked accounts, trusted access).
    /// The text for missing trusted access was seen live; the others are this service's own.
    pub(super) fn check_access(&self, principal: &Principal, context: &Context<'_>) -> Result<(), ApiError> {
        if principal.account().is_some() {
            return Ok(());
        }
        if !context.administers() {
            return Err(ApiError::refused(
                "AccessDeniedException",
                "Only the management account or a delegated administrator can grant to an organization or organizational \
                 unit",
            ));
        }
        if !trusts(context.organization, LICENSE_MANAGER_ACCESS) {
            return Err(ApiError::validation(
                "Grantor has disabled Trusted Access to AWS License Manager Service in AWS Organizations",
            ));
        }
        if !self.is_linked(context.organization) {
            return Err(ApiError::validation("AWS Organizations accounts are not linked to AWS License Manager"));
        }
        if context.knobs.marketplace_access_needed_to_create && !trusts(context.organization, MARKETPLACE_ACCESS) {
            return Err(ApiError::validation(
                "Grantor has disabled Trusted Access to AWS Marketplace in AWS Organizations",
            ));
        }
        Ok(())
    }
}

fn parse_account(account: &str, context: &Context<'_>) -> Result<Principal, ApiError> {
    let organization = context.organization;
    if account == context.caller {
        return Err(refused("the grantor already holds the license".to_owned()));
    }
    if !organization.accounts.contains_key(account) {
        return Err(refused(format!("account {account} is not in the grantor's organization")));
    }
    if account == organization.management_account && !context.knobs.management_account_grantable {
        return Err(refused("the management account cannot receive a grant from a member account".to_owned()));
    }
    Ok(Principal::Account(account.to_owned()))
}

fn refused(why: String) -> ApiError {
    ApiError::validation(format!("Principals: {why}"))
}
