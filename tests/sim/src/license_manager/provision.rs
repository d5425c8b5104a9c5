//! Licenses come and go: what Marketplace and time do to them

use std::sync::Arc;

use jiff::Timestamp;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

use super::activation::TAKEN;
use super::chore::Chore;
use super::grant::{Grant, GrantStatus, GrantType, Principal};
use super::kept::Kept;
use super::license::{HOME_REGION, License, LicenseStatus, MARKETPLACE_ACCOUNT};
use super::transition::{Change, Transition};
use super::{LicenseManager, after, principal};
use crate::blueprint::Purchase;
use crate::knobs::{EndedLicense, Knobs, LicenseManagerEvents};
use crate::organizations::Organization;

/// A license that ends when another one is there
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Succession {
    old: String,
    ends: LicenseStatus,
}

impl LicenseManager {
    /// A license comes into being for its buyer, with Marketplace's grant to it already ACTIVE
    ///
    /// A product has one active grant per account, so another one active there for the same SKU becomes DISABLED. For
    /// a license id already known this is a renewal that keeps the license: its version rises and it is AVAILABLE.
    pub fn provision(
        &mut self,
        purchase: &Purchase,
        _organization: &Organization,
        knobs: &Knobs,
        now: Timestamp,
        ids: &mut StdRng,
    ) {
        self.told = knobs.license_manager_events != LicenseManagerEvents::Off;
        match self.license(&purchase.license).map(|license| license.received_by.clone()) {
            Some(received_by) => self.carry_on(purchase, &received_by, knobs, now, ids),
            None => {
                let arn = super::grant_arn(MARKETPLACE_ACCOUNT, knobs, ids);
                let pending = knobs.license_pending_seconds;
                let license = License {
                    purchase: purchase.clone(),
                    status: if pending > 0 { LicenseStatus::PendingAvailable } else { LicenseStatus::Available },
                    version: 1,
                    created: now,
                    visible_from: after(now, knobs.license_visibility_seconds),
                    received_by: arn.clone(),
                    reads: None,
                };
                if pending > 0 {
                    self.put_off(Chore::Release(license.id().into()), after(now, pending));
                }
                self.subscribe(arn, &license, knobs, now);
                self.licenses.insert(license.id().into(), Arc::new(Kept::new(license, now)));
            }
        }
        // Until it is AVAILABLE, the grant by which the buyer holds it is of no use and in nobody's way.
        if self.license(&purchase.license).is_some_and(|license| license.status == LicenseStatus::Available) {
            self.occupy_all(&purchase.license, knobs, now);
        }
        self.tell_of_license(&purchase.license, now);
        if let Some(succession) = self.successions.remove(&purchase.license) {
            self.end_license(&succession.old, succession.ends, knobs, now);
        }
    }

    /// A renewal that keeps the license
    fn carry_on(&mut self, purchase: &Purchase, received_by: &str, knobs: &Knobs, now: Timestamp, ids: &mut StdRng) {
        let held = self.grant(received_by).is_some_and(Grant::is_live);
        let received_by = if held { received_by.to_owned() } else { super::grant_arn(MARKETPLACE_ACCOUNT, knobs, ids) };
        self.change_license(&purchase.license, now, |license| {
            license.version += 1;
            license.status = LicenseStatus::Available;
            license.purchase = purchase.clone();
            license.received_by.clone_from(&received_by);
        });
        if let Some(license) = self.license(&purchase.license).filter(|_| !held).cloned() {
            self.subscribe(received_by, &license, knobs, now);
        }
    }

    /// The grant by which a buyer holds its license, not ACTIVE yet
    fn subscribe(&mut self, arn: String, license: &License, knobs: &Knobs, now: Timestamp) {
        let visible_from = after(now, knobs.license_visibility_seconds);
        self.insert(Grant {
            arn,
            name: license.purchase.product.clone(),
            parent_arn: Self::license_arn(license.id()),
            license: license.id().to_owned(),
            sku: license.sku().to_owned(),
            principal: Principal::Account(license.holder().to_owned()),
            principal_arn: principal::account_arn(license.holder()),
            grantor: MARKETPLACE_ACCOUNT.to_owned(),
            home_region: HOME_REGION,
            status: GrantStatus::Disabled,
            status_reason: None,
            version: 1,
            operations: license.received_operations(),
            options: None,
            options_by_grantor: false,
            grant_type: GrantType::Buyer,
            activated: false,
            sub_grant: false,
            switched_off: false,
            created: now,
            readable_from: visible_from,
            visible_from,
            ended: None,
            stuck: false,
            was_stuck: false,
            reads: None,
            workflow: None,
        });
    }

