//! `grantctl sim`: a pretend AWS for any AWS client, with Grantway's tables and queues in it

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context;
use pretend_aws::server::Server;
use pretend_aws::{Blueprint, Knobs, Settings, Time, World};
use serde_json::{Map, Value};

use crate::cli::Format;
use crate::deployment::Deployment;
use crate::exit::Exit;
use crate::output;

/// Serves a world in real time until interrupted
///
/// # Errors
/// When the organization cannot be read or the address cannot be listened on.
pub async fn run(listen: SocketAddr, organization: Option<&Path>, seed: u64, format: Format) -> anyhow::Result<Exit> {
    let blueprint = match organization {
        Some(file) => read(file)?,
        None => Blueprint::sample(),
    };
    let world = served(&blueprint, seed);
    let deployment = Deployment::new(&world, seed).await?;
    let server = Server::bind(world, listen).await.with_context(|| format!("cannot listen on `{listen}`"))?;
    let environment = environment(&deployment, server.address());
    match format {
        Format::Json => output::json(&environment)?,
        Format::Text => {
            for (name, value) in &environment {
                output::line(format_args!("export {name}={}", value.as_str().unwrap_or_default()));
            }
        }
    }
    server
        .serve(async {
            // Without a signal to wait for there is no way to end it, so then it ends at once.
            let _ended = tokio::signal::ctrl_c().await;
        })
        .await
        .context("the listener failed")?;
    Ok(Exit::Settled)
}

/// A world in real time whose workflows take a second
#[must_use]
pub fn served(blueprint: &Blueprint, seed: u64) -> World {
    let knobs =
        Knobs { workflow_seconds: 1, license_provision_seconds: 1, account_ready_seconds: 1, ..Knobs::default() };
    World::new(blueprint, Settings { seed, time: Time::Real, knobs, ..Settings::default() })
}

/// What points an AWS client, and Grantway's functions, at the world
#[must_use]
pub fn environment(deployment: &Deployment, address: SocketAddr) -> Map<String, Value> {
    let config = deployment.config();
    let account = deployment.world().with(|state| state.hub.clone());
    let variables = [
        ("AWS_ENDPOINT_URL", format!("http://{address}")),
        ("AWS_ACCESS_KEY_ID", account),
        ("AWS_SECRET_ACCESS_KEY", "pretend".to_owned()),
        ("AWS_REGION", config.home_region.clone()),
        ("AWS_DEFAULT_REGION", config.home_region.clone()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("GRANTWAY_DEPLOYMENT", config.deployment.to_string()),
        ("GRANTWAY_POLICY_TABLE", config.policy_table.clone()),
        ("GRANTWAY_LEDGER_TABLE", config.ledger_table.clone()),
        ("GRANTWAY_WORK_QUEUE_URL", config.work_queue.clone()),
        ("GRANTWAY_ACCEPT_QUEUE_URL", config.accept_queue.clone()),
        ("GRANTWAY_MEMBER_ROLE", config.member_role.clone()),
        ("GRANTWAY_HOME_REGION", config.home_region.clone()),
        ("GRANTWAY_GRANT_BUDGET", config.grant_budget.to_string()),
    ];
    variables.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
}

fn read(file: &Path) -> anyhow::Result<Blueprint> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    serde_json::from_str(&text).with_context(|| {
        format!("`{}` does not describe an organization; its form is in tests/sim/README.md", file.display())
    })
}
