//! accept-grants: accepts, activates and verifies received grants in member accounts
//!
//! Hub mode: the function runs in the hub's account and assumes a narrow role in the member. What the member sees
//! decides; a grant that the organization's auto-accept took first is as good as one accepted here.

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsEvent;
use grant_engine::Engine;
use grant_engine::fault::Fault;
use grant_plan::call::Failure;
use grant_plan::step::GranteeRequest;
use serde_json::{Value, json};

/// What the function may use of its 60 seconds; a call begun at its end may take ten more
const SLICE: Duration = Duration::from_secs(45);

/// Does what the messages of the accept queue ask for; answers SQS's partial batch response
///
/// # Errors
/// [`Fault`] when the payload is no batch of a queue and cannot be put into quarantine.
pub async fn handle(engine: &Engine, payload: Value) -> Result<Value, Fault> {
    engine.work_until(Some(engine.now().after(SLICE)));
    let raw = payload.to_string();
    let batch: SqsEvent = match serde_json::from_value(payload) {
        Ok(batch) => batch,
        Err(error) => {
            let reason = format!("payload is no batch of a queue ({error}); connect the function to the accept queue");
            engine.ledger().quarantine("accept", &raw, &reason, engine.now()).await?;
            return Ok(json!({"batchItemFailures": []}));
        }
    };
    let mut failures = Vec::new();
    for record in batch.records {
        let (id, body) = (record.message_id.unwrap_or_default(), record.body.unwrap_or_default());
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

async fn one(engine: &Engine, body: &str) -> Result<(), Failure> {
    let request: GranteeRequest = match serde_json::from_str(body) {
        Ok(request) => request,
        Err(error) => {
            let reason = format!("body is no request to a grantee ({error}); send what the lane sends");
            tracing::warn!("message quarantined: {reason}");
            return engine.ledger().quarantine("accept queue", body, &reason, engine.now()).await.map(|_id| ());
        }
    };
    let outcome = engine.act_as_grantee(&request).await?;
    tracing::info!(
        license.id = %request.license, account.id = %request.account, grant.arn = %request.grant,
        reason.code = %outcome.code, "grant treated in account `{}`", request.account
    );
    Ok(())
}
