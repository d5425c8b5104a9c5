//! Amazon EventBridge: the hub's default bus, its rules, and queues, topics and functions as their targets; and buses
//! of other accounts, as far as they let somebody put events there

mod calls;
mod delivery;
mod input;
mod others;
pub mod pattern;
mod policy;
mod put;
mod saved;
mod targets;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ApiError;
use delivery::Parcel;
pub(crate) use others::OtherBuses;
pub use others::policy_for;
use pattern::Pattern;
use saved::SavedRule;
use targets::Target;

/// An event bus
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventBus {
    account: String,
    #[serde(default = "default_name", skip_serializing_if = "is_default_name")]
    name: String,
    /// Resource policy: who else may put events
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<Value>,
    rules: BTreeMap<String, Rule>,
    /// Every event that came, oldest first, whether or not a rule wanted it
    events: Vec<Value>,
    /// Late and refused deliveries, by when they are tried and a number
    #[serde(with = "crate::world::pairs")]
    waiting: BTreeMap<(Timestamp, u64), Parcel>,
    next_parcel: u64,
    /// Targets that refuse everything until then, by ARN
    busy: BTreeMap<String, Timestamp>,
}

/// A rule
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "SavedRule", into = "SavedRule")]
pub struct Rule {
    pattern: Pattern,
    text: String,
    description: String,
    /// ENABLED, DISABLED or ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS
    pub state: String,
    targets: BTreeMap<String, Target>,
}

impl EventBus {
    pub(crate) fn new(account: &str) -> Self {
        Self {
            account: account.to_owned(),
            name: default_name(),
            policy: None,
            rules: BTreeMap::new(),
            events: Vec::new(),
            waiting: BTreeMap::new(),
            next_parcel: 0,
            busy: BTreeMap::new(),
        }
    }

    /// Every event that came, oldest first
    pub fn events(&self) -> &[Value] {
        &self.events
    }

    pub(crate) fn put_rule(&mut self, name: &str, pattern: &Value, state: &str) -> Result<(), ApiError> {
        let text = pattern.to_string();
        let pattern = Pattern::parse(pattern).map_err(|why| ApiError::refused("InvalidEventPatternException", why))?;
        let targets = self.rules.remove(name).map(|rule| rule.targets).unwrap_or_default();
        let rule = Rule { pattern, text, description: String::new(), state: state.to_owned(), targets };
        self.rules.insert(name.to_owned(), rule);
        Ok(())
    }

    /// Makes a queue or a function a rule's only target; messages for a FIFO queue are grouped by the rule's name
    pub(crate) fn set_target(&mut self, name: &str, arn: &str) -> Result<(), ApiError> {
        let target = Target::only(arn, name);
        self.rule_mut(name)?.targets = BTreeMap::from([("queue".to_owned(), target)]);
        Ok(())
    }

    /// A target refuses everything until then, as a throttled one does
    pub fn refuse_until(&mut self, target_arn: &str, until: Timestamp) {
        self.busy.insert(target_arn.to_owned(), until);
    }

    fn rule(&self, name: &str) -> Result<&Rule, ApiError> {
        self.rules.get(name).ok_or_else(|| no_rule(name))
    }

    fn rule_mut(&mut self, name: &str) -> Result<&mut Rule, ApiError> {
        self.rules.get_mut(name).ok_or_else(|| no_rule(name))
    }

    fn rule_arn(&self, name: &str) -> String {
        // A rule of another bus than the default one has that bus's name before its own.
        let bus = if is_default_name(&self.name) { String::new() } else { format!("{}/", self.name) };
        format!("arn:aws:events:us-east-1:{}:rule/{bus}{name}", self.account)
    }

    fn arn(&self) -> String {
        format!("arn:aws:events:us-east-1:{}:event-bus/{}", self.account, self.name)
    }
}

fn default_name() -> String {
    "default".to_owned()
}

fn is_default_name(name: &str) -> bool {
    name == "default"
}

impl Rule {
    fn wants(&self, event: &Value) -> bool {
        // Rules in plain ENABLED never see read-only management events (eb-service-event-cloudtrail-management).
        let read_only = event.get("detail").and_then(|detail| detail.get("readOnly")) == Some(&Value::Bool(true));
        match self.state.as_str() {
            "DISABLED" => false,
            "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" => self.pattern.matches(event),
            _ => !read_only && self.pattern.matches(event),
        }
    }
}

fn no_rule(name: &str) -> ApiError {
    ApiError::refused("ResourceNotFoundException", format!("Rule {name} does not exist on EventBus default."))
}
