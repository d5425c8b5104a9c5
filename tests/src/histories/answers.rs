//! Answers to the open questions about AWS, drawn for one world

use pretend_aws::Knobs;
use pretend_aws::knobs::TokenWindow;
use rand::rngs::StdRng;

/// Half a minute, in seconds
const SHORT_LAG: u64 = 30;

/// Every question answered at random, as far as Grantway claims to cope
///
/// Where the service neither knows a token again nor refuses a duplicate, nothing but the time limit of a run keeps a
/// call that is sent late from making a second grant: there listings lag by half a minute at most.
pub(super) fn draw(dice: &mut StdRng) -> Knobs {
    let mut knobs = Knobs::draw(dice);
    if !knobs.duplicate_grants_refused && knobs.client_token_window != TokenWindow::ForEver {
        knobs.visibility_seconds = knobs.visibility_seconds.min(SHORT_LAG);
    }
    knobs
}
