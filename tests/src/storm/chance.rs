//! Answers to the open questions about AWS, and what goes wrong, as a seed has them

use pretend_aws::{Faults, Knobs, Service};
use rand::Rng;
use rand::rngs::StdRng;
use serde_json::Value;

/// Answers that are not played, because Grantway is not right yet under them: knob, outcome and what is missing
///
/// Everything else of `Knobs::catalog` is drawn. A line goes when the engine has learnt what its reason says.
pub(super) const LEFT_OUT: [(&str, &str, &str); 5] = [
    ("first_activation_sticks", "true", "an activation that stays in PENDING_WORKFLOW is waited for, not called again"),
    (
        "sub_grant_parent",
        "\"regional_form\"",
        "a sub-grant is known by its ParentArn, not by the stamp its name repeats",
    ),
    ("sub_grant_parent", "\"license\"", "the same"),
    (
        "deleted_organization_grant",
        "\"workflow_completed\"",
        "a failed grant that was deleted so is taken for distributed",
    ),
    (
        "taken_account",
        "\"failed\"",
        "a grant that fails when it is activated is deleted and made anew, again and again",
    ),
];

/// Whether an answer is left out
pub(super) fn is_left_out(knob: &str, outcome: &Value) -> bool {
    let is = |json: &str| serde_json::from_str::<Value>(json).is_ok_and(|left_out| left_out == *outcome);
    LEFT_OUT.iter().any(|(name, json, _)| *name == knob && is(json))
}

/// A world's answers, each of them as likely as the others; one that is left out gives way to the likeliest
pub(super) fn knobs(random: &mut StdRng) -> Knobs {
    let drawn = serde_json::to_value(Knobs::draw(random)).unwrap_or_default();
    let likeliest = serde_json::to_value(Knobs::default()).unwrap_or_default();
    let answers = drawn.as_object().into_iter().flatten().map(|(knob, answer)| {
        let played = if is_left_out(knob, answer) { likeliest.get(knob) } else { Some(answer) };
        (knob.clone(), played.cloned().unwrap_or_default())
    });
    serde_json::from_value(Value::Object(answers.collect())).expect("the answers of one world or another")
}

/// Nothing, a little, or a lot; each kind of fault in its turn
pub(super) fn faults(random: &mut StdRng) -> Faults {
    let strength = match random.random_range(0..10) {
        0 | 1 => return Faults::calm(),
        2..=7 => 0.04,
        _ => 0.1,
    };
    let mut odds = |share: f64| if random.random_bool(0.6) { strength * share } else { 0.0 };
    let mut faults = Faults {
        throttle: odds(1.0),
        server_error: odds(1.0),
        access_denied: odds(0.1),
        lost_reply: odds(1.0),
        account_not_ready: odds(2.0),
        slow_workflow: odds(1.0),
        failed_workflow: odds(2.0),
        stale_listing: odds(1.0),
        event_dropped: odds(3.0),
        event_doubled: odds(3.0),
        event_late: odds(3.0),
        message_doubled: odds(3.0),
        message_reordered: odds(3.0),
        ..Faults::calm()
    };
    // Where the queues and the ledger suffer as much for hours, messages rightly end among the dead letters.
    if strength < 0.1 && random.random_bool(0.4) {
        faults.services.extend([Service::DynamoDb, Service::Sqs]);
    }
    faults
}
