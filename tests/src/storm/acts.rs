//! What AWS and administrators do, one by one

use std::time::Duration;

use pretend_aws::Purchase;
use pretend_aws::organizations::Unit;
use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use super::coverage::Subject;
use super::happening::Happening;
use super::scene::Scene;
use super::{rules, stage};

const ACCESS: [&str; 2] = ["license-manager.amazonaws.com", "license-management.marketplace.amazonaws.com"];

impl Scene {
    /// Something happens, if it can
    pub(super) async fn happen(&mut self, happening: Happening) {
        let happened = match happening {
            Happening::Purchase => self.purchase(),
            Happening::Succession => self.succession(),
            Happening::AgreementEnds => self.agreement_ends(),
            Happening::MemberBuys => self.member_buys(),
            Happening::AccountCreated => self.account_created(),
            Happening::AccountMoved => self.account_moved(),
            Happening::AccountSuspended => self.account_state(&["SUSPENDED", "ACTIVE", "PENDING_ACTIVATION"]),
            Happening::AccountClosed => self.account_state(&["PENDING_CLOSURE", "CLOSED"]),
            Happening::AccountLeaves => self.account_leaves(),
            Happening::AccountTagged => self.account_tagged(),
            Happening::UnitMade => self.unit_made(),
            Happening::RulePut => self.rule_put().await,
            Happening::RuleEdited => self.rule_edited().await,
            Happening::RuleSwitched => self.rule_switched().await,
            Happening::RuleDeleted => self.rule_deleted().await,
            Happening::RuleSpoilt => self.rule_spoilt(true).await,
            Happening::RuleMended => self.rule_spoilt(false).await,
            Happening::Paused => {
                self.pause(!self.paused).await;
                true
            }
            Happening::TrustedAccess => self.trusted_access(),
            Happening::Linking => self.linking(),
            Happening::MemberRole => self.member_role(),
            Happening::PersonGrants => self.person_grants(),
            Happening::OtherDeploymentGrants => self.other_deployment_grants(),
            Happening::PersonActivates => self.person_activates(),
            Happening::PersonSwitchesOff => self.person_switches_off(),
            Happening::PersonDeletes => self.person_deletes(),
            Happening::MemberRejects => self.member_answers("RejectGrant"),
            Happening::MemberAccepts => self.member_answers("AcceptGrant"),
            Happening::LedgerEmptied => self.ledger_emptied().await,
            Happening::LedgerRestored => self.ledger_restored().await,
            Happening::TwoAtOnce => self.two_at_once().await,
            Happening::Death => self.death(),
            Happening::ReplyLost => self.reply_lost(),
            Happening::BadMessage => self.bad_message().await,
        };
        if happened {
            self.coverage.add(Subject::Happening, happening.name(), 1);
        }
        self.note();
    }

    fn purchase(&mut self) -> bool {
        if self.for_sale.is_empty() {
            return false;
        }
        let at = self.random.random_range(0..self.for_sale.len());
        let purchase = self.for_sale.remove(at);
        self.tell(|_| format!("purchase of {}", purchase.license));
        self.world().purchase(&purchase);
        self.bought.push(purchase);
        true
    }

    fn succession(&mut self) -> bool {
        let Some(previous) = self.agreement_in_force() else { return false };
        let (keeps, renews) = (self.random.random(), self.random.random());
        let purchase = stage::successor(&mut self.random, &previous, keeps);
        let intent = if renews { "RENEW" } else { "REPLACE" };
        self.tell(|_| format!("{intent} of {}: {}", previous.license, purchase.license));
        // What was replaced before it was provisioned never was: no answer names it any more.
        let was_there = self.world().with(|state| state.license_manager.license(&previous.license).is_some());
        self.world().succeed(&previous.agreement, &purchase, intent);
        if was_there {
            self.succeeded.push((previous.license, purchase.license.clone()));
        }
        self.bought.push(purchase);
        self.note();
        true
    }

    fn agreement_ends(&mut self) -> bool {
        let Some(purchase) = self.agreement_in_force() else { return false };
        let status = *["EXPIRED", "CANCELLED", "TERMINATED"].choose(&mut self.random).unwrap_or(&"EXPIRED");
        self.tell(|_| format!("agreement of {} ends {status}", purchase.license));
        self.world().end_agreement(&purchase.agreement, status);
        true
    }

