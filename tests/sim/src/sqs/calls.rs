//! The operations and what they refuse

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::attributes::{read_attributes, shown_attributes};
use super::{Message, NewMessage, Queue, QueueAttributes, digest, hex_md5};
use crate::error::ApiError;
use crate::state::State;

/// SendMessage: attributes of one message
const MOST_ATTRIBUTES: usize = 10;
/// SendMessage: fifteen minutes
const LONGEST_DELAY: Duration = Duration::from_secs(900);
/// ReceiveMessage: `WaitTimeSeconds` from 0 to 20
pub(crate) const LONGEST_WAIT: u64 = 20;
/// ChangeMessageVisibility: twelve hours
const LONGEST_VISIBILITY: u64 = 43_200;

impl State {
    pub(crate) fn call_sqs(&mut self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        match operation {
            "CreateQueue" => self.create_queue_call(body),
            "DeleteQueue"
            | "ListQueues"
            | "TagQueue"
            | "UntagQueue"
            | "ListQueueTags"
            | "ListDeadLetterSourceQueues" => self.queue_upkeep(operation, body),
            "StartMessageMoveTask" => self.start_move(body),
            "ListMessageMoveTasks" => self.list_moves(body),
            "CancelMessageMoveTask" => Err(super::moves::no_task()),
            "GetQueueUrl" => {
                let queue = self.queues.find(need(body, "QueueName")?).ok_or_else(no_queue)?;
                Ok(json!({"QueueUrl": queue.url()}))
            }
            "SendMessage" => self.send_message(need(body, "QueueUrl")?, body),
            "ReceiveMessage" => self.receive_message(body),
            "DeleteMessage" => self.delete_message(need(body, "QueueUrl")?, body),
            "ChangeMessageVisibility" => self.change_visibility(need(body, "QueueUrl")?, body),
            "SendMessageBatch" | "DeleteMessageBatch" | "ChangeMessageVisibilityBatch" => {
                self.sqs_batch(operation, body)
            }
            "GetQueueAttributes" => {
                let now = self.now();
                let queue = self.queues.find(need(body, "QueueUrl")?).ok_or_else(no_queue)?;
                Ok(json!({"Attributes": shown_attributes(queue, now, &names(body, "AttributeNames"))?}))
            }
            "SetQueueAttributes" => {
                let (url, now) = (need(body, "QueueUrl")?, self.now());
                let queue = self.queues.find(url).ok_or_else(no_queue)?;
                let attributes = read_attributes(body, queue.attributes.clone())?;
                self.check_dead_letters(url, &attributes)?;
                let queue = self.queues.find_mut(url).ok_or_else(no_queue)?;
                queue.attributes = attributes;
                queue.modified = now;
                Ok(Value::Null)
            }
            "PurgeQueue" => {
                let now = self.now();
                let queue = self.queues.find_mut(need(body, "QueueUrl")?).ok_or_else(no_queue)?;
                if queue.purged.is_some_and(|before| now.duration_since(before).as_secs() < 60) {
                    let message = "Only one PurgeQueue operation is allowed every 60 seconds.";
                    return Err(ApiError::with_status(403, "PurgeQueueInProgress", message));
                }
                queue.purge(now);
                Ok(Value::Null)
            }
            other => Err(ApiError::refused("UnknownOperationException", format!("No operation {other}"))),
        }
    }

    fn create_queue_call(&mut self, body: &Value) -> Result<Value, ApiError> {
        let name = need(body, "QueueName")?;
        let stem = name.strip_suffix(".fifo").unwrap_or(name);
        let legal = stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if stem.is_empty() || name.len() > 80 || !legal {
            return Err(wrong("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"));
        }
        let said_fifo = body.get("Attributes").and_then(|given| text(given, "FifoQueue")).unwrap_or("false") == "true";
        if said_fifo != name.ends_with(".fifo") {
            return Err(wrong(
                "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix",
            ));
        }
        let attributes = read_attributes(body, QueueAttributes::default())?;
        self.check_dead_letters(name, &attributes)?;
        let now = self.now();
        if self.queues.was_deleted(name, now) {
            let message =
                "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
            return Err(ApiError::refused("QueueDeletedRecently", message));
        }
        if self.queues.find(name).is_some_and(|queue| queue.attributes != attributes) {
            let message = "A queue already exists with the same name and a different value for an attribute";
            return Err(ApiError::refused("QueueNameExists", message));
        }
        if let Some(queue) = self.queues.find(name) {
            return Ok(json!({"QueueUrl": queue.url()}));
        }
        Ok(json!({"QueueUrl": self.queues.put(name, attributes, now).url()}))
    }

