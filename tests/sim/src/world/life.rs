//! What people and AWS do to a world, each with the event that tells of it

use serde_json::{Value, json};

use super::World;
use crate::blueprint::Purchase;
use crate::clock::seconds_later;
use crate::events::Moment;
use crate::license_manager::LicenseStatus;
use crate::marketplace::Agreement;
use crate::organizations::Account;
use crate::state::{State, letters, uuid};

impl World {
    /// The acceptor buys a product: the agreement stands at once, its license follows after
    /// [`license_provision_seconds`](crate::Knobs::license_provision_seconds)
    pub fn purchase(&self, purchase: &Purchase) {
        self.with(|state| state.agree(purchase, "NEW", None));
    }

    /// A new agreement takes an old one's place; `intent` is RENEW or REPLACE, the old one ends RENEWED or REPLACED
    pub fn succeed(&self, previous: &str, purchase: &Purchase, intent: &str) {
        self.with(|state| {
            state.agree(purchase, intent, Some(previous));
            state.end_agreement(previous, if intent == "RENEW" { "RENEWED" } else { "REPLACED" });
        });
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
    pub(crate) fn put_event(&mut self, event: Value) {
        let now = self.now();
        self.bus.deliver(event, &mut self.queues, now, &mut self.rng);
    }

    /// Tells of something on `account`'s bus; only the hub's and the management account's events reach this one
    fn tell(&mut self, account: &str, event: impl FnOnce(&Self, Moment<'_>) -> Option<Value>) {
        let moment = Moment { account, at: self.now(), id: uuid(&mut self.rng), inner_id: uuid(&mut self.rng) };
        let event = event(self, moment);
        if let Some(event) = event.filter(|_| account == self.hub || account == self.organization.management_account) {
            self.put_event(event);
        }
    }

    fn tell_organization(&mut self, event: impl FnOnce(Moment<'_>) -> Value) {
        let management = self.organization.management_account.clone();
        self.tell(&management, |_, moment| Some(event(moment)));
    }

    fn agree(&mut self, purchase: &Purchase, intent: &str, previous: Option<&str>) {
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

    fn end_agreement(&mut self, id: &str, status: &str) {
        let Some(agreement) = self.marketplace.agreements.get_mut(id) else { return };
        agreement.status = status.to_owned();
        agreement.entitlement = "DEPROVISIONED".to_owned();
        agreement.reason = Some("AGREEMENT_INACTIVE".to_owned());
        agreement.due = None;
        let (acceptor, license) = (agreement.purchase.acceptor.clone(), agreement.purchase.license.clone());
        let carried_on = |other: &Agreement| other.status == "ACTIVE" && other.purchase.license == license;
        if !self.marketplace.agreements.values().any(carried_on) {
            let cut_short = matches!(status, "CANCELLED" | "TERMINATED");
            let ended = if cut_short { LicenseStatus::Deleted } else { LicenseStatus::Expired };
            let now = self.now();
            self.license_manager.end_license(&license, ended, &self.knobs, now);
        }
        self.tell(&acceptor, |state, moment| {
            state.marketplace.agreements.get(id).map(|ended| moment.agreement_ended(ended))
        });
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
        self.organization.accounts.insert(id.to_owned(), account);
        self.tick();
        let request = format!("car-{}", letters(&mut self.rng, 16));
        self.tell_organization(|moment| moment.account_created(id, &request));
        self.tell_organization(|moment| moment.account_joined(id, "CREATED"));
    }

    pub(crate) fn move_account(&mut self, id: &str, to: &str) {
        let Some(account) = self.organization.accounts.get_mut(id) else { return };
        let from = std::mem::replace(&mut account.parent, to.to_owned());
        self.tick();
        let parameters = json!({"accountId": id, "sourceParentId": from, "destinationParentId": to});
        self.tell_organization(|moment| moment.organizations_call("MoveAccount", parameters));
    }

    fn set_account_state(&mut self, id: &str, account_state: &str) {
        let Some(account) = self.organization.accounts.get_mut(id) else { return };
        account.state = account_state.to_owned();
        self.tick();
        if account_state == "CLOSED" {
            self.tell_organization(|moment| moment.account_closed(id));
        }
    }

    fn remove_account(&mut self, id: &str, method: &str) {
        if self.organization.accounts.remove(id).is_some() {
            self.tick();
            self.tell_organization(|moment| moment.account_departed(id, method));
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
