//! The one clock of a process: it gives the time, and it sleeps
//!
//! Made once in `main` and handed to the SDK clients as well, so that a simulated run is simulated throughout.

use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use grant_plan::time::Timestamp;

/// Time and sleep
#[derive(Debug, Clone)]
pub struct Clock {
    source: SharedTimeSource,
    sleep: SharedAsyncSleep,
}

impl Clock {
    /// A clock on any source of time and sleep
    #[must_use]
    pub fn new(source: SharedTimeSource, sleep: SharedAsyncSleep) -> Self {
        Self { source, sleep }
    }

    /// The machine's clock and tokio's timer
    #[must_use]
    pub fn system() -> Self {
        Self::new(SharedTimeSource::new(SystemTimeSource::new()), SharedAsyncSleep::new(TokioSleep::new()))
    }

    /// Now, in whole seconds
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let since_epoch = self.source.now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX))
    }

    /// Waits
    pub async fn sleep(&self, duration: Duration) {
        self.sleep.sleep(duration).await;
    }

    /// The source of time, for SDK clients
    #[must_use]
    pub fn time_source(&self) -> SharedTimeSource {
        self.source.clone()
    }

    /// The sleep, for SDK clients
    #[must_use]
    pub fn sleep_impl(&self) -> SharedAsyncSleep {
        self.sleep.clone()
    }
}
