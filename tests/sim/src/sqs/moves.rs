//! Redriving a dead-letter queue: StartMessageMoveTask, which here has moved everything when it answers

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::calls::{need, text, wrong};
use super::{Message, NewMessage, Queue};
use crate::error::ApiError;
use crate::state::{State, letters};

/// StartMessageMoveTask: messages a second
const FASTEST: u64 = 500;
/// ListMessageMoveTasks: `MaxResults` from 1 to 10, 1 unless said
const LARGEST_PAGE: u64 = 10;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MoveTask {
    source: String,
    destination: Option<String>,
    rate: Option<u64>,
    started: Timestamp,
    to_move: usize,
    moved: usize,
    /// Why it FAILED; otherwise it is COMPLETED
    failure: Option<Cow<'static, str>>,
}

impl State {
    pub(super) fn start_move(&mut self, body: &Value) -> Result<Value, ApiError> {
        let (source, destination, now) = (need(body, "SourceArn")?, text(body, "DestinationArn"), self.now());
        let rate = body.get("MaxNumberOfMessagesPerSecond").and_then(Value::as_u64);
        if rate.is_some_and(|rate| !(1..=FASTEST).contains(&rate)) {
            return Err(wrong("Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: 1 to 500."));
        }
        let arn = self.move_source(source)?.arn().to_owned();
        if self.queues.sources_of(&arn).next().is_none() {
            return Err(wrong("Source queue must be configured as a Dead Letter Queue."));
        }
        if destination.is_some_and(|arn| self.queues.find(arn).is_none()) {
            return Err(ApiError::with_status(
                404,
                "ResourceNotFoundException",
                "The resource that you specified for the DestinationArn parameter doesn't exist.",
            ));
        }
        let waiting = self.queues.find_mut(&arn).map(|queue| queue.take_visible(now)).unwrap_or_default();
        let mut task = MoveTask {
            source: arn.clone(),
            destination: destination.map(str::to_owned),
            rate,
            started: now,
            to_move: waiting.len(),
            moved: 0,
            failure: None,
        };
        for message in waiting {
            let to = destination.map(str::to_owned).or_else(|| message.source.clone());
            match to.and_then(|to| self.queues.find_mut(&to)) {
                Some(queue) => {
                    // A redriven message is a new one: new id, new age (SQS Developer Guide, "dead-letter queue redrive").
                    queue.send(as_new(message), now, &mut self.rng);
                    task.moved += 1;
                }
                None => {
                    task.failure = Some("CouldNotDetermineMessageSource".into());
                    if let Some(queue) = self.queues.find_mut(&arn) {
                        queue.take_back(message);
                    }
                }
            }
        }
        self.queues.moves.push(task);
        Ok(json!({"TaskHandle": letters(&mut self.rng, 64)}))
    }

    /// A `SourceArn` is an ARN: no name of a queue and no URL
    fn move_source(&self, arn: &str) -> Result<&Queue, ApiError> {
        self.queues.find(arn).filter(|queue| queue.arn() == arn).ok_or_else(|| {
            let message = "The resource that you specified for the SourceArn parameter doesn't exist.";
            ApiError::with_status(404, "ResourceNotFoundException", message)
        })
    }

    pub(super) fn list_moves(&self, body: &Value) -> Result<Value, ApiError> {
        let source = need(body, "SourceArn")?;
        let most = body.get("MaxResults").and_then(Value::as_u64).unwrap_or(1);
        if !(1..=LARGEST_PAGE).contains(&most) {
            return Err(wrong(
                "Value for parameter MaxResults is invalid. Reason: Must be between 1 and 10, if provided.",
            ));
        }
        let most = usize::try_from(most).unwrap_or(1);
        self.move_source(source)?;
        // Newest first.
        let tasks = self.queues.moves.iter().rev().filter(|task| task.source == source).take(most);
        Ok(json!({"Results": tasks.map(shown).collect::<Vec<_>>()}))
    }
}

fn as_new(message: Message) -> NewMessage {
    NewMessage {
        body: message.body,
        attributes: message.attributes,
        group: message.group,
        // Else the five minutes of its first sending would swallow it.
        deduplication: message.deduplication.map(|_| message.id),
        delay: None,
    }
}

fn shown(task: &MoveTask) -> Value {
    let mut shown = json!({
        "Status": if task.failure.is_some() { "FAILED" } else { "COMPLETED" },
        "SourceArn": task.source,
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.to_move,
        "StartedTimestamp": task.started.as_millisecond(),
    });
    if let Some(members) = shown.as_object_mut() {
        members.extend(task.destination.clone().map(|arn| ("DestinationArn".to_owned(), arn.into())));
        members.extend(task.rate.map(|rate| ("MaxNumberOfMessagesPerSecond".to_owned(), rate.into())));
        members.extend(task.failure.clone().map(|why| ("FailureReason".to_owned(), why.into())));
    }
    shown
}

/// No task runs on when its start has been answered
pub(super) fn no_task() -> ApiError {
    ApiError::with_status(404, "ResourceNotFoundException", "Task does not exist.")
}
