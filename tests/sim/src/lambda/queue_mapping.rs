//! An event source mapping from a queue, with `ReportBatchItemFailures`

use serde_json::{Map, Value, json};

use super::{Batch, Origin, Outcome};
use crate::sqs::{Message, hex_md5, system_attributes};
use crate::{QueueHandle, World};

/// Polls one queue for one function
#[derive(Debug, Clone)]
pub struct QueueMapping {
    arn: String,
    batch_size: usize,
}

/// Messages that a function is working on
#[derive(Debug)]
pub(super) struct InFlight {
    arn: String,
    /// Message id and receipt handle
    messages: Vec<(String, String)>,
}

impl QueueMapping {
    /// A mapping of a queue; batches have at most ten messages, as without a batch window
    pub fn new(queue: &QueueHandle, batch_size: usize) -> Self {
        Self { arn: queue.arn.clone(), batch_size: batch_size.clamp(1, 10) }
    }

    /// The next batch, if the queue has messages to receive
    ///
    /// Polling shows in no call log: Lambda's own calls are not the program's.
    pub fn poll(&mut self, world: &World) -> Option<Batch> {
        let received = world.with(|state| {
            state.catch_up();
            state.receive(&self.arn, self.batch_size, None)
        });
        if received.is_empty() {
            return None;
        }
        let records: Vec<Value> = received.iter().map(|message| record(message, &self.arn)).collect();
        let messages = received.into_iter().map(|message| (message.id, message.receipt)).collect();
        let in_flight = InFlight { arn: self.arn.clone(), messages };
        Some(Batch { payload: json!({"Records": records}), origin: Origin::Queue(in_flight) })
    }
}

impl InFlight {
    /// Deletes what succeeded; what failed comes back when its visibility time-out is over
    pub(super) fn settle(&self, world: &World, outcome: &Outcome) {
        let failed = match outcome {
            Outcome::AllFailed => return,
            Outcome::Failed(failed) => failed,
        };
        // An identifier of no message in the batch fails the whole batch.
        if failed.iter().any(|id| self.messages.iter().all(|(message, _)| message != id)) {
            return;
        }
        world.with(|state| {
            let Some(queue) = state.queues.find_mut(&self.arn) else { return };
            for (_, receipt) in self.messages.iter().filter(|(id, _)| !failed.contains(id)) {
                queue.delete(receipt);
            }
        });
    }
}

fn record(message: &Message, arn: &str) -> Value {
    let attributes: Map<String, Value> =
        system_attributes(message).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let custom: Map<String, Value> = message
        .attributes
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, attribute)| {
            let mut shown = json!({"stringListValues": [], "binaryListValues": []});
            if let Some(members) = shown.as_object_mut() {
                for (from, to) in
                    [("StringValue", "stringValue"), ("BinaryValue", "binaryValue"), ("DataType", "dataType")]
                {
                    members.extend(attribute.get(from).map(|value| (to.to_owned(), value.clone())));
                }
            }
            (name.clone(), shown)
        })
        .collect();
    json!({
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": custom,
        "md5OfBody": hex_md5(message.body.as_bytes()),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": "us-east-1",
    })
}
