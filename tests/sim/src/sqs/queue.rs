//! One queue and the messages in it

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{QueueAttributes, digest};
use crate::clock::later;
use crate::state::{letters, uuid};

/// For how long a FIFO queue swallows a second message with the same deduplication id
const DEDUPLICATION: Duration = Duration::from_secs(300);

/// A queue
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    url: String,
    arn: String,
    /// Whether its name ends in `.fifo`
    pub fifo: bool,
    /// What its template says
    pub attributes: QueueAttributes,
    /// By sequence, which is the order of arrival
    messages: BTreeMap<u128, Message>,
    /// By deduplication scope and id
    #[serde(with = "crate::world::pairs")]
    seen: BTreeMap<(String, String), Seen>,
    #[serde(with = "crate::world::digits")]
    next: u128,
    pub(super) purged: Option<Timestamp>,
    /// When it was made
    pub created: Timestamp,
    /// When its attributes were last set
    pub modified: Timestamp,
    /// Cost allocation tags
    pub tags: BTreeMap<String, String>,
}

/// A message
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// UUID
    pub id: String,
    /// Body
    pub body: String,
    /// `MessageAttributes` as they were sent
    pub attributes: Value,
    /// FIFO: the group; standard: the fair-queue group, if any
    pub group: Option<String>,
    /// FIFO: the deduplication id, given or made from the body
    pub deduplication: Option<String>,
    /// FIFO: its number in the queue
    pub sequence: Option<String>,
    /// When it was sent
    pub sent: Timestamp,
    /// When it was first received
    pub first_received: Option<Timestamp>,
    /// How often it was received
    pub receives: u32,
    /// From when it may be received
    pub visible: Timestamp,
    /// Handle of the latest receive
    pub receipt: String,
    /// For a message in a dead-letter queue, where it was before
    pub source: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    until: Timestamp,
    sent: Sent,
}

/// What a sender is told
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
    pub(crate) id: String,
    pub(crate) sequence: Option<String>,
}

/// What a sender says
#[derive(Debug, Clone, Default)]
pub(crate) struct NewMessage {
    pub(crate) body: String,
    pub(crate) attributes: Value,
    pub(crate) group: Option<String>,
    pub(crate) deduplication: Option<String>,
    pub(crate) delay: Option<Duration>,
}

impl Queue {
    pub(super) fn new(account: &str, name: &str, now: Timestamp) -> Self {
        Self {
            url: format!("https://sqs.us-east-1.amazonaws.com/{account}/{name}"),
            arn: format!("arn:aws:sqs:us-east-1:{account}:{name}"),
            fifo: name.ends_with(".fifo"),
            attributes: QueueAttributes::default(),
            messages: BTreeMap::new(),
            seen: BTreeMap::new(),
            // Sequence numbers have twenty digits (ReceiveMessage, SequenceNumber).
            next: 18_893_301_573_478_123_904,
            purged: None,
            created: now,
            modified: now,
            tags: BTreeMap::new(),
        }
    }

    /// `https://sqs.us-east-1.amazonaws.com/<account>/<name>`
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `arn:aws:sqs:us-east-1:<account>:<name>`
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// Every message in the queue, oldest first, hidden ones included
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    /// Messages that could be received now, that are being worked on, and that are delayed
    pub fn counts(&self, now: Timestamp) -> (usize, usize, usize) {
        let (mut visible, mut in_flight, mut delayed) = (0, 0, 0);
        for message in self.messages.values().filter(|message| !self.is_over(message, now)) {
            match (message.visible <= now, message.receives) {
                (true, _) => visible += 1,
                (false, 0) => delayed += 1,
                (false, _) => in_flight += 1,
            }
        }
        (visible, in_flight, delayed)
    }

    /// Whether a message has been kept for as long as messages are kept
    fn is_over(&self, message: &Message, now: Timestamp) -> bool {
        later(message.sent, self.attributes.retention) <= now
    }

    /// When a hidden message comes back, if one is hidden
    pub fn next_visible(&self, now: Timestamp) -> Option<Timestamp> {
        self.messages.values().map(|message| message.visible).filter(|at| *at > now).min()
    }

    pub(crate) fn send(&mut self, new: NewMessage, now: Timestamp, ids: &mut StdRng) -> Sent {
        let deduplication = match (&new.deduplication, self.fifo && self.attributes.content_deduplication) {
            (Some(given), _) => Some(given.clone()),
            (None, true) => Some(digest::content_id(&new.body)),
            (None, false) => None,
        };
        let scope = if self.attributes.group_deduplication { new.group.clone() } else { None };
        let key = deduplication.clone().map(|id| (scope.unwrap_or_default(), id));
        if self.fifo
            && let Some(seen) = key.as_ref().and_then(|key| self.seen.get(key))
            && seen.until > now
        {
            return seen.sent.clone();
        }
        let number = self.number();
        let sent = Sent { id: uuid(ids), sequence: self.fifo.then(|| number.to_string()) };
        if self.fifo
            && let Some(key) = key
        {
            self.seen.retain(|_, seen| seen.until > now);
            self.seen.insert(key, Seen { until: later(now, DEDUPLICATION), sent: sent.clone() });
        }
        let message = Message {
            id: sent.id.clone(),
            body: new.body,
            attributes: new.attributes,
            group: new.group,
            deduplication,
            sequence: sent.sequence.clone(),
            sent: now,
            first_received: None,
            receives: 0,
            visible: later(now, new.delay.unwrap_or(self.attributes.delay)),
            receipt: String::new(),
            source: None,
        };
        self.messages.insert(number, message);
        sent
    }

