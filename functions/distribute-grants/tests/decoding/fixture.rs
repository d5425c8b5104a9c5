//! The samples and what is expected of them

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use distribute_grants::trigger::Decoded;
use serde_json::Value;

/// One sample
#[derive(Debug)]
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) payload: Value,
    /// The payload as JSON
    pub(crate) text: String,
    /// One for an event, one a record for batches
    pub(crate) expected: Vec<Expected>,
}

/// What a sample, or a record of it, must lead to
#[derive(Debug)]
pub(crate) enum Expected {
    /// Exactly this scope
    Trigger(String),
    /// A reason that contains this
    Nothing(String),
    /// This field
    Poison(String),
}

impl Expected {
    fn read(value: &Value) -> Self {
        let members = value.as_object().expect("an expectation is an object");
        let (kind, text) = members.iter().next().expect("an expectation has one member");
        assert_eq!(members.len(), 1, "{value}");
        let text = text.as_str().expect("what is expected is text").to_owned();
        assert!(!text.is_empty(), "an empty text would match anything");
        match kind.as_str() {
            "trigger" => Self::Trigger(text),
            "nothing" => Self::Nothing(text),
            "poison" => Self::Poison(text),
            other => panic!("nothing ends in `{other}`"),
        }
    }

    pub(crate) fn matches(&self, decoded: &Decoded) -> bool {
        match (self, decoded) {
            (Self::Trigger(scope), Decoded::Trigger(trigger)) => trigger.scope.to_string() == *scope,
            (Self::Nothing(part), Decoded::Nothing { reason }) => reason.contains(part),
            (Self::Poison(field), Decoded::Poison(poison)) => poison.field == *field,
            (Self::Trigger(_) | Self::Nothing(_) | Self::Poison(_), _) => false,
        }
    }
}

impl Fixture {
    pub(crate) fn read(name: &str, expected: Vec<Expected>) -> Self {
        let payload = load(name);
        Self { name: name.to_owned(), text: payload.to_string(), payload, expected }
    }
}

pub(crate) fn all() -> Vec<Fixture> {
    let mut expected = expectations();
    names().iter().map(|name| Fixture::read(name, expected.remove(name).unwrap_or_default())).collect()
}

pub(crate) fn names() -> BTreeSet<String> {
    let entries = std::fs::read_dir(fixtures().join("events")).expect("the samples are in the repository");
    entries
        .map(|entry| entry.unwrap().file_name().into_string().expect("names are ASCII"))
        .filter(|name| name.ends_with(".json"))
        .collect()
}

pub(crate) fn load(name: &str) -> Value {
    let text =
        std::fs::read_to_string(fixtures().join("events").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub(crate) fn expectations() -> BTreeMap<String, Vec<Expected>> {
    let text = std::fs::read_to_string(fixtures().join("events.expected.json")).unwrap();
    let by_name: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
    by_name
        .into_iter()
        .map(|(name, expected)| match expected.as_array() {
            Some(records) => (name, records.iter().map(Expected::read).collect()),
            None => (name, vec![Expected::read(&expected)]),
        })
        .collect()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}
