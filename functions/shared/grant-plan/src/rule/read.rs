//! A rule, read from an item with everything that is wrong with it

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Activation, Cover, Effect, Revoke, Rollout, Rule, USUAL_PRIORITY, fingerprint};
use crate::finding::Finding;
use crate::id::RuleId;
use crate::nearest::nearest;
use crate::products::Products;
use crate::reader::Reader;
use crate::selector::Accounts;
use crate::time::Timestamp;

/// Attributes a rule may have; anything else is a finding
const ATTRIBUTES: [&str; 18] = [
    "rule",
    "description",
    "owner",
    "edited_by",
    "enabled",
    "effect",
    "priority",
    "products",
    "accounts",
    "except",
    "cover",
    "activation",
    "operations",
    "valid_from",
    "valid_until",
    "revoke",
    "rollout",
    "max_accounts",
];

/// Parts that stand one level too high more often than elsewhere, and other words for what we have
const ELSEWHERE: [(&str, &str); 18] = [
    ("sku", "products.sku"),
    ("name", "products.name"),
    ("type", "products.type"),
    ("agreement", "products.agreement"),
    ("offer", "products.offer"),
    ("seller", "products.seller"),
    ("license", "products.license"),
    ("organization", "accounts.organization"),
    ("ou", "accounts.ou"),
    ("account", "accounts.account"),
    ("tag", "accounts.tag"),
    ("tags", "accounts.tag"),
    ("state", "accounts.state"),
    ("exclude", "except"),
    ("expires", "valid_until"),
    ("starts", "valid_from"),
    ("off_days", "revoke.off_days"),
    ("first", "rollout.first"),
];

/// What License Manager lets a grant allow (AllowedOperation), but for CreateGrant
const OPERATIONS: [&str; 6] = [
    "CheckoutLicense",
    "CheckoutBorrowLicense",
    "CheckInLicense",
    "ExtendConsumptionLicense",
    "ListPurchasedLicenses",
    "CreateToken",
];

const MOST: u32 = 1_000_000;

pub(super) fn read(item: &Value) -> (Option<Rule>, Vec<Finding>) {
    let mut reader = Reader::new(item);
    let Value::Object(attributes) = item else {
        reader.error("rule", item, "a policy item must be a map of attributes", "write one item per rule");
        return (None, reader.into_findings());
    };
    reader.known(attributes, &ATTRIBUTES, &ELSEWHERE, "");
    let rule = rule(&mut reader, attributes).filter(|_| !reader.has_errors());
    let rule = rule.map(|mut rule| {
        look_over(&mut reader, &rule, attributes);
        rule.version = fingerprint(&rule.item());
        rule
    });
    (rule.filter(|_| !reader.has_errors()), reader.into_findings())
}

/// The rule, as far as it can be read; what could not be is its default here and a finding there
fn rule(reader: &mut Reader, attributes: &Map<String, Value>) -> Option<Rule> {
    let attribute = |name: &'static str| attributes.get(name).map(|value| (name, value));
    let id = id(reader, attributes.get("rule"));
    let mut text = |given: Option<(&str, &Value)>| given.and_then(|(name, value)| reader.text(name, value));
    let (description, owner) = (text(attribute("description")), text(attribute("owner")));
    let edited_by = text(attribute("edited_by"));
    let enabled = attribute("enabled").and_then(|(name, value)| reader.flag(name, value));
    let effect = attribute("effect").and_then(|(name, value)| reader.word(name, value, &Effect::WORDS));
    let priority = attribute("priority").and_then(|(name, value)| reader.number(name, value, 0, MOST));
    let products = Products::read(reader, attributes.get("products"));
    let accounts = match attributes.get("accounts") {
        Some(value) => Accounts::read(reader, "accounts", value),
        None => {
            let help = "say who: `{\"organization\": true}`, `{\"ou\": [..]}` or `{\"account\": [..]}`";
            reader.error("accounts", &Value::Null, "is missing", help);
            None
        }
    };
    let except = attribute("except").and_then(|(name, value)| Accounts::read(reader, name, value));
    let cover = attribute("cover").and_then(|(name, value)| reader.word(name, value, &Cover::WORDS));
    let activation = attribute("activation").and_then(|(name, value)| reader.word(name, value, &Activation::WORDS));
    let operations = attribute("operations").and_then(|(name, value)| operations(reader, name, value));
    let mut moment = |given: Option<(&str, &Value)>| given.and_then(|(name, value)| moment(reader, name, value));
    let (valid_from, valid_until) = (moment(attribute("valid_from")), moment(attribute("valid_until")));
    let revoke = attribute("revoke").and_then(|(_, value)| Revoke::read(reader, value));
    let rollout = attribute("rollout").and_then(|(_, value)| Rollout::read(reader, value));
    let max_accounts = attribute("max_accounts").and_then(|(name, value)| reader.number(name, value, 1, MOST));
    Some(Rule {
        id: id?,
        version: String::new(),
        since: None,
        description,
        owner,
        edited_by,
        enabled: enabled.unwrap_or(true),
        effect: effect.unwrap_or_default(),
        priority: priority.unwrap_or(USUAL_PRIORITY),
        products: products?,
        accounts: accounts?,
        except,
        cover: cover.unwrap_or_default(),
        activation: activation.unwrap_or_default(),
        operations,
        valid_from,
        valid_until,
        revoke: revoke.unwrap_or_default(),
        rollout,
        max_accounts,
    })
}

