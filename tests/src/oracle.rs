//! What the rules mean, by brute force and without a line of `grant-plan`
//!
//! Reads the policy items as an admin wrote them and the organization as the pretend AWS has it, asks of every
//! license and every account whether some rule names the pair, and why a named pair cannot become ACTIVE.

use std::collections::{BTreeMap, BTreeSet};

use pretend_aws::organizations::Organization;
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
            if naming(rules, &state.organization, purchase, &account.id).is_none() {
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

/// What the rules say of one account and one purchase
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Says<'a> {
    /// It is to have it, by this rule
    Has(&'a Value),
    /// The pair is left as it is, for this reason, by the rule that cannot be followed
    Left(&'static str, &'a Value),
    /// No rule asks for it, or one denies it
    Nothing,
}

/// The rule by which an account of an organization is to have what was bought
#[must_use]
pub fn naming<'a>(
    rules: &'a [Value],
    organization: &Organization,
    purchase: &Purchase,
    account: &str,
) -> Option<&'a Value> {
    match says(rules, organization, purchase, account) {
        Says::Has(rule) => Some(rule),
        Says::Left(..) | Says::Nothing => None,
    }
}

/// What the rules say: of several that grant the one with the lowest id, unless one denies it or stands still before
#[must_use]
pub fn says<'a>(rules: &'a [Value], organization: &Organization, purchase: &Purchase, account: &str) -> Says<'a> {
    let mut about: Vec<&Value> =
        rules.iter().filter(|rule| is_enabled(rule) && product(rule.get("products"), purchase)).collect();
    about.sort_by_key(|rule| rule.get("rule").and_then(Value::as_str));
    // Whoever is of a later ring of a rollout is not selected yet.
    let selected = |rule: &Value| picks(rule, organization, account);
    let now = |rule: &Value| selected(rule) && is_of_first_ring(rule, organization, account);
    if is_protected(rules, account) {
        let first = about.into_iter().find(|rule| now(rule));
        return first.map_or(Says::Nothing, |rule| Says::Left("PROTECTED", rule));
    }
    let (denying, granting): (Vec<&Value>, Vec<&Value>) = about.into_iter().partition(|rule| rule["effect"] == "deny");
    if denying.iter().any(|rule| now(rule)) {
        return Says::Nothing;
    }
    let mut standing_still: Vec<&Value> = Vec::new();
    for rule in granting.iter().copied().filter(|rule| now(rule)) {
        if is_over(rule, organization) {
            standing_still.push(rule);
        } else {
            let other = standing_still.iter().find(|other| activation(other) != activation(rule));
            return other.map_or(Says::Has(rule), |other| Says::Left("TOO_MANY_ACCOUNTS", other));
        }
    }
    if let Some(first) = standing_still.first() {
        return Says::Left("TOO_MANY_ACCOUNTS", first);
    }
    match granting.into_iter().find(|rule| selected(rule)) {
        Some(rule) => Says::Left("ROLLOUT_LATER", rule),
        None => Says::Nothing,
    }
}

fn activation(rule: &Value) -> &str {
    rule.get("activation").and_then(Value::as_str).unwrap_or("keep")
}

fn is_protected(rules: &[Value], account: &str) -> bool {
    let settings = rules.iter().find(|rule| rule["rule"] == "_settings");
    let protected = settings.and_then(|settings| settings.pointer("/protected/account"));
    protected.is_some_and(|protected| texts(protected).contains(&account))
}

fn picks(rule: &Value, organization: &Organization, account: &str) -> bool {
    let Some(parent) = organization.accounts.get(account).map(|account| &account.parent) else { return false };
    let by = |name: &str| rule.get(name).is_some_and(|selector| selects(selector, organization, account, parent));
    by("accounts") && !by("except")
}

fn is_of_first_ring(rule: &Value, organization: &Organization, account: &str) -> bool {
    let Some(rollout) = rule.get("rollout") else { return true };
    let parent = organization.accounts.get(account).map(|account| account.parent.as_str());
    parent.is_some_and(|parent| selects(&rollout["first"], organization, account, parent))
}

