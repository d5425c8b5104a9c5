//! The policy table, from files and back

pub mod check;
pub mod difference;
mod edit;
pub mod files;
mod show;
mod shrink;
mod table;

use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::Format;
use crate::confirm::Confirmation;
use crate::connect;
use crate::exit::Exit;
use difference::Others;

/// What to do with the policy table
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write every rule as YAML that `import` takes
    Export,
    /// Write one rule
    Get {
        /// Its id
        rule: String,
    },
    /// Put the rules of some files into the table, and leave all others alone
    Put {
        /// YAML or JSON; `-` reads standard input
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Whether it is meant
        #[command(flatten)]
        confirmation: Confirmation,
    },
    /// Make the table say what some files say, puts before deletes; `_settings` stays where no file has one
    Import {
        /// YAML or JSON; `-` reads standard input
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Whether it is meant
        #[command(flatten)]
        confirmation: Confirmation,
    },
    /// List the recorded versions of a rule, newest first
    History {
        /// Its id
        rule: String,
    },
    /// Put a recorded version of a rule back into the table
    Restore {
        /// Its id
        rule: String,
        /// The version, as `history` lists it
        version: String,
        /// Whether it is meant
        #[command(flatten)]
        confirmation: Confirmation,
    },
    /// Take the number of rules, accounts and licenses for right although it fell far
    AcceptShrink {
        /// Whether it is meant
        #[command(flatten)]
        confirmation: Confirmation,
    },
}

impl Command {
    /// Carries it out
    ///
    /// # Errors
    /// Whatever kept it from being carried out.
    pub async fn run(self, endpoint: Option<&str>, format: Format) -> anyhow::Result<Exit> {
        let engine = connect::engine(endpoint).await?;
        match self {
            Self::Export => show::export(&engine, format).await,
            Self::Get { rule } => show::get(&engine, &rule, format).await,
            Self::Put { files, confirmation } => {
                edit::import(&engine, &files, Others::Stay, &confirmation, format).await
            }
            Self::Import { files, confirmation } => {
                edit::import(&engine, &files, Others::Go, &confirmation, format).await
            }
            Self::History { rule } => show::history(&engine, &rule, format).await,
            Self::Restore { rule, version, confirmation } => {
                edit::restore(&engine, &rule, &version, &confirmation, format).await
            }
            Self::AcceptShrink { confirmation } => shrink::accept(&engine, &confirmation, format).await,
        }
    }
}
