//! The way of events and messages: inputs, several targets, refusals, retries, dead letters, faults

use std::time::Duration;

use pretend_aws::{Blueprint, Fault, Faults, QueueAttributes, QueueHandle, Settings, World};
use serde_json::{Value, json};

use crate::ask::{ask, told, world};

const TARGET: &str = "AWSEvents";

fn queue(world: &World, name: &str) -> QueueHandle {
    world.create_queue(name, QueueAttributes::default())
}

fn rule(world: &World, name: &str, targets: &Value) {
    let pattern = json!({"source": ["my.app"]}).to_string();
    told(world, TARGET, "PutRule", &json!({"Name": name, "EventPattern": pattern}));
    told(world, TARGET, "PutTargets", &json!({"Rule": name, "Targets": targets}));
}

fn happen(world: &World, number: u32) {
    let detail = json!({"number": number, "name": format!("n{number}")}).to_string();
    let entry = json!({"Source": "my.app", "DetailType": "Something", "Detail": detail});
    assert_eq!(told(world, TARGET, "PutEvents", &json!({"Entries": [entry]}))["FailedEntryCount"], 0);
}

fn bodies(world: &World, queue: &QueueHandle) -> Vec<String> {
    world.with(|state| state.queues.find(&queue.arn).unwrap().messages().map(|message| message.body.clone()).collect())
}

fn troubled(faults: Faults) -> World {
    World::new(&Blueprint::sample(), Settings { faults, ..Settings::default() })
}

#[test]
fn each_target_of_a_rule_gets_the_event_in_its_own_shape() {
    let world = world();
    let queues = ["whole", "constant", "path", "template"].map(|name| queue(&world, name));
    let [whole, constant, path, template] = &queues;
    let transformer = json!({
        "InputPathsMap": {"number": "$.detail.number", "name": "$.detail.name"},
        "InputTemplate": "{\"n\": <number>, \"text\": \"it is <name>\"}",
    });
    let targets = json!([
        {"Id": "1", "Arn": whole.arn},
        {"Id": "2", "Arn": constant.arn, "Input": "{\"fixed\":true}"},
        {"Id": "3", "Arn": path.arn, "InputPath": "$.detail.number"},
        {"Id": "4", "Arn": template.arn, "InputTransformer": transformer},
    ]);
    rule(&world, "r", &targets);
    happen(&world, 7);
    let event: Value = serde_json::from_str(&bodies(&world, whole)[0]).unwrap();
    assert_eq!((&event["detail"]["number"], &event["source"]), (&json!(7), &json!("my.app")));
    assert_eq!(bodies(&world, constant), ["{\"fixed\":true}"]);
    assert_eq!(bodies(&world, path), ["7"]);
    assert_eq!(bodies(&world, template), ["{\"n\": 7, \"text\": \"it is n7\"}"]);
    let shown = told(&world, TARGET, "ListTargetsByRule", &json!({"Rule": "r"}))["Targets"].clone();
    assert_eq!(shown[3]["InputTransformer"], transformer);
    let names = told(&world, TARGET, "ListRuleNamesByTarget", &json!({"TargetArn": path.arn}));
    assert_eq!(names["RuleNames"], json!(["r"]));
}

