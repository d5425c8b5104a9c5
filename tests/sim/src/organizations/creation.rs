//! Accounts that are being made and closed, which takes AWS a while

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::epoch_seconds;

/// How long CreateAccount takes in the pretend AWS; the User Guide's sample event shows 48 seconds
pub(super) const CREATION: Duration = Duration::from_secs(48);

/// One request to make an account (API_CreateAccountStatus)
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Creation {
    /// `car-...`
    pub id: String,
    /// The account's name
    pub name: String,
    /// The account's address, which no other account of the organization may have
    pub email: String,
    /// Tags the account begins with
    pub tags: BTreeMap<String, String>,
    /// When it was asked for
    pub requested: Timestamp,
    /// When it was or will be decided
    pub completed: Timestamp,
    /// What came of it
    pub outcome: Outcome,
}

/// What came of a request to make an account
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// IN_PROGRESS
    Pending,
    /// SUCCEEDED, with the new account's id
    Made(String),
    /// FAILED, with the API's `FailureReason`
    Failed(String),
}

impl Creation {
    pub(super) fn state(&self) -> &'static str {
        match self.outcome {
            Outcome::Pending => "IN_PROGRESS",
            Outcome::Made(_) => "SUCCEEDED",
            Outcome::Failed(_) => "FAILED",
        }
    }

    pub(super) fn shape(&self) -> Value {
        let mut shape = Map::from_iter([
            ("Id".to_owned(), json!(self.id)),
            ("AccountName".to_owned(), json!(self.name)),
            ("State".to_owned(), json!(self.state())),
            ("RequestedTimestamp".to_owned(), json!(epoch_seconds(self.requested))),
        ]);
        let ended = ("CompletedTimestamp".to_owned(), json!(epoch_seconds(self.completed)));
        match &self.outcome {
            Outcome::Pending => {}
            Outcome::Made(account) => shape.extend([ended, ("AccountId".to_owned(), json!(account))]),
            Outcome::Failed(reason) => shape.extend([ended, ("FailureReason".to_owned(), json!(reason))]),
        }
        Value::Object(shape)
    }
}
