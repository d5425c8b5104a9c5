//! A small world drawn by seed, with Grantway deployed in it, that can be made twice

use std::collections::BTreeMap;
use std::time::Duration;

use distribute_grants::trigger::Scope;
use grant_plan::reason::Standing;
use grantway_tests::story::{Delivery, Story, another_purchase, text};
use pretend_aws::license_manager::LicenseManager;
use pretend_aws::{Blueprint, Knobs, Purchase, Settings, World};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::{rules, sample};

/// Within which time everything has to come to rest
const PATIENCE: Duration = Duration::from_secs(36 * 3600);

/// So long nothing that rests can wait for tags that were not read yet
const TAGS_READ: Duration = Duration::from_secs(3600);

/// Product types of the Marketplace whose licenses can be shared, and one whose cannot
const TYPES: [&str; 4] = ["AmiProduct", "ContainerProduct", "DataProduct", "SaaSProduct"];

/// Parts of a rule's `products` that only an agreement tells
const ORIGIN: [&str; 4] = ["type", "agreement", "offer", "seller"];

/// A world and what is known of it here
pub(crate) struct Scene {
    pub(crate) story: Story,
    pub(crate) random: StdRng,
    pub(crate) hub: String,
    /// What the hub bought, and what it may still buy
    pub(crate) bought: Vec<Purchase>,
    pub(crate) for_sale: Vec<Purchase>,
    /// The policy table, by rule
    pub(crate) rules: BTreeMap<String, Value>,
    /// Some account's tags changed: who is not told reads them when it is their turn
    pub(crate) tags_changed: bool,
    /// What happened, for people
    pub(crate) told: Vec<String>,
}

impl Scene {
    /// A world with rules and purchases of which no event has reached Grantway
    pub(crate) async fn open(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let blueprint = organization(&mut random);
        let world = World::new(&blueprint, Settings { seed, knobs: knobs(&mut random), ..Settings::default() });
        let members = blueprint.accounts.iter().skip(1).filter(|account| account.state == "ACTIVE");
        let members: Vec<&str> = members.map(|account| account.id.as_str()).collect();
        let mut hub = blueprint.management_account.clone();
        if random.random_bool(0.2) {
            hub = members.choose(&mut random).copied().unwrap_or_default().to_owned();
            world.with(|state| {
                state.organization.delegated_administrators.push(hub.clone());
                state.hub.clone_from(&hub);
            });
        }
        let mut for_sale: Vec<Purchase> = (1..=4).map(|number| purchase(&mut random, number, &hub)).collect();
        let bought = for_sale.split_off(random.random_range(1..=2));
        let mut story = Story::deployed_in(&world, seed).await;
        story.courier.delivery = Delivery::ScheduleOnly;
        let told = world.with(|state| vec![format!("hub {hub}, {:?}", state.knobs)]);
        let mut scene =
            Self { story, random, hub, bought, for_sale, rules: BTreeMap::new(), tags_changed: false, told };
        for purchase in scene.bought.clone() {
            scene.tell(format!("{} of {} is bought", purchase.license, purchase.sku));
            scene.story.bought(&purchase).await;
        }
        if scene.random.random_bool(0.4) {
            scene.member_buys();
        }
        for number in 0..scene.random.random_range(1..=3) {
            scene.put_rule(&format!("rule-{number}")).await;
        }
        if scene.random.random_bool(0.15) {
            let settings = json!({"rule": "_settings", "protected": {"account": scene.some_member()}});
            scene.write_rule(settings).await;
        }
        // By then everything bought is provisioned.
        scene.wait(Duration::from_secs(3 * 3600)).await;
        if scene.random.random_bool(0.4) {
            scene.granted_by_hand();
        }
        scene.wait(Duration::from_secs(2 * 3600)).await;
        scene
    }

    pub(crate) fn tell(&mut self, what: String) {
        self.told.push(what);
    }

    /// Time passes without the schedule
    pub(crate) async fn wait(&mut self, time: Duration) {
        self.story.world().advance(time);
        Box::pin(self.story.pump()).await;
    }

