//! Queues besides sending and receiving: attributes, retention, redriving, deletion

use std::time::Duration;

use pretend_aws::sqs::DeadLetter;
use pretend_aws::{QueueAttributes, QueueHandle, World};
use serde_json::{Value, json};

use crate::ask::{ask, told, world};

const TARGET: &str = "AmazonSQS";

fn refusal(world: &World, operation: &str, body: &Value) -> String {
    let (status, answer) = ask(world, TARGET, operation, body);
    assert!(status >= 400, "{operation} {body}: {answer}");
    answer["__type"].as_str().unwrap().trim_start_matches("com.amazonaws.sqs#").to_owned()
}

fn texts(world: &World, queue: &QueueHandle) -> Vec<String> {
    world.with(|state| state.queues.find(&queue.arn).unwrap().messages().map(|message| message.body.clone()).collect())
}

#[test]
fn attributes_are_checked_and_shown_again() {
    let world = world();
    let given = json!({
        "MessageRetentionPeriod": "1209600", "ReceiveMessageWaitTimeSeconds": "20", "MaximumMessageSize": "1024",
        "Policy": "{}", "SqsManagedSseEnabled": "true",
    });
    let made = told(&world, TARGET, "CreateQueue", &json!({"QueueName": "q", "Attributes": given}));
    let body = json!({"QueueUrl": made["QueueUrl"], "AttributeNames": ["All"]});
    let shown = told(&world, TARGET, "GetQueueAttributes", &body)["Attributes"].clone();
    for (name, value) in given.as_object().unwrap() {
        assert_eq!(&shown[name], value, "{name}");
    }
    assert_eq!(shown["CreatedTimestamp"], "1789372800");
    for (name, value) in [
        ("VisibilityTimeout", "43201"),
        ("DelaySeconds", "901"),
        ("MessageRetentionPeriod", "59"),
        ("ReceiveMessageWaitTimeSeconds", "21"),
        ("MaximumMessageSize", "1023"),
        ("RedrivePolicy", "nonsense"),
    ] {
        let body = json!({"QueueUrl": made["QueueUrl"], "Attributes": {name: value}});
        assert_eq!(refusal(&world, "SetQueueAttributes", &body), "InvalidAttributeValue", "{name}");
    }
    let body = json!({"QueueUrl": made["QueueUrl"], "MessageBody": "x".repeat(1025)});
    assert_eq!(refusal(&world, "SendMessage", &body), "InvalidParameterValue");
    let body = json!({"QueueUrl": made["QueueUrl"], "MessageBody": "a\u{1}"});
    assert_eq!(refusal(&world, "SendMessage", &body), "InvalidMessageContents");
}

#[test]
fn a_redrive_policy_names_a_queue_that_is_there_and_of_the_same_kind() {
    let world = world();
    let plain = world.create_queue("plain", QueueAttributes::default());
    let policy = |arn: &str| json!({"deadLetterTargetArn": arn, "maxReceiveCount": 3}).to_string();
    let nowhere =
        json!({"QueueName": "a", "Attributes": {"RedrivePolicy": policy("arn:aws:sqs:us-east-1:210987654321:no")}});
    assert_eq!(refusal(&world, "CreateQueue", &nowhere), "InvalidParameterValue");
    let mixed =
        json!({"QueueName": "a.fifo", "Attributes": {"FifoQueue": "true", "RedrivePolicy": policy(&plain.arn)}});
    assert_eq!(refusal(&world, "CreateQueue", &mixed), "InvalidParameterValue");
    told(
        &world,
        TARGET,
        "CreateQueue",
        &json!({"QueueName": "a", "Attributes": {"RedrivePolicy": policy(&plain.arn)}}),
    );
    let sources = told(&world, TARGET, "ListDeadLetterSourceQueues", &json!({"QueueUrl": plain.url}));
    assert_eq!(sources["queueUrls"].as_array().unwrap().len(), 1);
}

#[test]
fn a_message_is_kept_for_as_long_as_its_queue_says() {
    let world = world();
    let attributes = QueueAttributes { retention: Duration::from_secs(3_600), ..Default::default() };
    let queue = world.create_queue("q", attributes);
    told(&world, TARGET, "SendMessage", &json!({"QueueUrl": queue.url, "MessageBody": "old"}));
    world.advance(Duration::from_secs(3_599));
    assert_eq!(world.with(|state| state.queues.find("q").unwrap().counts(state.now()).0), 1);
    world.advance(Duration::from_secs(1));
    assert_eq!(world.with(|state| state.queues.find("q").unwrap().counts(state.now()).0), 0);
    assert_eq!(told(&world, TARGET, "ReceiveMessage", &json!({"QueueUrl": queue.url})), json!({}));
}

/// A queue whose messages went to its dead-letter queue
fn given_up(world: &World, texts: &[&str]) -> (QueueHandle, QueueHandle) {
    let dead = world.create_queue("dead", QueueAttributes::default());
    let letter = DeadLetter { queue_arn: dead.arn.clone(), max_receives: 1 };
    let queue = world.create_queue("q", QueueAttributes { dead_letter: Some(letter), ..Default::default() });
    for text in texts {
        told(world, TARGET, "SendMessage", &json!({"QueueUrl": queue.url, "MessageBody": text}));
    }
    for _ in 0..2 {
        ask(world, TARGET, "ReceiveMessage", &json!({"QueueUrl": queue.url, "MaxNumberOfMessages": 10}));
        world.advance(Duration::from_secs(30));
    }
    (queue, dead)
}

