//! A snapshot's grants, sorted into ours and others'

use std::collections::{BTreeMap, BTreeSet};

use crate::entry::{Entry, EntryKey, Phase};
use crate::grant::{Grant, GrantStatus};
use crate::id::{AccountId, GrantArn};
use crate::organization::Principal;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

use super::VISIBILITY_WAIT;

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
    /// Sub-grants of organization or unit grants of ours, by account
    pub(super) sub_grants: BTreeMap<&'a AccountId, &'a Grant>,
    /// Accounts in which some grant of the license is ACTIVE, and whether one of these is ours
    pub(super) active: BTreeMap<&'a AccountId, bool>,
    /// Live grants and sub-grants that the accounts' side shows
    pub(super) received: BTreeSet<&'a GrantArn>,
    /// ARNs that a listing showed as DELETED
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
        let tops: BTreeSet<&GrantArn> = snapshot.distributed.iter().map(|grant| &grant.arn).collect();
        // A listing may show sub-grants beside their parents; they are counted by account, not as grants we made.
        let is_top = |grant: &Grant| !grant.parent.as_ref().is_some_and(|parent| tops.contains(parent));
        let mut distributed: Vec<&Grant> = snapshot.distributed.iter().filter(|grant| is_top(grant)).collect();
        distributed.sort_by(|one, other| one.arn.cmp(&other.arn));
        for grant in distributed {
            view.place(snapshot, grant);
        }
        // The two listings need not agree: what the ledger holds is ours though only the accounts' side shows it.
        let mut our_arns: BTreeSet<&GrantArn> = view.ours.values().map(|(grant, _)| &grant.arn).collect();
        our_arns.extend(snapshot.entries.values().filter_map(|entry| entry.arn()));
        for grant in &snapshot.received {
            if grant.status.is_live() {
                view.received.insert(&grant.arn);
            }
            let Some(Principal::Account(account)) = &grant.principal else { continue };
            let from_us =
                our_arns.contains(&grant.arn) || grant.parent.as_ref().is_some_and(|parent| our_arns.contains(parent));
            if grant.status == GrantStatus::Active {
                *view.active.entry(account).or_default() |= from_us;
            }
            let is_sub = grant.parent.as_ref().is_some_and(|parent| our_arns.contains(parent));
            if is_sub && grant.status.is_live() {
                view.sub_grants.insert(account, grant);
            }
        }
        view.live_grants += snapshot.entries.iter().filter(|(key, entry)| view.is_unseen(snapshot, key, entry)).count();
        view
    }

    /// Whether an entry stands for a grant that may be there although no listing of the holder shows it
    fn is_unseen(&self, snapshot: &Snapshot, key: &EntryKey, entry: &Entry) -> bool {
        let EntryKey::Grant(principal) = key else { return false };
        let fresh = |at: &Timestamp| snapshot.now.since(*at) < VISIBILITY_WAIT;
        !self.ours.contains_key(principal)
            && match &entry.phase {
                Phase::Intended { at, .. } => fresh(at),
                Phase::Held { arn, at, .. } => {
                    !self.tombstones.contains(arn) && (fresh(at) || self.received.contains(arn))
                }
                Phase::Refused { .. } | Phase::Closed { .. } => false,
            }
    }

    fn place(&mut self, snapshot: &Snapshot, grant: &'a Grant) {
        if !grant.status.is_live() {
            self.tombstones.insert(&grant.arn);
            return;
        }
        self.live_grants += 1;
        let Some(principal) = &grant.principal else { return };
        let maker = maker(snapshot, principal, grant);
        match maker {
            Maker::Us => {
                let entry = snapshot.entries.get(&EntryKey::Grant(principal.clone()));
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
    }

    /// Principals that a grant of ours or an unfinished intent is for
    pub(super) fn principals(&self) -> BTreeSet<Principal> {
        self.ours.keys().chain(&self.intended).cloned().collect()
    }
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

fn maker(snapshot: &Snapshot, principal: &Principal, grant: &Grant) -> Maker {
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
