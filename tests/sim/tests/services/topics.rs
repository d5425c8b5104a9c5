use bytes::Bytes;
use http::Request;
use pretend_aws::{QueueAttributes, QueueHandle, World};
use serde_json::{Value, json};

use crate::ask::{MANAGEMENT, authorization, send, told, world};

/// Status and XML of a call; pairs are encoded as a client encodes them
fn sns(world: &World, operation: &str, members: &[(&str, &str)]) -> (u16, String) {
    let mut body = format!("Action={operation}&Version=2010-03-31");
    for (name, value) in members {
        let encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        body.push_str(&format!("&{name}={encoded}"));
    }
    let request = Request::post("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", authorization(MANAGEMENT))
        .body(Bytes::from(body))
        .unwrap();
    let response = send(world, request);
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

fn inside<'a>(xml: &'a str, tag: &str) -> &'a str {
    xml.split_once(&format!("<{tag}>")).unwrap().1.split_once(&format!("</{tag}>")).unwrap().0
}

fn topic(world: &World) -> String {
    let (status, xml) = sns(world, "CreateTopic", &[("Name", "notices")]);
    assert_eq!(status, 200, "{xml}");
    assert!(xml.starts_with("<CreateTopicResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">"), "{xml}");
    inside(&xml, "TopicArn").to_owned()
}

fn subscribed(world: &World, arn: &str, raw: &str) -> (QueueHandle, String) {
    let queue = world.create_queue(&format!("raw-{raw}"), QueueAttributes::default());
    let (_, xml) = sns(
        world,
        "Subscribe",
        &[
            ("TopicArn", arn),
            ("Protocol", "sqs"),
            ("Endpoint", &queue.arn),
            ("Attributes.entry.1.key", "RawMessageDelivery"),
            ("Attributes.entry.1.value", raw),
        ],
    );
    let subscription = inside(&xml, "SubscriptionArn").to_owned();
    (queue, subscription)
}

fn bodies(world: &World, queue: &QueueHandle) -> Vec<String> {
    world.with(|state| state.queues.find(&queue.arn).unwrap().messages().map(|message| message.body.clone()).collect())
}

#[test]
fn a_message_reaches_its_queues_in_an_envelope_or_raw() {
    let world = world();
    let arn = topic(&world);
    let (wrapped, subscription) = subscribed(&world, &arn, "false");
    let (raw, _) = subscribed(&world, &arn, "true");
    let (status, xml) = sns(
        &world,
        "Publish",
        &[
            ("TopicArn", &arn),
            ("Message", "it & <that>"),
            ("Subject", "news"),
            ("MessageAttributes.entry.1.Name", "kind"),
            ("MessageAttributes.entry.1.Value.DataType", "String"),
            ("MessageAttributes.entry.1.Value.StringValue", "notice"),
        ],
    );
    assert_eq!(status, 200, "{xml}");
    let envelope: Value = serde_json::from_str(&bodies(&world, &wrapped)[0]).unwrap();
    assert_eq!(envelope["MessageId"], inside(&xml, "MessageId"));
    assert_eq!((&envelope["Message"], &envelope["Subject"]), (&json!("it & <that>"), &json!("news")));
    assert_eq!(envelope["Timestamp"], "2026-09-14T08:00:00.000Z");
    assert_eq!(envelope["MessageAttributes"]["kind"], json!({"Type": "String", "Value": "notice"}));
    assert!(envelope["UnsubscribeURL"].as_str().unwrap().ends_with(&subscription));
    assert_eq!(bodies(&world, &raw), ["it & <that>"]);
    let received =
        told(&world, "AmazonSQS", "ReceiveMessage", &json!({"QueueUrl": raw.url, "MessageAttributeNames": ["All"]}));
    assert_eq!(received["Messages"][0]["MessageAttributes"]["kind"]["StringValue"], "notice");
    assert_eq!(world.with(|state| state.topics.find(&arn).unwrap().published.len()), 1);
}

#[test]
fn people_are_not_subscribed_before_they_confirm() {
    let world = world();
    let arn = topic(&world);
    let (_, xml) =
        sns(&world, "Subscribe", &[("TopicArn", &arn), ("Protocol", "email"), ("Endpoint", "a@example.org")]);
    assert_eq!(inside(&xml, "SubscriptionArn"), "pending confirmation");
    subscribed(&world, &arn, "false");
    subscribed(&world, &arn, "false");
    let (_, xml) = sns(&world, "GetTopicAttributes", &[("TopicArn", &arn)]);
    assert!(
        xml.contains("<entry><key>SubscriptionsConfirmed</key><value>1</value></entry>"),
        "the same queue twice: {xml}"
    );
    assert!(xml.contains("<entry><key>SubscriptionsPending</key><value>1</value></entry>"), "{xml}");
    let (_, xml) = sns(&world, "ListSubscriptionsByTopic", &[("TopicArn", &arn)]);
    assert!(xml.contains("<SubscriptionArn>PendingConfirmation</SubscriptionArn>"), "{xml}");
    assert_eq!(xml.matches("<member>").count(), 2);
}

#[test]
fn attributes_are_set_and_a_topic_made_again_is_the_same() {
    let world = world();
    let arn = topic(&world);
    let set = [("TopicArn", arn.as_str()), ("AttributeName", "DisplayName"), ("AttributeValue", "Notices")];
    let (status, xml) = sns(&world, "SetTopicAttributes", &set);
    assert_eq!(status, 200);
    assert!(!xml.contains("SetTopicAttributesResult"), "the model has no such wrapper: {xml}");
    assert_eq!(topic(&world), arn);
    let (_, xml) = sns(&world, "GetTopicAttributes", &[("TopicArn", &arn)]);
    assert!(xml.contains("<key>DisplayName</key><value>Notices</value>"));
    let (_, xml) = sns(&world, "ListTopics", &[]);
    assert_eq!(inside(&xml, "Topics"), format!("<member><TopicArn>{arn}</TopicArn></member>"));
    sns(&world, "DeleteTopic", &[("TopicArn", &arn)]);
    let (status, xml) = sns(&world, "GetTopicAttributes", &[("TopicArn", &arn)]);
    assert_eq!((status, inside(&xml, "Code")), (404, "NotFound"));
}

#[test]
fn what_sns_refuses_is_refused() {
    let world = world();
    let arn = topic(&world);
    let long = "x".repeat(101);
    for (operation, members, status, code) in [
        ("CreateTopic", vec![("Name", "a b")], 400, "InvalidParameter"),
        ("Publish", vec![("TopicArn", "arn:aws:sns:us-east-1:210987654321:none"), ("Message", "m")], 404, "NotFound"),
        ("Publish", vec![("TopicArn", &arn), ("Message", "")], 400, "InvalidParameter"),
        ("Publish", vec![("TopicArn", &arn), ("Message", "m"), ("Subject", &long)], 400, "InvalidParameter"),
        ("Publish", vec![("TopicArn", &arn), ("Message", "{}"), ("MessageStructure", "json")], 400, "InvalidParameter"),
        ("Subscribe", vec![("TopicArn", &arn), ("Protocol", "pigeon"), ("Endpoint", "x")], 400, "InvalidParameter"),
        ("Subscribe", vec![("TopicArn", &arn), ("Protocol", "sqs"), ("Endpoint", "x")], 400, "InvalidParameter"),
        ("SetTopicAttributes", vec![("TopicArn", &arn), ("AttributeName", "Colour")], 400, "InvalidParameter"),
        ("Paint", vec![], 400, "InvalidAction"),
    ] {
        let (given, xml) = sns(&world, operation, &members);
        assert_eq!((given, inside(&xml, "Code")), (status, code), "{operation}: {xml}");
    }
}

#[test]
fn a_rule_publishes_to_a_topic() {
    let world = world();
    let arn = topic(&world);
    let (queue, _) = subscribed(&world, &arn, "true");
    let pattern = json!({"source": ["my.app"]}).to_string();
    told(&world, "AWSEvents", "PutRule", &json!({"Name": "r", "EventPattern": pattern}));
    let target = json!({"Id": "t", "Arn": arn, "InputPath": "$.detail"});
    told(&world, "AWSEvents", "PutTargets", &json!({"Rule": "r", "Targets": [target]}));
    let entry = json!({"Source": "my.app", "DetailType": "x", "Detail": "{\"a\":1}"});
    told(&world, "AWSEvents", "PutEvents", &json!({"Entries": [entry]}));
    assert_eq!(bodies(&world, &queue), ["{\"a\":1}"]);
}
