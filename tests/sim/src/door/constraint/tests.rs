use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::table::{Shape, Table};
use super::{Body, Protocol, Reply, Route, Service, refused, walk};
use crate::{Answer, Blueprint, Settings, World};

const ALL: [Service; 12] = [
    Service::LicenseManager,
    Service::Organizations,
    Service::Marketplace,
    Service::Sts,
    Service::Iam,
    Service::Sqs,
    Service::Sns,
    Service::EventBridge,
    Service::CloudTrail,
    Service::ServiceQuotas,
    Service::DynamoDb,
    Service::DynamoDbStreams,
];

const MANAGEMENT: &str = "210987654321";

fn world() -> World {
    World::new(&Blueprint::sample(), Settings::default())
}

fn route(service: Service, operation: &str, body: Value) -> Route {
    let protocol = match service {
        Service::Sts | Service::Iam | Service::Sns => Protocol::Query,
        _ => Protocol::Json11,
    };
    let body = match service {
        Service::DynamoDb | Service::DynamoDbStreams => Body::Raw(Bytes::from(body.to_string())),
        _ => Body::Value(body),
    };
    Route { service, operation: operation.to_owned(), protocol, caller: MANAGEMENT.to_owned(), body }
}

/// Code, message and reason of the refusal, if it is one
fn refusal(service: Service, operation: &str, body: Value) -> Option<(String, String, Option<String>)> {
    match refused(&route(service, operation, body))? {
        Reply::Refused(error) | Reply::RefusedRaw(error, _) => Some((error.code, error.message, error.reason)),
        other => panic!("{other:?}"),
    }
}

fn message(service: Service, operation: &str, body: Value) -> String {
    refusal(service, operation, body.clone()).unwrap_or_else(|| panic!("{operation} {body} was not refused")).1
}

#[test]
fn all_data_can_be_read_and_every_pattern_compiles() {
    for service in ALL {
        let table = Table::of(service);
        assert!(table.operations().next().is_some(), "{service:?}");
        for shape in table.shapes() {
            match shape {
                Shape::Text { pattern: Some(pattern), .. } => assert!(pattern.compiled().is_some(), "{pattern:?}"),
                Shape::List { of, .. } => assert!(!matches!(table.shape(*of), Shape::Anything), "{shape:?}"),
                Shape::Map { key, of, .. } => {
                    assert!(matches!(table.shape(*key), Shape::Text { .. }), "{shape:?}");
                    assert!(!matches!(table.shape(*of), Shape::Anything), "{shape:?}");
                }
                Shape::Structure(structure) => {
                    for member in structure.members.values() {
                        assert!(!matches!(table.shape(member.shape), Shape::Anything), "{structure:?}");
                    }
                    let mut bits: Vec<u64> =
                        structure.required.iter().map(|name| structure.members[name].bit).collect();
                    bits.dedup();
                    assert!(
                        bits.len() == structure.required.len() && bits.iter().all(|bit| *bit != 0),
                        "{structure:?}"
                    );
                }
                other => assert!(!matches!(other, Shape::Anything), "{other:?}"),
            }
        }
    }
}

#[test]
fn an_operation_is_in_the_data_when_its_service_answers_it_and_only_then() {
    let world = world();
    let is_answered = |service: Service, operation: &str| {
        let reply = world.with(|state| super::super::served(state, &route(service, operation, json!({})), None));
        !["UnknownOperationException", "InvalidAction"].contains(&reply.code())
    };
    for service in ALL {
        let table = Table::of(service);
        for operation in table.operations() {
            assert!(is_answered(service, operation), "{service:?} does not know {operation}");
        }
        for operation in &table.unanswered {
            assert!(!is_answered(service, operation), "{service:?} {operation}: run constraints.py once more");
        }
    }
}

#[test]
fn license_manager_misses_by_itself_what_its_model_requires() {
    let world = world();
    let table = Table::of(Service::LicenseManager);
    for operation in table.operations() {
        let found = walk::breaches(table, table.input(operation).unwrap(), walk::Spelling::Typed, &json!({}));
        let asked = route(Service::LicenseManager, operation, json!({}));
        let reply = world.with(|state| super::super::served(state, &asked, None));
        assert_eq!(reply.code() == "ValidationException", !found.is_empty(), "{operation}: {reply:?}");
    }
}

