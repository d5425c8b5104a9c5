//! The lane of one license: how often it was asked for, how far it got, when it wants to be looked at
//!
//! Dispatch raises `wanted` and then sends a message; a lane that has done `wanted` has nothing to do. A message that
//! is lost between the two is found by `due_at`, which the raise sets as well.

use aws_sdk_dynamodb::operation::update_item::UpdateItemOutput;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use grant_plan::call::{Disposition, Failure, Operation};
use grant_plan::entry::SCHEMA;
use grant_plan::id::{LicenseArn, LicenseId};
use grant_plan::time::{Timestamp, minutes};
use serde::{Deserialize, Serialize};

use super::Ledger;
use super::due::shard;
use super::items::{from_item, license_key};
use crate::failure::{understand, unreadable};

/// How long after a raise the sweep takes the message for lost
const LOST_AFTER: std::time::Duration = minutes(10);
/// When to look again after two looks at once
const SOON: std::time::Duration = minutes(1);

/// The item
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// Layout
    pub schema: u32,
    /// The license, with its whole ARN
    pub license: LicenseArn,
    /// How often somebody asked for a look
    pub wanted: u64,
    /// Up to which of these a look was taken
    #[serde(default)]
    pub done: u64,
    /// When to look again without being asked
    #[serde(default)]
    pub due_at: Option<Timestamp>,
}

impl Ledger {
    /// The lane of a license
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn lane(&self, license: &LicenseId) -> Result<Option<Lane>, Failure> {
        self.get(&license_key(license), "LANE").await?.map(from_item).transpose()
    }

    /// Whether a license was ever asked for; a lane that a newer version has written counts, too
    ///
    /// # Errors
    /// When the ledger does not answer.
    pub async fn has_lane(&self, license: &LicenseId) -> Result<bool, Failure> {
        Ok(self.get(&license_key(license), "LANE").await?.is_some())
    }

    /// Asks for one more look; answers what `wanted` is now
    ///
    /// # Errors
    /// When the ledger cannot be written, or a newer version has written this lane.
    pub async fn raise(&self, license: &LicenseArn, now: Timestamp) -> Result<u64, Failure> {
        let pk = license_key(license.id());
        let answer = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pk.clone()))
            .key("sk", AttributeValue::S("LANE".to_owned()))
            .condition_expression("attribute_not_exists(pk) OR #schema <= :schema")
            .update_expression(
                "SET #schema = :schema, license = :license, due_at = :due, due_shard = :shard ADD wanted :one",
            )
            .expression_attribute_names("#schema", "schema")
            .expression_attribute_values(":schema", number(SCHEMA))
            .expression_attribute_values(":license", AttributeValue::S(license.as_str().to_owned()))
            .expression_attribute_values(":due", number(now.after(LOST_AFTER).0))
            .expression_attribute_values(":shard", number(shard(&pk)))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(|error| understand(Operation::Ledger, &error))?;
        Ok(read(answer)?.wanted)
    }

    /// Notes that a look was taken, and when the next is due; `lane` is what stood there when it began
    ///
    /// Answers the lane as it is then. `wanted > done` means that somebody asked meanwhile: their look counts for this
    /// one, too, so nothing is noted then. What they set as `due_at` stays, or their message could be lost for good,
    /// and a slow run does not set back what a faster one noted. Where another run has noted the same look, either may
    /// have written over the pairs of the other, so that one more look is due soon.
    ///
    /// # Errors
    /// When the ledger cannot be written, or the lane is gone.
    pub async fn finish(&self, lane: &Lane, due_at: Option<Timestamp>, now: Timestamp) -> Result<Lane, Failure> {
        let license = lane.license.id();
        match self.finish_alone(lane, due_at).await {
            Err(failure) if failure.disposition == Disposition::Stale => {
                let present = self.lane(license).await?.ok_or(failure)?;
                if present.wanted == present.done {
                    self.postpone(license, now.after(SOON)).await?;
                }
                Ok(present)
            }
            other => other,
        }
    }

    /// Has the sweep look at a license no sooner than this; what was asked for stays owed
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn postpone(&self, license: &LicenseId, due_at: Timestamp) -> Result<(), Failure> {
        let pk = license_key(license);
        self.client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pk.clone()))
            .key("sk", AttributeValue::S("LANE".to_owned()))
            .condition_expression("attribute_exists(pk)")
            .update_expression("SET due_at = :due, due_shard = :shard")
            .expression_attribute_values(":due", number(due_at.0))
            .expression_attribute_values(":shard", number(shard(&pk)))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| understand(Operation::Ledger, &error))
    }

    /// Unless somebody asked or noted a look since this one began
    async fn finish_alone(&self, lane: &Lane, due_at: Option<Timestamp>) -> Result<Lane, Failure> {
        let pk = license_key(lane.license.id());
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pk.clone()))
            .key("sk", AttributeValue::S("LANE".to_owned()))
            .condition_expression("wanted = :wanted AND (attribute_not_exists(done) OR done = :before)")
            .expression_attribute_values(":wanted", number(lane.wanted))
            .expression_attribute_values(":before", number(lane.done))
            .return_values(ReturnValue::AllNew);
        let call = match due_at {
            Some(due_at) => call
                .update_expression("SET done = :wanted, due_at = :due, due_shard = :shard")
                .expression_attribute_values(":due", number(due_at.0))
                .expression_attribute_values(":shard", number(shard(&pk))),
            None => call.update_expression("SET done = :wanted REMOVE due_at, due_shard"),
        };
        read(call.send().await.map_err(|error| understand(Operation::Ledger, &error))?)
    }
}

fn read(answer: UpdateItemOutput) -> Result<Lane, Failure> {
    let item = answer.attributes.ok_or_else(|| unreadable(Operation::Ledger, "LANE", "the answer holds no item"))?;
    from_item(item)
}

fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
