//! A ledger that was lost or set back: grants that carry our stamp are written down again

use std::collections::BTreeMap;

use crate::entry::{Entry, EntryKey, Phase};
use crate::grant::{Grant, GrantStatus, Stamp};
use crate::organization::Principal;
use crate::plan::families::Families;
use crate::plan::view::{Maker, View, is_gone, maker};
use crate::snapshot::Snapshot;

use super::{Amendment, Proposal, tried};

/// The entries that live grants with the stamp of this deployment would have, where the ledger knows nothing of them
///
/// Of several that claim the same principal or the same intent none is written: which of them a call of ours made, no
/// listing tells. Names can be copied.
#[must_use]
pub fn rebuild(snapshot: &Snapshot) -> Proposal {
    let mut proposal = Proposal::new(snapshot.license.arn.id());
    let view = View::of(snapshot);
    let unknown = unknown(snapshot);
    let mut claims: BTreeMap<&Principal, usize> = BTreeMap::new();
    let mut intents: BTreeMap<&str, usize> = BTreeMap::new();
    for (grant, stamp) in &unknown {
        *intents.entry(stamp.intent.as_str()).or_default() += 1;
        if let Some(principal) = &grant.principal {
            *claims.entry(principal).or_default() += 1;
        }
    }
    for (grant, stamp) in &unknown {
        let Some(principal) = &grant.principal else {
            proposal.leave("?", Some(&grant.arn), "it is made to nobody of this organization");
            continue;
        };
        let why = if claims.get(principal).is_some_and(|count| *count > 1) {
            Some("several grants with our stamp stand on this principal: delete all but one in License Manager")
        } else if intents.get(stamp.intent.as_str()).is_some_and(|count| *count > 1) {
            Some("several grants carry this very stamp, which only one can have been made with")
        } else {
            known_otherwise(snapshot, &view, principal)
        };
        match why {
            Some(why) => proposal.leave(principal, Some(&grant.arn), why),
            None => proposal.amendments.push(recorded(snapshot, principal, grant, stamp)),
        }
    }
    proposal
}

/// Live grants with our stamp that no entry knows, in the order of their ARNs
fn unknown(snapshot: &Snapshot) -> Vec<(&Grant, Stamp)> {
    let families = Families::of(snapshot);
    let of_places: Vec<Stamp> =
        snapshot.distributed.iter().filter(|grant| is_to_a_place(grant)).filter_map(Grant::stamp).collect();
    // A sub-grant repeats its parent's name, and what its ParentArn says is not documented.
    let is_sub_grant = |grant: &Grant, stamp: &Stamp| {
        let repeats = of_places.iter().any(|place| place.intent == stamp.intent);
        families.is_sub_grant(grant) || (!is_to_a_place(grant) && repeats)
    };
    let mut unknown: Vec<(&Grant, Stamp)> = snapshot
        .distributed
        .iter()
        .filter(|grant| !is_gone(snapshot, grant))
        .filter_map(|grant| Some((grant, grant.stamp()?)))
        .filter(|(_, stamp)| stamp.deployment == snapshot.deployment)
        .filter(|(grant, stamp)| !is_sub_grant(grant, stamp))
        .filter(|(grant, _)| match &grant.principal {
            Some(principal) => maker(snapshot, principal, grant) == Maker::UsUnrecorded,
            None => true,
        })
        .collect();
    unknown.sort_by(|(one, _), (other, _)| one.arn.cmp(&other.arn));
    unknown
}

fn is_to_a_place(grant: &Grant) -> bool {
    match &grant.principal {
        Some(Principal::Organization | Principal::Unit(_)) => true,
        Some(Principal::Account(_)) | None => false,
    }
}

/// Why what the ledger says of the principal may be right all the same
fn known_otherwise(snapshot: &Snapshot, view: &View<'_>, principal: &Principal) -> Option<&'static str> {
    let entry = snapshot.entries.get(&EntryKey::Grant(principal.clone()))?;
    if matches!(view.ours.get(principal), Some((_, Maker::Us))) {
        return Some(
            "the ledger holds another grant of ours on this principal: delete one of the two in License Manager",
        );
    }
    view.may_be_unlisted(snapshot, entry)
        .then_some("the ledger knows of a grant that may not be listed yet: ask again in some minutes")
}

fn recorded(snapshot: &Snapshot, principal: &Principal, grant: &Grant, stamp: &Stamp) -> Amendment {
    let key = EntryKey::Grant(principal.clone());
    let previous = snapshot.entries.get(&key);
    let rule = snapshot.policy.rules.iter().find(|rule| rule.id == stamp.rule);
    let version = rule.map(|rule| rule.version.clone()).unwrap_or_default();
    let phase = Phase::Held { intent: Some(stamp.intent.clone()), arn: grant.arn.clone(), at: snapshot.now };
    let mut entry = Entry::new(previous, stamp.rule.clone(), version, phase);
    entry.activation = tried(&grant.status, principal, snapshot.now);
    if grant.status == GrantStatus::PendingDelete {
        // Once gone it may read as if it had been distributed.
        entry.recalled = Some(grant.arn.clone());
    }
    Amendment {
        what: format!("recorded as ours, {}, made for rule {}", grant.status, stamp.rule),
        grant: Some(grant.arn.clone()),
        expected: previous.map(|previous| previous.revision),
        key,
        entry,
    }
}
