//! What goes wrong, as a seed has it

use pretend_aws::{Faults, Service};
use rand::Rng;
use rand::rngs::StdRng;

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
