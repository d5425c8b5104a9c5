//! From wanted accounts to grants: which principals carry a license
//!
//! An organization grant where it is exact, account grants otherwise. Shape is sticky: an account that has a grant of
//! ours keeps it, and a pair that is satisfied asks for nothing new.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::{Desired, Settings};
use crate::id::AccountId;
use crate::organization::Principal;

/// What stands already, as far as the shape of new grants depends on it
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Principals that a grant of ours or an unfinished intent is for
    pub ours: BTreeSet<Principal>,
    /// Whether somebody else's grant to the whole organization stands; a second one would be refused
    pub foreign_organization_grant: bool,
}

/// The grants there should be, each with the settings it is made by
///
/// `open` are the wanted accounts that are not satisfied and have no reason to be left alone.
#[must_use]
pub fn cover(desired: &Desired, open: &BTreeSet<AccountId>, standing: &Standing) -> BTreeMap<Principal, Settings> {
    let mut wanted = BTreeMap::new();
    for (account, settings) in &desired.accounts {
        let principal = Principal::Account(account.clone());
        if standing.ours.contains(&principal) {
            wanted.insert(principal, settings.clone());
        }
    }
    let uncovered: Vec<&AccountId> =
        open.iter().filter(|account| !wanted.contains_key(&Principal::Account((*account).clone()))).collect();
    let whole = desired.whole_organization.as_ref().filter(|_| !standing.foreign_organization_grant);
    match whole {
        Some(settings) if !uncovered.is_empty() || standing.ours.contains(&Principal::Organization) => {
            wanted.insert(Principal::Organization, settings.clone());
        }
        Some(_) => {}
        None => {
            for account in uncovered {
                if let Some(settings) = desired.accounts.get(account) {
                    wanted.insert(Principal::Account(account.clone()), settings.clone());
                }
            }
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Activation;

    fn settings() -> Settings {
        Settings { rule: "r".parse().unwrap(), version: "1".into(), activation: Activation::Keep, operations: None }
    }

    fn account(number: u64) -> AccountId {
        format!("{number:012}").parse().unwrap()
    }

    fn desired(accounts: &[u64], whole: bool) -> Desired {
        Desired {
            accounts: accounts.iter().map(|number| (account(*number), settings())).collect(),
            whole_organization: whole.then(settings),
            ..Desired::default()
        }
    }

    fn shape(desired: &Desired, open: &[u64], ours: &[Principal], foreign_organization_grant: bool) -> Vec<String> {
        let open = open.iter().map(|number| account(*number)).collect();
        let standing = Standing { ours: ours.iter().cloned().collect(), foreign_organization_grant };
        cover(desired, &open, &standing).keys().map(ToString::to_string).collect()
    }

    #[test]
    fn an_exact_organization_takes_one_grant() {
        assert_eq!(shape(&desired(&[1, 2, 3], true), &[1, 2, 3], &[], false), ["organization"]);
    }

    #[test]
    fn anything_less_takes_account_grants_for_open_accounts_only() {
        assert_eq!(shape(&desired(&[1, 2, 3], false), &[2, 3], &[], false), ["000000000002", "000000000003"]);
    }

    #[test]
    fn shape_is_sticky() {
        let ours = [Principal::Account(account(1))];
        assert_eq!(shape(&desired(&[1, 2], true), &[], &ours, false), ["000000000001"]);
        assert_eq!(shape(&desired(&[1, 2], true), &[2], &ours, false), ["organization", "000000000001"]);
    }

    #[test]
    fn a_hand_made_organization_grant_leaves_account_grants() {
        assert_eq!(shape(&desired(&[1, 2], true), &[2], &[], true), ["000000000002"]);
    }

    #[test]
    fn a_satisfied_organization_asks_for_nothing() {
        assert!(shape(&desired(&[1, 2], true), &[], &[], false).is_empty());
    }
}
