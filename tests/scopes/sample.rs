//! The messages that lead to a scope, in the shapes of the sample events

use distribute_grants::trigger::{Decoded, Scope, decode};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

/// Where a sample names what it is about
type Sample = (&'static str, &'static str);

const AGREEMENT: [Sample; 5] = [
    ("mp-agreement-created-new.json", "/detail/agreement/id"),
    ("mp-agreement-created-renew.json", "/detail/agreement/id"),
    ("mp-agreement-amended.json", "/detail/agreement/id"),
    ("mp-agreement-ended.json", "/detail/agreement/id"),
    ("ct-mp-accept-agreement-request.json", "/detail/responseElements/agreementId"),
];

const ACCOUNT: [Sample; 8] = [
    ("org-create-account-result-succeeded.json", "/detail/serviceEventDetails/createAccountStatus/accountId"),
    ("org-close-account-result.json", "/detail/serviceEventDetails/closeAccountStatus/accountId"),
    ("org-account-joined-created.inferred.json", "/detail/serviceEventDetails/accountId"),
    ("org-account-departed-left.inferred.json", "/detail/serviceEventDetails/accountId"),
    ("org-move-account-api.inferred.json", "/detail/requestParameters/accountId"),
    ("org-remove-account-api.inferred.json", "/detail/requestParameters/accountId"),
    ("org-tag-resource-api.inferred.json", "/detail/requestParameters/resourceId"),
    (
        "controltower-create-managed-account.json",
        "/detail/serviceEventDetails/createManagedAccountStatus/account/accountId",
    ),
];

const LICENSE: [Sample; 1] = [("ct-lm-create-grant-api.inferred.json", "/detail/requestParameters/licenseArn")];

const GRANT: [Sample; 1] = [("ct-lm-accept-grant-api.inferred.json", "/detail/requestParameters/grantArn")];

/// Events that change units, which name no account
const UNITS: [&str; 4] = [
    "org-create-ou-api.json",
    "org-update-ou-api.inferred.json",
    "org-untag-ou-api.inferred.json",
    "org-account-joined-nameless.guessed.json",
];

/// An event that leads to this scope, one of several kinds
///
/// `None` for what no event brings: edits of the policy table and what the schedule sends.
pub(crate) fn event(random: &mut StdRng, scope: &Scope) -> Option<Value> {
    let event = match scope {
        Scope::Agreement(id) => named(random, &AGREEMENT, id.as_str()),
        Scope::Account(id) => named(random, &ACCOUNT, id.as_str()),
        Scope::License(id) => named(random, &LICENSE, &format!("arn:aws:license-manager::702911538826:license:{id}")),
        Scope::Grant(arn) => named(random, &GRANT, arn.as_str()),
        Scope::OrganizationalUnit => load(UNITS.choose(random).copied().unwrap_or_default()),
        Scope::Policy { .. } | Scope::Sweep | Scope::All => return None,
    };
    match decode(&event) {
        Decoded::Trigger(trigger) => assert_eq!(trigger.scope, *scope, "{event}"),
        other @ (Decoded::Nothing { .. } | Decoded::Poison(_)) => {
            panic!("{event} leads to {other:?} and not to {scope}")
        }
    }
    Some(event)
}

/// A record of the policy table's Stream that tells of an edit
pub(crate) fn edit(rule: &str, old: Option<&Value>, new: Option<&Value>, at: i64) -> Value {
    let name = match (old, new) {
        (None, _) => "INSERT",
        (_, None) => "REMOVE",
        (_, _) => "MODIFY",
    };
    let mut record = json!({
        "eventID": "c4ca4238a0b923820dcc509a6f75849b", "eventName": name, "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": at, "Keys": {"rule": {"S": rule}},
            "SequenceNumber": format!("{at:021}"), "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    });
    for (image, item) in [("OldImage", old), ("NewImage", new)] {
        if let Some(members) = item.and_then(Value::as_object) {
            let typed = members.iter().map(|(name, value)| (name.clone(), typed(value)));
            record["dynamodb"][image] = Value::Object(typed.collect());
        }
    }
    json!({"Records": [record]})
}

/// DynamoDB's JSON of a plain value
fn typed(value: &Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(flag) => json!({"BOOL": flag}),
        Value::Number(number) => json!({"N": number.to_string()}),
        Value::String(text) => json!({"S": text}),
        Value::Array(items) => json!({"L": items.iter().map(typed).collect::<Vec<_>>()}),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), typed(value)));
            json!({"M": members.collect::<serde_json::Map<_, _>>()})
        }
    }
}

fn named(random: &mut StdRng, samples: &[Sample], id: &str) -> Value {
    let (name, place) = samples.choose(random).copied().unwrap_or_default();
    let mut event = load(name);
    *event.pointer_mut(place).unwrap_or_else(|| panic!("{name} has nothing at {place}")) = json!(id);
    event
}

fn load(name: &str) -> Value {
    let path = format!("{}/fixtures/events/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}
