//! On which part of a selector an account missed, in words

use std::collections::BTreeSet;
use std::fmt::Display;

use super::Accounts;
use crate::answer::Answer;
use crate::finding::shown;
use crate::id::AccountId;
use crate::organization::{Account, Organization};
use crate::pattern::Pattern;

impl Accounts {
    /// Every part that does not select the account, or of which that is not known; empty when all do
    ///
    /// Account names and e-mail addresses never appear.
    #[must_use]
    pub fn misses(&self, id: &AccountId, organization: &Organization) -> Vec<String> {
        let Some(account) = organization.accounts.get(id) else {
            return vec![format!("account {id} is not in the organization")];
        };
        let mut missed = Vec::new();
        if !self.accounts.is_empty() && !self.accounts.contains(id) {
            missed.push(format!("account {id} is not in {}", list(&self.accounts)));
        }
        if !self.units.is_empty() && !account.path.iter().any(|unit| self.units.contains(unit)) {
            let place = match account.path.as_slice() {
                [] => "it lies under the root".to_owned(),
                path => format!("it lies in {}", path.iter().map(ToString::to_string).collect::<Vec<_>>().join("/")),
            };
            missed.push(format!("ou is not in {}: {place}", list(&self.units)));
        }
        if !self.states.is_empty() && !self.states.contains(&account.state) {
            missed.push(format!("state {} is not in {}", account.state, list(&self.states)));
        }
        self.missed_tags(account, &mut missed);
        match self.by_name(account) {
            Answer::Yes => {}
            Answer::No => missed.push(format!("its name is not in {}", list(&self.names))),
            Answer::Unknown => missed.push("its name is not known yet".to_owned()),
        }
        missed
    }

    fn missed_tags(&self, account: &Account, missed: &mut Vec<String>) {
        for (key, values) in &self.tags {
            match account.tags.as_ref().map(|tags| tags.get(key)) {
                None => missed.push(format!("tag {key} is not known yet")),
                Some(None) => missed.push(format!("tag {key} is not set, and not in {}", list(values))),
                Some(Some(given)) if !values.iter().any(|value: &Pattern| value.is_match(given)) => {
                    missed.push(format!("tag {key}={} is not in {}", shown(given), list(values)));
                }
                Some(Some(_)) => {}
            }
        }
    }
}

/// The first few of a list, and how many more there are
pub(crate) fn list<T: Display>(items: &BTreeSet<T>) -> String {
    const MOST: usize = 6;
    let first: Vec<String> = items.iter().take(MOST).map(|item| shown(&item.to_string()).to_owned()).collect();
    match items.len().saturating_sub(MOST) {
        0 => format!("[{}]", first.join(", ")),
        more => format!("[{}, and {more} more]", first.join(", ")),
    }
}
