//! Drawing from a seed

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::world::mix;

/// The dice of one history
pub(super) fn dice(seed: u64) -> StdRng {
    StdRng::seed_from_u64(mix(&[seed, 0x6869_7374]))
}

/// Dice beside these, which stay as they are: what else follows from a number is the same with and without what is drawn
pub(super) fn aside(dice: &StdRng) -> StdRng {
    StdRng::seed_from_u64(dice.clone().random())
}

/// Whether something happens that happens so many times in a hundred
pub(super) fn chance(dice: &mut StdRng, percent: u32) -> bool {
    dice.random_ratio(percent.min(100), 100)
}

/// One of these
pub(super) fn pick<'a, T>(dice: &mut StdRng, of: &'a [T]) -> &'a T {
    of.get(dice.random_range(0..of.len())).expect("the range is the list's")
}

/// One of these, or nothing when there is none
pub(super) fn any<'a, T>(dice: &mut StdRng, of: &'a [T]) -> Option<&'a T> {
    if of.is_empty() { None } else { of.get(dice.random_range(0..of.len())) }
}
