//! Grants to whole places that hold more accounts than are wanted, for rules that say `cover: wide`
//!
//! Such a grant takes one call where account grants take one for each account, and every account that it reaches beyond
//! those is switched off by one call of its own. So a place is chosen where that makes fewer calls, or where account
//! grants would not fit into the budget.

use std::collections::{BTreeMap, BTreeSet};

use super::Standing;
use crate::desired::{Desired, Settings};
use crate::id::AccountId;
use crate::matcher::Why;
use crate::organization::{Account, Organization, Principal};
use crate::rule::Activation;

/// Calls that make a grant and get it used
const MAKING: usize = 2;

/// What `cover: wide` comes to
#[derive(Debug, Default)]
pub(super) struct Wide {
    /// Places to make a grant to
    pub(super) places: BTreeMap<Principal, Settings>,
    /// Accounts that would come under a place in which it is not known yet of somebody whether a rule names them
    pub(super) undecided: BTreeSet<AccountId>,
}

/// Wanted accounts of one top-level unit, or directly under the root
struct Group<'a> {
    place: Option<Principal>,
    wanted: Vec<(&'a AccountId, &'a Settings)>,
}

impl Group<'_> {
    /// Calls that a grant to each of them takes
    fn calls(&self) -> usize {
        self.wanted.len() * MAKING
    }
}

/// The places that take in accounts which no grant covers yet
pub(super) fn wide(
    desired: &Desired,
    uncovered: &BTreeSet<&AccountId>,
    standing: &Standing,
    organization: &Organization,
) -> Wide {
    let groups = groups(desired, uncovered, organization);
    let Some((_, settings)) = groups.first().and_then(|group| group.wanted.first()) else { return Wide::default() };
    let all: usize = groups.iter().map(|group| group.wanted.len()).sum();
    let is_tight = all > standing.room;
    let as_a_unit = |group| as_a_unit(group, is_tight, desired, standing, organization);
    let units: Vec<Option<(&Principal, usize)>> = groups.iter().map(as_a_unit).collect();
    let apart = groups.iter().zip(&units).map(|(group, unit)| unit.map_or(group.calls(), |(_, calls)| calls));
    let whole = Principal::Organization;
    let mut wide = Wide::default();
    let is_better = || is_tight || calls(desired, &whole, organization) < apart.sum();
    if may_be_wide(desired, standing, &whole, organization) && all > 1 && is_better() {
        wide.take(desired, whole, settings, groups.iter().collect(), organization);
        return wide;
    }
    for (group, unit) in groups.iter().zip(units) {
        if let (Some((place, _)), Some((_, settings))) = (unit, group.wanted.first()) {
            wide.take(desired, place.clone(), settings, vec![group], organization);
        }
    }
    wide
}

impl Wide {
    /// Makes the place one grant, or leaves its accounts undecided
    fn take(
        &mut self,
        desired: &Desired,
        place: Principal,
        settings: &Settings,
        groups: Vec<&Group<'_>>,
        organization: &Organization,
    ) {
        if is_decided(desired, &place, organization) {
            self.places.insert(place, settings.clone());
        } else {
            let wanted = groups.into_iter().flat_map(|group| &group.wanted);
            self.undecided.extend(wanted.map(|(account, _)| (*account).clone()));
        }
    }
}

/// What a grant to the whole organization would be made by, where that makes fewer calls than exact units and the rest
///
/// Asked before any unit is taken: the smallest place that contains all the wanted accounts is the one to make. While it
/// is not known of somebody whether a rule names them, the exact units are not kept waiting for that.
pub(super) fn whole<'a>(
    desired: &'a Desired,
    uncovered: &BTreeSet<&'a AccountId>,
    standing: &Standing,
    organization: &Organization,
) -> Option<&'a Settings> {
    let whole = Principal::Organization;
    let groups = groups(desired, uncovered, organization);
    let (_, settings) = groups.first()?.wanted.first()?;
    let is_exact = |place: &Principal| super::exact(desired, place).is_some() && !standing.foreign.contains(place);
    let apart = groups.iter().map(|group| match group.place.as_ref().is_some_and(is_exact) {
        true => MAKING,
        false => as_a_unit(group, false, desired, standing, organization).map_or(group.calls(), |(_, calls)| calls),
    });
    let is_better = calls(desired, &whole, organization) < apart.sum();
    let may_be = may_be_wide(desired, standing, &whole, organization) && is_decided(desired, &whole, organization);
    (is_better && may_be).then_some(*settings)
}

