//! Every sample event, and a thousand damaged copies of each, through `payload::read` and `trigger::decode`
//!
//! The samples are `tests/fixtures/events/*.json`, what each must lead to is `tests/fixtures/events.expected.json`.
//! Damage is chosen by a seed made of the sample's name, the kind of damage and a counter, so a failure names what to
//! run again.

use std::collections::{BTreeMap, BTreeSet};

use distribute_grants::trigger::{Decoded, OwnRoles, decode, decode_with};

// `cfg(test)` is always true here; it tells Clippy that this is test code.
#[cfg(test)]
#[path = "decoding/fixture.rs"]
mod fixture;
#[cfg(test)]
#[path = "decoding/mutation.rs"]
mod mutation;
#[cfg(test)]
#[path = "decoding/verdict.rs"]
mod verdict;

use fixture::Fixture;
use mutation::{Family, Rng, Where};
use verdict::{Verdict, verdicts};

/// Damaged copies of each sample and kind of damage: 13 kinds make 1,001 of each sample
const COPIES: u64 = 77;

#[test]
fn every_sample_leads_where_it_should() {
    for fixture in fixture::all() {
        let found = verdicts(&fixture.payload);
        assert_eq!(found.len(), fixture.expected.len(), "{}: {found:?}", fixture.name);
        for (found, expected) in found.iter().zip(&fixture.expected) {
            assert!(expected.matches(found), "{}: expected {expected:?}, found {found:?}", fixture.name);
        }
    }
}

#[test]
fn every_sample_has_an_expectation_and_every_expectation_a_sample() {
    let samples: BTreeSet<String> = fixture::names();
    let expected: BTreeSet<String> = fixture::expectations().into_keys().collect();
    assert_eq!(samples, expected);
    assert!(samples.len() > 50, "{} samples", samples.len());
}

#[test]
fn our_own_grants_do_not_wake_us_and_those_of_others_do() {
    let sample = fixture::load("ct-lm-create-grant-api.inferred.json");
    assert!(matches!(decode(&sample), Decoded::Trigger(_)));
    assert!(matches!(decode_with(&sample, &OwnRoles::new(["grant-acceptor"])), Decoded::Trigger(_)));
    assert!(matches!(decode_with(&sample, &OwnRoles::new(["grant-distributor"])), Decoded::Nothing { .. }));
}

#[test]
fn two_copies_of_one_event_have_one_id() {
    let id = |name: &str| match decode(&fixture::load(name)) {
        Decoded::Trigger(trigger) => trigger.event_id,
        Decoded::Nothing { .. } | Decoded::Poison(_) => None,
    };
    // Marketplace: by request, whatever the envelope says
    assert_eq!(id("mp-agreement-created-new.json"), id("mp-agreement-created-new-future-dated.json"));
    assert_eq!(id("mp-agreement-created-new.json").as_deref(), Some("0b7f7e52-6a41-4f0e-9c3d-2f1d8e5a9b10"));
    // CloudTrail: by record
    assert_eq!(id("org-move-account-api.inferred.json").as_deref(), Some("5c1e7a50-3b9d-4e62-8f10-a7d4c2b90050"));
    // Others: by envelope
    assert_eq!(id("lm-grant-change.detail-unknown.json").as_deref(), Some("5c1e7a71-3b9d-4e62-8f10-a7d4c2b90071"));
}

#[test]
fn damaged_events_end_in_a_trigger_in_nothing_or_in_poison() {
    let fixtures = fixture::all();
    let (here, there) = fixtures.split_at(fixtures.len() / 2);
    let (mut seen, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| damage_all(there));
        (damage_all(here), other.join().expect("the other half held"))
    });
    for (key, count) in other {
        *seen.entry(key).or_default() += count;
    }
    for family in Family::ALL {
        for verdict in [Verdict::Trigger, Verdict::Nothing, Verdict::Poison] {
            assert!(seen.contains_key(&(family, verdict)), "{family:?} never ended in {verdict:?}: {seen:?}");
        }
    }
    println!("{} endings: {seen:?}", seen.values().sum::<u64>());
}

/// Damages each sample more than a thousand times and counts what the damaged records ended in
fn damage_all(fixtures: &[Fixture]) -> BTreeMap<(Family, Verdict), u64> {
    let mut seen = BTreeMap::new();
    for fixture in fixtures {
        let unharmed = verdicts(&fixture.payload);
        let mut copies = 0;
        for (family, copy) in Family::ALL.into_iter().flat_map(|family| (0..COPIES).map(move |copy| (family, copy))) {
            let here = format!("{}, {family:?} {copy}", fixture.name);
            let damaged = mutation::damage(fixture, family, &mut Rng::seeded(&fixture.name, family, copy));
            assert!(damaged.differs_from(fixture), "{here}: nothing was changed");
            // A panic says where it happened, but not on which copy.
            let found = std::panic::catch_unwind(|| verdicts(&damaged.payload));
            assert!(found.is_ok(), "{here}: panicked");
            for (index, found) in found.iter().flatten().enumerate() {
                match damaged.place {
                    Where::Record(record) if record != index => {
                        assert_eq!(unharmed.get(index), Some(found), "{here}: its neighbour {index} was changed");
                    }
                    Where::Record(_) | Where::Payload | Where::Event => {
                        *seen.entry((family, found.into())).or_default() += 1;
                    }
                }
            }
            copies += 1;
        }
        assert!(copies >= 1_000, "{}: {copies} copies", fixture.name);
    }
    seen
}

#[test]
fn the_same_seed_does_the_same_damage() {
    let fixture = Fixture::read("sqs-mixed-batch.json", Vec::new());
    let damage =
        |family, copy| mutation::damage(&fixture, family, &mut Rng::seeded(&fixture.name, family, copy)).payload;
    for family in Family::ALL {
        assert_eq!(damage(family, 7), damage(family, 7));
        let different: BTreeSet<String> = (0..COPIES).map(|copy| damage(family, copy).to_string()).collect();
        assert!(different.len() > 20, "{family:?} makes only {} different copies", different.len());
    }
}
