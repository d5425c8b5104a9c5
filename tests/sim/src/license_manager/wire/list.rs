//! The lists and their filters

use serde_json::Value;

use super::page::page;
use super::request::Request;
use super::shape;
use crate::error::ApiError;
use crate::license_manager::grant::Grant;
use crate::license_manager::license::{ISSUER_NAME, KEY_FINGERPRINT, license_id};
use crate::license_manager::received::Received;
use crate::license_manager::{Context, LicenseManager};

/// What a filter on grants looks at
#[derive(Debug, Clone, Copy)]
enum GrantFilter {
    LicenseArn,
    Status,
    GranteeArn,
    Sku,
    IssuerName,
    Granter,
    ParentArn,
}

/// What a filter on licenses looks at
#[derive(Debug, Clone, Copy)]
enum LicenseFilter {
    Sku,
    Status,
    Fingerprint,
    IssuerName,
    Beneficiary,
}

pub(super) fn distributed_grants(
    rules: &LicenseManager,
    context: &mut Context<'_>,
    request: &Request<'_>,
) -> Result<Value, ApiError> {
    let filters = request.filters(|name| match name {
        "LicenseArn" => Some(GrantFilter::LicenseArn),
        "GrantStatus" => Some(GrantFilter::Status),
        "GranteePrincipalARN" => Some(GrantFilter::GranteeArn),
        "ProductSKU" => Some(GrantFilter::Sku),
        "LicenseIssuerName" => Some(GrantFilter::IssuerName),
        _ => None,
    })?;
    let license = filters.iter().find(|(filter, _)| matches!(filter, GrantFilter::LicenseArn));
    let license = license.map(|(_, arn)| license_id(arn));
    let grants = rules.distributed_grants(context.caller, license, context.now);
    grant_page("ListDistributedGrants", grants, &filters, context, request)
}

pub(super) fn received_grants(
    rules: &LicenseManager,
    context: &mut Context<'_>,
    request: &Request<'_>,
) -> Result<Value, ApiError> {
    let filters = request.filters(|name| match name {
        "ProductSKU" => Some(GrantFilter::Sku),
        "LicenseIssuerName" => Some(GrantFilter::IssuerName),
        "LicenseArn" => Some(GrantFilter::LicenseArn),
        "GrantStatus" => Some(GrantFilter::Status),
        "GranterAccountId" => Some(GrantFilter::Granter),
        _ => None,
    })?;
    let grants = rules.received_grants(context.caller, context.organization, context.now);
    grant_page("ListReceivedGrants", grants, &filters, context, request)
}

pub(super) fn organization_grants(
    rules: &LicenseManager,
    context: &mut Context<'_>,
    request: &Request<'_>,
) -> Result<Value, ApiError> {
    let license = license_id(request.required_arn("LicenseArn")?);
    let filters = request.filters(|name| match name {
        "ParentArn" => Some(GrantFilter::ParentArn),
        "GranteePrincipalArn" => Some(GrantFilter::GranteeArn),
        _ => None,
    })?;
    rules.check_organization_view(context)?;
    let grants = rules.organization_grants(license, context);
    let operation = format!("ListReceivedGrantsForOrganization {license}");
    grant_page(&operation, grants, &filters, context, request)
}

pub(super) fn received_licenses(
    rules: &LicenseManager,
    context: &mut Context<'_>,
    request: &Request<'_>,
) -> Result<Value, ApiError> {
    let filters = request.filters(|name| match name {
        "ProductSKU" => Some(LicenseFilter::Sku),
        "Status" => Some(LicenseFilter::Status),
        "Fingerprint" => Some(LicenseFilter::Fingerprint),
        "IssuerName" => Some(LicenseFilter::IssuerName),
        "Beneficiary" => Some(LicenseFilter::Beneficiary),
        _ => None,
    })?;
    let arns = request.arns("LicenseArns")?;
    let mut rows = rules.received_licenses(context.caller, context.now);
    rows.retain(|row| arns.is_empty() || arns.iter().any(|arn| license_id(arn) == row.license.id()));
    license_page(&format!("ListReceivedLicenses {arns:?}"), rows, &filters, context, request)
}

