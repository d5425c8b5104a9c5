//! Agreements and entitlements as the API shows them

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Agreement, Entitlement};
use crate::calls::Digest;
use crate::clock::epoch_seconds;

/// A token is good for so long (API_AgreementEntitlement)
const TOKEN_LASTS: i64 = 1_800;

/// One entitlement; `license_arn` writes a license's id as the agreement service does
pub(super) fn entitlement(
    agreement: &Agreement,
    entitlement: &Entitlement,
    now: Timestamp,
    license_arn: impl Fn(&str) -> String,
) -> Value {
    let begun = entitlement.status == "SCHEDULED" && agreement.start <= now;
    let (status, reason) = if begun {
        ("PENDING", Some("PROVISIONING_IN_PROGRESS"))
    } else {
        (entitlement.status.as_str(), entitlement.reason.as_deref())
    };
    let mut shape = json!({
        "resource": {"id": entitlement.resource, "type": entitlement.resource_type},
        "type": entitlement.kind,
        "status": status,
    });
    if let Some(members) = shape.as_object_mut() {
        members.extend(reason.map(|reason| ("statusReasonCode".to_owned(), reason.into())));
        let license = entitlement.license.as_ref().filter(|_| entitlement.licensed);
        members.extend(license.map(|license| ("licenseArn".to_owned(), license_arn(license).into())));
        if entitlement.status == "PROVISIONED" {
            members.insert("registrationToken".to_owned(), token(agreement, entitlement, now).into());
        }
    }
    shape
}

/// A secret by which an acceptor registers with the seller: another one every half hour, and easy to find in a log
fn token(agreement: &Agreement, entitlement: &Entitlement, now: Timestamp) -> String {
    let window = now.as_second().div_euclid(TOKEN_LASTS).to_string();
    let parts = [agreement.purchase.agreement.as_bytes(), entitlement.resource.as_bytes(), window.as_bytes()];
    format!("registration-token.{}", Digest::of(&parts))
}

/// What DescribeAgreement and SearchAgreements have in common
fn common(agreement: &Agreement) -> Value {
    let purchase = &agreement.purchase;
    let mut proposal = json!({
        "resources": [{"id": purchase.sku, "type": purchase.product_type}],
        "offerId": purchase.offer,
    });
    if let (Some(members), Some(set)) = (proposal.as_object_mut(), &agreement.offer_set) {
        members.insert("offerSetId".to_owned(), set.as_str().into());
    }
    let mut shape = json!({
        "agreementId": purchase.agreement,
        "agreementType": "PurchaseAgreement",
        "acceptor": {"accountId": purchase.acceptor},
        "proposer": {"accountId": purchase.proposer},
        "acceptanceTime": epoch_seconds(agreement.accepted),
        "startTime": epoch_seconds(agreement.start),
        "proposalSummary": proposal,
        "status": agreement.status,
        "initialAgreementId": agreement.initial,
    });
    if let (Some(members), Some(end)) = (shape.as_object_mut(), agreement.end) {
        members.insert("endTime".to_owned(), epoch_seconds(end).into());
    }
    shape
}

pub(super) fn description(agreement: &Agreement) -> Value {
    let mut shape = common(agreement);
    if let Some(members) = shape.as_object_mut() {
        members.insert("estimatedCharges".to_owned(), json!({"currencyCode": "USD", "agreementValue": "0.00"}));
        if let Some((kind, reason)) = end_behavior(agreement) {
            let behavior = match reason {
                Some(reason) => json!({"type": kind, "reasonCode": reason}),
                None => json!({"type": kind, "renewalSummary": {"offerId": agreement.purchase.offer}}),
            };
            members.insert("endTimeBehavior".to_owned(), behavior);
        }
    }
    shape
}

pub(super) fn summary(agreement: &Agreement, license_arn: impl Fn(&str) -> String) -> Value {
    let mut shape = common(agreement);
    if let Some(members) = shape.as_object_mut() {
        members.insert("lastUpdateTime".to_owned(), epoch_seconds(agreement.updated).into());
        if let Some((kind, reason)) = end_behavior(agreement) {
            members.insert("endTimeBehaviorType".to_owned(), kind.into());
            members.extend(reason.map(|reason| ("endTimeBehaviorReasonCode".to_owned(), reason.into())));
        }
        let licensed = agreement.entitlements.iter().filter(|entitlement| entitlement.licensed);
        let licenses = licensed.filter_map(|entitlement| entitlement.license.as_deref());
        let shapes: Vec<Value> = licenses.map(|license| json!({"licenseArn": license_arn(license)})).collect();
        if !shapes.is_empty() {
            members.insert("entitlements".to_owned(), shapes.into());
        }
    }
    shape
}

/// What happens at its end, and why it does not renew; an agreement without end has none
fn end_behavior(agreement: &Agreement) -> Option<(&'static str, Option<&'static str>)> {
    agreement.end?;
    Some(if agreement.auto_renewal { ("RENEW", None) } else { ("EXPIRE", Some("ACCEPTOR_RENEW_OPTED_OUT")) })
}
