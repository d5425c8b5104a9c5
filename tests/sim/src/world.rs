//! One world: services, a clock, and a way to run a program against them

mod infrastructure;
mod life;
mod market;
mod roles;
mod run;
mod saved;
mod telling;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use bytes::Bytes;
use http::Request;
use jiff::Timestamp;

use crate::blueprint::Blueprint;
use crate::client::InProcess;
use crate::clock::{Clock, SdkClock, Time, later};
use crate::door::{self, Answer};
use crate::faults::Faults;
use crate::knobs::Knobs;
use crate::state::State;

pub use infrastructure::QueueHandle;
pub use market::Cancellation;
pub use saved::{DocumentError, Resume};
pub(crate) use saved::{digits, pairs};
pub(crate) use telling::Untold;

/// How a world behaves; the same settings and the same calls give the same history
#[derive(Debug, Clone)]
pub struct Settings {
    /// Seed of every random number
    pub seed: u64,
    /// Which clock
    pub time: Time,
    /// Answers to the open questions about AWS
    pub knobs: Knobs,
    /// What goes wrong, and how often
    pub faults: Faults,
}

impl Default for Settings {
    /// Seed 1, virtual time from 2026-09-14T08:00:00Z, default knobs, no faults
    fn default() -> Self {
        let start = Timestamp::from_second(1_789_372_800).unwrap_or_default();
        Self { seed: 1, time: Time::Virtual(start), knobs: Knobs::default(), faults: Faults::calm() }
    }
}

/// A pretend AWS; clones are handles to the same one
#[derive(Debug, Clone)]
pub struct World {
    clock: Arc<Clock>,
    state: Arc<Mutex<State>>,
}

impl World {
    /// A new world with the blueprint's organization and purchases
    pub fn new(blueprint: &Blueprint, settings: Settings) -> Self {
        let clock = Arc::new(Clock::new(settings.time));
        let state = State::new(blueprint, settings.seed, Arc::clone(&clock), settings.knobs, settings.faults);
        Self { clock, state: Arc::new(Mutex::new(state)) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A test that panicked inside `with` has failed already; the others may go on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the world's clock shows
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn is_virtual(&self) -> bool {
        self.clock.is_virtual()
    }

    /// Looks at the state, or changes it by hand; no other call gets in meanwhile
    pub fn with<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut self.lock())
    }

    /// Answers one HTTP request, whichever service it is for
    pub fn answer(&self, request: Request<Bytes>) -> Answer {
        door::answer(&mut self.lock(), &request)
    }

    /// An HTTP client for SDK configurations that never leaves the process
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(InProcess::new(self.clone()))
    }

    /// The world's clock for SDK configurations
    pub fn time_source(&self) -> SharedTimeSource {
        SharedTimeSource::new(SdkClock(Arc::clone(&self.clock)))
    }

    /// The world's sleep for SDK configurations; in virtual time it takes none
    pub fn sleep(&self) -> SharedAsyncSleep {
        SharedAsyncSleep::new(SdkClock(Arc::clone(&self.clock)))
    }

    /// Lets time pass: what is due happens in its order, then sleepers that are due wake
    pub fn advance(&self, by: Duration) {
        self.advance_to(later(self.now(), by));
    }

    fn advance_to(&self, to: Timestamp) {
        self.with(State::catch_up);
        loop {
            let due = [self.with(|state| state.next_due()), self.clock.next_timer()].into_iter().flatten().min();
            let Some(due) = due.filter(|due| *due > self.now() && *due <= to) else { break };
            self.clock.move_to(due);
            self.with(State::catch_up);
            self.clock.wake_due();
        }
        self.clock.move_to(to);
        self.with(State::catch_up);
        self.clock.wake_due();
    }
}
