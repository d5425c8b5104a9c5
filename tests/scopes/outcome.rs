//! What is left in a world when everything has come to rest, as far as it does not depend on when and by what it came

use std::collections::{BTreeMap, BTreeSet};

use grantway_tests::story::{Item, Story, text};

/// What two ways to the same end are compared by
///
/// ARNs, intents and moments differ from one way to the other; who has what, how it stands and why must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Lines by what they are about; what occurs twice counts twice
    lines: BTreeMap<String, usize>,
}

impl Outcome {
    /// Reads it off License Manager, a fresh look and what the ledger marks
    pub(crate) async fn of(story: &Story) -> Self {
        let mut lines = Vec::new();
        for plan in story.plans().await {
            let license = &plan.license;
            lines.extend(plan.pairs.iter().map(|(account, pair)| format!("pair {license} {account}: {}", pair.code)));
            lines.extend(plan.holds.iter().map(|hold| format!("held {license} {}: {}", hold.principal, hold.code)));
            lines.extend(plan.actions.iter().map(|action| format!("planned {license} {}", action.key())));
        }
        for item in story.ledger().await {
            let (license, grant) = (text(&item, "pk"), text(&item, "sk").strip_prefix("GRANT#"));
            if let Some(principal) = grant.filter(|_| is_unwanted(&item)) {
                lines.push(format!("unwanted {license} {principal}"));
            }
        }
        let stamp = story.stamp();
        story.world().with(|state| {
            let live = state.license_manager.grants().filter(|grant| grant.is_live());
            for grant in live.filter(|grant| !grant.is_own_subscription()) {
                let whose = match (grant.sub_grant, grant.name.starts_with(&stamp)) {
                    (true, _) => "sub-grant",
                    (false, true) => "grant",
                    (false, false) => "somebody's",
                };
                lines.push(format!("{whose} {} {:?}: {:?}", grant.license, grant.principal, grant.status));
            }
        });
        let mut counted = BTreeMap::new();
        for line in lines {
            *counted.entry(line).or_default() += 1;
        }
        Self { lines: counted }
    }

    /// Whether Grantway gave anything to anybody
    pub(crate) fn has_grants(&self) -> bool {
        self.lines.keys().any(|line| line.starts_with("grant "))
    }

    /// The reason codes in it
    pub(crate) fn codes(&self) -> BTreeSet<&str> {
        let pairs = self.lines.keys().filter(|line| line.starts_with("pair "));
        pairs.filter_map(|line| line.rsplit(' ').next()).collect()
    }

    /// What is in only one of the two, or not equally often
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let all: BTreeSet<&String> = self.lines.keys().chain(other.lines.keys()).collect();
        let count = |outcome: &Self, line: &String| outcome.lines.get(line).copied().unwrap_or(0);
        all.into_iter()
            .filter(|line| count(self, line) != count(other, line))
            .map(|line| format!("{} and {} times: {line}", count(self, line), count(other, line)))
            .collect()
    }
}

/// Whether an entry has the mark of what no rule asks for, wherever in the item it is
fn is_unwanted(item: &Item) -> bool {
    let inside = || item.values().filter_map(|value| value.as_m().ok()).any(is_unwanted);
    item.get("unwanted_since").is_some_and(|mark| mark.is_n()) || inside()
}
