//! `grantctl retry`, `adopt` and `ledger rebuild` against a served world in which Grantway has been at work

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
use pretend_aws::license_manager::{Context, GrantStatus, LicenseManager};
use pretend_aws::{Blueprint, Knobs, Purchase, Settings, World};
use serde_json::{Value, json};
use served::Served;

const HUB: &str = "210987654321";
/// Has its grant
const GRANTED: &str = "318204957731";
/// Has rejected its grant
const REJECTING: &str = "402958173646";
/// Has a grant that a person made
const BY_HAND: &str = "560192837465";
/// Has a grant of another deployment
const ELSEWHERE: &str = "519283746501";

fn grantctl(served: &Served, arguments: &[&str]) -> Output {
    let variables = served.environment.as_object().unwrap();
    let variables = variables.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
    run::run(arguments, variables, "")
}

fn text(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), output.stderr.as_slice()].concat()).unwrap()
}

/// What a command proposes for the only license, and how it ended
fn proposed(served: &Served, arguments: &[&str]) -> (Value, Option<i32>) {
    let output = grantctl(served, &[arguments, &["--format", "json"]].concat());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    (document["proposals"].clone(), output.status.code())
}

fn tables(served: &Served) -> Value {
    served.ask("GET /_sim/world", "")["tables"].clone()
}

/// The reason code of an account, as `status` finds it
fn code(served: &Served, account: &str) -> Value {
    let output = grantctl(served, &["status", "--account", account, "--format", "json"]);
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    status["exceptions"][0]["reason_code"].clone()
}

/// A person calls License Manager past Grantway
fn person(world: &World, caller: &str, operation: &str, body: &Value) {
    world.with(|state| {
        let now = state.now();
        let (organization, knobs, ids) = (&state.organization, &state.knobs, &mut state.rng);
        let mut context = Context { now, caller, organization, knobs, ids, slow: false };
        state.license_manager.act_as_person(&mut context, operation, body).unwrap();
    });
}

fn granted_by(world: &World, name: &str, account: &str) {
    let body = json!({
        "ClientToken": format!("by-hand-{account}"), "GrantName": name, "HomeRegion": "us-east-1",
        "LicenseArn": LicenseManager::license_arn(&Purchase::sample().license),
        "Principals": [format!("arn:aws:iam::{account}:root")], "AllowedOperations": ["CheckoutLicense"],
    });
    person(world, HUB, "CreateGrant", &body);
}

