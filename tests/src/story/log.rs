//! What our crates log, down to the last trace, while a test listens

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::dispatcher::{DefaultGuard, Dispatch};
use tracing::subscriber::NoSubscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, Registry};

const OURS: &str = "grant_plan=trace,grant_engine=trace,distribute_grants=trace,accept_grants=trace";

/// Everything that this thread logged since listening began, as JSON lines
#[derive(Debug)]
pub struct Log {
    written: Written,
    _guard: DefaultGuard,
    /// With only one subscriber in the process, `tracing` asks the thread that meets a log line first whether anybody
    /// listens, and a test on another thread would switch the line off for this one.
    _second: Dispatch,
}

impl Log {
    /// Listens to this thread until dropped
    #[must_use]
    pub fn listen() -> Self {
        let second = Dispatch::new(NoSubscriber::new());
        let written = Written::default();
        let format = tracing_subscriber::fmt::layer().json().with_writer(written.clone());
        let guard = tracing::subscriber::set_default(Registry::default().with(EnvFilter::new(OURS)).with(format));
        Self { written, _guard: guard, _second: second }
    }

    /// What was logged so far
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.written.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// The first line that contains `text`
    #[must_use]
    pub fn line_with(&self, text: &str) -> Option<String> {
        self.text().lines().find(|line| line.contains(text)).map(str::to_owned)
    }
}

#[derive(Debug, Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Written {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
