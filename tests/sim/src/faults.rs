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
    /// What befalls a call
    CallFault {
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
    }
    /// What befalls an event on its way from the bus to its targets
    #[expect(clippy::enum_variant_names, reason = "a fault has one name, here and in `Fault`")]
    EventFault {
        /// The event reaches no queue
        EventDropped: event_dropped, "any event on its way to its targets";
        /// The event reaches its queues twice
        EventDoubled: event_doubled, "any event on its way to its targets";
        /// The event reaches its queues up to `late_seconds` late
        EventLate: event_late, "any event on its way to its targets";
    }
    /// What befalls a message on its way from a standard queue to whoever receives
    MessageFault {
        /// The message is handed out, and stays visible as if it had not been
        MessageDoubled: message_doubled, "any message of a standard queue that is received";
        /// The message changes places with a later one
        MessageReordered: message_reordered, "any message of a standard queue that is received";
    }
}

impl Faults {
    /// The next call of this operation suffers this fault, whatever the probabilities; several queue up in order
    ///
    /// What befalls events and messages befalls no call: of such a fault nothing comes here.
    pub fn fail_next(&mut self, service: Service, operation: &str, fault: Fault) {
        if let Ok(fault) = CallFault::try_from(fault) {
            self.luck.queue(service, operation, fault);
        }
    }

    /// How often each fault really happened
    pub fn happened(&self) -> &BTreeMap<Fault, u64> {
        self.luck.happened()
    }

    pub(crate) fn seed(&mut self, seed: u64) {
        self.luck.seed(seed);
    }

    pub(crate) fn count(&mut self, fault: impl Into<Fault>) {
        self.luck.count(fault.into());
    }

    /// The fault this call suffers, if any; not counted yet
    pub(crate) fn draw(&mut self, service: Service, caller: &str, operation: &str, write: bool) -> Option<CallFault> {
        if let Some(fault) = self.luck.queued(service, operation) {
            return Some(fault);
        }
        if self.denied_accounts.iter().any(|denied| denied == caller) {
            return Some(CallFault::AccessDenied);
        }
        if !self.services.contains(&service) {
            return None;
        }
        let licenses = service == Service::LicenseManager;
        let into_account = matches!(operation, "AssumeRole" | "AcceptGrant");
        let when = |concerned: bool, probability: f64| if concerned { probability } else { 0.0 };
        self.luck.draw(&[
            (CallFault::Throttle, self.throttle),
            (CallFault::ServerError, self.server_error),
            (CallFault::AccountNotReady, when(into_account, self.account_not_ready)),
            (CallFault::LostReply, self.lost_reply),
            (CallFault::SlowWorkflow, when(licenses && write, self.slow_workflow)),
            (CallFault::AccessDenied, self.access_denied),
            (CallFault::FailedWorkflow, when(licenses && write, self.failed_workflow)),
            (CallFault::StaleListing, when(licenses && operation.starts_with("List"), self.stale_listing)),
        ])
    }

    /// What befalls an event that comes to its targets, if anything; it is counted here
    pub(crate) fn draw_for_event(&mut self) -> Option<EventFault> {
        let struck = self.luck.draw(&[
            (EventFault::EventDropped, self.event_dropped),
            (EventFault::EventDoubled, self.event_doubled),
            (EventFault::EventLate, self.event_late),
        ]);
        struck.inspect(|fault| self.count(*fault))
    }

    /// What befalls a message that is handed out, if anything; it is counted here
    pub(crate) fn draw_for_message(&mut self) -> Option<MessageFault> {
        let struck = self.luck.draw(&[
            (MessageFault::MessageDoubled, self.message_doubled),
            (MessageFault::MessageReordered, self.message_reordered),
        ]);
        struck.inspect(|fault| self.count(*fault))
    }

    /// How late a late event is: at least a second
    pub(crate) fn draw_lateness(&mut self) -> SignedDuration {
        self.luck.seconds(self.late_seconds)
    }

    /// How old a stale list is: at least a second
    pub(crate) fn draw_age(&mut self) -> SignedDuration {
        self.luck.seconds(self.stale_seconds)
    }
}
