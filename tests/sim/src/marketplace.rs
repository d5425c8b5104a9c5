//! AWS Marketplace agreements as their acceptor sees them

mod calls;
mod search;
mod shape;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::blueprint::Purchase;

/// Every agreement, of whichever account
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marketplace {
    /// By agreement id
    pub agreements: BTreeMap<String, Agreement>,
}

/// One agreement
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// When anything about it last changed
    pub updated: Timestamp,
    /// Whether it renews at its end
    pub auto_renewal: bool,
    /// The offer set that its offer belongs to
    pub offer_set: Option<String>,
    /// What it entitles to; the first is the purchase's product
    pub entitlements: Vec<Entitlement>,
}

/// What an agreement entitles to
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entitlement {
    /// Product id
    pub resource: String,
    /// AmiProduct, SaaSProduct and so on
    pub resource_type: String,
    /// `AWS::Marketplace::Usage` or `AWS::Marketplace::Discount`
    pub kind: String,
    /// PROVISIONED, SCHEDULED, PENDING, FAILED or DEPROVISIONED
    pub status: String,
    /// Why, as the API's `statusReasonCode`
    pub reason: Option<String>,
    /// Trailing part of the license's ARN; a discount has none
    pub license: Option<String>,
    /// From when it is PROVISIONED by itself
    pub due: Option<Timestamp>,
    /// Whether its license exists
    pub licensed: bool,
}

impl Entitlement {
    /// The use of a product, provisioned by itself at `due`, or not by itself
    pub fn usage(resource: &str, resource_type: &str, license: &str, due: Option<Timestamp>) -> Self {
        Self {
            resource: resource.to_owned(),
            resource_type: resource_type.to_owned(),
            kind: "AWS::Marketplace::Usage".to_owned(),
            status: "PENDING".to_owned(),
            reason: Some("PROVISIONING_IN_PROGRESS".to_owned()),
            license: Some(license.to_owned()),
            due,
            licensed: false,
        }
    }

    /// A discount on a product, which no license stands for
    pub fn discount(resource: &str, resource_type: &str, due: Option<Timestamp>) -> Self {
        let kind = "AWS::Marketplace::Discount".to_owned();
        Self { kind, license: None, ..Self::usage(resource, resource_type, "", due) }
    }
}

impl Agreement {
    /// Ends it with a status; its entitlements with it
    pub(crate) fn end(&mut self, status: &str) {
        self.status = status.to_owned();
        for entitlement in &mut self.entitlements {
            entitlement.status = "DEPROVISIONED".to_owned();
            entitlement.reason = Some("AGREEMENT_INACTIVE".to_owned());
            entitlement.due = None;
        }
    }
}

impl Marketplace {
    /// Adds an agreement accepted now; `due` says when its license comes, never when it does not come by itself
    pub fn add(&mut self, purchase: &Purchase, now: Timestamp, due: Option<Timestamp>) -> &mut Agreement {
        let year = std::time::Duration::from_secs(365 * 86_400);
        let usage = Entitlement::usage(&purchase.sku, &purchase.product_type, &purchase.license, due);
        let agreement = Agreement {
            purchase: purchase.clone(),
            status: "ACTIVE".to_owned(),
            initial: purchase.agreement.clone(),
            accepted: now,
            start: now,
            end: Some(crate::clock::later(now, year)),
            updated: now,
            auto_renewal: false,
            offer_set: None,
            entitlements: vec![usage],
        };
        let slot = self.agreements.entry(purchase.agreement.clone()).insert_entry(agreement);
        slot.into_mut()
    }

    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let entitlements = self.agreements.values().flat_map(|agreement| &agreement.entitlements);
        entitlements.filter_map(|entitlement| entitlement.due).min()
    }

    /// Entitlements whose time has come; the licenses of these purchases are to be made
    pub(crate) fn tick(&mut self, now: Timestamp) -> Vec<Purchase> {
        let mut provisioned = Vec::new();
        for agreement in self.agreements.values_mut() {
            for entitlement in &mut agreement.entitlements {
                if entitlement.due.is_none_or(|due| due > now) {
                    continue;
                }
                entitlement.due = None;
                entitlement.status = "PROVISIONED".to_owned();
                entitlement.reason = None;
                if let Some(license) = &entitlement.license {
                    entitlement.licensed = true;
                    provisioned.push(Purchase {
                        license: license.clone(),
                        sku: entitlement.resource.clone(),
                        product_type: entitlement.resource_type.clone(),
                        ..agreement.purchase.clone()
                    });
                }
            }
        }
        provisioned
    }
}
