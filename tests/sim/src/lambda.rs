//! What the Lambda service does around a function: it polls queues and streams, invokes, and takes the answer

mod invocations;
mod queue_mapping;
pub mod runtime_api;
mod stream_mapping;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::World;

pub(crate) use invocations::Functions;
pub use invocations::Invocation;
pub use queue_mapping::QueueMapping;
pub use stream_mapping::StreamMapping;

/// What a mapping hands to the function in one invocation
#[derive(Debug)]
#[must_use = "a batch that is not settled stays in flight"]
pub struct Batch {
    payload: Value,
    origin: Origin,
}

#[derive(Debug)]
enum Origin {
    Queue(queue_mapping::InFlight),
    Stream(stream_mapping::InFlight),
}

impl Batch {
    /// The event, as the function receives it
    pub fn payload(&self) -> &Value {
        &self.payload
    }

    /// How many records it has
    pub fn len(&self) -> usize {
        self.payload.get("Records").and_then(Value::as_array).map_or(0, Vec::len)
    }

    /// Whether it has none, which a mapping never hands out
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes the function's response, or that it failed, and does with the records what Lambda does
    pub fn settle(self, world: &World, result: Result<Value, ()>) {
        let outcome = result.map_or(Outcome::AllFailed, |response| Outcome::read(&response));
        match self.origin {
            Origin::Queue(in_flight) => in_flight.settle(world, &outcome),
            Origin::Stream(in_flight) => in_flight.settle(&outcome),
        }
    }
}

/// What a response says about a batch
///
/// Null, an empty object and an empty or null list are success of all; an empty or missing identifier is failure of all
/// (Lambda Developer Guide, "Success and failure conditions").
#[derive(Debug, PartialEq)]
enum Outcome {
    AllFailed,
    Failed(BTreeSet<String>),
}

impl Outcome {
    fn read(response: &Value) -> Self {
        let failures = match response.get("batchItemFailures") {
            None | Some(Value::Null) => return Self::Failed(BTreeSet::new()),
            Some(Value::Array(failures)) => failures,
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => return Self::AllFailed,
        };
        let identifiers: Option<BTreeSet<String>> = failures
            .iter()
            .map(|failure| failure.get("itemIdentifier")?.as_str().filter(|id| !id.is_empty()).map(str::to_owned))
            .collect();
        identifiers.map_or(Self::AllFailed, Self::Failed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn responses_are_read_as_lambda_reads_them() {
        let none = Outcome::Failed(BTreeSet::new());
        for success in [json!(null), json!({}), json!({"batchItemFailures": []}), json!({"batchItemFailures": null})] {
            assert_eq!(Outcome::read(&success), none, "{success}");
        }
        for failure in [
            json!({"batchItemFailures": [{"itemIdentifier": ""}]}),
            json!({"batchItemFailures": [{"itemIdentifier": null}]}),
            json!({"batchItemFailures": [{}]}),
            json!({"batchItemFailures": "x"}),
        ] {
            assert_eq!(Outcome::read(&failure), Outcome::AllFailed, "{failure}");
        }
        let one = Outcome::read(&json!({"batchItemFailures": [{"itemIdentifier": "a"}]}));
        assert_eq!(one, Outcome::Failed(BTreeSet::from(["a".to_owned()])));
    }
}
