//! Grants to single accounts that are to give way to one for the whole place

use super::Proposal;
use crate::cover::exact_place;
use crate::desired::desired;
use crate::entry::{EntryKey, Phase};
use crate::organization::Principal;
use crate::plan::view::{Maker, View};
use crate::snapshot::Snapshot;

/// Which grants to single accounts would give way: those in the organization, or in a top-level unit, for which one grant
/// would be exact
#[must_use]
pub fn consolidate(snapshot: &Snapshot) -> Proposal {
    let mut proposal = Proposal::new(snapshot.license.arn.id());
    let desired = desired(&snapshot.policy, &snapshot.organization, &snapshot.license, snapshot.now);
    let view = View::of(snapshot);
    let foreign = view.foreign.keys().cloned().collect();
    for (principal, (grant, maker)) in &view.ours {
        let account = match principal {
            Principal::Account(account) => account,
            Principal::Organization | Principal::Unit(_) => continue,
        };
        let key = EntryKey::Grant(principal.clone());
        let entry = snapshot.entries.get(&key).filter(|entry| matches!(entry.phase, Phase::Held { .. }));
        let Some(entry) = entry.filter(|_| *maker == Maker::Us) else {
            proposal.leave(principal, Some(&grant.arn), "the ledger does not hold it yet");
            continue;
        };
        match exact_place(&desired, &foreign, account, &snapshot.organization) {
            None => {
                let why = "no grant to a whole place would be right for everybody in it";
                proposal.leave_in_order(principal, Some(&grant.arn), why);
            }
            Some(place) if entry.gives_way => {
                proposal.leave_in_order(principal, Some(&grant.arn), format!("gives way to the grant to {place}"));
            }
            Some(place) => {
                let what = format!(
                    "gives way to the grant to {place}: the account's part of that is activated in its stead, then it is \
                     deleted"
                );
                let entry_then = entry.with(|entry| entry.gives_way = true);
                proposal.amend(key, Some(&grant.arn), what, Some(entry.revision), entry_then);
            }
        }
    }
    proposal
}
