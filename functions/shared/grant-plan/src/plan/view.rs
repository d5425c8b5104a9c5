//! A snapshot's grants, sorted into ours and others'

use std::collections::{BTreeMap, BTreeSet};

use crate::entry::{Entry, EntryKey, Phase};
use crate::grant::{Grant, GrantStatus};
use crate::id::{AccountId, GrantArn};
use crate::organization::Principal;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

use super::VISIBILITY_WAIT;
use super::families::Families;

/// Who made a grant
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    /// Known to the ledger, by ARN or by the intent in its name
    Us,
    /// Carries our stamp, unknown to the ledger
    UsUnrecorded,
    /// Another deployment's stamp
    OtherDeployment,
    /// Anybody else
    Others,
}

/// A snapshot's grants by principal and by account
#[derive(Debug)]
pub(super) struct View<'a> {
    /// Live grants of ours; of two on one principal the one the ledger holds, else the first by ARN
    pub(super) ours: BTreeMap<Principal, (&'a Grant, Maker)>,
    /// Live grants of anybody else
    pub(super) foreign: BTreeMap<Principal, (&'a Grant, Maker)>,
    /// Live sub-grants of organization or unit grants of ours, by account, and the principal they came through
    pub(super) sub_grants: BTreeMap<&'a AccountId, (&'a Grant, Principal)>,
    /// Accounts in which some grant of the license is ACTIVE, and whether one of these is ours
    pub(super) active: BTreeMap<&'a AccountId, bool>,
    /// Live grants and sub-grants that the accounts' side shows
    pub(super) received: BTreeSet<&'a GrantArn>,
    /// Grants that a listing showed as gone
    pub(super) tombstones: BTreeSet<&'a GrantArn>,
    /// Live distributed grants, whoever made them, and those that calls of ours may have made and no listing shows yet
    pub(super) live_grants: usize,
    /// Principals with an unfinished intent
    intended: BTreeSet<Principal>,
}

impl<'a> View<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let mut view = Self {
            ours: BTreeMap::new(),
            foreign: BTreeMap::new(),
            sub_grants: BTreeMap::new(),
            active: BTreeMap::new(),
            received: BTreeSet::new(),
            tombstones: BTreeSet::new(),
            live_grants: 0,
            intended: intended(snapshot),
        };
        let families = Families::of(snapshot);
        // A listing may show sub-grants beside their parents; they are counted by account, not as grants we made.
        let mut distributed: Vec<&Grant> =
            snapshot.distributed.iter().filter(|grant| !families.is_sub_grant(grant)).collect();
        distributed.sort_by(|one, other| one.arn.cmp(&other.arn));
        let gone = distributed.extract_if(.., |grant| is_gone(snapshot, grant));
        view.tombstones.extend(gone.map(|grant| &grant.arn));
        view.received.extend(snapshot.received.iter().filter(|one| !is_gone(snapshot, one)).map(|one| &one.arn));
        let mut our_arns = BTreeSet::new();
        for grant in distributed {
            if matches!(view.place(snapshot, grant), Some(Maker::Us | Maker::UsUnrecorded)) {
                our_arns.insert(grant.arn.short());
            }
        }
        // The two listings need not agree: what the ledger holds is ours though only the accounts' side shows it.
        our_arns.extend(snapshot.entries.values().filter_map(|entry| entry.arn()).map(GrantArn::short));
        for grant in &snapshot.received {
            let Some(Principal::Account(account)) = &grant.principal else { continue };
            let parent = grant.parent.as_ref().map(GrantArn::short);
            let through = families.through(grant);
            let from_us = our_arns.contains(grant.arn.short())
                || parent.is_some_and(|parent| our_arns.contains(parent))
                || through.is_some()
                || grant.stamp().is_some_and(|stamp| stamp.deployment == snapshot.deployment);
            if grant.status == GrantStatus::Active {
                *view.active.entry(account).or_default() |= from_us;
            }
            if let Some(principal) = through.filter(|_| grant.status.is_live()) {
                let nearer = |(other, _): &(&Grant, Principal)| nearness(grant) > nearness(other);
                if view.sub_grants.get(account).is_none_or(nearer) {
                    view.sub_grants.insert(account, (grant, principal.clone()));
                }
            }
        }
        view.live_grants += snapshot.entries.iter().filter(|(key, entry)| view.is_unseen(snapshot, key, entry)).count();
        view
    }

    /// Whether an entry stands for a grant that may be there although no listing of the holder shows it
    fn is_unseen(&self, snapshot: &Snapshot, key: &EntryKey, entry: &Entry) -> bool {
        let EntryKey::Grant(principal) = key else { return false };
        !self.ours.contains_key(principal) && self.may_be_unlisted(snapshot, entry)
    }

    /// Whether a listing that does not show what the entry stands for may be behind
    pub(super) fn may_be_unlisted(&self, snapshot: &Snapshot, entry: &Entry) -> bool {
        let fresh = |at: &Timestamp| snapshot.now.since(*at) < VISIBILITY_WAIT;
        match &entry.phase {
            Phase::Intended { at, .. } => fresh(at),
            Phase::Held { arn, at, .. } => !self.tombstones.contains(arn) && (fresh(at) || self.received.contains(arn)),
            Phase::Refused { .. } | Phase::Closed { .. } => false,
        }
    }

    /// Whether a grant of an earlier life may be listed only because the listing is behind: going back to it would lose
    /// sight of what its successor's call has made, and a third would be made once it is seen to be gone
    fn may_be_outlived(&self, snapshot: &Snapshot, entry: &Entry, grant: &Grant) -> bool {
        let present = match &entry.phase {
            Phase::Intended { intent, .. } => grant.stamp().is_some_and(|stamp| stamp.intent == *intent),
            Phase::Held { arn, .. } => grant.arn == *arn,
            Phase::Refused { .. } | Phase::Closed { .. } => false,
        };
        !present && self.may_be_unlisted(snapshot, entry)
    }

    /// Sorts a live grant in and answers who made it
    fn place(&mut self, snapshot: &Snapshot, grant: &'a Grant) -> Option<Maker> {
        self.live_grants += 1;
        let principal = grant.principal.as_ref()?;
        let maker = maker(snapshot, principal, grant);
        match maker {
            Maker::Us => {
                let entry = snapshot.entries.get(&EntryKey::Grant(principal.clone()));
                if entry.is_some_and(|entry| self.may_be_outlived(snapshot, entry, grant)) {
                    return Some(maker);
                }
                let held = entry.and_then(|entry| entry.arn()) == Some(&grant.arn);
                if held || !matches!(self.ours.get(principal), Some((_, Maker::Us))) {
                    self.ours.insert(principal.clone(), (grant, maker));
                }
            }
            Maker::UsUnrecorded => {
                self.ours.entry(principal.clone()).or_insert((grant, maker));
            }
            Maker::OtherDeployment | Maker::Others => {
                self.foreign.entry(principal.clone()).or_insert((grant, maker));
            }
        }
        Some(maker)
    }

    /// Whether a live sub-grant came to an account through this principal
    pub(super) fn reaches(&self, principal: &Principal, account: &AccountId) -> bool {
        self.sub_grants.get(account).is_some_and(|(_, through)| through == principal)
    }

    /// Principals that a grant of ours or an unfinished intent is for
    pub(super) fn principals(&self) -> BTreeSet<Principal> {
        self.ours.keys().chain(&self.intended).cloned().collect()
    }
}

