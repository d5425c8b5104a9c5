//! One rule of the policy table: who gets which product, and how

use std::collections::BTreeSet;
use std::fmt;

use globset::{Glob, GlobMatcher};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::finding::{Finding, Severity};
use crate::id::RuleId;
use crate::selector::{Accounts, Products};

/// A rule in force
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its key in the policy table
    pub id: RuleId,
    /// What distinguishes this text of the rule from an earlier one: a hash of its attributes
    pub version: String,
    /// False: takes no part
    pub enabled: bool,
    /// Which licenses
    pub products: Products,
    /// Which accounts
    pub accounts: Accounts,
    /// Which accounts not; wins over `accounts`
    pub except: Option<Accounts>,
    /// How grants become usable
    pub activation: Activation,
}

/// What to do where a member may have an entitlement of its own
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// Never displace a member's own active grant (DISTRIBUTED_GRANTS_ONLY)
    Keep,
    /// Displace it (ALL_GRANTS_PERMITTED_BY_ISSUER) once that is approved; until then like `keep`
    Replace,
    /// Grant, but leave activation to the member
    Manual,
}

impl fmt::Display for Activation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Keep => "keep",
            Self::Replace => "replace",
            Self::Manual => "manual",
        })
    }
}

/// Attributes a rule may have; anything else is a finding, because a misspelt `except` would grant to everybody
const ATTRIBUTES: [&str; 8] =
    ["rule", "description", "owner", "enabled", "products", "accounts", "except", "activation"];

impl Rule {
    /// Reads one item of the policy table, given as plain JSON (sets as arrays)
    ///
    /// # Errors
    /// Every finding at once when any of them is an error.
    pub fn read(item: &Value) -> Result<Self, Vec<Finding>> {
        let mut reader = Reader::new(item);
        let Value::Object(attributes) = item else {
            reader.error("rule", item, "a policy item must be a map of attributes", "write one item per rule");
            return Err(reader.findings);
        };
        reader.known(attributes, &ATTRIBUTES, "");
        let id = reader.id(attributes.get("rule"));
        for text in ["description", "owner"] {
            if let Some(value) = attributes.get(text).filter(|value| !value.is_string()) {
                reader.error(text, value, "must be text", "write a string");
            }
        }
        let enabled = reader.enabled(attributes.get("enabled"));
        let products = reader.products(attributes.get("products"));
        let accounts = match attributes.get("accounts") {
            Some(value) => reader.accounts("accounts", value),
            None => {
                reader.error(
                    "accounts",
                    &Value::Null,
                    "is missing",
                    "say who: `{\"organization\": true}`, `{\"ou\": [..]}` or `{\"account\": [..]}`",
                );
                None
            }
        };
        let except = attributes.get("except").map(|value| reader.accounts("except", value));
        let activation = reader.activation(attributes.get("activation"));
        match (id, enabled, products, accounts, activation) {
            (Some(id), Some(enabled), Some(products), Some(accounts), Some(activation))
                if reader.findings.is_empty() =>
            {
                let except = except.flatten();
                Ok(Self { id, version: fingerprint(item), enabled, products, accounts, except, activation })
            }
            _ => Err(reader.findings),
        }
    }
}

/// Collects findings while attributes are read
struct Reader {
    rule: String,
    findings: Vec<Finding>,
}

impl Reader {
    fn new(item: &Value) -> Self {
        let rule = item.get("rule").and_then(Value::as_str).unwrap_or("?").to_owned();
        Self { rule, findings: Vec::new() }
    }

    fn error(&mut self, attribute: &str, value: &Value, message: &str, help: &str) {
        let value = if value.is_null() { "missing".to_owned() } else { value.to_string().chars().take(200).collect() };
        self.findings.push(Finding {
            rule: self.rule.clone(),
            attribute: attribute.to_owned(),
            value,
            message: message.to_owned(),
            help: help.to_owned(),
            severity: Severity::Error,
        });
    }

