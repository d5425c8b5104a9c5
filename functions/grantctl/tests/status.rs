//! `grantctl status` against a served world in which Grantway has been at work

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "program/run.rs"]
mod run;
#[path = "program/served.rs"]
mod served;

use std::fs;
use std::process::Output;
use std::time::Duration;

use grantctl::deployment::Deployment;
use pretend_aws::{Blueprint, Purchase, Settings, World};
use serde_json::{Value, json};
use served::Served;

const HUB: &str = "210987654321";
/// Has its grant
const GRANTED: &str = "318204957731";
/// Suspended in the sample
const SUSPENDED: &str = "730912846625";
/// Had its grant by a rule that is disabled now
const KEPT: &str = "402958173646";
/// Is named by a rule that no function has seen
const NEWCOMER: &str = "560192837465";

fn grantctl(served: &Served, arguments: &[&str], input: &str) -> Output {
    let variables = served.environment.as_object().unwrap();
    let variables = variables.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
    run::run(arguments, variables, input)
}

fn text(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), output.stderr.as_slice()].concat()).unwrap()
}

/// What `status --format json` says, and how it ended
fn status(served: &Served, arguments: &[&str]) -> (Value, Option<i32>) {
    let output = grantctl(served, &[&["status", "--format", "json"], arguments].concat(), "");
    assert!(output.stderr.is_empty(), "{}", text(&output));
    (serde_json::from_slice(&output.stdout).unwrap(), output.status.code())
}

fn rule(id: &str, accounts: &Value) -> Value {
    json!({"rule": id, "products": "*", "accounts": {"account": accounts}})
}