#[test]
fn rules_and_targets_that_eventbridge_refuses_are_refused() {
    let world = world();
    let arn = queue(&world, "q").arn;
    rule(&world, "r", &json!([{"Id": "1", "Arn": arn}]));
    let six: Vec<Value> = (0..6).map(|id| json!({"Id": id.to_string(), "Arn": arn})).collect();
    for (operation, body, exception) in [
        ("PutTargets", json!({"Rule": "none", "Targets": [{"Id": "1", "Arn": arn}]}), "ResourceNotFoundException"),
        ("PutTargets", json!({"Rule": "r", "Targets": six}), "LimitExceededException"),
        (
            "PutTargets",
            json!({"Rule": "r", "Targets": [{"Id": "1", "Arn": arn, "Input": "{}", "InputPath": "$"}]}),
            "ValidationException",
        ),
        (
            "PutTargets",
            json!({"Rule": "r", "Targets": [{"Id": "1", "Arn": format!("{arn}.fifo")}]}),
            "ValidationException",
        ),
        ("PutTargets", json!({"Rule": "r", "Targets": [{"Id": "a b", "Arn": arn}]}), "ValidationException"),
        (
            "PutTargets",
            json!({"Rule": "r", "Targets": [{"Id": "1", "Arn": arn, "RetryPolicy": {"MaximumRetryAttempts": 186}}]}),
            "ValidationException",
        ),
        ("PutRule", json!({"Name": "r", "EventPattern": "{}", "State": "ASLEEP"}), "ValidationException"),
        ("DeleteRule", json!({"Name": "r"}), "ValidationException"),
        ("DescribeEventBus", json!({"Name": "other"}), "ResourceNotFoundException"),
        ("ListRules", json!({"EventBusName": "other"}), "ResourceNotFoundException"),
    ] {
        let (status, answer) = ask(&world, TARGET, operation, &body);
        assert_eq!((status, answer["__type"].as_str()), (400, Some(exception)), "{operation} {body}");
    }
    told(&world, TARGET, "RemoveTargets", &json!({"Rule": "r", "Ids": ["1"]}));
    told(&world, TARGET, "DeleteRule", &json!({"Name": "r"}));
    assert_eq!(told(&world, TARGET, "ListRules", &json!({}))["Rules"], json!([]));
    let bus = told(&world, TARGET, "DescribeEventBus", &json!({}));
    assert_eq!(bus["Arn"], "arn:aws:events:us-east-1:210987654321:event-bus/default");
}

#[test]
fn a_disabled_rule_delivers_nothing_until_it_is_enabled() {
    let world = world();
    let target = queue(&world, "q");
    rule(&world, "r", &json!([{"Id": "1", "Arn": target.arn}]));
    told(&world, TARGET, "DisableRule", &json!({"Name": "r"}));
    happen(&world, 1);
    told(&world, TARGET, "EnableRule", &json!({"Name": "r"}));
    happen(&world, 2);
    assert_eq!(bodies(&world, &target).len(), 1);
}

#[test]
fn a_target_that_is_not_there_gets_its_events_into_the_dead_letter_queue_at_once() {
    let world = world();
    let dead = queue(&world, "dead");
    let gone = "arn:aws:sqs:us-east-1:210987654321:gone";
    rule(&world, "r", &json!([{"Id": "1", "Arn": gone, "DeadLetterConfig": {"Arn": dead.arn}}]));
    happen(&world, 1);
    let body = json!({"QueueUrl": dead.url, "MessageAttributeNames": ["All"]});
    let letter = told(&world, "AmazonSQS", "ReceiveMessage", &body)["Messages"][0].clone();
    let attribute = |name: &str| letter["MessageAttributes"][name]["StringValue"].as_str().map(str::to_owned);
    assert_eq!(attribute("RULE_ARN").as_deref(), Some("arn:aws:events:us-east-1:210987654321:rule/r"));
    assert_eq!(attribute("TARGET_ARN").as_deref(), Some(gone));
    assert!(attribute("ERROR_CODE").is_some() && attribute("RETRY_ATTEMPTS").is_none());
    let event: Value = serde_json::from_str(letter["Body"].as_str().unwrap()).unwrap();
    assert_eq!(event["detail"]["number"], 1);
}

#[test]
fn a_busy_target_is_tried_again_until_it_takes_the_event() {
    let world = world();
    let target = queue(&world, "q");
    rule(&world, "r", &json!([{"Id": "1", "Arn": target.arn}]));
    world.refuse_deliveries(&target.arn, world.now().checked_add(jiff::SignedDuration::from_mins(10)).unwrap());
    happen(&world, 1);
    world.advance(Duration::from_secs(500));
    assert!(bodies(&world, &target).is_empty());
    world.advance(Duration::from_secs(3_600));
    assert_eq!(bodies(&world, &target).len(), 1);
}

