//! The way from the functions to the world: it can be cut, it can be slow, and it can lose one reply

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use pretend_aws::World;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// A wire that every SDK client of a story speaks through; clones are ends of the same one
#[derive(Debug, Clone)]
pub struct Wire {
    world: SharedHttpClient,
    sleep: SharedAsyncSleep,
    cut: Arc<AtomicBool>,
    trouble: Arc<Mutex<Option<Trouble>>>,
    /// Random numbers of a slow wire; a quick one has none
    lag: Option<Arc<Mutex<StdRng>>>,
}

/// What goes wrong once
#[derive(Debug, Clone)]
struct Trouble {
    /// With this operation, as `X-Amz-Target` ends; any that writes when empty
    operation: String,
    /// After this many of them
    skip: usize,
    /// Whether the wire is cut from then on
    and_cut: bool,
}

/// Operations of JSON services that change nothing; everything else counts as a write
const READING: [&str; 6] = ["Get", "List", "Describe", "Query", "Scan", "Receive"];

impl Wire {
    /// A wire on which every call is answered at once
    #[must_use]
    pub fn quick(world: &World) -> Self {
        Self {
            world: world.http_client(),
            sleep: world.sleep(),
            cut: Arc::default(),
            trouble: Arc::default(),
            lag: None,
        }
    }

    /// A wire on which each call takes some milliseconds, so that programs at work at once take turns as `seed` says
    #[must_use]
    pub fn slow(world: &World, seed: u64) -> Self {
        Self { lag: Some(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))), ..Self::quick(world) }
    }

    /// From now on every connection is refused
    pub fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }

    /// Whether connections are refused
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }

    /// Connections work again, and no trouble is ahead
    pub fn mend(&self) {
        self.set(None);
        self.cut.store(false, Ordering::SeqCst);
    }

    /// The reply of one call of this operation is lost, after `skip` that arrive
    pub fn lose_reply(&self, operation: &str, skip: usize) {
        self.set(Some(Trouble { operation: operation.to_owned(), skip, and_cut: false }));
    }

    /// After `skip` writing calls more, one's reply is lost and the wire is cut: as if the process died there
    pub fn die_after_writes(&self, skip: usize) {
        self.set(Some(Trouble { operation: String::new(), skip, and_cut: true }));
    }

    /// Whether the trouble that was asked for is still to come
    #[must_use]
    pub fn trouble_is_ahead(&self) -> bool {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn set(&self, trouble: Option<Trouble>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Whether this call's reply is to be lost
    fn loses(&self, request: &HttpRequest) -> bool {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(ahead) = trouble.as_mut() else { return false };
        let writes = !operation.is_empty() && !READING.iter().any(|reading| operation.starts_with(reading));
        if ahead.operation != operation && !(ahead.operation.is_empty() && writes) {
            return false;
        }
        if ahead.skip > 0 {
            ahead.skip -= 1;
            return false;
        }
        if ahead.and_cut {
            self.cut();
        }
        *trouble = None;
        true
    }

    /// For SDK configurations
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    fn wait(&self) -> Option<Duration> {
        let lag = self.lag.as_ref()?;
        let milliseconds = lag.lock().unwrap_or_else(PoisonError::into_inner).random_range(1..=40);
        Some(Duration::from_millis(milliseconds))
    }
}

impl HttpClient for Wire {
    fn http_connector(&self, settings: &HttpConnectorSettings, parts: &RuntimeComponents) -> SharedHttpConnector {
        let through = self.world.http_connector(settings, parts);
        SharedHttpConnector::new(End { wire: self.clone(), through })
    }
}

#[derive(Debug)]
struct End {
    wire: Wire,
    through: SharedHttpConnector,
}

impl HttpConnector for End {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if self.wire.is_cut() {
            let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "connection refused");
            return HttpConnectorFuture::ready(Err(ConnectorError::io(refused.into())));
        }
        if self.wire.loses(&request) {
            let through = self.through.call(request);
            return HttpConnectorFuture::new(async move {
                let _lost = through.await;
                let reset = io::Error::new(io::ErrorKind::ConnectionReset, "the reply was lost");
                Err(ConnectorError::io(reset.into()))
            });
        }
        let Some(wait) = self.wire.wait() else { return self.through.call(request) };
        let (sleep, through) = (self.wire.sleep.clone(), self.through.clone());
        HttpConnectorFuture::new(async move {
            use aws_smithy_async::rt::sleep::AsyncSleep;
            sleep.sleep(wait).await;
            through.call(request).await
        })
    }
}
