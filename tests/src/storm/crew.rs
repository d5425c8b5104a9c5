//! Many seeds on a few threads

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::{panic, thread};

use super::coverage::Coverage;
use super::{Verdict, play};

/// The SDK's futures nest deeply, and without optimisation each layer takes its place on the stack
const STACK: usize = 64 << 20;

/// What came of many seeds
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What was met
    pub coverage: Coverage,
    /// What was broken, by seed
    pub failed: BTreeMap<u64, Vec<String>>,
}

/// Plays `count` seeds from `first` on, `threads` at a time, until `most` have failed
#[must_use]
pub fn run(first: u64, count: u64, threads: usize, most: usize) -> Outcome {
    let (next, stop, outcome) = (AtomicU64::new(first), AtomicBool::new(false), Mutex::new(Outcome::default()));
    let work = || {
        while !stop.load(Ordering::SeqCst) {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if seed >= first.saturating_add(count) {
                return;
            }
            let verdict = play_here(seed);
            let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
            outcome.coverage.merge(verdict.coverage);
            if !verdict.broken.is_empty() {
                outcome.failed.insert(seed, verdict.broken);
                stop.fetch_or(outcome.failed.len() >= most, Ordering::SeqCst);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let crew = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
            crew.expect("the machine has room for a thread");
        }
    });
    outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Plays one seed on a thread of its own
#[must_use]
pub fn alone(seed: u64) -> Verdict {
    let thread = thread::Builder::new().stack_size(STACK).spawn(move || play_here(seed));
    thread.expect("the machine has room for a thread").join().unwrap_or_default()
}

/// Runs something on the stack that storms need
#[cfg(test)]
pub(super) fn with_room(work: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(STACK).spawn(work).expect("the machine has room for a thread");
    if let Err(panicked) = thread.join() {
        panic::resume_unwind(panicked);
    }
}

/// A panic on the way is a failure of the seed like any other
fn play_here(seed: u64) -> Verdict {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime needs nothing but memory");
    let played = panic::catch_unwind(panic::AssertUnwindSafe(|| runtime.block_on(play(seed))));
    played.unwrap_or_else(|panicked| {
        let said = panicked.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panicked.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let broken = vec![format!("panicked: {}", said.unwrap_or_default())];
        Verdict { broken, coverage: Coverage { seeds: 1, ..Coverage::default() }, ..Verdict::default() }
    })
}
