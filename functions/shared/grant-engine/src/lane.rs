//! Lanes: asking for a look at a license, and taking it

use grant_plan::call::{Failure, Operation};
use grant_plan::id::LicenseArn;
use serde::{Deserialize, Serialize};

use crate::Engine;
use crate::failure::{understand, unreadable};
use crate::report::Report;

/// The message to a lane
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaneMessage {
    /// Which license
    pub license: LicenseArn,
    /// What `wanted` was when it was sent
    pub wanted: u64,
}

impl Engine {
    /// Asks for a look at a license: raises `wanted`, then sends the message
    ///
    /// # Errors
    /// When the ledger or the queue does not answer. A message lost after the raise is found by the sweep.
    pub async fn raise(&self, license: &LicenseArn) -> Result<u64, Failure> {
        let wanted = self.ledger.raise(license, self.now()).await?;
        self.send_to_lane(&LaneMessage { license: license.clone(), wanted }).await?;
        Ok(wanted)
    }

    /// Takes a look at a license, unless one as new as the message was taken already
    ///
    /// # Errors
    /// When the world cannot be seen: the message then comes again.
    pub async fn look(&self, message: &LaneMessage) -> Result<Option<Report>, Failure> {
        let id = message.license.id();
        let Some(lane) = self.ledger.lane(id).await? else {
            // No lane: the ledger was emptied after the message was sent. The look is still owed.
            self.raise(&message.license).await?;
            return Ok(None);
        };
        if lane.done >= message.wanted {
            tracing::debug!(license.id = %id, wanted = message.wanted, done = lane.done, "look was taken already");
            return Ok(None);
        }
        let report = self.reconcile(&lane.license).await?;
        if !report.complete {
            // A new number, since the queue would take the same one for a duplicate.
            self.raise(&lane.license).await?;
        }
        let after = self.ledger.finish(id, lane.wanted, report.due_at()).await?;
        if report.complete && after.wanted > lane.wanted {
            self.send_to_lane(&LaneMessage { license: lane.license, wanted: after.wanted }).await?;
        }
        Ok(Some(report))
    }

    async fn send_to_lane(&self, message: &LaneMessage) -> Result<(), Failure> {
        let body = serde_json::to_string(message).map_err(|error| unreadable(Operation::Queue, "a message", error))?;
        let id = message.license.id();
        self.clients
            .sqs
            .send_message()
            .queue_url(&self.config.work_queue)
            .message_body(body)
            .message_group_id(id.as_str())
            .message_deduplication_id(format!("{id}-{}", message.wanted))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| understand(Operation::Queue, &error))
    }
}