    /// A purchase of the hub whose agreement is ACTIVE
    fn agreement_in_force(&mut self) -> Option<Purchase> {
        let in_force: Vec<Purchase> = self.world().with(|state| {
            let active = |one: &&Purchase| {
                state.marketplace.agreements.get(&one.agreement).is_some_and(|at| at.status == "ACTIVE")
            };
            self.bought.iter().filter(|one| one.acceptor == self.hub).filter(active).cloned().collect()
        });
        in_force.choose(&mut self.random).cloned()
    }

    fn member_buys(&mut self) -> bool {
        let Some(account) = self.some_account(|state| state == "ACTIVE") else { return false };
        let Some(purchase) = self.bought.choose(&mut self.random).cloned() else { return false };
        let purchase = Purchase { acceptor: account, ..stage::successor(&mut self.random, &purchase, false) };
        self.tell(|_| format!("{} buys {} itself: {}", purchase.acceptor, purchase.sku, purchase.license));
        self.world().purchase(&purchase);
        self.bought.push(purchase);
        true
    }

    /// An account that is neither the hub nor the management account, in a state that `fits`
    pub(super) fn some_account(&mut self, fits: impl Fn(&str) -> bool) -> Option<String> {
        let hub = self.hub.clone();
        let accounts: Vec<String> = self.world().with(|state| {
            let organization = &state.organization;
            let members =
                organization.accounts.values().filter(|one| one.id != hub && one.id != organization.management_account);
            members.filter(|one| fits(&one.state)).map(|one| one.id.clone()).collect()
        });
        accounts.choose(&mut self.random).cloned()
    }

    /// The root or a unit
    fn some_place(&mut self) -> String {
        let places: Vec<String> = self.world().with(|state| {
            let organization = &state.organization;
            organization.units.keys().chain([&organization.root]).cloned().collect()
        });
        places.choose(&mut self.random).cloned().unwrap_or_default()
    }

    fn account_created(&mut self) -> bool {
        let id = stage::account_id(&mut self.random);
        let name = format!("{}{}", stage::ACCOUNT_NAME, self.number());
        self.tell(|_| format!("account {id} is created"));
        self.world().create_account(&id, &name);
        true
    }

    fn account_moved(&mut self) -> bool {
        let (Some(account), to) = (self.some_account(|_| true), self.some_place()) else { return false };
        self.tell(|_| format!("account {account} goes to {to}"));
        self.world().move_account(&account, &to);
        true
    }

    fn account_state(&mut self, states: &[&str]) -> bool {
        let Some(account) = self.some_account(|state| state != "CLOSED") else { return false };
        let Some(to) = states.choose(&mut self.random).copied() else { return false };
        self.tell(|_| format!("account {account} becomes {to}"));
        self.world().set_account_state(&account, to);
        true
    }

    fn account_leaves(&mut self) -> bool {
        let Some(account) = self.some_account(|_| true) else { return false };
        self.tell(|_| format!("account {account} leaves"));
        self.world().remove_account(&account, "LEFT");
        true
    }

    fn account_tagged(&mut self) -> bool {
        let Some(account) = self.some_account(|_| true) else { return false };
        self.tell(|_| format!("account {account} is tagged"));
        self.world().tag_account(&account, "env", Some("prod"));
        true
    }

    fn unit_made(&mut self) -> bool {
        let Some(account) = self.some_account(|_| true) else { return false };
        let (parent, number) = (self.some_place(), self.number());
        let world = self.world();
        let id = world.with(|state| {
            let id = format!("ou-{}-new{number:05}", state.organization.root.trim_start_matches("r-"));
            let unit = Unit { id: id.clone(), name: format!("new-{number}"), parent: parent.clone() };
            state.organization.units.insert(id.clone(), unit);
            id
        });
        self.tell(|_| format!("unit {id} is made under {parent}, account {account} goes there"));
        world.move_account(&account, &id);
        true
    }

    async fn rule_put(&mut self) -> bool {
        let id = format!("rule-{}", self.number());
        let rule = self.some_meaning(&id);
        self.put_rule(&id, rule, false).await;
        true
    }

