//! The policy table from the command line, against a served world

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "program/run.rs"]
mod run;
#[path = "program/served.rs"]
mod served;

use std::process::Output;

use serde_json::{Value, json};
use served::Served;

const HUB: &str = "210987654321";
const MEMBER: &str = "318204957731";

/// `grantctl` in the environment of a world, with this on standard input
fn grantctl(served: &Served, arguments: &[&str], input: &str) -> Output {
    let variables = served.environment.as_object().unwrap();
    let variables = variables.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
    run::run(arguments, variables, input)
}

fn text(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), output.stderr.as_slice()].concat()).unwrap()
}

fn rules(of: &[(&str, &str)]) -> String {
    let rule = |(id, selector): &(&str, &str)| json!({"rule": id, "products": "*", "accounts": {"account": selector}});
    of.iter().map(rule).map(|rule| format!("---\n{rule}\n")).collect()
}

#[test]
fn what_is_exported_is_imported_without_a_change() {
    let served = Served::start(&["--seed", "3"]);
    let mean_it = ["policy", "import", "-", "--yes", "--account", HUB];
    let put = grantctl(&served, &mean_it, &rules(&[("one", MEMBER), ("two", HUB)]));
    assert_eq!((put.status.code(), text(&put).matches("+ ").count()), (Some(0), 2), "{}", text(&put));
    let exported = grantctl(&served, &["policy", "export"], "");
    let again = grantctl(&served, &mean_it, &text(&exported));
    assert_eq!((again.status.code(), text(&again).trim()), (Some(0), "nothing to change"));
    let one = grantctl(&served, &["policy", "get", "one", "--format", "json"], "");
    let item: Value = serde_json::from_slice(&one.stdout).unwrap();
    assert_eq!(item["accounts"]["account"], MEMBER);
    // What no file has is taken out; what cannot be read changes nothing.
    let less = grantctl(&served, &mean_it, &rules(&[("two", HUB)]));
    assert!(less.status.success() && text(&less).contains("- one"), "{}", text(&less));
    let bad = grantctl(&served, &mean_it, "{rule: three}");
    assert_eq!(bad.status.code(), Some(3), "{}", text(&bad));
    assert_eq!(grantctl(&served, &["policy", "get", "two"], "").status.code(), Some(0));
    assert_eq!(grantctl(&served, &["policy", "get", "one"], "").status.code(), Some(1));
    served.end("-TERM");
}

#[test]
fn nothing_is_written_unasked_or_in_another_account() {
    let served = Served::start(&["--seed", "3"]);
    let rule = rules(&[("one", MEMBER)]);
    let unasked = grantctl(&served, &["policy", "put", "-"], &rule);
    assert_eq!(unasked.status.code(), Some(1));
    assert!(text(&unasked).contains("--yes --account"), "{}", text(&unasked));
    let elsewhere = grantctl(&served, &["policy", "put", "-", "--yes", "--account", MEMBER], &rule);
    assert_eq!(elsewhere.status.code(), Some(1));
    assert!(text(&elsewhere).contains(HUB), "{}", text(&elsewhere));
    assert_eq!(text(&grantctl(&served, &["policy", "export"], "")), "");
    served.end("-TERM");
}

#[test]
fn a_pair_is_explained_with_the_rule_that_decided() {
    let served = Served::start(&["--seed", "3"]);
    served.ask("POST /_sim/purchase", "");
    served.ask("POST /_sim/advance", &json!({"seconds": 600}).to_string());
    let license = served.ask("GET /_sim/state", "")["licenses"][0]["id"].clone();
    let put = ["policy", "put", "-", "--yes", "--account", HUB];
    assert_eq!(grantctl(&served, &put, &rules(&[("one", MEMBER)])).status.code(), Some(0));
    let explained = |account: &str| -> Value {
        let arguments = ["explain", "--account", account, "--license", license.as_str().unwrap(), "--format", "json"];
        let output = grantctl(&served, &arguments, "");
        assert!(output.status.success(), "{}", text(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let granted = explained(MEMBER);
    assert_eq!((&granted["decision"], &granted["rule"]), (&json!("granted"), &json!("one")));
    assert_eq!((&granted["state"], &granted["reason_code"]), (&json!("moving"), &json!("CREATING")));
    assert!(granted["version"].is_string() && !granted["because"].as_array().unwrap().is_empty(), "{granted}");
    let missed = explained("402958173646");
    assert_eq!((&missed["decision"], &missed["reason_code"]), (&json!("not-selected"), &json!(null)));
    let because = missed["because"].to_string();
    assert!(because.contains("one"), "which rule missed, and on what: {because}");
    served.end("-TERM");
}

#[test]
fn what_files_would_do_is_planned_and_what_nobody_gets_is_listed_with_a_rule_for_it() {
    let served = Served::start(&["--seed", "3"]);
    served.ask("POST /_sim/purchase", "");
    served.ask("POST /_sim/advance", &json!({"seconds": 600}).to_string());
    let license = served.ask("GET /_sim/state", "")["licenses"][0]["id"].clone();
    let document = |output: &Output| -> Value { serde_json::from_slice(&output.stdout).unwrap() };

    let nothing = grantctl(&served, &["plan", "--format", "json"], "");
    assert_eq!(nothing.status.code(), Some(0), "{}", text(&nothing));
    let listed = document(&nothing);
    assert_eq!((&listed["plans"], &listed["suggestions"][0]["license"]), (&json!([]), &license));
    assert!(text(&grantctl(&served, &["plan"], "")).contains("there is no rule yet"));

    // What it suggests, planned as a file: a grant that is not made yet. The table is still empty.
    let suggested = listed["suggestions"][0]["rule"].to_string();
    let planned = grantctl(&served, &["plan", "--policy", "-", "--format", "json"], &suggested);
    assert_eq!(planned.status.code(), Some(2), "{}", text(&planned));
    let planned = document(&planned);
    assert_eq!(planned["plans"][0]["actions"].as_array().unwrap().len(), 1, "{planned}");
    assert_eq!(planned["suggestions"], json!([]));
    assert_eq!(text(&grantctl(&served, &["policy", "export"], "")), "");

    let bad = grantctl(&served, &["plan", "--policy", "-"], "{rule: three}");
    assert_eq!(bad.status.code(), Some(3), "{}", text(&bad));
    served.end("-TERM");
}

#[test]
fn rules_are_held_against_what_there_is() {
    let served = Served::start(&["--seed", "3"]);
    served.ask("POST /_sim/purchase", "");
    served.ask("POST /_sim/advance", &json!({"seconds": 600}).to_string());
    let rule = r#"{"rule": "some", "products": {"sku": "prod-nobody-has"}, "accounts": {"account": "999999999999"}}"#;
    let found = |arguments: &[&str]| -> Vec<String> {
        let output = grantctl(&served, arguments, rule);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = document["findings"].as_array().unwrap();
        findings.iter().map(|finding| finding["attribute"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found(&["check", "-", "--format", "json"]), [""; 0]);
    assert_eq!(found(&["check", "-", "--live", "--format", "json"]), ["accounts", "accounts.account", "products.sku"]);
    served.end("-TERM");
}
