//! Small worlds for single promises
//!
//! A [`Story`] is the sample organization of ten accounts with Grantway deployed in it, in virtual time. Its verbs are
//! what people, AWS and the schedule do; its questions are answered from what License Manager and the ledger hold.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "only tests tell stories; one that cannot go on should stop there"
)]

mod courier;
mod log;
mod sample;
mod seen;
mod wire;

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use grant_engine::config::{Acceptance, Config};
use grant_engine::fault::Fault;
use grant_plan::time::Timestamp;
use grantctl::deployment::{Deployment, SPOKE_SWEEP, SWEEP};
use pretend_aws::calls::Calls;
use pretend_aws::error::ApiError;
use pretend_aws::license_manager::{Context, LicenseManager};
use pretend_aws::{Blueprint, Fault as Trouble, Faults, Knobs, Purchase, Service, Settings, World};
use serde_json::{Value, json};

pub use courier::{Courier, Delivery};
pub use log::Log;
pub use sample::{
    HUB, IN_SECURITY, IN_WORKLOADS, SANDBOX, SECURITY, WORKLOADS, another_purchase, license_arn, one_by_one, rule,
};
pub use wire::Wire;

/// How often the full reconcile comes (`infra/hub.yaml`)
const RECONCILE: Duration = Duration::from_secs(6 * 3600);

/// How long anything may take to settle
const PATIENCE: Duration = Duration::from_secs(48 * 3600);

/// A world with Grantway in it
#[derive(Debug)]
pub struct Story {
    /// Who brings messages to the functions
    pub courier: Courier,
    /// Own subscriptions may make way: a rule and the settings let them
    pub replaces: bool,
    deployment: Deployment,
    wire: Wire,
    config: Config,
    /// When the schedule's full reconcile comes next
    next_reconcile: Timestamp,
    /// Grants of somebody else's that an operator has taken over
    taken_over: Vec<String>,
    /// When the spokes' own schedules come next, where there are spokes
    next_spoke_sweep: Timestamp,
}

/// An item of the ledger as DynamoDB has it
pub type Item = HashMap<String, AttributeValue>;

impl Story {
    /// The sample organization, which has bought nothing, under AWS's likeliest answers and without faults
    pub async fn new() -> Self {
        Self::in_world(Settings::default()).await
    }

    /// The same, with other answers to the open questions about AWS
    pub async fn with_knobs(knobs: Knobs) -> Self {
        Self::in_world(Settings { knobs, ..Settings::default() }).await
    }

    /// The sample organization in a world of these settings
    pub async fn in_world(settings: Settings) -> Self {
        Self::of(&Blueprint::sample(), settings).await
    }

    /// The sample organization whose accounts accept for themselves, where nothing accepts by itself
    pub async fn of_spokes() -> Self {
        let knobs = Knobs { auto_accept_account_grants: false, ..Knobs::default() };
        let mut story = Self::with_knobs(knobs).await.configured(|config| {
            config.acceptance = Acceptance::Spoke { bus: "default".to_owned() };
        });
        story.pump().await;
        story
    }

    /// Any organization
    pub async fn of(blueprint: &Blueprint, settings: Settings) -> Self {
        let seed = settings.seed;
        Self::deployed_in(&World::new(blueprint, settings), seed).await
    }

    /// Grantway deployed into a world that stands already, in the account that is its hub
    pub async fn deployed_in(world: &World, seed: u64) -> Self {
        let deployment = Deployment::new(world, seed).await.expect("the deployment stands");
        let config = deployment.config().clone();
        let wire = Wire::quick(world);
        let courier = Courier::new(world, &wire, &config, seed);
        let next_reconcile = seconds(world).after(RECONCILE);
        let next_spoke_sweep = seconds(world).after(SPOKE_SWEEP);
        Self {
            courier,
            replaces: false,
            deployment,
            wire,
            config,
            next_reconcile,
            taken_over: Vec::new(),
            next_spoke_sweep,
        }
    }

    /// The functions are deployed anew with another configuration; the tables and queues stay
    #[must_use]
    pub fn configured(self, change: impl FnOnce(&mut Config)) -> Self {
        self.redeployed(1, change)
    }

    /// The same in the middle of a story: `seed` is another one each time, or intents would come twice
    #[must_use]
    pub fn redeployed(mut self, seed: u64, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self.courier = Courier::new(self.deployment.world(), &self.wire, &self.config, seed);
        self
    }

    // What people, AWS and the schedule do

