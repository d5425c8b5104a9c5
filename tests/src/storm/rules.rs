//! Rules as an admin might write them, at random, and as a slip of the finger leaves them

use pretend_aws::organizations::Organization;
use pretend_aws::{Purchase, World};
use rand::Rng;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Map, Value, json};

/// A valid rule with this id
pub(super) fn valid(random: &mut StdRng, world: &World, purchases: &[Purchase], id: &str) -> Value {
    let mut rule =
        Map::from_iter([("rule".to_owned(), json!(id)), ("products".to_owned(), products(random, purchases))]);
    world.with(|state| {
        rule.insert("accounts".to_owned(), accounts(random, &state.organization, 0.35));
        if random.random_bool(0.3) {
            rule.insert("except".to_owned(), accounts(random, &state.organization, 0.0));
        }
    });
    match random.random_range(0..12) {
        0 => rule.insert("enabled".to_owned(), json!(false)),
        1 => rule.insert("enabled".to_owned(), json!("true")),
        2 => rule.insert("enabled".to_owned(), json!(true)),
        _ => None,
    };
    match random.random_range(0..12) {
        0 | 1 => rule.insert("activation".to_owned(), json!("manual")),
        2 | 3 => rule.insert("activation".to_owned(), json!("replace")),
        4 => rule.insert("activation".to_owned(), json!("keep")),
        _ => None,
    };
    world.with(|state| match random.random_range(0..16) {
        0 => rule.insert("effect".to_owned(), json!("deny")),
        1 => rule.insert("max_accounts".to_owned(), json!(random.random_range(1..=4))),
        2 => {
            let first = accounts(random, &state.organization, 0.0);
            rule.insert("rollout".to_owned(), json!({"first": first, "then_after_days": 30}))
        }
        _ => None,
    });
    if random.random_bool(0.2) {
        rule.insert("description".to_owned(), json!("as agreed with the owners"));
    }
    // Drawn aside: what else a seed brings is the same with and without it.
    let mut aside = StdRng::seed_from_u64(random.clone().random());
    if aside.random_bool(0.25) {
        rule.insert("revoke".to_owned(), json!("now"));
    }
    if aside.random_bool(0.2) && rule.get("effect").is_none() {
        rule.insert("cover".to_owned(), json!("wide"));
    }
    if aside.random_bool(0.06) {
        rule.retain(|name, _| !matches!(name.as_str(), "max_accounts" | "cover"));
        rule.insert("effect".to_owned(), json!("deny"));
    }
    Value::Object(rule)
}

/// A rule that cannot be read, made of one that can
pub(super) fn spoilt(random: &mut StdRng, rule: &Value) -> Value {
    let mut rule = rule.clone();
    let Some(attributes) = rule.as_object_mut() else { return rule };
    match random.random_range(0..5) {
        0 => attributes.remove("accounts"),
        1 => attributes.insert("execpt".to_owned(), json!({"account": "1"})),
        2 => attributes.insert("products".to_owned(), json!({"sku": []})),
        3 => attributes.insert("accounts".to_owned(), json!({"ou": ["ou-nonsense"]})),
        _ => attributes.insert("activation".to_owned(), json!("at once")),
    };
    rule
}

fn products(random: &mut StdRng, purchases: &[Purchase]) -> Value {
    let Some(purchase) = purchases.choose(random) else { return json!("*") };
    let other = purchases.choose(random).unwrap_or(purchase);
    match random.random_range(0..8) {
        0 => json!("*"),
        1 => json!({"sku": [purchase.sku, other.sku]}),
        2 => json!({"name": purchase.product}),
        3 => json!({"name": "Product *"}),
        4 => json!({"license": purchase.license}),
        5 => json!({"license": [pretend_aws::license_manager::LicenseManager::license_arn(&purchase.license)]}),
        6 => json!({"sku": purchase.sku, "name": ["Product*", "Another"]}),
        _ => json!({"sku": purchase.sku}),
    }
}

/// The whole organization with probability `whole`, else units or accounts or both at once
fn accounts(random: &mut StdRng, organization: &Organization, whole: f64) -> Value {
    if whole > 0.0 && random.random_bool(whole) {
        return json!({"organization": true});
    }
    let units: Vec<&String> = organization.units.keys().collect();
    let ids: Vec<&String> = organization.accounts.keys().collect();
    let some = |random: &mut StdRng, of: &[&String], most: usize| -> Vec<String> {
        let count = random.random_range(1..=most);
        of.choose_multiple(random, count).map(|one| (*one).clone()).collect()
    };
    match random.random_range(0..8) {
        0 => json!({"organization": "true", "ou": some(random, &units, 2)}),
        1 => json!({"ou": some(random, &units, 3), "account": some(random, &ids, 4)}),
        2..=4 => json!({"ou": some(random, &units, 2)}),
        5 => json!({"account": ids.choose(random)}),
        _ => json!({"account": some(random, &ids, 4)}),
    }
}
