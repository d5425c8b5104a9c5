//! License Manager: its own events, and records of calls about grants

use grant_plan::id::LicenseId;

use super::cloudtrail::Record;
use super::envelope::Envelope;
use super::field;
use super::own_roles::OwnRoles;
use super::poison::Poison;
use super::shown::shown;
use super::{Decoded, Scope};

pub(super) fn decode(envelope: &Envelope<'_>, own: &OwnRoles) -> Result<Decoded, Poison> {
    if let Some(record) = Record::read(envelope)? {
        return decode_record(&record, own);
    }
    // EventBridge Events Reference, "AWS License Manager events": the four kinds are named there, what their `detail`
    // holds is published nowhere, so they say no more than that it may be worth looking.
    Ok(match envelope.detail_type {
        "Grant Change" | "License Change" => envelope.trigger(Scope::Sweep, envelope.detail_type),
        "License Consumption Change" | "License Token Change" => {
            Decoded::nothing(format!("{}: using a license changes no grant", envelope.detail_type))
        }
        other => Decoded::nothing(format!("{}: no such event is known", shown(other))),
    })
}

/// Recorded in the account of the caller: grantors record CreateGrant, grantees AcceptGrant
fn decode_record(record: &Record<'_>, own: &OwnRoles) -> Result<Decoded, Poison> {
    if let Some(failed) = record.failure() {
        return Ok(failed);
    }
    if record.made_by(own) {
        return Ok(record.nothing("a call of our own"));
    }
    let scope = match record.name {
        "CreateGrant" => Scope::License(license(record)?),
        "CreateGrantVersion" | "AcceptGrant" | "RejectGrant" | "DeleteGrant" => {
            let path = "detail.requestParameters.grantArn";
            Scope::Grant(field::id(record.envelope.event, path, "the ARN of a grant")?)
        }
        _ => return Ok(record.unknown()),
    };
    Ok(record.trigger(scope))
}

/// License ARNs come in several shapes; the trailing id is what they share
fn license(record: &Record<'_>) -> Result<LicenseId, Poison> {
    let path = "detail.requestParameters.licenseArn";
    let event = record.envelope.event;
    let arn = field::needed(event, path, "the ARN of a license")?;
    LicenseId::from_arn(arn).map_err(|error| Poison::at(path, field::at(event, path), error.expected))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::trigger::{Trigger, decode, decode_with, sample};

    const SOURCE: &str = "aws.license-manager";
    const GRANT: &str = "arn:aws:license-manager::210987654321:grant:g-2f7d91c3a86e4b50b1d4e8f60a973c25";

    fn scope(event: &Value) -> String {
        let Decoded::Trigger(Trigger { scope, .. }) = decode(event) else { panic!("{event} led nowhere") };
        scope.to_string()
    }

    #[test]
    fn a_license_is_read_from_any_shape_of_its_arn() {
        for arn in [
            "arn:aws:license-manager::702911538826:license:l-8c41f2a07d9b4e53a6f1c0d2e7b38a95",
            "aws:license-manager:us-east-1:702911538826:l-8c41f2a07d9b4e53a6f1c0d2e7b38a95",
            "arn:aws:license-manager::702911538826:license/l-8c41f2a07d9b4e53a6f1c0d2e7b38a95",
        ] {
            let event = sample::call(SOURCE, "CreateGrant", json!({"licenseArn": arn}));
            assert_eq!(scope(&event), "license l-8c41f2a07d9b4e53a6f1c0d2e7b38a95");
        }
        let event = sample::call(SOURCE, "CreateGrant", json!({"licenseArn": "arn:aws:license-manager::1:license:x"}));
        assert!(
            matches!(decode(&event), Decoded::Poison(poison) if poison.field == "detail.requestParameters.licenseArn")
        );
    }

    #[test]
    fn calls_about_a_grant_lead_to_it() {
        for name in ["CreateGrantVersion", "AcceptGrant", "RejectGrant", "DeleteGrant"] {
            assert_eq!(scope(&sample::call(SOURCE, name, json!({"grantArn": GRANT}))), format!("grant {GRANT}"));
            let nameless = sample::call(SOURCE, name, json!(null));
            assert!(matches!(decode(&nameless), Decoded::Poison(_)));
        }
        let other = sample::call(SOURCE, "CheckoutLicense", json!({}));
        assert!(matches!(decode(&other), Decoded::Nothing { .. }));
    }

    #[test]
    fn a_failed_call_is_nothing() {
        let mut event = sample::call(SOURCE, "AcceptGrant", json!({"grantArn": GRANT}));
        event["detail"]["errorCode"] = json!("ValidationException");
        assert!(matches!(decode(&event), Decoded::Nothing { .. }));
    }

    #[test]
    fn our_own_calls_do_not_wake_us() {
        let own = OwnRoles::new(["grantway-lane"]);
        let mut event = sample::call(SOURCE, "CreateGrantVersion", json!({"grantArn": GRANT}));
        assert!(matches!(decode_with(&event, &own), Decoded::Trigger(_)), "somebody else's call");
        event["detail"]["userIdentity"]["sessionContext"] = json!({"sessionIssuer": {"userName": "grantway-lane"}});
        assert!(matches!(decode_with(&event, &own), Decoded::Nothing { .. }));
        assert!(matches!(decode(&event), Decoded::Trigger(_)), "no role is ours unless named");
    }

    #[test]
    fn native_events_are_hints_and_using_a_license_is_none() {
        for kind in ["Grant Change", "License Change"] {
            assert_eq!(scope(&json!({"source": SOURCE, "detail-type": kind})), "sweep");
        }
        for kind in ["License Consumption Change", "License Token Change", "License Surprise"] {
            let event = sample::event(SOURCE, kind, json!({}));
            let Decoded::Nothing { reason } = decode(&event) else { panic!("{kind} was taken") };
            assert!(reason.starts_with(kind), "{reason}");
        }
    }
}