    /// An admin puts an item into the policy table
    pub async fn with_rule(&mut self, item: Value) {
        let kept = self.set_aside();
        self.deployment.put_rule(&item).await.expect("the policy table takes the item");
        self.put_back(kept);
        self.pump().await;
    }

    /// An admin takes a rule out of the policy table
    pub async fn without_rule(&mut self, rule: &str) {
        let clients = self.clients();
        let call = clients.dynamodb.delete_item().table_name(&self.config.policy_table);
        let call = call.key("rule", AttributeValue::S(rule.to_owned()));
        self.quietly(call.send()).await.expect("the policy table lets the item go");
        self.pump().await;
    }

    /// Somebody buys something; its license follows when it is provisioned
    pub async fn bought(&mut self, purchase: &Purchase) {
        self.world().purchase(purchase);
        self.pump().await;
    }

    /// A person calls License Manager as `caller`, past Grantway
    pub fn person(&self, caller: &str, operation: &str, body: &Value) -> Value {
        let answer = self.person_tries(caller, operation, body);
        answer.unwrap_or_else(|error| panic!("{operation} by {caller}: {error}"))
    }

    /// The same where License Manager may well refuse
    ///
    /// # Errors
    /// What License Manager answers a person whom it refuses.
    pub fn person_tries(&self, caller: &str, operation: &str, body: &Value) -> Result<Value, ApiError> {
        self.world().with(|state| {
            let now = state.now();
            let (organization, knobs, ids) = (&state.organization, &state.knobs, &mut state.rng);
            let mut context = Context { now, caller, organization, knobs, ids, slow: false };
            state.license_manager.act_as_person(&mut context, operation, body)
        })
    }

