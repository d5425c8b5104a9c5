//! How the world's events reach the bus: at once, or after a while

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::seconds_later;
use crate::error::ApiError;
use crate::events::Moment;
use crate::license_manager;
use crate::state::{State, uuid};

/// Events that happened and are still to be told
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Untold {
    #[serde(with = "crate::world::pairs")]
    events: BTreeMap<(Timestamp, u64), Value>,
    count: u64,
}

impl Untold {
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.events.first_key_value().map(|((due, _), _)| *due)
    }
}

impl State {
    /// Tells of something on `account`'s bus; only the hub's and the management account's events reach this one
    pub(crate) fn tell(&mut self, account: &str, event: impl FnOnce(&Self, Moment<'_>) -> Option<Value>) {
        if let Some(event) = self.event(account, self.now(), event) {
            self.put_event(event);
        }
    }

    pub(crate) fn tell_organization(&mut self, event: impl FnOnce(Moment<'_>) -> Value) {
        let management = self.organization.management_account.clone();
        self.tell(&management, |_, moment| Some(event(moment)));
    }

    /// Tells of an account that came, went or closed, after `account_event_seconds`
    pub(crate) fn tell_of_account(&mut self, event: impl FnOnce(Moment<'_>) -> Option<Value>) {
        let management = self.organization.management_account.clone();
        let now = self.now();
        let event = self.event(&management, now, |_, moment| event(moment));
        let Some(event) = event else { return };
        match self.knobs.account_event_seconds {
            0 => self.put_event(event),
            seconds => {
                self.untold.count += 1;
                self.untold.events.insert((seconds_later(now, seconds), self.untold.count), event);
            }
        }
    }

    /// What License Manager has to tell of itself
    pub(crate) fn tell_license_news(&mut self) {
        for news in self.license_manager.take_news() {
            let event = self.event(&news.account, news.at, |_, moment| moment.license_news(&news.subject));
            if let Some(event) = event {
                self.put_event(event);
            }
        }
    }

    /// The record of a call to License Manager, in the caller's account
    pub(crate) fn tell_license_call(
        &mut self,
        caller: &str,
        operation: &str,
        body: &Value,
        answer: &Result<Value, ApiError>,
    ) {
        if self.knobs.cloudtrail_events && license_manager::is_write(operation) {
            self.tell(caller, |_, moment| Some(moment.license_manager_call(operation, body, answer)));
        }
    }

    /// Tells what is due
    pub(crate) fn tell_untold(&mut self) {
        let now = self.now();
        while let Some(entry) = self.untold.events.first_entry().filter(|entry| entry.key().0 <= now) {
            let event = entry.remove();
            self.put_event(event);
        }
    }

    fn event(
        &mut self,
        account: &str,
        at: Timestamp,
        event: impl FnOnce(&Self, Moment<'_>) -> Option<Value>,
    ) -> Option<Value> {
        let (id, inner_id) = (uuid(&mut self.rng), uuid(&mut self.rng));
        let moment = Moment { account, at, id, inner_id, knobs: &self.knobs };
        let heard = account == self.hub || account == self.organization.management_account;
        event(self, moment).filter(|_| heard)
    }
}