    fn some_meaning(&mut self, id: &str) -> Value {
        let mut offered: Vec<Purchase> = self.bought.iter().filter(|one| one.acceptor == self.hub).cloned().collect();
        offered.extend(self.for_sale.iter().cloned());
        let world = self.world();
        rules::valid(&mut self.random, &world, &offered, id)
    }

    async fn rule_edited(&mut self) -> bool {
        let Some((id, _)) = self.some_rule(false) else { return false };
        let rule = self.some_meaning(&id);
        self.put_rule(&id, rule, false).await;
        true
    }

    async fn rule_switched(&mut self) -> bool {
        let Some((id, mut rule)) = self.some_rule(false) else { return false };
        let off = rule.meant.get("enabled") == Some(&json!(false));
        if let Some(attributes) = rule.meant.as_object_mut() {
            attributes.insert("enabled".to_owned(), json!(off));
        }
        self.put_rule(&id, rule.meant, false).await;
        true
    }

    async fn rule_deleted(&mut self) -> bool {
        let spoilt = self.random.random_bool(0.3);
        let Some((id, _)) = self.some_rule(spoilt) else { return false };
        self.rules.remove(&id);
        self.note();
        self.tell(|_| format!("rule {id} is deleted"));
        self.story.without_rule(&id).await;
        true
    }

    /// A rule that can be read is spoilt, or one that cannot is mended
    async fn rule_spoilt(&mut self, spoilt: bool) -> bool {
        let Some((id, rule)) = self.some_rule(!spoilt) else { return false };
        self.put_rule(&id, rule.meant, spoilt).await;
        true
    }

    fn trusted_access(&mut self) -> bool {
        let service = *ACCESS.choose(&mut self.random).unwrap_or(&"");
        let on = self.world().with(|state| {
            let services = &mut state.organization.trusted_services;
            let before = services.len();
            services.retain(|trusted| trusted != service);
            let on = services.len() == before;
            if on {
                services.push(service.to_owned());
            }
            on
        });
        self.tell(|_| format!("trusted access for {service}: {on}"));
        true
    }

    fn linking(&mut self) -> bool {
        let on = self.random.random_bool(0.6);
        self.link(on);
        true
    }

    fn link(&mut self, on: bool) -> bool {
        let management = self.world().with(|state| state.organization.management_account.clone());
        let body = json!({"OrganizationConfiguration": {"EnableIntegration": on}});
        let linked = self.story.person_tries(&management, "UpdateServiceSettings", &body).is_ok();
        self.tell(|_| format!("accounts linked: {on} ({linked})"));
        linked
    }

    fn member_role(&mut self) -> bool {
        let Some(account) = self.some_account(|_| true) else { return false };
        let missing = self.world().with(|state| {
            let missing = state.sts.missing_roles.insert(account.clone());
            if !missing {
                state.sts.missing_roles.remove(&account);
            }
            missing
        });
        self.tell(|_| format!("the role in {account} is missing: {missing}"));
        true
    }

    /// Faults stop, and whoever can mend something does; a few things stay as they are, which is an answer too
    pub(super) async fn calm(&mut self) {
        let world = self.world();
        self.tell(|_| "the storm is over".to_owned());
        let (keep_out, keep_paused) = (self.random.random_bool(0.1), self.random.random_bool(0.1));
        let keep_marketplace = self.random.random_bool(0.1);
        world.with(|state| {
            state.faults.stop();
            for service in ACCESS {
                let trusted = state.organization.trusted_services.iter().any(|trusted| trusted == service);
                // Without License Manager's own access nobody can see anything at all, and without the other one perhaps.
                let blinds =
                    service == "license-manager.amazonaws.com" || state.knobs.marketplace_access_needed_to_list;
                if !trusted && (blinds || !keep_marketplace) {
                    state.organization.trusted_services.push(service.to_owned());
                }
            }
            if !keep_out {
                state.sts.missing_roles.clear();
            }
        });
        // The console is throttled like everybody else, and people try again.
        while !self.link(true) {
            world.advance(Duration::from_secs(1));
        }
        self.story.wire().mend();
        self.story.courier.delivery = crate::story::Delivery::Once;
        if self.paused && !keep_paused {
            self.pause(false).await;
        } else if self.closed {
            // The calm lasts long enough for the window to open.
            self.closed = false;
            self.story.with_rule(self.settings()).await;
        }
        self.note();
        self.left_by_hand = self.by_hand();
    }
}
