//! One story for whichever function is the process: rules, a purchase, an account that comes and is moved

use std::collections::BTreeSet;
use std::time::Duration;

use pretend_aws::Purchase;
use serde_json::{Value, json};

use crate::hub::Hub;
use crate::mappings::{Answer, Mappings, Woken};

/// Minutes of the services' time that anything may take to come about
const PATIENCE: usize = 20;
const MINUTE: Duration = Duration::from_secs(60);

const PURCHASED: &str = include_str!("../../../../tests/fixtures/events/mp-agreement-created-new.json");
const CREATED: &str = include_str!("../../../../tests/fixtures/events/org-create-account-result-succeeded.json");
const MOVED: &str = include_str!("../../../../tests/fixtures/events/org-move-account-api.inferred.json");
/// Neither JSON nor ASCII: what is kept of it must be all of it
const UNREADABLE: &str = "{\"detail-type\": \"Purchase Agreement Cr\u{e9}ated\u{0}";

const NEWCOMER: &str = "487120396655";
const WORKLOADS: &str = "ou-9xk2-h3n8d1pw";
/// Who bought; its own grant of the license is ACTIVE and not ours
const HOLDER: &str = "210987654321";
/// Every account but the suspended one
const EVERYONE: [&str; 9] = [
    HOLDER,
    "318204957731",
    "402958173646",
    "519283746501",
    "560192837465",
    "611029384756",
    "674839201583",
    "802746195038",
    "853920174662",
];
/// The accounts of the unit and of the one below it, but for the exception that the rule makes
const UNIT: [&str; 4] = [HOLDER, "318204957731", "402958173646", "560192837465"];

/// Plays it, with every invocation carried out by `invoke`
///
/// A rule gives one product to the organization, another gives a second product to a unit, except one of its accounts.
/// At every turn License Manager is asked over the port for the accounts in which the grants are ACTIVE: these and no
/// others.
pub(crate) async fn play(hub: &Hub, invoke: impl AsyncFn(Woken, Value) -> Answer) {
    let world = hub.world();
    let mut mappings = Mappings::new(world, hub.policy_table());
    let (monitoring, database) = (monitoring(), Purchase::sample());

    world.purchase(&monitoring);
    world.advance(2 * SECOND);
    mappings.lose_events();
    hub.put_rule(json!({
        "rule": "monitoring", "enabled": true, "effect": "grant",
        "products": {"sku": [monitoring.sku]}, "accounts": {"organization": true},
    }))
    .await;
    hub.put_rule(json!({
        "rule": "database", "enabled": true, "effect": "grant",
        "products": {"sku": [database.sku]}, "accounts": {"ou": [WORKLOADS]}, "except": {"account": ["519283746501"]},
    }))
    .await;
    until_active(hub, &mut mappings, &invoke, &monitoring, &EVERYONE).await;
}
