//! grantctl: the admin's command line
//!
//! Every subcommand is a function from arguments to an [`exit::Exit`]; what a person reads goes to standard output or,
//! with `--format json`, one JSON document does and nothing else.

pub mod adopt;
mod amend;
pub mod cli;
mod confirm;
mod connect;
pub mod consolidate;
#[cfg(feature = "sim")]
pub mod demo;
#[cfg(feature = "sim")]
pub mod deployment;
pub mod event;
pub mod exit;
pub mod explain;
mod input;
pub mod ledger;
pub mod organization;
mod output;
pub mod plan;
pub mod policy;
pub mod retry;
pub mod revocations;
#[cfg(feature = "sim")]
pub mod sim;
pub mod status;