fn id(reader: &mut Reader, value: Option<&Value>) -> Option<RuleId> {
    let id = value.and_then(Value::as_str).and_then(|text| text.parse().ok());
    if id.is_none() {
        let help = "use 1 to 64 of `a-z`, `0-9` and `-`";
        reader.error("rule", value.unwrap_or(&Value::Null), "must be a rule id", help);
    }
    id
}

fn moment(reader: &mut Reader, name: &str, value: &Value) -> Option<Timestamp> {
    let moment = value.as_str().and_then(|text| text.parse().ok());
    if moment.is_none() {
        let help = "write `2027-01-31` (its midnight in UTC) or `2027-01-31T18:00:00Z`, as text";
        reader.error(name, value, "must be a date or a moment", help);
    }
    moment
}

fn operations(reader: &mut Reader, name: &str, value: &Value) -> Option<BTreeSet<String>> {
    let operations = reader.list(name, value, "an operation that a grantee may have", |text| {
        if text == "CreateGrant" {
            return Err("take it out: who could grant on would take the license out of the organization".to_owned());
        }
        if OPERATIONS.contains(&text) {
            return Ok(text.to_owned());
        }
        let near = nearest(text, OPERATIONS).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        Err(format!("{near}write {}", OPERATIONS.join(", ")))
    });
    operations.map(BTreeSet::from_iter)
}

/// What is wrong with, or worth a word about, attributes that are each well written
fn look_over(reader: &mut Reader, rule: &Rule, attributes: &Map<String, Value>) {
    let given = |name: &str| attributes.get(name).unwrap_or(&Value::Null);
    if let (Some(from), Some(until)) = (rule.valid_from, rule.valid_until)
        && until <= from
    {
        let help = "let it end after `valid_from`";
        reader.error("valid_until", given("valid_until"), "ends the window before it begins", help);
    }
    if rule.except.as_ref().is_some_and(Accounts::is_whole_organization) {
        let message = "takes out everybody, so the rule selects nobody";
        reader.warning("except", given("except"), message, "write `enabled: false` if that is meant");
    }
    match rule.effect {
        Effect::Deny => {
            for name in ["activation", "operations", "cover", "priority"]
                .into_iter()
                .filter(|name| attributes.contains_key(*name))
            {
                reader.warning(name, given(name), "means nothing on a rule that denies", "take it out");
            }
        }
        Effect::Grant => {
            if rule.max_accounts.is_some() && rule.accounts.is_whole_organization() {
                let message = "keeps the rule from using one grant for the whole organization, which accounts to come would share";
                reader.warning("max_accounts", given("max_accounts"), message, "take it out if that is not meant");
            }
            if rule.cover == Cover::Wide && rule.activation == Activation::Manual {
                let message = "means nothing where activation is `manual`: a place is activated as a whole";
                reader.warning("cover", given("cover"), message, "take out one of the two");
            }
        }
    }
    if matches!(rule.revoke, Revoke::After { off_days, .. } if off_days > 0) {
        let message = "is kept, but this version deletes nothing";
        let help = "grants that no rule asks for any more are switched off when it is time, and stay off";
        reader.warning("revoke.off_days", given("revoke"), message, help);
    }
}
