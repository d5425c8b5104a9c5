//! AWS Marketplace, as the buyer sees it
//!
//! Sources: Marketplace Buyer Guide, "AWS Marketplace Agreement EventBridge Events" and "Cancellation and billing
//! adjustment events"; Marketplace developer guide, "Logging AWS Marketplace Agreement API calls with CloudTrail".

use serde_json::Value;

use super::cloudtrail::Record;
use super::envelope::Envelope;
use super::field;
use super::poison::Poison;
use super::shown::{code, shown};
use super::{Decoded, Scope};

/// Every path here is below `detail`: `resources` spells the agreement's ARN in three ways and is empty in some events
const AGREEMENT: &str = "detail.agreement.id";

pub(super) fn decode(envelope: &Envelope<'_>) -> Result<Decoded, Poison> {
    if let Some(record) = Record::read(envelope)? {
        return decode_record(&record);
    }
    match envelope.detail_type {
        "Purchase Agreement Created - Acceptor" => agreement(envelope, "detail.agreement.intent"),
        // The guide's table and heading have the dash, its JSON sample has not.
        "Purchase Agreement Amended - Acceptor" | "Purchase Agreement Amended Acceptor" => {
            agreement(envelope, "detail.agreement.intent")
        }
        "Purchase Agreement Ended - Acceptor" => agreement(envelope, "detail.agreement.status"),
        "Purchase Agreement Renewal Terms Finalized - Acceptor"
        | "Purchase Agreement Renewal Upcoming - Acceptor"
        | "Agreement Cancellation Request Approved - Acceptor" => {
            agreement(envelope, "detail.agreementCancellationRequest.statusCode")
        }
        "Purchase Agreement Ending - Acceptor" => Ok(nothing(envelope, "it goes on until it has ended")),
        "Agreement Cancellation Request Pending Approval - Acceptor" => {
            Ok(nothing(envelope, "it goes on until the cancellation is approved"))
        }
        "Agreement Cancellation Request Rejected - Acceptor"
        | "Agreement Cancellation Request Cancelled - Acceptor" => Ok(nothing(envelope, "it goes on as before")),
        "Purchase Agreement Billing Adjustment Completed - Acceptor" => {
            Ok(nothing(envelope, "money moved, no license did"))
        }
        seller if seller.ends_with(" - Proposer") || seller.ends_with(" - Manufacturer") => {
            Ok(nothing(envelope, "it is the seller's copy"))
        }
        _ => Ok(nothing(envelope, "no such event is known")),
    }
}

/// `detail` names the agreement in two shapes, nested and (cancellations) flat; both have `agreement.id`
fn agreement(envelope: &Envelope<'_>, more: &str) -> Result<Decoded, Poison> {
    envelope.require_detail()?;
    let id = field::id(envelope.event, AGREEMENT, "the id of an agreement")?;
    let reason = match envelope.text(more).and_then(code) {
        Some(more) => format!("{} ({more})", envelope.detail_type),
        None => envelope.detail_type.to_owned(),
    };
    Ok(envelope.trigger(Scope::Agreement(id), reason))
}

fn nothing(envelope: &Envelope<'_>, why: &str) -> Decoded {
    Decoded::nothing(format!("{}: {why}", shown(envelope.detail_type)))
}

