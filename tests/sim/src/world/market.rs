//! What becomes of agreements besides beginning and ending, each with the event that tells of it
//!
//! AWS Marketplace Buyer Guide, "Amazon EventBridge events" and "EventBridge events for cancellations and billing
//! adjustments".

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::World;
use crate::blueprint::Purchase;
use crate::clock::seconds_later;
use crate::events::{Moment, iso};
use crate::marketplace::{Agreement, Entitlement};
use crate::state::{State, letters};

/// A seller asks to cancel an agreement, and what comes of it
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cancellation {
    /// The acceptor has seven days to answer
    PendingApproval,
    /// The acceptor said yes, or seven days have passed; the agreement ends by another event
    Approved,
    /// The acceptor said no
    Rejected,
    /// The seller withdrew it
    Cancelled,
}

impl Cancellation {
    /// In the detail-type, in `statusCode` and in `statusMessage`
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::PendingApproval => ("Pending Approval", "PENDING_APPROVAL", ""),
            Self::Approved => ("Approved", "APPROVED", ""),
            Self::Rejected => ("Rejected", "REJECTED", "Buyer rejected the request"),
            Self::Cancelled => ("Cancelled", "CANCELLED", "Seller withdrew the request"),
        }
    }
}

impl World {
    /// The acceptor agrees now to something that starts later: SCHEDULED with FUTURE_START_DATE until then, its license
    /// [`license_provision_seconds`](crate::Knobs::license_provision_seconds) after
    ///
    /// The event comes at once.
    pub fn purchase_for_later(&self, purchase: &Purchase, start: Timestamp) {
        self.with(|state| state.agree_for_later(purchase, start));
    }

    /// An agreement entitles to something more, as one on several products does
    pub fn add_entitlement(&self, agreement: &str, entitlement: Entitlement) {
        self.with(|state| {
            state.change_agreement(agreement, |agreement| agreement.entitlements.push(entitlement));
            state.catch_up();
        });
    }

    /// An entitlement stands as said from now on, and does not change by itself: FAILED with INVALID_PAYMENT_INSTRUMENT,
    /// PENDING with PRODUCT_RESTRICTED, and so on. `which` counts from 0
    pub fn set_entitlement(&self, agreement: &str, which: usize, status: &str, reason: Option<&str>) {
        self.with(|state| {
            state.change_agreement(agreement, |agreement| {
                if let Some(entitlement) = agreement.entitlements.get_mut(which) {
                    entitlement.status = status.to_owned();
                    entitlement.reason = reason.map(str::to_owned);
                    entitlement.due = None;
                }
            });
        });
    }

    /// What hindered an entitlement is gone: it is provisioned, and its license made, after so many seconds
    pub fn provision_entitlement(&self, agreement: &str, which: usize, seconds: u64) {
        self.with(|state| {
            let due = seconds_later(state.now(), seconds);
            state.change_agreement(agreement, |agreement| {
                if let Some(entitlement) = agreement.entitlements.get_mut(which) {
                    entitlement.status = "PENDING".to_owned();
                    entitlement.reason = Some("PROVISIONING_IN_PROGRESS".to_owned());
                    entitlement.due = Some(due);
                }
            });
            state.catch_up();
        });
    }

    /// An agreement becomes ROLLED_BACK, SUPERSEDED or ARCHIVED, of which no event tells
    pub fn set_agreement_status(&self, agreement: &str, status: &str) {
        self.with(|state| state.change_agreement(agreement, |agreement| agreement.status = status.to_owned()));
    }

    /// Purchase Agreement Amended: somebody switches automatic renewal on or off
    pub fn amend_agreement(&self, agreement: &str, auto_renewal: bool) {
        self.with(|state| {
            state.change_agreement(agreement, |agreement| agreement.auto_renewal = auto_renewal);
            state.tell_agreement(agreement, |moment, one| {
                let mut inner = spanned(one);
                put(&mut inner, "intent", json!("AMEND"));
                put(&mut inner, "status", json!(one.status));
                put(&mut inner, "acceptanceTime", json!(iso(one.accepted)));
                put(&mut inner, "autoRenewalEnabled", json!(one.auto_renewal));
                let mut detail = moment.agreement_detail(one, inner);
                put(&mut detail, "renewalSummary", renewal(one));
                put(&mut detail, "offer", offer(one));
                moment.on_agreement(one, "Purchase Agreement Amended - Acceptor", detail)
            });
        });
    }

