//! Where a storm plays: an organization, what can be bought, and which account is the hub

use std::collections::BTreeMap;

use pretend_aws::blueprint::{AccountBlueprint, Blueprint, UnitBlueprint};
use pretend_aws::{Knobs, Purchase, Settings, World};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::chance;

/// What a seed begins with
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) world: World,
    /// The hub's purchases, those made before the storm first
    pub(super) purchases: Vec<Purchase>,
    /// How many of these were made before the storm
    pub(super) bought: usize,
    /// What a member bought for itself, if one did
    pub(super) own: Option<Purchase>,
}

/// Product types of Marketplace whose licenses can be shared
const TYPES: [&str; 4] = ["AmiProduct", "ContainerProduct", "MachineLearningProduct", "DataProduct"];

/// Names of accounts, that any log line can be searched for
pub(super) const ACCOUNT_NAME: &str = "kestrel-";

impl Stage {
    /// Sets the stage: all of it from `random`, but for what the world itself draws from `seed`
    pub(super) fn set(seed: u64, random: &mut StdRng) -> Self {
        let root = format!("r-{}", letters(random, 4));
        let units = units(random, &root);
        let accounts = accounts(random, &root, &units);
        let ids: Vec<String> = accounts.iter().map(|account| account.id.clone()).collect();
        let management = ids.first().cloned().unwrap_or_default();
        // One hub in five is a delegated administrator, and the management account a member like any other.
        let hub = if random.random_bool(0.2) { ids.get(1).cloned().unwrap_or_default() } else { management.clone() };
        let members: Vec<String> = ids.into_iter().filter(|id| *id != hub).collect();
        let purchases = purchases(random, &hub);
        let bought = random.random_range(0..=purchases.len());
        let own = random.random_bool(0.3).then(|| own_purchase(random, &purchases, &members)).flatten();
        let mut before: Vec<Purchase> = purchases.iter().take(bought).cloned().collect();
        before.extend(own.clone());
        // A purchase before the beginning belongs to the management account's organization all the same.
        let blueprint = Blueprint {
            organization: format!("o-{}", letters(random, 10)),
            management_account: management.clone(),
            root,
            units,
            accounts,
            purchases: before,
        };
        let settings =
            Settings { seed, knobs: Knobs::draw(random), faults: chance::faults(random), ..Settings::default() };
        let world = World::new(&blueprint, settings);
        world.with(|state| {
            if hub != management {
                state.organization.delegated_administrators.push(hub.clone());
                state.hub = hub;
            }
        });
        Self { world, purchases, bought, own }
    }
}

/// Two or three units under the root and perhaps one inside another, three levels at most
fn units(random: &mut StdRng, root: &str) -> Vec<UnitBlueprint> {
    let suffix = root.trim_start_matches("r-").to_owned();
    let mut units: Vec<UnitBlueprint> = Vec::new();
    for number in 0..random.random_range(2..=5) {
        let parent = match units.choose(random) {
            Some(above) if number > 1 && random.random_bool(0.6) => above.id.clone(),
            Some(_) | None => root.to_owned(),
        };
        let id = format!("ou-{suffix}-{}", letters(random, 8));
        units.push(UnitBlueprint { id, name: format!("unit-{number}"), parent });
    }
    units
}

fn accounts(random: &mut StdRng, root: &str, units: &[UnitBlueprint]) -> Vec<AccountBlueprint> {
    let mut accounts = Vec::new();
    for number in 0..random.random_range(6..=14) {
        let parent = match units.choose(random) {
            Some(unit) if number > 0 && random.random_bool(0.85) => unit.id.clone(),
            Some(_) | None => root.to_owned(),
        };
        let suspended = number > 1 && random.random_bool(0.05);
        accounts.push(AccountBlueprint {
            id: account_id(random),
            name: format!("{ACCOUNT_NAME}{number}"),
            parent,
            state: if suspended { "SUSPENDED" } else { "ACTIVE" }.to_owned(),
            tags: BTreeMap::new(),
        });
    }
    accounts
}

/// One to three products; one of them sometimes bought twice, which makes two licenses of one SKU
fn purchases(random: &mut StdRng, hub: &str) -> Vec<Purchase> {
    let mut purchases = Vec::new();
    for number in 0..random.random_range(1..=3) {
        let product_type = match random.random_bool(0.1) {
            true => "SaaSProduct",
            false => TYPES.choose(random).copied().unwrap_or("AmiProduct"),
        };
        purchases.push(Purchase {
            acceptor: hub.to_owned(),
            agreement: agreement_id(random),
            license: license_id(random),
            sku: format!("prod-{}", letters(random, 13)),
            product: format!("Product {number}"),
            product_type: product_type.to_owned(),
            proposer: account_id(random),
            offer: format!("offer-{}", letters(random, 13)),
        });
    }
    if random.random_bool(0.15)
        && let Some(first) = purchases.first().cloned()
    {
        purchases.push(successor(random, &first, false));
    }
    purchases
}

/// A member's own subscription to a product that the hub has, too
fn own_purchase(random: &mut StdRng, purchases: &[Purchase], members: &[String]) -> Option<Purchase> {
    let purchase = purchases.choose(random)?.clone();
    let acceptor = members.choose(random)?.clone();
    Some(Purchase { acceptor, ..successor(random, &purchase, false) })
}

/// The same product by another agreement, which carries the license on or brings a new one
pub(super) fn successor(random: &mut StdRng, purchase: &Purchase, keeps_license: bool) -> Purchase {
    let license = license_id(random);
    Purchase {
        agreement: agreement_id(random),
        license: if keeps_license { purchase.license.clone() } else { license },
        offer: format!("offer-{}", letters(random, 13)),
        ..purchase.clone()
    }
}

fn letters(random: &mut StdRng, count: usize) -> String {
    const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    (0..count).filter_map(|_| ALPHABET.choose(random).map(|byte| char::from(*byte))).collect()
}

pub(super) fn account_id(random: &mut StdRng) -> String {
    format!("{:012}", random.random_range(100_000_000_000_u64..1_000_000_000_000))
}

fn agreement_id(random: &mut StdRng) -> String {
    format!("agmt-{}", letters(random, 25))
}

fn license_id(random: &mut StdRng) -> String {
    format!("l-{:032x}", random.random::<u128>())
}