#[test]
fn a_dead_letter_queue_is_redriven_to_where_its_messages_came_from_or_elsewhere() {
    let world = world();
    let (queue, dead) = given_up(&world, &["a", "b"]);
    assert_eq!(texts(&world, &dead), ["a", "b"]);
    let other = world.create_queue("other", QueueAttributes::default());
    for (body, exception) in [
        (json!({"SourceArn": "arn:aws:sqs:us-east-1:210987654321:no"}), "ResourceNotFoundException"),
        (json!({"SourceArn": other.arn}), "InvalidParameterValue"),
        (
            json!({"SourceArn": dead.arn, "DestinationArn": "arn:aws:sqs:us-east-1:210987654321:no"}),
            "ResourceNotFoundException",
        ),
        (json!({"SourceArn": dead.arn, "MaxNumberOfMessagesPerSecond": 501}), "InvalidParameterValue"),
    ] {
        assert_eq!(refusal(&world, "StartMessageMoveTask", &body), exception, "{body}");
    }
    let nowhere = json!({"SourceArn": "arn:aws:sqs:us-east-1:210987654321:no"});
    assert_eq!(refusal(&world, "ListMessageMoveTasks", &nowhere), "ResourceNotFoundException");
    told(&world, TARGET, "StartMessageMoveTask", &json!({"SourceArn": dead.arn}));
    assert_eq!(texts(&world, &queue), ["a", "b"]);
    assert!(texts(&world, &dead).is_empty());
    let listed = told(&world, TARGET, "ListMessageMoveTasks", &json!({"SourceArn": dead.arn}))["Results"].clone();
    assert_eq!(
        (&listed[0]["Status"], &listed[0]["ApproximateNumberOfMessagesMoved"]),
        (&json!("COMPLETED"), &json!(2))
    );
    let received =
        told(&world, TARGET, "ReceiveMessage", &json!({"QueueUrl": queue.url, "MessageSystemAttributeNames": ["All"]}));
    assert_eq!(received["Messages"][0]["Attributes"]["ApproximateReceiveCount"], "1", "a new message");
}

#[test]
fn a_message_that_came_from_nowhere_stays_in_the_dead_letter_queue() {
    let world = world();
    let (_, dead) = given_up(&world, &["a"]);
    told(&world, TARGET, "SendMessage", &json!({"QueueUrl": dead.url, "MessageBody": "stray"}));
    told(&world, TARGET, "StartMessageMoveTask", &json!({"SourceArn": dead.arn}));
    assert_eq!(texts(&world, &dead), ["stray"]);
    let listed = told(&world, TARGET, "ListMessageMoveTasks", &json!({"SourceArn": dead.arn}))["Results"].clone();
    assert_eq!(listed[0]["FailureReason"], "CouldNotDetermineMessageSource");
}

#[test]
fn without_its_dead_letter_queue_a_message_goes_on_being_received() {
    let world = world();
    let (queue, dead) = given_up(&world, &[]);
    told(&world, TARGET, "SendMessage", &json!({"QueueUrl": queue.url, "MessageBody": "a"}));
    told(&world, TARGET, "DeleteQueue", &json!({"QueueUrl": dead.url}));
    for _ in 0..3 {
        let received = told(&world, TARGET, "ReceiveMessage", &json!({"QueueUrl": queue.url}));
        assert_eq!(received["Messages"][0]["Body"], "a");
        world.advance(Duration::from_secs(30));
    }
}

#[test]
fn a_deleted_queue_is_gone_and_its_name_rests_a_minute() {
    let world = world();
    let queue = world.create_queue("q", QueueAttributes::default());
    told(&world, TARGET, "TagQueue", &json!({"QueueUrl": queue.url, "Tags": {"a": "1", "b": "2"}}));
    told(&world, TARGET, "UntagQueue", &json!({"QueueUrl": queue.url, "TagKeys": ["a"]}));
    assert_eq!(told(&world, TARGET, "ListQueueTags", &json!({"QueueUrl": queue.url}))["Tags"], json!({"b": "2"}));
    told(&world, TARGET, "DeleteQueue", &json!({"QueueUrl": queue.url}));
    assert_eq!(refusal(&world, "GetQueueUrl", &json!({"QueueName": "q"})), "QueueDoesNotExist");
    assert_eq!(refusal(&world, "CreateQueue", &json!({"QueueName": "q"})), "QueueDeletedRecently");
    world.advance(Duration::from_secs(60));
    told(&world, TARGET, "CreateQueue", &json!({"QueueName": "q"}));
}

#[test]
fn queues_are_listed_by_page_when_a_size_is_asked_for() {
    let world = world();
    for number in 0..5 {
        world.create_queue(&format!("q{number}"), QueueAttributes::default());
    }
    let first = told(&world, TARGET, "ListQueues", &json!({"MaxResults": 3}));
    let second = told(&world, TARGET, "ListQueues", &json!({"MaxResults": 3, "NextToken": first["NextToken"]}));
    let count = |page: &Value| page["QueueUrls"].as_array().unwrap().len();
    assert_eq!((count(&first), count(&second), second.get("NextToken")), (3, 2, None));
}

#[test]
fn deduplication_by_group_lets_the_same_id_into_another_group() {
    let world = world();
    let attributes = QueueAttributes { content_deduplication: true, group_deduplication: true, ..Default::default() };
    let queue = world.create_queue("q.fifo", attributes);
    for group in ["a", "a", "b"] {
        told(
            &world,
            TARGET,
            "SendMessage",
            &json!({"QueueUrl": queue.url, "MessageBody": "x", "MessageGroupId": group}),
        );
    }
    assert_eq!(texts(&world, &queue).len(), 2);
}
