//! What people and AWS do to a world, each with the event that tells of it

use serde_json::{Value, json};

use super::World;
use crate::blueprint::Purchase;
use crate::clock::seconds_later;
use crate::license_manager::LicenseStatus;
use crate::marketplace::Agreement;
use crate::organizations::Account;
use crate::state::{State, letters};

impl World {
    /// The acceptor buys a product: the agreement stands at once, its license follows after
    /// [`license_provision_seconds`](crate::Knobs::license_provision_seconds)
    pub fn purchase(&self, purchase: &Purchase) {
        self.with(|state| state.agree(purchase, "NEW", None));
    }

    /// A new agreement takes an old one's place; `intent` is RENEW or REPLACE, the old one ends RENEWED or REPLACED
    ///
    /// By [`renewal_keeps_license`](crate::Knobs::renewal_keeps_license) the license stays the old one, whichever the
    /// purchase names.
    pub fn succeed(&self, previous: &str, purchase: &Purchase, intent: &str) {
        self.with(|state| state.succeed(previous, purchase, intent));
    }

    /// An agreement ends: CANCELLED, EXPIRED, TERMINATED, RENEWED or REPLACED
    ///
    /// Its license ends with it, EXPIRED, or DELETED when it was cut short, unless another agreement carries it on.
    pub fn end_agreement(&self, agreement: &str, status: &str) {
        self.with(|state| state.end_agreement(agreement, status));
    }

    /// A new account lands at the root and can be reached after
    /// [`account_ready_seconds`](crate::Knobs::account_ready_seconds)
    pub fn create_account(&self, id: &str, name: &str) {
        self.with(|state| state.create_account(id, name));
    }

    /// An administrator moves an account under the root or a unit
    pub fn move_account(&self, id: &str, to: &str) {
        self.with(|state| state.move_account(id, to));
    }

    /// An account becomes PENDING_ACTIVATION, ACTIVE, SUSPENDED, PENDING_CLOSURE or CLOSED; a closed one is announced
    pub fn set_account_state(&self, id: &str, account_state: &str) {
        self.with(|state| state.set_account_state(id, account_state));
    }

    /// An account leaves; `method` is LEFT, REMOVED or CLEANED. Its tags go with it
    pub fn remove_account(&self, id: &str, method: &str) {
        self.with(|state| state.remove_account(id, method));
    }

    /// An administrator sets an account's tag, or takes it away
    pub fn tag_account(&self, id: &str, key: &str, value: Option<&str>) {
        self.with(|state| state.tag_account(id, key, value));
    }

    /// Puts any event on the default bus, `aws.` sources included
    pub fn put_event(&self, event: Value) {
        self.with(|state| state.put_event(event));
    }
}

impl State {
    fn succeed(&mut self, previous: &str, purchase: &Purchase, intent: &str) {
        let mut purchase = purchase.clone();
        let old = self.marketplace.agreements.get(previous).map(|old| old.purchase.license.clone());
        if let Some(old) = old.as_ref().filter(|_| self.knobs.renewal_keeps_license) {
            purchase.license.clone_from(old);
        }
        self.agree(&purchase, intent, Some(previous));
        self.end_agreement(previous, if intent == "RENEW" { "RENEWED" } else { "REPLACED" });
    }

    pub(super) fn agree(&mut self, purchase: &Purchase, intent: &str, previous: Option<&str>) {
        let now = self.now();
        let due = seconds_later(now, self.knobs.license_provision_seconds);
        let chain =
            previous.and_then(|previous| self.marketplace.agreements.get(previous)).map(|old| old.initial.clone());
        let agreement = self.marketplace.add(purchase, now, Some(due));
        if let Some(chain) = chain {
            agreement.initial = chain;
        }
        let named = previous.filter(|_| intent == "RENEW");
        self.tell(&purchase.acceptor, |state, moment| {
            let agreement = state.marketplace.agreements.get(&purchase.agreement)?;
            Some(moment.agreement_created(agreement, intent, named))
        });
        self.catch_up();
    }