/// Calls that somebody made; automatic renewals make none
fn decode_record(record: &Record<'_>) -> Result<Decoded, Poison> {
    if let Some(failed) = record.failure() {
        return Ok(failed);
    }
    let path = match record.name {
        "AcceptAgreementRequest" => "detail.responseElements.agreementId",
        "CancelAgreement" => "detail.requestParameters.agreementId",
        _ => return Ok(record.unknown()),
    };
    let absent = matches!(field::at(record.envelope.event, path), None | Some(Value::Null));
    if record.name == "AcceptAgreementRequest" && absent {
        // A request may wait for an approval and then has no agreement yet.
        return Ok(record.nothing("no agreement yet, its Created event follows"));
    }
    Ok(record.trigger(Scope::Agreement(field::id(record.envelope.event, path, "the id of an agreement")?)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::trigger::{Trigger, decode, sample};

    fn event(detail_type: &str, detail: Value) -> Value {
        sample::event("aws.agreement-marketplace", detail_type, detail)
    }

    fn scope(event: &Value) -> String {
        let Decoded::Trigger(Trigger { scope, .. }) = decode(event) else { panic!("{event} led nowhere") };
        scope.to_string()
    }

    #[test]
    fn amended_is_read_in_both_spellings() {
        for spelling in ["Purchase Agreement Amended - Acceptor", "Purchase Agreement Amended Acceptor"] {
            assert_eq!(scope(&event(spelling, json!({"agreement": {"id": "agmt-1"}}))), "agreement agmt-1");
        }
    }

    #[test]
    fn nothing_but_the_agreements_id_is_needed() {
        for kind in [
            "Purchase Agreement Created - Acceptor",
            "Purchase Agreement Ended - Acceptor",
            "Purchase Agreement Renewal Terms Finalized - Acceptor",
            "Purchase Agreement Renewal Upcoming - Acceptor",
            "Agreement Cancellation Request Approved - Acceptor",
        ] {
            let detail = json!({"agreement": {"id": "agmt-1"}});
            let bare = json!({"source": "aws.agreement-marketplace", "detail-type": kind, "detail": detail});
            assert_eq!(scope(&bare), "agreement agmt-1");
        }
    }

    #[test]
    fn the_resources_are_not_believed() {
        let mut moved = event("Purchase Agreement Created - Acceptor", json!({"agreement": {"id": "agmt-1"}}));
        moved["resources"] = json!(["arn:aws:aws-marketplace::aws:agreement:agmt-2"]);
        assert_eq!(scope(&moved), "agreement agmt-1");
        moved["detail"]["agreement"]["id"] = json!(null);
        assert!(matches!(decode(&moved), Decoded::Poison(poison) if poison.field == "detail.agreement.id"));
    }

    #[test]
    fn what_changes_no_license_is_nothing() {
        for kind in [
            "Purchase Agreement Ending - Acceptor",
            "Agreement Cancellation Request Pending Approval - Acceptor",
            "Agreement Cancellation Request Rejected - Acceptor",
            "Agreement Cancellation Request Cancelled - Acceptor",
            "Purchase Agreement Billing Adjustment Completed - Acceptor",
            "Purchase Agreement Created - Proposer",
            "License Updated - Manufacturer",
            "Purchase Agreement Invented - Acceptor",
        ] {
            let Decoded::Nothing { reason } = decode(&event(kind, json!({"agreement": {"id": 5}}))) else {
                panic!("{kind} was taken")
            };
            assert!(reason.starts_with(kind), "{reason}");
        }
    }

    #[test]
    fn an_open_intent_is_shown_and_an_odd_one_is_left_out() {
        let reason = |intent: Value| {
            let detail = json!({"agreement": {"id": "agmt-1", "intent": intent}});
            let Decoded::Trigger(trigger) = decode(&event("Purchase Agreement Created - Acceptor", detail)) else {
                panic!("not taken")
            };
            trigger.reason
        };
        assert_eq!(reason(json!("SPLIT")), "Purchase Agreement Created - Acceptor (SPLIT)");
        assert_eq!(reason(json!("a@b.example")), "Purchase Agreement Created - Acceptor");
        assert_eq!(reason(json!(7)), "Purchase Agreement Created - Acceptor");
    }

    #[test]
    fn calls_are_read_and_failed_ones_are_nothing() {
        let call = |name: &str| sample::call("aws.agreement-marketplace", name, json!({"agreementId": "agmt-1"}));
        assert_eq!(scope(&call("CancelAgreement")), "agreement agmt-1");
        let mut failed = call("CancelAgreement");
        failed["detail"]["errorCode"] = json!("AccessDeniedException");
        let Decoded::Nothing { reason } = decode(&failed) else { panic!("{:?}", decode(&failed)) };
        assert!(reason.contains("AccessDeniedException"), "{reason}");

        let waiting = call("AcceptAgreementRequest");
        assert!(matches!(decode(&waiting), Decoded::Nothing { .. }));
        let mut accepted = waiting;
        accepted["detail"]["responseElements"] = json!({"agreementId": "agmt-9"});
        assert_eq!(scope(&accepted), "agreement agmt-9");
        accepted["detail"]["responseElements"] = json!({"agreementId": "agmt 9"});
        assert!(matches!(decode(&accepted), Decoded::Poison(_)));
    }
}
