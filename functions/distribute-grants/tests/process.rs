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

use function::Function;
use hub::{Environment, Hub};
use mappings::Woken;
use pretend_aws::lambda::runtime_api::FunctionError;
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_distribute-grants");

/// The shorter of the two functions' time-outs (`infra/hub.yaml`)
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(30);

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
