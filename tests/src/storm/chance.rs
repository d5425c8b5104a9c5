//! Answers to the open questions about AWS, and what goes wrong, as a seed has them

use pretend_aws::{Faults, Knobs, Service};
use rand::Rng;
use rand::rngs::StdRng;

/// Questions to which only the likeliest answer is played, because Grantway is not right yet under the others
///
/// Everything else of `Knobs::catalog` is drawn. A line goes when the engine has learnt what its reason says.
pub(super) const LEFT_OUT: [(&str, &str); 2] = [
    ("first_activation_sticks", "an activation that stays in PENDING_WORKFLOW is waited for and not called again"),
    ("sub_grant_parent", "a sub-grant is known by its ParentArn and not yet by the stamp that its name repeats"),
];

/// A world's answers, each of them as likely as the others
pub(super) fn knobs(random: &mut StdRng) -> Knobs {
    let (drawn, likeliest) = (Knobs::draw(random), Knobs::default());
    Knobs {
        first_activation_sticks: likeliest.first_activation_sticks,
        sub_grant_parent: likeliest.sub_grant_parent,
        ..drawn
    }
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