/// How a grant of ours to a place goes on where it holds more than the wanted; `None`: no rule lets it
pub(super) fn stays<'a>(
    desired: &'a Desired,
    standing: &Standing,
    place: &Principal,
    organization: &Organization,
) -> Option<&'a Settings> {
    let is_free = may_be_wide(desired, standing, place, organization) && is_decided(desired, place, organization);
    let mut inside = desired.accounts.iter().filter(|(account, _)| place.covers(account, organization));
    inside.find(|(_, settings)| settings.wide).map(|(_, settings)| settings).filter(|_| is_free)
}

fn groups<'a>(
    desired: &'a Desired,
    uncovered: &BTreeSet<&'a AccountId>,
    organization: &Organization,
) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<Option<Principal>, Vec<(&AccountId, &Settings)>> = BTreeMap::new();
    for account in uncovered {
        let Some(settings) = desired.accounts.get(*account).filter(|settings| settings.wide) else { continue };
        let top = organization.accounts.get(*account).and_then(|known| known.top());
        groups.entry(top.cloned().map(Principal::Unit)).or_default().push((*account, settings));
    }
    groups.into_iter().map(|(place, wanted)| Group { place, wanted }).collect()
}

/// Whether a grant to the place could be right for all who are wanted in it, and touches nobody who is protected
fn may_be_wide(desired: &Desired, standing: &Standing, place: &Principal, organization: &Organization) -> bool {
    let is_free = match place {
        Principal::Organization => desired.free_organization,
        Principal::Unit(unit) => desired.free_units.contains(unit),
        Principal::Account(_) => false,
    };
    let inside = || desired.accounts.iter().filter(|(account, _)| place.covers(account, organization));
    let first = inside().next().map(|(_, settings)| &settings.operations);
    is_free
        && !standing.foreign.contains(place)
        && inside()
            .all(|(_, settings)| settings.activation != Activation::Manual && Some(&settings.operations) == first)
}

/// Whether it is known of everybody in the place if a rule names them
fn is_decided(desired: &Desired, place: &Principal, organization: &Organization) -> bool {
    let mut left = desired.left.iter().filter(|(account, _)| place.covers(account, organization));
    left.all(|(_, left)| match left.why {
        Why::AccountUnknown | Why::LicenseUnknown | Why::TooMany | Why::Protected => false,
        Why::NotYet(_) | Why::NothingToGrant => true,
    })
}

/// The unit of a group, where one grant to it takes fewer calls than account grants or there is no room for those, with the
/// calls that it takes
fn as_a_unit<'g>(
    group: &'g Group<'_>,
    is_tight: bool,
    desired: &Desired,
    standing: &Standing,
    organization: &Organization,
) -> Option<(&'g Principal, usize)> {
    let place = group.place.as_ref().filter(|place| may_be_wide(desired, standing, place, organization))?;
    let calls = calls(desired, place, organization);
    (is_tight || calls < group.calls()).then_some((place, calls))
}

/// Calls that a grant to the place takes, with those that switch it off where nobody asks for it
fn calls(desired: &Desired, place: &Principal, organization: &Organization) -> usize {
    MAKING + surplus(desired, place, organization).count()
}

/// Accounts that a grant to the place reaches though nobody asks for them
pub(crate) fn surplus<'a>(
    desired: &'a Desired,
    place: &'a Principal,
    organization: &'a Organization,
) -> impl Iterator<Item = (&'a AccountId, &'a Account)> {
    let reached = organization.accounts.iter().filter(|(_, known)| !known.state.is_off());
    let surplus = reached.filter(|(account, _)| !desired.accounts.contains_key(*account));
    surplus.filter(|(account, _)| place.covers(account, organization))
}
