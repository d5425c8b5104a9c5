//! Queue attributes as CreateQueue and SetQueueAttributes read them and GetQueueAttributes shows them

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::calls::{text, wrong};
use super::{DeadLetter, LARGEST_MESSAGE, LONGEST_WAIT, Queue, QueueAttributes};
use crate::error::ApiError;
use crate::state::State;

/// Attributes that are kept, shown, and change nothing here
const OTHERS: [&str; 6] = [
    "Policy",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
    "FifoThroughputLimit",
    "RedriveAllowPolicy",
];

pub(super) fn read_attributes(body: &Value, mut attributes: QueueAttributes) -> Result<QueueAttributes, ApiError> {
    let given = body.get("Attributes").and_then(Value::as_object);
    for (name, value) in given.into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        let bad = || ApiError::refused("InvalidAttributeValue", format!("Invalid value for the parameter {name}."));
        let number = |least: u64, most: u64| {
            let number = value.parse().ok().filter(|number| (least..=most).contains(number));
            number.ok_or_else(bad)
        };
        let seconds = |least, most| number(least, most).map(Duration::from_secs);
        match name.as_str() {
            "VisibilityTimeout" => attributes.visibility = seconds(0, 43_200)?,
            "DelaySeconds" => attributes.delay = seconds(0, 900)?,
            "MessageRetentionPeriod" => attributes.retention = seconds(60, 1_209_600)?,
            "ReceiveMessageWaitTimeSeconds" => attributes.receive_wait = seconds(0, LONGEST_WAIT)?,
            "MaximumMessageSize" => {
                let largest = u64::try_from(LARGEST_MESSAGE).unwrap_or(u64::MAX);
                attributes.largest = usize::try_from(number(1_024, largest)?).map_err(|_| bad())?;
            }
            "ContentBasedDeduplication" => attributes.content_deduplication = value == "true",
            "DeduplicationScope" => match value {
                "messageGroup" => attributes.group_deduplication = true,
                "queue" => attributes.group_deduplication = false,
                _ => return Err(bad()),
            },
            "RedrivePolicy" if value.is_empty() => attributes.dead_letter = None,
            "RedrivePolicy" => {
                let policy: Value = serde_json::from_str(value).map_err(|_| bad())?;
                let count = policy.get("maxReceiveCount");
                // Templates write the count as a number or as text.
                let count = count.and_then(|count| count.as_u64().or_else(|| count.as_str()?.parse().ok()));
                let count =
                    count.and_then(|count| u32::try_from(count).ok()).filter(|count| (1..=1000).contains(count));
                let arn = text(&policy, "deadLetterTargetArn").ok_or_else(bad)?;
                attributes.dead_letter =
                    Some(DeadLetter { queue_arn: arn.to_owned(), max_receives: count.ok_or_else(bad)? });
            }
            "FifoQueue" => {}
            other if OTHERS.contains(&other) => {
                attributes.others.insert(other.to_owned(), value.to_owned());
            }
            other => return Err(ApiError::refused("InvalidAttributeName", format!("Unknown Attribute {other}."))),
        }
    }
    Ok(attributes)
}

impl State {
    /// A dead-letter queue has to be there, and of the same kind
    pub(super) fn check_dead_letters(&self, name: &str, attributes: &QueueAttributes) -> Result<(), ApiError> {
        let Some(letter) = &attributes.dead_letter else { return Ok(()) };
        let wrong = |why| {
            let policy = json!({"deadLetterTargetArn": letter.queue_arn, "maxReceiveCount": letter.max_receives});
            Err(wrong(format!("Value {policy} for parameter RedrivePolicy is invalid. Reason: {why}")))
        };
        match self.queues.find(&letter.queue_arn) {
            None => wrong("Dead letter target does not exist."),
            Some(queue) if queue.fifo != name.ends_with(".fifo") => {
                wrong("Dead-letter queue must be same type of queue as the source.")
            }
            Some(_) => Ok(()),
        }
    }
}

pub(super) fn shown_attributes(
    queue: &Queue,
    now: Timestamp,
    wanted: &[String],
) -> Result<Map<String, Value>, ApiError> {
    let attributes = &queue.attributes;
    let (visible, in_flight, delayed) = queue.counts(now);
    let mut all = vec![
        ("QueueArn", queue.arn().to_owned()),
        ("ApproximateNumberOfMessages", visible.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", in_flight.to_string()),
        ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
        ("CreatedTimestamp", queue.created.as_second().to_string()),
        ("LastModifiedTimestamp", queue.modified.as_second().to_string()),
        ("VisibilityTimeout", attributes.visibility.as_secs().to_string()),
        ("DelaySeconds", attributes.delay.as_secs().to_string()),
        ("MessageRetentionPeriod", attributes.retention.as_secs().to_string()),
        ("ReceiveMessageWaitTimeSeconds", attributes.receive_wait.as_secs().to_string()),
        ("MaximumMessageSize", attributes.largest.to_string()),
    ];
    if queue.fifo {
        let scope = if attributes.group_deduplication { "messageGroup" } else { "queue" };
        all.push(("FifoQueue", "true".to_owned()));
        all.push(("ContentBasedDeduplication", attributes.content_deduplication.to_string()));
        all.push(("DeduplicationScope", scope.to_owned()));
    }
    if let Some(letter) = &attributes.dead_letter {
        let policy = json!({"deadLetterTargetArn": letter.queue_arn, "maxReceiveCount": letter.max_receives});
        all.push(("RedrivePolicy", policy.to_string()));
    }
    all.extend(attributes.others.iter().map(|(name, value)| (name.as_str(), value.clone())));
    let known = |name: &str| {
        let fixed = ["All", "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "RedrivePolicy"];
        fixed.contains(&name) || OTHERS.contains(&name) || all.iter().any(|(known, _)| *known == name)
    };
    if let Some(name) = wanted.iter().find(|name| !known(name)) {
        return Err(ApiError::refused("InvalidAttributeName", format!("Unknown Attribute {name}.")));
    }
    let asked = |name: &str| wanted.iter().any(|wanted| wanted == "All" || wanted == name);
    let shown = all.into_iter().filter(|(name, _)| asked(name));
    Ok(shown.map(|(name, value)| (name.to_owned(), Value::String(value))).collect())
}
