//! The arguments of `grantctl sim`

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Which world, where, and where it is kept
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Options {
    /// A list instead of a world
    #[command(subcommand)]
    pub(super) listed: Option<Listed>,
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:4599")]
    pub(super) listen: SocketAddr,
    /// A JSON file with the organization and its purchases
    #[arg(long, value_name = "FILE")]
    pub(super) organization: Option<PathBuf>,
    /// A JSON file with any of `organization`, `seed`, `knobs` and `faults`
    #[arg(long, value_name = "FILE", conflicts_with = "organization")]
    pub(super) scenario: Option<PathBuf>,
    /// Seed of ids and random choices, instead of the scenario's; 1 when neither says
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// Draw every knob that the scenario leaves open from the seed
    #[arg(long)]
    pub(super) draw_knobs: bool,
    /// Go on with a world that was saved
    #[arg(long, value_name = "FILE", conflicts_with_all = ["organization", "scenario", "seed", "draw_knobs"])]
    pub(super) load: Option<PathBuf>,
    /// Save the world here when interrupted or terminated
    #[arg(long, value_name = "FILE")]
    pub(super) save: Option<PathBuf>,
}

/// What can be listed
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Listed {
    /// List the open questions about AWS, with every answer a scenario may give
    Knobs,
    /// List what can go wrong, by the names a scenario gives probabilities to
    Faults,
}

impl Options {
    pub(super) fn seed(&self) -> u64 {
        self.seed.unwrap_or(1)
    }
}
