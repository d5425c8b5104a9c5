//! Amazon SNS: topics, subscriptions, and messages on their way to queues

mod calls;
mod delivery;
mod subscriptions;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::ApiError;

/// The topics of one account
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topics {
    account: String,
    topics: BTreeMap<String, Topic>,
}

/// A standard topic
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    arn: String,
    /// As SetTopicAttributes set them
    pub attributes: BTreeMap<String, String>,
    /// By ARN
    pub subscriptions: BTreeMap<String, Subscription>,
    /// Every message, oldest first, whether or not anybody subscribed
    pub published: Vec<Published>,
}

/// A subscription
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// `sqs`, `email` and so on
    pub protocol: String,
    /// A queue's ARN, an address, a URL
    pub endpoint: String,
    /// Queues of this account are confirmed at once, people never
    pub confirmed: bool,
    /// The message goes out as it came, without SNS's envelope
    pub raw: bool,
}

/// A message as it was published
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// UUID
    pub id: String,
    /// When
    pub at: Timestamp,
    /// Subject line, for those who read it as mail
    pub subject: Option<String>,
    /// The message itself
    pub message: String,
}

impl Topics {
    pub(crate) fn new(account: &str) -> Self {
        Self { account: account.to_owned(), topics: BTreeMap::new() }
    }

    /// Every topic, by ARN
    pub fn all(&self) -> impl Iterator<Item = &Topic> {
        self.topics.values()
    }

    /// A topic by its ARN
    pub fn find(&self, arn: &str) -> Option<&Topic> {
        self.topics.get(arn)
    }

    fn known(&self, arn: &str) -> Result<&Topic, ApiError> {
        self.topics.get(arn).ok_or_else(no_topic)
    }

    fn known_mut(&mut self, arn: &str) -> Result<&mut Topic, ApiError> {
        self.topics.get_mut(arn).ok_or_else(no_topic)
    }
}

impl Topic {
    /// `arn:aws:sns:us-east-1:<account>:<name>`
    pub fn arn(&self) -> &str {
        &self.arn
    }
}

fn no_topic() -> ApiError {
    ApiError::with_status(404, "NotFound", "Topic does not exist")
}

fn wrong(why: &str) -> ApiError {
    ApiError::refused("InvalidParameter", format!("Invalid parameter: {why}"))
}