    fn known(&mut self, attributes: &Map<String, Value>, known: &[&str], prefix: &str) {
        for (name, value) in attributes.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            let help = format!("this version knows {}", known.join(", "));
            self.error(&format!("{prefix}{name}"), value, "is not an attribute of a rule", &help);
        }
    }

    fn id(&mut self, value: Option<&Value>) -> Option<RuleId> {
        let id = value.and_then(Value::as_str).and_then(|text| text.parse().ok());
        if id.is_none() {
            let value = value.unwrap_or(&Value::Null);
            self.error("rule", value, "must be a rule id", "use 1 to 64 of `a-z`, `0-9` and `-`");
        }
        id
    }

    fn flag(&mut self, attribute: &str, value: &Value) -> Option<bool> {
        // The console's form makes strings unless one looks for the boolean type.
        let flag = value.as_bool().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        if flag.is_none() {
            self.error(attribute, value, "must be true or false", "write `true` or `false`");
        }
        flag
    }

    fn enabled(&mut self, value: Option<&Value>) -> Option<bool> {
        value.map_or(Some(true), |value| self.flag("enabled", value))
    }

    fn activation(&mut self, value: Option<&Value>) -> Option<Activation> {
        match value.map(|value| (value, value.as_str())) {
            None | Some((_, Some("keep"))) => Some(Activation::Keep),
            Some((_, Some("replace"))) => Some(Activation::Replace),
            Some((_, Some("manual"))) => Some(Activation::Manual),
            Some((value, _)) => {
                self.error("activation", value, "must be a way to activate", "write `keep`, `replace` or `manual`");
                None
            }
        }
    }

    /// One text or a list or set of texts, each of which `parse` takes
    fn list<T>(
        &mut self,
        attribute: &str,
        value: &Value,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let texts: Vec<&Value> = value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
        if texts.is_empty() {
            self.error(attribute, value, "must not be empty", &format!("list {expected}, or leave the attribute out"));
            return None;
        }
        let mut parsed = Vec::new();
        let mut good = true;
        for text in texts {
            match text.as_str().and_then(&parse) {
                Some(item) => parsed.push(item),
                None => {
                    self.error(attribute, text, &format!("must be {expected}"), "correct it or take it out");
                    good = false;
                }
            }
        }
        good.then_some(parsed)
    }

    fn products(&mut self, value: Option<&Value>) -> Option<Products> {
        const HELP: &str = "write `\"*\"` for every product, or a map of `sku`, `name`, `license`";
        match value {
            Some(Value::String(text)) if text == "*" => Some(Products::Every),
            Some(Value::Object(parts)) if !parts.is_empty() => {
                self.known(parts, &["sku", "name", "license"], "products.");
                let skus = self.part(parts, "products", "sku", "a product id", |text| {
                    (!text.trim().is_empty()).then(|| text.to_owned())
                });
                let names = self.part(parts, "products", "name", "a product name or glob", |text| {
                    Glob::new(text).ok().map(|glob| glob.compile_matcher())
                });
                let licenses = self.part(parts, "products", "license", "a license ARN or `l-...`", |text| {
                    crate::id::LicenseId::from_arn(text).ok()
                });
                let names: Vec<GlobMatcher> = names?;
                Some(Products::Parts {
                    skus: BTreeSet::from_iter(skus?),
                    names,
                    licenses: BTreeSet::from_iter(licenses?),
                })
            }
            other => {
                self.error("products", other.unwrap_or(&Value::Null), "must say which products", HELP);
                None
            }
        }
    }

    fn part<T>(
        &mut self,
        parts: &Map<String, Value>,
        outer: &str,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        match parts.get(name) {
            None => Some(Vec::new()),
            Some(value) => self.list(&format!("{outer}.{name}"), value, expected, parse),
        }
    }

    fn accounts(&mut self, attribute: &str, value: &Value) -> Option<Accounts> {
        const HELP: &str = "write a map of `organization: true`, `ou`, `account`";
        let Value::Object(parts) = value else {
            self.error(attribute, value, "must say which accounts", HELP);
            return None;
        };
        self.known(parts, &["organization", "ou", "account"], &format!("{attribute}."));
        let organization = match parts.get("organization") {
            None => Some(false),
            Some(value) => self.flag(&format!("{attribute}.organization"), value),
        };
        let units = self.part(parts, attribute, "ou", "an organizational unit id such as `ou-ab12-34cd56ef`", |text| {
            text.parse().ok()
        });
        let accounts =
            self.part(parts, attribute, "account", "an account id of twelve digits, as text", |text| text.parse().ok());
        let selector = Accounts {
            organization: organization?,
            units: BTreeSet::from_iter(units?),
            accounts: BTreeSet::from_iter(accounts?),
        };
        if selector == Accounts::default() {
            self.error(attribute, value, "selects nobody", HELP);
            return None;
        }
        Some(selector)
    }
}

