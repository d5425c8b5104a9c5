use std::time::Duration;

use pretend_aws::sqs::DeadLetter;
use pretend_aws::{QueueAttributes, QueueHandle, World};
use serde_json::{Value, json};

use crate::ask::{ask, told, world};

const TARGET: &str = "AmazonSQS";

fn receive(world: &World, queue: &QueueHandle, most: u64) -> Vec<Value> {
    let body = json!({"QueueUrl": queue.url, "MaxNumberOfMessages": most, "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]});
    told(world, TARGET, "ReceiveMessage", &body)["Messages"].as_array().cloned().unwrap_or_default()
}

fn send(world: &World, queue: &QueueHandle, text: &str, group: Option<&str>) -> Value {
    let mut body = json!({"QueueUrl": queue.url, "MessageBody": text});
    if let Some(group) = group {
        body["MessageGroupId"] = group.into();
    }
    told(world, TARGET, "SendMessage", &body)
}

fn bodies(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["Body"].as_str().unwrap()).collect()
}

fn delete(world: &World, queue: &QueueHandle, message: &Value) {
    told(world, TARGET, "DeleteMessage", &json!({"QueueUrl": queue.url, "ReceiptHandle": message["ReceiptHandle"]}));
}

fn fifo(world: &World) -> QueueHandle {
    world.create_queue("work.fifo", QueueAttributes { content_deduplication: true, ..Default::default() })
}

#[test]
fn digests_are_those_that_aws_computes() {
    let world = world();
    let queue = world.create_queue("q", QueueAttributes::default());
    let sent = told(
        &world,
        TARGET,
        "SendMessage",
        &json!({"QueueUrl": queue.url, "MessageBody": "hello", "MessageAttributes": {
            "b": {"DataType": "Number", "StringValue": "42"},
            "a": {"DataType": "String", "StringValue": "x"},
        }}),
    );
    assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
    // Name, type and value of a, then of b, each with its length; computed with Python's hashlib.
    assert_eq!(sent["MD5OfMessageAttributes"], "2a3aa473dcb4defbc7ce4f28cff95c14");
    let message = &receive(&world, &queue, 1)[0];
    assert_eq!(message["MD5OfBody"], sent["MD5OfMessageBody"]);
    assert_eq!(message["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"]);
}

#[test]
fn a_message_is_hidden_counted_and_gone_when_deleted() {
    let world = world();
    let queue = world.create_queue("q", QueueAttributes::default());
    send(&world, &queue, "one", None);
    let first = receive(&world, &queue, 10);
    assert_eq!(first[0]["Attributes"]["ApproximateReceiveCount"], "1");
    assert!(receive(&world, &queue, 10).is_empty());
    let counts = told(&world, TARGET, "GetQueueAttributes", &json!({"QueueUrl": queue.url, "AttributeNames": ["All"]}));
    assert_eq!(counts["Attributes"]["ApproximateNumberOfMessagesNotVisible"], "1");
    world.advance(Duration::from_secs(30));
    let second = receive(&world, &queue, 10);
    assert_eq!(second[0]["Attributes"]["ApproximateReceiveCount"], "2");
    delete(&world, &queue, &first[0]);
    assert_eq!(
        world.with(|state| state.queues.find("q").unwrap().messages().count()),
        1,
        "an old receipt deletes nothing"
    );
    delete(&world, &queue, &second[0]);
    world.advance(Duration::from_secs(3600));
    assert!(receive(&world, &queue, 10).is_empty());
}

#[test]
fn visibility_can_be_changed_while_in_flight_only() {
    let world = world();
    let queue = world.create_queue("q", QueueAttributes::default());
    send(&world, &queue, "one", None);
    let message = receive(&world, &queue, 1).remove(0);
    let change = json!({"QueueUrl": queue.url, "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0});
    told(&world, TARGET, "ChangeMessageVisibility", &change);
    let (status, answer) = ask(&world, TARGET, "ChangeMessageVisibility", &change);
    assert_eq!((status, answer["__type"].as_str()), (400, Some("com.amazonaws.sqs#MessageNotInflight")));
    assert_eq!(receive(&world, &queue, 1).len(), 1);
}

#[test]
fn a_message_received_too_often_goes_to_the_dead_letter_queue() {
    let world = world();
    let dead = world.create_queue("dead", QueueAttributes::default());
    let letter = DeadLetter { queue_arn: dead.arn.clone(), max_receives: 2 };
    let queue = world.create_queue("q", QueueAttributes { dead_letter: Some(letter), ..Default::default() });
    send(&world, &queue, "poison", None);
    for _ in 0..2 {
        assert_eq!(receive(&world, &queue, 10).len(), 1);
        world.advance(Duration::from_secs(30));
    }
    assert!(receive(&world, &queue, 10).is_empty());
    let buried = receive(&world, &dead, 10);
    assert_eq!(bodies(&buried), ["poison"]);
    assert_eq!(buried[0]["Attributes"]["DeadLetterQueueSourceArn"], queue.arn.as_str());
}

#[test]
fn a_fifo_group_with_a_message_in_flight_is_blocked_and_others_are_not() {
    let world = world();
    let queue = fifo(&world);
    for (text, group) in [("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a")] {
        send(&world, &queue, text, Some(group));
    }
    let first = receive(&world, &queue, 1);
    assert_eq!(bodies(&first), ["a1"]);
    assert_eq!(bodies(&receive(&world, &queue, 10)), ["b1"]);
    delete(&world, &queue, &first[0]);
    assert_eq!(bodies(&receive(&world, &queue, 10)), ["a2", "a3"]);
}

#[test]
fn a_fifo_message_that_times_out_comes_again_before_those_behind_it() {
    let world = world();
    let queue = fifo(&world);
    send(&world, &queue, "one", Some("g"));
    send(&world, &queue, "two", Some("g"));
    assert_eq!(bodies(&receive(&world, &queue, 1)), ["one"]);
    assert!(receive(&world, &queue, 1).is_empty());
    world.advance(Duration::from_secs(30));
    assert_eq!(bodies(&receive(&world, &queue, 10)), ["one", "two"]);
}

#[test]
fn fifo_deduplicates_for_five_minutes_even_after_deletion() {
    let world = world();
    let queue = fifo(&world);
    let first = send(&world, &queue, "same", Some("g"));
    let message = receive(&world, &queue, 1).remove(0);
    delete(&world, &queue, &message);
    let second = send(&world, &queue, "same", Some("other-group"));
    assert_eq!(first["MessageId"], second["MessageId"]);
    assert!(receive(&world, &queue, 1).is_empty());
    world.advance(Duration::from_secs(300));
    send(&world, &queue, "same", Some("g"));
    assert_eq!(receive(&world, &queue, 1).len(), 1);
    assert_eq!(
        message["Attributes"]["MessageDeduplicationId"],
        "0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5"
    );
}

#[test]
fn batches_succeed_and_fail_entry_by_entry() {
    let world = world();
    let queue = fifo(&world);
    let entries = json!([
        {"Id": "good", "MessageBody": "x", "MessageGroupId": "g"},
        {"Id": "bad", "MessageBody": "y"},
    ]);
    let answer = told(&world, TARGET, "SendMessageBatch", &json!({"QueueUrl": queue.url, "Entries": entries}));
    assert_eq!(answer["Successful"][0]["Id"], "good");
    assert_eq!(
        (answer["Failed"][0]["Id"].as_str(), answer["Failed"][0]["Code"].as_str()),
        (Some("bad"), Some("MissingParameter"))
    );
    for (entries, exception) in [
        (json!([]), "EmptyBatchRequest"),
        (json!([{"Id": "a", "MessageBody": "x"}, {"Id": "a", "MessageBody": "x"}]), "BatchEntryIdsNotDistinct"),
        (
            json!((0..11).map(|id| json!({"Id": id.to_string(), "MessageBody": "x"})).collect::<Vec<_>>()),
            "TooManyEntriesInBatchRequest",
        ),
    ] {
        let (status, answer) =
            ask(&world, TARGET, "SendMessageBatch", &json!({"QueueUrl": queue.url, "Entries": entries}));
        assert_eq!((status, answer["__type"].as_str()), (400, Some(format!("com.amazonaws.sqs#{exception}").as_str())));
    }
}

#[test]
fn a_queue_made_over_the_wire_takes_its_attributes_and_refuses_others_later() {
    let world = world();
    let attributes = json!({"FifoQueue": "true", "VisibilityTimeout": "1800", "ContentBasedDeduplication": "true"});
    let made = told(&world, TARGET, "CreateQueue", &json!({"QueueName": "made.fifo", "Attributes": attributes}));
    assert_eq!(told(&world, TARGET, "GetQueueUrl", &json!({"QueueName": "made.fifo"})), made);
    let (_, answer) =
        ask(&world, TARGET, "CreateQueue", &json!({"QueueName": "made.fifo", "Attributes": {"FifoQueue": "true"}}));
    assert_eq!(answer["__type"], "com.amazonaws.sqs#QueueNameExists");
    let (_, answer) =
        ask(&world, TARGET, "CreateQueue", &json!({"QueueName": "plain", "Attributes": {"FifoQueue": "true"}}));
    assert_eq!(answer["__type"], "com.amazonaws.sqs#InvalidParameterValue");
}
