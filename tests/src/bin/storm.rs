//! Random worlds and protocol histories, by the thousand: exits 1 when any of them breaks a promise
//!
//! `cargo run --profile storm -p grantway-tests --bin storm -- --seeds 20000 --histories 1000000`

// The SDK's nested futures are deeper than the compiler's default for laying out types.
#![recursion_limit = "256"]

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use grantway_tests::histories;
use grantway_tests::storm::{Coverage, crew};
use serde::Serialize;

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
    #[arg(long, conflicts_with_all = ["seeds", "first_seed", "histories", "history"])]
    seed: Option<u64>,
    /// Says what happens in the one seed
    #[arg(long, requires = "seed")]
    tell: bool,
    /// How many protocol histories to run, at least
    #[arg(long, default_value_t = 0)]
    histories: u64,
    /// Tells this history alone
    #[arg(long, conflicts_with_all = ["seeds", "first_seed", "histories"])]
    history: Option<u64>,
    /// How many at a time
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Stops after this many failures
    #[arg(long, default_value_t = 5)]
    failures: usize,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One document
    Json,
}

/// What is told of one seed or history at most: the rest is in what is told again
const TOLD: usize = 2;

/// From so many seeds on, what was met is held against what should be
const ENOUGH: u64 = 1000;

/// What came of it all
#[derive(Debug, Serialize)]
struct Outcome {
    failures: Vec<Failure>,
    /// What a proof of this size should have met and did not
    lacks: Vec<String>,
    coverage: Coverage,
}

#[derive(Debug, Serialize)]
struct Failure {
    /// `seed` or `history`
    unit: &'static str,
    number: u64,
    /// The check that it did not pass
    check: String,
    detail: String,
}

impl Failure {
    fn again(&self) -> String {
        let tell = if self.unit == "seed" { " --tell" } else { "" };
        let (unit, number) = (self.unit, self.number);
        format!("cargo run -p grantway-tests --bin storm -- --{unit} {number}{tell}")
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(seed) = arguments.seed {
        return one_seed(seed, arguments.tell);
    }
    if let Some(history) = arguments.history {
        let (story, broken) = histories::tell(history);
        line(story);
        return if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let outcome = run(&arguments);
    match arguments.format {
        Format::Text => text(&outcome),
        Format::Json => line(serde_json::to_string_pretty(&outcome).unwrap_or_default()),
    }
    if outcome.failures.is_empty() && outcome.lacks.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(arguments: &Arguments) -> Outcome {
    let report = histories::run(0, arguments.histories, arguments.threads);
    let mut failures: Vec<Failure> = report
        .failures
        .iter()
        .map(|failure| Failure {
            unit: "history",
            number: failure.history,
            check: failure.broken.check.to_string(),
            detail: failure.broken.detail.clone(),
        })
        .collect();
    let storms = crew::run(arguments.first_seed, arguments.seeds, arguments.threads, arguments.failures);
    for (seed, broken) in storms.failed {
        failures.extend(broken.into_iter().map(|broken| {
            let (check, detail) = broken.split_once(": ").unwrap_or((&broken, ""));
            Failure { unit: "seed", number: seed, check: check.to_owned(), detail: detail.to_owned() }
        }));
    }
    let mut coverage = storms.coverage;
    coverage.histories = report.total();
    coverage.codes_of_histories(&report.coverage.codes);
    // A run that stopped at a failure has not met everything, and that is not news.
    let complete = coverage.seeds >= ENOUGH && failures.is_empty();
    let lacks = if complete { coverage.lacks() } else { Vec::new() };
    Outcome { failures, lacks, coverage }
}

fn text(outcome: &Outcome) {
    line(&outcome.coverage);
    for of_one in outcome.failures.chunk_by(|one, other| (one.unit, one.number) == (other.unit, other.number)) {
        for failure in of_one.iter().take(TOLD) {
            line(format_args!("{} {}: {}: {}", failure.unit, failure.number, failure.check, failure.detail));
        }
        let more = of_one.len().saturating_sub(TOLD);
        line(format_args!("  {more} more, again: {}", of_one.first().map(Failure::again).unwrap_or_default()));
    }
    for lack in &outcome.lacks {
        line(format_args!("coverage: {lack}"));
    }
    let (seeds, histories) = (outcome.coverage.seeds, outcome.coverage.histories);
    let failed = outcome.failures.chunk_by(|one, other| (one.unit, one.number) == (other.unit, other.number)).count();
    line(format_args!("{seeds} seeds and {histories} histories, {failed} of them failed"));
}

/// One seed, and what became of it
fn one_seed(seed: u64, tell: bool) -> ExitCode {
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