/// Whether a rule selects more accounts than it says it may
#[must_use]
pub fn is_over(rule: &Value, organization: &Organization) -> bool {
    let most = rule.get("max_accounts").and_then(Value::as_u64);
    let picked = || organization.accounts.keys().filter(|account| picks(rule, organization, account)).count() as u64;
    most.is_some_and(|most| picked() > most)
}

/// Whether a rule asks for what was bought in every account, those of tomorrow included
#[must_use]
pub fn asks_for_everybody(rule: &Value, purchase: &Purchase) -> bool {
    let accounts = rule.get("accounts");
    is_enabled(rule)
        && product(rule.get("products"), purchase)
        && accounts.is_some_and(|accounts| is_everybody(accounts) && !is_narrowed(accounts))
        && ["except", "rollout", "max_accounts"].iter().all(|attribute| rule.get(attribute).is_none())
        && rule["effect"] != "deny"
}

/// Whether a rule asks for what was bought in every account under a unit, those of tomorrow included, in an organization
/// that looks like this
#[must_use]
pub fn asks_for_unit(rule: &Value, purchase: &Purchase, unit: &str, organization: &Organization) -> bool {
    let named = |accounts: &Value| match accounts.get("ou") {
        Some(units) => texts(units).contains(&unit),
        None => is_everybody(accounts),
    };
    let reaches = |except: &Value| {
        let lies_here = |place: &str| lies_in(organization, place, unit);
        let by_unit = except.get("ou").is_none_or(|units| texts(units).iter().any(|other| lies_here(other)));
        let by_account = except.get("account").is_none_or(|accounts| {
            let parent = |account: &&str| organization.accounts.get(*account).map(|account| account.parent.as_str());
            texts(accounts).iter().any(|account| parent(account).is_none_or(lies_here))
        });
        by_unit && by_account
    };
    is_enabled(rule)
        && product(rule.get("products"), purchase)
        && rule.get("accounts").is_some_and(|accounts| named(accounts) && accounts.get("account").is_none())
        && !rule.get("except").is_some_and(reaches)
        && ["rollout", "max_accounts"].iter().all(|attribute| rule.get(attribute).is_none())
        && rule["effect"] != "deny"
}

/// Whether a rule is in force and is about what was bought
#[must_use]
pub fn is_about(rule: &Value, purchase: &Purchase) -> bool {
    is_enabled(rule) && product(rule.get("products"), purchase)
}

/// The rules that deny an account what was bought
pub fn denying<'a>(
    rules: &'a [Value],
    organization: &Organization,
    purchase: &Purchase,
    account: &str,
) -> impl Iterator<Item = &'a Value> {
    let denies = rules.iter().filter(|rule| rule["effect"] == "deny" && is_about(rule, purchase));
    denies.filter(move |rule| picks(rule, organization, account) && is_of_first_ring(rule, organization, account))
}

fn is_enabled(rule: &Value) -> bool {
    rule.get("enabled").is_none_or(|enabled| enabled == true || enabled == "true")
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

fn is_everybody(selector: &Value) -> bool {
    selector.get("organization").is_some_and(|flag| flag == true || flag == "true")
}

fn is_narrowed(selector: &Value) -> bool {
    selector.get("ou").is_some() || selector.get("account").is_some()
}

fn selects(selector: &Value, organization: &Organization, account: &str, parent: &str) -> bool {
    (is_everybody(selector) || is_narrowed(selector))
        && selector.get("ou").is_none_or(|units| texts(units).iter().any(|unit| lies_in(organization, parent, unit)))
        && selector.get("account").is_none_or(|accounts| texts(accounts).contains(&account))
}

/// Whether something whose parent is this lies under a unit
fn lies_in(organization: &Organization, parent: &str, unit: &str) -> bool {
    organization.ancestors(parent).iter().any(|above| above.id == unit)
}

fn texts(values: &Value) -> Vec<&str> {
    match values.as_array() {
        Some(values) => values.iter().filter_map(Value::as_str).collect(),
        None => values.as_str().into_iter().collect(),
    }
}
