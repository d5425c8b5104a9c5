mod data;
mod words;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::{Body, Protocol, Reply, Route, Service, refused};
use crate::door::served;
use crate::{Answer, Blueprint, Settings, World};

const MANAGEMENT: &str = "210987654321";

fn world() -> World {
    World::new(&Blueprint::sample(), Settings::default())
}

fn route(service: Service, operation: &str, body: Value) -> Route {
    let in_forms = matches!(service, Service::Sts | Service::Iam | Service::Sns);
    let protocol = if in_forms { Protocol::Query } else { Protocol::Json11 };
    let raw = matches!(service, Service::DynamoDb | Service::DynamoDbStreams);
    let body = if raw { Body::Raw(Bytes::from(body.to_string())) } else { Body::Value(body) };
    Route { service, operation: operation.to_owned(), protocol, caller: MANAGEMENT.to_owned(), session: None, body }
}

/// Code, message and reason of the refusal, if it is one
fn refusal(service: Service, operation: &str, body: Value) -> Option<(String, String, Option<String>)> {
    match refused(&route(service, operation, body))? {
        Reply::Refused(error) | Reply::RefusedRaw(error, _) => Some((error.code, error.message, error.reason)),
        done @ (Reply::Done(_) | Reply::DoneRaw(_)) => panic!("{done:?}"),
    }
}

fn message(service: Service, operation: &str, body: Value) -> String {
    refusal(service, operation, body.clone()).unwrap_or_else(|| panic!("{operation} {body} was not refused")).1
}

#[test]
fn sound_requests_pass_with_null_for_nothing_and_members_that_no_model_knows() {
    let sound = [
        (Service::EventBridge, "ListRules", json!({"NamePrefix": null, "Limit": 100, "Colour": {"of": ["a", 7]}})),
        (Service::EventBridge, "PutRule", json!({"Name": "n".repeat(64), "EventPattern": "{}", "State": "DISABLED"})),
        // Sixty-four letters, though more bytes.
        (
            Service::Organizations,
            "TagResource",
            json!({"ResourceId": "r-9xk2", "Tags": [{"Key": "ß".repeat(128), "Value": ""}]}),
        ),
        (Service::Sqs, "ReceiveMessage", json!({"QueueUrl": "u", "AttributeNames": ["SenderId", "All"]})),
        (Service::Sqs, "CreateQueue", json!({"QueueName": "q", "Attributes": {"DelaySeconds": "5"}, "tags": {"": ""}})),
        (
            Service::Sts,
            "AssumeRole",
            json!({"RoleArn": "arn:aws:iam::318204957731:role/r", "RoleSessionName": "me", "DurationSeconds": "900"}),
        ),
        (Service::Sts, "GetCallerIdentity", json!({})),
        (Service::Sns, "CreateTopic", json!({"Name": "t", "Tags": ""})),
        (Service::CloudTrail, "GetTrailStatus", json!({})),
        (Service::EventBridge, "CreateEventBus", json!({"Name": 7})),
        (Service::LicenseManager, "GetGrant", json!({})),
    ];
    for (service, operation, body) in sound {
        assert_eq!(refusal(service, operation, body.clone()), None, "{service:?} {operation} {body}");
    }
}

#[test]
fn tables_are_asked_only_what_is_sound_and_say_themselves_what_cannot_be_read() {
    let item =
        json!({"pk": {"S": "a"}, "list": {"L": [{"N": "1"}, {"M": {"deep": {"NULL": true}}}]}, "set": {"SS": ["a"]}});
    assert_eq!(refusal(Service::DynamoDb, "PutItem", json!({"TableName": "things", "Item": item})), None);
    let request = json!({"TableName": "things", "Item": {"pk": {"S": 5}}});
    let Some(Reply::RefusedRaw(_, text)) = refused(&route(Service::DynamoDb, "PutItem", request)) else { panic!() };
    let said: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(said["__type"], "com.amazon.coral.service#SerializationException");
    let request = json!({"RequestItems": {"first": {"Keys": [{}]}, "things": {"Keys": []}}});
    assert_eq!(
        message(Service::DynamoDb, "BatchGetItem", request),
        "1 validation error detected: Value '[]' at 'requestItems.things.member.keys' failed to satisfy constraint: Member \
         must have length greater than or equal to 1"
    );
    let mut unreadable = route(Service::DynamoDb, "GetItem", json!({}));
    unreadable.body = Body::Raw(Bytes::from_static(b"{\"TableName\": \"things\","));
    assert!(refused(&unreadable).is_none());
}

#[test]
fn a_request_with_a_thousand_faults_is_refused_for_the_first_ten() {
    let entries: Vec<Value> = (0..1_000).map(|_| json!({"Source": "s", "Resources": ["x".repeat(2_049)]})).collect();
    assert!(
        message(Service::EventBridge, "PutEvents", json!({"Entries": entries})).starts_with("10 validation errors")
    );
}

#[test]
fn a_refused_request_is_answered_logged_and_has_no_effect() {
    let world = world();
    let request = Request::post("/")
        .header("x-amz-target", "AWSEvents.PutRule")
        .body(Bytes::from(json!({"Name": "fine", "EventPattern": "{\"source\":[\"a\"]}", "State": "OFF"}).to_string()))
        .unwrap();
    let Answer::Response(response) = world.answer(request) else { panic!("lost") };
    assert_eq!(response.status(), 400);
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body["__type"], "ValidationException");
    world.with(|state| {
        assert_eq!(state.calls.log().last().map(|call| call.result.as_str()), Some("ValidationException"));
        let reply = served(state, &route(Service::EventBridge, "DescribeRule", json!({"Name": "fine"})), None);
        assert_eq!(reply.code(), "ResourceNotFoundException");
    });
}
