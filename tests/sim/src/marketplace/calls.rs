//! The buyer's reads: GetAgreementEntitlements, DescribeAgreement, SearchAgreements

use serde_json::{Value, json};

use super::Agreement;
use crate::clock::epoch_seconds;
use crate::error::ApiError;
use crate::license_manager::LicenseManager;
use crate::page;
use crate::state::State;

/// API_GetAgreementEntitlements and API_SearchAgreements: `maxResults` from 1 to 50
const LARGEST_PAGE: usize = 50;

impl State {
    pub(crate) fn call_marketplace(&mut self, caller: &str, operation: &str, body: &Value) -> Result<Value, ApiError> {
        match operation {
            "GetAgreementEntitlements" => {
                let agreement = self.own_agreement(caller, body)?;
                let entitlements = vec![entitlement(agreement)];
                let (items, next) = self.marketplace_page("GetAgreementEntitlements", entitlements, body)?;
                Ok(with_token(json!({"agreementEntitlements": items}), next))
            }
            "DescribeAgreement" => {
                let agreement = self.own_agreement(caller, body)?;
                let mut described = summary(agreement);
                if let Some(members) = described.as_object_mut() {
                    members.insert("endTimeBehavior".to_owned(), json!({"type": "EXPIRE"}));
                    members.insert(
                        "estimatedCharges".to_owned(),
                        json!({"currencyCode": "USD", "agreementValue": "0.00"}),
                    );
                }
                Ok(described)
            }
            "SearchAgreements" => self.search_agreements(caller, body),
            other => Err(ApiError::refused("UnknownOperationException", format!("No operation {other}"))),
        }
    }

    /// The API sees the caller's own agreements only
    fn own_agreement(&self, caller: &str, body: &Value) -> Result<&Agreement, ApiError> {
        let id = body.get("agreementId").and_then(Value::as_str).unwrap_or_default();
        let known = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_/-".contains(&byte));
        if !(1..=64).contains(&id.len()) || !known {
            return Err(ApiError::validation(
                "1 validation error detected: Value at 'agreementId' failed to satisfy constraint",
            ));
        }
        self.marketplace
            .agreements
            .get(id)
            .filter(|agreement| agreement.purchase.acceptor == caller)
            .ok_or_else(|| ApiError::refused("ResourceNotFoundException", format!("Agreement {id} not found")))
    }

    fn search_agreements(&mut self, caller: &str, body: &Value) -> Result<Value, ApiError> {
        let filters = filters(body)?;
        let filter = |name: &str| filters.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
        if filter("AgreementType") != Some("PurchaseAgreement") {
            return Err(ApiError::validation("The filter AgreementType is required and must be PurchaseAgreement"));
        }
        if filter("PartyType") != Some("Acceptor") {
            return Err(ApiError::validation("No agreement was proposed by this account; PartyType must be Acceptor"));
        }
        let subject = ["ResourceIdentifier", "ResourceType", "OfferId", "OfferSetId"];
        let subjects: Vec<_> = subject.into_iter().filter(|name| filter(name).is_some()).collect();
        let allowed = ["AgreementType", "PartyType", "Status", "BeforeEndTime", "AfterEndTime"];
        let stranger =
            filters.iter().find(|(name, _)| !allowed.contains(&name.as_str()) && !subject.contains(&name.as_str()));
        if let Some((name, _)) = stranger {
            return Err(ApiError::validation(format!("The filter {name} is not supported for an acceptor")));
        }
        if subjects.len() > 1 || (subjects == ["ResourceType"] && filter("Status").is_some()) {
            return Err(ApiError::validation("This combination of filters is not supported for an acceptor"));
        }
        let wanted = |agreement: &&Agreement| {
            agreement.purchase.acceptor == caller
                && filter("Status").is_none_or(|status| agreement.status == status)
                && filter("ResourceIdentifier").is_none_or(|id| agreement.purchase.sku == id)
                && filter("ResourceType").is_none_or(|kind| agreement.purchase.product_type == kind)
                && filter("OfferId").is_none_or(|offer| agreement.purchase.offer == offer)
                && filter("OfferSetId").is_none()
                && filter("BeforeEndTime").is_none_or(|at| ends(agreement, at, |end, at| end < at))
                && filter("AfterEndTime").is_none_or(|at| ends(agreement, at, |end, at| end > at))
        };
        let mut found: Vec<&Agreement> = self.marketplace.agreements.values().filter(wanted).collect();
        found.sort_by_key(|agreement| agreement.end);
        let sort = body.get("sort");
        let ascending = sort.and_then(|sort| sort.get("sortOrder")).and_then(Value::as_str) == Some("ASCENDING");
        if !ascending {
            found.reverse();
        }
        let summaries = found.into_iter().map(summary).collect();
        let (items, next) = self.marketplace_page("SearchAgreements", summaries, body)?;
        Ok(with_token(json!({"agreementViewSummaries": items}), next))
    }

