//! Being woken by the clock

use serde_json::Value;

use super::envelope::{Envelope, event_id};
use super::field;
use super::poison::Poison;
use super::shown::{code, shown};
use super::{Decoded, Scope, Trigger};

const JOBS: &str = "a job: `sweep` (what is due) or `reconcile` (everything)";

/// What has no envelope: an EventBridge Scheduler input, which is exactly what the template put there, or the record
/// that Lambda leaves when it gives up a Stream batch
///
/// `None` for anything that has a `source` or `detail-type`, and for what is neither.
pub(super) fn decode_input(event: &Value) -> Option<Result<Decoded, Poison>> {
    if event.get("source").is_some() || event.get("detail-type").is_some() {
        return None;
    }
    if event.get("DDBStreamBatchInfo").is_some() {
        return Some(Ok(given_up(event)));
    }
    event.get("job").map(|job| decode_job(event, job))
}

/// A rule with a schedule expression (`Scheduled Event`): look at what is due
pub(super) fn decode_rule(envelope: &Envelope<'_>) -> Decoded {
    match envelope.detail_type {
        "Scheduled Event" => envelope.trigger(Scope::Sweep, "Scheduled Event"),
        other => Decoded::nothing(format!("`{}` of EventBridge itself is no schedule", shown(other))),
    }
}

fn decode_job(event: &Value, job: &Value) -> Result<Decoded, Poison> {
    let scope = match job.as_str() {
        Some("sweep") => Scope::Sweep,
        Some("reconcile") => Scope::All,
        Some(_) | None => {
            return Err(Poison {
                fix: "set the schedule's input to `{\"job\": \"sweep\"}` or `{\"job\": \"reconcile\"}`".to_owned(),
                ..Poison::at("job", Some(job), JOBS)
            });
        }
    };
    let reason = format!("schedule: {}", job.as_str().unwrap_or_default());
    let event_id = field::text(event, "executionId").and_then(event_id);
    Ok(Decoded::Trigger(Trigger { scope, reason, event_id }))
}

/// SQS and SNS destinations get positions, not the records themselves, so which rules were edited is lost
fn given_up(event: &Value) -> Decoded {
    let condition = field::text(event, "requestContext.condition").and_then(code).unwrap_or("no condition given");
    Decoded::Trigger(Trigger {
        scope: Scope::All,
        reason: format!("a batch of policy edits was given up ({condition}): look at everything"),
        event_id: field::text(event, "requestContext.requestId").and_then(event_id),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::trigger::decode;

    #[test]
    fn a_job_is_one_of_two_words() {
        let sweep = json!({"job": "sweep", "executionId": "d32c5kddcf5bb8c3"});
        assert_eq!(
            decode(&sweep),
            Decoded::Trigger(Trigger {
                scope: Scope::Sweep,
                reason: "schedule: sweep".into(),
                event_id: Some("d32c5kddcf5bb8c3".into())
            })
        );
        assert!(matches!(decode(&json!({"job": "reconcile"})), Decoded::Trigger(Trigger { scope: Scope::All, .. })));
    }

    #[test]
    fn any_other_job_is_poison_that_lists_the_jobs() {
        for job in [json!("Sweep"), json!(""), json!(null), json!(["sweep"]), json!(1)] {
            let Decoded::Poison(poison) = decode(&json!({"job": job})) else { panic!("{job} was taken") };
            assert_eq!(poison.field, "job");
            assert!(poison.fix.contains("sweep") && poison.fix.contains("reconcile"), "{poison}");
        }
    }

    #[test]
    fn an_event_that_happens_to_have_a_job_is_still_an_event() {
        let event = json!({"job": "reconcile", "source": "aws.s3", "detail-type": "Object Created"});
        assert!(matches!(decode(&event), Decoded::Nothing { .. }));
    }

    #[test]
    fn a_given_up_batch_means_looking_at_everything() {
        let record = json!({"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": null});
        let Decoded::Trigger(trigger) = decode(&record) else { panic!("{:?}", decode(&record)) };
        assert_eq!(trigger.scope, Scope::All);
        assert!(trigger.reason.contains("RetryAttemptsExhausted"), "{}", trigger.reason);
    }
}
