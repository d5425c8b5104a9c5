//! The demo's organization, licenses and rules, all from a seed

use pretend_aws::Purchase;
use pretend_aws::blueprint::{AccountBlueprint, Blueprint, UnitBlueprint};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::Size;

/// What the demo plays on and with
#[derive(Debug, Clone)]
pub struct Stage {
    /// The organization and what was bought before
    pub blueprint: Blueprint,
    /// Items of the policy table at the beginning
    pub rules: Vec<Value>,
    /// What is bought while we watch
    pub purchase: Purchase,
    /// The account that joins while we watch, at the root at first
    pub newcomer: String,
    /// The unit it is then moved to
    pub newcomer_unit: String,
    /// The rule that is edited while we watch, as it reads afterwards
    pub edited_rule: Value,
}

/// Product types in the order in which licenses get them; the second is the one that cannot be shared
const TYPES: [&str; 6] =
    ["AmiProduct", "SaaSProduct", "ContainerProduct", "MachineLearningProduct", "DataProduct", "AmiProduct"];
const MAKERS: [&str; 6] = ["Acme", "Borealis", "Cobalt", "Dunmore", "Eastgate", "Fernhill"];
const THINGS: [&str; 5] = ["Firewall", "Observability", "Image Scanner", "Forecast Model", "Weather Data"];

/// Makes a stage of this size
#[must_use]
pub fn stage(size: &Size) -> Stage {
    let mut random = StdRng::seed_from_u64(size.seed);
    let root = format!("r-{}", letters(&mut random, 4));
    let units = units(&mut random, &root);
    let mut accounts = accounts(&mut random, &root, &units, size.accounts);
    let management = accounts.first().map(|account| account.id.clone()).unwrap_or_default();
    if let Some(account) = accounts.get_mut(2) {
        account.state = "SUSPENDED".to_owned();
    }
    let mut purchases: Vec<Purchase> =
        (0..size.licenses).map(|number| purchase(&mut random, &management, number)).collect();
    let rules = rules(&purchases, &units, &accounts);
    // The last license is bought while we watch; the first one's product has a subscriber of its own already.
    let bought_live = purchases.pop().unwrap_or_else(|| purchase(&mut random, &management, size.licenses));
    if let (Some(first), Some(subscriber)) = (purchases.first().cloned(), accounts.get(4)) {
        purchases.push(Purchase {
            acceptor: subscriber.id.clone(),
            agreement: format!("agmt-{}", letters(&mut random, 25)),
            license: license_id(&mut random),
            offer: format!("offer-{}", letters(&mut random, 13)),
            ..first
        });
    }
    let newcomer = account_id(&mut random);
    Stage {
        newcomer_unit: units.get(1).map(|unit| unit.id.clone()).unwrap_or_default(),
        edited_rule: edited(&rules, &units),
        rules,
        purchase: bought_live,
        newcomer,
        blueprint: Blueprint {
            organization: format!("o-{}", letters(&mut random, 10)),
            management_account: management,
            root,
            units,
            accounts,
            purchases,
        },
    }
}

/// Four units under the root, two of them with units inside, three levels in all
fn units(random: &mut StdRng, root: &str) -> Vec<UnitBlueprint> {
    let suffix = root.trim_start_matches("r-").to_owned();
    let mut id = || format!("ou-{suffix}-{}", letters(random, 8));
    let (workloads, sandbox, security, data) = (id(), id(), id(), id());
    let (production, staging, regulated) = (id(), id(), id());
    let unit = |id: &str, name: &str, parent: &str| UnitBlueprint {
        id: id.to_owned(),
        name: name.to_owned(),
        parent: parent.to_owned(),
    };
    vec![
        unit(&workloads, "Workloads", root),
        unit(&sandbox, "Sandbox", root),
        unit(&security, "Security", root),
        unit(&data, "Data", root),
        unit(&production, "Production", &workloads),
        unit(&staging, "Staging", &workloads),
        unit(&regulated, "Regulated", &production),
    ]
}

