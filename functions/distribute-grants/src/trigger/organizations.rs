//! AWS Organizations: everything comes by way of CloudTrail
//!
//! Sources: Organizations User Guide, "Logging API calls with AWS CloudTrail"; parameters of calls that the guide does
//! not show are the API's members with a lower-case first letter, as CloudTrail writes them.

use grant_plan::id::AccountId;
use serde_json::Value;

use super::cloudtrail::Record;
use super::envelope::Envelope;
use super::field;
use super::poison::Poison;
use super::shown::{code, shown};
use super::{Decoded, Scope};

const ACCOUNT: &str = "the id of an account";

pub(super) fn decode(envelope: &Envelope<'_>) -> Result<Decoded, Poison> {
    let Some(record) = Record::read(envelope)? else {
        return Ok(Decoded::nothing(format!("`{}` is no CloudTrail record", shown(envelope.detail_type))));
    };
    if let Some(failed) = record.failure() {
        return Ok(failed);
    }
    match record.name {
        // Also what CreateGovCloudAccount ends in: `accountId` is the half in this partition.
        "CreateAccountResult" => result(&record, "detail.serviceEventDetails.createAccountStatus"),
        "CloseAccountResult" => result(&record, "detail.serviceEventDetails.closeAccountStatus"),
        "AccountJoinedOrganization" | "AccountDepartedOrganization" => Ok(membership(&record)),
        "CreateAccount" | "CreateGovCloudAccount" => Ok(record.nothing("in progress, its result follows")),
        "CloseAccount" => Ok(record.nothing("in progress, its result follows")),
        "InviteAccountToOrganization" => Ok(record.nothing("an invitation is not a join")),
        "MoveAccount" | "RemoveAccountFromOrganization" => account(&record, "detail.requestParameters.accountId"),
        "LeaveOrganization" => Ok(leaver(&record)),
        // Recorded in the account that joins, where it is not said in one place which account that is.
        "AcceptHandshake" => Ok(record.trigger(Scope::OrganizationalUnit)),
        "CreateOrganizationalUnit" | "UpdateOrganizationalUnit" | "DeleteOrganizationalUnit" => {
            Ok(record.trigger(Scope::OrganizationalUnit))
        }
        "TagResource" | "UntagResource" => tagged(&record),
        "EffectivePolicyValidation" => Ok(record.nothing("a check of another kind of policy")),
        _ => Ok(record.unknown()),
    }
}

fn account(record: &Record<'_>, path: &str) -> Result<Decoded, Poison> {
    Ok(record.trigger(Scope::Account(field::id(record.envelope.event, path, ACCOUNT)?)))
}

/// The end of something asynchronous: the same event name stands for success and failure
fn result(record: &Record<'_>, status: &str) -> Result<Decoded, Poison> {
    let event = record.envelope.event;
    let state = field::needed(event, &format!("{status}.state"), "a state, such as `SUCCEEDED`")?;
    if state.eq_ignore_ascii_case("SUCCEEDED") {
        return account(record, &format!("{status}.accountId"));
    }
    let why = field::text(event, &format!("{status}.failureReason")).and_then(code).unwrap_or("no reason given");
    Ok(record.nothing(&format!("{} ({why})", code(state).unwrap_or("an unknown state"))))
}

/// Where AccountJoinedOrganization and AccountDepartedOrganization name their account is not published, so it is
/// looked for; if it is nowhere, the organization as a whole is read again
fn membership(record: &Record<'_>) -> Decoded {
    let places = ["serviceEventDetails", "requestParameters", "responseElements"];
    let found =
        places.into_iter().filter_map(|place| field::at(record.envelope.event, "detail")?.get(place)).find_map(named);
    record.trigger(found.map_or(Scope::OrganizationalUnit, Scope::Account))
}

