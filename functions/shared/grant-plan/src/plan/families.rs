//! Which grants are sub-grants, and of which grant of ours

use std::collections::{BTreeMap, BTreeSet};

use crate::entry::EntryKey;
use crate::grant::Grant;
use crate::id::{Deployment, GrantArn, Intent};
use crate::organization::Principal;
use crate::snapshot::Snapshot;

use super::view::{Maker, maker};

/// Parents and stamps by which a sub-grant is known
///
/// What ParentArn of a sub-grant holds is not documented: the organization grant's ARN in one form or another, or the
/// license's. So the number at its end is compared, and where it names no grant, the stamp in the name that a
/// sub-grant repeats.
#[derive(Debug)]
pub(super) struct Families<'a> {
    deployment: &'a Deployment,
    /// Every grant that the holder made
    tops: BTreeSet<&'a str>,
    /// Organization and unit grants that the ledger holds, by their ARN or by the intent in their name
    held: BTreeMap<&'a str, &'a Principal>,
    /// The intents that made them or are about to
    intents: BTreeMap<&'a Intent, &'a Principal>,
}

impl<'a> Families<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let deployment = &snapshot.deployment;
        let mut families = Self { deployment, tops: BTreeSet::new(), held: BTreeMap::new(), intents: BTreeMap::new() };
        for (key, entry) in &snapshot.entries {
            let EntryKey::Grant(principal @ (Principal::Organization | Principal::Unit(_))) = key else { continue };
            families.held.extend(entry.arn().map(|arn| (arn.short(), principal)));
            families.intents.extend(entry.intent().map(|intent| (intent, principal)));
        }
        for grant in &snapshot.distributed {
            families.tops.insert(grant.arn.short());
            if let Some(principal @ (Principal::Organization | Principal::Unit(_))) = &grant.principal
                && grant.status.is_live()
                && maker(snapshot, principal, grant) == Maker::Us
            {
                families.held.insert(grant.arn.short(), principal);
            }
        }
        families
    }

    /// The principal of the grant of ours that a sub-grant came from
    pub(super) fn through(&self, grant: &Grant) -> Option<&'a Principal> {
        let parent = grant.parent.as_ref().map(GrantArn::short);
        if let Some(principal) = parent.and_then(|parent| self.held.get(parent)) {
            return Some(principal);
        }
        // Another grant's: an earlier one of ours, or somebody else's that bears our name.
        if parent.is_some_and(|parent| self.tops.contains(parent)) || self.held.contains_key(grant.arn.short()) {
            return None;
        }
        let Some(Principal::Account(_)) = grant.principal else { return None };
        let stamp = grant.stamp().filter(|stamp| stamp.deployment == *self.deployment)?;
        self.intents.get(&stamp.intent).copied()
    }

    /// Whether a grant came of another one, so that it takes no place of its own
    pub(super) fn is_sub_grant(&self, grant: &Grant) -> bool {
        grant.parent.as_ref().is_some_and(|parent| self.tops.contains(parent.short())) || self.through(grant).is_some()
    }
}
