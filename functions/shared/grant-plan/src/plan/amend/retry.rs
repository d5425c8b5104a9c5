//! Another try: what keeps the engine from trying again by itself is forgotten

use std::collections::BTreeMap;

use crate::entry::{Attempts, Entry, EntryKey, Phase};
use crate::grant::{Grant, GrantStatus};
use crate::id::AccountId;
use crate::organization::Principal;
use crate::plan::key::in_use;
use crate::plan::view::{Maker, View};
use crate::plan::{PairState, plan};
use crate::reason::{ReasonCode, Standing};
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

use super::{Amendment, Proposal};

/// States that another try may end: the engine has given up or waits, by what its own entry says
const TRIED_AGAIN: [ReasonCode; 9] = [
    ReasonCode::Rejected,
    ReasonCode::FailedWorkflow,
    ReasonCode::ActivationStalled,
    ReasonCode::Contested,
    ReasonCode::TrustedAccessMissing,
    ReasonCode::MemberRoleMissing,
    ReasonCode::AccessDenied,
    ReasonCode::QuotaReached,
    ReasonCode::CallRefused,
];

/// What another try comes to for one account, or for every grant to the organization or a unit that pairs wait for
///
/// A rejected grant of ours is given up, so that runs delete it and make a new one; everything else is tried again as if
/// for the first time. Nobody else's grant is touched.
#[must_use]
pub fn retry(snapshot: &Snapshot, account: Option<&AccountId>) -> Proposal {
    let plan = plan(snapshot);
    let mut proposal = Proposal::new(&plan.license);
    let view = View::of(snapshot);
    let mut keys: BTreeMap<&EntryKey, &PairState> = BTreeMap::new();
    let asked = plan.pairs.iter().filter(|(of, _)| account.is_none_or(|account| account == *of));
    for (of, pair) in asked {
        match &pair.by {
            Some(key) if TRIED_AGAIN.contains(&pair.code) && (account.is_some() || is_of_a_place(key)) => {
                keys.entry(key).or_insert(pair);
            }
            Some(_) | None if account.is_some() => leave(&mut proposal, of, pair),
            Some(_) | None => {}
        }
    }
    for (key, pair) in keys {
        match again(snapshot, &view, key, pair) {
            Ok(amendment) => proposal.amendments.push(amendment),
            Err((grant, why)) => proposal.leave(key, grant.map(|grant| &grant.arn), why),
        }
    }
    match account {
        Some(account) if !plan.pairs.contains_key(account) => {
            let kept = plan.holds.iter().find(|hold| hold.principal == Principal::Account(account.clone()));
            let state = kept.map(|hold| format!("; its grant is kept as {}", hold.code)).unwrap_or_default();
            proposal.leave(account, None, format!("no rule asks for the license in this account{state}"));
        }
        Some(_) | None => {}
    }
    proposal
}

fn is_of_a_place(key: &EntryKey) -> bool {
    match key {
        EntryKey::Grant(Principal::Organization | Principal::Unit(_)) => true,
        EntryKey::Grant(Principal::Account(_)) | EntryKey::SubGrant(_) => false,
    }
}

fn leave(proposal: &mut Proposal, account: &AccountId, pair: &PairState) {
    let code = pair.code;
    match code.standing() {
        Standing::Settled => proposal.leave_in_order(account, None, format!("{code}: there is nothing to try again")),
        Standing::Moving => proposal.leave_in_order(account, None, format!("{code}: it goes on by itself")),
        Standing::Blocked => {
            let why = format!("{code}: another try would change nothing; to mend it: {}", code.mend());
            proposal.leave(account, None, why);
        }
    }
}

