//! What wants to be looked at, and when: the sparse index `due`

use aws_sdk_dynamodb::types::AttributeValue;
use grant_plan::call::{Failure, Operation};
use grant_plan::time::Timestamp;

use super::Ledger;
use super::items::{Item, text};
use super::revocable::REVOCABLE;
use crate::failure::understand;

/// Shards of the index, so that one partition does not carry every due item
const SHARDS: u32 = 16;

/// Something due
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueItem {
    /// A license, by its ARN
    License(String),
    /// A license of which something waits for the revocation pass, by its ARN
    Revocable(String),
    /// An agreement whose license is awaited
    Agreement(String),
}

/// The shard an item lies in: by its key, so that it never moves
pub(super) fn shard(pk: &str) -> u32 {
    let hash = pk.bytes().fold(2_166_136_261_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619));
    hash % SHARDS
}

impl Ledger {
    /// Everything due by now
    ///
    /// The index is read eventually consistently: an item raised a moment ago may come with the next sweep.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn due(&self, now: Timestamp) -> Result<Vec<DueItem>, Failure> {
        let mut due = Vec::new();
        for shard in 0..SHARDS {
            let mut from = None;
            loop {
                let answer = self
                    .client
                    .query()
                    .table_name(&self.table)
                    .index_name("due")
                    .key_condition_expression("due_shard = :shard AND due_at <= :now")
                    .expression_attribute_values(":shard", AttributeValue::N(shard.to_string()))
                    .expression_attribute_values(":now", AttributeValue::N(now.0.to_string()))
                    .set_exclusive_start_key(from)
                    .send()
                    .await
                    .map_err(|error| understand(Operation::Ledger, &error))?;
                due.extend(answer.items.unwrap_or_default().iter().filter_map(read));
                match answer.last_evaluated_key {
                    Some(key) if !key.is_empty() => from = Some(key),
                    Some(_) | None => break,
                }
            }
        }
        Ok(due)
    }
}

fn read(item: &Item) -> Option<DueItem> {
    match text(item, "sk")? {
        "LANE" => text(item, "license").map(|arn| DueItem::License(arn.to_owned())),
        REVOCABLE => text(item, "license").map(|arn| DueItem::Revocable(arn.to_owned())),
        "WAITING" => text(item, "agreement").map(|id| DueItem::Agreement(id.to_owned())),
        _ => None,
    }
}
