//! Who brings messages to the functions: once and in order, twice, backwards, or only what the schedule sends

use grant_engine::Engine;
use grant_engine::clients::Clients;
use grant_engine::clock::Clock;
use grant_engine::config::Config;
use grant_engine::fault::Fault;
use grantctl::deployment::Spokes;
use pretend_aws::lambda::{Batch, QueueMapping, StreamMapping};
use pretend_aws::{QueueHandle, World};
use serde_json::{Value, json};

use super::Wire;

/// How messages are brought
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Delivery {
    /// Each once, in the order in which they came
    #[default]
    Once,
    /// Each batch twice, as queues and Streams may
    Twice,
    /// The last of a batch first, and what waits longest in the chain of queues last
    Backwards,
    /// Events and edits of the policy table are lost; what the schedule sends arrives
    ScheduleOnly,
}

/// The three functions and what wakes them
///
/// Each function has an engine of its own, as each has a process of its own.
#[derive(Debug)]
pub struct Courier {
    /// How it brings messages
    pub delivery: Delivery,
    /// Why invocations failed as a whole, or which messages they handed back
    pub failures: Vec<String>,
    dispatch: Engine,
    lane: Engine,
    accept: Engine,
    /// Where acceptance is the member accounts' own
    pub(super) spokes: Option<Spokes>,
    triggers: QueueMapping,
    policy: StreamMapping,
    work: QueueMapping,
    acceptances: QueueMapping,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    Policy,
    Triggers,
    Work,
    Acceptances,
}

const ROUND: [Stop; 4] = [Stop::Policy, Stop::Triggers, Stop::Work, Stop::Acceptances];

impl Courier {
    /// Functions on this wire, configured like this
    pub(super) fn new(world: &World, wire: &Wire, config: &Config, seed: u64) -> Self {
        let queue = |name: &str| {
            let found = world.with(|state| {
                state.queues.find(name).map(|queue| QueueHandle { url: queue.url().into(), arn: queue.arn().into() })
            });
            found.unwrap_or_else(|| QueueHandle { url: name.to_owned(), arn: name.to_owned() })
        };
        let engine = |salt: u64| engine(world, wire, config, seed ^ salt);
        Self {
            delivery: Delivery::Once,
            failures: Vec::new(),
            dispatch: engine(1),
            lane: engine(2),
            accept: engine(3),
            spokes: Spokes::of(world, config, wire.http_client(), seed ^ 4).expect("the spokes stand"),
            triggers: QueueMapping::new(&queue("triggers"), 10),
            policy: StreamMapping::new(&config.policy_table, 100),
            work: QueueMapping::new(&queue(&config.work_queue), 1),
            acceptances: QueueMapping::new(&queue(&config.accept_queue), 5),
        }
    }

    pub(super) fn lane(&self) -> &Engine {
        &self.lane
    }

    pub(super) fn dispatch(&self) -> &Engine {
        &self.dispatch
    }

    pub(super) fn accept(&self) -> &Engine {
        &self.accept
    }

    /// Brings messages until none waits
    pub(super) async fn pump(&mut self, world: &World) {
        let mut round = ROUND;
        if self.delivery == Delivery::Backwards {
            round.reverse();
        }
        if let Some(spokes) = &mut self.spokes {
            spokes.reach(world).expect("the StackSet reaches every account");
        }
        let mut worked = true;
        // A Stream hands a failed batch out again at once; Lambda waits before it does.
        let mut backing_off = false;
        while worked {
            worked = false;
            for stop in round {
                if stop == Stop::Policy && backing_off {
                    continue;
                }
                let Some(batch) = self.poll(stop, world) else { continue };
                worked = true;
                let clean = self.deliver(stop, batch, world).await;
                backing_off |= stop == Stop::Policy && !clean;
            }
            worked |= self.wake_spokes(world).await;
        }
    }

    fn poll(&mut self, stop: Stop, world: &World) -> Option<Batch> {
        match stop {
            Stop::Policy => self.policy.poll(world),
            Stop::Triggers => self.triggers.poll(world),
            Stop::Work => self.work.poll(world),
            Stop::Acceptances => self.acceptances.poll(world),
        }
    }

    /// Brings every spoke what waits for it; answers whether anything did
    async fn wake_spokes(&mut self, world: &World) -> bool {
        let Some(spokes) = &self.spokes else { return false };
        let mut woken = false;
        while let Some((account, invocation)) = spokes.poll(world) {
            woken = true;
            let payload = invocation.payload().clone();
            let times = match self.delivery {
                Delivery::Once | Delivery::Backwards => 1,
                Delivery::Twice => 2,
                Delivery::ScheduleOnly => usize::from(payload.get("job").is_some()),
            };
            let mut result = Ok(());
            for _ in 0..times {
                result = spokes.invoke(&account, payload.clone()).await.map(|_| ());
            }
            if let Err(fault) = &result {
                self.failures.push(format!("spoke of {account}: {}: {fault}", fault.error_type()));
            }
            invocation.settle(world, result.map_err(|_fault| ()));
        }
        woken
    }

    /// Answers whether all of the batch was dealt with
    async fn deliver(&mut self, stop: Stop, batch: Batch, world: &World) -> bool {
        let mut payload = batch.payload().clone();
        match self.delivery {
            Delivery::Once => {}
            Delivery::Twice => {
                let _first = self.hand(stop, payload.clone()).await;
            }
            // A Stream is in order within an item, which its records are often all of.
            Delivery::Backwards if stop != Stop::Policy => {
                if let Some(records) = payload.get_mut("Records").and_then(Value::as_array_mut) {
                    records.reverse();
                }
            }
            Delivery::Backwards => {}
            Delivery::ScheduleOnly => {
                if let Some(records) = payload.get_mut("Records").and_then(Value::as_array_mut) {
                    records.retain(|record| stop != Stop::Policy && (stop != Stop::Triggers || is_job(record)));
                }
            }
        }
        let result = self.hand(stop, payload).await;
        let failures = self.failures.len();
        match &result {
            Err(fault) => self.failures.push(format!("{stop:?}: {}: {fault}", fault.error_type())),
            Ok(answer) => {
                let back = answer.get("batchItemFailures").and_then(Value::as_array);
                if let Some(back) = back.filter(|back| !back.is_empty()) {
                    self.failures.push(format!("{stop:?}: {}", json!(back)));
                }
            }
        }
        batch.settle(world, result.map_err(|_fault| ()));
        self.failures.len() == failures
    }

    async fn hand(&self, stop: Stop, payload: Value) -> Result<Value, Fault> {
        match stop {
            Stop::Policy | Stop::Triggers => distribute_grants::dispatch::handle(&self.dispatch, payload).await,
            Stop::Work => distribute_grants::lane::handle(&self.lane, payload).await,
            Stop::Acceptances => accept_grants::handle(&self.accept, payload).await,
        }
    }
}

/// An engine that speaks through this wire
pub(super) fn engine(world: &World, wire: &Wire, config: &Config, seed: u64) -> Engine {
    Engine::new(config.clone(), clients(world, wire, config), clock(world), Some(seed))
}

pub(super) fn clients(world: &World, wire: &Wire, config: &Config) -> Clients {
    let hub = world.with(|state| state.hub.clone());
    Clients::on(wire.http_client(), &config.home_region, &hub, &clock(world))
}

fn clock(world: &World) -> Clock {
    Clock::new(world.time_source(), world.sleep())
}

fn is_job(record: &Value) -> bool {
    let body = record.get("body").and_then(Value::as_str).unwrap_or_default();
    serde_json::from_str::<Value>(body).is_ok_and(|body| body.get("job").is_some())
}
