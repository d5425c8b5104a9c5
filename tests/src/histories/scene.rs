//! Small worlds drawn from a seed

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use pretend_aws::blueprint::{AccountBlueprint, UnitBlueprint};
use pretend_aws::license_manager::{LicenseManager, LicenseStatus};
use pretend_aws::organizations::Organization;
use pretend_aws::{Blueprint, Knobs, Purchase};
use rand::rngs::StdRng;
use serde_json::json;

use super::deed::by_hand;
use super::draw::{any, aside, chance, dice, pick};
use super::log::Log;
use super::wish::{Rules, Who, Wish};
use super::world::{Memory, World, known};
use super::{answers, world};

/// The management account
pub(super) const MANAGEMENT: &str = "210987654321";
/// A delegated administrator
pub(super) const DELEGATE: &str = "900000000009";
/// The others
pub(super) const MEMBERS: [&str; 4] = ["111111111111", "222222222222", "333333333333", "444444444444"];
/// Two top-level units
pub(super) const UNITS: [&str; 2] = ["ou-9xk2-aaaaaaaa", "ou-9xk2-bbbbbbbb"];
/// The root
pub(super) const ROOT: &str = "r-9xk2";
/// When every world begins
const BEGIN: i64 = 1_800_000_000;
/// The product that everything is about
const SKU: &str = "prod-v5h2xk8qm4tza";

/// A world as the seed has it, with nothing done yet; `most` accounts besides the hub at most
pub(super) fn draw(seed: u64, most: usize, log: &mut Log) -> World {
    let mut dice = dice(seed);
    let delegated = chance(&mut dice, 15);
    let hub = if delegated { DELEGATE } else { MANAGEMENT };
    let organization = organization(&mut dice, hub, most);
    let knobs = answers::draw(&mut dice);
    let bought = licenses(&mut dice, hub);
    let mut world = bare(seed, hub, organization, knobs, bought);
    world.budget = if chance(&mut dice, 4) { 1 } else { 1500 };
    for account in MEMBERS.into_iter().filter(|_| chance(&mut dice, 6)) {
        world.subscribe(account);
    }
    world.roleless = MEMBERS.into_iter().filter(|_| chance(&mut dice, 5)).map(str::to_owned).collect();
    if chance(&mut dice, 3) {
        world.organization.trusted_services.retain(|service| service != "license-management.marketplace.amazonaws.com");
    }
    if chance(&mut dice, 12) {
        hand_made(&mut world, &mut dice, log);
    }
    if chance(&mut dice, 3) {
        let license = world.purchase(0).license.clone();
        let status =
            *pick(&mut dice, &[LicenseStatus::Expired, LicenseStatus::Deactivated, LicenseStatus::PendingAvailable]);
        world.end_license(&license, status, log);
    }
    // Until a listing shows the license, nobody looks at it.
    world.wait(world.knobs.license_visibility_seconds, log);
    world.replacements = *pick(&mut aside(&dice), &[0, 0, 1, 2]);
    let rules = rules(&world, &mut dice);
    world.rule(rules);
    log.tell(|| {
        let Rules { wishes, paused, replacements, .. } = &*world.rules;
        format!("rules {wishes:?}, paused {paused}, {replacements} replacements a day")
    });
    log.tell(|| {
        let accounts: Vec<_> = world.organization.accounts.values().map(|at| (&at.id, &at.parent, &at.state)).collect();
        format!("hub {hub}, accounts {accounts:?}\nknobs {:?}\nwithout role {:?}", world.knobs, world.roleless)
    });
    world
}

/// A world with nothing but an organization and licenses in it
fn bare(seed: u64, hub: &str, organization: Organization, knobs: Knobs, bought: Vec<Purchase>) -> World {
    let mut world = World {
        now: begin(),
        hub: hub.into(),
        known: Arc::new(known(&organization)),
        organization,
        knobs,
        license_manager: LicenseManager::new(),
        ledger: vec![Memory::default(); bought.len()],
        licenses: bought.into(),
        rules: Arc::default(),
        window: Default::default(),
        replacements: 0,
        asked: BTreeSet::new(),
        heard: Arc::default(),
        may_displace: BTreeSet::new(),
        for_all: BTreeSet::new(),
        for_units: BTreeSet::new(),
        roleless: BTreeSet::new(),
        budget: 1500,
        inbox: Vec::new(),
        prompt: true,
        departed: false,
        tampered: false,
        announced: BTreeMap::new(),
        broken: Vec::new(),
        seed,
        intents: 0,
    };
    world.tick(&mut Log::default());
    for purchase in Arc::clone(&world.licenses).iter() {
        world.provision(purchase);
    }
    world
}

