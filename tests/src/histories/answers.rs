//! Answers to the open questions about AWS, drawn for one world

use pretend_aws::Knobs;
use rand::rngs::StdRng;

use super::draw::pick;

/// Answers at random to every question
///
/// A grant is missing from listings for half a minute at most where nothing but the time limit of a run keeps a call
/// that is sent late from making a second one. A deletion that took sixty slow workflows would keep a grant that fails
/// for good from ever coming to rest between two lives.
pub(super) fn draw(dice: &mut StdRng) -> Knobs {
    let drawn = Knobs::draw(dice);
    let seconds = if drawn.duplicate_grants_refused { drawn.visibility_seconds } else { *pick(dice, &[0, 30]) };
    let times = if drawn.workflow_seconds > 60 { 1 } else { drawn.deletion_takes_times };
    Knobs { visibility_seconds: seconds, deletion_takes_times: times, ..drawn }
}
