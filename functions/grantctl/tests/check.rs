//! `grantctl check` as a person or a pipeline meets it

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "program/run.rs"]
mod run;

use std::process::Output;

use serde_json::Value;

const BROKEN: &str = r#"
- rule: everyone
  products: "*"
  accounts: {organisation: true}
- rule: Workloads
  products: {sku: prod-1}
  accounts: {ou: prod}
  activation: at once
---
rule: fine
products: {sku: [prod-1]}
accounts: {account: 123456789012}
"#;

const GOOD: &str = r#"{"rule": "fine", "products": {"sku": "prod-1"}, "accounts": {"organization": true}}"#;

/// One account, and no unit
const ORGANIZATION: &str = r#"{
    "id": "o-4kq7vt2m9x", "arn": "arn:aws:organizations::111111111111:organization/o-4kq7vt2m9x",
    "management": "111111111111", "units": {}, "accounts": {"111111111111": {"state": "ACTIVE", "path": []}}
}"#;

/// No variables, so that AWS could not be asked
fn check(arguments: &[&str], input: &str) -> Output {
    run::run(&[&["check"], arguments].concat(), [], input)
}

fn findings(output: &Output) -> Vec<Value> {
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    document["findings"].as_array().unwrap().clone()
}

#[test]
fn every_finding_of_a_broken_file_is_listed_at_once() {
    let output = check(&["-", "--format", "json"], BROKEN);
    assert_eq!(output.status.code(), Some(3));
    let found = findings(&output);
    let places: Vec<String> = found
        .iter()
        .map(|finding| format!("{} {}", finding["rule"].as_str().unwrap(), finding["attribute"].as_str().unwrap()))
        .collect();
    for place in ["everyone accounts.organisation", "Workloads rule", "Workloads accounts.ou", "Workloads activation"] {
        assert!(places.iter().any(|found| found == place), "{place} is missing among {places:?}");
    }
    assert!(!places.iter().any(|place| place.starts_with("fine")), "{places:?}");
    for member in ["rule", "attribute", "value", "message", "severity", "help"] {
        assert!(found.iter().all(|finding| finding[member].is_string()), "{member}: {found:?}");
    }
    let text = String::from_utf8(check(&["-"], BROKEN).stdout).unwrap();
    assert_eq!(text.lines().count(), found.len() + 1, "{text}");
    assert!(text.contains("did you mean `accounts.organization`"), "{text}");
}

#[test]
fn a_good_file_passes_and_one_that_is_no_yaml_does_not_hide_the_others() {
    let good = check(&["-", "--format", "json"], GOOD);
    assert_eq!((good.status.code(), findings(&good).len()), (Some(0), 0));
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (torn, twice) = (directory.join("torn.yaml"), directory.join("twice.yaml"));
    std::fs::write(&torn, "rule: [").unwrap();
    std::fs::write(&twice, format!("[{GOOD}, {GOOD}, 7]")).unwrap();
    let both = check(&[torn.to_str().unwrap(), twice.to_str().unwrap(), "--format", "json"], "");
    assert_eq!(both.status.code(), Some(3));
    let found = findings(&both);
    let of = |attribute: &str| found.iter().filter(|finding| finding["attribute"] == attribute).count();
    assert_eq!((of("file"), of("rule")), (2, 1), "{found:?}");
    let missing = check(&["/nowhere/at-all.yaml"], "");
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("/nowhere/at-all.yaml"));
}

#[test]
fn with_the_organization_at_hand_what_is_not_in_it_is_a_warning() {
    let organization = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("organization.json");
    std::fs::write(&organization, ORGANIZATION).unwrap();
    let rule = r#"{"rule": "some", "products": "*", "accounts": {"account": ["111111111111", "111111111112"]}}"#;
    let organization = organization.to_str().unwrap();
    let output = check(&["-", "--organization", organization, "--format", "json"], rule);
    assert_eq!(output.status.code(), Some(0));
    let found = findings(&output);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0]["severity"].as_str(), found[0]["attribute"].as_str()),
        (Some("warning"), Some("accounts.account"))
    );
    assert!(found[0]["help"].as_str().unwrap().contains("111111111111"), "{found:?}");
}
