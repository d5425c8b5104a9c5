//! A rule for a product that was bought and that no rule gives to anybody

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::id::LicenseId;
use crate::license::License;
use crate::nearest::nearest;
use crate::policy::Policy;
use crate::products::{Parts, Products};
use crate::rule::{Effect, Phase, Rule};
use crate::time::Timestamp;
use crate::written::Written;

/// What an admin might write about a license that no rule gives to anybody
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// Which license
    pub license: LicenseId,
    /// Why no rule gives it to anybody, for people
    pub reason: String,
    /// An item for the policy table: a new rule, or a present one as it might be; `None`: there is nothing to write
    pub rule: Option<Value>,
}

/// What to write about a license; `None` when a rule in force gives it to somebody, or may
#[must_use]
pub fn suggest(policy: &Policy, license: &License, now: Timestamp) -> Option<Suggestion> {
    let grants = || policy.rules.iter().filter(|rule| rule.effect == Effect::Grant);
    let in_force = |rule: &&Rule| matches!(rule.phase(now), Phase::Full | Phase::Ring(_));
    if grants().filter(in_force).any(|rule| rule.products.select(license)) {
        return None;
    }
    let id = license.arn.id().clone();
    let say = |reason: String, rule: Option<Value>| Some(Suggestion { license: id.clone(), reason, rule });
    if !license.shareable() {
        return say(
            "it cannot be shared (its holder received it without CreateGrant), so there is no rule to write".into(),
            None,
        );
    }
    let about = grants().find(|rule| rule.products.answer(license) == Answer::Yes);
    if let Some((rule, (reason, item))) = about.and_then(|rule| Some((rule, at_rest(rule, now)?))) {
        return say(format!("rule `{}` {reason}", rule.id), item);
    }
    if let Some((rule, (reason, products))) = grants().find_map(|rule| Some((rule, nearly(rule, license)?))) {
        let widened = Rule { products, ..rule.clone() };
        return say(format!("rule `{}` {reason}", rule.id), Some(widened.item()));
    }
    let denies = policy.rules.iter().filter(|rule| rule.effect == Effect::Deny);
    let reason = match denies.filter(in_force).find(|rule| rule.products.select(license)) {
        Some(deny) => format!("only rule `{}` is about it, which denies it", deny.id),
        None if policy.rules.is_empty() => "there is no rule yet".to_owned(),
        None => "no rule is about it".to_owned(),
    };
    say(reason, Some(new_rule(policy, license)))
}

/// Why a rule about the license says nothing now, and how it would read if it did
fn at_rest(rule: &Rule, now: Timestamp) -> Option<(String, Option<Value>)> {
    match rule.phase(now) {
        Phase::Disabled => {
            let enabled = Rule { enabled: true, ..rule.clone() };
            Some(("is about it and is disabled; enabled it would read".to_owned(), Some(enabled.item())))
        }
        Phase::Over(until) => {
            let unended = Rule { valid_until: None, ..rule.clone() };
            Some((format!("was about it until {until}; without an end it would read"), Some(unended.item())))
        }
        Phase::Before(from) => Some((format!("is about it from {from} on, so there is nothing to write"), None)),
        Phase::Full | Phase::Ring(_) => None,
    }
}

/// More letters wrong than this is another product
const MOST_SLIPS: usize = 2;

/// On what small thing a rule missed the license, and which products it would be about without
fn nearly(rule: &Rule, license: &License) -> Option<(String, Products)> {
    let Products::Parts(parts) = &rule.products else { return None };
    let sure = |parts: Parts| {
        let products = Products::Parts(Box::new(parts));
        (rule.enabled && products.answer(license) == Answer::Yes).then_some(products)
    };
    if parts.exact
        && let Some(products) = sure(Parts { exact: false, ..(**parts).clone() })
    {
        return Some(("is exact and does not follow renewals; if it did it would read".to_owned(), products));
    }
    let sku = &license.sku;
    if !parts.skus.is_empty()
        && let Some(near) = nearest(sku, parts.skus.iter().map(String::as_str))
        && strsim::osa_distance(near, sku) <= MOST_SLIPS
    {
        let mut skus = parts.skus.clone();
        skus.insert(sku.clone());
        let products = sure(Parts { skus, ..(**parts).clone() })?;
        return Some((format!("is about `{near}`, which is nearly this; with both it would read"), products));
    }
    let lower = license.product.to_lowercase();
    let by_case =
        |pattern: &str| crate::pattern::Pattern::new(&pattern.to_lowercase()).is_ok_and(|glob| glob.is_match(&lower));
    let near = parts.names.iter().find(|name| by_case(name.as_str()))?;
    let mut names = parts.names.clone();
    names.insert(crate::pattern::Pattern::literal(&license.product));
    let products = sure(Parts { names, ..(**parts).clone() })?;
    Some((format!("is about `{near}`, in which capitals count; with this name too it would read"), products))
}

fn new_rule(policy: &Policy, license: &License) -> Value {
    let products =
        if license.sku.trim().is_empty() { json!({"license": license.arn.id()}) } else { json!({"sku": license.sku}) };
    let mut item = json!({
        "rule": free_id(policy, license),
        "products": products,
        "accounts": {"organization": true},
    });
    if let (Some(agreement), Some(attributes)) = (&license.origin.agreement, item.as_object_mut()) {
        let bought = format!("{}, bought under agreement {}", tidy(&license.product), agreement.id);
        attributes.insert("description".to_owned(), bought.trim_start_matches(", ").into());
    }
    item
}

/// An id made of the product's name that no rule has yet
fn free_id(policy: &Policy, license: &License) -> String {
    let taken: BTreeSet<&str> = policy.rules.iter().map(|rule| rule.id.as_str()).collect();
    let named = [&license.product, &license.sku].into_iter().map(|text| slug(text)).find(|slug| !slug.is_empty());
    let base = named.unwrap_or_else(|| "product".to_owned());
    let numbered = (2..).map(|number| format!("{base}-{number}"));
    std::iter::once(base.clone()).chain(numbered).find(|id| !taken.contains(id.as_str())).unwrap_or(base)
}

/// What a rule id may have of a text, short enough that a number fits behind it
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_lowercase() || letter.is_ascii_digit() {
            slug.push(letter);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let cut: String = slug.chars().take(48).collect();
    cut.trim_end_matches('-').to_owned()
}

/// On one line
fn tidy(text: &str) -> String {
    text.split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

impl fmt::Display for Suggestion {
    /// YAML that `policy import` takes, the reason as a comment
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "# {}: {}", self.license, self.reason)?;
        match &self.rule {
            Some(rule) => write!(formatter, "\n{}", Written(rule)),
            None => Ok(()),
        }
    }
}
