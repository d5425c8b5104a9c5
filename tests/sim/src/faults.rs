//! What goes wrong on the way: throttling, server errors, lost replies, stalled workflows, accounts not ready

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::door::Service;

/// One thing that goes wrong with a call
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Refused for asking too often, nothing happens
    Throttle,
    /// HTTP 500, nothing happens
    ServerError,
    /// Everything happens and the reply never arrives
    LostReply,
    /// The workflow that a License Manager write starts takes far longer than usual
    SlowWorkflow,
    /// The account behind the call is refused as if it were still being set up
    AccountNotReady,
}

/// How often things go wrong, each a probability per call from 0 to 1
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// [`Fault::Throttle`]
    pub throttle: f64,
    /// [`Fault::ServerError`]
    pub server_error: f64,
    /// [`Fault::LostReply`]
    pub lost_reply: f64,
    /// [`Fault::SlowWorkflow`], drawn for License Manager writes only
    pub slow_workflow: f64,
    /// [`Fault::AccountNotReady`], drawn for AssumeRole and AcceptGrant only
    pub account_not_ready: f64,
    /// The services that suffer; those a program keeps its own state in are spared unless named
    pub services: Vec<Service>,
    /// What is still to strike, what has struck, and the random numbers in between
    #[serde(skip)]
    pub luck: Luck,
}

/// The part of [`Faults`] that moves: one-shots, counts and its own random numbers, so that switching faults on
/// changes no id anywhere
#[derive(Debug, Clone, PartialEq)]
pub struct Luck {
    next: Vec<OneShot>,
    happened: BTreeMap<Fault, u64>,
    rng: StdRng,
}

impl Default for Luck {
    fn default() -> Self {
        Self { next: Vec::new(), happened: BTreeMap::new(), rng: StdRng::seed_from_u64(0) }
    }
}

#[derive(Debug, Clone, PartialEq)]
struct OneShot {
    service: Service,
    operation: String,
    fault: Fault,
}

impl Default for Faults {
    fn default() -> Self {
        Self::calm()
    }
}

impl Faults {
    /// Nothing goes wrong
    pub fn calm() -> Self {
        Self {
            throttle: 0.0,
            server_error: 0.0,
            lost_reply: 0.0,
            slow_workflow: 0.0,
            account_not_ready: 0.0,
            services: vec![Service::LicenseManager, Service::Organizations, Service::Marketplace, Service::Sts],
            luck: Luck::default(),
        }
    }

    /// Sets every probability to zero, keeps one-shots, counts and random numbers
    pub fn stop(&mut self) {
        self.throttle = 0.0;
        self.server_error = 0.0;
        self.lost_reply = 0.0;
        self.slow_workflow = 0.0;
        self.account_not_ready = 0.0;
    }

    /// The next call of this operation suffers this fault, whatever the probabilities; several queue up in order
    pub fn fail_next(&mut self, service: Service, operation: &str, fault: Fault) {
        self.luck.next.push(OneShot { service, operation: operation.to_owned(), fault });
    }

    /// How often each fault really happened
    pub fn happened(&self) -> &BTreeMap<Fault, u64> {
        &self.luck.happened
    }

    pub(crate) fn seed(&mut self, seed: u64) {
        self.luck.rng = StdRng::seed_from_u64(seed);
    }

    pub(crate) fn count(&mut self, fault: Fault) {
        *self.luck.happened.entry(fault).or_default() += 1;
    }

    /// The fault this call suffers, if any
    pub(crate) fn draw(&mut self, service: Service, operation: &str, write: bool) -> Option<Fault> {
        let shot = self.luck.next.iter().position(|shot| shot.service == service && shot.operation == operation);
        if let Some(at) = shot {
            return Some(self.luck.next.remove(at).fault);
        }
        if !self.services.contains(&service) {
            return None;
        }
        let license_write = service == Service::LicenseManager && write;
        let into_account = matches!(operation, "AssumeRole" | "AcceptGrant");
        let odds = [
            (Fault::Throttle, self.throttle),
            (Fault::ServerError, self.server_error),
            (Fault::AccountNotReady, if into_account { self.account_not_ready } else { 0.0 }),
            (Fault::LostReply, self.lost_reply),
            (Fault::SlowWorkflow, if license_write { self.slow_workflow } else { 0.0 }),
        ];
        // Every possible fault is drawn, so that one call costs the same numbers whichever of them strikes.
        let mut struck = None;
        for (fault, probability) in odds {
            if probability > 0.0 && self.luck.rng.random_bool(probability.min(1.0)) && struck.is_none() {
                struck = Some(fault);
            }
        }
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calm_faults_never_strike() {
        let mut faults = Faults::calm();
        for _ in 0..1000 {
            assert_eq!(faults.draw(Service::LicenseManager, "CreateGrant", true), None);
        }
    }

    #[test]
    fn a_one_shot_strikes_once_and_only_its_operation() {
        let mut faults = Faults::calm();
        faults.fail_next(Service::Sqs, "SendMessage", Fault::ServerError);
        assert_eq!(faults.draw(Service::Sqs, "ReceiveMessage", false), None);
        assert_eq!(faults.draw(Service::Sqs, "SendMessage", true), Some(Fault::ServerError));
        assert_eq!(faults.draw(Service::Sqs, "SendMessage", true), None);
    }

    #[test]
    fn a_probability_strikes_about_that_often_and_spares_other_services() {
        let mut faults = Faults { throttle: 0.25, ..Faults::calm() };
        faults.seed(7);
        let struck = (0..2000).filter(|_| faults.draw(Service::Organizations, "ListAccounts", false).is_some()).count();
        assert!((400..600).contains(&struck), "{struck}");
        assert!((0..100).all(|_| faults.draw(Service::DynamoDb, "PutItem", true).is_none()));
    }
}
