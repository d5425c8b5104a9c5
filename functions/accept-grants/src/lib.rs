//! accept-grants: accepts, activates and verifies received grants in member accounts
//!
//! Hub mode: the function runs in the hub's account and assumes a narrow role in the member. Spoke mode ([`spoke`]): it
//! runs in the member account and is told by events on that account's bus. What the member sees decides; a grant that
//! the organization's auto-accept took first is as good as one accepted here.

pub mod place;
pub mod spoke;

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsMessage;
use grant_engine::Engine;
use grant_engine::fault::Fault;
use grant_plan::call::Failure;
use grant_plan::step::GranteeRequest;
use serde::Deserialize;
use serde_json::{Value, json};

/// What the function may use of its 60 seconds; a call begun at its end may take ten more
const SLICE: Duration = Duration::from_secs(45);

/// Does what the messages of the accept queue ask for; answers SQS's partial batch response
///
/// # Errors
/// [`Fault`] when a payload that is no batch, or a record that is no message, cannot be put into quarantine.
pub async fn handle(engine: &Engine, payload: Value) -> Result<Value, Fault> {
    engine.work_until(Some(engine.now().after(SLICE)));
    let Some(records) = payload.get("Records").and_then(Value::as_array) else {
        let reason = "payload is no batch of a queue; connect the function to the accept queue";
        engine.ledger().quarantine("accept", &payload.to_string(), reason, engine.now()).await?;
        return Ok(json!({"batchItemFailures": []}));
    };
    let mut failures = Vec::new();
    for record in records {
        let Some((id, body)) = read(record) else {
            let reason = "record is no message of a queue: it has no `messageId` or no text in `body`";
            tracing::warn!("record quarantined: {reason}");
            engine.ledger().quarantine("accept queue", &record.to_string(), reason, engine.now()).await?;
            continue;
        };
        if engine.out_of_time() {
            // Handed back untried, which costs nothing but another delivery.
            failures.push(json!({"itemIdentifier": id}));
        } else if let Err(failure) = one(engine, &body).await {
            tracing::warn!(message.id = %id, error.code = failure.code.as_deref(), "request failed: {failure}");
            failures.push(json!({"itemIdentifier": id}));
        }
    }
    Ok(json!({"batchItemFailures": failures}))
}

/// Id and body; `SqsMessage` refuses a message for one odd attribute that is not even used, hence the second way
fn read(record: &Value) -> Option<(String, String)> {
    let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
    let (id, body) = SqsMessage::deserialize(record)
        .map_or_else(|_| (text("messageId"), text("body")), |message| (message.message_id, message.body));
    Some((id.filter(|id| !id.is_empty())?, body?))
}

async fn one(engine: &Engine, body: &str) -> Result<(), Failure> {
    let request: GranteeRequest = match serde_json::from_str(body) {
        Ok(request) => request,
        Err(error) => {
            let reason = format!("body is no request to a grantee ({error}); send what the lane sends");
            // The parser's message quotes the body, which belongs in no log.
            let id = engine.ledger().quarantine("accept queue", body, &reason, engine.now()).await?;
            tracing::warn!(quarantine.id = %id, "message quarantined: body is no request to a grantee");
            return Ok(());
        }
    };
    let outcome = engine.act_as_grantee(&request).await?;
    tracing::info!(
        license.id = %request.license, account.id = %request.account, grant.arn = %request.grant,
        reason.code = %outcome.code, "grant treated in account `{}`", request.account
    );
    Ok(())
}
