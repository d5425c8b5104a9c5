//! dispatch: from whatever woke the function to looks at licenses

mod scope;

use std::time::Duration;

use grant_engine::Engine;
use grant_engine::ledger::Place;
use grant_plan::call::Failure;
use serde_json::{Value, json};

use crate::payload::{Payload, PolicyEdit, read};
use crate::trigger::{Decoded, OwnRoles, Poison, Trigger, decode_with};
use grant_engine::fault::Fault;

pub use scope::raise_edited;

/// What dispatch may use of its function's 30 seconds; a call begun at its end may take ten more
const SLICE: Duration = Duration::from_secs(18);

/// Handles one payload: a batch of the triggers queue, a batch of the policy table's Stream, or a single event
///
/// Batches answer with a partial batch response, so that one bad message never fails its neighbours.
///
/// # Errors
/// [`Fault`] when a single event, or a payload that is none of these, could not be dealt with.
pub async fn handle(engine: &Engine, payload: Value) -> Result<Value, Fault> {
    engine.work_until(Some(engine.now().after(SLICE)));
    let own = own_roles(engine);
    let raw = payload.to_string();
    let failed = match read(payload) {
        Ok(Payload::Queue(messages)) => {
            let mut failed = Vec::new();
            for message in messages {
                // Handed back untried, which costs nothing but another delivery.
                if engine.out_of_time() && !message.id.is_empty() {
                    failed.push(message.id);
                    continue;
                }
                let dealt = deal(engine, "triggers queue", &message.raw, message.decode(&own)).await;
                if let Err(failure) = dealt {
                    // An empty identifier would fail the whole batch unsaid; so that is said.
                    if message.id.is_empty() {
                        return Err(failure.into());
                    }
                    tracing::warn!(message.id = %message.id, error.code = failure.code.as_deref(), "event failed: {failure}");
                    failed.push(message.id);
                }
            }
            failed
        }
        Ok(Payload::Stream(edits)) => stream(engine, edits).await,
        Ok(Payload::Event(event)) => {
            deal(engine, "direct invocation", &raw, decode_with(&event, &own)).await?;
            return Ok(Value::Null);
        }
        Err(poison) => {
            quarantine(engine, "direct invocation", &raw, &poison).await?;
            return Ok(Value::Null);
        }
    };
    let failures: Vec<Value> = failed.into_iter().map(|id| json!({"itemIdentifier": id})).collect();
    Ok(json!({"batchItemFailures": failures}))
}

/// Edits in order; the first failure ends the batch, since Lambda hands back everything from there on
async fn stream(engine: &Engine, edits: Vec<PolicyEdit>) -> Vec<String> {
    let mut good = Vec::new();
    let mut failed = Vec::new();
    for edit in edits {
        match edit.decode() {
            Decoded::Trigger(trigger) => {
                log(&trigger);
                if let Err(failure) = record(engine, &edit).await {
                    tracing::warn!(error.code = failure.code.as_deref(), "policy edit was not recorded: {failure}");
                    failed.push(edit.sequence_number);
                    break;
                }
                good.push(edit);
            }
            Decoded::Nothing { reason } => tracing::info!("policy edit led to nothing: {reason}"),
            Decoded::Poison(poison) => {
                if let Err(failure) = quarantine(engine, "policy stream", &edit.raw.to_string(), &poison).await {
                    tracing::warn!(error.code = failure.code.as_deref(), "quarantine failed: {failure}");
                    failed.push(edit.sequence_number);
                    break;
                }
            }
        }
    }
    if let Err(failure) = raise_edited(engine, &good).await {
        tracing::warn!(error.code = failure.code.as_deref(), "policy edits failed: {failure}");
        // Raising again is harmless, so the whole batch from its first edit on comes back.
        failed.extend(good.into_iter().map(|edit| edit.sequence_number).find(|number| !number.is_empty()));
        failed.sort();
        failed.truncate(1);
    }
    failed
}

/// Every version that was ever in the table, whether or not anybody looks before the next one overwrites it
async fn record(engine: &Engine, edit: &PolicyEdit) -> Result<(), Failure> {
    let Some(rule) = &edit.rule else { return Ok(()) };
    let place = Place { at: edit.at.unwrap_or_else(|| engine.now()), sequence: edit.sequence_number.clone() };
    engine.record_edit(rule, &place, edit.old.as_ref(), edit.new.as_ref()).await
}

async fn deal(engine: &Engine, origin: &str, raw: &str, decoded: Decoded) -> Result<(), Failure> {
    match decoded {
        Decoded::Trigger(trigger) => {
            log(&trigger);
            scope::raise(engine, &trigger.scope).await
        }
        Decoded::Nothing { reason } => {
            tracing::info!("event led to nothing: {reason}");
            Ok(())
        }
        Decoded::Poison(poison) => quarantine(engine, origin, raw, &poison).await,
    }
}

async fn quarantine(engine: &Engine, origin: &str, raw: &str, poison: &Poison) -> Result<(), Failure> {
    let id = engine.ledger().quarantine(origin, raw, &poison.to_string(), engine.now()).await?;
    tracing::warn!(quarantine.id = %id, "event quarantined: {poison}");
    Ok(())
}

fn log(trigger: &Trigger) {
    let (scope, reason) = (&trigger.scope, &trigger.reason);
    tracing::info!(scope = %scope, event.id = trigger.event_id.as_deref(), "triggered: {reason}");
}

/// The roles under which this deployment calls License Manager, as infra/ names them
fn own_roles(engine: &Engine) -> OwnRoles {
    let (deployment, member) = (&engine.config().deployment, &engine.config().member_role);
    OwnRoles::new([format!("grantway-{deployment}-lane"), member.clone()])
}
