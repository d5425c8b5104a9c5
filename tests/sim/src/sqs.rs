//! Amazon SQS: standard and FIFO queues, visibility, receive counts, deduplication, dead-letter queues

mod attributes;
mod batch;
mod calls;
mod delivery;
mod digest;
pub(crate) mod long_poll;
mod moves;
mod queue;
mod upkeep;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

pub(crate) use calls::{LONGEST_WAIT, system_attributes};
pub(crate) use digest::hex_md5;
use moves::MoveTask;
pub(crate) use queue::NewMessage;
pub use queue::{Message, Queue};

/// SendMessage: the largest message, attributes included, in bytes
const LARGEST_MESSAGE: usize = 1_048_576;

/// What a template says about a queue
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueAttributes {
    /// How long a received message stays hidden; 0 s to 12 h, 30 s unless said otherwise
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub visibility: Duration,
    /// How long a new message stays hidden; 0 s to 15 min
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub delay: Duration,
    /// Where messages go that were received too often
    pub dead_letter: Option<DeadLetter>,
    /// FIFO only: the digest of the body stands in for a missing deduplication id
    pub content_deduplication: bool,
    /// FIFO only: ids are compared within their group (`DeduplicationScope` messageGroup), not within the queue
    pub group_deduplication: bool,
    /// How long a message is kept; 60 s to 14 d, 4 d unless said otherwise
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub retention: Duration,
    /// How long ReceiveMessage waits unless it says itself; 0 s to 20 s
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub receive_wait: Duration,
    /// Bytes a message may have, attributes included; 1 KiB to 1 MiB
    pub largest: usize,
    /// Attributes that change nothing here, such as `Policy`
    pub others: BTreeMap<String, String>,
}

/// A redrive policy
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
            group_deduplication: false,
            retention: Duration::from_secs(4 * 86_400),
            receive_wait: Duration::ZERO,
            largest: LARGEST_MESSAGE,
            others: BTreeMap::new(),
        }
    }
}

/// The queues of one account
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queues {
    account: String,
    queues: BTreeMap<String, Queue>,
    /// When queues were deleted, by name
    deleted: BTreeMap<String, Timestamp>,
    moves: Vec<MoveTask>,
}

impl Queues {
    pub(crate) fn new(account: &str) -> Self {
        Self { account: account.to_owned(), queues: BTreeMap::new(), deleted: BTreeMap::new(), moves: Vec::new() }
    }

    pub(crate) fn put(&mut self, name: &str, attributes: QueueAttributes, now: Timestamp) -> &Queue {
        let account = &self.account;
        let queue = self.queues.entry(name.to_owned()).or_insert_with(|| Queue::new(account, name, now));
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
    fn receive(
        &mut self,
        queue: &str,
        most: usize,
        visibility: Option<Duration>,
        now: Timestamp,
        ids: &mut StdRng,
    ) -> Vec<Message> {
        let Some(source) = self.find(queue) else { return Vec::new() };
        // A policy that names a queue that is gone moves nothing.
        let policy = source.attributes.dead_letter.clone().filter(|letter| self.find(&letter.queue_arn).is_some());
        let limit = policy.as_ref().map(|letter| letter.max_receives);
        let Some(source) = self.find_mut(queue) else { return Vec::new() };
        let (received, dead) = source.receive(most, visibility, limit, now, ids);
        let from = source.arn().to_owned();
        if let Some(target) = policy.and_then(|letter| self.find_mut(&letter.queue_arn)) {
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
