//! The way from the functions to the world: it can be cut, and it can be slow

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
    /// Random numbers of a slow wire; a quick one has none
    lag: Option<Arc<Mutex<StdRng>>>,
}

impl Wire {
    /// A wire on which every call is answered at once
    #[must_use]
    pub fn quick(world: &World) -> Self {
        Self { world: world.http_client(), sleep: world.sleep(), cut: Arc::default(), lag: None }
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

    /// Connections work again
    pub fn mend(&self) {
        self.cut.store(false, Ordering::SeqCst);
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
        if self.wire.cut.load(Ordering::SeqCst) {
            let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "connection refused");
            return HttpConnectorFuture::ready(Err(ConnectorError::io(refused.into())));
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
