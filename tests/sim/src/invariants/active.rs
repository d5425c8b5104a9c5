//! Checks of what is live and active now

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{DISPLACED, Expectations, NOT_WANTED, ONE_GRANT_PER_KEY, Violation};
use crate::license_manager::{Displacement, Grant, GrantStatus, LicenseManager, Principal, Write};
use crate::organizations::Organization;

/// Sub-grants do not count: they follow from one grant that was made
pub(super) fn doubled(license_manager: &LicenseManager, expectations: &Expectations) -> Vec<Violation> {
    let mut live: BTreeMap<(&str, &Principal), Vec<&str>> = BTreeMap::new();
    let ours = license_manager.grants().filter(|grant| expectations.is_ours(&grant.name) && !grant.sub_grant);
    for grant in ours.filter(|grant| grant.is_live() && grant.status != GrantStatus::PendingDelete) {
        live.entry((&grant.license, &grant.principal)).or_default().push(&grant.arn);
    }
    live.into_iter()
        .filter(|(_, arns)| arns.len() > 1)
        .map(|((license, principal), arns)| Violation {
            invariant: ONE_GRANT_PER_KEY,
            detail: format!("{license} for {principal:?}: {}", arns.join(", ")),
        })
        .collect()
}

/// Grants that are not ours, were active, and had to make room for one of ours that a program activated
pub(super) fn pushed_aside<'a>(
    license_manager: &'a LicenseManager,
    history: &'a [Arc<Write>],
    expectations: &'a Expectations,
) -> impl Iterator<Item = (&'a Displacement, &'a Grant)> {
    let by_program = move |displacement: &&Displacement| {
        let by = license_manager.grant(&displacement.by);
        let parent = by.map(|grant| grant.parent_arn.as_str());
        let activations = history.iter().rev().filter(|write| {
            let this = write.grant_arn == displacement.by || Some(write.grant_arn.as_str()) == parent;
            this && write.status == Some(GrantStatus::Active) && write.at <= displacement.at
        });
        let last = activations.clone().next().map(|write| write.at);
        // A program that comes in the same moment as a person finds the place cleared already.
        let by_person = activations.take_while(|write| Some(write.at) == last).any(|write| write.person);
        by.is_some_and(|grant| expectations.is_ours(&grant.name)) && !by_person
    };
    let displacements = license_manager.displacements().iter().filter(by_program);
    displacements.filter_map(|displacement| {
        let lost = license_manager.grant(&displacement.displaced)?;
        (!expectations.is_ours(&lost.name)).then_some((displacement, lost))
    })
}

/// A grant that is not ours was active and had to make room for one of ours that a program activated
pub(super) fn displaced(
    license_manager: &LicenseManager,
    history: &[Arc<Write>],
    expectations: &Expectations,
) -> Vec<Violation> {
    let allowed = |displacement: &Displacement| {
        let by = license_manager.grant(&displacement.by);
        by.is_some_and(|grant| expectations.may_displace(&grant.license, &displacement.account))
    };
    pushed_aside(license_manager, history, expectations)
        .filter(|(displacement, _)| !allowed(displacement))
        .map(|(displacement, lost)| Violation {
            invariant: DISPLACED,
            detail: format!(
                "{} in {}: {} `{}` gave way to {}",
                displacement.at, displacement.account, lost.arn, lost.name, displacement.by
            ),
        })
        .collect()
}

/// Accounts that left the organization are not looked at: what is still active there can only be deleted
pub(super) fn not_wanted(
    license_manager: &LicenseManager,
    organization: &Organization,
    expectations: &Expectations,
) -> Vec<Violation> {
    let active = license_manager.grants().filter(|grant| grant.status == GrantStatus::Active);
    active
        .filter(|grant| expectations.is_ours(&grant.name))
        .filter_map(|grant| Some((grant, grant.principal.account()?)))
        .filter(|(_, account)| organization.accounts.contains_key(*account))
        .filter(|(grant, account)| !expectations.wanted.contains(&(grant.license.clone(), (*account).to_owned())))
        .map(|(grant, account)| Violation {
            invariant: NOT_WANTED,
            detail: format!("{} is active in {account} by {}", grant.license, grant.arn),
        })
        .collect()
}
