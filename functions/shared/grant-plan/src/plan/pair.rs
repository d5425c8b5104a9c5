//! The state of one account for one license

use std::collections::BTreeMap;

use crate::action::Action;
use crate::desired::Settings;
use crate::entry::{Entry, EntryKey};
use crate::grant::{Grant, GrantStatus};
use crate::id::AccountId;
use crate::license::{License, LicenseStatus};
use crate::matcher::Why;
use crate::organization::{AccountState, Principal};
use crate::reason::ReasonCode;
use crate::revocation::Kind;
use crate::rule::Activation;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

use super::activation::{PATIENCE, activate, ask_grantee, pending};
use super::contest::{answered, is_part_switched_off};
use super::key::Decision;
use super::ladder::due;
use super::view::{Maker, View};

/// The states that no grant of ours can change; `None`: the pair is open
///
/// The order matters where several hold: the holder before everything, what the license is before what the account
/// is, what was verified before what stands in the way.
pub(super) fn standing(
    snapshot: &Snapshot,
    view: &View<'_>,
    account: &AccountId,
    settings: &Settings,
) -> Option<ReasonCode> {
    if let Some(code) = whatever_is_granted(snapshot, account) {
        return Some(code);
    }
    match view.active.get(account) {
        Some(true) => return Some(ReasonCode::Active),
        Some(false) => return Some(ReasonCode::CoveredByForeign),
        None => {}
    }
    if snapshot.own_subscriptions.contains(account) {
        match settings.activation {
            Activation::Keep | Activation::Manual => return Some(ReasonCode::OwnSubscription),
            Activation::Replace if snapshot.releases.allow(account, Kind::Replacement) => {}
            Activation::Replace => return Some(ReasonCode::ReplaceUnapproved),
        }
    }
    match view.foreign.get(&Principal::Account(account.clone())) {
        Some((_, Maker::OtherDeployment)) => Some(ReasonCode::OtherDeployment),
        Some((_, Maker::Us | Maker::UsUnrecorded | Maker::Others)) => Some(ReasonCode::ForeignNotActive),
        None => None,
    }
}

/// The state of a pair that is left as it is, and when to look again
///
/// What is there is told first: why nothing is done matters where something could be.
pub(super) fn left(
    snapshot: &Snapshot,
    view: &View<'_>,
    account: &AccountId,
    why: Why,
) -> (ReasonCode, Option<Timestamp>) {
    let active = view.active.get(account);
    let active = active.map(|ours| if *ours { ReasonCode::Active } else { ReasonCode::CoveredByForeign });
    let (code, at) = match whatever_is_granted(snapshot, account).or(active) {
        Some(code) => (code, None),
        None => match why {
            Why::Protected => (ReasonCode::Protected, None),
            Why::AccountUnknown | Why::LicenseUnknown => (ReasonCode::NotKnownYet, None),
            Why::TooMany => (ReasonCode::TooManyAccounts, None),
            Why::NotYet(from) => (ReasonCode::RolloutLater, from),
            Why::NothingToGrant => (ReasonCode::NothingToGrant, None),
        },
    };
    (code, at.or_else(|| code.next_look(snapshot.now)))
}

/// The state that a pair is in by what the license and the account are
pub(super) fn whatever_is_granted(snapshot: &Snapshot, account: &AccountId) -> Option<ReasonCode> {
    if *account == snapshot.license.holder {
        return Some(ReasonCode::Holder);
    }
    if let Some(code) = of_license(&snapshot.license) {
        return Some(code);
    }
    match snapshot.organization.accounts.get(account).map(|account| &account.state) {
        Some(AccountState::Active | AccountState::Unknown(_)) => None,
        Some(AccountState::PendingActivation) => Some(ReasonCode::AccountNotReady),
        Some(AccountState::Suspended | AccountState::PendingClosure) => Some(ReasonCode::AccountSuspended),
        Some(AccountState::Closed) | None => Some(ReasonCode::AccountClosed),
    }
}

/// The state that the license alone puts every pair in; `None`: it can be granted
pub(super) fn of_license(license: &License) -> Option<ReasonCode> {
    if !license.shareable() {
        return Some(ReasonCode::NotShareable);
    }
    match &license.status {
        LicenseStatus::Available => None,
        LicenseStatus::PendingAvailable => Some(ReasonCode::LicensePending),
        LicenseStatus::Deactivated
        | LicenseStatus::Suspended
        | LicenseStatus::Expired
        | LicenseStatus::PendingDelete
        | LicenseStatus::Deleted => Some(ReasonCode::LicenseEnded),
        LicenseStatus::Unknown(_) => Some(ReasonCode::UnknownStatus),
    }
}

