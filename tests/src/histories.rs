//! Protocol histories: the planner and its steps, driven straight on the rules of the pretend License Manager
//!
//! No HTTP, no SDK, nothing asynchronous: a world is a value, a run is cut into turns, and every turn may be the one
//! at which something goes wrong. Three families: two runs in every order ([`Family::Orders`]), one or two mishaps at
//! every ask ([`Family::Mishaps`]), and long histories at random ([`Family::Chance`]). Each history has a number from
//! which it is made again. In the end [`judge`] says whether it went right.
#![expect(clippy::expect_used, reason = "histories are for tests; one that cannot go on should stop there")]

mod answers;
mod chance;
mod coverage;
mod deed;
mod draw;
mod fight;
pub mod judge;
mod log;
mod mishaps;
mod orders;
mod people;
mod prelude;
mod rest;
mod run;
mod scene;
mod sight;
mod trouble;
mod wish;
mod world;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use coverage::Coverage;
pub use judge::Broken;
use log::Log;

/// Numbers that one world has room for; a history's number is its world's times this, plus its place in it
pub const PLACES: u64 = 1 << 14;

/// Long histories per world of [`Family::Chance`]
const LONG: u64 = 1_000;

/// Orders, or mishaps, that are searched in one world at most
const MOST: u64 = 4_000;

/// Worlds that are gone through before it is asked whether that was enough, whatever the number of threads
const CHUNK: u64 = 24;

/// Failures that are kept
const KEPT: usize = 20;

/// A kind of history
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Two runs of a license, in every order of their turns
    Orders,
    /// One or two mishaps, at every ask and of every kind
    Mishaps,
    /// Long histories at random
    Chance,
}

impl Family {
    fn of(world: u64) -> Self {
        match world % 3 {
            0 => Self::Orders,
            1 => Self::Mishaps,
            _ => Self::Chance,
        }
    }
}

/// A history that went wrong
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// [`tell`] makes it again
    pub history: u64,
    /// What did not hold
    pub broken: Broken,
}

/// What came of many histories
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Report {
    /// How many were driven to their end and judged, by family
    pub histories: BTreeMap<Family, u64>,
    /// How many of those ended unlike any other of their world, and were followed until they came to rest: orders that
    /// come to the same state share what follows from it
    pub followed: u64,
    /// Worlds gone through, and the first one that was not
    pub worlds: u64,
    /// The first world that was not gone through
    pub next: u64,
    /// How many histories went wrong
    pub failed: u64,
    /// Of those the first of each world and check, as far as there is room
    pub failures: Vec<Failure>,
    /// What they came across
    pub coverage: Coverage,
}

impl Report {
    /// All families together
    #[must_use]
    pub fn total(&self) -> u64 {
        self.histories.values().sum()
    }

    fn add(&mut self, other: Self) {
        for (family, count) in other.histories {
            *self.histories.entry(family).or_default() += count;
        }
        self.followed += other.followed;
        self.worlds += other.worlds;
        self.failed += other.failed;
        self.failures.extend(other.failures);
        self.failures.truncate(KEPT);
        self.coverage.add(other.coverage);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |family| self.histories.get(&family).copied().unwrap_or_default();
        writeln!(
            formatter,
            "{} histories in {} worlds: {} orders of two runs, {} with mishaps, {} long ones; {} followed to rest",
            self.total(),
            self.worlds,
            count(Family::Orders),
            count(Family::Mishaps),
            count(Family::Chance),
            self.followed
        )?;
        for Failure { history, broken } in &self.failures {
            writeln!(formatter, "  history {history}: {}: {}", broken.check, broken.detail)?;
        }
        write!(formatter, "{} went wrong", self.failed)
    }
}

/// Goes through worlds from `from` on until there were at least `count` histories
///
/// The same numbers give the same report, however many threads there are.
pub fn run(from: u64, count: u64, threads: usize) -> Report {
    let mut report = Report { next: from, ..Report::default() };
    while report.total() < count {
        for part in chunk(report.next, threads.max(1)) {
            report.add(part);
        }
        report.next += CHUNK;
    }
    report
}

/// One chunk of worlds, in order
fn chunk(from: u64, threads: usize) -> Vec<Report> {
    let worlds: Vec<u64> = (from..from + CHUNK).collect();
    let next = AtomicUsize::new(0);
    let mut parts: Vec<(usize, Report)> = std::thread::scope(|scope| {
        let work = || {
            let mut parts = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(number) = worlds.get(place) else { return parts };
                parts.push((place, world(*number, MOST)));
            }
        };
        let hands: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        hands.into_iter().flat_map(|hand| hand.join().expect("a history that panics is a failure by itself")).collect()
    });
    parts.sort_by_key(|(place, _)| *place);
    parts.into_iter().map(|(_, report)| report).collect()
}

/// Every history of one world, up to `most`
pub fn world(number: u64, most: u64) -> Report {
    let mut log = Log::default();
    let family = Family::of(number);
    let (histories, followed, broken) = match family {
        Family::Orders => {
            let search = orders::Search::of(number, most, &mut log);
            (search.orders, search.followed, search.broken)
        }
        Family::Mishaps => {
            let (histories, broken) = mishaps::search(number, most, &mut log);
            (histories, histories, broken)
        }
        Family::Chance => {
            let count = LONG.min(most);
            let judged = (0..count).flat_map(|place| {
                let broken = chance::judge(number * PLACES + place, &mut log);
                broken.into_iter().map(move |broken| (place, broken))
            });
            (count, count, judged.collect())
        }
    };
    let mut report = Report { followed, worlds: 1, coverage: log.coverage, ..Report::default() };
    report.histories.insert(family, histories);
    let mut places: Vec<u64> = broken.iter().map(|(place, _)| *place).collect();
    places.dedup();
    report.failed = places.len() as u64;
    for (place, broken) in broken {
        if report.failures.iter().all(|failure| failure.broken.check != broken.check) {
            report.failures.push(Failure { history: number * PLACES + place, broken });
        }
    }
    report
}

/// One history again: what happened, and what did not hold
#[must_use]
pub fn tell(history: u64) -> (String, Vec<Broken>) {
    let mut log = Log { story: Some(Vec::new()), ..Log::default() };
    let (number, place) = (history / PLACES, history % PLACES);
    let broken = match Family::of(number) {
        Family::Orders => orders::tell(number, place, &mut log),
        Family::Mishaps => mishaps::tell(number, place, &mut log),
        Family::Chance => chance::judge(history, &mut log),
    };
    let mut story = log.story.unwrap_or_default().join("\n");
    for broken in &broken {
        story.push_str(&format!("\nBROKEN {}: {}", broken.check, broken.detail));
    }
    (story, broken)
}
