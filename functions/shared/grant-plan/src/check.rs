//! What is worth a word about a policy once the organization and the licenses are known

use serde_json::Value;

use crate::finding::{Finding, Severity};
use crate::license::License;
use crate::matcher::Matcher;
use crate::nearest::nearest;
use crate::organization::Organization;
use crate::policy::{Policy, SETTINGS};
use crate::products::Products;
use crate::rule::Rule;
use crate::selector::Accounts;
use crate::time::Timestamp;

/// Warnings about what rules name and what there is, sorted by rule
///
/// `licenses`: what the hub holds, when that is known. Nothing here keeps a rule from taking effect: a unit may be
/// made and a product bought after the rule that names it.
#[must_use]
pub fn check(
    policy: &Policy,
    organization: &Organization,
    licenses: Option<&[License]>,
    now: Timestamp,
) -> Vec<Finding> {
    let mut checker = Checker { organization, findings: Vec::new() };
    for rule in &policy.rules {
        checker.names(rule.id.as_str(), "accounts", &rule.accounts);
        if let Some(except) = &rule.except {
            checker.names(rule.id.as_str(), "except", except);
        }
        if let Some(rollout) = &rule.rollout {
            checker.names(rule.id.as_str(), "rollout.first", &rollout.first);
        }
        if let Some(licenses) = licenses {
            checker.products(rule, licenses);
        }
    }
    let protected = &policy.settings.protected;
    let as_selector =
        Accounts { accounts: protected.accounts.clone(), units: protected.units.clone(), ..Accounts::default() };
    checker.names(SETTINGS, "protected", &as_selector);
    checker.selection(policy, licenses, now);
    checker.findings.sort();
    checker.findings
}

fn meant(near: Option<&str>, otherwise: &str) -> String {
    near.map_or_else(|| otherwise.to_owned(), |near| format!("did you mean `{near}`?"))
}

struct Checker<'a> {
    organization: &'a Organization,
    findings: Vec<Finding>,
}

impl Checker<'_> {
    fn warn(&mut self, rule: &str, attribute: &str, value: &Value, message: &str, help: &str) {
        self.findings.push(Finding::about(rule.to_owned(), attribute, value, message, help, Severity::Warning));
    }

    /// Units and accounts that are not there
    fn names(&mut self, rule: &str, attribute: &str, selector: &Accounts) {
        let organization = self.organization;
        for unit in selector.units.iter().filter(|unit| !organization.units.contains_key(unit)) {
            let near = nearest(unit.as_str(), organization.units.keys().map(crate::id::OuId::as_str));
            let help = meant(near, "correct it or take it out");
            let message = "is no unit of the organization";
            self.warn(rule, &format!("{attribute}.ou"), &unit.as_str().into(), message, &help);
        }
        for account in selector.accounts.iter().filter(|id| !organization.accounts.contains_key(id)) {
            let near = nearest(account.as_str(), organization.accounts.keys().map(crate::id::AccountId::as_str));
            // One digit in four wrong is another account; one or two may be a slip.
            let near = near.filter(|near| strsim::osa_distance(near, account.as_str()) <= 2);
            let help = meant(near, "correct it or take it out");
            let message = "is no account of the organization";
            self.warn(rule, &format!("{attribute}.account"), &account.as_str().into(), message, &help);
        }
    }

    /// Products that the hub does not hold
    fn products(&mut self, rule: &Rule, licenses: &[License]) {
        let Products::Parts(parts) = &rule.products else { return };
        for sku in parts.skus.iter().filter(|sku| !licenses.iter().any(|license| license.sku == **sku)) {
            let near = nearest(sku, licenses.iter().map(|license| license.sku.as_str()));
            let help = meant(near, "it is for a product that is bought later, or correct it");
            let message = "is no product that this account holds a license of";
            self.warn(rule.id.as_str(), "products.sku", &sku.as_str().into(), message, &help);
        }
        let held = |license: &License| rule.products.select(license);
        if parts.skus.is_empty() && !licenses.iter().any(held) {
            let value = serde_json::to_value(&rule.products).unwrap_or_default();
            let message = "selects no license that this account holds";
            self.warn(rule.id.as_str(), "products", &value, message, "compare it with `grantctl plan`");
        }
    }

    /// Rules that select nobody, too many, or the same accounts as others in another way
    fn selection(&mut self, policy: &Policy, licenses: Option<&[License]>, now: Timestamp) {
        // As if every window were open: what a rule selects matters before it begins, too.
        let mut open = policy.clone();
        for rule in &mut open.rules {
            (rule.valid_from, rule.valid_until, rule.rollout) = (None, None, None);
        }
        let matcher = Matcher::new(&open, self.organization, now);
        for (rule, selected, possible) in matcher.selected() {
            let (id, accounts) = (rule.id.as_str(), serde_json::to_value(&rule.accounts).unwrap_or_default());
            match rule.max_accounts {
                Some(most) if u32::try_from(selected).is_ok_and(|selected| selected > most) => {
                    let message = format!("is exceeded: the rule selects {selected} accounts, so it stands still");
                    self.warn(id, "max_accounts", &most.into(), &message, "raise it, or narrow `accounts`");
                }
                Some(_) | None if possible == 0 => {
                    let message = "selects nobody in the organization as it is";
                    self.warn(
                        id,
                        "accounts",
                        &accounts,
                        message,
                        "compare it with the organization, or take the rule out",
                    );
                }
                Some(_) | None => {}
            }
        }
        for (one, other, shared) in matcher.ties() {
            let meets = |license: &License| one.products.select(license) && other.products.select(license);
            if licenses.is_some_and(|licenses| !licenses.iter().any(meets)) {
                continue;
            }
            let message = format!(
                "is that of rule `{}` too, which has other settings for {shared} of its accounts: `{}` settles them, its id coming first",
                one.id, one.id
            );
            self.warn(
                other.id.as_str(),
                "priority",
                &other.priority.into(),
                &message,
                "give the two different priorities",
            );
        }
    }
}
