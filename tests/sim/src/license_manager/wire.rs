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
use super::received::Received;
use super::role::not_found;
use super::version::NewVersion;
use super::{Context, LicenseManager};
use crate::error::ApiError;
pub(super) use request::{Request, missing};
pub(super) use shape::millis;
pub(crate) use shape::{agreement_license_arn, license_arn};

pub(super) fn dispatch(
    rules: &mut LicenseManager,
    context: &mut Context<'_>,
    operation: &str,
    body: &Value,
) -> Result<Value, ApiError> {
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
        "ListLicenses" => list::issued_licenses(context, &request),
        "ListLicenseVersions" => list_license_versions(rules, context, &request).map_err(in_words_of_versions),
        "CheckoutLicense" => rules.checkout(context, &request),
        "CheckInLicense" => rules.check_in(context, &request),
        "TagResource" => rules.tag_resource(context, &request),
        "UntagResource" => rules.untag_resource(context, &request),
        "ListTagsForResource" => rules.list_tags(context, &request),
        "GetServiceSettings" => Ok(rules.service_settings(context)),
        "UpdateServiceSettings" => rules.update_service_settings(context, &request),
        _ => Err(ApiError::refused("UnknownOperationException", format!("{operation} is not an operation"))),
    }
}

fn new_grant(request: &Request<'_>) -> Result<NewGrant, ApiError> {
    let (override_behavior, desired_status) = options(request)?;
    Ok(NewGrant {
        client_token: request.client_token()?,
        name: request.required("GrantName")?.to_owned(),
        license_arn: request.required_arn("LicenseArn")?.to_owned(),
        principal_arn: request.principal()?.to_owned(),
        home_region: request.required("HomeRegion")?.to_owned(),
        operations: request.operations()?.ok_or_else(|| missing("AllowedOperations"))?,
        grant_type: request.word("GrantType", GrantType::from_word)?.unwrap_or(GrantType::Buyer),
        desired_status,
        override_behavior,
        tags: request.tags()?,
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

/// GetGrant; of an older version, what it had become before the next one
fn get_grant(rules: &LicenseManager, context: &Context<'_>, request: &Request<'_>) -> Result<Value, ApiError> {
    let arn = request.required_arn("GrantArn")?;
    let (grant, _) = rules.grant_for(arn, context)?;
    if grant.readable_from > context.now {
        return Err(not_found(arn, context.knobs));
    }
    let Some(version) = request.text("Version")? else {
        return Ok(json!({ "Grant": shape::grant(&grant, context) }));
    };
    let states = rules.states(arn);
    match states.into_iter().rev().find(|(_, grant)| version == grant.version.to_string()) {
        Some((_, grant)) => Ok(json!({ "Grant": shape::grant(grant, context) })),
        None => {
            Err(context.knobs.missing_grant_error.error(format!("Version {version} of GrantArn {arn} does not exist")))
        }
    }
}

/// GetLicense; of an older version, what it had become before the next one
fn get_license(rules: &LicenseManager, context: &Context<'_>, request: &Request<'_>) -> Result<Value, ApiError> {
    let row = received_license(rules, context, request)?;
    let Some(version) = request.text("Version")? else {
        return Ok(json!({ "License": shape::license(&row, context) }));
    };
    match row.versions(rules).into_iter().find(|row| version == row.license.version.to_string()) {
        Some(row) => Ok(json!({ "License": shape::license(&row, context) })),
        None => {
            let id = row.license.id();
            Err(ApiError::validation(format!("Version {version} of license {id} does not exist")))
        }
    }
}

fn list_license_versions(
    rules: &LicenseManager,
    context: &mut Context<'_>,
    request: &Request<'_>,
) -> Result<Value, ApiError> {
    let row = received_license(rules, context, request)?;
    list::license_versions(row.versions(rules), context, request)
}

/// API_ListLicenseVersions, Errors: it has no ValidationException
fn in_words_of_versions(error: ApiError) -> ApiError {
    if error.code != "ValidationException" {
        return error;
    }
    ApiError { code: "InvalidParameterValueException".to_owned(), ..error }
}

/// The license a request names, as the caller has received it
fn received_license<'a>(
    rules: &'a LicenseManager,
    context: &Context<'a>,
    request: &Request<'_>,
) -> Result<Received<'a>, ApiError> {
    let arn = request.required_arn("LicenseArn")?;
    let id = license_id(arn);
    if rules.license(id).is_none_or(|license| license.visible_from > context.now) {
        return Err(ApiError::validation(format!("LicenseArn {arn} does not exist")));
    }
    let rows = rules.received_licenses(context.caller, context.now);
    rows.into_iter().find(|row| row.license.id() == id).ok_or_else(|| {
        let text = format!("{} is not authorized to access LicenseArn {arn}", context.caller);
        ApiError::refused("AuthorizationException", text)
    })
}
