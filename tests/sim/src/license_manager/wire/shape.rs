//! Answers: `Grant`, `License`, `GrantedLicense` as the SDKs read them

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::license_manager::create::Written;
use crate::license_manager::grant::Grant;
use crate::license_manager::license::{
    AllowedOperation, HOME_REGION, ISSUER_NAME, KEY_FINGERPRINT, MARKETPLACE_ACCOUNT,
};
use crate::license_manager::principal::account_arn;
use crate::license_manager::received::Received;
use crate::license_manager::{Context, LicenseManager};

pub(super) fn written(written: Written) -> Value {
    json!({
        "GrantArn": written.arn,
        "Status": written.status.as_str(),
        "Version": written.version.to_string(),
    })
}

pub(super) fn grant(grant: &Grant) -> Value {
    let mut value = json!({
        "GrantArn": grant.arn,
        "GrantName": grant.name,
        "ParentArn": grant.parent_arn,
        "LicenseArn": LicenseManager::license_arn(&grant.license),
        "GranteePrincipalArn": grant.principal_arn,
        "HomeRegion": grant.home_region,
        "GrantStatus": grant.status.as_str(),
        "Version": grant.version.to_string(),
        "GrantedOperations": operations(&grant.operations),
        "GrantType": grant.grant_type.as_str(),
    });
    if let Some(reason) = &grant.status_reason {
        insert(&mut value, "StatusReason", json!(reason));
    }
    if let Some(options) = grant.options {
        insert(&mut value, "Options", json!({ "ActivationOverrideBehavior": options.as_str() }));
    }
    value
}

/// `GrantedLicense`: a `License` with what the account may do with it
pub(super) fn granted_license(row: &Received<'_>, context: &Context<'_>) -> Value {
    let mut received = json!({
        "ReceivedStatus": row.grant.status.received(),
        "AllowedOperations": operations(&row.grant.operations),
        "GrantType": row.grant.grant_type.as_str(),
    });
    if let Some(reason) = &row.grant.status_reason {
        insert(&mut received, "ReceivedStatusReason", json!(reason));
    }
    let mut value = license(row, context);
    insert(&mut value, "ReceivedMetadata", received);
    value
}

/// `CreateTime` is epoch seconds in a string, `Validity` has no end: both as seen live
pub(super) fn license(row: &Received<'_>, context: &Context<'_>) -> Value {
    let license = row.license;
    json!({
        "LicenseArn": LicenseManager::license_arn(license.id()),
        "LicenseName": license.purchase.product,
        "ProductName": license.purchase.product,
        "ProductSKU": license.sku(),
        "Issuer": {
            "Name": ISSUER_NAME,
            "SignKey": format!("aws:{MARKETPLACE_ACCOUNT}:{ISSUER_NAME}:issuer-sign-key"),
            "KeyFingerprint": KEY_FINGERPRINT,
        },
        "HomeRegion": HOME_REGION,
        "Status": license.status.as_str(),
        "Validity": { "Begin": millis(license.created) },
        "Beneficiary": beneficiary(row, context),
        "Entitlements": [
            { "Name": "AWS::Marketplace::Usage", "Value": "Enabled", "Unit": "None", "AllowCheckIn": false },
        ],
        "ConsumptionConfiguration": { "RenewType": "None" },
        "LicenseMetadata": [{ "Name": "grantArn", "Value": row.grant.arn }],
        "CreateTime": license.created.as_second().to_string(),
        "Version": license.version.to_string(),
    })
}

pub(super) fn beneficiary(row: &Received<'_>, context: &Context<'_>) -> String {
    if context.knobs.beneficiary_is_arn { account_arn(row.account) } else { row.account.to_owned() }
}

fn operations(operations: &[AllowedOperation]) -> Vec<&'static str> {
    operations.iter().map(|operation| operation.as_str()).collect()
}

fn millis(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn insert(value: &mut Value, name: &str, member: Value) {
    if let Some(members) = value.as_object_mut() {
        members.insert(name.to_owned(), member);
    }
}
