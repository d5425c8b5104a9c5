//! Grantway deployed on a pretend AWS: the tables, queues, rules, schedules and functions of `infra/hub.yaml`
//!
//! Everything goes the way it goes on AWS: events to rules to the triggers queue to dispatch, edits of the policy
//! table through its Stream to dispatch, dispatch through the ledger and the work queue to the lane, the lane through
//! the accept queue to accept-grants. Only the functions are called in process instead of by Lambda. [`Spokes`] are
//! what member accounts have where the lane goes by their buses instead.

mod functions;
mod spokes;
mod tables;

use std::time::Duration;

use anyhow::Context;
use grant_engine::Engine;
use grant_engine::clients::Clients;
use grant_engine::clock::Clock;
use grant_engine::config::{Acceptance, Config};
use pretend_aws::sqs::DeadLetter;
use pretend_aws::{QueueAttributes, QueueHandle, World};
use serde_json::{Value, json};

pub use functions::Tally;
pub use spokes::{SPOKE_SWEEP, Spokes};

/// Where the licenses of AWS Marketplace live
const HOME_REGION: &str = "us-east-1";
/// How often the sweep comes (`infra/hub.yaml`)
pub const SWEEP: Duration = Duration::from_secs(5 * 60);

/// How often a message may be handed out before it is put aside: more often than `infra/hub.yaml` has it, since faults
/// here come by the minute and nobody brings dead letters back
const RECEIVES: u32 = 20;

/// A deployment and its world
#[derive(Debug)]
pub struct Deployment {
    world: World,
    config: Config,
    clients: Clients,
    functions: functions::Functions,
    triggers: QueueHandle,
    queues: Vec<String>,
}

impl Deployment {
    /// Deploys into a world, in the account that holds its licenses
    ///
    /// # Errors
    /// When a table, queue or rule cannot be made.
    pub async fn new(world: &World, seed: u64) -> anyhow::Result<Self> {
        let hub = world.with(|state| state.hub.clone());
        let dead = world.create_queue("dead-letters", QueueAttributes::default());
        let dead_fifo = world.create_queue("dead-letters.fifo", QueueAttributes::default());
        let queue = |name: &str, dead: &QueueHandle, seconds: u64| {
            let dead_letter = Some(DeadLetter { queue_arn: dead.arn.clone(), max_receives: RECEIVES });
            let visibility = Duration::from_secs(seconds);
            world.create_queue(name, QueueAttributes { visibility, dead_letter, ..QueueAttributes::default() })
        };
        let triggers = queue("triggers", &dead, 180);
        let work = queue("work.fifo", &dead_fifo, 1800);
        let accept = queue("accept", &dead, 360);
        for (name, pattern) in patterns()? {
            world.put_rule(&name, pattern, &triggers.arn).map_err(|error| anyhow::anyhow!("rule `{name}`: {error}"))?;
        }
        let config = Config {
            deployment: "demo".parse().context("deployment name")?,
            policy_table: "policy".to_owned(),
            ledger_table: "ledger".to_owned(),
            work_queue: work.url.clone(),
            accept_queue: accept.url.clone(),
            member_role: "grantway-member".to_owned(),
            home_region: HOME_REGION.to_owned(),
            grant_budget: 1500,
            acceptance: Acceptance::Hub,
        };
        let clock = Clock::new(world.time_source(), world.sleep());
        let clients = Clients::on(world.http_client(), HOME_REGION, &hub, &clock);
        let engine = |salt: u64| Engine::new(config.clone(), clients.clone(), clock.clone(), Some(seed ^ salt));
        let functions = functions::Functions::new(engine, &triggers, &work, &accept);
        let queues = vec![triggers.url.clone(), work.url, accept.url, dead.url, dead_fifo.url];
        let deployment = Self { world: world.clone(), config, clients, functions, triggers, queues };
        world.run(tables::create(&deployment.clients.dynamodb, &deployment.config)).await?;
        Ok(deployment)
    }

    /// The world it is deployed in
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What the functions are configured with
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// An engine of the deployment, to look with
    #[must_use]
    pub fn engine(&self) -> &Engine {
        self.functions.lane()
    }

    /// What the functions did so far
    #[must_use]
    pub fn tally(&self) -> &Tally {
        self.functions.tally()
    }

    /// Puts an item into the policy table, as an admin does
    ///
    /// # Errors
    /// When the table refuses it.
    pub async fn put_rule(&self, item: &Value) -> anyhow::Result<()> {
        let item = serde_dynamo::aws_sdk_dynamodb_1::to_item(item)?;
        let call = self.clients.dynamodb.put_item().table_name(&self.config.policy_table).set_item(Some(item));
        self.world.run(call.send()).await?;
        Ok(())
    }

    /// Lets the schedule's `sweep` or `reconcile` come now
    ///
    /// # Errors
    /// When the queue refuses it.
    pub async fn schedule(&self, job: &str) -> anyhow::Result<()> {
        let body = json!({"job": job}).to_string();
        let call = self.clients.sqs.send_message().queue_url(&self.triggers.url).message_body(body);
        self.world.run(call.send()).await?;
        Ok(())
    }

    /// Runs functions until no queue and no stream has anything for them
    ///
    /// # Errors
    /// When a function breaks the contract with Lambda.
    pub async fn pump(&mut self) -> anyhow::Result<()> {
        let world = self.world.clone();
        world.run(self.functions.pump(&world)).await
    }

    /// Lets time pass, with a sweep every five minutes and functions running whenever something waits for them
    ///
    /// # Errors
    /// As [`Deployment::pump`].
    pub async fn pass(&mut self, time: Duration) -> anyhow::Result<()> {
        let sweeps = time.as_secs().div_ceil(SWEEP.as_secs());
        for _ in 0..sweeps {
            for _ in 0..5 {
                self.world.advance(SWEEP / 5);
                self.pump().await?;
            }
            self.schedule("sweep").await?;
            self.pump().await?;
        }
        Ok(())
    }

    /// Whether nothing waits in any queue, in flight included
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.world.with(|state| {
            let now = state.now();
            let empty = |url: &String| state.queues.find(url).is_none_or(|queue| queue.counts(now) == (0, 0, 0));
            self.queues.iter().all(empty)
        })
    }
}

/// The rules of the hub, with the patterns that `infra/hub.yaml` has
fn patterns() -> anyhow::Result<Vec<(String, Value)>> {
    let known: serde_json::Map<String, Value> = serde_json::from_str(include_str!("deployment/patterns.json"))?;
    Ok(known.into_iter().collect())
}
