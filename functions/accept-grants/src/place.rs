//! Where the function runs: in the hub's account, or in a member account

use grant_engine::clients::Clients;
use grant_engine::clock::Clock;
use grant_engine::config::{Config, ConfigError, SpokeConfig};
use grant_engine::fault::Fault;
use grant_engine::{Engine, Spoke};
use serde_json::Value;

/// `GRANTWAY_FUNCTION`, with what a process needs there
#[derive(Debug)]
pub enum Place {
    /// `accept`, which is the default: requests come by the accept queue, for any member account
    Hub(Box<Engine>),
    /// `spoke`: requests come by the account's event bus, for the account itself
    Member(Box<Spoke>),
}

impl Place {
    /// Reads the process's environment and makes its clients
    ///
    /// # Errors
    /// [`ConfigError`] for the first variable that is missing or malformed.
    pub async fn from_env() -> Result<Self, ConfigError> {
        #[expect(clippy::disallowed_methods, reason = "read once, at the start, beside the engine's Config")]
        let is_member = is_member(std::env::var("GRANTWAY_FUNCTION").ok())?;
        let clock = Clock::system();
        Ok(if is_member {
            let config = SpokeConfig::from_env()?;
            let clients = Clients::from_env(&config.home_region, &clock, None).await;
            Self::Member(Box::new(Spoke::new(config, clients, clock, None)))
        } else {
            let config = Config::from_env()?;
            let clients = Clients::from_env(&config.home_region, &clock, None).await;
            Self::Hub(Box::new(Engine::new(config, clients, clock, None)))
        })
    }

    /// One invocation
    ///
    /// # Errors
    /// As [`crate::handle`] and [`crate::spoke::handle`].
    pub async fn handle(&self, payload: Value) -> Result<Value, Fault> {
        match self {
            Self::Hub(engine) => crate::handle(engine, payload).await,
            Self::Member(spoke) => crate::spoke::handle(spoke, payload).await,
        }
    }
}

fn is_member(value: Option<String>) -> Result<bool, ConfigError> {
    let (name, expected) = ("GRANTWAY_FUNCTION", "`accept` or `spoke`");
    match value {
        None => Ok(false),
        Some(value) => match value.as_str() {
            "accept" => Ok(false),
            "spoke" => Ok(true),
            _ => Err(ConfigError::Invalid { name, value, problem: "no such function".to_owned(), expected }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_in_the_hub_unless_it_is_told_to_be_a_spoke() {
        assert_eq!(is_member(None), Ok(false));
        assert_eq!(is_member(Some("accept".into())), Ok(false));
        assert_eq!(is_member(Some("spoke".into())), Ok(true));
        let error = is_member(Some("lane".into())).unwrap_err().to_string();
        assert!(error.contains("`GRANTWAY_FUNCTION` is `lane`") && error.contains("`accept` or `spoke`"), "{error}");
    }
}
