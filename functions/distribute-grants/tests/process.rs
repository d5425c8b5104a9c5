//! The built binary as processes, under a Lambda Runtime API and against a pretend AWS behind a port

// The SDK's nested futures are deeper than the compiler's default for laying out types.
#![recursion_limit = "256"]

// `cfg(test)` is always true here; it tells Clippy that this is test code.
#[cfg(test)]
#[path = "process/edits.rs"]
mod edits;
#[cfg(test)]
#[path = "process/function.rs"]
mod function;
#[cfg(test)]
#[path = "process/hub.rs"]
mod hub;
#[cfg(test)]
#[path = "process/kills.rs"]
mod kills;
#[cfg(test)]
#[path = "process/mappings.rs"]
mod mappings;
#[cfg(test)]
#[path = "process/nowhere.rs"]
mod nowhere;
#[cfg(test)]
#[path = "process/story.rs"]
mod story;

use std::collections::BTreeSet;
use std::time::Duration;

use function::Function;
use hub::{Environment, Hub};
use kills::{Kill, Killing};
use mappings::{Woken, batch, in_process};
use nowhere::Nowhere;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

const BINARY: &str = env!("CARGO_BIN_EXE_distribute-grants");

fn as_role(hub: &Hub, role: &str) -> Environment {
    let mut environment = hub.environment();
    environment.insert("GRANTWAY_FUNCTION".to_owned(), role.to_owned());
    environment
}

#[tokio::test]
async fn two_processes_bring_licenses_to_the_accounts_that_the_rules_name_and_to_no_others() {
    let hub = Hub::start(1).await;
    let dispatch = Function::start(BINARY, &as_role(&hub, "dispatch")).await;
    let lane = Function::start(BINARY, &as_role(&hub, "lane")).await;
    story::play(&hub, async |woken, payload| match woken {
        Woken::Dispatch => dispatch.invoke(payload).await,
        Woken::Lane => lane.invoke(payload).await,
        Woken::Accept => in_process(accept_grants::handle(hub.engine(), payload).await),
    })
    .await;
}

#[tokio::test]
async fn an_edit_that_cannot_be_read_leaves_the_version_before_it_in_force() {
    let hub = Hub::start(5).await;
    let mut talkative = as_role(&hub, "dispatch");
    talkative.insert("RUST_LOG".to_owned(), "info".to_owned());
    let dispatch = Function::start(BINARY, &talkative).await;
    let lane = Function::start(BINARY, &as_role(&hub, "lane")).await;
    edits::play(&hub, async |woken, payload| match woken {
        Woken::Dispatch => dispatch.invoke(payload).await,
        Woken::Lane => lane.invoke(payload).await,
        Woken::Accept => in_process(accept_grants::handle(hub.engine(), payload).await),
    })
    .await;
    assert!(dispatch.said().contains("\"invalid\":1"), "the metric filter finds nothing: {}", dispatch.said());
}

#[tokio::test]
async fn what_no_service_sends_is_kept_and_the_process_lives_on() {
    let hub = Hub::start(2).await;
    for (role, answer) in [("dispatch", Value::Null), ("lane", json!({"batchItemFailures": []}))] {
        let mut function = Function::start(BINARY, &as_role(&hub, role)).await;
        for garbage in [json!(null), json!([]), json!({"Records": 7})] {
            assert_eq!(function.invoke(garbage).await, Ok(answer.clone()), "{role}");
        }
        assert!(function.lives() && !function.said().contains("panicked"), "{}", function.said());
    }
    // Kept once although both were sent it.
    let mut kept = hub.quarantined().await;
    kept.sort();
    assert_eq!(kept, ["[]", "null", "{\"Records\":7}"]);
}