    /// The buyer's own grant takes its place; others that are ACTIVE take theirs back unless somebody has it by now
    fn occupy_all(&mut self, license_id: &str, knobs: &Knobs, now: Timestamp) {
        let own = self.license(license_id).map(|license| license.received_by.clone()).unwrap_or_default();
        self.take_place(&own, knobs, now);
        for arn in self.grants_of(license_id) {
            if self.grant(&arn).is_none_or(|grant| grant.status != GrantStatus::Active) {
                continue;
            }
            if self.occupant(&arn).is_some() {
                let withheld = Change::to(GrantStatus::Disabled, Transition::Withheld).because(TAKEN.to_owned());
                self.shift(&arn, withheld.bump(knobs.workflow_bumps_version), now);
            } else {
                self.occupy(&arn);
            }
        }
    }

    /// A license's agreement ended: no grant of it is of use any more
    ///
    /// By the knobs `ended_license_deletes_grants` and `ended_license`, all its grants become DELETED, or the active
    /// ones DISABLED, or they stay as they are.
    pub fn end_license(&mut self, license_id: &str, status: LicenseStatus, knobs: &Knobs, now: Timestamp) {
        self.told = knobs.license_manager_events != LicenseManagerEvents::Off;
        if self.license(license_id).is_none() {
            return;
        }
        self.change_license(license_id, now, |license| license.status = status);
        for arn in self.grants_of(license_id) {
            let Some(grant) = self.grant(&arn).filter(|grant| grant.is_live()) else { continue };
            let to = match (knobs.ended_license_deletes_grants, knobs.ended_license) {
                (true, EndedLicense::ActiveOnesDisabled | EndedLicense::Untouched) => Some(GrantStatus::Deleted),
                (false, EndedLicense::ActiveOnesDisabled) if grant.status == GrantStatus::Active => {
                    Some(GrantStatus::Disabled)
                }
                (false, EndedLicense::ActiveOnesDisabled | EndedLicense::Untouched) => None,
            };
            match to {
                Some(to) => {
                    let change = Change::to(to, Transition::LicenseEnded)
                        .because(format!("License is {}", status.as_str()))
                        .bump(knobs.workflow_bumps_version);
                    self.shift(&arn, change, now);
                }
                None => self.occupy(&arn),
            }
        }
        self.tell_of_license(license_id, now);
    }

    /// A license that was not usable yet is from now on, unless it has ended
    pub(super) fn release_license(&mut self, license_id: &str, knobs: &Knobs, now: Timestamp) {
        if self.license(license_id).is_some_and(|license| license.status == LicenseStatus::PendingAvailable) {
            self.change_license(license_id, now, |license| license.status = LicenseStatus::Available);
            self.occupy_all(license_id, knobs, now);
            self.tell_of_license(license_id, now);
        }
    }

    /// A service that has grown a status since: from now on a license's status reads so, whatever it is; `None`: no more
    pub fn license_reads(&mut self, license_id: &str, word: Option<&str>, now: Timestamp) {
        self.change_license(license_id, now, |license| license.reads = word.map(str::to_owned));
    }

    /// The same of a grant's or sub-grant's status
    pub fn grant_reads(&mut self, grant_arn: &str, word: Option<&str>, now: Timestamp) {
        self.change(grant_arn, now, |grant| grant.reads = word.map(str::to_owned));
    }

    /// A license ends as soon as its successor is there
    pub fn end_license_after(&mut self, license_id: &str, status: LicenseStatus, successor: &str) {
        let succession = Succession { old: license_id.to_owned(), ends: status };
        self.successions.insert(successor.to_owned(), succession);
    }

    fn change_license(&mut self, license_id: &str, now: Timestamp, change: impl FnOnce(&mut License)) {
        if let Some(kept) = self.licenses.get_mut(license_id) {
            Arc::make_mut(kept).change(now, change);
        }
    }
}
