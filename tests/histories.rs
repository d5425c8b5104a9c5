//! Protocol histories in short: the same numbers tell the same story, however many work at it, and every family is there

use grantway_tests::histories::{self, Family};

#[test]
fn the_same_numbers_give_the_same_report_however_many_work_at_it() {
    let [alone, together] = [1, 3].map(|threads| histories::run(0, 1, threads));
    assert_eq!(alone.to_string(), together.to_string());
    assert_eq!(alone.failures, together.failures);
    for family in [Family::Orders, Family::Mishaps, Family::Chance] {
        assert!(alone.histories.get(&family).is_some_and(|count| *count >= 1000), "{family:?}: {alone}");
    }
}

#[test]
fn a_failure_is_made_again_by_its_number() {
    let report = histories::run(0, 1, 2);
    for failure in &report.failures {
        let (story, broken) = histories::tell(failure.history);
        assert!(broken.contains(&failure.broken), "history {}: {story}", failure.history);
    }
}
