//! The way of an event to a rule's targets: late, twice, never; refused and tried again; given up to a dead-letter queue
//!
//! EventBridge User Guide, "How EventBridge retries delivering events" and "Using dead-letter queues": a target that is
//! throttled is tried again for 24 hours and 185 times, a target that is not there or not permitted is not.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::EventBus;
use super::targets::Target;
use crate::clock::later;
use crate::faults::EventFault;
use crate::sqs::{NewMessage, Queues};
use crate::state::State;

/// Between tries; AWS says exponential with jitter and gives no figures
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// One event on its way to one target
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parcel {
    rule_arn: String,
    target: Target,
    event: Value,
    /// When it was first tried
    since: Timestamp,
    /// Tries that failed so far
    tries: u32,
}

/// Why a target did not take an event
enum Refusal {
    Later,
    Never { code: &'static str, message: &'static str },
}

impl EventBus {
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.waiting.keys().next().map(|(at, _)| *at)
    }

    pub(super) fn parcels(&self, event: &Value, now: Timestamp) -> Vec<Parcel> {
        let rules = self.rules.iter().filter(|(_, rule)| rule.wants(event));
        let parcel = |name: &str, target: &Target| Parcel {
            rule_arn: self.rule_arn(name),
            target: target.clone(),
            event: event.clone(),
            since: now,
            tries: 0,
        };
        rules.flat_map(|(name, rule)| rule.targets.values().map(move |target| parcel(name, target))).collect()
    }

    fn wait(&mut self, until: Timestamp, parcel: Parcel) {
        self.next_parcel += 1;
        self.waiting.insert((until, self.next_parcel), parcel);
    }
}

impl State {
    /// An event comes to the bus and goes to every rule that wants it
    pub(crate) fn put_event(&mut self, event: Value) {
        if !self.cloud_trail.lets_through(&event) {
            return;
        }
        let now = self.now();
        let parcels = self.bus.parcels(&event, now);
        self.bus.events.push(event);
        self.send_off(parcels);
    }

    /// One event on its way to all its targets
    pub(super) fn send_off(&mut self, parcels: Vec<Parcel>) {
        let now = self.now();
        if parcels.is_empty() {
            return;
        }
        match self.faults.draw_for_event() {
            Some(EventFault::EventDropped) => {}
            Some(EventFault::EventLate) => {
                let until = now.checked_add(self.faults.draw_lateness()).unwrap_or(now);
                parcels.into_iter().for_each(|parcel| self.bus.wait(until, parcel));
            }
            Some(EventFault::EventDoubled) => {
                let twice = parcels.iter().cloned().chain(parcels.iter().cloned()).collect::<Vec<_>>();
                twice.into_iter().for_each(|parcel| self.hand_over(parcel));
            }
            None => parcels.into_iter().for_each(|parcel| self.hand_over(parcel)),
        }
    }

    /// Tries every delivery whose time has come
    pub(crate) fn deliver_waiting(&mut self) {
        let now = self.now();
        while let Some(entry) = self.bus.waiting.first_entry().filter(|entry| entry.key().0 <= now) {
            let parcel = entry.remove();
            self.hand_over(parcel);
        }
    }

    fn hand_over(&mut self, mut parcel: Parcel) {
        let now = self.now();
        let refusal = match self.offer(&parcel) {
            Ok(()) => return,
            Err(refusal) => refusal,
        };
        match refusal {
            Refusal::Never { code, message } => self.give_up(&parcel, code, message, None),
            Refusal::Later => {
                let policy = &parcel.target.retries;
                let pause = Duration::from_secs(1 << parcel.tries.min(12)).min(LONGEST_PAUSE);
                let next = later(now, pause);
                let exhausted = if parcel.tries >= policy.attempts {
                    Some("MaximumRetryAttempts")
                } else if next > later(parcel.since, policy.age) {
                    Some("MaximumEventAgeInSeconds")
                } else {
                    None
                };
                parcel.tries += 1;
                match exhausted {
                    None => self.bus.wait(next, parcel),
                    Some(_) => self.give_up(&parcel, "THROTTLING", "Rate exceeded", exhausted),
                }
            }
        }
    }

    fn offer(&mut self, parcel: &Parcel) -> Result<(), Refusal> {
        let (arn, now) = (&parcel.target.arn, self.now());
        if self.bus.busy.get(arn).is_some_and(|until| *until > now) {
            return Err(Refusal::Later);
        }
        let body = parcel.target.input.of(&parcel.event, &parcel.rule_arn, now);
        if arn.starts_with("arn:aws:sns:") {
            if self.topics.find(arn).is_none() {
                return Err(Refusal::Never { code: "NO_RESOURCE", message: "The topic does not exist." });
            }
            self.publish(arn, None, &body, &Value::Null);
            return Ok(());
        }
        if !arn.starts_with("arn:aws:sqs:") {
            // Functions that nobody hosts, and the rest, take what they get.
            self.functions.invoke(arn, &body, now);
            return Ok(());
        }
        let queue = self.queues.find_mut(arn);
        let queue = queue.ok_or(Refusal::Never { code: "NO_RESOURCE", message: "The queue does not exist." })?;
        if queue.fifo && !queue.attributes.content_deduplication {
            let message = "The queue should have ContentBasedDeduplication enabled.";
            return Err(Refusal::Never { code: "SDK_CLIENT_ERROR", message });
        }
        let group = if queue.fifo { parcel.target.group(&parcel.event) } else { None };
        queue.send(NewMessage { body, group, ..NewMessage::default() }, now, &mut self.rng);
        Ok(())
    }

    /// To the target's dead-letter queue, or nowhere
    fn give_up(&mut self, parcel: &Parcel, code: &str, message: &str, exhausted: Option<&str>) {
        let now = self.now();
        let Some(queue) = dead_letters(&mut self.queues, &parcel.target) else { return };
        let text = |value: &str| json!({"DataType": "String", "StringValue": value});
        let mut attributes = Map::from_iter([
            ("RULE_ARN".to_owned(), text(&parcel.rule_arn)),
            ("TARGET_ARN".to_owned(), text(&parcel.target.arn)),
            ("ERROR_CODE".to_owned(), text(code)),
            ("ERROR_MESSAGE".to_owned(), text(message)),
        ]);
        if let Some(condition) = exhausted {
            attributes.insert("EXHAUSTED_RETRY_CONDITION".to_owned(), text(condition));
            let tries = (parcel.tries - 1).to_string();
            attributes.insert("RETRY_ATTEMPTS".to_owned(), json!({"DataType": "Number", "StringValue": tries}));
        }
        let body = parcel.event.to_string();
        queue.send(NewMessage { body, attributes: attributes.into(), ..NewMessage::default() }, now, &mut self.rng);
    }
}

/// A dead-letter queue of a rule's target is a standard one
fn dead_letters<'a>(queues: &'a mut Queues, target: &Target) -> Option<&'a mut crate::sqs::Queue> {
    queues.find_mut(target.dead_letters.as_deref()?).filter(|queue| !queue.fifo)
}
