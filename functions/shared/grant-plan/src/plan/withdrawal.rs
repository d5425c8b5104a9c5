//! What nobody asks for any more, account by account: noted, due, released, off

use crate::action::{Action, Noted};
use crate::desired::Desired;
use crate::entry::{Entry, EntryKey};
use crate::grant::{Grant, GrantStatus};
use crate::id::{AccountId, RuleId};
use crate::organization::AccountState;
use crate::reason::ReasonCode;
use crate::revocation::{Candidate, DWELL, Kind};
use crate::rule::Revoke;
use crate::settings::Leavers;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

use super::key::Decision;
use super::ladder::{Due, due};
use super::unasked;

/// What is done about a grant in an account, and whether the revocation pass is to know of it
#[derive(Debug, Clone, Default)]
pub(super) struct Withdrawal {
    pub(super) decision: Decision,
    pub(super) candidate: Option<Candidate>,
}

impl From<Decision> for Withdrawal {
    fn from(decision: Decision) -> Self {
        Self { decision, candidate: None }
    }
}

/// Whether it can be said at all that nobody asks for something: not while a rule cannot be read, or much of what there
/// was is gone
pub(super) fn is_known(snapshot: &Snapshot) -> bool {
    snapshot.policy.is_whole() && snapshot.shrunk.is_empty()
}

/// What becomes of a grant or sub-grant of ours in an account that no rule asks it for
///
/// `entry` is the grant's own; `above` the entry of the grant to a whole place that a sub-grant came through.
pub(super) fn of(
    snapshot: &Snapshot,
    desired: &Desired,
    account: &AccountId,
    key: &EntryKey,
    grant: &Grant,
    above: Option<&Entry>,
) -> Withdrawal {
    let entry = snapshot.entries.get(key);
    let entry = entry.filter(|entry| entry.arn() == Some(&grant.arn));
    let since = entry.and_then(|entry| Some((entry, entry.unwanted_since?)));
    let code = unasked(desired, account);
    match (&grant.status, since) {
        (GrantStatus::Active, _) => {}
        (GrantStatus::Disabled, Some((entry, _))) if entry.off.count > 0 => {
            return Decision::hold(ReasonCode::SwitchedOff).into();
        }
        (GrantStatus::PendingWorkflow, Some((entry, _))) if entry.off.count > 0 => {
            return Decision::hold(ReasonCode::Revoking).into();
        }
        (
            GrantStatus::Disabled
            | GrantStatus::PendingWorkflow
            | GrantStatus::PendingAccept
            | GrantStatus::Rejected
            | GrantStatus::FailedWorkflow
            | GrantStatus::Deleted
            | GrantStatus::PendingDelete
            | GrantStatus::WorkflowCompleted
            | GrantStatus::Unknown(_),
            _,
        ) => return Decision::hold(code).into(),
    }
    let Some(maker) = entry.or(above) else { return Decision::hold(code).into() };
    let Some(stays) = terms(snapshot, desired, account, maker).stays().filter(|_| is_known(snapshot)) else {
        return Decision::hold(code).into();
    };
    let Some((entry, since)) = since else {
        let of = Noted { arn: grant.arn.clone(), rule: maker.rule.clone(), rule_version: maker.rule_version.clone() };
        let note = Action::NoteUnwanted { key: key.clone(), since: Some(snapshot.now), of: Some(of) };
        return Decision { action: Some(note), ..Decision::until(code, snapshot.now.after(DWELL.max(stays))) }.into();
    };
    let ready = since.after(DWELL.max(stays));
    if snapshot.now < ready {
        return Decision::until(code, ready).into();
    }
    if snapshot.releases.allow(account, Kind::Revocation) {
        return match due(entry.off, snapshot.now) {
            (Due::Now, _) => Decision::act(
                Action::SwitchOff { key: key.clone(), arn: grant.arn.clone(), of: None },
                ReasonCode::Revoking,
            ),
            (Due::At(_), _) => Decision::hold(ReasonCode::Revoking),
        }
        .into();
    }
    let decision = match snapshot.releases.hold(Kind::Revocation) {
        Some(held) => Decision { detail: Some(held.to_string()), ..Decision::hold(ReasonCode::RevocationHeld) },
        None => Decision::hold(ReasonCode::RevocationDue),
    };
    Withdrawal { decision, candidate: Some(Candidate { account: account.clone(), kind: Kind::Revocation, since }) }
}

/// When a grant that is noted as unwanted now is due to be looked at for that; `None`: its rule never lets go of it
pub(super) fn due_after_note(
    snapshot: &Snapshot,
    desired: &Desired,
    account: &AccountId,
    key: &EntryKey,
) -> Option<Timestamp> {
    let stays = terms(snapshot, desired, account, snapshot.entries.get(key)?).stays()?;
    Some(snapshot.now.after(DWELL.max(stays)))
}

/// What becomes of what the account has: the word of the rule that denies it, else of the rule that gave it as it reads
/// now, else as it last read
///
/// Whoever has left the organization is a matter of the settings.
fn terms(snapshot: &Snapshot, desired: &Desired, account: &AccountId, maker: &Entry) -> Revoke {
    let known = snapshot.organization.accounts.get(account);
    if known.is_none_or(|known| known.state == AccountState::Closed) {
        return snapshot.policy.settings.leavers.map_or(Revoke::Never, Leavers::revoke);
    }
    match desired.denied.get(account) {
        Some(by) => word(snapshot, &by.rule).unwrap_or_default(),
        None => word(snapshot, &maker.rule).unwrap_or(maker.revoke),
    }
}

/// What a rule says becomes of its grants; `None`: there is no such rule
pub(super) fn word(snapshot: &Snapshot, rule: &RuleId) -> Option<Revoke> {
    snapshot.policy.rules.iter().find(|known| known.id == *rule).map(|rule| rule.revoke)
}

/// An own subscription that a rule lets make way, and that has been in the way for long enough
pub(super) fn replacement(snapshot: &Snapshot, account: &AccountId) -> (Decision, Option<Candidate>) {
    let code = ReasonCode::ReplaceUnapproved;
    let noted = snapshot.remembered.get(account).filter(|remembered| remembered.code == code);
    let since = noted.map_or(snapshot.now, |noted| noted.since);
    let ready = since.after(DWELL);
    if snapshot.now < ready {
        return (Decision::until(code, ready), None);
    }
    let detail = snapshot.releases.hold(Kind::Replacement).map(ToString::to_string);
    let candidate = Candidate { account: account.clone(), kind: Kind::Replacement, since };
    (Decision { detail, ..Decision::hold(code) }, Some(candidate))
}

/// Takes down what a rule says becomes of its grant, where nothing else is to be done about it
pub(super) fn with_terms(snapshot: &Snapshot, key: &EntryKey, decision: Decision) -> Decision {
    let Some(entry) = snapshot.entries.get(key).filter(|entry| entry.arn().is_some()) else { return decision };
    match word(snapshot, &entry.rule).filter(|revoke| decision.action.is_none() && *revoke != entry.revoke) {
        Some(revoke) => Decision { action: Some(Action::NoteTerms { key: key.clone(), revoke }), ..decision },
        None => decision,
    }
}
