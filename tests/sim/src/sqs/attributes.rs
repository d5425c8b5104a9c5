//! Queue attributes as CreateQueue and SetQueueAttributes read them and GetQueueAttributes shows them

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::calls::text;
use super::{DeadLetter, Queue, QueueAttributes};
use crate::error::ApiError;

pub(super) fn read_attributes(body: &Value, mut attributes: QueueAttributes) -> Result<QueueAttributes, ApiError> {
    let given = body.get("Attributes").and_then(Value::as_object);
    for (name, value) in given.into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        let bad = || ApiError::refused("InvalidAttributeValue", format!("Invalid value for the parameter {name}."));
        let seconds = || value.parse().map(Duration::from_secs).map_err(|_| bad());
        match name.as_str() {
            "VisibilityTimeout" => attributes.visibility = seconds()?,
            "DelaySeconds" => attributes.delay = seconds()?,
            "ContentBasedDeduplication" => attributes.content_deduplication = value == "true",
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
            "FifoQueue"
            | "Policy"
            | "MaximumMessageSize"
            | "MessageRetentionPeriod"
            | "ReceiveMessageWaitTimeSeconds"
            | "KmsMasterKeyId"
            | "KmsDataKeyReusePeriodSeconds"
            | "SqsManagedSseEnabled"
            | "DeduplicationScope"
            | "FifoThroughputLimit"
            | "RedriveAllowPolicy" => {}
            other => return Err(ApiError::refused("InvalidAttributeName", format!("Unknown Attribute {other}."))),
        }
    }
    Ok(attributes)
}

pub(super) fn shown_attributes(queue: &Queue, now: Timestamp, wanted: &[String]) -> Map<String, Value> {
    let (visible, in_flight, delayed) = queue.counts(now);
    let mut all = vec![
        ("QueueArn", queue.arn().to_owned()),
        ("ApproximateNumberOfMessages", visible.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", in_flight.to_string()),
        ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
        ("VisibilityTimeout", queue.attributes.visibility.as_secs().to_string()),
        ("DelaySeconds", queue.attributes.delay.as_secs().to_string()),
    ];
    if queue.fifo {
        all.push(("FifoQueue", "true".to_owned()));
        all.push(("ContentBasedDeduplication", queue.attributes.content_deduplication.to_string()));
    }
    if let Some(letter) = &queue.attributes.dead_letter {
        let policy = json!({"deadLetterTargetArn": letter.queue_arn, "maxReceiveCount": letter.max_receives});
        all.push(("RedrivePolicy", policy.to_string()));
    }
    all.into_iter()
        .filter(|(name, _)| wanted.iter().any(|wanted| wanted == "All" || wanted == name))
        .map(|(name, value)| (name.to_owned(), Value::String(value)))
        .collect()
}
