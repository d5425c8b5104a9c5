//! What the rules mean, by brute force and without a line of `grant-plan`
//!
//! Reads the policy items as an admin wrote them and the organization as the pretend AWS has it, asks of every
//! license and every account whether some rule names the pair, and why a named pair cannot become ACTIVE.

use std::collections::{BTreeMap, BTreeSet};

use pretend_aws::{Purchase, State};
use serde_json::Value;

/// A license and an account
pub type Pair = (String, String);

/// What should come out
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Pairs that some rule names
    pub wanted: BTreeSet<Pair>,
    /// Of these, the ones that stay without the license, with the reason code
    pub held: BTreeMap<Pair, &'static str>,
}

/// The answer for a world
///
/// `bought` are all purchases of the world, those of members included; `rules` the items of the policy table.
#[must_use]
pub fn expected(state: &State, bought: &[Purchase], rules: &[Value]) -> Expected {
    let mut expected = Expected::default();
    for purchase in bought.iter().filter(|purchase| purchase.acceptor == state.hub) {
        for account in state.organization.accounts.values() {
            if !rules.iter().any(|rule| names(rule, state, purchase, &account.id, &account.parent)) {
                continue;
            }
            let pair = (purchase.license.clone(), account.id.clone());
            let subscribes = bought.iter().any(|own| own.acceptor == account.id && own.sku == purchase.sku);
            let reason = if account.id == purchase.acceptor {
                None
            } else if purchase.product_type == "SaaSProduct" {
                Some("NOT_SHAREABLE")
            } else if account.state == "SUSPENDED" {
                Some("ACCOUNT_SUSPENDED")
            } else if subscribes {
                Some("OWN_SUBSCRIPTION")
            } else {
                None
            };
            expected.held.extend(reason.map(|reason| (pair.clone(), reason)));
            expected.wanted.insert(pair);
        }
    }
    expected
}

fn names(rule: &Value, state: &State, purchase: &Purchase, account: &str, parent: &str) -> bool {
    let enabled = rule.get("enabled").is_none_or(|enabled| enabled == true || enabled == "true");
    enabled
        && product(rule.get("products"), purchase)
        && rule.get("accounts").is_some_and(|selector| selects(selector, state, account, parent))
        && !rule.get("except").is_some_and(|selector| selects(selector, state, account, parent))
}

fn product(products: Option<&Value>, purchase: &Purchase) -> bool {
    let Some(products) = products else { return false };
    if products == "*" {
        return true;
    }
    let part = |name: &str, matches: &dyn Fn(&str) -> bool| {
        products.get(name).is_none_or(|values| texts(values).iter().any(|text| matches(text)))
    };
    part("sku", &|sku| sku == purchase.sku)
        && part("name", &|glob| match glob.strip_suffix('*') {
            Some(beginning) => purchase.product.starts_with(beginning),
            None => purchase.product == glob,
        })
        && part("license", &|license| license.ends_with(&purchase.license))
}

fn selects(selector: &Value, state: &State, account: &str, parent: &str) -> bool {
    let everybody = selector.get("organization").is_some_and(|flag| flag == true || flag == "true");
    let narrowed = selector.get("ou").is_some() || selector.get("account").is_some();
    let lies_in = |unit: &str| {
        let mut at = parent.to_owned();
        loop {
            if at == unit {
                return true;
            }
            match state.organization.units.get(&at) {
                Some(above) => at.clone_from(&above.parent),
                None => return false,
            }
        }
    };
    (everybody || narrowed)
        && selector.get("ou").is_none_or(|units| texts(units).iter().any(|unit| lies_in(unit)))
        && selector.get("account").is_none_or(|accounts| texts(accounts).contains(&account))
}

fn texts(values: &Value) -> Vec<&str> {
    match values.as_array() {
        Some(values) => values.iter().filter_map(Value::as_str).collect(),
        None => values.as_str().into_iter().collect(),
    }
}
