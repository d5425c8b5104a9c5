//! Answers: `Grant`, `License`, `GrantedLicense` as the SDKs read them

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::knobs::{AgreementLicenseArn, CreateTime, Knobs, LicenseArn, SubGrantParent};
use crate::license_manager::checkout::USAGE;
use crate::license_manager::create::Written;
use crate::license_manager::grant::Grant;
use crate::license_manager::license::{
    AllowedOperation, HOME_REGION, ISSUER_NAME, KEY_FINGERPRINT, MARKETPLACE_ACCOUNT,
};
use crate::license_manager::principal::account_arn;
use crate::license_manager::received::Received;
use crate::license_manager::{Context, LicenseManager, after};

const YEAR_SECONDS: u64 = 365 * 86_400;

pub(super) fn written(written: Written) -> Value {
    json!({
        "GrantArn": written.arn,
        "Status": written.status.as_str(),
        "Version": written.version.to_string(),
    })
}

pub(super) fn grant(grant: &Grant, context: &Context<'_>) -> Value {
    let mut value = json!({
        "GrantArn": grant.arn,
        "GrantName": grant.name,
        "ParentArn": parent(grant, context.knobs),
        "LicenseArn": license_arn(&grant.license, context.knobs),
        "GranteePrincipalArn": grant.principal_arn,
        "HomeRegion": grant.home_region,
        "GrantStatus": grant.reads(),
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

/// `ParentArn` as shown: a sub-grant's and an own subscription's are written as the knobs say
pub(super) fn parent<'a>(grant: &'a Grant, knobs: &Knobs) -> Cow<'a, str> {
    if grant.is_own_subscription() {
        return Cow::Owned(license_arn(&grant.license, knobs));
    }
    match knobs.sub_grant_parent {
        SubGrantParent::License if grant.sub_grant => Cow::Owned(license_arn(&grant.license, knobs)),
        SubGrantParent::RegionalForm if grant.sub_grant => {
            Cow::Owned(grant.parent_arn.replacen("license-manager::", &format!("license-manager:{HOME_REGION}:"), 1))
        }
        SubGrantParent::OrganizationGrant | SubGrantParent::License | SubGrantParent::RegionalForm => {
            Cow::Borrowed(&grant.parent_arn)
        }
    }
}

/// A license's ARN as the knob `license_arn` has it written
pub(crate) fn license_arn(id: &str, knobs: &Knobs) -> String {
    match knobs.license_arn {
        LicenseArn::Colon => LicenseManager::license_arn(id),
        LicenseArn::Slash => format!("arn:aws:license-manager::{MARKETPLACE_ACCOUNT}:license/{id}"),
        LicenseArn::Regional => format!("arn:aws:license-manager:{HOME_REGION}:{MARKETPLACE_ACCOUNT}:license:{id}"),
    }
}

/// A license's ARN as the agreement service writes it, by the knob `agreement_license_arn`
pub(crate) fn agreement_license_arn(id: &str, knobs: &Knobs) -> String {
    match knobs.agreement_license_arn {
        AgreementLicenseArn::Same => license_arn(id, knobs),
        AgreementLicenseArn::Unprefixed => format!("aws:license-manager:{HOME_REGION}:{MARKETPLACE_ACCOUNT}:{id}"),
    }
}

/// `License`; by default `CreateTime` is epoch seconds in a string and `Validity` has no end, both as seen live
pub(super) fn license(row: &Received<'_>, context: &Context<'_>) -> Value {
    let (license, knobs) = (row.license, context.knobs);
    let mut validity = json!({ "Begin": millis(license.created) });
    if knobs.validity_has_end {
        insert(&mut validity, "End", json!(millis(after(license.created, YEAR_SECONDS))));
    }
    let mut metadata = vec![json!({ "Name": "grantArn", "Value": row.grant.arn })];
    if knobs.license_metadata_names_agreement {
        let agreement = format!("arn:aws:aws-marketplace::aws:agreement:{}", license.purchase.agreement);
        metadata.push(json!({ "Name": "agreementArn", "Value": agreement }));
        metadata.push(json!({ "Name": "seller", "Value": license.purchase.proposer }));
    }
    json!({
        "LicenseArn": license_arn(license.id(), knobs),
        "LicenseName": license.purchase.product,
        "ProductName": license.purchase.product,
        "ProductSKU": license.sku(),
        "Issuer": {
            "Name": ISSUER_NAME,
            "SignKey": format!("aws:{MARKETPLACE_ACCOUNT}:{ISSUER_NAME}:issuer-sign-key"),
            "KeyFingerprint": KEY_FINGERPRINT,
        },
        "HomeRegion": HOME_REGION,
        "Status": license.reads(),
        "Validity": validity,
        "Beneficiary": beneficiary(row, context),
        "Entitlements": [
            { "Name": USAGE, "Value": "Enabled", "Unit": "None", "AllowCheckIn": false },
        ],
        "ConsumptionConfiguration": { "RenewType": "None" },
        "LicenseMetadata": metadata,
        "CreateTime": match knobs.create_time {
            CreateTime::EpochSeconds => license.created.as_second().to_string(),
            CreateTime::Iso => millis(license.created),
        },
        "Version": license.version.to_string(),
    })
}

pub(super) fn beneficiary(row: &Received<'_>, context: &Context<'_>) -> String {
    if context.knobs.beneficiary_is_arn { account_arn(row.account) } else { row.account.to_owned() }
}

fn operations(operations: &[AllowedOperation]) -> Vec<&'static str> {
    operations.iter().map(|operation| operation.as_str()).collect()
}

pub(in crate::license_manager) fn millis(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn insert(value: &mut Value, name: &str, member: Value) {
    if let Some(members) = value.as_object_mut() {
        members.insert(name.to_owned(), member);
    }
}
