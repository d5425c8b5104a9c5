//! What becomes of one principal's grant: the table's word, and what the place, the rules' terms or consolidation add

use std::collections::BTreeMap;

use crate::cover::Cover;
use crate::desired::{Desired, Settings};
use crate::entry::EntryKey;
use crate::grant::Grant;
use crate::id::AccountId;
use crate::organization::Principal;
use crate::revocation::Candidate;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

use super::key::{self, Decision};
use super::view::{Maker, View};
use super::{consolidation, surplus, withdrawal};

/// What comes of it
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) decision: Decision,
    /// What the revocation pass is to know of it
    pub(super) candidate: Option<Candidate>,
    /// When it changes though nothing happens
    pub(super) look: Option<Timestamp>,
    /// Whether it is a step of a consolidation
    pub(super) gives_way: bool,
}

impl From<Decision> for Decided {
    fn from(decision: Decision) -> Self {
        Self { decision, candidate: None, look: None, gives_way: false }
    }
}

/// Decides about one principal, whatever the license and its accounts' own states say
pub(super) fn decided(
    snapshot: &Snapshot,
    desired: &Desired,
    view: &View<'_>,
    cover: &Cover,
    principal: &Principal,
) -> Decided {
    let Cover { wanted, kept, wide, giving_way, .. } = cover;
    if let Principal::Account(account) = principal
        && let Some(place) = giving_way.get(account)
        && let Some(settings) = wanted.get(place)
    {
        let step = consolidation::of(snapshot, view, account, place, settings);
        return Decided { gives_way: true, ..step.into() };
    }
    let decision = match kept.contains_key(principal) {
        true => key::keep_as_is(snapshot, view, principal),
        false => key::decide(snapshot, view, principal, wanted.get(principal)),
    };
    if wide.contains(principal) {
        let look = surplus::next_look(snapshot, desired, view, principal);
        let decision = surplus::with_served(snapshot, desired, view, principal, decision);
        return Decided { look, ..decision.into() };
    }
    if is_left(desired, principal) {
        return key::not_noted(decision).into();
    }
    let key = EntryKey::Grant(principal.clone());
    let Some((account, grant)) = unasked_for(view, principal, wanted) else {
        return withdrawal::with_terms(snapshot, &key, decision).into();
    };
    if decision.action.is_some() {
        let look = withdrawal::due_after_note(snapshot, desired, account, &key);
        return Decided { look, ..decision.into() };
    }
    let withdrawal::Withdrawal { decision, candidate } = withdrawal::of(snapshot, desired, account, &key, grant, None);
    let look = decision.waits_until();
    Decided { candidate, look, ..decision.into() }
}

/// A grant of ours to an account that no rule asks it for
fn unasked_for<'a>(
    view: &View<'a>,
    principal: &'a Principal,
    wanted: &BTreeMap<Principal, Settings>,
) -> Option<(&'a AccountId, &'a Grant)> {
    let account = match principal {
        Principal::Account(account) => account,
        Principal::Organization | Principal::Unit(_) => return None,
    };
    let (grant, maker) = view.ours.get(principal)?;
    (*maker == Maker::Us && !wanted.contains_key(principal)).then_some((account, *grant))
}

/// Whether some pair that the grant serves is left as it is, so that the grant cannot count as unwanted
fn is_left(desired: &Desired, principal: &Principal) -> bool {
    match principal {
        Principal::Account(account) => desired.left.contains_key(account),
        Principal::Organization | Principal::Unit(_) => !desired.left.is_empty(),
    }
}
