//! Amazon EventBridge: the hub's default bus, its rules, and queues as their targets

mod calls;
pub mod pattern;

use std::collections::BTreeMap;

use jiff::Timestamp;
use rand::rngs::StdRng;
use serde_json::Value;

use crate::error::ApiError;
use crate::sqs::{NewMessage, Queues};
use pattern::Pattern;

/// A default event bus
#[derive(Debug, Clone)]
pub struct EventBus {
    account: String,
    rules: BTreeMap<String, Rule>,
    /// Every event that came, oldest first, whether or not a rule wanted it
    events: Vec<Value>,
}

/// A rule
#[derive(Debug, Clone)]
pub struct Rule {
    pattern: Pattern,
    text: String,
    /// ENABLED, DISABLED or ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS
    pub state: String,
    targets: BTreeMap<String, Target>,
}

#[derive(Debug, Clone)]
struct Target {
    arn: String,
    /// For FIFO queues: a text, or a path into the event such as `$.detail.agreement.id`
    group: Option<String>,
}

impl EventBus {
    pub(crate) fn new(account: &str) -> Self {
        Self { account: account.to_owned(), rules: BTreeMap::new(), events: Vec::new() }
    }

    /// Every event that came, oldest first
    pub fn events(&self) -> &[Value] {
        &self.events
    }

    pub(crate) fn put_rule(&mut self, name: &str, pattern: &Value, state: &str) -> Result<(), ApiError> {
        let text = pattern.to_string();
        let pattern = Pattern::parse(pattern).map_err(|why| ApiError::refused("InvalidEventPatternException", why))?;
        let targets = self.rules.remove(name).map(|rule| rule.targets).unwrap_or_default();
        self.rules.insert(name.to_owned(), Rule { pattern, text, state: state.to_owned(), targets });
        Ok(())
    }

    /// Makes a queue a rule's only target; messages for a FIFO queue are grouped by the rule's name
    pub(crate) fn set_target(&mut self, name: &str, queue_arn: &str) -> Result<(), ApiError> {
        let rule = self.rules.get_mut(name).ok_or_else(|| no_rule(name))?;
        let target = Target { arn: queue_arn.to_owned(), group: Some(name.to_owned()) };
        rule.targets = BTreeMap::from([("queue".to_owned(), target)]);
        Ok(())
    }

    /// Gives an event to every rule that wants it
    pub(crate) fn deliver(&mut self, event: Value, queues: &mut Queues, now: Timestamp, ids: &mut StdRng) {
        for rule in self.rules.values().filter(|rule| rule.wants(&event)) {
            for target in rule.targets.values() {
                let Some(queue) = queues.find_mut(&target.arn) else { continue };
                let group =
                    if queue.fifo { target.group.as_deref().map(|group| resolved(group, &event)) } else { None };
                let new = NewMessage { body: event.to_string(), group, ..NewMessage::default() };
                queue.send(new, now, ids);
            }
        }
        self.events.push(event);
    }
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

/// A path's text in the event, or the given text
fn resolved(group: &str, event: &Value) -> String {
    let Some(path) = group.strip_prefix("$.") else { return group.to_owned() };
    let found = path.split('.').try_fold(event, |at, name| at.get(name));
    match found {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn no_rule(name: &str) -> ApiError {
    ApiError::refused("ResourceNotFoundException", format!("Rule {name} does not exist on EventBus default."))
}