/// The entry that begins anew, or why there is none
fn again<'a>(
    snapshot: &Snapshot,
    view: &View<'a>,
    key: &EntryKey,
    pair: &PairState,
) -> Result<Amendment, (Option<&'a Grant>, String)> {
    let code = pair.code;
    let entry = snapshot.entries.get(key);
    let grant = match key {
        EntryKey::Grant(principal) => {
            view.ours.get(principal).filter(|(_, maker)| *maker == Maker::Us).map(|(grant, _)| *grant)
        }
        EntryKey::SubGrant(account) => view.sub_grants.get(account).map(|(sub_grant, _)| *sub_grant),
    };
    let ended = grant.filter(|grant| is_ended(key, grant));
    if let (EntryKey::Grant(principal), Some(grant)) = (key, grant)
        && matches!(grant.status, GrantStatus::Rejected | GrantStatus::FailedWorkflow)
        && in_use(snapshot, view, principal, grant)
    {
        let why = format!("{code}: it is in use in some account, which would lose the license with it");
        return Err((Some(grant), why));
    }
    let next = match (entry, ended, key) {
        (Some(entry), _, _) => entry.with(|entry| forget(entry, grant, ended, snapshot.now)),
        // License Manager made it, and there was nothing to treat so far.
        (None, Some(grant), EntryKey::SubGrant(_)) => {
            let phase = Phase::Held { intent: None, arn: grant.arn.clone(), at: snapshot.now };
            let version = version_of(snapshot, pair);
            let mut entry = Entry::new(None, pair.rule.clone(), version, phase);
            entry.retried = Some(grant.arn.clone());
            entry
        }
        (None, _, _) => return Err((grant, format!("{code}: the ledger keeps nothing that it waits for"))),
    };
    let what = match (ended, key) {
        (Some(_), EntryKey::Grant(_)) => format!("{code}: the rejected grant is deleted, and a new one made"),
        (Some(_), EntryKey::SubGrant(_)) => format!(
            "{code}: a part of a grant to a whole place cannot be made anew by itself; it is activated again, and stays \
             as it is if License Manager leaves it so"
        ),
        (None, _) => format!("{code}: tried again as if for the first time"),
    };
    let expected = entry.map(|entry| entry.revision);
    Ok(Amendment { key: key.clone(), grant: grant.map(|grant| grant.arn.clone()), what, expected, entry: next })
}

/// Whether nothing comes of the grant by itself any more; one of ours whose distribution failed is deleted unasked
fn is_ended(key: &EntryKey, grant: &Grant) -> bool {
    match (&grant.status, key) {
        (GrantStatus::Rejected, _) | (GrantStatus::FailedWorkflow, EntryKey::SubGrant(_)) => true,
        (GrantStatus::FailedWorkflow, EntryKey::Grant(_))
        | (
            GrantStatus::PendingWorkflow
            | GrantStatus::PendingAccept
            | GrantStatus::Active
            | GrantStatus::Deleted
            | GrantStatus::PendingDelete
            | GrantStatus::Disabled
            | GrantStatus::WorkflowCompleted
            | GrantStatus::Unknown(_),
            _,
        ) => false,
    }
}

/// Nothing that was tried, refused or reported counts any more
fn forget(entry: &mut Entry, grant: Option<&Grant>, ended: Option<&Grant>, now: Timestamp) {
    entry.failed = Attempts::default();
    entry.activation = match grant.map(|grant| &grant.status) {
        // It hangs: the first rung is behind it, and the next is due.
        Some(GrantStatus::PendingWorkflow) => Attempts { count: 1, last: None },
        Some(_) | None => Attempts::default(),
    };
    entry.refusal = None;
    entry.reversals.clear();
    entry.grantee = Attempts::default();
    entry.by_grantee = false;
    entry.grantee_report = None;
    entry.retried = ended.map(|grant| grant.arn.clone());
    match (&entry.phase, ended) {
        (Phase::Refused { detail, .. }, _) => {
            let because = format!("a person wants another try after: {detail}");
            entry.phase = Phase::Closed { because, at: now };
        }
        // A sub-grant of a new parent: what the entry was about is gone.
        (Phase::Held { arn, .. }, Some(grant)) if *arn != grant.arn => {
            entry.phase = Phase::Held { intent: None, arn: grant.arn.clone(), at: now };
        }
        (Phase::Intended { .. } | Phase::Held { .. } | Phase::Closed { .. }, _) => {}
    }
}

fn version_of(snapshot: &Snapshot, pair: &PairState) -> String {
    let rule = snapshot.policy.rules.iter().find(|rule| rule.id == pair.rule);
    rule.map(|rule| rule.version.clone()).unwrap_or_default()
}