    fn number(&mut self) -> u128 {
        self.next += 256;
        self.next
    }

    /// Up to `most` messages, and those that were received `limit` times already
    pub(super) fn receive(
        &mut self,
        most: usize,
        visibility: Option<Duration>,
        limit: Option<u32>,
        now: Timestamp,
        ids: &mut StdRng,
    ) -> (Vec<Message>, Vec<Message>) {
        let retention = self.attributes.retention;
        self.messages.retain(|_, message| later(message.sent, retention) > now);
        let until = later(now, visibility.unwrap_or(self.attributes.visibility));
        let (mut chosen, mut dead, mut blocked) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (number, message) in &self.messages {
            if chosen.len() >= most {
                break;
            }
            let group = if self.fifo { message.group.as_ref() } else { None };
            if group.is_some_and(|group| blocked.contains(group)) {
                continue;
            }
            if message.visible > now {
                // Whatever comes after it in its group waits for it.
                blocked.extend(group.cloned());
            } else if limit.is_some_and(|limit| message.receives >= limit) {
                dead.push(*number);
            } else {
                chosen.push(*number);
            }
        }
        let dead = dead.iter().filter_map(|number| self.messages.remove(number)).collect();
        let mut received = Vec::with_capacity(chosen.len());
        for number in chosen {
            if let Some(message) = self.messages.get_mut(&number) {
                message.receives += 1;
                message.first_received.get_or_insert(now);
                message.visible = until;
                message.receipt = STANDARD.encode(format!("{number}:{}:{}", message.receives, letters(ids, 24)));
                received.push(message.clone());
            }
        }
        (received, dead)
    }

    /// Takes over a message that another queue gave up
    pub(super) fn bury(&mut self, mut message: Message, from: &str, now: Timestamp) {
        let number = self.number();
        message.source = Some(from.to_owned());
        if self.fifo {
            // In a standard dead-letter queue a message keeps its age (SQS Developer Guide, "message retention periods").
            message.sent = now;
        }
        message.receives = 0;
        message.visible = now;
        message.receipt.clear();
        message.sequence = self.fifo.then(|| number.to_string());
        self.messages.insert(number, message);
    }

    /// The number in a receipt handle, whether or not its message is still there
    fn number_in(receipt: &str) -> Option<u128> {
        let text = String::from_utf8(STANDARD.decode(receipt).ok()?).ok()?;
        text.split(':').next()?.parse().ok()
    }

    /// Whether a handle could have come from a queue
    pub(crate) fn understands(receipt: &str) -> bool {
        Self::number_in(receipt).is_some()
    }

    /// The message that a handle is the latest receipt of
    pub(crate) fn held(&mut self, receipt: &str) -> Option<&mut Message> {
        let number = Self::number_in(receipt)?;
        self.messages.get_mut(&number).filter(|message| message.receipt == receipt)
    }

    /// Deletes by the latest receipt; an older one deletes nothing
    pub(crate) fn delete(&mut self, receipt: &str) {
        if self.held(receipt).is_some()
            && let Some(number) = Self::number_in(receipt)
        {
            self.messages.remove(&number);
        }
    }

    /// As if a message that was just handed out had not been: its receipt is good for nothing
    pub(super) fn put_back(&mut self, handed_out: &Message, now: Timestamp) {
        if let Some(message) = self.held(&handed_out.receipt) {
            message.receives = message.receives.saturating_sub(1);
            message.visible = now;
            message.receipt.clear();
            if message.receives == 0 {
                message.first_received = None;
            }
        }
    }

    /// Puts a message that was taken out where new ones go, as it is
    pub(super) fn take_back(&mut self, message: Message) {
        let number = self.number();
        self.messages.insert(number, message);
    }

    /// Takes out every message that nobody is working on, oldest first
    pub(super) fn take_visible(&mut self, now: Timestamp) -> Vec<Message> {
        let taken: Vec<u128> =
            self.messages.iter().filter(|(_, message)| message.visible <= now).map(|(number, _)| *number).collect();
        taken.iter().filter_map(|number| self.messages.remove(number)).collect()
    }

    pub(super) fn purge(&mut self, now: Timestamp) {
        self.messages.clear();
        self.purged = Some(now);
    }
}
