//! Protocol histories: some thousands of each family, and each made again from its number

use grantway_tests::histories::{self, Family};

/// Some worlds of every family, each with some hundreds of histories
const WORLDS: std::ops::Range<u64> = 24..72;
const OF_EACH: u64 = 200;

#[test]
fn histories_of_every_family_go_right_and_meet_every_kind_of_action() {
    let mut met = std::collections::BTreeSet::new();
    let mut histories = std::collections::BTreeMap::new();
    for report in WORLDS.map(|number| histories::world(number, OF_EACH)) {
        assert_eq!(report.failed, 0, "replay by `histories::tell`: {:#?}", report.failures);
        for (family, count) in report.histories {
            *histories.entry(family).or_insert(0) += count;
        }
        met.extend(report.coverage.actions.into_keys());
    }
    for family in [Family::Orders, Family::Mishaps, Family::Chance] {
        let count = histories.get(&family).copied().unwrap_or_default();
        assert!(count > 300, "{family:?}: {count}");
    }
    let kinds = [
        "Activate",
        "AskGrantee",
        "Close",
        "Create",
        "DeleteFailed",
        "NoteServed",
        "NoteTerms",
        "NoteUnwanted",
        "Record",
        "Repeat",
        "SwitchOff",
    ];
    for kind in kinds {
        assert!(met.contains(kind), "{kind} is missing among {met:?}");
    }
}

#[test]
fn a_history_is_told_again_from_its_number() {
    for world in [24, 25, 26] {
        let history = world * histories::PLACES + 3;
        let (story, broken) = histories::tell(history);
        assert!(story.contains("look at license 0"), "{story}");
        assert_eq!(broken, []);
        assert_eq!(histories::tell(history).0, story);
    }
}

/// Each of these once broke a promise; the words say what was wrong then
#[test]
fn histories_that_once_failed_pass() {
    let all = [
        (7_160_633, "an intent was forgotten because its repeat was refused"),
        (17_334_347, "the same, with the grant of the first call listed as another's"),
        (13_845_373, "what an account had said of one activation was shown after the next"),
        (7_750_429, "grants that fail for good, out of step, were waited for to rest"),
        (6_030_168, "an organization grant that is tried once a day was not expected to be tried"),
        (33_143, "the management account, alone under its grant, waited for a call that had been refused"),
        (377_302, "whoever a wide grant was not to serve moved for ever while some rule could not be read"),
        (1_016_475, "a part of a wide grant that came late was found a day later"),
    ];
    for (history, once) in all {
        assert_eq!(histories::tell(history).1, [], "history {history}: {once}");
    }
}
