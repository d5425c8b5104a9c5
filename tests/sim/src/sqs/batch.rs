//! The batch operations: each entry succeeds or fails by itself

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::LARGEST_MESSAGE;
use super::calls::{need, no_queue};
use super::digest::size_of_attributes;
use crate::error::ApiError;
use crate::state::State;

const LARGEST_BATCH: usize = 10;

impl State {
    pub(super) fn sqs_batch(&mut self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let url = need(body, "QueueUrl")?;
        self.queues.find(url).ok_or_else(no_queue)?;
        let entries = body.get("Entries").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        check(entries)?;
        let bytes = |entry: &Value| {
            let body = entry.get("MessageBody").and_then(Value::as_str).unwrap_or_default();
            body.len() + entry.get("MessageAttributes").map_or(0, size_of_attributes)
        };
        if entries.iter().map(bytes).sum::<usize>() > LARGEST_MESSAGE {
            let message = format!("Batch requests cannot be longer than {LARGEST_MESSAGE} bytes.");
            return Err(ApiError::refused("BatchRequestTooLong", message));
        }
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for entry in entries {
            let id = entry.get("Id").cloned().unwrap_or_default();
            let done = match operation {
                "SendMessageBatch" => self.send_message(url, entry),
                "DeleteMessageBatch" => self.delete_message(url, entry),
                _ => self.change_visibility(url, entry),
            };
            match done {
                Ok(mut answer) => {
                    if let Some(members) = answer.as_object_mut() {
                        members.insert("Id".to_owned(), id);
                        successful.push(answer);
                    } else {
                        successful.push(json!({"Id": id}));
                    }
                }
                Err(error) => failed.push(json!({
                    "Id": id, "SenderFault": error.status < 500, "Code": error.code, "Message": error.message,
                })),
            }
        }
        Ok(json!({"Successful": successful, "Failed": failed}))
    }
}

fn check(entries: &[Value]) -> Result<(), ApiError> {
    if entries.is_empty() {
        return Err(ApiError::refused("EmptyBatchRequest", "There should be at least one entry in the request."));
    }
    if entries.len() > LARGEST_BATCH {
        let message = format!("Maximum number of entries per request are 10. You have sent {}.", entries.len());
        return Err(ApiError::refused("TooManyEntriesInBatchRequest", message));
    }
    let mut ids = BTreeSet::new();
    for entry in entries {
        let id = need(entry, "Id")?;
        let legal = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !(1..=80).contains(&id.len()) || !legal {
            let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
            return Err(ApiError::refused("InvalidBatchEntryId", message));
        }
        if !ids.insert(id) {
            return Err(ApiError::refused("BatchEntryIdsNotDistinct", format!("Id {id} repeated.")));
        }
    }
    Ok(())
}