    /// Purchase Agreement Ending: so many days before the end (180, 120, 90, 60, 30)
    pub fn agreement_ending(&self, agreement: &str, days: u32) {
        self.with(|state| {
            state.tell_agreement(agreement, |moment, one| {
                let mut inner = spanned(one);
                put(&mut inner, "daysBeforeEndTime", json!(days));
                put(&mut inner, "autoRenewalEnabled", json!(one.auto_renewal));
                put(&mut inner, "status", json!(one.status));
                let mut detail = moment.agreement_detail(one, inner);
                put(&mut detail, "renewalSummary", renewal(one));
                put(&mut detail, "proposer", proposer(one));
                put(&mut detail, "offer", offer(one));
                moment.on_agreement(one, "Purchase Agreement Ending - Acceptor", detail)
            });
        });
    }

    /// Purchase Agreement Renewal Terms Finalized: the uplift of a renewal is fixed
    pub fn renewal_terms_finalized(&self, agreement: &str, total: &str) {
        self.with(|state| {
            state.tell_agreement(agreement, |moment, one| {
                let mut detail = moment.agreement_detail(one, spanned(one));
                let summary = json!({
                    "tcv": total, "currency": "USD", "termsFinalizedTime": iso(moment.at), "lockoutReached": false,
                    "lockoutStartTime": lockout(one),
                });
                put(&mut detail, "renewalSummary", summary);
                put(&mut detail, "proposer", proposer(one));
                moment.on_agreement(one, "Purchase Agreement Renewal Terms Finalized - Acceptor", detail)
            });
        });
    }

    /// Purchase Agreement Renewal Upcoming: the time to decide is over and the renewal will go on
    pub fn renewal_upcoming(&self, agreement: &str, total: &str) {
        self.with(|state| {
            state.tell_agreement(agreement, |moment, one| {
                let mut detail = moment.agreement_detail(one, spanned(one));
                put(&mut detail, "renewalSummary", json!({"lockoutReached": true, "tcv": total, "currency": "USD"}));
                put(&mut detail, "proposer", proposer(one));
                moment.on_agreement(one, "Purchase Agreement Renewal Upcoming - Acceptor", detail)
            });
        });
    }

    /// Agreement Cancellation Request: pending, approved, rejected or cancelled; the agreement itself stays as it is
    pub fn cancellation_request(&self, agreement: &str, what: Cancellation) {
        self.with(|state| {
            let request = format!("acr-{}", letters(&mut state.rng, 13));
            state.tell_agreement(agreement, |moment, one| {
                let (words, code, message) = what.words();
                let now = iso(moment.at);
                let purchase = &one.purchase;
                let detail = json!({
                    "requestId": moment.inner_id,
                    "catalog": "AWSMarketplace",
                    "agreement": {
                        "id": purchase.agreement, "proposerId": purchase.proposer, "productId": purchase.sku,
                        "offerId": purchase.offer,
                    },
                    "agreementCancellationRequest": {
                        "id": request, "reasonCode": "INCORRECT_TERMS_ACCEPTED", "reasonMessage": "",
                        "statusCode": code, "statusMessage": message, "createdAt": now, "updatedAt": now,
                    },
                });
                moment.envelope(
                    SOURCE,
                    &format!("Agreement Cancellation Request {words} - Acceptor"),
                    json!([]),
                    detail,
                )
            });
        });
    }

