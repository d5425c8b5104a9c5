//! lane: one look at one license per message

use std::time::Duration;

use grant_engine::Engine;
use grant_engine::lane::LaneMessage;
use serde_json::{Value, json};

use crate::payload::{Payload, read};
use grant_engine::fault::Fault;

/// What a lane may use of its function's 300 seconds; the rest is for recording and the successor message
const SLICE: Duration = Duration::from_secs(240);

/// Takes the looks that a batch of the work queue asks for
///
/// Answers SQS's partial batch response. The queue is FIFO: after the first failure nothing later is tried, and all
/// of it is handed back, as Lambda requires for FIFO queues.
///
/// # Errors
/// [`Fault`] when an unreadable payload cannot be put into quarantine.
pub async fn handle(engine: &Engine, payload: Value) -> Result<Value, Fault> {
    engine.work_until(Some(engine.now().after(SLICE)));
    let raw = payload.to_string();
    let messages = match read(payload) {
        Ok(Payload::Queue(messages)) => messages,
        Ok(Payload::Stream(_) | Payload::Event(_)) => {
            let reason = "a lane reads messages of the work queue; connect the function to that queue";
            engine.ledger().quarantine("lane", &raw, reason, engine.now()).await?;
            return Ok(json!({"batchItemFailures": []}));
        }
        Err(poison) => {
            engine.ledger().quarantine("lane", &raw, &poison.to_string(), engine.now()).await?;
            return Ok(json!({"batchItemFailures": []}));
        }
    };
    let mut failed = Vec::new();
    for message in messages {
        if !failed.is_empty() {
            failed.push(message.id);
            continue;
        }
        let read = message.body.as_ref().map_err(ToString::to_string).and_then(|body| {
            serde_json::from_value::<LaneMessage>(body.clone()).map_err(|error| {
                format!("body is not `{{\"license\": ARN, \"wanted\": NUMBER}}` ({error}); send what dispatch sends")
            })
        });
        let done = match read {
            Ok(asked) => engine.look(&asked, message.receive_count > 1).await.map(|_report| ()),
            Err(reason) => {
                // The parser's message quotes the body, which belongs in no log.
                let kept = engine.ledger().quarantine("work queue", &message.raw, &reason, engine.now()).await;
                kept.map(|id| {
                    tracing::warn!(
                        message.id = %message.id, quarantine.id = %id,
                        "message quarantined: body is no message of dispatch"
                    );
                })
            }
        };
        if let Err(failure) = done {
            if message.id.is_empty() {
                return Err(failure.into());
            }
            tracing::warn!(message.id = %message.id, error.code = failure.code.as_deref(), "look failed: {failure}");
            failed.push(message.id);
        }
    }
    let failures: Vec<Value> = failed.into_iter().map(|id| json!({"itemIdentifier": id})).collect();
    Ok(json!({"batchItemFailures": failures}))
}
