//! Wire storms in short: a handful of seeds, and every seed that ever failed for a mistake of the engine

use grantway_tests::storm::crew;

#[test]
fn a_handful_of_seeds_pass() {
    let outcome = crew::run(1, 20, 2, 20);
    assert_eq!(outcome.failed, Default::default());
}
