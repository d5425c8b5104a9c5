//! ReceiveMessage with `WaitTimeSeconds`, which in real time waits for a message
//!
//! In virtual time nothing would ever come while a client waits, so there the answer is given at once.

use std::time::Duration;

use aws_smithy_async::rt::sleep::AsyncSleep;
use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::World;
use crate::clock::later;

/// ReceiveMessage: `WaitTimeSeconds` from 0 to 20
const LONGEST_WAIT: u64 = 20;
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub(super) async fn wait(world: &World, request: &Request<Bytes>) {
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
    if target != Some("AmazonSQS.ReceiveMessage") || world.is_virtual() {
        return;
    }
    let Ok(body) = serde_json::from_slice::<Value>(request.body()) else { return };
    let seconds = body.get("WaitTimeSeconds").and_then(Value::as_u64).unwrap_or(0).min(LONGEST_WAIT);
    let queue = body.get("QueueUrl").and_then(Value::as_str).unwrap_or_default();
    let until = later(world.now(), Duration::from_secs(seconds));
    let sleep = world.sleep();
    loop {
        let now = world.now();
        let nothing = world.with(|state| state.queues.find(queue).is_some_and(|queue| queue.counts(now).0 == 0));
        if !nothing || now >= until {
            return;
        }
        sleep.sleep(LOOK_EVERY).await;
    }
}
