//! From wanted accounts to grants: which principals carry a license
//!
//! An organization grant where it is exact, else grants to top-level units where those are, account grants for the rest;
//! where a rule says `cover: wide`, a place that holds more than the wanted accounts in their stead.
//! Shape is sticky: an account that has a grant of ours keeps it, a pair that is satisfied asks for nothing new, and a
//! grant to a whole place that is exact no longer stays for those whom it serves.

pub(crate) mod wide;

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::{Desired, Settings};
use crate::id::AccountId;
use crate::organization::{Organization, Principal};

/// What stands already, as far as the shape of new grants depends on it
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Principals that a grant of ours or an unfinished intent is for
    pub ours: BTreeSet<Principal>,
    /// The organization and units to which somebody else's grant stands; a second one would be refused
    pub foreign: BTreeSet<Principal>,
    /// Accounts with a live sub-grant, and the grant of ours that it came through
    pub reached: BTreeMap<AccountId, Principal>,
    /// Accounts whose own grant of ours is to give way to that of their whole place, where one is exact
    pub giving_way: BTreeSet<AccountId>,
    /// Grants that the budget still has room for
    pub room: usize,
}

/// The grants there should be, each with the settings it is made by
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cover {
    /// Made where they are missing, and treated as a whole
    pub wanted: BTreeMap<Principal, Settings>,
    /// Grants of ours to places that they are exact for no longer, and that serve somebody who is wanted: not taken away,
    /// and never activated as a whole again, since that could reach those who are not wanted
    pub kept: BTreeMap<Principal, Settings>,
    /// Of the wanted ones those to places that hold more than the wanted accounts: the others are switched off one by one
    pub wide: BTreeSet<Principal>,
    /// Accounts whose own grant gives way to that of the place, which is among the wanted
    pub giving_way: BTreeMap<AccountId, Principal>,
    /// Accounts for which it cannot be told yet whether a grant to a place may be made
    pub undecided: BTreeSet<AccountId>,
}

/// The grants there should be
///
/// `open` are the wanted accounts that are not satisfied and have no reason to be left alone.
#[must_use]
pub fn cover(desired: &Desired, open: &BTreeSet<AccountId>, standing: &Standing, organization: &Organization) -> Cover {
    let mut cover = Cover::default();
    for principal in &standing.ours {
        if let Some((account, place)) = giving_way(desired, standing, principal, organization) {
            cover.giving_way.insert(account, place);
            continue;
        }
        let in_the_way = is_place(principal) && standing.foreign.contains(principal);
        if let Some(settings) = exact(desired, principal).filter(|_| !in_the_way) {
            cover.wanted.insert(principal.clone(), settings.clone());
        } else if let Some(settings) = wide::stays(desired, standing, principal, organization).filter(|_| !in_the_way) {
            cover.wanted.insert(principal.clone(), settings.clone());
            cover.wide.insert(principal.clone());
        } else if let Some(settings) = served(desired, standing, principal) {
            cover.kept.insert(principal.clone(), settings.clone());
        }
    }
    for place in cover.giving_way.values() {
        if let Some(settings) = exact(desired, place) {
            cover.wanted.insert(place.clone(), settings.clone());
        }
    }
    let places: Vec<Principal> = cover.wanted.keys().filter(|principal| is_place(principal)).cloned().collect();
    let mut uncovered: BTreeSet<&AccountId> = open.iter().collect();
    uncovered.retain(|account| {
        let is_kept = standing.reached.get(*account).is_some_and(|through| cover.kept.contains_key(through));
        !is_kept
            && !cover.wanted.contains_key(&Principal::Account((*account).clone()))
            && !places.iter().any(|place| place.covers(account, organization))
    });
    if exact(desired, &Principal::Organization).is_none()
        && let Some(settings) = wide::whole(desired, &uncovered, standing, organization)
    {
        cover.wanted.insert(Principal::Organization, settings.clone());
        cover.wide.insert(Principal::Organization);
        uncovered.clear();
    }
    let whole = std::iter::once(Principal::Organization);
    let units = desired.whole_units.keys().cloned().map(Principal::Unit);
    for principal in whole.chain(units).filter(|principal| !standing.foreign.contains(principal)) {
        let Some(settings) = exact(desired, &principal) else { continue };
        let before = uncovered.len();
        uncovered.retain(|account| !principal.covers(account, organization));
        if uncovered.len() < before {
            cover.wanted.insert(principal, settings.clone());
        }
    }
    let wide::Wide { places, undecided } = wide::wide(desired, &uncovered, standing, organization);
    uncovered.retain(|account| {
        !undecided.contains(*account) && !places.keys().any(|place| place.covers(account, organization))
    });
    cover.wide.extend(places.keys().cloned());
    cover.wanted.extend(places);
    cover.undecided = undecided;
    for account in uncovered {
        if let Some(settings) = desired.accounts.get(account) {
            cover.wanted.insert(Principal::Account(account.clone()), settings.clone());
        }
    }
    cover
}

