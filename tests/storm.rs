//! Wire storms in short: a handful of seeds, the same ones again, and what was met in them

use grantway_tests::storm::{Subject, crew};

#[test]
fn a_handful_of_seeds_pass() {
    let outcome = crew::run(1, 40, 2, 40);
    assert_eq!(outcome.failed, Default::default());
    // They were storms: things happened, faults struck, and Grantway had to do something about it.
    for subject in [Subject::Happening, Subject::Fault, Subject::Action, Subject::Reason, Subject::Transition] {
        let met = outcome.coverage.counts.get(&subject).map_or(0, |counts| counts.len());
        assert!(met >= 5, "{subject}: {met} kinds met");
    }
    assert_eq!(outcome.coverage.seeds, 40);
}

#[test]
fn fifty_seeds_make_the_same_calls_in_whatever_order_they_are_played() {
    let forth: Vec<_> = (101..=150).map(|seed| crew::alone(seed).calls).collect();
    // 27 and 50 have no common divisor, so every seed comes up once, far from where it was.
    for place in (0..50).map(|step| step * 27 % 50) {
        let again = crew::alone(101 + place as u64).calls;
        assert!(!again.is_empty());
        assert!(forth[place] == again, "seed {} made other calls", 101 + place);
    }
}

/// Each of these once broke a promise; the words say what was wrong then
#[test]
fn seeds_that_once_failed_pass() {
    let seeds = [
        (4818, "a run that died beside another left a pair that nobody looked at again"),
        (8888, "the same, in a license that could not be read"),
        (5774, "an account that left unheard was held against the activation of its grant"),
        (5816, "the same, by an event that nobody sent"),
        (7946, "a rule counted as gone before the instant at which it was overwritten"),
        (15736, "of two looks at once the one that saw nothing to wait for had the last word on when to look again"),
        (10862, "the same, in a license that could not be read"),
        (14387, "accounts whose call was refused counted as missing for a moment only"),
        (6603, "a limit on accounts was held against a picture of which one account was newer"),
        (
            838,
            "of a rule that cannot be read all its versions counted at once, and one kept another from being followed",
        ),
        (4656, "a rule whose versions were lost with the ledger counted as standing in the way of another"),
        (6593, "the same, of a rule with other settings"),
        (13069, "a grant that waited behind a deletion of weeks counted as one that waits for nothing"),
        (2622, "an activation in the same moment as a person's counted as what displaced the member's own"),
        (4908, "accounts waited for ever under a failed grant of the organization whose parts were being deleted"),
        (17140, "what a person had begun before the storm was over came about after the last look"),
    ];
    for (seed, once) in seeds {
        assert_eq!(crew::alone(seed).broken, Vec::<String>::new(), "seed {seed}: {once}");
    }
}
