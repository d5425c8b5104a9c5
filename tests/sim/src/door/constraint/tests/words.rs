//! Each kind of constraint, and each service's refusal

use serde_json::{Value, json};

use super::{MANAGEMENT, message, refusal};
use crate::door::Service;

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
