//! The built binary as processes, under a Lambda Runtime API and against a pretend AWS behind a port

#![recursion_limit = "256"]

// `cfg(test)` is always true here; it tells Clippy that this is test code.
#[cfg(test)]
#[path = "process/function.rs"]
mod function;
#[cfg(test)]
#[path = "process/hub.rs"]
mod hub;
#[cfg(test)]
#[path = "process/mappings.rs"]
mod mappings;
#[cfg(test)]
#[path = "process/story.rs"]
mod story;

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use tokio::time::Instant;

use function::Function;
use hub::{Environment, Hub};
use mappings::Woken;
use pretend_aws::lambda::runtime_api::FunctionError;
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_distribute-grants");

/// The shorter of the two functions' time-outs (`infra/hub.yaml`)
const DISPATCH_TIMEOUT: Duration = Duration::from_secs(30);

fn of_role(hub: &Hub, role: &str) -> Environment {
    let mut environment = hub.environment();
    environment.insert("GRANTWAY_FUNCTION".to_owned(), role.to_owned());
    environment
}

#[tokio::test]
async fn two_processes_bring_licenses_to_the_accounts_that_the_rules_name_and_no_others() {
    let hub = Hub::start(1).await;
    let dispatch = Function::start(BINARY, &of_role(&hub, "dispatch")).await;
    let lane = Function::start(BINARY, &of_role(&hub, "lane")).await;
    story::play(&hub, async |woken, payload| match woken {
        Woken::Dispatch => dispatch.invoke(payload).await,
        Woken::Lane => lane.invoke(payload).await,
        Woken::Accept => accept_grants::handle(hub.engine(), payload)
            .await
            .map_err(|fault| FunctionError { error_type: fault.error_type().to_owned(), message: fault.to_string() }),
    })
    .await;
}

#[tokio::test]
async fn what_no_service_sends_is_answered_and_the_process_lives_on() {
    let hub = Hub::start(2).await;
    for (role, answer) in [("dispatch", Value::Null), ("lane", json!({"batchItemFailures": []}))] {
        let mut function = Function::start(BINARY, &of_role(&hub, role)).await;
        for garbage in [json!(null), json!([]), json!({"Records": 7})] {
            assert_eq!(function.invoke(garbage).await, Ok(answer.clone()), "{role}");
        }
        assert!(function.lives() && !function.said().contains("panicked"), "{}", function.said());
    }
    // Once each: both functions were sent the same three.
    assert_eq!(hub.quarantined().await.len(), 3);
}

#[tokio::test]
async fn a_variable_that_is_missing_or_malformed_ends_the_process_with_its_name_value_and_fix() {
    let hub = Hub::start(3).await;
    let whole = of_role(&hub, "lane");
    for (name, value, says) in [
        ("GRANTWAY_FUNCTION", None, "environment variable `GRANTWAY_FUNCTION` is missing; set it to `dispatch` or `lane`"),
        ("GRANTWAY_FUNCTION", Some("lanes"), "`GRANTWAY_FUNCTION` is `lanes`: no such function; set it to `dispatch` or"),
        ("GRANTWAY_LEDGER_TABLE", None, "`GRANTWAY_LEDGER_TABLE` is missing; set it to the name of the ledger table"),
        ("GRANTWAY_GRANT_BUDGET", Some("2001"), "`GRANTWAY_GRANT_BUDGET` is `2001`: it is out of range; set it to a number"),
    ] {
        let mut environment = whole.clone();
        match value {
            Some(value) => environment.insert(name.to_owned(), value.to_owned()),
            None => environment.remove(name),
        };
        let mut function = Function::start(BINARY, &environment).await;
        let ended = tokio::time::timeout(Duration::from_secs(5), function.ended()).await;
        assert_eq!(ended.ok().and_then(|status| status.code()), Some(1), "{name}: {}", function.said());
        assert!(function.said().contains(says), "{name}: {}", function.said());
    }
}

#[tokio::test]
async fn an_endpoint_where_nobody_listens_fails_the_invocation_in_time_and_is_named() {
    let hub = Hub::start(4).await;
    let nowhere = {
        // Free again as soon as the listener is gone, and nobody else is given it so soon.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.local_addr().expect("its address")
    };
    let at_nowhere = |role: &str| {
        let mut environment = of_role(&hub, role);
        environment.insert("AWS_ENDPOINT_URL".to_owned(), format!("http://{nowhere}"));
        environment
    };
    let mut dispatch = Function::start(BINARY, &at_nowhere("dispatch")).await;
    let began = Instant::now();
    let error = dispatch.invoke(json!({"job": "sweep"})).await.expect_err("nothing can be swept");
    println!("dispatch, one event: {:?}; {error}", began.elapsed());
    let began = Instant::now();
    let error = dispatch.invoke(json!({"job": "reconcile"})).await.expect_err("nothing can be swept");
    println!("dispatch, reconcile: {:?}; {error}", began.elapsed());
    let began = Instant::now();
    let error = dispatch.invoke(json!({"Records": [{"eventSource": "aws:sqs", "messageId": "one", "body": "{\"job\": \"sweep\"}"}]})).await;
    println!("dispatch, batch: {:?}; {error:?}", began.elapsed());
    assert!(dispatch.lives());
    println!("{}", dispatch.said());
}