#[tokio::test]
async fn a_variable_that_is_missing_or_malformed_ends_the_process_with_its_name_its_value_and_the_fix() {
    let hub = Hub::start(3).await;
    for (name, value, says) in [
        ("GRANTWAY_FUNCTION", None, "`GRANTWAY_FUNCTION` is missing; set it to `dispatch` or `lane`"),
        ("GRANTWAY_FUNCTION", Some("Lane"), "`GRANTWAY_FUNCTION` is `Lane`: no such function; set it to `dispatch` or"),
        ("GRANTWAY_LEDGER_TABLE", None, "`GRANTWAY_LEDGER_TABLE` is missing; set it to the name of the ledger table"),
        ("GRANTWAY_GRANT_BUDGET", Some("2001"), "`GRANTWAY_GRANT_BUDGET` is `2001`: it is out of range; set it to a"),
    ] {
        let mut environment = as_role(&hub, "lane");
        match value {
            Some(value) => environment.insert(name.to_owned(), value.to_owned()),
            None => environment.remove(name),
        };
        let mut function = Function::start(BINARY, &environment).await;
        let ended = timeout(Duration::from_secs(5), function.ended()).await;
        assert_eq!(ended.ok().and_then(|status| status.code()), Some(1), "{name}: {}", function.said());
        assert!(function.said().contains(says), "{name}: {}", function.said());
    }
}

#[tokio::test]
async fn without_aws_an_invocation_fails_in_time_and_says_what_did_not_answer() {
    let (hub, nowhere) = (Hub::start(4).await, Nowhere::new());
    let mut dispatch = Function::start(BINARY, &nowhere.instead_of_aws(as_role(&hub, "dispatch"))).await;
    let mut lane = Function::start(BINARY, &nowhere.instead_of_aws(as_role(&hub, "lane"))).await;
    let license = "arn:aws:license-manager::294406891311:license:l-8c1f40d2b7e94a6fa3d5906e27b1c84f";
    let work = json!({"license": license, "wanted": 1}).to_string();

    let began = Instant::now();
    // All at once, since each waits through the SDK's attempts.
    let (event, look) = tokio::join!(dispatch.invoke(json!({"job": "sweep"})), lane.invoke(batch(&[&work])));
    let error = event.expect_err("nothing can be swept");
    assert_eq!(error.error_type, "Retryable");
    for part in ["Ledger: no answer", "Connection refused"] {
        assert!(error.message.contains(part), "{error}");
    }
    assert_eq!(look, Ok(json!({"batchItemFailures": [{"itemIdentifier": "0"}]})));
    // Half of the 30 s that dispatch has (`infra/hub.yaml`)
    assert!(began.elapsed() < Duration::from_secs(15), "took {:?}", began.elapsed());
    println!("dispatch and lane without AWS: {:.1?}", began.elapsed());
    assert!(dispatch.lives() && lane.lives());
}

#[tokio::test]
async fn lanes_killed_twenty_at_a_time_leave_one_grant_for_each_account_and_nothing_to_do() {
    let mut last = BTreeSet::new();
    for seed in 1..=3 {
        let hub = Hub::start(seed).await;
        let mut killing = Killing::new(&hub, BINARY, as_role(&hub, "lane"), seed).await;
        let kills = killing.kill(20).await;
        println!("seed {seed}");
        kills.iter().for_each(|kill| println!("  {kill}"));
        let amid = kills.iter().filter(|kill| kill.fell_amid_writes()).count();
        assert!(amid >= 10, "seed {seed}: only {amid} fell amid a run's writes");
        last.extend(kills.iter().map(Kill::last));

        killing.settle().await;
        killing.check_ledger().await;
        let before = hub.world().with(|state| state.calls.of("LicenseManager").write);
        killing.reconcile().await;
        killing.settle().await;
        let after = hub.world().with(|state| state.calls.of("LicenseManager").write);
        assert_eq!(after, before, "seed {seed}: a settled license is not left alone");
    }
    // Where it hurts most: the grant is there, and the ledger has not heard of it.
    assert!(last.contains("LicenseManager CreateGrant"), "{last:?}");
    assert!(last.contains("LicenseManager CreateGrantVersion"), "{last:?}");
    assert!(last.len() >= 5, "{last:?}");
}
