//! The functions of a deployment and what wakes them

use grant_engine::Engine;
use grant_engine::fault::Fault;
use pretend_aws::lambda::{Batch, QueueMapping, StreamMapping};
use pretend_aws::{QueueHandle, World};
use serde_json::Value;

/// Batch sizes of the mappings in `infra/hub.yaml`
const TRIGGERS_BATCH: usize = 10;
const STREAM_BATCH: usize = 100;
const ACCEPT_BATCH: usize = 5;

/// How often functions were invoked, and how often that failed
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Invocations of any function
    pub invocations: u64,
    /// Invocations that failed as a whole, or handed part of their batch back
    pub failures: u64,
}

/// Three functions with their mappings; each has an engine of its own, as each has a process of its own
#[derive(Debug)]
pub(super) struct Functions {
    dispatch: Engine,
    lane: Engine,
    accept: Engine,
    triggers: QueueMapping,
    policy: StreamMapping,
    work: QueueMapping,
    acceptances: QueueMapping,
    tally: Tally,
}

impl Functions {
    pub(super) fn new(
        engine: impl Fn(u64) -> Engine,
        triggers: &QueueHandle,
        work: &QueueHandle,
        accept: &QueueHandle,
    ) -> Self {
        let dispatch = engine(0x6469_7370);
        Self {
            policy: StreamMapping::new(&dispatch.config().policy_table, STREAM_BATCH),
            dispatch,
            lane: engine(0x6c61_6e65),
            accept: engine(0x6163_6370),
            triggers: QueueMapping::new(triggers, TRIGGERS_BATCH),
            work: QueueMapping::new(work, 1),
            acceptances: QueueMapping::new(accept, ACCEPT_BATCH),
            tally: Tally::default(),
        }
    }

    pub(super) fn lane(&self) -> &Engine {
        &self.lane
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Invokes functions until nothing is waiting for them
    pub(super) async fn pump(&mut self, world: &World) -> anyhow::Result<()> {
        loop {
            let mut worked = false;
            if let Some(batch) = self.policy.poll(world) {
                let result = distribute_grants::dispatch::handle(&self.dispatch, batch.payload().clone()).await;
                self.settle(world, batch, result);
                worked = true;
            }
            if let Some(batch) = self.triggers.poll(world) {
                let result = distribute_grants::dispatch::handle(&self.dispatch, batch.payload().clone()).await;
                self.settle(world, batch, result);
                worked = true;
            }
            if let Some(batch) = self.work.poll(world) {
                let result = distribute_grants::lane::handle(&self.lane, batch.payload().clone()).await;
                self.settle(world, batch, result);
                worked = true;
            }
            if let Some(batch) = self.acceptances.poll(world) {
                let result = accept_grants::handle(&self.accept, batch.payload().clone()).await;
                self.settle(world, batch, result);
                worked = true;
            }
            if !worked {
                return Ok(());
            }
        }
    }

    fn settle(&mut self, world: &World, batch: Batch, result: Result<Value, Fault>) {
        self.tally.invocations += 1;
        let clean = result
            .as_ref()
            .is_ok_and(|answer| answer.get("batchItemFailures").and_then(Value::as_array).is_none_or(Vec::is_empty));
        if !clean {
            self.tally.failures += 1;
        }
        batch.settle(world, result.map_err(|_fault| ()));
    }
}
