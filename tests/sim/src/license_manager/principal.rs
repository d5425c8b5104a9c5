//! Principal ARNs: which of them a grant may name

use super::Context;
use super::grant::Principal;
use crate::error::ApiError;
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

/// The principal an ARN names, if a grant by this caller may name it
///
/// Sources: user guide, "Distribute an entitlement" (organization, top-level unit or account; trusted access). The text
/// for missing trusted access was seen live; the others are this service's own.
pub(super) fn parse(arn: &str, context: &Context<'_>) -> Result<Principal, ApiError> {
    let organization = context.organization;
    if let Some(account) = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root")) {
        return parse_account(account, context);
    }
    let units = format!("arn:aws:organizations::{}:ou/{}/", organization.management_account, organization.id);
    let principal = if arn == organization.arn() {
        Principal::Organization
    } else if let Some(unit) = arn.strip_prefix(&units) {
        match organization.units.get(unit) {
            Some(unit) if unit.parent == organization.root => Principal::Unit(unit.id.clone()),
            Some(unit) => {
                return Err(refused(format!(
                    "organizational unit {} is nested; only top-level units are allowed",
                    unit.id
                )));
            }
            None => return Err(refused(format!("organizational unit {unit} does not exist"))),
        }
    } else {
        return Err(refused(format!("{arn} is not an account, organizational unit or organization of the caller")));
    };
    if !context.administers() {
        return Err(ApiError::refused(
            "AccessDeniedException",
            "Only the management account or a delegated administrator can grant to an organization or organizational unit",
        ));
    }
    if !trusts(organization, LICENSE_MANAGER_ACCESS) {
        return Err(ApiError::validation(
            "Grantor has disabled Trusted Access to AWS License Manager Service in AWS Organizations",
        ));
    }
    Ok(principal)
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
