//! Buses of other accounts than the hub: a policy, rules, and what comes there

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::EventBus;
use super::policy::{Put, admits};
use crate::error::ApiError;
use crate::state::State;

/// Other accounts' buses, by ARN; an account's default bus that nobody touched lets nobody in
pub(crate) type OtherBuses = BTreeMap<String, EventBus>;

impl State {
    /// A bus of another account, made when it is first asked for
    fn other_bus(&mut self, arn: &str) -> Result<&mut EventBus, ApiError> {
        let (account, name) = named(arn).ok_or_else(|| no_bus(arn))?;
        Ok(self.other_buses.entry(arn.to_owned()).or_insert_with(|| EventBus { name, ..EventBus::new(&account) }))
    }

    pub(crate) fn set_bus_policy(&mut self, arn: &str, policy: Option<Value>) -> Result<(), ApiError> {
        self.other_bus(arn)?.policy = policy;
        Ok(())
    }

    pub(crate) fn put_other_rule(
        &mut self,
        arn: &str,
        name: &str,
        pattern: &Value,
        target: &str,
    ) -> Result<(), ApiError> {
        let bus = self.other_bus(arn)?;
        bus.put_rule(name, pattern, "ENABLED")?;
        bus.set_target(name, target)
    }

    /// Whether `caller` may put an event of this source and type on another account's bus
    ///
    /// An entry is refused by itself: API_PutEventsResultEntry has AccessDeniedException among its codes.
    pub(super) fn other_bus_admits(
        &self,
        caller: &str,
        arn: &str,
        source: &str,
        kind: &str,
    ) -> Result<(), (&'static str, String)> {
        let put = Put { caller, organization: &self.organization, bus: arn, source, kind };
        let policy = self.other_buses.get(arn).and_then(|bus| bus.policy.as_ref());
        if policy.is_some_and(|policy| admits(policy, &put)) {
            return Ok(());
        }
        let message = format!(
            "User: arn:aws:sts::{caller}:assumed-role/caller/session is not authorized to perform: events:PutEvents on \
             resource: {arn} because no resource-based policy allows the events:PutEvents action"
        );
        Err(("AccessDeniedException", message))
    }

    /// An event comes to another account's bus and goes to every rule there that wants it
    pub(super) fn put_other_event(&mut self, arn: &str, event: Value) {
        let now = self.now();
        let Some(bus) = self.other_buses.get_mut(arn) else { return };
        let parcels = bus.parcels(&event, now);
        bus.events.push(event);
        self.send_off(parcels);
    }
}

/// Account and name of a bus
fn named(arn: &str) -> Option<(String, String)> {
    let (account, name) = arn.strip_prefix("arn:aws:events:us-east-1:")?.split_once(":event-bus/")?;
    let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    (digits && !name.is_empty()).then(|| (account.to_owned(), name.to_owned()))
}

/// Whether an entry's bus is one of another account than `hub`
pub(super) fn is_other(arn: Option<&str>, hub: &str) -> bool {
    arn.and_then(named).is_some_and(|(account, _)| account != hub)
}

fn no_bus(arn: &str) -> ApiError {
    ApiError::refused("ResourceNotFoundException", format!("Event bus {arn} does not exist."))
}

/// A policy that lets an account of an organization put events of one source
pub fn policy_for(bus: &str, caller: &str, organization: &str, source: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{caller}:root")}, "Action": "events:PutEvents",
        "Resource": bus, "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization, "events:source": source}},
    }]})
}
