//! The part of the faults that moves

use std::collections::BTreeMap;

use jiff::SignedDuration;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use super::{CallFault, Fault};
use crate::door::Service;

/// One-shots, counts and random numbers of their own, so that switching faults on changes no id anywhere
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Luck {
    next: Vec<OneShot>,
    happened: BTreeMap<Fault, u64>,
    #[serde(skip, default = "unseeded")]
    rng: StdRng,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneShot {
    service: Service,
    operation: String,
    fault: CallFault,
}

fn unseeded() -> StdRng {
    StdRng::seed_from_u64(0)
}

impl Default for Luck {
    fn default() -> Self {
        Self { next: Vec::new(), happened: BTreeMap::new(), rng: unseeded() }
    }
}

impl Luck {
    pub(super) fn seed(&mut self, seed: u64) {
        self.rng = StdRng::seed_from_u64(seed);
    }

    pub(super) fn queue(&mut self, service: Service, operation: &str, fault: CallFault) {
        self.next.push(OneShot { service, operation: operation.to_owned(), fault });
    }

    pub(super) fn queued(&mut self, service: Service, operation: &str) -> Option<CallFault> {
        let at = self.next.iter().position(|shot| shot.service == service && shot.operation == operation)?;
        Some(self.next.remove(at).fault)
    }

    pub(super) fn happened(&self) -> &BTreeMap<Fault, u64> {
        &self.happened
    }

    pub(super) fn count(&mut self, fault: Fault) {
        *self.happened.entry(fault).or_default() += 1;
    }

    /// The first fault that strikes
    ///
    /// Every possible one is drawn, so that one call costs the same numbers whichever of them strikes.
    pub(super) fn draw<F: Copy>(&mut self, odds: &[(F, f64)]) -> Option<F> {
        let mut struck = None;
        for (fault, probability) in odds {
            if *probability > 0.0 && self.rng.random_bool(probability.min(1.0)) && struck.is_none() {
                struck = Some(*fault);
            }
        }
        struck
    }

    pub(super) fn seconds(&mut self, most: u64) -> SignedDuration {
        let seconds = self.rng.random_range(1..=most.max(1));
        SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
    }
}
