//! Sub-grants in accounts that no rule asks them for

use std::collections::BTreeSet;

use super::key::Decision;
use super::view::View;
use super::{surplus, unasked, withdrawal};
use crate::action::Action;
use crate::cover::Cover;
use crate::desired::{Desired, Left};
use crate::entry::EntryKey;
use crate::grant::GrantStatus;
use crate::id::AccountId;
use crate::matcher::Why;
use crate::organization::Principal;
use crate::reason::ReasonCode;
use crate::revocation::Candidate;
use crate::snapshot::Snapshot;

/// One of them
#[derive(Debug)]
pub(super) struct Unasked {
    pub(super) account: AccountId,
    pub(super) decision: Decision,
    pub(super) candidate: Option<Candidate>,
    /// Whether it is told by itself, and not by the grant to the whole place
    pub(super) is_told: bool,
}

/// Every sub-grant of ours in an account that no rule asks it for, with what to do about it
pub(super) fn unasked_for(snapshot: &Snapshot, desired: &Desired, view: &View<'_>, cover: &Cover) -> Vec<Unasked> {
    let mut all = Vec::new();
    for (account, (grant, through)) in &view.sub_grants {
        let is_wide = cover.wide.contains(through);
        // Whose turn has not come gets nothing by the way either.
        let is_later = |left: &Left| matches!(left.why, Why::NotYet(_) | Why::NothingToGrant);
        let is_left = desired.left.get(*account).is_some_and(|left| !(is_wide && is_later(left)));
        if desired.accounts.contains_key(*account) || is_left {
            continue;
        }
        let key = EntryKey::SubGrant((*account).clone());
        let code = unasked(desired, account);
        let above = snapshot.entries.get(&EntryKey::Grant(through.clone()));
        // One that nobody knows yet may have joined a moment ago, and be asked for.
        let is_member = snapshot.organization.accounts.contains_key(*account);
        let never = |served: &BTreeSet<AccountId>| is_member && !served.contains(*account);
        let never_served = above.filter(|above| is_wide && above.served.as_ref().is_some_and(never));
        let withdrawal = match never_served {
            Some(above) => match surplus::of(snapshot, account, grant, above, code) {
                Some(decision) => decision.into(),
                None => continue,
            },
            None => withdrawal::of(snapshot, desired, account, &key, grant, above),
        };
        // Where the whole grant is no longer wanted, it speaks for those of whom there is no more to say.
        let stays = cover.wanted.contains_key(through) || cover.kept.contains_key(through);
        let is_plain = withdrawal.decision.code() == Some(code);
        let is_denied = desired.denied.contains_key(*account);
        let is_told = !is_plain || (grant.status == GrantStatus::Active && (stays || is_denied));
        let withdrawal::Withdrawal { decision, candidate } = withdrawal;
        all.push(Unasked { account: (*account).clone(), decision, candidate, is_told });
    }
    all
}

/// Sub-grants that were noted as unwanted and that a rule asks for again
pub(super) fn wanted_again(snapshot: &Snapshot, desired: &Desired) -> impl Iterator<Item = Action> {
    let noted = snapshot.entries.iter().filter(|(_, entry)| entry.unwanted_since.is_some());
    let again = noted.filter(|(key, _)| match key {
        EntryKey::SubGrant(account) => desired.accounts.contains_key(account),
        EntryKey::Grant(Principal::Organization | Principal::Unit(_) | Principal::Account(_)) => false,
    });
    again.map(|(key, _)| Action::NoteUnwanted { key: key.clone(), since: None, of: None })
}

impl Decision {
    fn code(&self) -> Option<ReasonCode> {
        self.state.map(|(code, _)| code)
    }
}
