//! A ledger that was lost or set back: grants that carry our stamp are written down again

use std::collections::BTreeMap;

use crate::entry::{Entry, EntryKey, Phase};
use crate::grant::{Grant, GrantStatus, Stamp};
use crate::id::Intent;
use crate::organization::Principal;
use crate::plan::families::Families;
use crate::plan::view::{Maker, View, is_gone, maker};
use crate::snapshot::Snapshot;

use super::{Amendment, Proposal, tried};

/// The entries that live grants with the stamp of this deployment would have, where the ledger knows nothing of them
///
/// Of several that claim the same principal or the same intent none is written: which of them a call of ours made, no
/// listing tells. Names can be copied. What was rejected or is being deleted gives way to what stands beside it.
#[must_use]
pub fn rebuild(snapshot: &Snapshot) -> Proposal {
    let mut proposal = Proposal::new(snapshot.license.arn.id());
    let view = View::of(snapshot);
    let unknown = unknown(snapshot);
    let mut claims: BTreeMap<&Principal, Vec<&Claim<'_>>> = BTreeMap::new();
    let mut intents: BTreeMap<&Intent, usize> = BTreeMap::new();
    for claim in &unknown {
        *intents.entry(&claim.stamp.intent).or_default() += 1;
        match &claim.grant.principal {
            Some(principal) => claims.entry(principal).or_default().push(claim),
            None => proposal.leave("?", Some(&claim.grant.arn), "it is made to nobody of this organization"),
        }
    }
    for (principal, claims) in claims {
        let chosen = chosen(&claims).ok_or(Obstacle::SeveralHere).and_then(|chosen| {
            let copied = intents.get(&chosen.stamp.intent).is_some_and(|count| *count > 1);
            if copied {
                return Err(Obstacle::Copied);
            }
            replaced(snapshot, &view, principal, chosen).map(|held| (chosen, held))
        });
        match chosen {
            Ok((chosen, held)) => {
                let others: Vec<&Grant> =
                    claims.iter().map(|claim| claim.grant).filter(|grant| grant.arn != chosen.grant.arn).collect();
                for other in &others {
                    let why = format!("{}: it gives way to the other grant", other.status);
                    proposal.leave_in_order(principal, Some(&other.arn), why);
                }
                let outlived = others.into_iter().chain(held);
                proposal.amendments.push(recorded(snapshot, principal, chosen, outlived));
            }
            Err(obstacle) => obstacle.leave(&mut proposal, principal, &claims),
        }
    }
    proposal
}

/// What keeps a grant from being recorded
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    SeveralHere,
    Copied,
    Held,
    Outlived,
    Unlisted,
}

impl Obstacle {
    fn leave(self, proposal: &mut Proposal, principal: &Principal, claims: &[&Claim<'_>]) {
        let why = match self {
            Self::SeveralHere => "several grants with our stamp stand on this principal: delete all but one of them",
            Self::Copied => "several grants carry this very stamp, which only one can have been made with",
            Self::Held => "the ledger holds another grant of ours on this principal: delete one of the two",
            Self::Outlived => "it has come to its end, and the ledger holds another grant of ours on this principal",
            Self::Unlisted => "the ledger knows of a grant that may not be listed yet: ask again in some minutes",
        };
        for claim in claims {
            match self {
                Self::Outlived => proposal.leave_in_order(principal, Some(&claim.grant.arn), why),
                Self::SeveralHere | Self::Copied | Self::Held | Self::Unlisted => {
                    proposal.leave(principal, Some(&claim.grant.arn), why);
                }
            }
        }
    }
}

/// A live grant with our stamp that no entry knows
struct Claim<'a> {
    grant: &'a Grant,
    stamp: Stamp,
}

/// Whether a grant has come to its end, or is about to
fn is_ending(grant: &Grant) -> bool {
    matches!(grant.status, GrantStatus::Rejected | GrantStatus::PendingDelete)
}

/// The one that stands; where all have come to their end, a rejected one, which a person may want tried again
fn chosen<'a, 'b>(claims: &[&'b Claim<'a>]) -> Option<&'b Claim<'a>> {
    let mut standing = claims.iter().copied().filter(|claim| !is_ending(claim.grant));
    match (standing.next(), standing.next()) {
        (Some(one), None) => Some(one),
        (Some(_), Some(_)) => None,
        (None, _) => {
            let rejected = claims.iter().find(|claim| claim.grant.status == GrantStatus::Rejected);
            rejected.or(claims.first()).copied()
        }
    }
}

