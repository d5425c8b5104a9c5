//! AWS Control Tower's lifecycle events
//!
//! They arrive when an account is really set up and stands in its organizational unit, minutes after Organizations
//! reports it. Source: Control Tower User Guide, "Lifecycle events".

use super::cloudtrail::Record;
use super::envelope::Envelope;
use super::field;
use super::poison::Poison;
use super::shown::{code, shown};
use super::{Decoded, Scope};

pub(super) fn decode(envelope: &Envelope<'_>) -> Result<Decoded, Poison> {
    let Some(record) = Record::read(envelope)? else {
        return Ok(Decoded::nothing(format!("`{}` is no CloudTrail record", shown(envelope.detail_type))));
    };
    if let Some(failed) = record.failure() {
        return Ok(failed);
    }
    // A create that was tried again reports itself as an update.
    let status = match record.name {
        "CreateManagedAccount" => "detail.serviceEventDetails.createManagedAccountStatus",
        "UpdateManagedAccount" => "detail.serviceEventDetails.updateManagedAccountStatus",
        _ => return Ok(record.unknown()),
    };
    let state = field::needed(envelope.event, &format!("{status}.state"), "a state, such as `SUCCEEDED`")?;
    if !state.eq_ignore_ascii_case("SUCCEEDED") {
        return Ok(record.nothing(code(state).unwrap_or("an unknown state")));
    }
    let account = field::id(envelope.event, &format!("{status}.account.accountId"), "the id of an account")?;
    Ok(record.trigger(Scope::Account(account)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::trigger::{Trigger, decode, sample};

    fn lifecycle(name: &str, member: &str, state: &str, account: Value) -> Decoded {
        let status = json!({member: {"state": state, "account": {"accountId": account}}});
        decode(&sample::service_event("aws.controltower", name, status))
    }

    #[test]
    fn both_ways_of_getting_an_account_are_read() {
        for (name, member) in [
            ("CreateManagedAccount", "createManagedAccountStatus"),
            ("UpdateManagedAccount", "updateManagedAccountStatus"),
        ] {
            let done = lifecycle(name, member, "SUCCEEDED", json!("000000000001"));
            assert!(matches!(done, Decoded::Trigger(Trigger { scope: Scope::Account(_), .. })), "{done:?}");
            assert!(matches!(lifecycle(name, member, "FAILED", json!(null)), Decoded::Nothing { .. }));
            assert!(matches!(lifecycle(name, member, "SUCCEEDED", json!("1")), Decoded::Poison(_)));
        }
    }

    #[test]
    fn other_lifecycle_events_are_nothing() {
        let event = sample::service_event("aws.controltower", "EnableGuardrail", json!({"enableGuardrailStatus": {}}));
        assert!(matches!(decode(&event), Decoded::Nothing { .. }));
    }
}
