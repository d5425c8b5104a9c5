//! `grantctl sim`: a pretend AWS for any AWS client, with Grantway's tables and queues in it

mod catalog;
mod file;
mod options;
mod scenario;

use std::net::SocketAddr;

use anyhow::Context;
use pretend_aws::server::Server;
use pretend_aws::{Blueprint, Faults, Knobs, Resume, Settings, Time, World};
use serde_json::{Map, Value};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::Format;
use crate::deployment::Deployment;
use crate::exit::Exit;
use crate::output;
use scenario::Scenario;

pub use options::{Listed, Options};

/// Lists what there is to choose from, or serves a world in real time until interrupted
///
/// # Errors
/// When a file cannot be read or says something that is not so, when the address cannot be listened on, and when the
/// world cannot be saved in the end.
pub async fn run(options: Options, format: Format) -> anyhow::Result<Exit> {
    match options.listed {
        Some(Listed::Knobs) => catalog::knobs(format)?,
        Some(Listed::Faults) => catalog::faults(format)?,
        None => serve(&options, format).await?,
    }
    Ok(Exit::Settled)
}

async fn serve(options: &Options, format: Format) -> anyhow::Result<()> {
    if let Some(file) = &options.save {
        file::check_place(file)?;
    }
    // From here on neither signal ends the process by itself.
    let mut signals = [SignalKind::interrupt(), SignalKind::terminate()].into_iter().map(signal);
    let (interrupt, terminate) = (signals.next().transpose()?, signals.next().transpose()?);
    let (world, seed) = match &options.load {
        Some(file) => (load(file)?, options.seed()),
        None => {
            let scenario = Scenario::of(options)?;
            (scenario.world(options.draw_knobs)?, scenario.seed())
        }
    };
    let deployment = undisturbed(&world, Deployment::new(&world, seed)).await?;
    let listen = options.listen;
    let server = Server::bind(world.clone(), listen).await.with_context(|| format!("cannot listen on `{listen}`"))?;
    let environment = environment(&deployment, server.address());
    match format {
        Format::Json => output::json(&environment)?,
        Format::Text => {
            for (name, value) in &environment {
                output::line(format_args!("export {name}={}", value.as_str().unwrap_or_default()));
            }
        }
    }
    server.serve(ended(interrupt, terminate)).await.context("the listener failed")?;
    if let Some(file) = &options.save {
        file::write(file, &world.save()?)?;
    }
    Ok(())
}

async fn ended(interrupt: Option<Signal>, terminate: Option<Signal>) {
    let (Some(mut interrupt), Some(mut terminate)) = (interrupt, terminate) else { return };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Deploying is not what a scenario's faults are for
async fn undisturbed<T>(world: &World, deploying: impl Future<Output = T>) -> T {
    let faults = world.with(|state| std::mem::replace(&mut state.faults, Faults::calm()));
    let done = deploying.await;
    world.with(|state| state.faults = faults);
    done
}

fn load(file: &std::path::Path) -> anyhow::Result<World> {
    let text = file::read(file)?;
    World::load(&text, Resume::Running).with_context(|| format!("`{}` is no saved world", file.display()))
}

/// A world in real time whose workflows take a second
#[must_use]
pub fn served(blueprint: &Blueprint, seed: u64) -> World {
    World::new(blueprint, Settings { seed, time: Time::Real, knobs: quick(), ..Settings::default() })
}

/// AWS's answers, without making anybody wait for them
fn quick() -> Knobs {
    Knobs { workflow_seconds: 1, license_provision_seconds: 1, account_ready_seconds: 1, ..Knobs::default() }
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
