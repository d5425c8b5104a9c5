//! How often and how fast a License Manager call is made again within one run

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use grant_plan::call::{Disposition, Effect, Failure};
use grant_plan::time::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::clock::Clock;

/// Attempts at one call in one run; after that the ledger keeps it due
const ATTEMPTS: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Whether a call may be made again though nobody knows what the first did
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It reads, or its token makes a repetition the same request
    Always,
    /// It makes something; only a refusal that did nothing allows another attempt
    IfRefused,
}

/// What a process paces itself by: its clock, its randomness, and a deadline
#[derive(Debug)]
pub(crate) struct Pace {
    clock: Clock,
    random: Mutex<StdRng>,
    deadline: Mutex<Option<Timestamp>>,
}

impl Pace {
    /// `seed` makes its random choices repeatable; `None` takes them from the operating system.
    pub(crate) fn new(clock: Clock, seed: Option<u64>) -> Self {
        let random = seed.map_or_else(StdRng::from_os_rng, StdRng::seed_from_u64);
        Self { clock, random: Mutex::new(random), deadline: Mutex::new(None) }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// From this moment on no new call is begun; `None`: no limit
    pub(crate) fn work_until(&self, deadline: Option<Timestamp>) {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = deadline;
    }

    /// Whether that moment has come
    pub(crate) fn out_of_time(&self) -> bool {
        let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        deadline.is_some_and(|deadline| self.now() >= deadline)
    }

    pub(crate) fn random<T>(&self, choose: impl FnOnce(&mut StdRng) -> T) -> T {
        choose(&mut self.random.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a call until it is answered, refused for good, or was tried often enough
    ///
    /// # Errors
    /// The last failure.
    pub(crate) async fn paced<T, C, F>(&self, repeat: Repeat, mut call: C) -> Result<T, Failure>
    where
        C: FnMut() -> F,
        F: Future<Output = Result<T, Failure>>,
    {
        let mut attempt = 1;
        loop {
            let failure = match call().await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let passes = failure.disposition == Disposition::Retry;
            let allowed = match (repeat, failure.effect) {
                (Repeat::Always, _) | (Repeat::IfRefused, Effect::None) => true,
                (Repeat::IfRefused, Effect::Unknown) => false,
            };
            if !passes || !allowed || attempt >= ATTEMPTS || self.out_of_time() {
                return Err(failure);
            }
            tracing::debug!(error.code = failure.code.as_deref(), attempt, "call is repeated");
            self.clock.sleep(self.backoff(attempt)).await;
            attempt += 1;
        }
    }

    /// Doubling waits, each between half and the whole of its step so that invocations do not march in step
    fn backoff(&self, attempt: u32) -> Duration {
        let step = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
        self.random(|random| step.mul_f64(random.random_range(0.5..1.0)))
    }
}