    pub(super) fn send_message(&mut self, queue: &str, body: &Value) -> Result<Value, ApiError> {
        let now = self.now();
        let queue = self.queues.find_mut(queue).ok_or_else(no_queue)?;
        let new = NewMessage {
            body: need(body, "MessageBody")?.to_owned(),
            attributes: body.get("MessageAttributes").cloned().unwrap_or_default(),
            group: text(body, "MessageGroupId").map(str::to_owned),
            deduplication: text(body, "MessageDeduplicationId").map(str::to_owned),
            delay: body.get("DelaySeconds").and_then(Value::as_u64).map(Duration::from_secs),
        };
        let largest = queue.attributes.largest;
        if new.body.is_empty() || new.body.len() + digest::size_of_attributes(&new.attributes) > largest {
            return Err(wrong(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {largest} bytes."
            )));
        }
        check_message(&new)?;
        if queue.fifo {
            if new.group.is_none() {
                return Err(ApiError::refused(
                    "MissingParameter",
                    "The request must contain the parameter MessageGroupId.",
                ));
            }
            if new.deduplication.is_none() && !queue.attributes.content_deduplication {
                return Err(wrong(
                    "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
                ));
            }
            if new.delay.is_some_and(|delay| !delay.is_zero()) {
                return Err(wrong(
                    "Value for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
                ));
            }
        } else if new.deduplication.is_some() {
            return Err(wrong(
                "The request includes a parameter that is not valid for this queue type: MessageDeduplicationId",
            ));
        }
        let (md5, attributes_md5) = (hex_md5(new.body.as_bytes()), digest::of_attributes(&new.attributes));
        let sent = queue.send(new, now, &mut self.rng);
        let mut answer = json!({"MessageId": sent.id, "MD5OfMessageBody": md5});
        if let Some(members) = answer.as_object_mut() {
            members.extend(sent.sequence.map(|number| ("SequenceNumber".to_owned(), number.into())));
            members.extend(attributes_md5.map(|md5| ("MD5OfMessageAttributes".to_owned(), md5.into())));
        }
        Ok(answer)
    }

    fn receive_message(&mut self, body: &Value) -> Result<Value, ApiError> {
        let url = need(body, "QueueUrl")?;
        self.queues.find(url).ok_or_else(no_queue)?;
        let most = body.get("MaxNumberOfMessages").and_then(Value::as_u64).unwrap_or(1);
        if !(1..=10).contains(&most) {
            return Err(wrong(format!(
                "Value {most} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
            )));
        }
        let visibility = match body.get("VisibilityTimeout").and_then(Value::as_u64) {
            Some(seconds) if seconds > LONGEST_VISIBILITY => return Err(bad_visibility(seconds)),
            Some(seconds) => Some(Duration::from_secs(seconds)),
            None => None,
        };
        if body.get("WaitTimeSeconds").and_then(Value::as_u64).is_some_and(|seconds| seconds > LONGEST_WAIT) {
            return Err(wrong(
                "Value for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.",
            ));
        }
        let received = self.receive(url, usize::try_from(most).unwrap_or(1), visibility);
        if received.is_empty() {
            return Ok(json!({}));
        }
        let mut system = names(body, "MessageSystemAttributeNames");
        system.extend(names(body, "AttributeNames"));
        let custom = names(body, "MessageAttributeNames");
        let messages: Vec<Value> = received.iter().map(|message| shown_message(message, &system, &custom)).collect();
        Ok(json!({"Messages": messages}))
    }

    pub(super) fn delete_message(&mut self, queue: &str, body: &Value) -> Result<Value, ApiError> {
        let now = self.now();
        let queue = self.queues.find_mut(queue).ok_or_else(no_queue)?;
        let receipt = need(body, "ReceiptHandle")?;
        if !Queue::understands(receipt) {
            return Err(ApiError::refused(
                "ReceiptHandleIsInvalid",
                format!("The input receipt handle \"{receipt}\" is not a valid receipt handle."),
            ));
        }
        if queue.fifo && queue.held(receipt).is_some_and(|message| message.visible <= now) {
            return Err(wrong(format!(
                "Value {receipt} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
            )));
        }
        queue.delete(receipt);
        Ok(Value::Null)
    }

    pub(super) fn change_visibility(&mut self, queue: &str, body: &Value) -> Result<Value, ApiError> {
        let now = self.now();
        let queue = self.queues.find_mut(queue).ok_or_else(no_queue)?;
        let seconds =
            body.get("VisibilityTimeout").and_then(Value::as_u64).ok_or_else(|| missing("VisibilityTimeout"))?;
        if seconds > LONGEST_VISIBILITY {
            return Err(bad_visibility(seconds));
        }
        let receipt = need(body, "ReceiptHandle")?;
        if !Queue::understands(receipt) {
            return Err(ApiError::refused(
                "ReceiptHandleIsInvalid",
                "The input receipt handle is not a valid receipt handle.",
            ));
        }
        match queue.held(receipt) {
            Some(message) if message.visible > now => {
                message.visible = crate::clock::seconds_later(now, seconds);
                Ok(Value::Null)
            }
            Some(_) | None => Err(ApiError::refused("MessageNotInflight", "The message referred to isn't in flight.")),
        }
    }
}