    fn marketplace_page(
        &mut self,
        list: &str,
        items: Vec<Value>,
        body: &Value,
    ) -> Result<(Vec<Value>, Option<String>), ApiError> {
        let size = page::size(body.get("maxResults"), LARGEST_PAGE).ok_or_else(|| {
            ApiError::validation(
                "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: between 1 and 50",
            )
        })?;
        let token = body.get("nextToken").and_then(Value::as_str);
        page::cut(list, items, size.min(self.knobs.page_size), token)
            .ok_or_else(|| ApiError::validation("The nextToken is not valid"))
    }
}

fn filters(body: &Value) -> Result<Vec<(String, String)>, ApiError> {
    let given = body.get("filters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    given
        .iter()
        .map(|filter| {
            let name = filter.get("name").and_then(Value::as_str);
            let values = filter.get("values").and_then(Value::as_array);
            match (name, values.map(Vec::as_slice)) {
                (Some(name), Some([Value::String(value)])) => Ok((name.to_owned(), value.clone())),
                _ => Err(ApiError::validation("Each filter takes a name and exactly one value")),
            }
        })
        .collect()
}

fn ends(agreement: &Agreement, at: &str, compare: impl Fn(jiff::Timestamp, jiff::Timestamp) -> bool) -> bool {
    match (agreement.end, at.parse()) {
        (Some(end), Ok(at)) => compare(end, at),
        (None, _) | (_, Err(_)) => false,
    }
}

fn entitlement(agreement: &Agreement) -> Value {
    let purchase = &agreement.purchase;
    let mut entitlement = json!({
        "resource": {"id": purchase.sku, "type": purchase.product_type},
        "type": "AWS::Marketplace::Usage",
        "status": agreement.entitlement,
    });
    if let Some(members) = entitlement.as_object_mut() {
        if let Some(reason) = &agreement.reason {
            members.insert("statusReasonCode".to_owned(), reason.as_str().into());
        }
        if agreement.licensed {
            members.insert("licenseArn".to_owned(), LicenseManager::license_arn(&purchase.license).into());
        }
    }
    entitlement
}

/// What DescribeAgreement and SearchAgreements have in common
fn summary(agreement: &Agreement) -> Value {
    let purchase = &agreement.purchase;
    let mut summary = json!({
        "agreementId": purchase.agreement,
        "agreementType": "PurchaseAgreement",
        "acceptor": {"accountId": purchase.acceptor},
        "proposer": {"accountId": purchase.proposer},
        "acceptanceTime": epoch_seconds(agreement.accepted),
        "startTime": epoch_seconds(agreement.start),
        "proposalSummary": {
            "resources": [{"id": purchase.sku, "type": purchase.product_type}],
            "offerId": purchase.offer,
        },
        "status": agreement.status,
        "initialAgreementId": agreement.initial,
    });
    if let Some(members) = summary.as_object_mut() {
        if let Some(end) = agreement.end {
            members.insert("endTime".to_owned(), epoch_seconds(end).into());
        }
        if agreement.licensed {
            let arn = LicenseManager::license_arn(&purchase.license);
            members.insert("entitlements".to_owned(), json!([{"licenseArn": arn}]));
        }
    }
    summary
}

fn with_token(mut answer: Value, next: Option<String>) -> Value {
    if let (Some(members), Some(next)) = (answer.as_object_mut(), next) {
        members.insert("nextToken".to_owned(), next.into());
    }
    answer
}
