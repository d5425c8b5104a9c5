//! What every run needs: clients, ledger, configuration, clock, randomness, and a deadline

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use grant_plan::call::Failure;
use grant_plan::id::{AccountId, Intent};
use grant_plan::snapshot::Limits;
use grant_plan::time::Timestamp;
use rand::Rng;
use rand::rngs::StdRng;

use crate::clients::Clients;
use crate::clock::Clock;
use crate::config::Config;
use crate::ledger::Ledger;
use crate::pace::{Pace, Repeat};

/// The shell around `grant-plan`, made once per process
#[derive(Debug)]
pub struct Engine {
    pub(crate) clients: Clients,
    pub(crate) config: Config,
    pub(crate) ledger: Ledger,
    pub(crate) pace: Pace,
    holder: Mutex<Option<AccountId>>,
}

impl Engine {
    /// An engine on these clients
    ///
    /// `seed` makes its random choices repeatable; `None` takes them from the operating system.
    #[must_use]
    pub fn new(config: Config, clients: Clients, clock: Clock, seed: Option<u64>) -> Self {
        let ledger = Ledger::new(clients.dynamodb.clone(), config.ledger_table.clone());
        Self { clients, config, ledger, pace: Pace::new(clock, seed), holder: Mutex::new(None) }
    }

    /// The configuration it was made with
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The clients it works with
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// The ledger
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The clock
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.pace.clock()
    }

    /// Now
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.pace.now()
    }

    /// From this moment on no new call is begun; `None`: no limit
    pub fn work_until(&self, deadline: Option<Timestamp>) {
        self.pace.work_until(deadline);
    }

    /// Whether that moment has come
    #[must_use]
    pub fn out_of_time(&self) -> bool {
        self.pace.out_of_time()
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits { grant_budget: self.config.grant_budget }
    }

    pub(crate) fn random<T>(&self, choose: impl FnOnce(&mut StdRng) -> T) -> T {
        self.pace.random(choose)
    }

    pub(crate) async fn paced<T, C, F>(&self, repeat: Repeat, call: C) -> Result<T, Failure>
    where
        C: FnMut() -> F,
        F: Future<Output = Result<T, Failure>>,
    {
        self.pace.paced(repeat, call).await
    }

    /// A fresh intent: 128 random bits
    pub(crate) fn intent(&self) -> Option<Intent> {
        let bits: u128 = self.random(Rng::random);
        format!("{bits:032x}").parse().ok()
    }

    pub(crate) fn known_holder(&self) -> Option<AccountId> {
        self.holder.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn learn_holder(&self, holder: &AccountId) {
        *self.holder.lock().unwrap_or_else(PoisonError::into_inner) = Some(holder.clone());
    }
}
