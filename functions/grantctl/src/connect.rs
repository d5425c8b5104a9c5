//! The engine that a command looks at AWS with: the functions' own, in the environment of whoever calls

use anyhow::Context;
use grant_engine::Engine;
use grant_engine::clients::Clients;
use grant_engine::clock::Clock;
use grant_engine::config::Config;

/// An engine as the environment describes it; `endpoint`: where every service is reached instead
///
/// # Errors
/// When the environment is incomplete.
pub(crate) async fn engine(endpoint: Option<&str>) -> anyhow::Result<Engine> {
    let config = Config::from_env().context("grantctl reads the same environment as the functions")?;
    let clock = Clock::system();
    let clients = Clients::from_env(&config.home_region, &clock, endpoint).await;
    Ok(Engine::new(config, clients, clock, None))
}
