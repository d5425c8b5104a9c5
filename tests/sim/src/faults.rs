//! What goes wrong on the way: throttling, server errors, lost replies, stalled workflows, accounts not ready, stale
//! lists, refusals, events and messages that come twice, late, out of order or never

mod catalog;
mod luck;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

pub use catalog::FaultKind;
pub use luck::Luck;

use crate::door::Service;

catalog::faults! {
    /// Refused for asking too often, nothing happens
    Throttle: throttle, "any call";
    /// HTTP 500, nothing happens
    ServerError: server_error, "any call";
    /// Refused with AccessDeniedException, nothing happens
    AccessDenied: access_denied, "any call; by `denied_accounts`, every call that those accounts make";
    /// Everything happens and the reply never arrives
    LostReply: lost_reply, "any call";
    /// The account behind the call is refused as if it were still being set up
    AccountNotReady: account_not_ready, "AssumeRole, AcceptGrant";
    /// The workflow that the call starts takes far longer than usual
    SlowWorkflow: slow_workflow, "License Manager writes";
    /// The workflow that the call starts ends in FAILED_WORKFLOW
    FailedWorkflow: failed_workflow, "License Manager writes";
    /// The list tells how things stood up to `stale_seconds` ago
    StaleListing: stale_listing, "License Manager lists";
    /// The event reaches no queue
    EventDropped: event_dropped, "any event on its way to its targets";
    /// The event reaches its queues twice
    EventDoubled: event_doubled, "any event on its way to its targets";
    /// The event reaches its queues up to `late_seconds` late
    EventLate: event_late, "any event on its way to its targets";
    /// The message is handed out, and stays visible as if it had not been
    MessageDoubled: message_doubled, "any message of a standard queue that is received";
    /// The message changes places with a later one
    MessageReordered: message_reordered, "any message of a standard queue that is received";
}

/// Where an event or a message is on its way
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// From the bus to a target's queue
    EventToQueue,
    /// From a queue to whoever receives
    QueueToReader,
}

impl Faults {
    /// The next call of this operation suffers this fault, whatever the probabilities; several queue up in order
    pub fn fail_next(&mut self, service: Service, operation: &str, fault: Fault) {
        self.luck.queue(service, operation, fault);
    }

    /// How often each fault really happened
    pub fn happened(&self) -> &BTreeMap<Fault, u64> {
        self.luck.happened()
    }

    pub(crate) fn seed(&mut self, seed: u64) {
        self.luck.seed(seed);
    }

    pub(crate) fn count(&mut self, fault: Fault) {
        self.luck.count(fault);
    }

    /// The fault this call suffers, if any; not counted yet
    pub(crate) fn draw(&mut self, service: Service, caller: &str, operation: &str, write: bool) -> Option<Fault> {
        if let Some(fault) = self.luck.queued(service, operation) {
            return Some(fault);
        }
        if self.denied_accounts.iter().any(|denied| denied == caller) {
            return Some(Fault::AccessDenied);
        }
        if !self.services.contains(&service) {
            return None;
        }
        let licenses = service == Service::LicenseManager;
        let into_account = matches!(operation, "AssumeRole" | "AcceptGrant");
        let when = |concerned: bool, probability: f64| if concerned { probability } else { 0.0 };
        self.luck.draw(&[
            (Fault::Throttle, self.throttle),
            (Fault::ServerError, self.server_error),
            (Fault::AccountNotReady, when(into_account, self.account_not_ready)),
            (Fault::LostReply, self.lost_reply),
            (Fault::SlowWorkflow, when(licenses && write, self.slow_workflow)),
            (Fault::AccessDenied, self.access_denied),
            (Fault::FailedWorkflow, when(licenses && write, self.failed_workflow)),
            (Fault::StaleListing, when(licenses && operation.starts_with("List"), self.stale_listing)),
        ])
    }

    /// What befalls an event or a message at one place of its way, if anything; it is counted here
    pub fn draw_delivery(&mut self, passage: Passage) -> Option<Fault> {
        let struck = match passage {
            Passage::EventToQueue => self.luck.draw(&[
                (Fault::EventDropped, self.event_dropped),
                (Fault::EventDoubled, self.event_doubled),
                (Fault::EventLate, self.event_late),
            ]),
            Passage::QueueToReader => self.luck.draw(&[
                (Fault::MessageDoubled, self.message_doubled),
                (Fault::MessageReordered, self.message_reordered),
            ]),
        };
        if let Some(fault) = struck {
            self.luck.count(fault);
        }
        struck
    }

    /// How late a late event is: at least a second
    pub fn draw_lateness(&mut self) -> SignedDuration {
        self.luck.seconds(self.late_seconds)
    }

    /// How old a stale list is: at least a second
    pub(crate) fn draw_age(&mut self) -> SignedDuration {
        self.luck.seconds(self.stale_seconds)
    }
}
