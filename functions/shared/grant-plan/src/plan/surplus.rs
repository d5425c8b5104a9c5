//! Grants to places that hold more than the wanted accounts: whom they serve, and who is switched off

use std::collections::BTreeSet;

use crate::action::{Action, Noted};
use crate::cover::wide;
use crate::desired::Desired;
use crate::entry::{Entry, EntryKey};
use crate::grant::{Grant, GrantStatus};
use crate::id::AccountId;
use crate::organization::{AccountState, Principal};
use crate::reason::ReasonCode;
use crate::snapshot::Snapshot;
use crate::time::{Timestamp, hours};

use super::key::Decision;
use super::ladder::{Due, due, rarer};
use super::view::View;
use super::withdrawal::is_known;

/// For how long after its activation a wide grant is watched closely
const WATCHED: std::time::Duration = hours(24);

/// The wanted accounts in a place
pub(super) fn wanted_in(snapshot: &Snapshot, desired: &Desired, place: &Principal) -> BTreeSet<AccountId> {
    let inside = desired.accounts.keys().filter(|account| place.covers(account, &snapshot.organization));
    inside.cloned().collect()
}

/// A decision about a wide grant, with whom it is to serve: known when it is made, and taken down before anything else is
/// done when more are to be served, since whoever is not known to be served is switched off
pub(super) fn with_served(
    snapshot: &Snapshot,
    desired: &Desired,
    view: &View<'_>,
    place: &Principal,
    decision: Decision,
) -> Decision {
    let wanted = wanted_in(snapshot, desired, place);
    let action = match decision.action {
        Some(Action::Create(mut create)) => {
            create.served = Some(wanted);
            return Decision { action: Some(Action::Create(create)), ..decision };
        }
        other => other,
    };
    let decision = Decision { action, ..decision };
    let key = EntryKey::Grant(place.clone());
    let Some(entry) = snapshot.entries.get(&key).filter(|entry| entry.arn().is_some()) else { return decision };
    let in_use = |account: &AccountId| view.reaches(place, account) && view.active.contains_key(account);
    let served = match &entry.served {
        Some(served) => served.clone(),
        // Made when nobody kept count: whoever uses it may have been given it.
        None => snapshot.organization.accounts.keys().filter(|account| in_use(account)).cloned().collect(),
    };
    let grown: BTreeSet<AccountId> = served.union(&wanted).cloned().collect();
    let note = |served| Some(Action::NoteServed { key: key.clone(), served });
    if entry.served.as_ref().is_none_or(|served| grown.len() > served.len()) {
        return Decision { action: note(grown), ..decision };
    }
    let is_off = |account: &AccountId| !wanted.contains(account) && is_switched_off(snapshot, view, account);
    if decision.action.is_none() && grown.iter().any(is_off) {
        let still = grown.iter().filter(|account| !is_off(account)).cloned().collect();
        return Decision { action: note(still), ..decision };
    }
    decision
}

/// When to look for sub-grants that a wide grant may bring to accounts which it is not to serve: listings lag, and the
/// parts come as License Manager distributes them
///
/// In growing steps for a day after the activation; what comes later is found by the daily reconcile.
pub(super) fn next_look(
    snapshot: &Snapshot,
    desired: &Desired,
    view: &View<'_>,
    place: &Principal,
) -> Option<Timestamp> {
    let activated = snapshot.entries.get(&EntryKey::Grant(place.clone()))?.activation.last?;
    let age = snapshot.now.since(activated);
    let mut beside = wide::surplus(desired, place, &snapshot.organization);
    let mut is_one_to_come = || {
        beside.any(|(account, known)| {
            known.state == AccountState::Active && *account != snapshot.license.holder && !view.reaches(place, account)
        })
    };
    (age < WATCHED && is_one_to_come()).then(|| snapshot.now.after(rarer(age, 4)))
}

/// Whether the account's sub-grant was taken from it by us and is seen to be off
///
/// That it is off, or not listed, is not enough: a listing may be behind, and the account be using it.
fn is_switched_off(snapshot: &Snapshot, view: &View<'_>, account: &AccountId) -> bool {
    let off = view.sub_grants.get(account).filter(|(grant, _)| grant.status == GrantStatus::Disabled);
    let entry = snapshot.entries.get(&EntryKey::SubGrant(account.clone())).filter(|entry| entry.off.count > 0);
    off.zip(entry).is_some_and(|((grant, _), entry)| entry.arn() == Some(&grant.arn))
}

/// What to do about a sub-grant in an account that a wide grant was never to serve; `None`: it is off
///
/// `code` says why nobody asks for it, where it cannot be said for certain and so stays.
pub(super) fn of(
    snapshot: &Snapshot,
    account: &AccountId,
    grant: &Grant,
    above: &Entry,
    code: ReasonCode,
) -> Option<Decision> {
    let key = EntryKey::SubGrant(account.clone());
    match &grant.status {
        GrantStatus::Active if !is_known(snapshot) => return Some(Decision::hold(code)),
        GrantStatus::Active => {}
        GrantStatus::PendingWorkflow => return Some(Decision::hold(ReasonCode::OverGranted)),
        GrantStatus::PendingAccept
        | GrantStatus::Rejected
        | GrantStatus::FailedWorkflow
        | GrantStatus::Deleted
        | GrantStatus::PendingDelete
        | GrantStatus::Disabled
        | GrantStatus::WorkflowCompleted
        | GrantStatus::Unknown(_) => return None,
    }
    let entry = snapshot.entries.get(&key).filter(|entry| entry.arn() == Some(&grant.arn));
    // A new version of the whole may have switched it on again, which is no fight.
    let tried = entry.map(|entry| entry.off).filter(|off| off.last >= above.activation.last);
    match due(tried.unwrap_or_default(), snapshot.now).0 {
        Due::Now => {
            let (rule, rule_version) = (above.rule.clone(), above.rule_version.clone());
            let of = Some(Noted { arn: grant.arn.clone(), rule, rule_version });
            Some(Decision::act(Action::SwitchOff { key, arn: grant.arn.clone(), of }, ReasonCode::OverGranted))
        }
        Due::At(_) => Some(Decision::hold(ReasonCode::OverGranted)),
    }
}
