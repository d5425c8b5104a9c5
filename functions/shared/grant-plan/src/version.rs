//! Which version of each item of the policy table is in force

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::policy::Policy;
use crate::rule::{Rule, fingerprint};
use crate::settings::{PolicySettings, SETTINGS};
use crate::time::Timestamp;

/// One version of an item, as it was recorded when it was written
///
/// Stream images are recorded in their order whether or not anybody could look in between, so a good version that was
/// overwritten by a bad one a second later is among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// When
    pub at: Timestamp,
    /// The whole item as plain JSON; `None`: it was removed
    pub image: Option<Value>,
}

/// Whether an item can be in force as it stands, and so is worth recording
#[must_use]
pub fn is_readable(item: &Value) -> bool {
    match key(item) {
        SETTINGS => PolicySettings::read_with_warnings(item).0.is_some(),
        _ => Rule::read(item).is_ok(),
    }
}

/// The keys of items whose earlier versions have a say: those that cannot be read, and those that go by since when they
/// select as they do
#[must_use]
pub fn going_by_versions(items: &[Value]) -> BTreeSet<&str> {
    let go_by_versions = |item: &&Value| match key(item) {
        SETTINGS => !is_readable(item),
        _ => Rule::read(item).map_or(true, |rule| rule.rollout.is_some() && rule.valid_from.is_none()),
    };
    items.iter().filter(go_by_versions).map(key).collect()
}

fn key(item: &Value) -> &str {
    item.get("rule").and_then(Value::as_str).unwrap_or_default()
}

/// An item that cannot be read, and the version that is in force in its place
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The item's key
    pub rule: String,
    /// The version in force
    pub version: String,
    /// When that was recorded
    pub at: Timestamp,
}

/// The id of an item's version: of the canonical form of one that can be read, of the text itself otherwise
#[must_use]
pub fn version_of(item: &Value) -> String {
    match (item.get("rule").and_then(Value::as_str), Rule::read(item)) {
        (Some(SETTINGS), _) => match PolicySettings::read_with_warnings(item).0 {
            Some(settings) => fingerprint(&settings.item()),
            None => fingerprint(item),
        },
        (_, Ok(rule)) => rule.version,
        (_, Err(_)) => fingerprint(item),
    }
}

/// The newest version of each present item that can be read
///
/// An item that is gone is gone, whatever was recorded of it: deleting a rule is an edit like any other.
pub(crate) fn in_force(items: &[Value], recorded: &BTreeMap<String, Vec<Recorded>>) -> Policy {
    let mut policy = Policy::default();
    let mut seen = BTreeSet::new();
    for item in items {
        let key = key(item);
        // The table's key sees to it that there is one item of each; files may have more.
        if !seen.insert(key) && !key.is_empty() {
            policy.found(vec![twice(key, item)]);
            continue;
        }
        let versions = since_last_removal(recorded.get(key).map_or(&[][..], Vec::as_slice));
        policy.items += u64::from(key != SETTINGS);
        if key == SETTINGS {
            read_settings(&mut policy, item, versions);
        } else {
            read_rule(&mut policy, key, item, versions);
        }
    }
    policy.rules.sort_by(|one, other| one.id.cmp(&other.id));
    policy
}

/// What was removed is gone, and does not come back with a bad item of the same key
fn since_last_removal(versions: &[Recorded]) -> &[Recorded] {
    versions.rsplit(|version| version.image.is_none()).next().unwrap_or(versions)
}

fn twice(key: &str, item: &Value) -> crate::finding::Finding {
    let (message, help) = ("is the key of another rule too", "give each rule an id of its own");
    let key: String = key.chars().take(64).collect();
    let value = item.get("rule").unwrap_or(&Value::Null);
    crate::finding::Finding::about(key, "rule", value, message, help, crate::finding::Severity::Error)
}

fn read_settings(policy: &mut Policy, item: &Value, versions: &[Recorded]) {
    let (settings, findings) = PolicySettings::read_with_warnings(item);
    policy.found(findings);
    let last_good = || {
        let read =
            |version: &Recorded| Some((version.at, PolicySettings::read_with_warnings(version.image.as_ref()?).0?));
        versions.iter().rev().find_map(read)
    };
    policy.settings = match settings {
        Some(settings) => settings,
        None => match last_good() {
            Some((at, settings)) => {
                let version = fingerprint(&settings.item());
                policy.restored.push(Restored { rule: SETTINGS.to_owned(), version, at });
                settings
            }
            None => PolicySettings::default(),
        },
    };
    policy.paused = PolicySettings::is_paused(item);
}

fn read_rule(policy: &mut Policy, key: &str, item: &Value, versions: &[Recorded]) {
    let (rule, findings) = Rule::read_with_warnings(item);
    policy.found(findings);
    let read = |version: &Recorded| {
        let rule = Rule::read(version.image.as_ref()?).ok()?;
        (rule.id.as_str() == key).then_some((version.at, rule))
    };
    let good = || versions.iter().rev().filter_map(read);
    let rule = rule.or_else(|| {
        let (at, rule) = good().next()?;
        policy.restored.push(Restored { rule: key.to_owned(), version: rule.version.clone(), at });
        Some(rule)
    });
    if let Some(mut rule) = rule {
        // Nothing but a rollout goes by it, and it costs a reading of every version.
        rule.since = rule.rollout.as_ref().and_then(|_| selecting_since(&rule, good()));
        policy.rules.push(rule);
    }
}

/// Since when a rule selects as it does: the oldest of the versions, back from the one in force, that select the same
///
/// `versions` come newest first; those after the one in force could not be read and say nothing.
fn selecting_since(rule: &Rule, versions: impl Iterator<Item = (Timestamp, Rule)>) -> Option<Timestamp> {
    let same = |other: &Rule| {
        other.enabled
            && other.effect == rule.effect
            && other.products == rule.products
            && other.accounts == rule.accounts
            && other.except == rule.except
            && other.rollout == rule.rollout
    };
    versions
        .skip_while(|(_, version)| version.version != rule.version)
        .take_while(|(_, version)| same(version))
        .last()
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests;
