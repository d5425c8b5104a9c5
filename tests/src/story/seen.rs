//! What there is in a story, read off the pretend AWS and the ledger

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use grant_engine::Engine;
use grant_engine::clients::Clients;
use grant_engine::config::Config;
use grant_engine::ledger::{DueItem, Quarantined};
use grant_plan::call::Failure;
use grant_plan::entry::{Entry, EntryKey};
use grant_plan::organization::Principal;
use grant_plan::plan::Plan;
use pretend_aws::invariants::{self, Expectations};
use pretend_aws::license_manager::Grant;
use pretend_aws::{Purchase, World};

use super::wire::Wire;
use super::{Item, Story, courier, license_arn, text};

impl Story {
    /// The world
    #[must_use]
    pub fn world(&self) -> &World {
        self.deployment.world()
    }

    /// The wire that the functions speak through
    #[must_use]
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// What the functions are configured with
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The lane's engine
    #[must_use]
    pub fn engine(&self) -> &Engine {
        self.courier.lane()
    }

    /// Dispatch's engine
    #[must_use]
    pub fn dispatch(&self) -> &Engine {
        self.courier.dispatch()
    }

    /// The engine of accept-grants
    #[must_use]
    pub fn accept(&self) -> &Engine {
        self.courier.accept()
    }

    /// One more engine of the same deployment, on a wire of its own
    #[must_use]
    pub fn another_engine(&self, wire: &Wire, seed: u64) -> Engine {
        courier::engine(self.world(), wire, &self.config, seed)
    }

    /// SDK clients of the hub
    #[must_use]
    pub fn clients(&self) -> Clients {
        courier::clients(self.world(), &Wire::quick(self.world()), &self.config)
    }