/// What every kind of queue asks of a message
fn check_message(new: &NewMessage) -> Result<(), ApiError> {
    // Characters that XML 1.0 does not have (API_SendMessage).
    let illegal = |sign: char| (sign < ' ' && !"\t\n\r".contains(sign)) || matches!(sign, '\u{fffe}' | '\u{ffff}');
    if new.body.contains(illegal) {
        let message = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF";
        return Err(ApiError::refused("InvalidMessageContents", message));
    }
    if new.attributes.as_object().is_some_and(|attributes| attributes.len() > MOST_ATTRIBUTES) {
        return Err(wrong(format!("Number of message attributes exceeds the allowed maximum [{MOST_ATTRIBUTES}].")));
    }
    for (name, given) in [("MessageGroupId", &new.group), ("MessageDeduplicationId", &new.deduplication)] {
        let Some(id) = given else { continue };
        if !(1..=128).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong(format!(
                "Value {id} for parameter {name} is invalid. Reason: {name} can only include alphanumeric and punctuation characters. 1 to 128 in length."
            )));
        }
    }
    if new.delay.is_some_and(|delay| delay > LONGEST_DELAY) {
        return Err(wrong(
            "Value for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
        ));
    }
    Ok(())
}

pub(super) fn shown_message(message: &Message, system: &[String], custom: &[String]) -> Value {
    let mut shown = json!({
        "MessageId": message.id,
        "ReceiptHandle": message.receipt,
        "Body": message.body,
        "MD5OfBody": hex_md5(message.body.as_bytes()),
    });
    let attributes: Map<String, Value> = system_attributes(message)
        .into_iter()
        .filter(|(name, _)| system.iter().any(|wanted| wanted == "All" || wanted == name))
        .map(|(name, value)| (name.to_owned(), Value::String(value)))
        .collect();
    let own: Map<String, Value> = message
        .attributes
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| custom.iter().any(|wanted| matches_name(wanted, name)))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Some(members) = shown.as_object_mut() {
        if !attributes.is_empty() {
            members.insert("Attributes".to_owned(), attributes.into());
        }
        if !own.is_empty() {
            let own = Value::Object(own);
            members.extend(digest::of_attributes(&own).map(|md5| ("MD5OfMessageAttributes".to_owned(), md5.into())));
            members.insert("MessageAttributes".to_owned(), own);
        }
    }
    shown
}

/// A message's system attributes, those that it has
pub(crate) fn system_attributes(message: &Message) -> Vec<(&'static str, String)> {
    let mut attributes = vec![
        ("SenderId", "AIDAPRETENDSENDER".to_owned()),
        ("SentTimestamp", message.sent.as_millisecond().to_string()),
        ("ApproximateReceiveCount", message.receives.to_string()),
    ];
    let first = message.first_received.map(|at| at.as_millisecond().to_string());
    attributes.extend(first.map(|at| ("ApproximateFirstReceiveTimestamp", at)));
    attributes.extend(message.sequence.clone().map(|number| ("SequenceNumber", number)));
    attributes.extend(message.group.clone().map(|group| ("MessageGroupId", group)));
    attributes.extend(message.deduplication.clone().map(|id| ("MessageDeduplicationId", id)));
    attributes.extend(message.source.clone().map(|arn| ("DeadLetterQueueSourceArn", arn)));
    attributes
}

/// `All`, `.*`, a prefix that ends in `.*`, or the name itself
fn matches_name(wanted: &str, name: &str) -> bool {
    wanted == "All" || wanted == name || wanted.strip_suffix(".*").is_some_and(|prefix| name.starts_with(prefix))
}

pub(super) fn text<'a>(body: &'a Value, member: &str) -> Option<&'a str> {
    body.get(member).and_then(Value::as_str)
}

pub(super) fn need<'a>(body: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    text(body, member).ok_or_else(|| missing(member))
}

pub(super) fn names(body: &Value, member: &str) -> Vec<String> {
    let list = body.get(member).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn missing(member: &str) -> ApiError {
    ApiError::refused("MissingParameter", format!("The request must contain the parameter {member}."))
}

pub(super) fn wrong(message: impl Into<String>) -> ApiError {
    ApiError::refused("InvalidParameterValue", message)
}

fn bad_visibility(seconds: u64) -> ApiError {
    wrong(format!(
        "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"
    ))
}

pub(super) fn no_queue() -> ApiError {
    ApiError::refused("QueueDoesNotExist", "The specified queue does not exist.")
}