    /// Purchase Agreement Billing Adjustment Completed: a refund, such as `-1000.00`
    pub fn billing_adjusted(&self, agreement: &str, amount: &str) {
        self.with(|state| {
            let request = format!("ba-{}", letters(&mut state.rng, 10));
            state.tell_agreement(agreement, |moment, one| {
                let detail = json!({
                    "requestId": moment.inner_id,
                    "catalog": "AWSMarketplace",
                    "agreement": {"id": one.purchase.agreement},
                    "billingAdjustmentRequest": {
                        "id": request, "adjustmentAmount": amount, "currencyCode": "USD",
                        "adjustmentReasonCode": "INCORRECT_TERMS_ACCEPTED",
                    },
                    "invoice": {"originalInvoiceId": "3140058217"},
                });
                let kind = "Purchase Agreement Billing Adjustment Completed - Acceptor";
                moment.envelope(SOURCE, kind, json!([]), detail)
            });
        });
    }
}

const SOURCE: &str = "aws.agreement-marketplace";
/// The decision to renew has to be made so long before the end, in the sample events
const LOCKOUT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl State {
    fn change_agreement(&mut self, id: &str, change: impl FnOnce(&mut Agreement)) {
        let now = self.now();
        if let Some(agreement) = self.marketplace.agreements.get_mut(id) {
            agreement.updated = now;
            change(agreement);
        }
    }

    fn tell_agreement(&mut self, id: &str, event: impl FnOnce(&Moment<'_>, &Agreement) -> Value) {
        let Some(agreement) = self.marketplace.agreements.get(id) else { return };
        let acceptor = agreement.purchase.acceptor.clone();
        self.tell(&acceptor, |state, moment| {
            state.marketplace.agreements.get(id).map(|agreement| event(&moment, agreement))
        });
    }

    fn agree_for_later(&mut self, purchase: &Purchase, start: Timestamp) {
        let now = self.now();
        let due = seconds_later(start, self.knobs.license_provision_seconds);
        let agreement = self.marketplace.add(purchase, now, Some(due));
        let year = agreement.end.map(|end| end.duration_since(now)).unwrap_or_default();
        agreement.start = start;
        agreement.end = start.checked_add(year).ok();
        for entitlement in &mut agreement.entitlements {
            entitlement.status = "SCHEDULED".to_owned();
            entitlement.reason = Some("FUTURE_START_DATE".to_owned());
        }
        self.tell_agreement(&purchase.agreement, |moment, one| moment.agreement_created(one, "NEW", None));
    }
}

impl Moment<'_> {
    /// The blocks that events of a standing agreement have in common
    fn agreement_detail(&self, agreement: &Agreement, inner: Value) -> Value {
        let purchase = &agreement.purchase;
        json!({
            "requestId": self.inner_id,
            "catalog": "AWSMarketplace",
            "agreement": inner,
            "product": {"id": purchase.sku, "title": purchase.product},
            "acceptor": {"accountId": purchase.acceptor},
            "proposer": {"accountId": purchase.proposer},
        })
    }
}

/// Id, start, and the end where there is one
fn spanned(agreement: &Agreement) -> Value {
    let mut inner = json!({"id": agreement.purchase.agreement, "startTime": iso(agreement.start)});
    if let Some(end) = agreement.end {
        put(&mut inner, "endTime", json!(iso(end)));
    }
    inner
}

fn renewal(agreement: &Agreement) -> Value {
    let disabled_by = if agreement.auto_renewal { Value::Null } else { json!("ACCEPTOR") };
    json!({"lockoutStartTime": lockout(agreement), "disabledBy": disabled_by})
}

fn lockout(agreement: &Agreement) -> Value {
    let start = agreement.end.and_then(|end| end.checked_sub(LOCKOUT).ok());
    start.map_or(Value::Null, |at| json!(iso(at)))
}

fn offer(agreement: &Agreement) -> Value {
    json!({"id": agreement.purchase.offer, "name": format!("Offer of {}", agreement.purchase.product)})
}

fn proposer(agreement: &Agreement) -> Value {
    json!({"name": "Example Seller Ltd", "accountId": agreement.purchase.proposer})
}

fn put(object: &mut Value, member: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
}