pub(super) fn organization_licenses(
    rules: &LicenseManager,
    context: &mut Context<'_>,
    request: &Request<'_>,
) -> Result<Value, ApiError> {
    let filters = request.filters(|name| match name {
        "Beneficiary" => Some(LicenseFilter::Beneficiary),
        "ProductSKU" => Some(LicenseFilter::Sku),
        _ => None,
    })?;
    rules.check_organization_view(context)?;
    let accounts = context.organization.accounts.keys();
    let rows = accounts.flat_map(|account| rules.received_licenses(account, context.now)).collect();
    license_page("ListReceivedLicensesForOrganization", rows, &filters, context, request)
}

/// ListLicenses: licenses the caller issued, which a buyer has none of
pub(super) fn issued_licenses(context: &mut Context<'_>, request: &Request<'_>) -> Result<Value, ApiError> {
    let filters = request.filters(|name| match name {
        "Beneficiary" => Some(LicenseFilter::Beneficiary),
        "ProductSKU" => Some(LicenseFilter::Sku),
        "Fingerprint" => Some(LicenseFilter::Fingerprint),
        "Status" => Some(LicenseFilter::Status),
        _ => None,
    })?;
    request.arns("LicenseArns")?;
    license_page("ListLicenses", Vec::new(), &filters, context, request)
}

/// ListLicenseVersions, each as it was last
pub(super) fn license_versions(
    rows: Vec<Received<'_>>,
    context: &mut Context<'_>,
    request: &Request<'_>,
) -> Result<Value, ApiError> {
    let about = format!("ListLicenseVersions {:?}", rows.first().map(|row| row.license.id()));
    let rows = rows.into_iter().map(|row| (row.license.version.to_string(), row)).collect();
    page(request, context, &about, "Licenses", rows, shape::license)
}

fn grant_page(
    operation: &str,
    mut grants: Vec<&Grant>,
    filters: &[(GrantFilter, &str)],
    context: &mut Context<'_>,
    request: &Request<'_>,
) -> Result<Value, ApiError> {
    let arns = request.arns("GrantArns")?;
    grants.retain(|grant| arns.is_empty() || arns.contains(&grant.arn.as_str()));
    grants.retain(|grant| filters.iter().all(|(filter, value)| grant_passes(grant, *filter, value, context)));
    let rows = grants.into_iter().map(|grant| (&grant.arn, grant)).collect();
    let about = format!("{operation} {arns:?} {filters:?}");
    page(request, context, &about, "Grants", rows, |grant, context| shape::grant(grant, context))
}

fn license_page(
    operation: &str,
    mut rows: Vec<Received<'_>>,
    filters: &[(LicenseFilter, &str)],
    context: &mut Context<'_>,
    request: &Request<'_>,
) -> Result<Value, ApiError> {
    rows.retain(|row| filters.iter().all(|(filter, value)| license_passes(row, *filter, value, context)));
    let rows = rows.into_iter().map(|row| (format!("{} {}", row.license.id(), row.account), row)).collect();
    let about = format!("{operation} {filters:?}");
    page(request, context, &about, "Licenses", rows, shape::granted_license)
}

fn grant_passes(grant: &Grant, filter: GrantFilter, value: &str, context: &Context<'_>) -> bool {
    match filter {
        GrantFilter::LicenseArn => license_id(value) == grant.license,
        GrantFilter::Status => value == grant.reads(),
        GrantFilter::GranteeArn => value == grant.principal_arn,
        GrantFilter::Sku => value == grant.sku,
        GrantFilter::IssuerName => value == ISSUER_NAME,
        GrantFilter::Granter => value == grant.grantor,
        GrantFilter::ParentArn => value == shape::parent(grant, context.knobs),
    }
}

fn license_passes(row: &Received<'_>, filter: LicenseFilter, value: &str, context: &Context<'_>) -> bool {
    match filter {
        LicenseFilter::Sku => value == row.license.sku(),
        LicenseFilter::Status => value == row.license.reads(),
        LicenseFilter::Fingerprint => value == KEY_FINGERPRINT,
        LicenseFilter::IssuerName => value == ISSUER_NAME,
        LicenseFilter::Beneficiary => value == shape::beneficiary(row, context),
    }
}
