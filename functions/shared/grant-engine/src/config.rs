//! What a deployment is told by its environment, read once at the start

use std::fmt::Display;
use std::str::FromStr;

use grant_plan::id::{AccountId, Deployment};

/// A name of a deployment, as messages ask for it
const DEPLOYMENT: (&str, &str) = ("GRANTWAY_DEPLOYMENT", "a name of this deployment, such as `main`");
const HOME_REGION: (&str, &str) = ("GRANTWAY_HOME_REGION", "the licenses' Region, `us-east-1` for AWS Marketplace");

/// The settings of one deployment
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `GRANTWAY_DEPLOYMENT`: whose stamp grants carry
    pub deployment: Deployment,
    /// `GRANTWAY_POLICY_TABLE`: the DynamoDB table with the rules
    pub policy_table: String,
    /// `GRANTWAY_LEDGER_TABLE`: the DynamoDB table with what was done
    pub ledger_table: String,
    /// `GRANTWAY_WORK_QUEUE_URL`: the FIFO queue to the lanes
    pub work_queue: String,
    /// `GRANTWAY_ACCEPT_QUEUE_URL`: the queue to accept-grants
    pub accept_queue: String,
    /// `GRANTWAY_MEMBER_ROLE`: name of the role that accept-grants assumes in member accounts
    pub member_role: String,
    /// `GRANTWAY_HOME_REGION`: where the licenses live; `us-east-1` for AWS Marketplace
    pub home_region: String,
    /// `GRANTWAY_GRANT_BUDGET`: live grants per license, 1 to 2,000
    ///
    /// Has no default: a limit that nobody stated is a limit that nobody knows.
    pub grant_budget: usize,
    /// `GRANTWAY_ACCEPTANCE` and, for spokes, `GRANTWAY_MEMBER_BUS`
    pub acceptance: Acceptance,
}

/// Who accepts and activates where only the member account may
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// `hub`, which is the default: accept-grants in the hub's account, by the member's role
    Hub,
    /// `spoke`: accept-grants in the member account itself, which the lane tells of each grant by an event
    Spoke {
        /// Name of the event bus in every member account; `default` unless said
        bus: String,
    },
}

/// The settings of accept-grants in a member account
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpokeConfig {
    /// `GRANTWAY_DEPLOYMENT`: whose grants are accepted
    pub deployment: Deployment,
    /// `GRANTWAY_HUB_ACCOUNT`: the account that makes them and asks for their acceptance
    pub hub: AccountId,
    /// `GRANTWAY_HOME_REGION`: where the licenses live
    pub home_region: String,
}

/// Why a deployment cannot work
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A variable is not there
    #[error("environment variable `{name}` is missing; set it to {expected}")]
    Missing {
        /// Which
        name: &'static str,
        /// What it should hold
        expected: &'static str,
    },
    /// A variable holds something else
    #[error("environment variable `{name}` is `{value}`: {problem}; set it to {expected}")]
    Invalid {
        /// Which
        name: &'static str,
        /// What it holds
        value: String,
        /// What is wrong with that
        problem: String,
        /// What it should hold
        expected: &'static str,
    },
}

