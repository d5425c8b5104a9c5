//! Rules of every kind, at random, about a small organization

use pretend_aws::Purchase;
use pretend_aws::organizations::Organization;
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Map, Value, json};

/// A rule with this id, about what is or will be bought
///
/// `max_accounts` and `rollout` are left out: a rule that stands still while too many accounts are known of, or counts
/// days from when it was recorded, rightly depends on when it is looked at.
pub(crate) fn draw(random: &mut StdRng, organization: &Organization, purchases: &[Purchase], id: &str) -> Value {
    let mut rule = Map::new();
    rule.insert("rule".to_owned(), json!(id));
    rule.insert("products".to_owned(), products(random, purchases));
    rule.insert("accounts".to_owned(), accounts(random, organization, true));
    if random.random_bool(0.35) {
        rule.insert("except".to_owned(), accounts(random, organization, false));
    }
    if random.random_bool(0.15) {
        rule.insert("effect".to_owned(), json!("deny"));
    } else {
        let activation = ["keep", "keep", "manual", "replace"].choose(random);
        rule.insert("activation".to_owned(), json!(activation));
        rule.insert("priority".to_owned(), json!(random.random_range(1..=5)));
    }
    if random.random_bool(0.05) {
        rule.insert("enabled".to_owned(), json!(false));
    }
    Value::Object(rule)
}

const ENVIRONMENTS: [&str; 3] = ["prod", "p*", "dev"];

fn products(random: &mut StdRng, purchases: &[Purchase]) -> Value {
    let Some(purchase) = purchases.choose(random) else { return json!("*") };
    match random.random_range(0..9) {
        0 | 1 => json!("*"),
        2 => json!({"name": purchase.product}),
        3 => json!({"license": purchase.license}),
        4 => json!({"seller": purchase.proposer}),
        5 => json!({"agreement": purchase.agreement}),
        6 => json!({"type": purchase.product_type, "offer": purchase.offer}),
        _ => json!({"sku": purchase.sku}),
    }
}

fn accounts(random: &mut StdRng, organization: &Organization, may_be_all: bool) -> Value {
    let units: Vec<&String> = organization.units.keys().collect();
    let ids: Vec<&String> = organization.accounts.keys().collect();
    let count = random.random_range(1..=3);
    match random.random_range(0..10) {
        0..=2 if may_be_all => json!({"organization": true}),
        0 | 3 | 4 => json!({"ou": units.choose_multiple(random, count).collect::<Vec<_>>()}),
        1 | 5 | 6 => json!({"account": ids.choose_multiple(random, count).collect::<Vec<_>>()}),
        2 | 7 => json!({"tag": {"env": ENVIRONMENTS.choose(random)}}),
        8 => json!({"ou": units.choose(random), "tag": {"team": "payments"}}),
        _ => json!({"name": "*-prod", "state": "ACTIVE"}),
    }
}