    /// A person of the hub grants a license to an account or, by ARN, to anything; answers the grant's ARN
    pub fn granted_by_hand(&self, name: &str, purchase: &Purchase, to: &str) -> String {
        let principal = if to.starts_with("arn:") { to.to_owned() } else { format!("arn:aws:iam::{to}:root") };
        let token = format!("{name}-{to}").replace([' ', ':', '/'], "-");
        let body = json!({
            "ClientToken": token, "GrantName": name, "HomeRegion": "us-east-1",
            "LicenseArn": LicenseManager::license_arn(&purchase.license), "Principals": [principal],
            "AllowedOperations": ["CheckoutLicense", "CheckInLicense"],
        });
        let answer = self.person(HUB, "CreateGrant", &body);
        answer.get("GrantArn").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// A person of the hub activates a grant
    pub fn activated_by_hand(&self, grant: &str) {
        let body = json!({"ClientToken": format!("{grant}-on").replace([':', '/'], "-"), "GrantArn": grant, "Status": "ACTIVE"});
        self.person(HUB, "CreateGrantVersion", &body);
    }

    /// The next call of this operation suffers this
    pub fn fail_next(&self, service: Service, operation: &str, fault: Trouble) {
        self.world().with(|state| state.faults.fail_next(service, operation, fault));
    }

    /// The schedule's full reconcile comes, and everything that follows from it at once
    pub async fn reconcile(&mut self) {
        self.schedule("reconcile").await;
    }

    /// The schedule's sweep comes
    pub async fn sweep(&mut self) {
        self.schedule("sweep").await;
    }

    /// Functions run until nothing waits for them
    pub async fn pump(&mut self) {
        let world = self.world().clone();
        world.run(self.courier.pump(&world)).await;
    }

    /// Time passes, with a sweep every five minutes and a full reconcile every six hours
    pub async fn pass(&mut self, time: Duration) {
        self.pass_sweeping(time, SWEEP).await;
    }

    /// Time passes with rarer sweeps, where a day is too long to live through in steps of five minutes
    pub async fn pass_sweeping(&mut self, time: Duration, every: Duration) {
        for _ in 0..time.as_secs().div_ceil(every.as_secs()) {
            for _ in 0..5 {
                self.world().advance(every / 5);
                self.pump().await;
            }
            self.sweep().await;
            if seconds(self.world()) >= self.next_reconcile {
                self.next_reconcile = seconds(self.world()).after(RECONCILE);
                self.reconcile().await;
            }
            if seconds(self.world()) >= self.next_spoke_sweep {
                self.next_spoke_sweep = seconds(self.world()).after(SPOKE_SWEEP);
                self.sweep_spokes().await;
            }
        }
    }

    /// The schedule of every spoke comes
    pub async fn sweep_spokes(&mut self) {
        if let Some(spokes) = &self.courier.spokes {
            spokes.sweep(self.deployment.world());
            self.pump().await;
        }
    }

    /// The StackSet reaches an account, or what it made there is taken away again
    ///
    /// # Panics
    /// Where acceptance is not the spokes'.
    pub fn spoke(&mut self, account: &str, deployed: bool) {
        let (world, spokes) = (self.deployment.world(), self.courier.spokes.as_mut().expect("spokes"));
        let changed = if deployed { spokes.deploy(world, account) } else { spokes.remove(world, account) };
        changed.expect("the account's bus changes");
    }

    /// Somebody invokes an account's spoke with this
    ///
    /// # Errors
    /// As the function does.
    ///
    /// # Panics
    /// Where acceptance is not the spokes'.
    pub async fn invoke_spoke(&self, account: &str, payload: Value) -> Result<Value, Fault> {
        let spokes = self.courier.spokes.as_ref().expect("spokes");
        self.world().run(spokes.invoke(account, payload)).await
    }

    /// Every event that came to an account's bus, oldest first
    #[must_use]
    pub fn spoke_events(&self, account: &str) -> Vec<Value> {
        let spokes = self.courier.spokes.as_ref();
        spokes.map_or_else(Vec::new, |spokes| self.world().events_on(&spokes.bus_arn(account)))
    }

    /// Time passes until nothing is under way; answers how long that took
    ///
    /// # Panics
    /// When that takes two days, or when what was done on the way breaks an invariant.
    pub async fn settle(&mut self) -> Duration {
        self.pump().await;
        let began = self.world().now();
        loop {
            self.pass(SWEEP).await;
            let waited = self.world().now().duration_since(began).unsigned_abs();
            if self.is_settled().await {
                assert_eq!(self.broken(), Vec::<String>::new());
                return waited;
            }
            assert!(waited < PATIENCE, "not settled: {:?}; {:?}", self.plans().await, self.courier.failures);
        }
    }

    /// A deployment that never was: every item of the ledger is gone
    pub async fn ledger_emptied(&self) {
        let clients = self.clients();
        for item in self.ledger().await {
            let key = |name: &str| item.get(name).cloned().unwrap_or_else(|| AttributeValue::S(String::new()));
            let call = clients.dynamodb.delete_item().table_name(&self.config.ledger_table);
            let call = call.key("pk", key("pk")).key("sk", key("sk"));
            self.quietly(call.send()).await.expect("the ledger lets the item go");
        }
    }

    /// From now on a grant that was made by hand is Grantway's to treat
    pub fn taken_over(&mut self, arn: &str) {
        self.taken_over.push(arn.to_owned());
    }

    /// Somebody writes an item into the ledger by hand
    pub async fn ledger_put(&self, item: Item) {
        let call = self.clients().dynamodb.put_item().table_name(&self.config.ledger_table).set_item(Some(item));
        self.quietly(call.send()).await.expect("the ledger takes the item");
    }

    /// Somebody puts a message of their own into a queue
    pub async fn message(&self, queue: &str, body: &str) {
        let url = self.world().with(|state| state.queues.find(queue).map(|queue| queue.url().to_owned()));
        let call = self.clients().sqs.send_message().queue_url(url.unwrap_or_default()).message_body(body);
        let call = if queue.ends_with(".fifo") {
            let id: String = body.chars().filter(char::is_ascii_alphanumeric).collect();
            call.message_group_id("by-hand").message_deduplication_id(id)
        } else {
            call
        };
        self.quietly(call.send()).await.expect("the queue takes the message");
    }

    /// What a fresh look of somebody else finds does not count as part of the story, and faults spare it
    pub async fn quietly<T>(&self, look: impl Future<Output = T>) -> T {
        let kept = self.set_aside();
        let seen = self.world().run(look).await;
        self.put_back(kept);
        seen
    }

    fn set_aside(&self) -> (Calls, Faults) {
        self.world().with(|state| {
            let faults = std::mem::replace(&mut state.faults, Faults::calm());
            (std::mem::take(&mut state.calls), faults)
        })
    }

    fn put_back(&self, (calls, faults): (Calls, Faults)) {
        self.world().with(|state| {
            state.calls = calls;
            state.faults = faults;
        });
    }

    async fn schedule(&mut self, job: &str) {
        let kept = self.set_aside();
        self.deployment.schedule(job).await.expect("the triggers queue takes the job");
        self.put_back(kept);
        self.pump().await;
    }
}

/// A text attribute of an item; empty when there is none
#[must_use]
pub fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

/// What the world's clock shows, as the ledger writes it
#[must_use]
pub fn seconds(world: &World) -> Timestamp {
    Timestamp(world.now().as_second())
}