#[test]
fn a_target_that_stays_busy_is_given_up_as_its_policy_says() {
    for (policy, condition) in [
        (json!({"MaximumRetryAttempts": 2}), "MaximumRetryAttempts"),
        (json!({"MaximumEventAgeInSeconds": 60}), "MaximumEventAgeInSeconds"),
    ] {
        let world = world();
        let (target, dead) = (queue(&world, "q"), queue(&world, "dead"));
        let config =
            json!({"Id": "1", "Arn": target.arn, "DeadLetterConfig": {"Arn": dead.arn}, "RetryPolicy": policy});
        rule(&world, "r", &json!([config]));
        world.refuse_deliveries(&target.arn, world.now().checked_add(jiff::SignedDuration::from_hours(48)).unwrap());
        happen(&world, 1);
        world.advance(Duration::from_secs(86_400));
        let attributes = world.with(|state| {
            let queue = state.queues.find("dead").unwrap();
            queue.messages().map(|message| message.attributes.clone()).collect::<Vec<_>>()
        });
        assert_eq!(attributes.len(), 1);
        assert_eq!(attributes[0]["EXHAUSTED_RETRY_CONDITION"]["StringValue"], condition);
        let tries: u32 = attributes[0]["RETRY_ATTEMPTS"]["StringValue"].as_str().unwrap().parse().unwrap();
        assert!((2..10).contains(&tries), "{tries}");
    }
}

#[test]
fn events_are_dropped_doubled_and_late_by_chance_and_counted() {
    for (faults, wanted, after) in [
        (Faults { event_dropped: 1.0, ..Faults::calm() }, 0, 0),
        (Faults { event_doubled: 1.0, ..Faults::calm() }, 2, 2),
        (Faults { event_late: 1.0, ..Faults::calm() }, 0, 1),
    ] {
        let world = troubled(faults);
        let target = queue(&world, "q");
        rule(&world, "r", &json!([{"Id": "1", "Arn": target.arn}]));
        happen(&world, 1);
        assert_eq!(bodies(&world, &target).len(), wanted);
        world.advance(Duration::from_secs(600));
        assert_eq!(bodies(&world, &target).len(), after);
        assert_eq!(world.with(|state| state.faults.happened().values().sum::<u64>()), 1);
    }
}

fn receive(world: &World, queue: &QueueHandle, most: u32) -> Vec<Value> {
    let body = json!({"QueueUrl": queue.url, "MaxNumberOfMessages": most});
    told(world, "AmazonSQS", "ReceiveMessage", &body)["Messages"].as_array().cloned().unwrap_or_default()
}

fn send(world: &World, queue: &QueueHandle, text: &str) {
    told(world, "AmazonSQS", "SendMessage", &json!({"QueueUrl": queue.url, "MessageBody": text}));
}

#[test]
fn a_doubled_message_comes_again_although_it_was_deleted() {
    let world = troubled(Faults { message_doubled: 1.0, ..Faults::calm() });
    let queue = queue(&world, "q");
    send(&world, &queue, "one");
    let first = receive(&world, &queue, 1).remove(0);
    world.with(|state| state.faults.stop());
    told(
        &world,
        "AmazonSQS",
        "DeleteMessage",
        &json!({"QueueUrl": queue.url, "ReceiptHandle": first["ReceiptHandle"]}),
    );
    let second = receive(&world, &queue, 1).remove(0);
    assert_eq!(first["MessageId"], second["MessageId"]);
    assert_eq!(world.with(|state| state.faults.happened()[&Fault::MessageDoubled]), 1);
    told(
        &world,
        "AmazonSQS",
        "DeleteMessage",
        &json!({"QueueUrl": queue.url, "ReceiptHandle": second["ReceiptHandle"]}),
    );
    world.advance(Duration::from_secs(3_600));
    assert!(receive(&world, &queue, 1).is_empty());
}

#[test]
fn a_reordered_message_lets_a_later_one_pass_in_its_batch_or_from_the_queue() {
    let world = troubled(Faults { message_reordered: 1.0, ..Faults::calm() });
    let queue = queue(&world, "q");
    ["one", "two", "three"].iter().for_each(|text| send(&world, &queue, text));
    let texts =
        |messages: Vec<Value>| messages.iter().map(|one| one["Body"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(texts(receive(&world, &queue, 1)), ["two"]);
    world.with(|state| state.faults.stop());
    assert_eq!(texts(receive(&world, &queue, 10)), ["one", "three"]);
}

#[test]
fn fifo_queues_are_spared_both() {
    let world = troubled(Faults { message_doubled: 1.0, message_reordered: 1.0, ..Faults::calm() });
    let fifo = world.create_queue("q.fifo", QueueAttributes { content_deduplication: true, ..Default::default() });
    let body = json!({"QueueUrl": fifo.url, "MessageBody": "one", "MessageGroupId": "g"});
    told(&world, "AmazonSQS", "SendMessage", &body);
    assert_eq!(receive(&world, &fifo, 1).len(), 1);
    assert!(receive(&world, &fifo, 1).is_empty());
}
