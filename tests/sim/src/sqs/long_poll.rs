//! ReceiveMessage that waits for a message, for as long as it or its queue says

use std::time::Duration;

use aws_smithy_async::rt::sleep::AsyncSleep;
use bytes::Bytes;
use http::{HeaderMap, Request};
use jiff::Timestamp;
use serde_json::Value;

use super::LONGEST_WAIT;
use crate::World;
use crate::clock::later;
use crate::state::State;

/// How often to look whether somebody sent something
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// The same in virtual time, where each look moves the clock
const LOOK_EVERY_VIRTUAL: Duration = Duration::from_secs(1);

/// Whether a request may have to wait
pub(crate) fn concerns(headers: &HeaderMap) -> bool {
    headers.get("x-amz-target").is_some_and(|target| target.as_bytes() == b"AmazonSQS.ReceiveMessage")
}

/// Returns when there is something to receive, or when it was waited for long enough
///
/// In virtual time somebody has to drive the world meanwhile, as [`World::run`] does.
pub(crate) async fn wait(world: &World, request: &Request<Bytes>) {
    let Ok(body) = serde_json::from_slice::<Value>(request.body()) else { return };
    let queue = body.get("QueueUrl").and_then(Value::as_str).unwrap_or_default();
    let asked = body.get("WaitTimeSeconds").and_then(Value::as_u64).map(|seconds| seconds.min(LONGEST_WAIT));
    let by_queue = world.with(|state| state.queues.find(queue).map(|queue| queue.attributes.receive_wait));
    let patience = asked.map(Duration::from_secs).or(by_queue).unwrap_or_default();
    let until = later(world.now(), patience);
    let look_every = if world.is_virtual() { LOOK_EVERY_VIRTUAL } else { LOOK_EVERY };
    let sleep = world.sleep();
    loop {
        let now = world.now();
        if now >= until || !world.with(|state| is_empty(state, queue)) {
            return;
        }
        let next = later(now, look_every).min(until);
        sleep.sleep(next.duration_since(now).try_into().unwrap_or(look_every)).await;
    }
}

/// Whether a queue is there and has nothing to receive
fn is_empty(state: &mut State, queue: &str) -> bool {
    state.catch_up();
    let now: Timestamp = state.now();
    state.queues.find(queue).is_some_and(|queue| queue.counts(now).0 == 0)
}