    /// Whether nothing waits in any queue, in flight included
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.deployment.is_idle() && self.courier.spokes.as_ref().is_none_or(|spokes| spokes.is_idle(self.world()))
    }

    /// Whether no message waits, no license is owed a look, no pair moves and no agreement is awaited
    pub async fn is_settled(&self) -> bool {
        if !self.is_idle() || !self.plans().await.iter().all(Plan::is_settled) {
            return false;
        }
        let owed = |item: &Item| {
            let count = |name: &str| item.get(name).and_then(|value| value.as_n().ok()).cloned().unwrap_or_default();
            text(item, "sk") == "LANE" && count("wanted") != count("done")
        };
        let soon = self.engine().now().after(Duration::from_secs(3600));
        let due = self.quietly(self.engine().ledger().due(soon)).await.expect("the ledger answers");
        !due.iter().any(|due| matches!(due, DueItem::Agreement(_))) && !self.ledger().await.iter().any(owed)
    }

    /// What would be done now about every license held
    ///
    /// # Panics
    /// When the world cannot be seen.
    pub async fn plans(&self) -> Vec<Plan> {
        let engine = self.engine();
        let look = async {
            let mut plans = Vec::new();
            for license in engine.received_licenses().await? {
                plans.push(engine.plan(&license.arn).await?);
            }
            Ok::<_, Failure>(plans)
        };
        self.quietly(look).await.expect("the world can be seen")
    }

    /// The reason code of every pair of a license that the rules name, as a look would find it now
    pub async fn pair_states(&self, purchase: &Purchase) -> BTreeMap<String, String> {
        let arn = license_arn(purchase);
        let plan = self.quietly(self.engine().plan(&arn)).await.expect("the world can be seen");
        plan.pairs.iter().map(|(account, pair)| (account.to_string(), pair.code.to_string())).collect()
    }

    /// The reason code of every pair that the ledger says is not plainly ACTIVE
    pub async fn noted(&self, purchase: &Purchase) -> BTreeMap<String, String> {
        let pk = format!("LICENSE#{}", purchase.license);
        let items = self.ledger().await;
        let pairs = items.iter().filter(|item| text(item, "pk") == pk);
        pairs
            .filter_map(|item| {
                Some((text(item, "sk").strip_prefix("PAIR#")?.to_owned(), text(item, "code").to_owned()))
            })
            .collect()
    }

    /// Codes of grants that are left alone although no rule asks for them, by principal
    pub async fn held_grants(&self, purchase: &Purchase) -> BTreeMap<String, String> {
        let arn = license_arn(purchase);
        let plan = self.quietly(self.engine().plan(&arn)).await.expect("the world can be seen");
        plan.holds.iter().map(|hold| (hold.principal.to_string(), hold.code.to_string())).collect()
    }

    /// The ledger's entry for the grant of a license to an account
    pub async fn entry(&self, purchase: &Purchase, account: &str) -> Option<Entry> {
        let key = EntryKey::Grant(Principal::Account(account.parse().expect("an account id")));
        let license = license_arn(purchase);
        self.quietly(self.engine().ledger().entry(license.id(), &key)).await.expect("the ledger answers")
    }

    /// Everything in quarantine
    pub async fn quarantined(&self) -> Vec<Quarantined> {
        self.quietly(self.engine().ledger().quarantined()).await.expect("the ledger answers")
    }

    /// Every item of the ledger, ordered by key
    pub async fn ledger(&self) -> Vec<Item> {
        let clients = self.clients();
        let scan = async {
            let (mut items, mut from) = (Vec::new(), None);
            loop {
                let call = clients.dynamodb.scan().table_name(&self.config.ledger_table).consistent_read(true);
                let page = call.set_exclusive_start_key(from).send().await.expect("the ledger answers");
                items.extend(page.items.unwrap_or_default());
                from = page.last_evaluated_key.filter(|key| !key.is_empty());
                if from.is_none() {
                    return items;
                }
            }
        };
        let mut items = self.quietly(scan).await;
        items.sort_by_key(|item| (text(item, "pk").to_owned(), text(item, "sk").to_owned()));
        items
    }

    /// How the names of grants that Grantway makes begin
    #[must_use]
    pub fn stamp(&self) -> String {
        format!("gw/{}/", self.config.deployment)
    }

    /// Grants of a license that Grantway made, tombstones included, sub-grants not
    #[must_use]
    pub fn grants_of(&self, purchase: &Purchase) -> Vec<Grant> {
        let stamp = self.stamp();
        self.world().with(|state| {
            let grants = state.license_manager.grants().filter(|grant| grant.license == purchase.license);
            grants.filter(|grant| grant.name.starts_with(&stamp) && !grant.sub_grant).cloned().collect()
        })
    }

    /// Accounts in which a grant of a license is ACTIVE in License Manager, the holder's own not counted
    #[must_use]
    pub fn active(&self, purchase: &Purchase) -> BTreeSet<String> {
        self.world().with(|state| {
            let active = state.license_manager.active_accounts(&purchase.license, &state.organization);
            active.into_keys().filter(|account| *account != purchase.acceptor).collect()
        })
    }

    /// How often an operation was called, looks of the story itself not counted
    #[must_use]
    pub fn count(&self, service: &str, operation: &str) -> usize {
        self.world().with(|state| state.calls.count(service, operation))
    }

    /// Forgets the calls so far
    pub fn forget_calls(&self) {
        self.world().with(|state| state.calls.clear());
    }

    /// What the pretend AWS finds wrong with what was done to it, whoever should have what
    #[must_use]
    pub fn broken(&self) -> Vec<String> {
        let name_prefix = self.stamp();
        self.world().with(|state| {
            let manager = &state.license_manager;
            let accounts = || state.organization.accounts.keys().filter(|_| self.replaces);
            let pairs =
                manager.licenses().flat_map(|license| accounts().map(|id| (license.id().to_owned(), id.clone())));
            let (wanted, unheard, may_displace) = (BTreeSet::new(), BTreeMap::new(), pairs.collect());
            let expectations = Expectations { name_prefix, wanted, hub: state.hub.clone(), unheard, may_displace };
            let broken = invariants::broken(manager, &state.organization, manager.writes(), &expectations);
            let broken = broken.iter().filter(|violation| violation.invariant != invariants::NOT_WANTED);
            // Until it was taken over nothing else could have touched it; what it brought along is taken over with it.
            let is_taken_over = |grant: &Grant| {
                self.taken_over.contains(&grant.arn) || (grant.sub_grant && self.taken_over.contains(&grant.parent_arn))
            };
            let taken_over: Vec<&Grant> = manager.grants().filter(|grant| is_taken_over(grant)).collect();
            let is_taken_over = |detail: &str| taken_over.iter().any(|grant| detail.contains(&grant.arn));
            let broken = broken.filter(|violation| {
                violation.invariant != invariants::FOREIGN_GRANT_TOUCHED || !is_taken_over(&violation.detail)
            });
            broken.map(|violation| format!("{}: {}", violation.invariant, violation.detail)).collect()
        })
    }
}