/// FNV-1a over the item's JSON; object keys are ordered, so equal items have equal fingerprints
fn fingerprint(item: &Value) -> String {
    let hash = item
        .to_string()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn findings(item: Value) -> Vec<String> {
        Rule::read(&item).map(|_| Vec::new()).unwrap_or_else(|found| found.iter().map(Finding::to_string).collect())
    }

    #[test]
    fn a_rule_is_read_as_the_console_writes_it() {
        let rule = Rule::read(&json!({
            "rule": "everyone", "enabled": "true", "description": "for all",
            "products": {"name": "Acme *", "sku": ["prod-1", "prod-2"]},
            "accounts": {"organization": true}, "except": {"account": "123456789012"},
        }))
        .unwrap();
        assert_eq!(rule.id.as_str(), "everyone");
        assert!(rule.enabled && rule.accounts.is_whole_organization());
        assert_eq!(rule.except.unwrap().accounts.len(), 1);
        assert_eq!(rule.activation, Activation::Keep);
    }

    #[test]
    fn all_findings_come_at_once_and_each_names_attribute_value_and_help() {
        let found = findings(json!({
            "rule": "Bad Rule", "enabled": "perhaps", "products": {"sku": []}, "accounts": {"ou": ["ou-1"], "acount": "1"},
            "activation": "force", "execpt": {"organization": true},
        }));
        for (attribute, value) in [
            ("rule", "Bad Rule"),
            ("enabled", "perhaps"),
            ("products.sku", "[]"),
            ("accounts.ou", "ou-1"),
            ("accounts.acount", "1"),
            ("activation", "force"),
            ("execpt", "organization"),
        ] {
            assert!(
                found.iter().any(|text| text.contains(&format!("attribute `{attribute}`")) && text.contains(value)),
                "{attribute} is not among {found:#?}"
            );
        }
    }

    #[test]
    fn an_attribute_of_a_later_version_is_refused_and_not_ignored() {
        let found =
            findings(json!({"rule": "r", "effect": "deny", "products": "*", "accounts": {"organization": true}}));
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("`effect`"), "{found:?}");
    }

    #[test]
    fn a_rule_must_say_who_and_what() {
        assert_eq!(findings(json!({"rule": "r"})).len(), 2);
        assert_eq!(findings(json!({"rule": "r", "products": "*", "accounts": {"organization": false}})).len(), 1);
        assert!(!findings(json!("text")).is_empty());
    }

    #[test]
    fn the_version_changes_with_the_text_and_only_with_it() {
        let item = |ou: &str| json!({"rule": "r", "products": "*", "accounts": {"ou": ou}});
        let version = |item: Value| Rule::read(&item).unwrap().version;
        assert_eq!(version(item("ou-9xk2-h3n8d1pw")), version(item("ou-9xk2-h3n8d1pw")));
        assert_ne!(version(item("ou-9xk2-h3n8d1pw")), version(item("ou-9xk2-h3n8d1px")));
    }
}
