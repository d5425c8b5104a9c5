//! Lanes: asking for a look at a license, and taking it

use grant_plan::call::{Failure, Operation};
use grant_plan::id::LicenseArn;
use grant_plan::time::minutes;
use serde::{Deserialize, Serialize};

use crate::Engine;
use crate::failure::{understand, unreadable};
use crate::report::Report;

/// When to look again after a look that failed, unless its reason says otherwise
const LOOK_AGAIN: std::time::Duration = minutes(5);

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
    /// `again`: the message was handed out before, so whoever had it may have died in the middle of a look. What they
    /// left behind is looked at, even if a run beside theirs has noted the look as taken.
    ///
    /// A world that cannot be seen is no reason to hand the message back: a FIFO queue would keep the whole license
    /// waiting for its visibility time-out. The ledger says when to look again instead, and the sweep sees to it.
    ///
    /// # Errors
    /// When the ledger or the queue does not answer: then the message has to come again.
    pub async fn look(&self, message: &LaneMessage, again: bool) -> Result<Option<Report>, Failure> {
        let id = message.license.id();
        let Some(lane) = self.ledger.lane(id).await? else {
            // No lane: the ledger was emptied after the message was sent. The look is still owed.
            self.raise(&message.license).await?;
            return Ok(None);
        };
        if lane.done >= message.wanted && !again {
            tracing::debug!(license.id = %id, wanted = message.wanted, done = lane.done, "look was taken already");
            return Ok(None);
        }
        let report = match self.reconcile(&lane.license).await {
            Ok(report) => report,
            Err(failure) => {
                tracing::warn!(
                    license.id = %id, operation = ?failure.operation, error.code = failure.code.as_deref(),
                    disposition = ?failure.disposition, "license `{id}` could not be looked at: {failure}"
                );
                let wait = failure.reason().look_again().unwrap_or(LOOK_AGAIN);
                self.ledger.postpone(id, self.now().after(wait)).await?;
                return Ok(None);
            }
        };
        if !report.complete {
            // A new number, since the queue would take the same one for a duplicate.
            self.raise(&lane.license).await?;
        }
        let after = self.ledger.finish(&lane, report.due_at(), self.now()).await?;
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
