//! The JSON of AWS License Manager above its rules
//!
//! Member names, required members and constraints are those of the API model, version 2018-08-01.

mod list;
mod page;
mod request;
mod shape;

use serde_json::{Value, json};

use super::create::NewGrant;
use super::grant::{GrantStatus, GrantType, Override};
use super::license::license_id;
use super::principal::{LICENSE_MANAGER_ACCESS, trusts};
use super::role::{denied, not_found};
use super::version::NewVersion;
use super::{Context, LicenseManager};
use crate::error::ApiError;
use request::Request;

pub(super) fn dispatch(
    rules: &mut LicenseManager,
    context: &mut Context<'_>,
    operation: &str,
    body: &Value,
) -> Result<Value, ApiError> {
    context.admit()?;
    let request = Request::new(body)?;
    match operation {
        "CreateGrant" => {
            let asked = new_grant(&request)?;
            rules.create_grant(context, asked).map(shape::written)
        }
        "CreateGrantVersion" => {
            let asked = new_version(&request)?;
            rules.create_grant_version(context, asked).map(shape::written)
        }
        "AcceptGrant" => rules.accept_grant(context, request.required_arn("GrantArn")?).map(shape::written),
        "RejectGrant" => rules.reject_grant(context, request.required_arn("GrantArn")?).map(shape::written),
        "DeleteGrant" => {
            let (arn, version) = (request.required_arn("GrantArn")?, request.required("Version")?);
            let reason = request.status_reason()?;
            rules.delete_grant(context, arn, version, reason).map(shape::written)
        }
        "GetGrant" => get_grant(rules, context, &request),
        "GetLicense" => get_license(rules, context, &request),
        "ListDistributedGrants" => list::distributed_grants(rules, context, &request),
        "ListReceivedGrants" => list::received_grants(rules, context, &request),
        "ListReceivedGrantsForOrganization" => list::organization_grants(rules, context, &request),
        "ListReceivedLicenses" => list::received_licenses(rules, context, &request),
        "ListReceivedLicensesForOrganization" => list::organization_licenses(rules, context, &request),
        "GetServiceSettings" => Ok(service_settings(rules, context)),
        "UpdateServiceSettings" => update_service_settings(rules, context, &request),
        _ => Err(ApiError::refused("UnknownOperationException", format!("{operation} is not an operation"))),
    }
}

fn new_grant(request: &Request<'_>) -> Result<NewGrant, ApiError> {
    request.check_tags()?;
    let (override_behavior, desired_status) = options(request)?;
    Ok(NewGrant {
        client_token: request.client_token()?,
        name: request.required("GrantName")?.to_owned(),
        license_arn: request.required_arn("LicenseArn")?.to_owned(),
        principal_arn: request.principal()?.to_owned(),
        home_region: request.required("HomeRegion")?.to_owned(),
        operations: request.operations()?.ok_or_else(|| request::missing("AllowedOperations"))?,
        grant_type: request.word("GrantType", GrantType::from_word)?.unwrap_or(GrantType::Buyer),
        desired_status,
        override_behavior,
    })
}

fn new_version(request: &Request<'_>) -> Result<NewVersion, ApiError> {
    let (override_behavior, desired_status) = options(request)?;
    Ok(NewVersion {
        client_token: request.client_token()?,
        grant_arn: request.required_arn("GrantArn")?.to_owned(),
        name: request.text("GrantName")?.map(str::to_owned),
        operations: request.operations()?,
        status: request.word("Status", GrantStatus::from_word)?,
        status_reason: request.status_reason()?,
        source_version: request.text("SourceVersion")?.map(str::to_owned),
        override_behavior,
        desired_status,
    })
}

fn options(request: &Request<'_>) -> Result<(Option<Override>, Option<GrantStatus>), ApiError> {
    let Some(options) = request.structure("Options")? else { return Ok((None, None)) };
    let behavior = options.word("ActivationOverrideBehavior", Override::from_word)?;
    Ok((behavior, options.word("DesiredStatus", GrantStatus::from_word)?))
}

/// Only the current version is kept
fn get_grant(rules: &LicenseManager, context: &Context<'_>, request: &Request<'_>) -> Result<Value, ApiError> {
    let arn = request.required_arn("GrantArn")?;
    let (grant, _) = rules.grant_for(arn, context)?;
    if grant.visible_from > context.now {
        return Err(not_found(arn));
    }
    match request.text("Version")? {
        Some(version) if version != grant.version.to_string() => {
            Err(ApiError::validation(format!("Version {version} of GrantArn {arn} does not exist")))
        }
        Some(_) | None => Ok(json!({ "Grant": shape::grant(&grant) })),
    }
}

fn get_license(rules: &LicenseManager, context: &Context<'_>, request: &Request<'_>) -> Result<Value, ApiError> {
    let arn = request.required_arn("LicenseArn")?;
    let id = license_id(arn);
    let Some(license) = rules.license(id) else {
        return Err(ApiError::validation(format!("LicenseArn {arn} does not exist")));
    };
    let rows = rules.received_licenses(context.caller, context.now);
    let Some(row) = rows.into_iter().find(|row| row.license.id() == id) else {
        let text = format!("{} is not authorized to access LicenseArn {arn}", context.caller);
        return Err(ApiError::refused("AuthorizationException", text));
    };
    match request.text("Version")? {
        Some(version) if version != license.version.to_string() => {
            Err(ApiError::validation(format!("Version {version} of LicenseArn {arn} does not exist")))
        }
        Some(_) | None => Ok(json!({ "License": shape::license(&row, context) })),
    }
}

/// `EnableIntegration` is true while accounts are linked and License Manager has trusted access
fn service_settings(rules: &LicenseManager, context: &Context<'_>) -> Value {
    let linked = rules.linked && trusts(context.organization, LICENSE_MANAGER_ACCESS);
    json!({
        "OrganizationConfiguration": { "EnableIntegration": linked },
        "EnableCrossAccountsDiscovery": false,
    })
}

fn update_service_settings(
    rules: &mut LicenseManager,
    context: &Context<'_>,
    request: &Request<'_>,
) -> Result<Value, ApiError> {
    if context.caller != context.organization.management_account {
        return Err(denied("Only the management account can change OrganizationConfiguration"));
    }
    if let Some(configuration) = request.structure("OrganizationConfiguration")? {
        rules.linked = configuration
            .flag("EnableIntegration")?
            .ok_or_else(|| request::missing("OrganizationConfiguration.EnableIntegration"))?;
    }
    Ok(json!({}))
}
