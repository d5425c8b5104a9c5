//! Agreements whose license is awaited: looked at again and again until it is there

use aws_sdk_dynamodb::types::AttributeValue;
use grant_plan::call::Failure;
use grant_plan::entry::SCHEMA;
use grant_plan::id::AgreementId;
use grant_plan::time::{Timestamp, hours, minutes};
use serde::{Deserialize, Serialize};

use super::Ledger;
use super::due::shard;
use super::items::{from_item, to_item};

const WAITING: &str = "WAITING";

/// An agreement and how long it has been awaited
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Layout
    pub schema: u32,
    /// Which agreement
    pub agreement: AgreementId,
    /// What the entitlement said last: `PENDING`, `SCHEDULED`, ...
    pub status: String,
    /// Since when it is awaited
    pub since: Timestamp,
    /// How often it was looked at
    pub looks: u32,
    /// When to look again
    pub due_at: Timestamp,
}

impl Ledger {
    /// Waits for an agreement's license: every 5 minutes in the first hour, then hourly, after two days daily
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn await_license(
        &self,
        agreement: &AgreementId,
        status: &str,
        now: Timestamp,
    ) -> Result<Waiting, Failure> {
        let pk = format!("AGREEMENT#{agreement}");
        let before: Option<Waiting> = self.get(&pk, WAITING).await?.map(from_item).transpose()?;
        let since = before.as_ref().map_or(now, |before| before.since);
        let wait = match now.since(since) {
            waited if waited < hours(1) => minutes(5),
            waited if waited < hours(48) => hours(1),
            _ => hours(24),
        };
        let waiting = Waiting {
            schema: SCHEMA,
            agreement: agreement.clone(),
            status: status.to_owned(),
            since,
            looks: before.map_or(1, |before| before.looks.saturating_add(1)),
            due_at: now.after(wait),
        };
        let mut item = to_item(&pk, WAITING, &waiting)?;
        item.insert("due_shard".to_owned(), AttributeValue::N(shard(&pk).to_string()));
        self.put(item).await?;
        Ok(waiting)
    }

    /// Whether an agreement's license is awaited
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn awaited(&self, agreement: &AgreementId) -> Result<Option<Waiting>, Failure> {
        self.get(&format!("AGREEMENT#{agreement}"), WAITING).await?.map(from_item).transpose()
    }

    /// Stops waiting
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn stop_awaiting(&self, agreement: &AgreementId) -> Result<(), Failure> {
        self.delete(&format!("AGREEMENT#{agreement}"), WAITING).await
    }
}