#[test]
fn each_kind_of_constraint_is_said_in_the_frameworks_words() {
    let rule = |name: Value| message(Service::EventBridge, "DescribeRule", json!({"Name": name}));
    assert_eq!(
        rule(json!("")),
        "2 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater \
         than or equal to 1; Value '' at 'name' failed to satisfy constraint: Member must satisfy regular expression \
         pattern: [\\.\\-_A-Za-z0-9]+"
    );
    let long = "a".repeat(65);
    assert_eq!(
        rule(json!(long)),
        format!(
            "1 validation error detected: Value '{long}' at 'name' failed to satisfy constraint: Member must have length \
             less than or equal to 64"
        )
    );
    let cases = [
        (
            "DescribeRule",
            json!({"Name": null}),
            "Value null at 'name' failed to satisfy constraint: Member must not be null",
        ),
        (
            "ListRules",
            json!({"Limit": 0}),
            "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            "ListRules",
            json!({"Limit": 101}),
            "Value '101' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100",
        ),
        (
            "PutRule",
            json!({"Name": "r", "State": "OFF"}),
            "Value 'OFF' at 'state' failed to satisfy constraint: Member must satisfy enum value set: [ENABLED, DISABLED, \
             ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS]",
        ),
        (
            "RemoveTargets",
            json!({"Rule": "r", "Ids": []}),
            "Value '[]' at 'ids' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        (
            "RemoveTargets",
            json!({"Rule": "r", "Ids": vec!["t"; 101]}),
            "Value '[...]' at 'ids' failed to satisfy constraint: Member must have length less than or equal to 100",
        ),
        (
            "RemoveTargets",
            json!({"Rule": "r", "Ids": ["fine", "not fine"]}),
            "Value 'not fine' at 'ids' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy \
             regular expression pattern: [\\.\\-_A-Za-z0-9]+]",
        ),
        (
            "PutTargets",
            json!({"Rule": "r", "Targets": [{"Id": "1", "Arn": "a"}, {"Id": "2"}]}),
            "Value null at 'targets.2.member.arn' failed to satisfy constraint: Member must not be null",
        ),
        (
            "PutTargets",
            json!({"Rule": "r", "Targets": [{"Id": "1", "Arn": "a", "InputTransformer":
                {"InputTemplate": "t", "InputPathsMap": {"k": "$.a", "k k": "$.b"}}}]}),
            "Value 'k k' at 'targets.1.member.inputTransformer.inputPathsMap' failed to satisfy constraint: Map keys must \
             satisfy constraint: [Member must satisfy regular expression pattern: [A-Za-z0-9\\_\\-]+]",
        ),
        (
            "PutTargets",
            json!({"Rule": "r", "Targets": [{"Id": "1", "Arn": "a", "InputTransformer":
                {"InputTemplate": "t", "InputPathsMap": {"first": "$", "k": "x".repeat(257)}}}]}),
            "at 'targets.1.member.inputTransformer.inputPathsMap' failed to satisfy constraint: Map value must satisfy \
             constraint: [Member must have length less than or equal to 256]",
        ),
    ];
    for (operation, body, words) in cases {
        let said = message(Service::EventBridge, operation, body);
        assert!(said.starts_with("1 validation error detected: ") && said.ends_with(words), "{said}");
    }
}

#[test]
fn a_value_of_another_type_is_said_alone_and_in_the_parsers_words() {
    let broken = [
        ("PutRule", json!({"Name": 7, "State": "OFF"}), "NUMBER_VALUE can not be converted to a String"),
        ("ListRules", json!({"Limit": "seven"}), "STRING_VALUE can not be converted to an Integer"),
        ("ListRules", json!({"Limit": 1.5}), "DECIMAL_VALUE can not be converted to an Integer"),
        ("ListRules", json!({"NamePrefix": ["a"]}), "START_ARRAY can not be converted to a String"),
        ("RemoveTargets", json!({"Rule": "r", "Ids": {"0": "a"}}), "START_OBJECT can not be converted to a List"),
        ("RemoveTargets", json!({"Rule": "", "Ids": "a"}), "STRING_VALUE can not be converted to a List"),
        (
            "RemoveTargets",
            json!({"Rule": "r", "Ids": ["a"], "Force": "yes"}),
            "STRING_VALUE can not be converted to a Boolean",
        ),
        ("PutEvents", json!({"Entries": [{"Time": true}]}), "TRUE_VALUE can not be converted to a Timestamp"),
        ("PutEvents", json!({"Entries": ["an event"]}), "STRING_VALUE can not be converted to a Structure"),
    ];
    for (operation, body, words) in broken {
        let (code, said, _) = refusal(Service::EventBridge, operation, body).unwrap();
        assert_eq!((code.as_str(), said.as_str()), ("SerializationException", words), "{operation}");
    }
}