/// How near a sub-grant is to being used, where an account has several: by an organization's grant and by its unit's
fn nearness(grant: &Grant) -> u8 {
    match &grant.status {
        GrantStatus::Active => 2,
        GrantStatus::Disabled | GrantStatus::PendingAccept | GrantStatus::PendingWorkflow => 1,
        GrantStatus::Rejected
        | GrantStatus::FailedWorkflow
        | GrantStatus::PendingDelete
        | GrantStatus::Deleted
        | GrantStatus::WorkflowCompleted
        | GrantStatus::Unknown(_) => 0,
    }
}

/// Whether a grant is no more: a tombstone, one that we had deleted and that reads as if it had been distributed, or a
/// rejected one that was given up and could not be deleted
pub(super) fn is_gone(snapshot: &Snapshot, grant: &Grant) -> bool {
    let entry = || snapshot.entries.get(&EntryKey::Grant(grant.principal.clone()?));
    let recalled = || entry().is_some_and(|entry| entry.recalled.as_ref() == Some(&grant.arn));
    let given_up = || entry().is_some_and(|entry| entry.given_up.contains(&grant.arn));
    !grant.status.is_live()
        || (grant.status == GrantStatus::WorkflowCompleted && recalled())
        || (grant.status == GrantStatus::Rejected && given_up())
}

fn intended(snapshot: &Snapshot) -> BTreeSet<Principal> {
    let unfinished = snapshot.entries.iter().filter(|(_, entry)| entry.intent().is_some() && entry.arn().is_none());
    unfinished
        .filter_map(|(key, _)| match key {
            EntryKey::Grant(principal) => Some(principal.clone()),
            EntryKey::SubGrant(_) => None,
        })
        .collect()
}

/// Who made a grant, by what the ledger knows of its principal
pub(super) fn maker(snapshot: &Snapshot, principal: &Principal, grant: &Grant) -> Maker {
    let entry = snapshot.entries.get(&EntryKey::Grant(principal.clone()));
    if entry.and_then(|entry| entry.arn()) == Some(&grant.arn) {
        return Maker::Us;
    }
    match grant.stamp() {
        Some(stamp) if stamp.deployment != snapshot.deployment => Maker::OtherDeployment,
        Some(stamp) if entry.is_some_and(|entry| entry.knows(&stamp.intent)) => Maker::Us,
        Some(_) => Maker::UsUnrecorded,
        None => Maker::Others,
    }
}