/// The place that an account's own grant gives way to, as far as a person wants that and the place would be exact
fn giving_way(
    desired: &Desired,
    standing: &Standing,
    principal: &Principal,
    organization: &Organization,
) -> Option<(AccountId, Principal)> {
    let account = match principal {
        Principal::Account(account) => account,
        Principal::Organization | Principal::Unit(_) => return None,
    };
    let place = exact_place(desired, &standing.foreign, account, organization);
    place.filter(|_| standing.giving_way.contains(account)).map(|place| (account.clone(), place))
}

/// The largest place around a wanted account to which a grant would be exact and could be made
pub(crate) fn exact_place(
    desired: &Desired,
    foreign: &BTreeSet<Principal>,
    account: &AccountId,
    organization: &Organization,
) -> Option<Principal> {
    desired.accounts.get(account)?;
    let unit = organization.accounts.get(account)?.top().cloned().map(Principal::Unit);
    let mut places = std::iter::once(Principal::Organization).chain(unit);
    places.find(|place| exact(desired, place).is_some() && !foreign.contains(place))
}

/// Whether it is more than one account
fn is_place(principal: &Principal) -> bool {
    match principal {
        Principal::Organization | Principal::Unit(_) => true,
        Principal::Account(_) => false,
    }
}

/// How somebody who is wanted and has a sub-grant of the principal's grant is to have it
fn served<'a>(desired: &'a Desired, standing: &Standing, principal: &Principal) -> Option<&'a Settings> {
    if !is_place(principal) {
        return None;
    }
    let by_its_own = |account: &AccountId| standing.ours.contains(&Principal::Account(account.clone()));
    let mut through =
        standing.reached.iter().filter(|(account, through)| *through == principal && !by_its_own(account));
    through.find_map(|(account, _)| desired.accounts.get(account))
}