/// `accountId`, `account` or `account.id` in `place` itself or one level below
fn named(place: &Value) -> Option<AccountId> {
    let inside = |value: &Value| {
        ["accountId", "account", "account.id", "account.accountId"]
            .into_iter()
            .find_map(|path| field::text(value, path)?.parse().ok())
    };
    inside(place).or_else(|| place.as_object()?.values().find_map(inside))
}

/// Recorded in the account that leaves
fn leaver(record: &Record<'_>) -> Decoded {
    let places = ["detail.recipientAccountId", "detail.userIdentity.accountId", "account"];
    let found = places.into_iter().find_map(|path| record.envelope.text(path)?.parse().ok());
    record.trigger(found.map_or(Scope::OrganizationalUnit, Scope::Account))
}

/// A tagged thing may be an account, an organizational unit, the root or a policy
fn tagged(record: &Record<'_>) -> Result<Decoded, Poison> {
    let path = "detail.requestParameters.resourceId";
    let id = field::needed(record.envelope.event, path, "the id of what was tagged")?;
    if id.starts_with("ou-") || id.starts_with("r-") {
        Ok(record.trigger(Scope::OrganizationalUnit))
    } else if id.bytes().all(|byte| byte.is_ascii_digit()) {
        account(record, path)
    } else {
        Ok(record.nothing("neither an account nor an organizational unit"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::trigger::{Trigger, decode, sample};

    const SOURCE: &str = "aws.organizations";

    fn outcome(event: &Value) -> String {
        match decode(event) {
            Decoded::Trigger(Trigger { scope, .. }) => scope.to_string(),
            Decoded::Nothing { .. } => "nothing".to_owned(),
            Decoded::Poison(poison) => poison.field,
        }
    }

    fn call(name: &str, request: Value) -> String {
        outcome(&sample::call(SOURCE, name, request))
    }

    #[test]
    fn a_new_account_counts_once_it_exists() {
        let status = |status: Value| {
            outcome(&sample::service_event(SOURCE, "CreateAccountResult", json!({"createAccountStatus": status})))
        };
        assert_eq!(status(json!({"state": "SUCCEEDED", "accountId": "000000000001"})), "account 000000000001");
        assert_eq!(
            status(json!({"state": "SUCCEEDED", "accountId": "000000000001", "govCloudAccountId": "000000000002"})),
            "account 000000000001"
        );
        assert_eq!(status(json!({"state": "FAILED", "failureReason": "EMAIL_ALREADY_EXISTS"})), "nothing");
        assert_eq!(status(json!({"state": "IN_PROGRESS"})), "nothing");
        let place = "detail.serviceEventDetails.createAccountStatus";
        assert_eq!(status(json!({"state": "SUCCEEDED"})), format!("{place}.accountId"));
        assert_eq!(status(json!({"state": "SUCCEEDED", "accountId": 1})), format!("{place}.accountId"));
        assert_eq!(status(json!({"accountId": "000000000001"})), format!("{place}.state"));
        assert_eq!(call("CreateAccount", json!({"email": "****"})), "nothing");
        assert_eq!(call("CreateGovCloudAccount", json!({"email": "****"})), "nothing");
    }

    #[test]
    fn joining_and_leaving_are_found_wherever_the_account_stands() {
        for name in ["AccountJoinedOrganization", "AccountDepartedOrganization"] {
            for detail in [
                json!({"serviceEventDetails": {"accountId": "000000000001"}}),
                json!({"serviceEventDetails": {"account": {"id": "000000000001"}}}),
                json!({"serviceEventDetails": {"account": {"accountId": "000000000001"}}}),
                json!({"serviceEventDetails": {"accountJoinedStatus": {"accountId": "000000000001"}}}),
                json!({"serviceEventDetails": null, "requestParameters": {"accountId": "000000000001"}}),
                json!({"serviceEventDetails": {"accountId": 7}, "requestParameters": {"account": "000000000001"}}),
            ] {
                for kind in ["AWS Service Event via CloudTrail", "AWS API Call via CloudTrail"] {
                    let mut event = sample::event(SOURCE, kind, detail.clone());
                    event["detail"]["eventName"] = json!(name);
                    event["detail"]["recipientAccountId"] = json!("000000000009");
                    assert_eq!(outcome(&event), "account 000000000001", "{event}");
                }
            }
        }
    }

    #[test]
    fn a_joined_account_that_is_nowhere_means_reading_the_organization_again() {
        for details in [json!(null), json!({}), json!({"accountId": "12"}), json!([{"accountId": "000000000001"}])] {
            let event = sample::service_event(SOURCE, "AccountJoinedOrganization", details);
            assert_eq!(outcome(&event), "organization", "{event}");
        }
    }

    #[test]
    fn moving_removing_closing_and_leaving_name_the_account() {
        let request = json!({"accountId": "000000000001"});
        assert_eq!(call("MoveAccount", request.clone()), "account 000000000001");
        assert_eq!(call("RemoveAccountFromOrganization", request.clone()), "account 000000000001");
        assert_eq!(call("CloseAccount", request), "nothing");
        assert_eq!(call("MoveAccount", json!(null)), "detail.requestParameters.accountId");
        let closed = |state: &str| {
            let status = json!({"closeAccountStatus": {"accountId": "000000000001", "state": state}});
            outcome(&sample::service_event(SOURCE, "CloseAccountResult", status))
        };
        assert_eq!(closed("SUCCEEDED"), "account 000000000001");
        assert_eq!(closed("FAILED"), "nothing");
        // The sample's own recipient is the account that made the call.
        assert_eq!(call("LeaveOrganization", json!(null)), format!("account {}", sample::CALLER));
    }

    #[test]
    fn invitations_are_not_joins_but_accepted_ones_are_worth_a_look() {
        assert_eq!(call("InviteAccountToOrganization", json!({"target": {"id": "000000000001"}})), "nothing");
        assert_eq!(call("AcceptHandshake", json!({"handshakeId": "h-1"})), "organization");
    }

    #[test]
    fn the_tree_is_read_again_when_it_changed() {
        for name in ["CreateOrganizationalUnit", "UpdateOrganizationalUnit", "DeleteOrganizationalUnit"] {
            assert_eq!(call(name, json!(null)), "organization");
        }
    }

    #[test]
    fn a_tag_leads_to_what_wears_it() {
        for name in ["TagResource", "UntagResource"] {
            let tagged = |id: Value| call(name, json!({"resourceId": id}));
            assert_eq!(tagged(json!("000000000001")), "account 000000000001");
            assert_eq!(tagged(json!("ou-9xk2-h3n8d1pw")), "organization");
            assert_eq!(tagged(json!("r-9xk2")), "organization");
            assert_eq!(tagged(json!("p-9xk2abcd")), "nothing");
            assert_eq!(tagged(json!("rp-9xk2abcd")), "nothing");
            assert_eq!(tagged(json!("0000000000012")), "detail.requestParameters.resourceId");
            assert_eq!(tagged(json!(null)), "detail.requestParameters.resourceId");
        }
    }

    #[test]
    fn failed_calls_noise_and_strangers_are_nothing() {
        let mut failed = sample::call(SOURCE, "MoveAccount", json!({"accountId": "000000000001"}));
        failed["detail"]["errorCode"] = json!("AccountNotFoundException");
        assert_eq!(outcome(&failed), "nothing");
        failed["detail"]["errorCode"] = json!(null);
        assert_eq!(outcome(&failed), "account 000000000001");
        assert_eq!(call("AttachPolicy", json!({})), "nothing");
        let noise = sample::service_event(SOURCE, "EffectivePolicyValidation", json!({"accountId": "000000000001"}));
        assert_eq!(outcome(&noise), "nothing");
        assert_eq!(outcome(&sample::event(SOURCE, "AWS Console Sign In via CloudTrail", json!({}))), "nothing");
    }
}
