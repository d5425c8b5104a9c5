//! Small events for the tests beside each decoder; the documented samples are fixtures of `tests/decoding.rs`

use serde_json::{Value, json};

/// The account that makes the calls
pub(super) const CALLER: &str = "210987654321";

pub(super) fn event(source: &str, detail_type: &str, detail: Value) -> Value {
    json!({
        "version": "0",
        "id": "5c1e7a01-3b9d-4e62-8f10-a7d4c2b90001",
        "detail-type": detail_type,
        "source": source,
        "account": CALLER,
        "time": "2026-09-14T08:12:41Z",
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    })
}

/// A call recorded by CloudTrail
pub(super) fn call(source: &str, name: &str, request: Value) -> Value {
    let arn = format!("arn:aws:sts::{CALLER}:assumed-role/somebody/session");
    let detail = json!({
        "eventName": name,
        "requestParameters": request,
        "responseElements": null,
        "userIdentity": {"type": "AssumedRole", "accountId": CALLER, "arn": arn},
        "recipientAccountId": CALLER,
        "eventID": "5c1e7a75-3b9d-4e62-8f10-a7d4c2b90075",
    });
    event(source, "AWS API Call via CloudTrail", detail)
}

/// What a service reported to CloudTrail by itself
pub(super) fn service_event(source: &str, name: &str, details: Value) -> Value {
    let detail = json!({
        "eventName": name,
        "requestParameters": null,
        "responseElements": null,
        "userIdentity": {"accountId": CALLER, "invokedBy": "AWS Internal"},
        "recipientAccountId": CALLER,
        "eventID": "5c1e7a24-3b9d-4e62-8f10-a7d4c2b90024",
        "serviceEventDetails": details,
    });
    event(source, "AWS Service Event via CloudTrail", detail)
}
