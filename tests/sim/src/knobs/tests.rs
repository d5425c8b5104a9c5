//! The catalog against the fields, and chance against the catalog

mod events;
mod grants;
mod licenses;
mod outcomes;

use std::collections::{BTreeMap, BTreeSet};

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::Knobs;

#[test]
fn every_field_is_in_the_catalog_with_its_default_among_its_outcomes() {
    let fields = serde_json::to_value(Knobs::default()).unwrap();
    let fields = fields.as_object().unwrap();
    let catalog = Knobs::catalog();
    let names: BTreeSet<&str> = catalog.iter().map(|knob| knob.name).collect();
    assert_eq!(names, fields.keys().map(String::as_str).collect());
    for knob in catalog {
        assert_eq!(knob.default, fields[knob.name], "{}", knob.name);
        assert!(knob.outcomes.iter().any(|outcome| outcome.value == knob.default), "{}", knob.name);
        assert!(knob.outcomes.len() >= 2, "{}", knob.name);
        assert!(!knob.description.is_empty(), "{}", knob.name);
    }
}

#[test]
fn a_catalogs_outcome_can_be_read_back_into_the_knobs() {
    for knob in Knobs::catalog() {
        for (index, outcome) in knob.outcomes.iter().enumerate() {
            let text = format!("{{\"{}\": {}}}", knob.name, outcome.value);
            let knobs: Knobs = serde_json::from_str(&text).unwrap();
            let choice = knobs.choices().into_iter().find(|(name, _)| *name == knob.name).unwrap();
            assert_eq!(choice.1, index, "{text}");
        }
    }
}

#[test]
fn chance_reaches_every_outcome_and_nothing_else() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut seen: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for _ in 0..200 {
        for (name, index) in Knobs::draw(&mut rng).choices() {
            seen.entry(name).or_default().insert(index);
        }
    }
    for knob in Knobs::catalog() {
        assert_eq!(seen[knob.name], (0..knob.outcomes.len()).collect(), "{}", knob.name);
    }
}

#[test]
fn a_value_that_is_no_outcome_is_counted_apart() {
    let knobs = Knobs { workflow_seconds: 59, ..Knobs::default() };
    let choice = knobs.choices().into_iter().find(|(name, _)| *name == "workflow_seconds").unwrap();
    assert_eq!(choice.1, 3);
}
