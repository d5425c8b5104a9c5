//! AWS Marketplace agreements as their acceptor sees them

mod calls;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::blueprint::Purchase;

/// Every agreement, of whichever account
#[derive(Debug, Clone, Default)]
pub struct Marketplace {
    /// By agreement id
    pub agreements: BTreeMap<String, Agreement>,
}

/// One agreement with its one entitlement
#[derive(Debug, Clone)]
pub struct Agreement {
    /// What was bought, by whom
    pub purchase: Purchase,
    /// ACTIVE, ARCHIVED, CANCELLED, EXPIRED, RENEWED, REPLACED, ROLLED_BACK, SUPERSEDED or TERMINATED
    pub status: String,
    /// First agreement of the chain that this one renews or replaces; its own id at the beginning of a chain
    pub initial: String,
    /// When it was accepted
    pub accepted: Timestamp,
    /// When it starts
    pub start: Timestamp,
    /// When it ends; pay-as-you-go agreements do not
    pub end: Option<Timestamp>,
    /// PROVISIONED, SCHEDULED, PENDING, FAILED or DEPROVISIONED
    pub entitlement: String,
    /// Why, as the API's `statusReasonCode`
    pub reason: Option<String>,
    /// From when the entitlement is PROVISIONED by itself
    pub due: Option<Timestamp>,
    /// Whether its license exists
    pub licensed: bool,
}

impl Marketplace {
    /// Adds an agreement accepted now; `due` says when its license comes, never when it does not come by itself
    pub fn add(&mut self, purchase: &Purchase, now: Timestamp, due: Option<Timestamp>) -> &mut Agreement {
        let year = std::time::Duration::from_secs(365 * 86_400);
        let agreement = Agreement {
            purchase: purchase.clone(),
            status: "ACTIVE".to_owned(),
            initial: purchase.agreement.clone(),
            accepted: now,
            start: now,
            end: Some(crate::clock::later(now, year)),
            entitlement: "PENDING".to_owned(),
            reason: Some("PROVISIONING_IN_PROGRESS".to_owned()),
            due,
            licensed: false,
        };
        let slot = self.agreements.entry(purchase.agreement.clone()).insert_entry(agreement);
        slot.into_mut()
    }

    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.agreements.values().filter_map(|agreement| agreement.due).min()
    }

    /// Entitlements whose time has come; the licenses of these purchases are to be made
    pub(crate) fn tick(&mut self, now: Timestamp) -> Vec<Purchase> {
        let mut provisioned = Vec::new();
        for agreement in self.agreements.values_mut() {
            if agreement.due.is_some_and(|due| due <= now) {
                agreement.due = None;
                agreement.entitlement = "PROVISIONED".to_owned();
                agreement.reason = None;
                agreement.licensed = true;
                provisioned.push(agreement.purchase.clone());
            }
        }
        provisioned
    }
}
