//! Every event that could matter has a sample, leads to the right kind of scope, and is let through by a rule
//!
//! `.ci/templates.py` holds the rules of `infra/` against `patterns.json`, which is what is read here.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "triggers/table.rs"]
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use distribute_grants::trigger::{OwnRoles, decode, decode_with};
use pretend_aws::event_bus::pattern::Pattern;
use serde_json::Value;
use table::{Leads, ROWS, Row};

fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn json(path: PathBuf) -> Value {
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn patterns() -> BTreeMap<String, Value> {
    let read = json(top().join("functions/grantctl/src/deployment/patterns.json"));
    read.as_object().expect("patterns by name").clone().into_iter().collect()
}

/// The samples that are events: what batches hold and the schedule sends has no envelope
fn samples() -> BTreeMap<String, Value> {
    let entries = std::fs::read_dir(top().join("tests/fixtures/events")).expect("the samples are in the repository");
    let paths = entries.map(|entry| entry.expect("a sample").path());
    let paths = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let named = paths.map(|path| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), json(path)));
    named.filter(|(_, sample)| sample.get("detail-type").is_some()).collect()
}

fn name(event: &Value) -> &str {
    let call = event.pointer("/detail/eventName").and_then(Value::as_str);
    call.or(event["detail-type"].as_str()).unwrap_or_default()
}

/// Whether it tells of something that was tried and did not come about
fn failed(event: &Value) -> bool {
    let detail = &event["detail"];
    let statuses = detail["serviceEventDetails"].as_object().into_iter().flat_map(|details| details.values());
    detail.get("errorCode").is_some() || statuses.into_iter().any(|status| status["state"] == "FAILED")
}

/// The rules that let an event through
fn rules_for(event: &Value) -> Vec<String> {
    let wants = |pattern: &Value| Pattern::parse(pattern).expect("a pattern").matches(event);
    patterns().into_iter().filter(|(_, pattern)| wants(pattern)).map(|(rule, _)| rule).collect()
}

fn row_of(event: &Value) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name(event))
}

#[test]
fn every_kind_of_event_has_a_good_sample_that_leads_where_it_should_and_one_rule() {
    let samples = samples();
    for row in ROWS {
        let good: Vec<_> = samples.iter().filter(|(_, event)| name(event) == row.name && !failed(event)).collect();
        assert!(!good.is_empty(), "no sample of `{}`", row.name);
        for (file, event) in good {
            let leads = Leads::of(&decode(event));
            assert!(leads.is_some_and(|leads| row.leads.contains(&leads)), "{file} leads to {leads:?}");
            let rules = rules_for(event);
            assert_eq!(rules.iter().map(String::as_str).collect::<Vec<_>>(), Vec::from_iter(row.rule), "{file}");
        }
    }
}

#[test]
fn every_sample_and_every_name_in_a_pattern_is_in_the_table() {
    for (file, event) in samples() {
        assert!(row_of(&event).is_some(), "{file}: the table has no `{}`", name(&event));
    }
    let used: BTreeSet<&str> = ROWS.iter().filter_map(|row| row.rule).collect();
    for (rule, pattern) in patterns() {
        assert!(used.contains(rule.as_str()), "no event of the table is let through by `{rule}`");
        let calls = pattern["detail"]["eventName"].as_array().or(pattern["detail-type"].as_array());
        for name in calls.expect("a pattern names what it wants") {
            let row = ROWS.iter().find(|row| row.name == name.as_str().unwrap_or_default());
            assert_eq!(row.and_then(|row| row.rule), Some(rule.as_str()), "{name}");
        }
    }
    let names: BTreeSet<&str> = ROWS.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), ROWS.len(), "a row is there twice");
}

#[test]
fn what_failed_leads_to_nothing_and_is_not_even_let_through() {
    let failures: BTreeMap<_, _> = samples().into_iter().filter(|(_, event)| failed(event)).collect();
    for (file, event) in &failures {
        assert_eq!(Leads::of(&decode(event)), Some(Leads::Nothing), "{file}");
        assert_eq!(rules_for(event), Vec::<String>::new(), "{file}");
    }
    let names: BTreeSet<&str> = failures.values().map(name).collect();
    let wanted = ["CreateAccountResult", "CreateGrant", "CreateManagedAccount", "MoveAccount", "UpdateManagedAccount"];
    assert_eq!(names, BTreeSet::from(wanted));
}

#[test]
fn calls_about_grants_that_grantway_made_itself_lead_to_nothing() {
    let own = OwnRoles::new(["grant-distributor", "grant-acceptor"]);
    let mut count = 0;
    for (file, event) in samples() {
        if row_of(&event).and_then(|row| row.rule) == Some("ct-lm-grants") {
            assert_eq!(Leads::of(&decode_with(&event, &own)), Some(Leads::Nothing), "{file}");
            count += 1;
        }
    }
    assert!(count >= 5, "{count}");
}