/// A world of three members and one license, nothing asked for
#[cfg(test)]
pub(super) fn plain(knobs: Knobs) -> World {
    let accounts = [MANAGEMENT].iter().chain(MEMBERS.iter().take(3)).map(|id| account(id, ROOT, "ACTIVE")).collect();
    let bought = vec![purchase(MANAGEMENT, 1, "AmiProduct")];
    bare(1, MANAGEMENT, organization_of(accounts), knobs, bought)
}

fn begin() -> Timestamp {
    Timestamp::from_second(BEGIN).expect("a time")
}

fn account(id: &str, parent: &str, state: &str) -> AccountBlueprint {
    AccountBlueprint {
        id: id.to_owned(),
        name: format!("account {id}"),
        parent: parent.to_owned(),
        state: state.to_owned(),
        tags: BTreeMap::new(),
    }
}

fn organization(dice: &mut StdRng, hub: &str, most: usize) -> Organization {
    let mut accounts = vec![account(MANAGEMENT, ROOT, "ACTIVE")];
    if hub == DELEGATE {
        accounts.push(account(DELEGATE, ROOT, "ACTIVE"));
    }
    let count = *pick(dice, &[1, 1, 2, 2, 3]);
    for id in MEMBERS.iter().take(count.min(most)) {
        let parent = *pick(dice, &[ROOT, UNITS[0], UNITS[1]]);
        let state = if chance(dice, 92) {
            "ACTIVE"
        } else {
            *pick(dice, &["SUSPENDED", "PENDING_ACTIVATION", "PENDING_CLOSURE", "CLOSED"])
        };
        accounts.push(account(id, parent, state));
    }
    let mut organization = organization_of(accounts);
    if hub == DELEGATE {
        organization.delegated_administrators.push(DELEGATE.to_owned());
    }
    organization
}

fn organization_of(accounts: Vec<AccountBlueprint>) -> Organization {
    let unit = |id: &str| UnitBlueprint { id: id.to_owned(), name: id.to_owned(), parent: ROOT.to_owned() };
    let blueprint = Blueprint {
        organization: "o-4kq7vt2m9x".to_owned(),
        management_account: MANAGEMENT.to_owned(),
        root: ROOT.to_owned(),
        units: UNITS.map(unit).to_vec(),
        accounts,
        purchases: Vec::new(),
    };
    Organization::new(&blueprint, begin())
}

fn licenses(dice: &mut StdRng, hub: &str) -> Vec<Purchase> {
    let kind = if chance(dice, 3) { "SaaSProduct" } else { "AmiProduct" };
    let count = if chance(dice, 12) { 2 } else { 1 };
    (1..=count).map(|number| purchase(hub, number, kind)).collect()
}

/// A purchase of the one product
pub(super) fn purchase(acceptor: &str, number: u64, kind: &str) -> Purchase {
    Purchase {
        acceptor: acceptor.to_owned(),
        agreement: format!("agmt-{acceptor}-{number}"),
        license: format!("l-{:032x}", world::mix(&[number, acceptor.parse().unwrap_or_default()])),
        sku: SKU.to_owned(),
        product: "Example Database".to_owned(),
        product_type: kind.to_owned(),
        proposer: "640218890143".to_owned(),
        offer: "offer-k7q2m9x4vd3pa".to_owned(),
    }
}

