//! Answers to the open questions about AWS, drawn for one world

use pretend_aws::Knobs;
use rand::rngs::StdRng;

use super::draw::pick;

/// Answers at random to every question
///
/// A grant is missing from listings for half a minute at most where nothing but the time limit of a run keeps a call
/// that is sent late from making a second one.
pub(super) fn draw(dice: &mut StdRng) -> Knobs {
    let drawn = Knobs::draw(dice);
    let seconds = if drawn.duplicate_grants_refused { drawn.visibility_seconds } else { *pick(dice, &[0, 30]) };
    Knobs { visibility_seconds: seconds, ..drawn }
}