fn accounts(random: &mut StdRng, root: &str, units: &[UnitBlueprint], count: u32) -> Vec<AccountBlueprint> {
    let mut accounts = Vec::new();
    for number in 0..count {
        let parent = match number {
            0 => root.to_owned(),
            _ => units.choose(random).map_or_else(|| root.to_owned(), |unit| unit.id.clone()),
        };
        accounts.push(AccountBlueprint {
            id: account_id(random),
            name: format!("account-{number:04}"),
            parent,
            state: "ACTIVE".to_owned(),
            tags: Default::default(),
        });
    }
    accounts
}

fn purchase(random: &mut StdRng, acceptor: &str, number: u32) -> Purchase {
    let at = number as usize;
    let pick = |list: &[&'static str], index: usize| list.get(index % list.len()).copied().unwrap_or("Acme");
    Purchase {
        acceptor: acceptor.to_owned(),
        agreement: format!("agmt-{}", letters(random, 25)),
        license: license_id(random),
        sku: format!("prod-{}", letters(random, 13)),
        product: format!("{} {} {number}", pick(&MAKERS, at), pick(&THINGS, at / 2 + at)),
        product_type: pick(&TYPES, at).to_owned(),
        proposer: account_id(random),
        offer: format!("offer-{}", letters(random, 13)),
    }
}

/// One rule per license, of four kinds in turn: everybody, one unit with an exception, single accounts, two units
fn rules(purchases: &[Purchase], units: &[UnitBlueprint], accounts: &[AccountBlueprint]) -> Vec<Value> {
    let unit = |index: usize| units.get(index % units.len().max(1)).map(|unit| unit.id.clone()).unwrap_or_default();
    let account =
        |index: usize| accounts.get(index % accounts.len().max(1)).map(|one| one.id.clone()).unwrap_or_default();
    let mut rules = Vec::new();
    for (index, purchase) in purchases.iter().enumerate() {
        let id = format!("license-{index}");
        rules.push(match index {
            0 => json!({
                "rule": "everyone", "description": "the whole organization, whoever joins",
                "products": {"sku": purchase.sku}, "accounts": {"organization": true},
            }),
            1 => json!({
                "rule": "saas-for-all", "description": "a product that License Manager cannot share",
                "products": {"name": purchase.product}, "accounts": {"organization": true},
            }),
            _ if index % 3 == 2 => json!({
                "rule": id, "description": "a unit with all that lies under it, but for one account",
                "products": {"name": format!("{}*", purchase.product)},
                "accounts": {"ou": [unit(0)]}, "except": {"account": [account(5)]},
            }),
            _ if index % 3 == 0 => json!({
                "rule": id, "description": "single accounts",
                "products": {"license": purchase.license}, "accounts": {"account": [account(3), account(6), account(7)]},
                "enabled": true,
            }),
            _ => json!({
                "rule": id, "description": "two units",
                "products": {"sku": [purchase.sku]}, "accounts": {"ou": [unit(1), unit(3)]},
            }),
        });
    }
    rules
}

/// The last rule that names units, with one unit more
fn edited(rules: &[Value], units: &[UnitBlueprint]) -> Value {
    let more = units.get(2).map(|unit| unit.id.clone()).unwrap_or_default();
    let by_unit = rules.iter().rev().find(|rule| rule.pointer("/accounts/ou").is_some());
    let mut rule = by_unit.or(rules.first()).cloned().unwrap_or_default();
    if let Some(units) = rule.pointer_mut("/accounts/ou").and_then(Value::as_array_mut) {
        units.push(Value::String(more));
    } else if let Some(rule) = rule.as_object_mut() {
        rule.insert("description".to_owned(), Value::String("edited while we watch".to_owned()));
    }
    rule
}

fn letters(random: &mut StdRng, count: usize) -> String {
    const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    (0..count).filter_map(|_| ALPHABET.choose(random).map(|byte| char::from(*byte))).collect()
}

fn account_id(random: &mut StdRng) -> String {
    format!("{:012}", random.random_range(100_000_000_000_u64..1_000_000_000_000))
}

fn license_id(random: &mut StdRng) -> String {
    format!("l-{:032x}", random.random::<u128>())
}
