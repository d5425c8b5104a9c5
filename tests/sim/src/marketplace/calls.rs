//! The buyer's reads: GetAgreementEntitlements, DescribeAgreement, SearchAgreements

use serde_json::{Value, json};

use super::search::Search;
use super::{Agreement, shape};
use crate::error::ApiError;
use crate::license_manager::agreement_license_arn;
use crate::page;
use crate::state::State;

/// API_GetAgreementEntitlements and API_SearchAgreements: `maxResults` from 1 to 50
const LARGEST_PAGE: usize = 50;

impl State {
    pub(crate) fn call_marketplace(&mut self, caller: &str, operation: &str, body: &Value) -> Result<Value, ApiError> {
        match operation {
            "GetAgreementEntitlements" => {
                let (agreement, now) = (self.own_agreement(caller, body)?, self.now());
                let arn = |license: &str| agreement_license_arn(license, &self.knobs);
                let entitlements = agreement.entitlements.iter();
                let shapes = entitlements.map(|one| shape::entitlement(agreement, one, now, arn)).collect();
                let list = format!("GetAgreementEntitlements/{}", agreement.purchase.agreement);
                self.marketplace_page("agreementEntitlements", &list, shapes, body)
            }
            "DescribeAgreement" => Ok(shape::description(self.own_agreement(caller, body)?)),
            "SearchAgreements" => {
                let search = Search::read(body)?;
                let found = search.of(self.marketplace.agreements.values(), caller);
                let arn = |license: &str| agreement_license_arn(license, &self.knobs);
                let summaries = found.into_iter().map(|agreement| shape::summary(agreement, arn)).collect();
                self.marketplace_page("agreementViewSummaries", &search.name(), summaries, body)
            }
            other => Err(ApiError::refused("UnknownOperationException", format!("No operation {other}"))),
        }
    }

    /// The API sees the caller's own agreements only
    fn own_agreement(&self, caller: &str, body: &Value) -> Result<&Agreement, ApiError> {
        let id = body.get("agreementId").and_then(Value::as_str).unwrap_or_default();
        let agreement = self.marketplace.agreements.get(id);
        agreement
            .filter(|agreement| agreement.purchase.acceptor == caller)
            .ok_or_else(|| ApiError::with_status(404, "ResourceNotFoundException", format!("Agreement {id} not found")))
    }

    fn marketplace_page(&self, member: &str, list: &str, items: Vec<Value>, body: &Value) -> Result<Value, ApiError> {
        let size = page::size(body.get("maxResults"), LARGEST_PAGE).unwrap_or(LARGEST_PAGE);
        let token = body.get("nextToken").and_then(Value::as_str);
        let (items, next) = page::cut(list, items, size.min(self.knobs.page_size), token)
            .ok_or_else(|| ApiError::validation("The nextToken is not valid").because("INVALID_NEXT_TOKEN"))?;
        Ok(match next {
            Some(next) => json!({member: items, "nextToken": next}),
            None => json!({member: items}),
        })
    }
}
