//! Deleting, listing and tagging queues

use jiff::Timestamp;
use serde_json::{Value, json};

use super::calls::{names, need, no_queue, text, wrong};
use super::{Queue, Queues};
use crate::clock::seconds_later;
use crate::error::ApiError;
use crate::page;
use crate::state::State;

/// ListQueues and ListDeadLetterSourceQueues: `MaxResults` from 1 to 1,000
const LARGEST_PAGE: usize = 1_000;
/// CreateQueue: after DeleteQueue a name is not to be had for so many seconds
const NAME_RESTS: u64 = 60;

impl Queues {
    pub(super) fn was_deleted(&self, name: &str, now: Timestamp) -> bool {
        self.deleted.get(name).is_some_and(|at| seconds_later(*at, NAME_RESTS) > now)
    }

    /// Queues whose redrive policy names this one
    pub(super) fn sources_of(&self, arn: &str) -> impl Iterator<Item = &Queue> {
        self.all().filter(move |queue| queue.attributes.dead_letter.as_ref().is_some_and(|one| one.queue_arn == arn))
    }
}

impl State {
    pub(super) fn queue_upkeep(&mut self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        if operation == "ListQueues" {
            let prefix = text(body, "QueueNamePrefix").unwrap_or_default();
            let named = |url: &&str| url.rsplit('/').next().is_some_and(|name| name.starts_with(prefix));
            let urls = self.queues.all().map(Queue::url).filter(named).map(str::to_owned).collect();
            return queues_page("QueueUrls", urls, body);
        }
        let (url, now) = (need(body, "QueueUrl")?, self.now());
        let queue = self.queues.find_mut(url).ok_or_else(no_queue)?;
        match operation {
            "DeleteQueue" => {
                let name = queue.url().rsplit('/').next().unwrap_or_default().to_owned();
                self.queues.queues.remove(&name);
                self.queues.deleted.insert(name, now);
                Ok(Value::Null)
            }
            "TagQueue" => {
                for (key, value) in body.get("Tags").and_then(Value::as_object).into_iter().flatten() {
                    queue.tags.insert(key.clone(), value.as_str().unwrap_or_default().to_owned());
                }
                Ok(Value::Null)
            }
            "UntagQueue" => {
                for key in names(body, "TagKeys") {
                    queue.tags.remove(&key);
                }
                Ok(Value::Null)
            }
            "ListQueueTags" if queue.tags.is_empty() => Ok(json!({})),
            "ListQueueTags" => Ok(json!({"Tags": queue.tags})),
            _ => {
                let arn = queue.arn().to_owned();
                let urls = self.queues.sources_of(&arn).map(|queue| queue.url().to_owned()).collect();
                queues_page("queueUrls", urls, body)
            }
        }
    }
}

/// Pages only when a size is asked for (API_ListQueues)
fn queues_page(member: &str, urls: Vec<String>, body: &Value) -> Result<Value, ApiError> {
    let size = page::size(body.get("MaxResults"), LARGEST_PAGE)
        .ok_or_else(|| wrong("Value for parameter MaxResults is invalid. Reason: MaxResults must be 1 to 1000."))?;
    let (urls, next) = page::cut(member, urls, size, text(body, "NextToken"))
        .ok_or_else(|| wrong("Invalid or expired next token."))?;
    Ok(match next {
        Some(next) if body.get("MaxResults").is_some_and(|size| !size.is_null()) => {
            json!({member: urls, "NextToken": next})
        }
        Some(_) | None => json!({member: urls}),
    })
}
