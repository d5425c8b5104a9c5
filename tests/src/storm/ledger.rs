//! What the ledger has to say at the end, read off its raw items

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_dynamo::aws_sdk_dynamodb_1::from_attribute_value;
use serde_json::Value;

use super::taking::Release;
use crate::oracle::Pair;
use crate::story::{Item, text};

/// The ledger's items, sorted by what they are about
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Per license everything that is text in its GRANT items, which is where ARNs and intents are
    grants: BTreeMap<String, BTreeSet<String>>,
    /// PAIR items: code, and when to look again
    pairs: BTreeMap<Pair, (String, Option<i64>)>,
    /// LANE items: wanted, done, due
    lanes: BTreeMap<String, (i64, i64, Option<i64>)>,
    /// When entries were marked as wanted by nobody
    unwanted: BTreeSet<i64>,
    /// Bodies in quarantine are compressed; their number is what can be read off the items
    quarantined: usize,
    waiting: usize,
    /// What the passes of the last day released
    releases: BTreeSet<Release>,
    /// VERSION items of the policy table's items: the newest's place and image
    versions: BTreeMap<String, (String, Option<Value>)>,
}

impl Ledger {
    pub(super) fn read(items: &[Item]) -> Self {
        let mut ledger = Self::default();
        for item in items {
            let (pk, sk) = (text(item, "pk"), text(item, "sk"));
            if let Some(rule) = pk.strip_prefix("RULE#") {
                let image = item.get("image").cloned().and_then(|image| from_attribute_value(image).ok());
                let newest = ledger.versions.entry(rule.to_owned()).or_default();
                if *newest.0 < *sk {
                    *newest = (sk.to_owned(), image);
                }
            }
            match (pk.strip_prefix("LICENSE#"), sk) {
                (Some(license), "LANE") => {
                    let count = |name: &str| number(item, name).unwrap_or_default();
                    ledger.lanes.insert(license.to_owned(), (count("wanted"), count("done"), number(item, "due_at")));
                }
                (Some(license), _) if sk.starts_with("GRANT#") => {
                    let texts = ledger.grants.entry(license.to_owned()).or_default();
                    item.values().for_each(|value| collect(value, texts));
                    ledger.unwanted.extend(unwanted_since(item));
                }
                (Some(license), _) => {
                    if let Some(account) = sk.strip_prefix("PAIR#") {
                        let pair = (license.to_owned(), account.to_owned());
                        ledger.pairs.insert(pair, (text(item, "code").to_owned(), number(item, "next_look")));
                    }
                }
                (None, _) if pk == "QUARANTINE" => ledger.quarantined += 1,
                (None, "WINDOW") => ledger.releases.extend(releases(item)),
                (None, "WAITING") => ledger.waiting += 1,
                (None, _) => {}
            }
        }
        ledger
    }

    /// How an item of the policy table read when it could last be read
    pub(super) fn last_version(&self, rule: &str) -> Option<&Value> {
        self.versions.get(rule).and_then(|(_, image)| image.as_ref()).filter(|image| !image.is_null())
    }

    /// Whether some entry of the license has this ARN or intent
    pub(super) fn knows(&self, license: &str, what: &str) -> bool {
        self.grants.get(license).is_some_and(|texts| texts.contains(what))
    }

    /// When entries were marked as wanted by nobody
    pub(super) fn unwanted(&self) -> &BTreeSet<i64> {
        &self.unwanted
    }

    /// What the passes of the last day released
    pub(super) fn releases(&self) -> impl Iterator<Item = &Release> {
        self.releases.iter()
    }

    /// Messages in quarantine
    pub(super) fn quarantined(&self) -> usize {
        self.quarantined
    }

    /// Pairs that want to be looked at again, of lanes that neither are owed a look nor say when there will be one
    pub(super) fn without_due(&self) -> Vec<String> {
        let waits = self.pairs.iter().filter(|(_, (_, look))| look.is_some());
        let forgotten = waits.filter(|((license, _), _)| {
            self.lanes.get(license).is_some_and(|(wanted, done, due)| wanted == done && due.is_none())
        });
        forgotten.map(|(pair, (code, _))| format!("no_due: {pair:?} is {code} and nobody will look again")).collect()
    }

    /// Lanes that are owed a look, but for those of licenses that keep moving
    pub(super) fn lanes_broken(&self, moving: &BTreeSet<&str>) -> Vec<String> {
        let owed = self.lanes.iter().filter(|(_, (wanted, done, _))| wanted != done);
        owed.filter(|(license, _)| !moving.contains(license.as_str()))
            .map(|(license, (wanted, done, _))| {
                format!("ledger: lane of {license} was asked {wanted} times and has done {done}")
            })
            .collect()
    }

    /// What is wrong with what the ledger says of pairs
    ///
    /// `active` are those that License Manager has ACTIVE; of `others` it must say the same as `codes`, which are those
    /// that a fresh look gives, and when it will look again.
    pub(super) fn broken(
        &self,
        now: i64,
        active: &BTreeSet<Pair>,
        others: &BTreeSet<Pair>,
        codes: &BTreeMap<Pair, String>,
    ) -> Vec<String> {
        let mut broken = Vec::new();
        if self.waiting > 0 {
            broken.push(format!("ledger: {} agreements are still awaited", self.waiting));
        }
        for pair @ (license, account) in others {
            let due = self.lanes.get(license).and_then(|(_, _, due)| *due);
            let Some((code, look)) = self.pairs.get(pair) else {
                broken.push(format!("ledger: {license} in {account} is not ACTIVE and has no PAIR item"));
                continue;
            };
            if codes.get(pair) != Some(code) {
                let now = codes.get(pair);
                broken.push(format!("ledger: {license} in {account} was left in {code} and is in {now:?}"));
            }
            // The item keeps the look that was due when its code was new; whether there will be one, the lane says.
            // A later ring has its day, however far off.
            let longest = if code == "ROLLOUT_LATER" { i64::MAX } else { now + LONGEST };
            if look.is_some() && due.is_none_or(|due| due > longest) {
                broken.push(format!("ledger: {license} in {account} is {code} and its lane is due {due:?}"));
            }
        }
        for pair in active
            .iter()
            .filter(|pair| self.pairs.contains_key(*pair) && codes.get(*pair).is_some_and(|code| code == "ACTIVE"))
        {
            broken.push(format!("ledger: {pair:?} is ACTIVE and has a PAIR item"));
        }
        broken
    }
}

/// No code waits longer than a day for its next look
const LONGEST: i64 = 24 * 3600;

fn number(item: &Item, name: &str) -> Option<i64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

fn releases(window: &Item) -> Vec<Release> {
    let all = window.get("releases").and_then(|all| all.as_l().ok()).into_iter().flatten();
    let of = |release: &AttributeValue| {
        let release = release.as_m().ok()?;
        let [license, account, kind] = ["license", "account", "kind"].map(|name| text(release, name).to_owned());
        Some(Release { at: number(release, "at")?, license, account, kind })
    };
    all.filter_map(of).collect()
}

/// The mark of an entry, wherever in the item it is
fn unwanted_since(map: &Item) -> Option<i64> {
    let inside = || map.values().filter_map(|value| value.as_m().ok()).find_map(unwanted_since);
    number(map, "unwanted_since").or_else(inside)
}

fn collect(value: &AttributeValue, texts: &mut BTreeSet<String>) {
    if let Ok(text) = value.as_s() {
        texts.insert(text.clone());
    }
    value.as_m().into_iter().flat_map(|map| map.values()).for_each(|value| collect(value, texts));
    value.as_l().into_iter().flatten().for_each(|value| collect(value, texts));
}