/// A world in which lanes have looked at one license under two rules, one of which is disabled by now, in a file
///
/// `last` is what has been put into the policy table in the end.
async fn saved(test: &str, last: Option<Value>) -> String {
    let world = World::new(&Blueprint::sample(), Settings { seed: 3, ..Settings::default() });
    let mut deployment = Deployment::new(&world, 3).await.unwrap();
    deployment.put_rule(&rule("some", &json!([HUB, GRANTED, SUSPENDED]))).await.unwrap();
    deployment.put_rule(&rule("former", &json!([KEPT]))).await.unwrap();
    world.purchase(&Purchase::sample());
    deployment.pass(Duration::from_secs(3600)).await.unwrap();
    let mut former = rule("former", &json!([KEPT]));
    former["enabled"] = json!(false);
    deployment.put_rule(&former).await.unwrap();
    deployment.pass(Duration::from_secs(600)).await.unwrap();
    if let Some(item) = last {
        deployment.put_rule(&item).await.unwrap();
    }
    let file = std::env::temp_dir().join(format!("grantctl-status-{test}-{}.json", std::process::id()));
    fs::write(&file, world.save().unwrap()).unwrap();
    file.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn counts_come_first_then_what_is_not_plainly_active_with_its_since() {
    let file = saved("counts", None).await;
    let served = Served::start(&["--load", &file]);
    let license = Purchase::sample().license;

    let (found, exit) = status(&served, &[]);
    assert_eq!(exit, Some(0), "{found}");
    let counts = &found["counts"];
    assert_eq!((&counts["pairs"], &counts["licenses"], &counts["accounts"]), (&json!(3), &json!(1), &json!(3)));
    assert_eq!((&counts["settled"], &counts["moving"], &counts["blocked"]), (&json!(3), &json!(0), &json!(0)));
    assert_eq!(counts["reason_codes"], json!({"ACTIVE": 1, "HOLDER": 1, "ACCOUNT_SUSPENDED": 1}));
    let exceptions = found["exceptions"].as_array().unwrap();
    assert_eq!(exceptions.len(), 1, "{found}");
    let suspended = &exceptions[0];
    assert_eq!((&suspended["license"], &suspended["account"]), (&json!(license), &json!(SUSPENDED)));
    assert_eq!((&suspended["reason_code"], &suspended["rule"]), (&json!("ACCOUNT_SUSPENDED"), &json!("some")));
    // When the lane noted it, in the first hour of the world, and not now.
    let since = suspended["since"].as_str().unwrap();
    assert!(since.starts_with("2026-09-14T08:"), "{since}");
    assert!(suspended["next_look"].as_str().unwrap() > since, "{suspended}");
    assert_eq!(found["kept"], json!([{"license": license, "grant": KEPT, "reason_code": "NO_LONGER_WANTED"}]));
    let meanings: Vec<&str> =
        found["meanings"].as_array().unwrap().iter().map(|one| one["reason_code"].as_str().unwrap()).collect();
    assert_eq!(meanings, ["ACCOUNT_SUSPENDED", "NO_LONGER_WANTED"]);

    let shown = text(&grantctl(&served, &["status"], ""));
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[0], "pairs: 3 (3 settled, 0 moving, 0 blocked), licenses: 1, accounts: 3");
    let line =
        format!("  settled   {license} -> {SUSPENDED}  ACCOUNT_SUSPENDED (rule some), since {since}, next look ");
    assert!(lines[4].starts_with(&line), "{shown}");
    assert_eq!(lines[5], format!("  keep      {license} -> {KEPT}  NO_LONGER_WANTED"));
    assert_eq!(shown.matches("ACCOUNT_SUSPENDED: the account is suspended").count(), 1, "{shown}");
    served.end("-TERM");
    fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn what_a_rule_asks_for_and_no_run_has_made_yet_moves_and_nothing_is_written() {
    let file = saved("moving", None).await;
    let served = Served::start(&["--load", &file]);
    let put = ["policy", "put", "-", "--yes", "--account", HUB];
    let newcomer = rule("newcomer", &json!([NEWCOMER]));
    assert_eq!(grantctl(&served, &put, &newcomer.to_string()).status.code(), Some(0));
    let before = served.ask("GET /_sim/world", "")["tables"].clone();

    let (found, exit) = status(&served, &[]);
    assert_eq!((exit, &found["counts"]["moving"]), (Some(2), &json!(1)), "{found}");
    let moving = &found["exceptions"][0];
    assert_eq!((&moving["standing"], &moving["reason_code"]), (&json!("moving"), &json!("CREATING")));
    assert_eq!((&moving["rule"], &moving["since"]), (&json!("newcomer"), &json!(null)));
    assert_eq!(served.ask("GET /_sim/world", "")["tables"], before, "a status leaves no trace");

    let only = |arguments: &[&str]| {
        let (found, exit) = status(&served, arguments);
        let accounts = found["exceptions"].as_array().unwrap().iter().map(|one| one["account"].clone());
        (found["counts"]["pairs"].clone(), Value::Array(accounts.collect()), exit)
    };
    let license = Purchase::sample().license;
    let both = json!([NEWCOMER, SUSPENDED]);
    assert_eq!(only(&["--license", &license]), (json!(4), both, Some(2)));
    assert_eq!(only(&["--account", GRANTED]), (json!(1), json!([]), Some(0)));
    assert_eq!(only(&["--account", SUSPENDED]), (json!(1), json!([SUSPENDED]), Some(0)));
    assert_eq!(only(&["--rule", "newcomer"]), (json!(1), json!([NEWCOMER]), Some(2)));
    assert_eq!(only(&["--rule", "some"]), (json!(3), json!([SUSPENDED]), Some(0)));
    assert_eq!(only(&["--reason", "CREATING"]), (json!(1), json!([NEWCOMER]), Some(2)));
    assert_eq!(only(&["--reason", "PAUSED"]), (json!(0), json!([]), Some(0)));
    served.end("-TERM");
    fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn what_is_paused_is_blocked_and_told_how_to_mend_it() {
    let file = saved("paused", Some(json!({"rule": "_settings", "paused": true}))).await;
    let served = Served::start(&["--load", &file]);
    let put = ["policy", "put", "-", "--yes", "--account", HUB];
    let newcomer = rule("newcomer", &json!([NEWCOMER, SUSPENDED]));
    assert_eq!(grantctl(&served, &put, &newcomer.to_string()).status.code(), Some(0));
    let shown = grantctl(&served, &["status"], "");
    assert_eq!(shown.status.code(), Some(2));
    let shown = text(&shown);
    assert!(shown.starts_with("pairs: 4 (3 settled, 0 moving, 1 blocked)"), "{shown}");
    let license = Purchase::sample().license;
    let blocked = format!("\n  blocked   {license} -> {NEWCOMER}  PAUSED (rule newcomer), not noted yet, next look ");
    let settled = format!("\n  settled   {license} -> {SUSPENDED}  ACCOUNT_SUSPENDED ");
    assert!(shown.find(&blocked).unwrap() < shown.find(&settled).unwrap(), "what is blocked comes first: {shown}");
    assert!(shown.contains("; to mend it: set `_settings.paused` to false"), "{shown}");
    served.end("-TERM");
    fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_ends_with_3_and_says_why() {
    let file = saved("unreadable", Some(json!({"rule": "torn", "products": "*"}))).await;
    let served = Served::start(&["--load", &file]);
    let (found, exit) = status(&served, &[]);
    assert_eq!((exit, &found["counts"]["pairs"]), (Some(3), &json!(3)), "{found}");
    assert_eq!(found["findings"][0]["rule"], "torn");
    assert!(text(&grantctl(&served, &["status"], "")).contains("\n! rule `torn`"));
    served.end("-TERM");
    fs::remove_file(file).unwrap();
}

#[test]
fn what_there_is_not_is_refused_by_name() {
    let served = Served::start(&["--seed", "3"]);
    let refused = |arguments: &[&str]| {
        let output = grantctl(&served, &[&["status"], arguments].concat(), "");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{}", text(&output));
        text(&output)
    };
    let reason = refused(&["--reason", "MEMBER_ROLE_MISING"]);
    assert!(reason.contains("`MEMBER_ROLE_MISING` is no reason code"), "{reason}");
    assert!(reason.contains("did you mean `MEMBER_ROLE_MISSING`?"), "{reason}");
    assert!(reason.contains("ACTIVE, HOLDER, "), "the whole list: {reason}");
    let account = refused(&["--account", "999999999999"]);
    assert!(account.contains("`999999999999` is no account of organization `o-4kq7vt2m9x`"), "{account}");
    assert!(refused(&["--account", "12"]).contains("--account: `12` is not an account id"));
    let license = refused(&["--license", "l-1"]);
    assert!(license.contains("this account holds no license `l-1`"), "{license}");
    assert!(refused(&["--rule", "nobody"]).contains("no rule `nobody` is in force"));
    served.end("-TERM");
}