#[test]
fn each_service_refuses_by_its_own_exception() {
    let long = "x".repeat(4_097);
    let cases = [
        (Service::Organizations, "DescribeAccount", json!({}), "InvalidInputException", Some("INPUT_REQUIRED")),
        (
            Service::Organizations,
            "DescribeAccount",
            json!({"AccountId": "31820495773x"}),
            "InvalidInputException",
            Some("INVALID_PATTERN"),
        ),
        (
            Service::Organizations,
            "TagResource",
            json!({"ResourceId": MANAGEMENT, "Tags": [{"Key": "", "Value": ""}]}),
            "InvalidInputException",
            Some("MIN_LENGTH_EXCEEDED"),
        ),
        (
            Service::Organizations,
            "TagResource",
            json!({"ResourceId": MANAGEMENT, "Tags": [{"Key": "k", "Value": "x".repeat(257)}]}),
            "InvalidInputException",
            Some("MAX_LENGTH_EXCEEDED"),
        ),
        (
            Service::Organizations,
            "ListAccounts",
            json!({"MaxResults": 0}),
            "InvalidInputException",
            Some("MIN_VALUE_EXCEEDED"),
        ),
        (
            Service::Organizations,
            "ListAccounts",
            json!({"MaxResults": 21}),
            "InvalidInputException",
            Some("MAX_VALUE_EXCEEDED"),
        ),
        (
            Service::Organizations,
            "ListChildren",
            json!({"ParentId": "r-9xk2", "ChildType": "POLICY"}),
            "InvalidInputException",
            Some("INVALID_ENUM"),
        ),
        (Service::Organizations, "ListAccounts", json!({"NextToken": 7}), "SerializationException", None),
        (Service::Marketplace, "DescribeAgreement", json!({}), "ValidationException", Some("MISSING_AGREEMENT_ID")),
        (
            Service::Marketplace,
            "SearchAgreements",
            json!({"catalog": "a b"}),
            "ValidationException",
            Some("INVALID_CATALOG"),
        ),
        (
            Service::Marketplace,
            "SearchAgreements",
            json!({"filters": [{"name": "n", "values": [""]}]}),
            "ValidationException",
            Some("INVALID_FILTER_VALUES"),
        ),
        (
            Service::Marketplace,
            "SearchAgreements",
            json!({"sort": {"sortOrder": "UP"}}),
            "ValidationException",
            Some("INVALID_SORT_ORDER"),
        ),
        (Service::Marketplace, "SearchAgreements", json!({"nextToken": true}), "SerializationException", None),
        (Service::Sts, "AssumeRole", json!({"RoleArn": "arn", "RoleSessionName": "name"}), "ValidationError", None),
        (
            Service::Sts,
            "AssumeRole",
            json!({"RoleArn": "arn:aws:iam::318204957731:role/r", "RoleSessionName": "name", "DurationSeconds": "899"}),
            "ValidationError",
            None,
        ),
        (Service::Iam, "GetRole", json!({"RoleName": "not a role"}), "ValidationError", None),
        (Service::Iam, "ListRoles", json!({"MaxItems": "many"}), "ValidationError", None),
        (Service::Sqs, "SendMessage", json!({"QueueUrl": "u"}), "MissingParameter", None),
        (
            Service::Sqs,
            "GetQueueAttributes",
            json!({"QueueUrl": "u", "AttributeNames": ["Colour"]}),
            "InvalidAttributeName",
            None,
        ),
        (
            Service::Sqs,
            "ReceiveMessage",
            json!({"QueueUrl": "u", "WaitTimeSeconds": "20"}),
            "SerializationException",
            None,
        ),
        (Service::Sns, "Subscribe", json!({"TopicArn": "arn"}), "InvalidParameter", None),
        (Service::EventBridge, "DescribeRule", json!({}), "ValidationException", None),
        (Service::CloudTrail, "GetTrailStatus", json!({"Name": 7}), "SerializationException", None),
        (Service::ServiceQuotas, "ListServiceQuotas", json!({}), "IllegalArgumentException", None),
        (Service::DynamoDb, "GetItem", json!({"TableName": "things"}), "ValidationException", None),
        (
            Service::DynamoDb,
            "GetItem",
            json!({"TableName": "things", "Key": {}, "ConsistentRead": "yes"}),
            "SerializationException",
            None,
        ),
        (Service::DynamoDbStreams, "DescribeStream", json!({"StreamArn": "short"}), "ValidationException", None),
        (Service::DynamoDbStreams, "ListStreams", json!({"TableName": long}), "ValidationException", None),
    ];
    for (service, operation, body, code, reason) in cases {
        let found = refusal(service, operation, body.clone());
        let found = found.as_ref().map(|(code, _, reason)| (code.as_str(), reason.as_deref()));
        assert_eq!(found, Some((code, reason)), "{service:?} {operation} {body}");
    }
}

#[test]
fn what_its_service_says_of_a_missing_parameter_names_it() {
    let entries = json!({"QueueUrl": "u", "Entries": [{"Id": "a", "MessageBody": "b"}, {"Id": "b"}]});
    assert_eq!(
        message(Service::Sqs, "SendMessageBatch", entries),
        "The request must contain the parameter Entries.2.MessageBody."
    );
    assert_eq!(
        message(Service::Sns, "DeleteTopic", json!({})),
        "Invalid parameter: TopicArn Reason: no value for required parameter"
    );
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
        let reply =
            super::super::served(state, &route(Service::EventBridge, "DescribeRule", json!({"Name": "fine"})), None);
        assert_eq!(reply.code(), "ResourceNotFoundException");
    });
}
