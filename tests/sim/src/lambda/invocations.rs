//! Asynchronous invocations: what a rule or a schedule hands to a function waits here
//!
//! Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation": a function that fails
//! is invoked twice more, after one minute and after two.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::World;
use crate::clock::later;

const PAUSES: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];

/// Functions that somebody hosts, by ARN, with what waits for each
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Functions(BTreeMap<String, Vec<Waiting>>);

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiting {
    payload: Value,
    /// Not before this
    due: Timestamp,
    /// Invocations that failed so far
    failed: usize,
}

/// One invocation on its way; dropped unsettled it is lost, as with a host that died
#[derive(Debug)]
#[must_use = "an invocation that is not settled is lost"]
pub struct Invocation {
    function: String,
    waiting: Waiting,
}

impl Functions {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Queues an invocation of a hosted function; a body that is no JSON is none that EventBridge sends
    pub(crate) fn invoke(&mut self, arn: &str, body: &str, now: Timestamp) {
        let (Some(waiting), Ok(payload)) = (self.0.get_mut(arn), serde_json::from_str(body)) else { return };
        waiting.push(Waiting { payload, due: now, failed: 0 });
    }
}

impl Invocation {
    /// The event, as the function receives it
    pub fn payload(&self) -> &Value {
        &self.waiting.payload
    }

    /// Takes whether the function succeeded; a failed invocation comes again, twice at most
    pub fn settle(self, world: &World, result: Result<(), ()>) {
        let Self { function, mut waiting } = self;
        let Some(pause) = result.err().and_then(|()| PAUSES.get(waiting.failed)) else { return };
        waiting.due = later(world.now(), *pause);
        waiting.failed += 1;
        world.with(|state| {
            if let Some(queue) = state.functions.0.get_mut(&function) {
                queue.push(waiting);
            }
        });
    }
}

impl World {
    /// From now on what is handed to this function waits for [`World::next_invocation`]
    pub fn host_function(&self, arn: &str) {
        self.with(|state| {
            state.functions.0.entry(arn.to_owned()).or_default();
        });
    }

    /// Whatever is handed to this function from now on is lost, and what waits for it
    pub fn remove_function(&self, arn: &str) {
        self.with(|state| state.functions.0.remove(arn));
    }

    /// Somebody invokes a hosted function without waiting for it, as a schedule does
    pub fn invoke_function(&self, arn: &str, payload: &Value) {
        self.with(|state| {
            let now = state.now();
            state.functions.invoke(arn, &payload.to_string(), now);
        });
    }

    /// The next invocation whose time has come
    pub fn next_invocation(&self, arn: &str) -> Option<Invocation> {
        self.with(|state| {
            state.catch_up();
            let now = state.now();
            let queue = state.functions.0.get_mut(arn)?;
            let at = queue.iter().position(|waiting| waiting.due <= now)?;
            Some(Invocation { function: arn.to_owned(), waiting: queue.remove(at) })
        })
    }

    /// How many invocations of a function wait, those that come again later included
    pub fn invocations_waiting(&self, arn: &str) -> usize {
        self.with(|state| state.functions.0.get(arn).map_or(0, Vec::len))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Blueprint, Settings};

    const ARN: &str = "arn:aws:lambda:us-east-1:318204957731:function:one";

    #[test]
    fn a_failed_invocation_comes_again_twice_and_a_good_one_never() {
        let world = World::new(&Blueprint::sample(), Settings::default());
        world.invoke_function(ARN, &json!({"lost": "nobody hosts it"}));
        world.host_function(ARN);
        assert!(world.next_invocation(ARN).is_none());
        world.invoke_function(ARN, &json!({"n": 1}));
        for pause in [60, 120] {
            world.next_invocation(ARN).expect("it waits").settle(&world, Err(()));
            world.advance(Duration::from_secs(pause - 1));
            assert!(world.next_invocation(ARN).is_none());
            assert_eq!(world.invocations_waiting(ARN), 1);
            world.advance(Duration::from_secs(1));
        }
        let last = world.next_invocation(ARN).expect("the third attempt");
        assert_eq!(last.payload(), &json!({"n": 1}));
        last.settle(&world, Err(()));
        assert_eq!(world.invocations_waiting(ARN), 0);
        world.invoke_function(ARN, &json!({"n": 2}));
        world.next_invocation(ARN).expect("it waits").settle(&world, Ok(()));
        world.advance(Duration::from_secs(3600));
        assert!(world.next_invocation(ARN).is_none());
    }
}