/// What an open pair waits for, given what was decided about the grants that cover it
pub(super) fn under(
    snapshot: &Snapshot,
    view: &View<'_>,
    account: &AccountId,
    settings: &Settings,
    decisions: &BTreeMap<Principal, Decision>,
    wanted: &BTreeMap<Principal, Settings>,
) -> (Option<EntryKey>, Decision) {
    let principal = Principal::Account(account.clone());
    // An account with no more than the memory of an earlier grant is under the organization's like any other.
    if let Some(decision) = decisions.get(&principal).filter(|decision| decision.state.is_some()) {
        return (Some(EntryKey::Grant(principal)), decision.state_only());
    }
    let Some((principal, above)) = above(snapshot, view, account, decisions, wanted) else {
        return (None, Decision::default());
    };
    // While the whole is on its way, its parts are not treated one by one: in a large organization that is a flood.
    let through =
        above.state.is_none_or(|(code, _)| matches!(code, ReasonCode::SubGrantMissing | ReasonCode::ActivationStalled));
    match view.sub_grants.get(account).filter(|_| through) {
        Some((sub_grant, through)) => {
            let decision = sub_grant_state(snapshot, account, settings, sub_grant, through);
            (Some(EntryKey::SubGrant(account.clone())), decision)
        }
        None if above.state.is_some() => (Some(EntryKey::Grant(principal)), above.state_only()),
        None => (Some(EntryKey::Grant(principal)), Decision::hold(missing(snapshot, account))),
    }
}

/// What an account waits for whose sub-grant of a distributed grant is not there
fn missing(snapshot: &Snapshot, account: &AccountId) -> ReasonCode {
    let remembered = snapshot.remembered.get(account).filter(|_| snapshot.is_beyond(account));
    let waited = remembered.is_some_and(|remembered| {
        let long_missing = || snapshot.now.since(remembered.since) >= PATIENCE;
        remembered.code == ReasonCode::ManagementNotGrantable
            || (remembered.code == ReasonCode::SubGrantMissing && long_missing())
    });
    if waited { ReasonCode::ManagementNotGrantable } else { ReasonCode::SubGrantMissing }
}

/// The grant to a whole place that an account waits under: the one that its sub-grant came through, else one that is
/// wanted, else one that there was
fn above<'d>(
    snapshot: &Snapshot,
    view: &View<'_>,
    account: &AccountId,
    decisions: &'d BTreeMap<Principal, Decision>,
    wanted: &BTreeMap<Principal, Settings>,
) -> Option<(Principal, &'d Decision)> {
    let through = view.sub_grants.get(account).map(|(_, through)| through.clone());
    let unit = snapshot.organization.accounts.get(account).and_then(|known| known.top()).cloned();
    let places = || std::iter::once(Principal::Organization).chain(unit.clone().map(Principal::Unit));
    let asked_for = places().filter(|place| wanted.contains_key(place));
    through.into_iter().chain(asked_for).chain(places()).find_map(|place| {
        let decision = decisions.get(&place)?;
        Some((place, decision))
    })
}

fn sub_grant_state(
    snapshot: &Snapshot,
    account: &AccountId,
    settings: &Settings,
    sub_grant: &Grant,
    through: &Principal,
) -> Decision {
    let key = EntryKey::SubGrant(account.clone());
    let entry = snapshot.entries.get(&key);
    if entry.is_some_and(|entry| entry.unwanted_since.is_some()) {
        let again = Action::NoteUnwanted { key, since: None, of: None };
        return Decision::act(again, ReasonCode::Activating);
    }
    match &sub_grant.status {
        GrantStatus::PendingWorkflow => pending(snapshot, key, entry, Some(account), sub_grant, settings),
        GrantStatus::PendingAccept => {
            ask_grantee(snapshot, key, entry, account, sub_grant, settings, ReasonCode::AwaitingAcceptance)
        }
        GrantStatus::Disabled => {
            let undone = is_part_switched_off(snapshot, account, sub_grant, through);
            answered(snapshot.now, key.clone(), entry, undone, |entry| match entry {
                Some(entry) if entry.by_grantee => {
                    let waiting = ReasonCode::AwaitingGrantee;
                    ask_grantee(snapshot, key, Some(entry), account, sub_grant, settings, waiting)
                }
                Some(_) | None => activate(snapshot, key, entry, sub_grant, settings),
            })
        }
        GrantStatus::Active => Decision::hold(ReasonCode::Active),
        GrantStatus::Rejected => ended(snapshot, key, entry, settings, sub_grant, ReasonCode::Rejected),
        GrantStatus::FailedWorkflow => ended(snapshot, key, entry, settings, sub_grant, ReasonCode::FailedWorkflow),
        GrantStatus::PendingDelete | GrantStatus::Deleted => Decision::hold(ReasonCode::SubGrantMissing),
        GrantStatus::WorkflowCompleted | GrantStatus::Unknown(_) => Decision::hold(ReasonCode::UnknownStatus),
    }
}

/// A sub-grant that was rejected or failed: it cannot be made anew by itself, and whether an activation brings it back is
/// not documented. Where a person wants another try, that is found out by the ladder, and it ends with the ladder.
fn ended(
    snapshot: &Snapshot,
    key: EntryKey,
    entry: Option<&Entry>,
    settings: &Settings,
    sub_grant: &Grant,
    code: ReasonCode,
) -> Decision {
    match entry.filter(|entry| entry.retried.as_ref() == Some(&sub_grant.arn)) {
        None => Decision::hold(code),
        Some(entry) => match due(entry.activation, snapshot.now) {
            (_, false) => activate(snapshot, key, Some(entry), sub_grant, settings),
            (_, true) => {
                let detail = "it was activated again on request, and License Manager leaves it as it is".to_owned();
                Decision { detail: Some(detail), ..Decision::hold(code) }
            }
        },
    }
}
