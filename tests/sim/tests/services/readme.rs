//! The tables of README.md say what the code says

use std::collections::BTreeSet;

use pretend_aws::{Faults, Knobs};
use serde_json::Value;

const README: &str = include_str!("../../README.md");

const SERVICES: [(&str, &str, &str); 12] = [
    ("License Manager", "JSON 1.1", include_str!("../../constraints/license-manager.json")),
    ("Organizations", "JSON 1.1", include_str!("../../constraints/organizations.json")),
    ("Marketplace Agreement", "RPC v2 CBOR, JSON 1.0", include_str!("../../constraints/marketplace-agreement.json")),
    ("STS", "query, XML", include_str!("../../constraints/sts.json")),
    ("IAM", "query, XML", include_str!("../../constraints/iam.json")),
    ("SQS", "JSON 1.0", include_str!("../../constraints/sqs.json")),
    ("SNS", "query, XML", include_str!("../../constraints/sns.json")),
    ("EventBridge", "JSON 1.1", include_str!("../../constraints/events.json")),
    ("CloudTrail", "JSON 1.1", include_str!("../../constraints/cloudtrail.json")),
    ("Service Quotas", "JSON 1.1", include_str!("../../constraints/service-quotas.json")),
    ("DynamoDB", "JSON 1.0", include_str!("../../constraints/dynamodb.json")),
    ("DynamoDB Streams", "JSON 1.0", include_str!("../../constraints/dynamodbstreams.json")),
];

/// The rows of the last table under a heading
fn rows(heading: &str) -> Vec<&'static str> {
    let (_, from) = README.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
    let section = from.split("\n## ").next().unwrap();
    let (_, table) = section.rsplit_once("\n|---|").unwrap_or_else(|| panic!("no table under {heading}"));
    table.lines().skip(1).take_while(|line| line.starts_with('|')).collect()
}

fn assert_rows(heading: &str, should: &[String]) {
    assert_eq!(rows(heading), should, "the rows under `{heading}` should be:\n{}\n", should.join("\n"));
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| format!("`{value}`"), |text| format!("`{text}`"))
}

#[test]
fn the_operations_are_those_that_requests_are_checked_for() {
    let row = |(name, protocol, constraints): &(&str, &str, &str)| {
        let constraints: Value = serde_json::from_str(constraints).unwrap();
        let operations: BTreeSet<&String> = constraints["operations"].as_object().unwrap().keys().collect();
        let operations: Vec<&str> = operations.into_iter().map(String::as_str).collect();
        format!("| {name} | {protocol} | {} |", operations.join(", "))
    };
    assert_rows("Services and operations", &SERVICES.iter().map(row).collect::<Vec<_>>());
}

#[test]
fn the_knobs_are_the_catalogs() {
    let row = |knob: &pretend_aws::knobs::Knob| {
        let others = knob.outcomes.iter().filter(|outcome| outcome.value != knob.default);
        let others: Vec<String> = others.map(|outcome| word(&outcome.value)).collect();
        format!("| `{}` | {} | {} | {} |", knob.name, word(&knob.default), others.join(", "), knob.description)
    };
    assert_rows("Knobs", &Knobs::catalog().iter().map(row).collect::<Vec<_>>());
}

#[test]
fn the_faults_are_the_catalogs() {
    let row = |kind: &pretend_aws::faults::FaultKind| {
        format!("| `{}` | {} | {} |", kind.name, kind.description, kind.suffers)
    };
    assert_rows("Faults", &Faults::catalog().iter().map(row).collect::<Vec<_>>());
}

#[test]
fn the_invariants_are_the_modules_constants() {
    let lines: Vec<&str> = include_str!("../../src/invariants.rs").lines().collect();
    let row = |pair: &[&str]| {
        let (_, name) = pair[1].strip_prefix("pub const ")?.split_once(": &str = ")?;
        Some(format!("| `{}` | {} |", name.trim_matches(['"', ';']), pair[0].strip_prefix("/// ")?))
    };
    assert_rows("Checkers", &lines.windows(2).filter_map(row).collect::<Vec<_>>());
}

#[test]
fn every_control_path_is_there() {
    let arms = include_str!("../../src/server/control.rs").lines().map(str::trim).filter(|line| line.contains("=>"));
    let paths = arms.filter_map(|line| line.strip_prefix('"')?.split('"').next()).chain(["world"]);
    let told = rows("Control paths").join("\n");
    let missing: Vec<&str> = paths.filter(|path| !told.contains(&format!("`/_sim/{path}`"))).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}

#[test]
fn the_first_program_is_the_examples() {
    let program: BTreeSet<&str> = include_str!("../../examples/quick_start.rs").lines().map(str::trim).collect();
    let (_, from) = README.split_once("```rust\n").unwrap();
    let shown = from.split("\n```").next().unwrap().lines().map(str::trim);
    let strange: Vec<&str> = shown.filter(|line| !line.is_empty() && !program.contains(line)).collect();
    assert!(strange.is_empty(), "not in examples/quick_start.rs: {strange:?}");
}