/// Live grants with our stamp that no entry knows, in the order of their ARNs
fn unknown(snapshot: &Snapshot) -> Vec<Claim<'_>> {
    let families = Families::of(snapshot);
    let of_places: Vec<Stamp> =
        snapshot.distributed.iter().filter(|grant| is_to_a_place(grant)).filter_map(Grant::stamp).collect();
    // A sub-grant repeats its parent's name, and what its ParentArn says is not documented.
    let is_sub_grant = |grant: &Grant, stamp: &Stamp| {
        let repeats = of_places.iter().any(|place| place.intent == stamp.intent);
        families.is_sub_grant(grant) || (!is_to_a_place(grant) && repeats)
    };
    let mut unknown: Vec<Claim<'_>> = snapshot
        .distributed
        .iter()
        .filter(|grant| !is_gone(snapshot, grant))
        .filter_map(|grant| Some(Claim { grant, stamp: grant.stamp()? }))
        .filter(|claim| claim.stamp.deployment == snapshot.deployment)
        .filter(|claim| !is_sub_grant(claim.grant, &claim.stamp))
        .filter(|claim| match &claim.grant.principal {
            Some(principal) => maker(snapshot, principal, claim.grant) == Maker::UsUnrecorded,
            None => true,
        })
        .collect();
    unknown.sort_by(|one, other| one.grant.arn.cmp(&other.grant.arn));
    unknown
}

fn is_to_a_place(grant: &Grant) -> bool {
    match &grant.principal {
        Some(Principal::Organization | Principal::Unit(_)) => true,
        Some(Principal::Account(_)) | None => false,
    }
}

/// The grant that the ledger holds on the principal and that gives way, if there is one; or why it may be right all the
/// same
fn replaced<'a>(
    snapshot: &Snapshot,
    view: &View<'a>,
    principal: &Principal,
    chosen: &Claim<'_>,
) -> Result<Option<&'a Grant>, Obstacle> {
    let Some(entry) = snapshot.entries.get(&EntryKey::Grant(principal.clone())) else { return Ok(None) };
    match view.ours.get(principal) {
        Some((held, Maker::Us)) if is_ending(held) && !is_ending(chosen.grant) => Ok(Some(held)),
        Some((_, Maker::Us)) if is_ending(chosen.grant) => Err(Obstacle::Outlived),
        Some((_, Maker::Us)) => Err(Obstacle::Held),
        Some((_, Maker::UsUnrecorded | Maker::OtherDeployment | Maker::Others)) | None
            if view.may_be_unlisted(snapshot, entry) =>
        {
            Err(Obstacle::Unlisted)
        }
        Some((_, Maker::UsUnrecorded | Maker::OtherDeployment | Maker::Others)) | None => Ok(None),
    }
}

fn recorded<'a>(
    snapshot: &Snapshot,
    principal: &Principal,
    chosen: &Claim<'a>,
    outlived: impl Iterator<Item = &'a Grant>,
) -> Amendment {
    let Claim { grant, stamp } = chosen;
    let key = EntryKey::Grant(principal.clone());
    let previous = snapshot.entries.get(&key);
    let rule = snapshot.policy.rules.iter().find(|rule| rule.id == stamp.rule);
    let version = rule.map(|rule| rule.version.clone()).unwrap_or_default();
    let phase = Phase::Held { intent: Some(stamp.intent.clone()), arn: grant.arn.clone(), at: snapshot.now };
    let mut entry = Entry::new(previous, stamp.rule.clone(), version, phase);
    entry.activation = tried(&grant.status, principal, snapshot.now);
    for grant in outlived.chain([*grant]) {
        match (&grant.status, grant.arn == chosen.grant.arn) {
            // Once gone it may read as if it had been distributed.
            (GrantStatus::PendingDelete, _) => entry.recalled = Some(grant.arn.clone()),
            (GrantStatus::Rejected, false) => entry.give_up(&grant.arn),
            (
                GrantStatus::Rejected
                | GrantStatus::PendingWorkflow
                | GrantStatus::PendingAccept
                | GrantStatus::Active
                | GrantStatus::FailedWorkflow
                | GrantStatus::Deleted
                | GrantStatus::Disabled
                | GrantStatus::WorkflowCompleted
                | GrantStatus::Unknown(_),
                _,
            ) => {}
        }
    }
    Amendment {
        what: format!("recorded as ours, {}, made for rule {}", grant.status, stamp.rule),
        grant: Some(grant.arn.clone()),
        expected: previous.map(|previous| previous.revision),
        key,
        entry,
    }
}
