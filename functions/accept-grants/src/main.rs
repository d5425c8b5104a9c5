//! Starts the function: logging, configuration, clients, then one invocation after the other

// The SDK's nested futures are deeper than the compiler's default for laying out types.
#![recursion_limit = "256"]

use accept_grants::place::Place;
use lambda_runtime::{Diagnostic, LambdaEvent, run, service_fn};
use serde_json::Value;
use tracing_subscriber::EnvFilter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    tracing_subscriber::fmt().json().with_env_filter(EnvFilter::from_default_env()).init();
    let place = &Place::from_env().await.inspect_err(|error| tracing::error!("cannot start: {error}"))?;
    run(service_fn(|event: LambdaEvent<Value>| async move {
        place.handle(event.payload).await.map_err(|fault| {
            tracing::error!(error.kind = fault.error_type(), "invocation failed: {fault}");
            Diagnostic { error_type: fault.error_type().to_owned(), error_message: fault.to_string() }
        })
    }))
    .await
}