/// How a grant to the principal is made, where it reaches nobody who is not wanted
fn exact<'a>(desired: &'a Desired, principal: &Principal) -> Option<&'a Settings> {
    match principal {
        Principal::Organization => desired.whole_organization.as_ref(),
        Principal::Unit(unit) => desired.whole_units.get(unit),
        Principal::Account(account) => desired.accounts.get(account),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desired::Left;
    use crate::matcher::Why;
    use crate::organization::{Account, AccountState};
    use crate::rule::Activation;

    const PROD: &str = "ou-root-prod0000";
    const DEV: &str = "ou-root-dev00000";

    fn settings() -> Settings {
        Settings {
            rule: "r".parse().unwrap(),
            version: "1".into(),
            activation: Activation::Keep,
            operations: None,
            wide: false,
        }
    }

    fn account(number: u64) -> AccountId {
        format!("{number:012}").parse().unwrap()
    }

    /// Accounts 1 and 2 lie in prod, 3 and 4 in dev, 5 directly under the root
    fn organization() -> Organization {
        let place = |number| match number {
            1 | 2 => vec![PROD.parse().unwrap()],
            3 | 4 => vec![DEV.parse().unwrap()],
            _ => Vec::new(),
        };
        let accounts = (1..=5).map(|number| (account(number), Account::new(AccountState::Active, place(number))));
        Organization {
            id: "o-4kq7vt2m9x".parse().unwrap(),
            arn: String::new(),
            management: account(5),
            units: BTreeMap::new(),
            accounts: accounts.collect(),
        }
    }

    fn desired(accounts: &[u64], whole: bool, units: &[&str]) -> Desired {
        Desired {
            accounts: accounts.iter().map(|number| (account(*number), settings())).collect(),
            whole_organization: whole.then(settings),
            whole_units: units.iter().map(|unit| (unit.parse().unwrap(), settings())).collect(),
            ..Desired::default()
        }
    }

    fn names(grants: &BTreeMap<Principal, Settings>) -> Vec<String> {
        grants.keys().map(ToString::to_string).collect()
    }

    fn covered(desired: &Desired, open: &[u64], standing: &Standing) -> Cover {
        let open = open.iter().map(|number| account(*number)).collect();
        cover(desired, &open, standing, &organization())
    }

    fn shape(desired: &Desired, open: &[u64], ours: &[Principal], foreign: &[Principal]) -> Vec<String> {
        let standing = Standing {
            ours: ours.iter().cloned().collect(),
            foreign: foreign.iter().cloned().collect(),
            reached: BTreeMap::new(),
            giving_way: BTreeSet::new(),
            room: 1500,
        };
        names(&covered(desired, open, &standing).wanted)
    }

    fn unit(id: &str) -> Principal {
        Principal::Unit(id.parse().unwrap())
    }

    #[test]
    fn an_exact_organization_takes_one_grant() {
        assert_eq!(shape(&desired(&[1, 2, 3], true, &[PROD, DEV]), &[1, 2, 3], &[], &[]), ["organization"]);
    }

    #[test]
    fn exact_units_take_one_grant_each_and_the_rest_account_grants() {
        let desired = desired(&[1, 2, 3, 5], false, &[PROD]);
        assert_eq!(shape(&desired, &[1, 2, 3, 5], &[], &[]), [PROD, "000000000003", "000000000005"]);
        assert_eq!(shape(&desired, &[3], &[], &[]), ["000000000003"], "a satisfied unit asks for nothing");
    }

    #[test]
    fn anything_less_takes_account_grants_for_open_accounts_only() {
        assert_eq!(shape(&desired(&[1, 2, 3], false, &[]), &[2, 3], &[], &[]), ["000000000002", "000000000003"]);
    }

    #[test]
    fn shape_is_sticky() {
        let ours = [Principal::Account(account(1))];
        assert_eq!(shape(&desired(&[1, 2], true, &[]), &[], &ours, &[]), ["000000000001"]);
        assert_eq!(shape(&desired(&[1, 2], true, &[]), &[2], &ours, &[]), ["organization", "000000000001"]);
        let everybody = desired(&[1, 2, 3, 4, 5], true, &[PROD, DEV]);
        assert_eq!(shape(&everybody, &[1], &[unit(PROD)], &[]), [PROD], "what waits under a unit's grant is covered");
        assert_eq!(shape(&everybody, &[], &[Principal::Organization], &[]), ["organization"]);
    }

    #[test]
    fn a_grant_to_a_place_that_it_is_exact_for_no_longer_is_kept_for_those_whom_it_serves() {
        let reached = [1, 2, 3].map(|number| (account(number), Principal::Organization));
        let standing = Standing {
            ours: [Principal::Organization].into(),
            foreign: BTreeSet::new(),
            reached: reached.into_iter().collect(),
            giving_way: BTreeSet::new(),
            room: 1500,
        };
        let cover = covered(&desired(&[1, 3, 4], false, &[]), &[3, 4], &standing);
        assert_eq!(names(&cover.kept), ["organization"]);
        assert_eq!(names(&cover.wanted), ["000000000004"], "whoever it did not reach gets a grant of its own");
        let cover = covered(&desired(&[4], false, &[]), &[4], &standing);
        assert_eq!(names(&cover.kept), Vec::<String>::new(), "it serves nobody who is wanted");
        let mut standing = standing;
        standing.ours.insert(Principal::Account(account(1)));
        let cover = covered(&desired(&[1], false, &[]), &[], &standing);
        assert_eq!(names(&cover.kept), Vec::<String>::new(), "who has a grant of its own does without it");
    }

    #[test]
    fn a_hand_made_grant_to_a_place_leaves_what_is_smaller() {
        let foreign = [Principal::Organization];
        assert_eq!(shape(&desired(&[1, 2], true, &[]), &[2], &[], &foreign), ["000000000002"]);
        assert_eq!(shape(&desired(&[1, 2], true, &[PROD]), &[2], &[], &foreign), [PROD]);
        let foreign = [Principal::Organization, unit(PROD)];
        assert_eq!(shape(&desired(&[1, 2], true, &[PROD]), &[2], &[], &foreign), ["000000000002"]);
    }

    #[test]
    fn a_satisfied_organization_asks_for_nothing() {
        assert!(shape(&desired(&[1, 2], true, &[PROD]), &[], &[], &[]).is_empty());
    }

    /// The same with every rule `cover: wide`
    fn wide(accounts: &[u64], room: usize, change: impl Fn(&mut Desired)) -> Cover {
        let mut desired = desired(accounts, false, &[]);
        desired.accounts.values_mut().for_each(|settings| settings.wide = true);
        desired.free_organization = true;
        desired.free_units = [PROD, DEV].map(|unit| unit.parse().unwrap()).into();
        change(&mut desired);
        covered(&desired, accounts, &Standing { room, ..Standing::default() })
    }

    #[test]
    fn a_wide_rule_takes_the_place_that_makes_the_fewest_calls() {
        let all_but_one = wide(&[1, 2, 3, 4], 1500, |_| {});
        assert_eq!(names(&all_but_one.wanted), ["organization"]);
        assert_eq!(all_but_one.wide, [Principal::Organization].into());
        // Two calls for each account on its own, two and one for the unit, two and three for the organization.
        let one_of_two = wide(&[1], 1500, |_| {});
        assert_eq!(names(&one_of_two.wanted), ["000000000001"]);
        let a_unit_and_no_more = wide(&[1, 2], 1500, |_| {});
        assert_eq!(names(&a_unit_and_no_more.wanted), [PROD]);
    }

    #[test]
    fn nothing_is_wide_without_a_rule_that_says_so() {
        let narrow = wide(&[1, 2, 3, 4], 1500, |desired| {
            desired.accounts.values_mut().for_each(|settings| settings.wide = false);
        });
        assert_eq!(names(&narrow.wanted), ["000000000001", "000000000002", "000000000003", "000000000004"]);
        assert!(narrow.wide.is_empty());
    }

    #[test]
    fn what_would_not_fit_into_the_budget_takes_the_organization_whatever_the_calls() {
        assert_eq!(names(&wide(&[1, 3], 2, |_| {}).wanted), ["000000000001", "000000000003"]);
        assert_eq!(names(&wide(&[1, 3], 1, |_| {}).wanted), ["organization"]);
    }

    #[test]
    fn a_place_with_somebody_protected_in_it_is_never_taken_whole() {
        let guarded = wide(&[1, 2, 3, 4], 1500, |desired| desired.free_organization = false);
        assert_eq!(names(&guarded.wanted), [DEV, PROD]);
        let guarded = wide(&[1, 2, 3, 4], 1, |desired| {
            desired.free_organization = false;
            desired.free_units.clear();
        });
        assert_eq!(guarded.wanted.len(), 4, "however little room there is");
    }

    #[test]
    fn where_accounts_are_to_have_it_in_different_ways_a_place_is_none() {
        for change in [
            |settings: &mut Settings| settings.activation = Activation::Manual,
            |settings: &mut Settings| settings.operations = Some(["CheckoutLicense".to_owned()].into()),
        ] {
            let mixed = wide(&[1, 2, 3, 4], 1500, |desired| change(desired.accounts.get_mut(&account(4)).unwrap()));
            assert_eq!(names(&mixed.wanted), [PROD, "000000000003", "000000000004"]);
        }
    }

    #[test]
    fn while_it_is_not_known_of_somebody_there_nobody_gets_a_grant_of_their_own_instead() {
        let unknown = Left { why: Why::AccountUnknown, by: None };
        let waits = wide(&[1, 2, 3, 4], 1500, |desired| {
            desired.left.insert(account(5), unknown.clone());
        });
        assert_eq!(names(&waits.wanted), Vec::<String>::new());
        assert_eq!(waits.undecided.len(), 4);
        let later = Left { why: Why::NotYet(None), by: None };
        let rollout = wide(&[1, 2, 3, 4], 1500, |desired| {
            desired.left.insert(account(5), later.clone());
        });
        assert_eq!(names(&rollout.wanted), ["organization"], "whose turn has not come is switched off");
    }

    #[test]
    fn a_wide_grant_stays_one_while_a_rule_lets_it() {
        let standing = Standing { ours: [Principal::Organization].into(), room: 1500, ..Standing::default() };
        let of = |is_wide: bool| {
            let mut desired = desired(&[1], false, &[]);
            desired.accounts.values_mut().for_each(|settings| settings.wide = is_wide);
            desired.free_organization = true;
            covered(&desired, &[], &standing)
        };
        assert_eq!(names(&of(true).wanted), ["organization"], "though it would not be made today");
        assert_eq!(names(&of(false).wanted), Vec::<String>::new());
    }

    #[test]
    fn an_account_gives_way_to_a_place_only_where_that_is_exact_and_a_person_wants_it() {
        let own = [1, 3].map(|number| Principal::Account(account(number)));
        let of = |giving_way: &[u64], whole: bool, foreign: &[Principal]| {
            let standing = Standing {
                ours: own.clone().into(),
                foreign: foreign.iter().cloned().collect(),
                giving_way: giving_way.iter().map(|number| account(*number)).collect(),
                ..Standing::default()
            };
            let cover = covered(&desired(&[1, 2, 3, 4, 5], whole, &[PROD]), &[], &standing);
            (names(&cover.wanted), cover.giving_way.len())
        };
        assert_eq!(of(&[], true, &[]), (vec!["000000000001".to_owned(), "000000000003".to_owned()], 0));
        assert_eq!(of(&[1, 3], true, &[]), (vec!["organization".to_owned()], 2));
        assert_eq!(of(&[1, 3], false, &[]), (vec![PROD.to_owned(), "000000000003".to_owned()], 1));
        assert_eq!(of(&[1], false, &[unit(PROD)]).1, 0, "somebody else's grant stands there");
    }
}
