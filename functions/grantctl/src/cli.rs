//! The arguments, and which function each subcommand is

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use grant_engine::clock::Clock;

use crate::exit::Exit;
use crate::policy::check::Against;

/// Keeps AWS Marketplace entitlements where an organization's policy says they belong
#[derive(Debug, Parser)]
#[command(name = "grantctl", version, about, max_term_width = 100)]
pub struct Arguments {
    /// What to do; `plan` when left out
    #[command(subcommand)]
    command: Option<Command>,
    /// Text for people, or one JSON document on standard output and nothing else
    #[arg(long, global = true, value_enum, default_value_t)]
    format: Format,
}

/// How results are written
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what would be done, without doing it; exits 2 when there is something to do
    Plan {
        /// Only this license, by ARN or `l-...`
        #[arg(long)]
        license: Option<String>,
        /// As if the policy table held what these YAML or JSON files hold; `-` reads standard input
        #[arg(long, value_name = "FILES", num_args = 1..)]
        policy: Vec<PathBuf>,
        /// Where every AWS service is reached, such as a `grantctl sim`; otherwise as the environment says
        #[arg(long)]
        endpoint_url: Option<String>,
    },
    /// Find everything that is wrong with the rules in some files; exits 3 when they cannot all be in force
    Check {
        /// YAML or JSON, each with a rule, a list of rules, or documents of either; `-` reads standard input
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// An organization as `grantctl organization` writes it, to hold the rules against
        #[arg(long)]
        organization: Option<PathBuf>,
        /// Hold the rules against the organization and the licenses as they are now
        #[arg(long, conflicts_with = "organization")]
        live: bool,
        /// Where every AWS service is reached, such as a `grantctl sim`; otherwise as the environment says
        #[arg(long, requires = "live")]
        endpoint_url: Option<String>,
    },
    /// Tell why an account has a license, or has not
    Explain {
        /// The account, twelve digits
        #[arg(long)]
        account: String,
        /// The license, by ARN or `l-...`
        #[arg(long)]
        license: String,
        /// Where every AWS service is reached, such as a `grantctl sim`; otherwise as the environment says
        #[arg(long)]
        endpoint_url: Option<String>,
    },
    /// Show how things stand: counts, then what is not plainly ACTIVE; exits 2 when something moves or is blocked
    Status {
        #[command(flatten)]
        asked: crate::status::Asked,
        /// Where every AWS service is reached, such as a `grantctl sim`; otherwise as the environment says
        #[arg(long)]
        endpoint_url: Option<String>,
    },
    /// Have grants to single accounts give way to one for their whole place, where that is exact
    Consolidate {
        #[command(flatten)]
        asked: crate::consolidate::Asked,
        /// Where every AWS service is reached, such as a `grantctl sim`; otherwise as the environment says
        #[arg(long)]
        endpoint_url: Option<String>,
    },
    /// Try again what Grantway has given up, or waits with, after a person has mended it
    Retry {
        #[command(flatten)]
        asked: crate::retry::Asked,
        /// Where every AWS service is reached, such as a `grantctl sim`; otherwise as the environment says
        #[arg(long)]
        endpoint_url: Option<String>,
    },
    /// Take over a grant that somebody made by hand
    Adopt {
        #[command(flatten)]
        asked: crate::adopt::Asked,
        /// Where every AWS service is reached, such as a `grantctl sim`; otherwise as the environment says
        #[arg(long)]
        endpoint_url: Option<String>,
    },
    /// Mend the ledger
    Ledger {
        #[command(subcommand)]
        command: crate::ledger::Command,
        /// Where every AWS service is reached, such as a `grantctl sim`; otherwise as the environment says
        #[arg(long, global = true)]
        endpoint_url: Option<String>,
    },
    /// Write the organization as Grantway sees it, for `check --organization`
    Organization {
        /// Where every AWS service is reached, such as a `grantctl sim`; otherwise as the environment says
        #[arg(long)]
        endpoint_url: Option<String>,
    },
    /// Read and write the policy table
    Policy {
        #[command(subcommand)]
        command: crate::policy::Command,
        /// Where every AWS service is reached, such as a `grantctl sim`; otherwise as the environment says
        #[arg(long, global = true)]
        endpoint_url: Option<String>,
    },
    /// Show and release what waits to be taken away or pushed aside
    Revocations {
        #[command(subcommand)]
        command: crate::revocations::Command,
        /// Where every AWS service is reached, such as a `grantctl sim`; otherwise as the environment says
        #[arg(long, global = true)]
        endpoint_url: Option<String>,
    },
    /// Tell what an event would do; exits 0 whatever that is
    Event {
        /// A file with one event as EventBridge delivers it; `-` reads standard input
        file: PathBuf,
    },
    /// Play the main job on a pretend AWS: a purchase, a new account, a rule edit, with faults
    #[cfg(feature = "sim")]
    Demo {
        /// Everything random follows from it
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Accounts in the organization, the management account included
        #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(8..=10_000))]
        accounts: u32,
        /// Licenses, one of them SaaS
        #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(2..=100))]
        licenses: u32,
    },
    /// Serve a pretend AWS for any AWS client
    #[cfg(feature = "sim")]
    Sim(crate::sim::Options),
}

/// What is done when nothing is said
const NOTHING_SAID: Command = Command::Plan { license: None, policy: Vec::new(), endpoint_url: None };

impl Arguments {
    /// Carries out the subcommand
    ///
    /// # Errors
    /// Whatever kept it from being carried out.
    pub async fn run(self) -> anyhow::Result<Exit> {
        match self.command.unwrap_or(NOTHING_SAID) {
            Command::Plan { license, policy, endpoint_url } => {
                crate::plan::run(license.as_deref(), &policy, endpoint_url.as_deref(), self.format).await
            }
            Command::Check { files, organization, live, endpoint_url } => {
                let against = match organization {
                    Some(file) => Against::file(&file)?,
                    None if live => Against::live(&crate::connect::engine(endpoint_url.as_deref()).await?).await?,
                    None => Against::nothing(),
                };
                crate::policy::check::run(&files, &against, Clock::system().now(), self.format)
            }
            Command::Explain { account, license, endpoint_url } => {
                crate::explain::run(&account, &license, endpoint_url.as_deref(), self.format).await
            }
            Command::Status { asked, endpoint_url } => {
                crate::status::run(&asked, endpoint_url.as_deref(), self.format).await
            }
            Command::Consolidate { asked, endpoint_url } => {
                crate::consolidate::run(&asked, endpoint_url.as_deref(), self.format).await
            }
            Command::Retry { asked, endpoint_url } => {
                crate::retry::run(&asked, endpoint_url.as_deref(), self.format).await
            }
            Command::Adopt { asked, endpoint_url } => {
                crate::adopt::run(&asked, endpoint_url.as_deref(), self.format).await
            }
            Command::Ledger { command, endpoint_url } => command.run(endpoint_url.as_deref(), self.format).await,
            Command::Organization { endpoint_url } => crate::organization::run(endpoint_url.as_deref()).await,
            Command::Policy { command, endpoint_url } => command.run(endpoint_url.as_deref(), self.format).await,
            Command::Revocations { command, endpoint_url } => command.run(endpoint_url.as_deref(), self.format).await,
            Command::Event { file } => crate::event::run(&file, self.format),
            #[cfg(feature = "sim")]
            Command::Demo { seed, accounts, licenses } => {
                crate::demo::run(&crate::demo::Size { seed, accounts, licenses }, self.format).await
            }
            #[cfg(feature = "sim")]
            Command::Sim(options) => crate::sim::run(options, self.format).await,
        }
    }
}
