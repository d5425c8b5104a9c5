//! SearchAgreements as an acceptor may use it
//!
//! API_SearchAgreements lists the sets of filters an acceptor may combine: AgreementType always, with or without Status
//! and end times, and with at most one of ResourceIdentifier, ResourceType (not together with Status), OfferId, OfferSetId.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::Agreement;
use crate::calls::Digest;
use crate::error::ApiError;

const SUBJECTS: [&str; 4] = ["ResourceIdentifier", "ResourceType", "OfferId", "OfferSetId"];
const ACCEPTORS: [&str; 5] = ["AgreementType", "PartyType", "Status", "BeforeEndTime", "AfterEndTime"];
const PROPOSERS: [&str; 10] = [
    "AcceptorAccountId",
    "BeforeStartTime",
    "AfterStartTime",
    "BeforeLastUpdateTime",
    "AfterLastUpdateTime",
    "EndTimeBehaviorType",
    "EndTimeBehaviorReasonCode",
    "InitialAgreementId",
    "LicenseArn",
    "IncludesContactOfType",
];
const STATUSES: [&str; 6] = ["ACTIVE", "CANCELLED", "EXPIRED", "RENEWED", "REPLACED", "TERMINATED"];

/// What a request asks for
#[derive(Debug)]
pub(super) struct Search {
    filters: BTreeMap<String, String>,
    before: Option<Timestamp>,
    after: Option<Timestamp>,
    ascending: bool,
}

impl Search {
    pub(super) fn read(body: &Value) -> Result<Self, ApiError> {
        let catalog = body.get("catalog").filter(|given| !given.is_null());
        if catalog.is_some_and(|catalog| catalog != "AWSMarketplace") {
            return Err(invalid("INVALID_CATALOG", "The catalog is not supported"));
        }
        let filters = filters(body)?;
        let filter = |name: &str| filters.get(name).map(String::as_str);
        if filter("AgreementType") != Some("PurchaseAgreement") {
            let message = "The filter AgreementType is required and must be PurchaseAgreement";
            return Err(invalid("INVALID_AGREEMENT_TYPE", message));
        }
        let acceptor = match filter("PartyType") {
            Some("Acceptor") => true,
            Some("Proposer") => false,
            Some(_) => return Err(invalid("INVALID_PARTY_TYPE", "PartyType must be Acceptor or Proposer")),
            None => return Err(invalid("MISSING_PARTY_TYPE", "The filter PartyType is required")),
        };
        if acceptor {
            check_combination(&filters)?;
        }
        if filter("Status").is_some_and(|status| !STATUSES.contains(&status)) {
            return Err(invalid("INVALID_FILTER_VALUES", "The value of the filter Status is not supported"));
        }
        let time = |name: &str| match filter(name) {
            None => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|_| invalid("INVALID_FILTER_VALUES", &format!("The value of the filter {name} is no time"))),
        };
        let (before, after) = (time("BeforeEndTime")?, time("AfterEndTime")?);
        let ascending = ascending(body.get("sort"), acceptor)?;
        Ok(Self { before, after, ascending, filters })
    }

    /// A caller's own agreements that match, in order; nobody here has proposed any
    pub(super) fn of<'a>(&self, agreements: impl Iterator<Item = &'a Agreement>, caller: &str) -> Vec<&'a Agreement> {
        let filter = |name: &str| self.filters.get(name).map(String::as_str);
        let party = |agreement: &Agreement| match filter("PartyType") {
            Some("Acceptor") => agreement.purchase.acceptor == caller,
            Some(_) | None => agreement.purchase.proposer == caller,
        };
        let mut found: Vec<&Agreement> = agreements
            .filter(|agreement| {
                let products = || agreement.entitlements.iter();
                party(agreement)
                    && filter("Status").is_none_or(|status| agreement.status == status)
                    && filter("ResourceIdentifier").is_none_or(|id| products().any(|one| one.resource == id))
                    && filter("ResourceType").is_none_or(|kind| products().any(|one| one.resource_type == kind))
                    && filter("OfferId").is_none_or(|offer| agreement.purchase.offer == offer)
                    && filter("OfferSetId").is_none_or(|set| agreement.offer_set.as_deref() == Some(set))
                    && self.before.is_none_or(|at| agreement.end.is_some_and(|end| end < at))
                    && self.after.is_none_or(|at| agreement.end.is_some_and(|end| end > at))
            })
            .collect();
        found.sort_by_key(|agreement| agreement.end);
        if !self.ascending {
            found.reverse();
        }
        found
    }

    /// Pages belong to one search: a token of another is refused
    pub(super) fn name(&self) -> String {
        let asked = format!("{:?}/{}", self.filters, self.ascending);
        format!("SearchAgreements/{}", Digest::of(&[asked.as_bytes()]))
    }
}

fn check_combination(filters: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let allowed = |name: &&String| !ACCEPTORS.contains(&name.as_str()) && !SUBJECTS.contains(&name.as_str());
    if let Some(name) = filters.keys().find(allowed) {
        return Err(invalid("UNSUPPORTED_FILTERS", &format!("The filter {name} is not supported for an acceptor")));
    }
    let subjects: Vec<&str> = SUBJECTS.into_iter().filter(|name| filters.contains_key(*name)).collect();
    if subjects.len() > 1 || (subjects == ["ResourceType"] && filters.contains_key("Status")) {
        return Err(invalid("UNSUPPORTED_FILTERS", "This combination of filters is not supported for an acceptor"));
    }
    Ok(())
}

fn filters(body: &Value) -> Result<BTreeMap<String, String>, ApiError> {
    let given = body.get("filters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut filters = BTreeMap::new();
    for filter in given {
        let name = filter.get("name").and_then(Value::as_str);
        let name = name.ok_or_else(|| invalid("MISSING_FILTER_NAME", "Each filter takes a name"))?;
        if ![&ACCEPTORS[..], &SUBJECTS[..], &PROPOSERS[..]].concat().contains(&name) {
            return Err(invalid("INVALID_FILTER_NAME", &format!("The filter {name} is not supported")));
        }
        let values = filter.get("values").and_then(Value::as_array).map(Vec::as_slice);
        let Some([Value::String(value)]) = values else {
            return Err(invalid("INVALID_FILTER_VALUES", "Each filter takes exactly one value"));
        };
        if filters.insert(name.to_owned(), value.clone()).is_some() {
            return Err(invalid("INVALID_FILTERS", &format!("The filter {name} is given twice")));
        }
    }
    Ok(filters)
}

/// By end time, earliest first unless said otherwise; a proposer may sort by more
fn ascending(sort: Option<&Value>, acceptor: bool) -> Result<bool, ApiError> {
    let member = |name: &str| sort.and_then(|sort| sort.get(name)).and_then(Value::as_str);
    match member("sortBy") {
        None | Some("EndTime") => {}
        Some("StartTime" | "LastUpdateTime") if !acceptor => {}
        Some(_) => return Err(invalid("INVALID_SORT_BY", "An acceptor sorts by EndTime only")),
    }
    Ok(member("sortOrder") != Some("DESCENDING"))
}

fn invalid(reason: &str, message: &str) -> ApiError {
    ApiError::validation(message).because(reason)
}