impl Config {
    /// Reads the process's environment
    ///
    /// # Errors
    /// [`ConfigError`] for the first variable that is missing or malformed.
    pub fn from_env() -> Result<Self, ConfigError> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads from any source of variables
    ///
    /// # Errors
    /// As [`Config::from_env`].
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let text = |name, expected| text(&lookup, name, expected);
        let url = |name| {
            let expected = "the URL of an SQS queue";
            let value = text(name, expected)?;
            if value.starts_with("https://") || value.starts_with("http://") {
                Ok(value)
            } else {
                Err(ConfigError::Invalid { name, value, problem: "it is not a URL".to_owned(), expected })
            }
        };
        Ok(Self {
            deployment: parsed(&lookup, DEPLOYMENT)?,
            policy_table: text("GRANTWAY_POLICY_TABLE", "the name of the policy table")?,
            ledger_table: text("GRANTWAY_LEDGER_TABLE", "the name of the ledger table")?,
            work_queue: url("GRANTWAY_WORK_QUEUE_URL")?,
            accept_queue: url("GRANTWAY_ACCEPT_QUEUE_URL")?,
            member_role: text(
                "GRANTWAY_MEMBER_ROLE",
                "the name of the role in member accounts, such as `grantway-member`",
            )?,
            home_region: text(HOME_REGION.0, HOME_REGION.1)?,
            grant_budget: {
                let (name, expected) = ("GRANTWAY_GRANT_BUDGET", "a number from 1 to 2000, such as `1500`");
                let value = text(name, expected)?;
                match value.parse() {
                    Ok(budget @ 1..=2000) => budget,
                    Ok(_) => {
                        let problem = "it is out of range".to_owned();
                        return Err(ConfigError::Invalid { name, value, problem, expected });
                    }
                    Err(error) => {
                        return Err(ConfigError::Invalid { name, value, problem: format!("{error}"), expected });
                    }
                }
            },
            acceptance: Acceptance::from_lookup(&lookup)?,
        })
    }
}

impl Acceptance {
    fn from_lookup(lookup: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let (name, expected) = ("GRANTWAY_ACCEPTANCE", "`hub` or `spoke`");
        match lookup(name) {
            None => Ok(Self::Hub),
            Some(value) => match value.as_str() {
                "hub" => Ok(Self::Hub),
                "spoke" => Self::spoke(lookup),
                _ => Err(ConfigError::Invalid { name, value, problem: "no such mode".to_owned(), expected }),
            },
        }
    }

    fn spoke(lookup: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let (name, expected) = ("GRANTWAY_MEMBER_BUS", "the name of an event bus, such as `default`");
        let bus = lookup(name).unwrap_or_else(|| "default".to_owned());
        let named = bus.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        if named && (1..=256).contains(&bus.len()) {
            Ok(Self::Spoke { bus })
        } else {
            let problem = "a name has 1 to 256 letters, digits and `.`, `-`, `_`".to_owned();
            Err(ConfigError::Invalid { name, value: bus, problem, expected })
        }
    }
}

impl SpokeConfig {
    /// Reads the process's environment
    ///
    /// # Errors
    /// [`ConfigError`] for the first variable that is missing or malformed.
    pub fn from_env() -> Result<Self, ConfigError> {
        #[expect(clippy::disallowed_methods, reason = "read once, at the start, as the hub's Config is")]
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads from any source of variables
    ///
    /// # Errors
    /// As [`SpokeConfig::from_env`].
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        Ok(Self {
            deployment: parsed(&lookup, DEPLOYMENT)?,
            hub: parsed(&lookup, ("GRANTWAY_HUB_ACCOUNT", "the account of the hub, twelve digits"))?,
            home_region: text(&lookup, HOME_REGION.0, HOME_REGION.1)?,
        })
    }
}

fn text(
    lookup: &impl Fn(&str) -> Option<String>,
    name: &'static str,
    expected: &'static str,
) -> Result<String, ConfigError> {
    match lookup(name) {
        Some(value) if !value.trim().is_empty() => Ok(value),
        Some(value) => Err(ConfigError::Invalid { name, value, problem: "it is empty".to_owned(), expected }),
        None => Err(ConfigError::Missing { name, expected }),
    }
}