    /// Time passes, with sweeps and nothing else of the schedule, until nothing is under way; answers whether it came
    /// to that
    pub(crate) async fn rest(&mut self) -> bool {
        let began = self.story.world().now();
        let mut step = Duration::from_secs(300);
        loop {
            self.wait(step / 2).await;
            self.wait(step / 2).await;
            Box::pin(self.story.sweep()).await;
            step = (step * 5 / 4).min(Duration::from_secs(1800));
            let waited = self.story.world().now().duration_since(began).unsigned_abs();
            if self.story.is_settled().await && (waited > TAGS_READ || !self.tags_are_awaited().await) {
                return true;
            }
            if waited > PATIENCE {
                return false;
            }
        }
    }

    /// What is still under way, for people
    pub(crate) async fn unrest(&self) -> Vec<String> {
        let mut found = Vec::new();
        for plan in self.story.plans().await {
            let license = &plan.license;
            found.extend(plan.actions.iter().map(|action| format!("{license}: {action:?}")));
            found.extend(plan.under_way.iter().map(|grant| format!("{license}: {grant:?}")));
            let moving = plan.pairs.iter().filter(|(_, pair)| pair.code.standing() == Standing::Moving);
            found.extend(moving.map(|(account, pair)| format!("{license} {account}: {pair:?}")));
        }
        let items = self.story.ledger().await;
        let lanes = items.iter().filter(|item| ["LANE", "WAITING"].contains(&text(item, "sk")));
        found.extend(lanes.map(|item| format!("{item:?}")));
        found
    }

    async fn tags_are_awaited(&self) -> bool {
        let plans = self.story.plans().await;
        plans.iter().any(|plan| plan.pairs.values().any(|pair| pair.code.as_str() == "NOT_KNOWN_YET"))
    }

    /// Every scope there is, each once, in an order of its own
    ///
    /// Where rules select by tags or by what only agreements tell, agreements come first, for a sweep to read tags after
    /// them: while part of this is not known, what will be granted to the organization is granted to single accounts of
    /// which enough is known, and these grants stay beside the organization's.
    pub(crate) fn scopes(&self, order: &mut StdRng) -> Vec<Scope> {
        let mut scopes: Vec<Scope> = self.story.world().with(|state| {
            let agreements = state.marketplace.agreements.keys().filter_map(|id| id.parse().ok());
            let accounts = state.organization.accounts.keys().filter_map(|id| id.parse().ok());
            let licenses = state.license_manager.licenses().filter_map(|license| license.id().parse().ok());
            let grants = state.license_manager.grants().filter(|grant| !grant.is_own_subscription());
            let grants = grants.filter_map(|grant| grant.arn.parse().ok());
            agreements
                .map(Scope::Agreement)
                .chain(accounts.map(Scope::Account))
                .chain(licenses.map(Scope::License))
                .chain(grants.map(Scope::Grant))
                .collect()
        });
        scopes.push(Scope::OrganizationalUnit);
        scopes.extend(self.rules.keys().map(|rule| Scope::Policy { rules: vec![rule.clone()] }));
        scopes.shuffle(order);
        let by_tag = |rule: &Value| ["accounts", "except"].iter().any(|part| rule[part].get("tag").is_some());
        let by_origin = |rule: &Value| ORIGIN.iter().any(|part| rule["products"].get(part).is_some());
        if self.rules.values().any(|rule| by_tag(rule) || by_origin(rule)) {
            scopes.sort_by_key(|scope| !matches!(scope, Scope::Agreement(_)));
        }
        scopes
    }

    /// Raises one scope by what AWS would send of it; an edit is told of by `old`, the rule as it read before
    pub(crate) async fn raise(&mut self, order: &mut StdRng, scope: &Scope, old: Option<&Value>) {
        match (sample::event(order, scope), scope) {
            (Some(event), _) => self.story.world().put_event(event),
            (None, Scope::Policy { rules }) => {
                let now = self.story.world().now().as_second();
                for rule in rules {
                    let payload = sample::edit(rule, old, self.rules.get(rule), now);
                    let (world, engine) = (self.story.world().clone(), self.story.dispatch());
                    let answer = world.run(distribute_grants::dispatch::handle(engine, payload)).await;
                    let answer = answer.unwrap_or_else(|fault| panic!("{rule}: {fault}"));
                    assert_eq!(answer, json!({"batchItemFailures": []}), "{rule}");
                }
            }
            (None, other) => panic!("nothing brings {other}"),
        }
        Box::pin(self.story.pump()).await;
    }

