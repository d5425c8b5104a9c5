//! Everything a world is made of, behind one lock

use std::sync::Arc;

use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::blueprint::Blueprint;
use crate::calls::Calls;
use crate::clock::{Clock, SdkClock};
use crate::cloud_trail::CloudTrail;
use crate::event_bus::{EventBus, OtherBuses};
use crate::faults::Faults;
use crate::iam::Iam;
use crate::knobs::Knobs;
use crate::lambda::Functions;
use crate::license_manager::LicenseManager;
use crate::marketplace::Marketplace;
use crate::organizations::Organization;
use crate::sns::Topics;
use crate::sqs::Queues;
use crate::sts::Sts;
use crate::tables::Tables;
use crate::world::Untold;

/// A world's services and what befalls them, to look at and to change by hand
#[derive(Debug)]
pub struct State {
    /// The account whose default bus, queues and tables these are; the management account unless set otherwise
    pub hub: String,
    /// AWS Organizations
    pub organization: Organization,
    /// AWS License Manager
    pub license_manager: LicenseManager,
    /// AWS Marketplace agreements
    pub marketplace: Marketplace,
    /// AWS STS sessions
    pub sts: Sts,
    /// AWS IAM roles
    pub iam: Iam,
    /// AWS CloudTrail
    pub cloud_trail: CloudTrail,
    /// Amazon SQS
    pub queues: Queues,
    /// Amazon SNS
    pub topics: Topics,
    /// The hub's default event bus
    pub bus: EventBus,
    pub(crate) other_buses: OtherBuses,
    /// AWS Lambda's queues of asynchronous invocations
    pub(crate) functions: Functions,
    /// Amazon DynamoDB
    pub tables: Tables,
    /// Answers to the open questions about AWS
    pub knobs: Knobs,
    /// What goes wrong
    pub faults: Faults,
    /// What was asked
    pub calls: Calls,
    pub(crate) untold: Untold,
    /// What the random numbers of the world's beginning followed from
    pub(crate) seed: u64,
    /// Random numbers for everything that lasts: ids, tokens, where pages end
    pub rng: StdRng,
    /// Random numbers for request ids, apart so that one more read changes no id that lasts
    pub(crate) request_rng: StdRng,
    pub(crate) clock: Arc<Clock>,
}

/// A world's streams of random numbers, from one seed
#[derive(Debug)]
pub(crate) struct Dice {
    pub(crate) lasting: StdRng,
    pub(crate) requests: StdRng,
    /// The faults' own seed
    pub(crate) faults: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            lasting: StdRng::seed_from_u64(seed),
            requests: StdRng::seed_from_u64(seed ^ 0x72_6571_7565_7374),
            faults: seed ^ 0x6661_756c_7473,
        }
    }
}

impl State {
    pub(crate) fn new(blueprint: &Blueprint, seed: u64, clock: Arc<Clock>, knobs: Knobs, mut faults: Faults) -> Self {
        let now = clock.now();
        let dice = Dice::new(seed);
        faults.seed(dice.faults);
        let hub = blueprint.management_account.clone();
        let mut state = Self {
            organization: Organization::new(blueprint, now),
            license_manager: LicenseManager::new(),
            marketplace: Marketplace::default(),
            sts: Sts::default(),
            iam: Iam::default(),
            cloud_trail: CloudTrail::new(now),
            queues: Queues::new(&hub),
            topics: Topics::new(&hub),
            bus: EventBus::new(&hub),
            other_buses: OtherBuses::new(),
            functions: Functions::default(),
            tables: Tables::new(SdkClock(Arc::clone(&clock))),
            hub,
            knobs,
            faults,
            calls: Calls::default(),
            untold: Untold::default(),
            seed,
            rng: dice.lasting,
            request_rng: dice.requests,
            clock,
        };
        for purchase in &blueprint.purchases {
            state.marketplace.add(purchase, now, Some(now));
        }
        state.tick();
        state
    }

    /// What the world's clock shows
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn request_id(&mut self) -> String {
        uuid(&mut self.request_rng)
    }

    /// When something happens next by itself
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let due = [
            self.license_manager.next_due(),
            self.marketplace.next_due(),
            self.organization.next_due(),
            self.bus.next_due(),
            self.untold.next_due(),
        ];
        due.into_iter().flatten().min()
    }

    /// Lets everything happen that is due by now
    pub(crate) fn catch_up(&mut self) {
        let now = self.now();
        let mut before = None;
        while let Some(due) = self.next_due().filter(|due| *due <= now && Some(*due) != before) {
            self.tick();
            before = Some(due);
        }
    }

    /// One turn of every service that does things by itself
    pub(crate) fn tick(&mut self) {
        let now = self.now();
        for purchase in self.marketplace.tick(now) {
            self.license_manager.provision(&purchase, &self.organization, &self.knobs, now, &mut self.rng);
        }
        self.license_manager.tick(now, &self.organization, &self.knobs, &mut self.rng);
        self.tell_license_news();
        self.tell_untold();
        self.decide_accounts();
        self.deliver_waiting();
    }
}

/// A version 4 UUID from a stream of random numbers
pub(crate) fn uuid(rng: &mut StdRng) -> String {
    let bits: u128 = rng.random();
    let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// Lower-case letters and digits
pub(crate) fn letters(rng: &mut StdRng, count: usize) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    (0..count)
        .map(|_| ALPHABET.get(rng.random_range(0..ALPHABET.len())).map_or('a', |byte| char::from(*byte)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_have_the_version_and_variant_they_should() {
        let mut rng = StdRng::seed_from_u64(3);
        for _ in 0..100 {
            let id = uuid(&mut rng);
            assert_eq!(id.len(), 36);
            assert_eq!(&id[14..15], "4");
            assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
        }
    }
}