/// Rules at random
pub(super) fn rules(world: &World, dice: &mut StdRng) -> Rules {
    let members: Vec<String> =
        world.organization.accounts.keys().filter(|account| **account != *world.hub).cloned().collect();
    let some = |dice: &mut StdRng| -> Who {
        match *pick(dice, &[0, 1, 1, 2]) {
            0 => Who::Unit((*pick(dice, &UNITS)).to_owned()),
            1 if !members.is_empty() => Who::Accounts(members.iter().cloned().collect()),
            _ => Who::Accounts(any(dice, &members).cloned().into_iter().chain([world.hub.to_string()]).collect()),
        }
    };
    let activation = |dice: &mut StdRng| *pick(dice, &["keep", "keep", "keep", "keep", "replace", "manual"]);
    let mut wishes = Vec::new();
    for id in ["a-first", "b-second"].into_iter().take(*pick(dice, &[1, 1, 1, 2])) {
        let who = if chance(dice, 45) { Who::Everybody } else { some(dice) };
        let except = (who == Who::Everybody && chance(dice, 20)).then(|| some(dice));
        let license = chance(dice, 5).then(|| world.purchase(0).license.clone());
        // Drawn aside: what else follows from a number stays as it was.
        let lets_go = chance(&mut dice.clone(), 40);
        let reaches_further = except.is_some() || matches!(who, Who::Accounts(_));
        let wide = reaches_further && chance(&mut aside(dice), 30);
        wishes.push(Wish { id, who, except, activation: activation(dice), license, lets_go, wide, denies: false });
    }
    let mut aside = aside(dice);
    if chance(&mut aside, 12) {
        let (who, lets_go) = (some(&mut aside), chance(&mut aside, 60));
        let (except, license, activation) = (None, None, "keep");
        wishes.push(Wish { id: "c-deny", who, except, activation, license, lets_go, wide: false, denies: true });
    }
    Rules::limited(wishes, chance(dice, 2), chance(dice, 4), world.replacements)
}

/// Somebody grants by hand, or another deployment does, before Grantway comes
pub(super) fn hand_made(world: &mut World, dice: &mut StdRng, log: &mut Log) {
    let license = pick(dice, &world.licenses).license.clone();
    let accounts: Vec<String> =
        world.organization.accounts.keys().filter(|account| **account != *world.hub).cloned().collect();
    let principal = match *pick(dice, &[0, 0, 0, 1, 2]) {
        0 => any(dice, &accounts).map(|account| format!("arn:aws:iam::{account}:root")),
        1 => Some(world.organization.arn()),
        _ => Some(world.organization.unit_arn(pick::<&str>(dice, &UNITS))),
    };
    let Some(principal) = principal else { return };
    let name = if chance(dice, 75) { "by hand" } else { "gw/other/everyone/0123456789abcdef0123456789abcdef" };
    let token = format!("by-hand-{}", world.license_manager.grants().count());
    let body = json!({
        "ClientToken": token,
        "GrantName": name,
        "LicenseArn": LicenseManager::license_arn(&license),
        "Principals": [principal],
        "HomeRegion": "us-east-1",
        "AllowedOperations": ["CheckoutLicense"],
    });
    let hub = Arc::clone(&world.hub);
    let made = by_hand(world, &hub, "CreateGrant", &body, log);
    log.coverage.deed("grant by hand");
    log.tell(|| format!("by hand: grant `{name}` to {principal}: {made:?}"));
    let Some(arn) = made.ok().and_then(|made| made.get("GrantArn").cloned()) else { return };
    if chance(dice, 60) {
        world.wait(world.knobs.workflow_seconds + 1, log);
        let body = json!({"ClientToken": format!("{token}-on"), "GrantArn": arn, "Status": "ACTIVE"});
        let made = by_hand(world, &hub, "CreateGrantVersion", &body, log);
        log.tell(|| format!("by hand: activate it: {made:?}"));
    }
}

impl World {
    /// A license comes into being, or is renewed
    pub(super) fn provision(&mut self, purchase: &Purchase) {
        let mut ids = self.dice(&format!("{} {}", purchase.license, self.now));
        self.license_manager.provision(purchase, &self.organization, &self.knobs, self.now, &mut ids);
    }

    /// An account buys the product itself
    pub(super) fn subscribe(&mut self, account: &str) {
        self.provision(&purchase(account, 9, "AmiProduct"));
    }

    /// A license ends, or is not there yet
    pub(super) fn end_license(&mut self, license: &str, status: LicenseStatus, log: &mut Log) {
        self.license_manager.end_license(license, status, &self.knobs, self.now);
        self.tick(log);
    }
}