fn parsed<T: FromStr>(
    lookup: &impl Fn(&str) -> Option<String>,
    (name, expected): (&'static str, &'static str),
) -> Result<T, ConfigError>
where
    T::Err: Display,
{
    let value = text(lookup, name, expected)?;
    value.parse().map_err(|error: T::Err| ConfigError::Invalid { name, value, problem: error.to_string(), expected })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn whole() -> BTreeMap<&'static str, &'static str> {
        BTreeMap::from([
            ("GRANTWAY_DEPLOYMENT", "main"),
            ("GRANTWAY_POLICY_TABLE", "policy"),
            ("GRANTWAY_LEDGER_TABLE", "ledger"),
            ("GRANTWAY_WORK_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/1/work.fifo"),
            ("GRANTWAY_ACCEPT_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/1/accept"),
            ("GRANTWAY_MEMBER_ROLE", "grantway-member"),
            ("GRANTWAY_HOME_REGION", "us-east-1"),
            ("GRANTWAY_GRANT_BUDGET", "1500"),
        ])
    }

    fn read(variables: &BTreeMap<&'static str, &'static str>) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| variables.get(name).map(|value| (*value).to_owned()))
    }

    #[test]
    fn every_missing_variable_is_named_with_what_it_should_hold() {
        assert!(read(&whole()).is_ok());
        for name in whole().keys() {
            let mut variables = whole();
            variables.remove(name);
            let error = read(&variables).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}` is missing; set it to ")), "{error}");
        }
    }

    #[test]
    fn malformed_variables_are_named_with_their_value() {
        for (name, value) in [
            ("GRANTWAY_DEPLOYMENT", "My Deployment"),
            ("GRANTWAY_WORK_QUEUE_URL", "work.fifo"),
            ("GRANTWAY_GRANT_BUDGET", "many"),
            ("GRANTWAY_GRANT_BUDGET", "0"),
            ("GRANTWAY_GRANT_BUDGET", "2001"),
            ("GRANTWAY_POLICY_TABLE", " "),
            ("GRANTWAY_ACCEPTANCE", "Spoke"),
        ] {
            let mut variables = whole();
            variables.insert(name, value);
            let error = read(&variables).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(value) && error.contains("set it to"), "{error}");
        }
    }

    #[test]
    fn acceptance_is_the_hub_s_unless_said_otherwise() {
        let of = |more: &[(&'static str, &'static str)]| {
            let mut variables = whole();
            variables.extend(more.iter().copied());
            read(&variables).map(|config| config.acceptance)
        };
        assert_eq!(of(&[]), Ok(Acceptance::Hub));
        assert_eq!(of(&[("GRANTWAY_ACCEPTANCE", "hub"), ("GRANTWAY_MEMBER_BUS", "any")]), Ok(Acceptance::Hub));
        let spoke = ("GRANTWAY_ACCEPTANCE", "spoke");
        assert_eq!(of(&[spoke]), Ok(Acceptance::Spoke { bus: "default".to_owned() }));
        assert_eq!(
            of(&[spoke, ("GRANTWAY_MEMBER_BUS", "own.bus")]),
            Ok(Acceptance::Spoke { bus: "own.bus".to_owned() })
        );
        for bus in ["", "arn:aws:events:us-east-1:123456789012:event-bus/default", "a bus"] {
            let error = of(&[spoke, ("GRANTWAY_MEMBER_BUS", bus)]).unwrap_err().to_string();
            assert!(error.contains("`GRANTWAY_MEMBER_BUS` is") && error.contains("such as `default`"), "{error}");
        }
    }

    #[test]
    fn a_spoke_asks_for_what_a_member_account_has_and_names_what_is_missing_or_malformed() {
        let whole = BTreeMap::from([
            ("GRANTWAY_DEPLOYMENT", "main"),
            ("GRANTWAY_HUB_ACCOUNT", "210987654321"),
            ("GRANTWAY_HOME_REGION", "us-east-1"),
        ]);
        let read = |variables: &BTreeMap<&'static str, &'static str>| {
            SpokeConfig::from_lookup(|name| variables.get(name).map(|value| (*value).to_owned()))
        };
        assert!(read(&whole).is_ok());
        for name in whole.keys() {
            let mut variables = whole.clone();
            variables.remove(name);
            let error = read(&variables).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}` is missing; set it to ")), "{error}");
        }
        let mut variables = whole.clone();
        variables.insert("GRANTWAY_HUB_ACCOUNT", "the hub");
        let error = read(&variables).unwrap_err().to_string();
        assert!(error.contains("`GRANTWAY_HUB_ACCOUNT` is `the hub`") && error.contains("twelve digits"), "{error}");
    }
}
