//! What a saved world consists of

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::DocumentError;
use crate::calls::{Calls, Digest};
use crate::clock::{Clock, SdkClock};
use crate::cloud_trail::CloudTrail;
use crate::event_bus::{EventBus, OtherBuses};
use crate::faults::{Faults, Luck};
use crate::iam::Iam;
use crate::knobs::Knobs;
use crate::lambda::Functions;
use crate::license_manager::LicenseManager;
use crate::marketplace::Marketplace;
use crate::organizations::Organization;
use crate::sns::Topics;
use crate::sqs::Queues;
use crate::state::{Dice, State};
use crate::sts::Sts;
use crate::tables::{SavedTable, Tables};
use crate::world::Untold;

/// The form that is written and read; to be raised with every change of it
pub(super) const SCHEMA: u64 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    schema: u64,
    pub(super) now: Timestamp,
    seed: u64,
    hub: String,
    knobs: Knobs,
    faults: Faults,
    /// One-shots to come, and how often each fault struck
    struck: Luck,
    organization: Organization,
    marketplace: Marketplace,
    license_manager: LicenseManager,
    sts: Sts,
    iam: Iam,
    cloud_trail: CloudTrail,
    queues: Queues,
    topics: Topics,
    bus: EventBus,
    #[serde(default, skip_serializing_if = "OtherBuses::is_empty")]
    other_buses: OtherBuses,
    #[serde(default, skip_serializing_if = "Functions::is_empty")]
    functions: Functions,
    /// Events that happened and are told later
    untold: Untold,
    tables: Vec<SavedTable>,
}

impl Document {
    pub(super) fn of(state: &State) -> Result<Self, DocumentError> {
        Ok(Self {
            schema: SCHEMA,
            now: state.now(),
            seed: state.seed,
            hub: state.hub.clone(),
            knobs: state.knobs.clone(),
            faults: state.faults.clone(),
            struck: state.faults.luck.clone(),
            organization: state.organization.clone(),
            marketplace: state.marketplace.clone(),
            license_manager: state.license_manager.clone(),
            sts: state.sts.clone(),
            iam: state.iam.clone(),
            cloud_trail: state.cloud_trail.clone(),
            queues: state.queues.clone(),
            topics: state.topics.clone(),
            bus: state.bus.clone(),
            other_buses: state.other_buses.clone(),
            functions: state.functions.clone(),
            untold: state.untold.clone(),
            tables: state.tables.saved().map_err(DocumentError::Tables)?,
        })
    }

    pub(super) fn into_state(mut self, clock: Arc<Clock>) -> Result<State, DocumentError> {
        let dice = Dice::new(self.seed ^ self.digest());
        let mut tables = Tables::new(SdkClock(Arc::clone(&clock)));
        tables.fill(&self.tables, self.now).map_err(DocumentError::Tables)?;
        self.license_manager.index_again();
        self.faults.luck = self.struck;
        self.faults.seed(dice.faults);
        Ok(State {
            hub: self.hub,
            organization: self.organization,
            license_manager: self.license_manager,
            marketplace: self.marketplace,
            sts: self.sts,
            iam: self.iam,
            cloud_trail: self.cloud_trail,
            queues: self.queues,
            topics: self.topics,
            bus: self.bus,
            other_buses: self.other_buses,
            functions: self.functions,
            tables,
            knobs: self.knobs,
            faults: self.faults,
            calls: Calls::default(),
            untold: self.untold,
            seed: self.seed,
            rng: dice.lasting,
            request_rng: dice.requests,
            clock,
        })
    }

    /// Over everything in it: whatever has drawn a number since it was loaded has left something there
    fn digest(&self) -> u64 {
        let text = serde_json::to_vec(self).unwrap_or_default();
        u64::from_str_radix(&Digest::of(&[&text]), 16).unwrap_or_default()
    }
}
