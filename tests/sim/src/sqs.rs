//! Amazon SQS: standard and FIFO queues, visibility, receive counts, deduplication, dead-letter queues

mod attributes;
mod batch;
mod calls;
mod digest;
mod queue;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rand::rngs::StdRng;

pub(crate) use calls::system_attributes;
pub(crate) use digest::hex_md5;
pub(crate) use queue::NewMessage;
pub use queue::{Message, Queue};

/// What a template says about a queue
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueAttributes {
    /// How long a received message stays hidden; 0 s to 12 h, 30 s unless said otherwise
    pub visibility: Duration,
    /// How long a new message stays hidden; 0 s to 15 min
    pub delay: Duration,
    /// Where messages go that were received too often
    pub dead_letter: Option<DeadLetter>,
    /// FIFO only: the digest of the body stands in for a missing deduplication id
    pub content_deduplication: bool,
}

/// A redrive policy
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The dead-letter queue's ARN
    pub queue_arn: String,
    /// A message received this often goes there instead of being received once more; 1 to 1,000
    pub max_receives: u32,
}

impl Default for QueueAttributes {
    fn default() -> Self {
        Self {
            visibility: Duration::from_secs(30),
            delay: Duration::ZERO,
            dead_letter: None,
            content_deduplication: false,
        }
    }
}

/// The queues of one account
#[derive(Debug, Clone)]
pub struct Queues {
    account: String,
    queues: BTreeMap<String, Queue>,
}

impl Queues {
    pub(crate) fn new(account: &str) -> Self {
        Self { account: account.to_owned(), queues: BTreeMap::new() }
    }

    pub(crate) fn put(&mut self, name: &str, attributes: QueueAttributes) -> &Queue {
        let account = &self.account;
        let queue = self.queues.entry(name.to_owned()).or_insert_with(|| Queue::new(account, name));
        queue.attributes = attributes;
        queue
    }

    /// Every queue, by name
    pub fn all(&self) -> impl Iterator<Item = &Queue> {
        self.queues.values()
    }

    /// A queue by name, URL or ARN; clients write the host of a URL as they please
    pub fn find(&self, queue: &str) -> Option<&Queue> {
        self.queues.get(name_of(queue))
    }

    pub(crate) fn find_mut(&mut self, queue: &str) -> Option<&mut Queue> {
        self.queues.get_mut(name_of(queue))
    }

    /// Receives as the service does for any poller; what was received too often moves to its dead-letter queue
    pub(crate) fn receive(
        &mut self,
        queue: &str,
        most: usize,
        visibility: Option<Duration>,
        now: Timestamp,
        ids: &mut StdRng,
    ) -> Vec<Message> {
        let Some(source) = self.find_mut(queue) else { return Vec::new() };
        let (received, dead) = source.receive(most, visibility, now, ids);
        let from = source.arn().to_owned();
        let target = source.attributes.dead_letter.as_ref().map(|letter| letter.queue_arn.clone());
        if let Some(target) = target.and_then(|arn| self.find_mut(&arn)) {
            for message in dead {
                target.bury(message, &from, now);
            }
        }
        received
    }
}

fn name_of(queue: &str) -> &str {
    queue.rsplit(['/', ':']).next().unwrap_or(queue)
}
