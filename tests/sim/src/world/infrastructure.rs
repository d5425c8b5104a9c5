//! Queues, rules and buses of other accounts, as a template would make them

use serde_json::Value;

use super::World;
use crate::error::ApiError;
use crate::sqs::QueueAttributes;

/// Where a queue is
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueHandle {
    /// Its URL, as SQS calls want it
    pub url: String,
    /// Its ARN, as rules and redrive policies want it
    pub arn: String,
}

impl World {
    /// Makes a queue, or changes the attributes of an existing one; a name that ends in `.fifo` makes a FIFO queue
    pub fn create_queue(&self, name: &str, attributes: QueueAttributes) -> QueueHandle {
        self.with(|state| {
            let now = state.now();
            let queue = state.queues.put(name, attributes, now);
            QueueHandle { url: queue.url().to_owned(), arn: queue.arn().to_owned() }
        })
    }

    /// Makes an enabled rule on the default bus, or replaces one, with a queue as its only target
    ///
    /// # Errors
    ///
    /// `InvalidEventPatternException` for a pattern that EventBridge would refuse.
    pub fn put_rule(&self, name: &str, pattern: Value, queue_arn: &str) -> Result<(), ApiError> {
        self.with(|state| {
            state.bus.put_rule(name, &pattern, "ENABLED")?;
            state.bus.set_target(name, queue_arn)
        })
    }

    /// Says who may put events on a bus of another account than the hub's; `None`: nobody, as it is from the beginning
    ///
    /// # Errors
    ///
    /// `ResourceNotFoundException` for what is no ARN of a bus.
    pub fn set_bus_policy(&self, bus: &str, policy: Option<Value>) -> Result<(), ApiError> {
        self.with(|state| state.set_bus_policy(bus, policy))
    }

    /// Makes an enabled rule on such a bus, or replaces one, with a queue or a function as its only target
    ///
    /// # Errors
    ///
    /// As [`World::set_bus_policy`] and [`World::put_rule`].
    pub fn put_rule_on(&self, bus: &str, name: &str, pattern: &Value, target: &str) -> Result<(), ApiError> {
        self.with(|state| state.put_other_rule(bus, name, pattern, target))
    }

    /// Every event that came to such a bus, oldest first
    pub fn events_on(&self, bus: &str) -> Vec<Value> {
        self.with(|state| state.other_buses.get(bus).map_or_else(Vec::new, |bus| bus.events().to_vec()))
    }
}
