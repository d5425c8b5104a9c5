//! What somebody undid: healed twice a day, and then left as it is until a person has found out who it was

use crate::action::Action;
use crate::entry::{Entry, EntryKey};
use crate::grant::Grant;
use crate::id::AccountId;
use crate::organization::Principal;
use crate::reason::ReasonCode;
use crate::snapshot::Snapshot;
use crate::time::{Timestamp, hours, minutes};

use super::key::Decision;
use super::pair::whatever_is_granted;
use super::view::View;

/// An activation so young may be why the grant is off: it has not taken yet, or a listing is behind
const JUST_NOW: std::time::Duration = minutes(15);

/// What the activation of a whole grant does to its parts may be seen so much later ("hours" for large organizations,
/// Amazon Bedrock user guide, "Managed entitlements"), and is AWS's own doing
const SPREADING: std::time::Duration = hours(1);

/// What is done about a grant of ours that is off or gone; `undone`: somebody did that since the last look
pub(super) fn answered(
    now: Timestamp,
    key: EntryKey,
    entry: Option<&Entry>,
    undone: bool,
    make: impl FnOnce(Option<&Entry>) -> Decision,
) -> Decision {
    match entry.and_then(|entry| Some((entry, entry.contested_until()?))) {
        Some((entry, until)) if until > now => contested(entry, until),
        // What was left as it is, is healed once more when there was one reversal less in a day.
        Some((entry, _)) => healed(Some(entry), make),
        None if !undone => make(entry),
        None => match entry.filter(|entry| entry.is_fought_over(now)) {
            Some(entry) => {
                let noted = Entry { reversals: entry.reversals_left(now), ..entry.clone() };
                let state = noted.contested_until().map(|until| contested(&noted, until));
                Decision { action: Some(Action::NoteContested { key }), ..state.unwrap_or_default() }
            }
            None => healed(entry, make),
        },
    }
}

fn contested(entry: &Entry, until: Timestamp) -> Decision {
    let found: Vec<String> = entry.reversals.iter().map(ToString::to_string).collect();
    let detail = Some(format!("found undone at {}", found.join(", ")));
    Decision { detail, ..Decision::until(ReasonCode::Contested, until) }
}

/// Made again as if for the first time; whatever does that counts the reversal
fn healed(entry: Option<&Entry>, make: impl FnOnce(Option<&Entry>) -> Decision) -> Decision {
    let untried = entry.map(Entry::untried);
    let decision = make(untried.as_ref());
    Decision { action: decision.action.map(Action::healing), ..decision }
}

/// Whether a grant of ours that is off was in use at the last look
///
/// The ledger remembers a pair while it is not plainly ACTIVE. So one that is not remembered was ACTIVE, unless nobody has
/// looked at it yet: what shows that somebody did is that the grant was activated.
pub(super) fn is_switched_off(snapshot: &Snapshot, view: &View<'_>, principal: &Principal, entry: &Entry) -> bool {
    if !is_activated(entry) || tried(entry).is_none_or(|last| snapshot.now.since(last) < JUST_NOW) {
        return false;
    }
    match principal {
        // Two listings need not agree.
        Principal::Account(account) => !snapshot.remembered.contains_key(account) && !view.active.contains_key(account),
        // Most of those who lack it had it: a few may have come since.
        Principal::Organization | Principal::Unit(_) => {
            let accounts = snapshot.organization.accounts.keys();
            let here = accounts.filter(|account| principal.covers(account, &snapshot.organization));
            let lack = here.filter(|account| {
                !view.active.contains_key(account) && whatever_is_granted(snapshot, account).is_none()
            });
            let (never, had): (Vec<_>, Vec<_>) = lack.partition(|account| snapshot.remembered.contains_key(*account));
            had.len() > never.len()
        }
    }
}

/// The same of an account's part of a grant to the whole organization or a unit
pub(super) fn is_part_switched_off(
    snapshot: &Snapshot,
    account: &AccountId,
    part: &Grant,
    through: &Principal,
) -> bool {
    let now = snapshot.now;
    let own = snapshot.entries.get(&EntryKey::SubGrant(account.clone()));
    let own = own.filter(|entry| entry.arn() == Some(&part.arn));
    let whole = snapshot.entries.get(&EntryKey::Grant(through.clone()));
    let may_be_why = own.and_then(tried).is_some_and(|last| now.since(last) < JUST_NOW)
        || whole.and_then(tried).is_some_and(|last| now.since(last) < SPREADING);
    let was_activated = own.is_some_and(is_activated) || whole.is_some_and(is_activated);
    was_activated && !may_be_why && !snapshot.remembered.contains_key(account)
}

fn is_activated(entry: &Entry) -> bool {
    entry.activation.count > 0 || entry.grantee.count > 0
}

/// When anything was last done to make it usable
fn tried(entry: &Entry) -> Option<Timestamp> {
    entry.activation.last.max(entry.grantee.last)
}
