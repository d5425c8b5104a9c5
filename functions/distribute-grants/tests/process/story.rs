//! One story for whichever function is the process: rules, a purchase, an account that comes and is moved

use std::collections::BTreeSet;
use std::time::Duration;

use pretend_aws::Purchase;
use serde_json::{Value, json};

use crate::hub::Hub;
use crate::mappings::{Answer, Mappings, Woken, batch};

/// Longer than anything that was started takes to be done, by the clock of the services
const A_MOMENT: Duration = Duration::from_secs(2);
/// Time between two sweeps, and how many of them anything may take to come about
const SWEEP: Duration = Duration::from_secs(5 * 60);
const SWEEPS: usize = 10;

const PURCHASED: &str = include_str!("../../../../tests/fixtures/events/mp-agreement-created-new.json");
const CREATED: &str = include_str!("../../../../tests/fixtures/events/org-create-account-result-succeeded.json");
const MOVED: &str = include_str!("../../../../tests/fixtures/events/org-move-account-api.inferred.json");
/// No JSON, and not only ASCII: what is kept of it must be all of it
const UNREADABLE: &str = "{\"detail-type\": \"Purchase Agreement Cr\u{e9}ated \u{2013}\n";

/// Who bought: its own grant of a license is ACTIVE as well
pub(crate) const HOLDER: &str = "210987654321";
const NEWCOMER: &str = "487120396655";
const WORKLOADS: &str = "ou-9xk2-h3n8d1pw";
const EXCEPTED: &str = "519283746501";
/// All accounts, but for the one that is suspended
pub(crate) const ORGANIZATION: [&str; 9] = [
    HOLDER,
    "318204957731",
    "402958173646",
    EXCEPTED,
    "560192837465",
    "611029384756",
    "674839201583",
    "802746195038",
    "853920174662",
];
/// The accounts of the unit and of the one inside it, but for the one that the rule excepts
const UNIT: [&str; 4] = [HOLDER, "318204957731", "402958173646", "560192837465"];

/// Plays it, every invocation carried out by `invoke`
///
/// One rule gives a product to the organization, another gives a second product to a unit except one of its accounts.
/// What the world tells of by itself is lost; the sample events are delivered instead. At every turn License Manager
/// is asked, over the port, in which accounts the grants are ACTIVE: in these and in no others.
pub(crate) async fn play(hub: &Hub, invoke: impl AsyncFn(Woken, Value) -> Answer) {
    let world = hub.world();
    let (for_all, for_unit) = (second_purchase(), Purchase::sample());
    // Else the world alone would see to the newcomer.
    world.with(|state| state.knobs.joiner_sub_grant_active = false);
    let mut stage = Stage { hub, mappings: Mappings::new(world, &hub.config().policy_table), invoke };

    world.purchase(&for_all);
    stage.lose_events();
    hub.put_rule(json!({
        "rule": "everyone", "products": {"sku": [for_all.sku]}, "accounts": {"organization": true},
    }))
    .await;
    hub.put_rule(json!({
        "rule": "workloads", "products": {"sku": [for_unit.sku]},
        "accounts": {"ou": [WORKLOADS]}, "except": {"account": [EXCEPTED]},
    }))
    .await;
    stage.until_active(&for_all, &ORGANIZATION).await;

    world.purchase(&for_unit);
    stage.lose_events();
    stage.deliver(&[PURCHASED, UNREADABLE]).await;
    assert_eq!(hub.quarantined().await, [UNREADABLE]);
    stage.until_active(&for_unit, &UNIT).await;

    world.create_account(NEWCOMER, "newcomer");
    stage.lose_events();
    stage.deliver(&[CREATED]).await;
    let everyone = [&ORGANIZATION[..], &[NEWCOMER]].concat();
    stage.until_active(&for_all, &everyone).await;
    stage.until_active(&for_unit, &UNIT).await;

    world.move_account(NEWCOMER, WORKLOADS);
    stage.lose_events();
    stage.deliver(&[MOVED]).await;
    stage.until_active(&for_unit, &[&UNIT[..], &[NEWCOMER]].concat()).await;
    stage.until_active(&for_all, &everyone).await;
}

fn second_purchase() -> Purchase {
    Purchase {
        agreement: "agmt-6t1m9c4x2ka8p0vz7rd3hq5nw".to_owned(),
        license: "l-1b7e93c5d0f24a868e2c47b91d6fa035".to_owned(),
        sku: "prod-c3n7wq1zt9fks".to_owned(),
        product: "Example Monitoring".to_owned(),
        ..Purchase::sample()
    }
}

/// The hub, and what carries messages to its functions
pub(crate) struct Stage<'a, I> {
    pub(crate) hub: &'a Hub,
    pub(crate) mappings: Mappings,
    pub(crate) invoke: I,
}

impl<I: AsyncFn(Woken, Value) -> Answer> Stage<'_, I> {
    /// Waits until what was just done has been done, and loses what the world told of it
    fn lose_events(&mut self) {
        self.hub.world().advance(A_MOMENT);
        self.mappings.lose_events();
    }

    /// Hands dispatch one batch with these bodies; it has to deal with all of them
    async fn deliver(&self, bodies: &[&str]) {
        let answer = (self.invoke)(Woken::Dispatch, batch(bodies)).await;
        assert_eq!(answer, Ok(json!({"batchItemFailures": []})));
    }

    /// Lets time pass, with sweeps, until the license is ACTIVE in these accounts; then once more, which changes nothing
    pub(crate) async fn until_active(&mut self, purchase: &Purchase, accounts: &[&str]) {
        let expected: BTreeSet<String> = accounts.iter().map(|account| (*account).to_owned()).collect();
        for _ in 0..SWEEPS {
            self.mappings.pump(&self.invoke).await;
            if self.hub.active(&purchase.license).await == expected {
                break;
            }
            self.sweep().await;
        }
        self.sweep().await;
        self.mappings.pump(&self.invoke).await;
        assert_eq!(self.hub.active(&purchase.license).await, expected, "{}", purchase.product);
    }

    async fn sweep(&self) {
        self.hub.pass(SWEEP).await;
        self.hub.send_sweep().await;
    }
}
