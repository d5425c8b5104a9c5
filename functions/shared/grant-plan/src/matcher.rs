//! The rules compiled once per run into sets of accounts, and asked about one license after the other
//!
//! Who a rule selects does not depend on the license, so it is worked out once: a set of accounts that it selects, and
//! a larger one of those that it may turn out to select once more is known of them. A license then costs a few set
//! operations per rule that is about it.

mod columns;
mod compiled;
mod places;
mod sets;
mod verdict;

use std::collections::BTreeMap;

use crate::id::AccountId;
use crate::license::License;
use crate::organization::Organization;
use crate::policy::Policy;
use crate::rule::Rule;
use crate::time::Timestamp;

use compiled::Compiled;
use places::Places;

pub use sets::AccountSet;
pub use verdict::{Difference, Verdict, Why};

/// A policy's rules, ready to be asked about licenses of one organization at one moment
#[derive(Debug)]
pub struct Matcher<'a> {
    /// Accounts by index, in the order of their ids
    accounts: Vec<&'a AccountId>,
    /// The rules that take part, in the order in which those that grant are asked
    rules: Vec<Compiled<'a>>,
    /// Accounts in which nothing is changed
    protected: AccountSet,
    /// What a grant may be made to as a whole
    places: Places<'a>,
}

impl<'a> Matcher<'a> {
    /// Compiles a policy
    #[must_use]
    pub fn new(policy: &'a Policy, organization: &'a Organization, now: Timestamp) -> Self {
        let columns = columns::Columns::new(organization);
        let mut part: Vec<&Rule> = policy.rules.iter().filter(|rule| compiled::takes_part(rule, now)).collect();
        part.sort_by_key(|rule| rule.order());
        let mut classes = Vec::new();
        let protected = &policy.settings.protected;
        let named = part.iter().flat_map(|rule| &rule.accounts.units);
        let places = Places::new(organization, &columns, protected, named);
        let rules = part.into_iter().map(|rule| Compiled::new(rule, &columns, &places, now, &mut classes)).collect();
        Self { rules, protected: columns.protected(protected), places, accounts: columns.into_accounts() }
    }

    /// What the rules say about one license
    #[must_use]
    pub fn verdict(&self, license: &License) -> Verdict<'_> {
        verdict::of(self, license)
    }

    /// How many accounts each rule that takes part selects, and how many it may turn out to; the order of rules kept
    pub fn selected(&self) -> impl Iterator<Item = (&Rule, usize, usize)> {
        self.rules.iter().map(|rule| (rule.rule, rule.yes.count(), rule.maybe.count()))
    }

    /// The accounts of a set
    pub fn accounts<'s>(&'s self, set: &'s AccountSet) -> impl Iterator<Item = &'s AccountId> {
        set.iter().filter_map(|index| self.accounts.get(index).copied())
    }

    /// The set of some accounts; those that are not in the organization are left out
    #[must_use]
    pub fn set<'s>(&self, accounts: impl IntoIterator<Item = &'s AccountId>) -> AccountSet {
        let mut set = AccountSet::none(self.accounts.len());
        for account in accounts {
            if let Ok(index) = self.accounts.binary_search(&account) {
                set.insert(index);
            }
        }
        set
    }

    /// The rules that meet on some account with the same priority and different settings
    pub(crate) fn ties(&self) -> Vec<(&Rule, &Rule, usize)> {
        let mut ties = Vec::new();
        let mut by_priority: BTreeMap<u32, Vec<&Compiled<'_>>> = BTreeMap::new();
        for rule in self.rules.iter().filter(|rule| rule.grants()) {
            by_priority.entry(rule.rule.priority).or_default().push(rule);
        }
        for rules in by_priority.values() {
            for (index, one) in rules.iter().enumerate() {
                for other in rules.iter().skip(index + 1).filter(|other| other.class != one.class) {
                    let shared = one.yes.shared(&other.yes);
                    if shared > 0 {
                        ties.push((one.rule, other.rule, shared));
                    }
                }
            }
        }
        ties
    }
}
