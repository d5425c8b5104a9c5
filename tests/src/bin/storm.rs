//! Random worlds and random protocol histories, by the thousand: exits 1 when any of them breaks a promise

// The SDK's nested futures are deeper than the compiler's default for laying out types.
#![recursion_limit = "256"]

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use grantway_tests::storm::crew;

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

/// From so many seeds on, what was met is held against what should be
const ENOUGH: u64 = 1000;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(seed) = arguments.seed {
        return alone(seed, arguments.tell);
    }
    let outcome = crew::run(arguments.first_seed, arguments.seeds, arguments.threads, arguments.failures);
    for (seed, broken) in &outcome.failed {
        for broken in broken {
            line(format_args!("seed {seed}: {broken}"));
        }
        line(format_args!("  again: cargo run --release -p grantway-tests --bin storm -- --seed {seed} --tell"));
    }
    line(&outcome.coverage);
    if outcome.coverage.seeds >= ENOUGH {
        for lack in outcome.coverage.lacks() {
            line(format_args!("coverage: {lack}"));
        }
    }
    line(format_args!("{} seeds, {} failed", outcome.coverage.seeds, outcome.failed.len()));
    if outcome.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One seed, and what became of it
fn alone(seed: u64, tell: bool) -> ExitCode {
    let verdict = crew::alone(seed);
    if tell {
        for told in &verdict.told {
            line(told);
        }
        for call in &verdict.calls {
            let (at, service, operation) = (call.at.strftime("%d %b %H:%M:%S"), &call.service, &call.operation);
            line(format_args!("  {at}  {} {service} {operation}: {}", call.caller, call.result));
        }
    }
    for broken in &verdict.broken {
        line(format_args!("seed {seed}: {broken}"));
    }
    line(format_args!("seed {seed}: {} broken", verdict.broken.len()));
    if verdict.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A reader that went away (`storm | head`) is no failure of ours
fn line(text: impl std::fmt::Display) {
    let _gone = writeln!(std::io::stdout().lock(), "{text}");
}