/// A world in which one account has its grant, one has rejected it, and two have somebody else's; in a file
async fn saved(test: &str, ledger_emptied: bool) -> String {
    let knobs = Knobs { auto_accept_account_grants: false, ..Knobs::default() };
    let world = World::new(&Blueprint::sample(), Settings { seed: 3, knobs, ..Settings::default() });
    world.with(|state| state.sts.missing_roles.insert(REJECTING.to_owned()));
    let mut deployment = Deployment::new(&world, 3).await.unwrap();
    world.purchase(&Purchase::sample());
    deployment.pass(Duration::from_secs(600)).await.unwrap();
    granted_by(&world, "for the payments team", BY_HAND);
    granted_by(&world, "gw/other/everyone/0123456789abcdef0123456789abcdef", ELSEWHERE);
    let accounts = [GRANTED, REJECTING, BY_HAND, ELSEWHERE];
    let rule = json!({"rule": "some", "products": "*", "accounts": {"account": accounts}});
    deployment.put_rule(&rule).await.unwrap();
    deployment.pass(Duration::from_secs(3600)).await.unwrap();
    let waiting = world.with(|state| {
        let mut grants = state.license_manager.grants();
        let waits = grants.find(|grant| grant.principal.account() == Some(REJECTING)).unwrap();
        assert_eq!(waits.status, GrantStatus::PendingAccept);
        waits.arn.clone()
    });
    person(&world, REJECTING, "RejectGrant", &json!({"GrantArn": waiting}));
    deployment.pass(Duration::from_secs(3600)).await.unwrap();
    if ledger_emptied {
        let client = &deployment.engine().clients().dynamodb;
        let table = &deployment.config().ledger_table;
        let items = world.run(client.scan().table_name(table).send()).await.unwrap().items.unwrap();
        for mut item in items {
            item.retain(|name, _| matches!(name.as_str(), "pk" | "sk"));
            let call = client.delete_item().table_name(table).set_key(Some(item));
            world.run(call.send()).await.unwrap();
        }
    }
    let file = std::env::temp_dir().join(format!("grantctl-amend-{test}-{}.json", std::process::id()));
    fs::write(&file, world.save().unwrap()).unwrap();
    file.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_retry_is_shown_then_written_only_where_it_is_meant() {
    let file = saved("retry", false).await;
    let served = Served::start(&["--load", &file]);
    let license = Purchase::sample().license;
    let retry = ["retry", "--license", &license, "--account", REJECTING];
    assert_eq!(code(&served, REJECTING), "REJECTED");
    let before = tables(&served);

    let unasked = grantctl(&served, &retry);
    assert_eq!(unasked.status.code(), Some(1));
    assert!(text(&unasked).contains("the rejected grant is deleted, and a new one made"), "{}", text(&unasked));
    assert!(text(&unasked).contains("say `--yes --hub ID`. Nothing was written"), "{}", text(&unasked));
    let elsewhere = grantctl(&served, &[&retry[..], &["--yes", "--hub", GRANTED]].concat());
    assert_eq!(elsewhere.status.code(), Some(1));
    assert!(text(&elsewhere).contains("`--hub` is `318204957731`"), "{}", text(&elsewhere));
    assert_eq!(tables(&served), before);

    let meant = [&retry[..], &["--yes", "--hub", HUB]].concat();
    let (proposals, exit) = proposed(&served, &meant);
    assert_eq!(exit, Some(0), "{proposals}");
    assert_eq!(proposals[0]["license"], license);
    assert_eq!(proposals[0]["amendments"][0]["to"], REJECTING);
    assert!(proposals[0]["amendments"][0]["grant"].is_string(), "{proposals}");
    assert_ne!(tables(&served), before);
    let plan = text(&grantctl(&served, &["plan", "--license", &license]));
    assert!(plan.contains(&format!("- delete    {license} -> {REJECTING}")), "{plan}");
    // It is under way, and asking once more is no harm.
    let (again, exit) = proposed(&served, &meant);
    assert_eq!((exit, &again[0]["amendments"]), (Some(0), &json!([])), "{again}");
    assert_eq!(again[0]["left"][0]["settled"], true);
    served.end("-TERM");
    fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn what_another_try_would_not_change_is_said_and_is_no_success() {
    let file = saved("refused", false).await;
    let served = Served::start(&["--load", &file]);
    let license = Purchase::sample().license;
    let retried = |account: &str| grantctl(&served, &["retry", "--license", &license, "--account", account]);
    let foreign = retried(BY_HAND);
    assert_eq!(foreign.status.code(), Some(1));
    assert!(text(&foreign).contains("FOREIGN_NOT_ACTIVE: another try would change nothing"), "{}", text(&foreign));
    let active = retried(GRANTED);
    assert_eq!(active.status.code(), Some(0), "{}", text(&active));
    assert!(text(&active).contains("ACTIVE: there is nothing to try again"), "{}", text(&active));
    let places = grantctl(&served, &["retry", "--license", &license]);
    assert_eq!((places.status.code(), text(&places).trim()), (Some(0), "nothing waits for another try"));
    assert_eq!(retried("12").status.code(), Some(1));
    let unknown = grantctl(&served, &["retry", "--license", "l-1", "--account", GRANTED]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text(&unknown).contains("this account holds no license `l-1`"), "{}", text(&unknown));
    served.end("-TERM");
    fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn a_hand_made_grant_is_listed_then_taken_over_by_name() {
    let file = saved("adopt", false).await;
    let served = Served::start(&["--load", &file]);
    let license = Purchase::sample().license;
    let adopt = |more: &[&str]| grantctl(&served, &[&["adopt", "--license", &license], more].concat());
    let mean_it = ["--yes", "--hub", HUB];
    let before = tables(&served);
    let listed = adopt(&mean_it);
    assert_eq!(listed.status.code(), Some(2), "a list writes nothing: {}", text(&listed));
    assert!(text(&listed).contains(&format!("{license} -> {BY_HAND}")), "{}", text(&listed));
    assert!(!text(&listed).contains(ELSEWHERE), "not by hand: {}", text(&listed));
    let other = adopt(&[&["--account", ELSEWHERE], &mean_it[..]].concat());
    assert_eq!(other.status.code(), Some(1), "{}", text(&other));
    assert!(text(&other).contains("another deployment of Grantway made it"), "{}", text(&other));
    let nothing = adopt(&[&["--organization"], &mean_it[..]].concat());
    assert_eq!(nothing.status.code(), Some(1), "{}", text(&nothing));
    assert_eq!(adopt(&["--account", BY_HAND]).status.code(), Some(1), "nobody is there to be asked");
    assert_eq!(tables(&served), before);

    assert_eq!(code(&served, BY_HAND), "FOREIGN_NOT_ACTIVE");
    let taken = adopt(&[&["--account", BY_HAND], &mean_it[..]].concat());
    assert_eq!(taken.status.code(), Some(0), "{}", text(&taken));
    assert_ne!(code(&served, BY_HAND), "FOREIGN_NOT_ACTIVE");
    let again = adopt(&[&["--account", BY_HAND], &mean_it[..]].concat());
    assert_eq!(again.status.code(), Some(0), "{}", text(&again));
    assert!(text(&again).contains("it is ours already"), "{}", text(&again));
    served.end("-TERM");
    fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn a_lost_ledger_is_rebuilt_from_the_stamps_that_grants_carry() {
    let file = saved("rebuild", true).await;
    let served = Served::start(&["--load", &file]);
    let rebuild = ["ledger", "rebuild"];
    let unasked = grantctl(&served, &rebuild);
    assert_eq!(unasked.status.code(), Some(1));
    assert!(text(&unasked).contains("--yes --account ID"), "{}", text(&unasked));
    assert_eq!(code(&served, REJECTING), "STAMP_WITHOUT_ENTRY");
    let (proposals, exit) = proposed(&served, &[&rebuild[..], &["--yes", "--account", HUB]].concat());
    assert_eq!(exit, Some(0), "{proposals}");
    let to: Vec<&str> =
        proposals[0]["amendments"].as_array().unwrap().iter().map(|one| one["to"].as_str().unwrap()).collect();
    assert_eq!(to.len(), 2, "{proposals}");
    assert!(to.contains(&GRANTED) && to.contains(&REJECTING), "{proposals}");
    assert_eq!(code(&served, REJECTING), "REJECTED");
    let again = grantctl(&served, &rebuild);
    let known = "the ledger knows every grant that carries this deployment's stamp";
    assert_eq!((again.status.code(), text(&again).trim()), (Some(0), known));
    served.end("-TERM");
    fs::remove_file(file).unwrap();
}
