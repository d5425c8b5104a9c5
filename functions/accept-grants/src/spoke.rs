//! Spoke mode: what wakes the function in a member account, and what becomes of it
//!
//! There is no ledger here, so that nothing can be put into quarantine. What cannot be read would be no more readable
//! the next time: it is logged by its shape and counts as done. The hub asks again for what is still to do.

use std::time::Duration;

use grant_engine::fault::Fault;
use grant_engine::{Spoke, SpokeOutcome};
use grant_plan::id::AccountId;
use grant_plan::reason::Standing;
use grant_plan::spoke::{DETAIL_TYPE, SOURCE, SpokeRequest};
use serde::Deserialize;
use serde_json::Value;

/// What the function may use of its 60 seconds; a call begun at its end may take ten more
const SLICE: Duration = Duration::from_secs(45);

/// What an invocation asks for
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    Sweep,
    Request(SpokeRequest),
}

/// Follows one event of the hub, or sweeps
///
/// # Errors
/// [`Fault`] when something failed that may pass. Lambda invokes twice more; after that it is the hub's to ask again.
pub async fn handle(spoke: &Spoke, payload: Value) -> Result<Value, Fault> {
    spoke.work_for(SLICE);
    match read(&payload, &spoke.config().hub) {
        Ok(Wanted::Sweep) => sweep(spoke).await?,
        Ok(Wanted::Request(request)) => follow(spoke, &request).await?,
        Err(why) => tracing::warn!("invocation ignored: {why}"),
    }
    Ok(Value::Null)
}

/// Reads a payload; the reason against one that is neither quotes none of it, since that belongs in no log
fn read(payload: &Value, hub: &AccountId) -> Result<Wanted, String> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    match text("job") {
        Some("sweep") => return Ok(Wanted::Sweep),
        Some(_) => return Err("`job` is not `sweep`; compare the schedule with infra/member-spoke.yaml".to_owned()),
        None => {}
    }
    if text("source") != Some(SOURCE) || text("detail-type") != Some(DETAIL_TYPE) {
        return Err(format!("it is no event of source `{SOURCE}` and detail-type `{DETAIL_TYPE}`"));
    }
    // The rule's pattern says the same; a rule of somebody else's may not.
    if text("account") != Some(hub.as_str()) {
        return Err(format!("the event does not come from the hub's account {hub}"));
    }
    let detail = payload.get("detail").unwrap_or(&Value::Null);
    SpokeRequest::deserialize(detail).map(Wanted::Request).map_err(|error| {
        let fields = ["deployment", "license", "account", "grant", "activate", "asked_at"];
        let bad = fields.iter().find(|field| detail.get(**field).is_none());
        let problem = bad.map_or_else(|| category(&error), |field| format!("`{field}` is missing"));
        format!("`detail` is no request: {problem}; deploy infra/hub.yaml and infra/member-spoke.yaml of one version")
    })
}

/// Which kind of mistake it is; the message itself may quote what was sent
fn category(error: &serde_json::Error) -> String {
    format!("{:?} error", error.classify()).to_lowercase()
}

async fn follow(spoke: &Spoke, request: &SpokeRequest) -> Result<(), Fault> {
    let outcome = spoke.act(request).await.inspect_err(|failure| {
        tracing::warn!(
            license.id = %request.license, grant.arn = %request.grant, error.code = failure.code.as_deref(),
            "request failed: {failure}"
        );
    })?;
    match outcome {
        SpokeOutcome::Refused(why) => tracing::warn!(
            license.id = %request.license, grant.arn = %request.grant, "request not followed: {why}"
        ),
        SpokeOutcome::Treated(outcome) => match outcome.code.standing() {
            Standing::Settled | Standing::Moving => tracing::info!(
                license.id = %request.license, grant.arn = %request.grant, reason.code = %outcome.code,
                "grant treated"
            ),
            Standing::Blocked => tracing::warn!(
                license.id = %request.license, grant.arn = %request.grant, reason.code = %outcome.code,
                "grant is blocked: {}; {}", outcome.detail, outcome.code.mend()
            ),
        },
    }
    Ok(())
}

async fn sweep(spoke: &Spoke) -> Result<(), Fault> {
    let swept = spoke.sweep().await.inspect_err(|failure| {
        tracing::warn!(error.code = failure.code.as_deref(), "sweep failed: {failure}");
    })?;
    tracing::info!(waiting = swept.waiting, accepted = swept.accepted, "swept");
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> Value {
        json!({
            "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "source": "grantway",
            "detail-type": "Grant Requested", "account": "210987654321", "region": "us-east-1",
            "time": "2026-09-14T08:00:00Z", "resources": [],
            "detail": {
                "deployment": "main", "license": "l-1", "account": "318204957731", "activate": true,
                "grant": "arn:aws:license-manager::210987654321:grant:g-1", "asked_at": 1_789_372_800,
            },
        })
    }

    fn said(payload: &Value) -> Result<Wanted, String> {
        read(payload, &"210987654321".parse().unwrap())
    }

    #[test]
    fn the_hub_s_event_and_the_schedule_s_job_are_read() {
        assert_eq!(said(&json!({"job": "sweep"})), Ok(Wanted::Sweep));
        let Ok(Wanted::Request(request)) = said(&event()) else { panic!("no request") };
        assert_eq!((request.account.as_str(), request.activate), ("318204957731", true));
    }

    #[test]
    fn anything_else_is_refused_with_the_field_and_without_its_value() {
        let with = |change: &dyn Fn(&mut Value)| {
            let mut event = event();
            change(&mut event);
            event
        };
        for (payload, says) in [
            (json!(null), "no event of source"),
            (json!([]), "no event of source"),
            (json!({"Records": []}), "no event of source"),
            (json!({"job": "secret"}), "`job` is not `sweep`"),
            (with(&|event| event["source"] = "secret".into()), "no event of source `grantway`"),
            (with(&|event| event["detail-type"] = "secret".into()), "detail-type `Grant Requested`"),
            (with(&|event| event["account"] = "999999999999".into()), "hub's account 210987654321"),
            (with(&|event| event["account"] = json!(null)), "hub's account 210987654321"),
            (with(&|event| event["detail"] = "secret".into()), "`deployment` is missing"),
            (with(&|event| event["detail"] = json!({"deployment": "main", "license": "l-1"})), "`account` is missing"),
            (with(&|event| event["detail"]["grant"] = "secret".into()), "data error"),
            (with(&|event| event["detail"]["activate"] = "secret".into()), "data error"),
            (with(&|event| event["detail"]["asked_at"] = json!(1.5)), "data error"),
        ] {
            let why = said(&payload).unwrap_err();
            assert!(why.contains(says) && !why.contains("secret"), "{payload}: {why}");
        }
    }
}
