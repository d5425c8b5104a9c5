//! `grantctl sim` as a process: what it prints, serves, saves and takes up again

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets something unexpected should stop there"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use served::Served;

#[path = "program/served.rs"]
mod served;

fn grantctl(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantctl"));
    command.arg("sim").args(arguments);
    command
}

/// Standard output of a run that ends by itself
fn said(arguments: &[&str]) -> Output {
    grantctl(arguments).output().unwrap()
}

fn folder(test: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("grantctl-sim-{test}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn document(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn a_terminated_world_is_saved_and_another_process_goes_on_with_it() {
    let folder = folder("saved");
    let (first, second) = (folder.join("first.json"), folder.join("second.json"));
    let (one, two) = (first.to_str().unwrap(), second.to_str().unwrap());

    let served = Served::start(&["--seed", "9", "--save", one]);
    served.ask("POST /_sim/purchase", "");
    served.ask("POST /_sim/advance", &json!({"seconds": 60}).to_string());
    let license = served.ask("GET /_sim/state", "")["licenses"][0].clone();
    assert_eq!(license["status"], "AVAILABLE");
    served.end("-TERM");

    let saved = document(&first);
    assert_eq!((&saved["schema"], &saved["seed"]), (&json!(1), &json!(9)));
    let served = Served::start(&["--load", one, "--save", two]);
    assert_eq!(served.ask("GET /_sim/state", "")["licenses"][0], license);
    let mut whole = served.ask("GET /_sim/world", "");
    served.end("-INT");

    // Nothing was due: of two moments of the same world only the clock differs.
    let mut again = document(&second);
    assert!(again["now"].as_str() >= saved["now"].as_str());
    for document in [&mut whole, &mut again] {
        document["now"] = saved["now"].clone();
        assert_eq!(*document, saved);
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "no draft stays behind");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_scenario_is_what_is_served() {
    let folder = folder("scenario");
    let file = folder.join("scenario.json");
    // Faults on DynamoDB do not keep the tables from being made.
    let scenario = json!({
        "seed": 3, "knobs": {"workflow_seconds": 5}, "faults": {"server_error": 1.0, "services": ["DynamoDb"]},
    });
    fs::write(&file, scenario.to_string()).unwrap();
    let served = Served::start(&["--scenario", file.to_str().unwrap()]);
    assert_eq!(served.ask("GET /_sim/knobs", "")["workflow_seconds"], 5);
    let faults = served.ask("GET /_sim/faults", "");
    assert_eq!((&faults["server_error"], &faults["services"]), (&json!(1.0), &json!(["DynamoDb"])));
    let world = served.ask("GET /_sim/world", "");
    let tables: Vec<&str> =
        world["tables"].as_array().unwrap().iter().filter_map(|one| one["definition"]["TableName"].as_str()).collect();
    assert_eq!(tables, ["ledger", "policy"]);
    assert_eq!(world["seed"], 3);
    served.end("-TERM");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_lists_are_the_catalogs() {
    let list = |what: &str| -> Value { serde_json::from_slice(&said(&[what, "--format", "json"]).stdout).unwrap() };
    assert_eq!(list("knobs"), serde_json::to_value(pretend_aws::Knobs::catalog()).unwrap());
    assert_eq!(list("faults"), serde_json::to_value(pretend_aws::Faults::catalog()).unwrap());
    let text = String::from_utf8(said(&["faults"]).stdout).unwrap();
    for kind in pretend_aws::Faults::catalog() {
        assert!(text.contains(&format!("│ {} ", kind.name)), "{text}");
    }
}

#[test]
fn what_cannot_be_loaded_ends_with_1_and_one_line() {
    let folder = folder("refused");
    let file = folder.join("newer.json");
    fs::write(&file, "{\"schema\": 2}").unwrap();
    let refused = said(&["--load", file.to_str().unwrap()]);
    let why = String::from_utf8(refused.stderr).unwrap();
    assert_eq!((refused.status.code(), why.lines().count()), (Some(1), 1), "{why}");
    assert!(why.contains("newer.json` is no saved world: `schema` is 2"), "{why}");
    assert!(refused.stdout.is_empty());
    fs::remove_dir_all(folder).unwrap();
}