    pub(super) fn end_agreement(&mut self, id: &str, status: &str) {
        let Some(agreement) = self.marketplace.agreements.get_mut(id) else { return };
        agreement.end(status);
        let (acceptor, license) = (agreement.purchase.acceptor.clone(), agreement.purchase.license.clone());
        let carried_on = |other: &Agreement| other.status == "ACTIVE" && other.purchase.license == license;
        if !self.marketplace.agreements.values().any(carried_on) {
            let cut_short = matches!(status, "CANCELLED" | "TERMINATED");
            let ended = if cut_short { LicenseStatus::Deleted } else { LicenseStatus::Expired };
            self.end_license(&license, ended, status);
        }
        self.tell(&acceptor, |state, moment| {
            state.marketplace.agreements.get(id).map(|ended| moment.agreement_ended(ended))
        });
    }

    /// A license whose agreement is renewed or replaced may outlive it until the successor's is there
    fn end_license(&mut self, license: &str, ended: LicenseStatus, agreement_status: &str) {
        let now = self.now();
        let succeeded = matches!(agreement_status, "RENEWED" | "REPLACED") && !self.knobs.old_license_ends_first;
        let successor = succeeded.then(|| self.successor_of(license)).flatten();
        match successor {
            Some(successor) => self.license_manager.end_license_after(license, ended, &successor),
            None => self.license_manager.end_license(license, ended, &self.knobs, now),
        }
        self.tell_license_news();
    }

    /// The license of the youngest agreement of a license's chain, if it is still to come
    fn successor_of(&self, license: &str) -> Option<String> {
        let agreements = || self.marketplace.agreements.values();
        let old = agreements().find(|old| old.purchase.license == license)?;
        let chain = agreements().filter(|other| other.initial == old.initial && other.status == "ACTIVE");
        let youngest = chain.max_by_key(|other| other.accepted)?.purchase.license.clone();
        Some(youngest).filter(|license| self.license_manager.license(license).is_none())
    }

    fn create_account(&mut self, id: &str, name: &str) {
        let now = self.now();
        let account = Account {
            id: id.to_owned(),
            name: name.to_owned(),
            parent: self.organization.root.clone(),
            state: "ACTIVE".to_owned(),
            tags: std::collections::BTreeMap::new(),
            joined: now,
            ready: seconds_later(now, self.knobs.account_ready_seconds),
        };
        self.settle_in(account, None);
    }

    /// An account that was made is there; `request` is the one that asked for it, if anybody did
    pub(crate) fn settle_in(&mut self, account: Account, request: Option<&str>) {
        let id = account.id.clone();
        self.organization.accounts.insert(id.clone(), account);
        self.tick();
        let request = request.map_or_else(|| format!("car-{}", letters(&mut self.rng, 16)), str::to_owned);
        self.tell_of_account(|moment| Some(moment.account_created(&id, &request)));
        self.tell_of_account(|moment| moment.account_joined(&id, "CREATED"));
    }

    pub(crate) fn move_account(&mut self, id: &str, to: &str) {
        let Some(account) = self.organization.accounts.get_mut(id) else { return };
        let from = std::mem::replace(&mut account.parent, to.to_owned());
        self.tick();
        let parameters = json!({"accountId": id, "sourceParentId": from, "destinationParentId": to});
        self.tell_organization(|moment| moment.organizations_call("MoveAccount", parameters));
    }

    pub(crate) fn set_account_state(&mut self, id: &str, account_state: &str) {
        let Some(account) = self.organization.accounts.get_mut(id) else { return };
        account.state = account_state.to_owned();
        self.tick();
        if account_state == "CLOSED" {
            self.tell_of_account(|moment| Some(moment.account_closed(id)));
        }
    }

    pub(crate) fn remove_account(&mut self, id: &str, method: &str) {
        if self.organization.accounts.remove(id).is_some() {
            self.tick();
            self.tell_of_account(|moment| moment.account_departed(id, method));
        }
    }

    pub(crate) fn tag_account(&mut self, id: &str, key: &str, value: Option<&str>) {
        let Some(account) = self.organization.accounts.get_mut(id) else { return };
        let event = match value {
            Some(value) => {
                account.tags.insert(key.to_owned(), value.to_owned());
                ("TagResource", json!({"resourceId": id, "tags": [{"key": key, "value": value}]}))
            }
            None => {
                account.tags.remove(key);
                ("UntagResource", json!({"resourceId": id, "tagKeys": [key]}))
            }
        };
        let (name, parameters) = event;
        self.tell_organization(|moment| moment.organizations_call(name, parameters));
    }
}