    /// A member, but not the hub and not the management account
    pub(crate) fn some_member(&mut self) -> String {
        let members: Vec<String> = self.story.world().with(|state| {
            let organization = &state.organization;
            let others = [&self.hub, &organization.management_account];
            organization.accounts.keys().filter(|id| !others.contains(id)).cloned().collect()
        });
        members.choose(&mut self.random).cloned().unwrap_or_default()
    }

    /// A rule is put or reads differently from now on; answers how it read before
    pub(crate) async fn put_rule(&mut self, id: &str) -> Option<Value> {
        let purchases: Vec<Purchase> = self.bought.iter().chain(&self.for_sale).cloned().collect();
        let world = self.story.world().clone();
        let item = world.with(|state| rules::draw(&mut self.random, &state.organization, &purchases, id));
        self.write_rule(item).await
    }

    pub(crate) async fn write_rule(&mut self, item: Value) -> Option<Value> {
        self.tell(format!("rule {item}"));
        let id = item["rule"].as_str().unwrap_or_default().to_owned();
        Box::pin(self.story.with_rule(item.clone())).await;
        self.rules.insert(id, item)
    }

    /// A member has a subscription of its own to what the hub buys, too
    fn member_buys(&mut self) {
        let Some(purchase) = self.bought.choose(&mut self.random).cloned() else { return };
        let own = another_purchase(40);
        let (license, agreement) = (own.license, own.agreement);
        let own = Purchase { acceptor: self.some_member(), license, agreement, ..purchase };
        self.tell(format!("{} buys {} itself", own.acceptor, own.sku));
        self.story.world().purchase(&own);
    }

    /// A person of the hub grants something to a member, and perhaps activates it; answers the license
    pub(crate) fn granted_by_hand(&mut self) -> Option<String> {
        let license = self.bought.choose(&mut self.random)?.license.clone();
        let account = self.some_member();
        let token = format!("by-hand-{}", self.random.random::<u32>());
        let body = json!({
            "ClientToken": token, "GrantName": "made by hand", "HomeRegion": "us-east-1",
            "LicenseArn": LicenseManager::license_arn(&license),
            "Principals": [format!("arn:aws:iam::{account}:root")],
            "AllowedOperations": ["CheckoutLicense", "CheckInLicense"],
        });
        let answer = self.story.person_tries(&self.hub, "CreateGrant", &body);
        self.tell(format!("{license} is granted to {account} by hand: {answer:?}"));
        answer.is_ok().then_some(license)
    }
}

/// The sample organization with its members and their tags at other places
fn organization(random: &mut StdRng) -> Blueprint {
    let mut blueprint = Blueprint::sample();
    let units: Vec<String> = blueprint.units.iter().map(|unit| unit.id.clone()).collect();
    let root = blueprint.root.clone();
    for account in blueprint.accounts.iter_mut().skip(1) {
        let place = if random.random_bool(0.15) { Some(&root) } else { units.choose(random) };
        account.parent = place.unwrap_or(&root).clone();
        if random.random_bool(0.3) {
            let env = ["prod", "dev", "pilot"].choose(random).copied().unwrap_or_default();
            account.tags.insert("env".to_owned(), env.to_owned());
        }
    }
    blueprint
}

/// Answers to the open questions about AWS, but for those by which it depends on chance or haste who gets anything
fn knobs(random: &mut StdRng) -> Knobs {
    Knobs {
        grants_per_license: 2_000,
        concurrent_organization_grants: 0,
        writes_per_second: 0,
        account_event_seconds: 0,
        ..Knobs::draw(random)
    }
}

fn purchase(random: &mut StdRng, number: u32, hub: &str) -> Purchase {
    Purchase {
        acceptor: hub.to_owned(),
        product_type: TYPES.choose(random).copied().unwrap_or_default().to_owned(),
        proposer: format!("64021889014{}", number % 3),
        ..another_purchase(number)
    }
}
