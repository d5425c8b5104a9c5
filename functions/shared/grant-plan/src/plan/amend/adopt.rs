//! Taking over a grant that somebody made by hand: from then on it is treated as one of ours

use std::collections::BTreeSet;

use crate::desired::{Desired, Settings, desired};
use crate::entry::{Entry, EntryKey, Phase};
use crate::grant::{Grant, GrantStatus};
use crate::id::GrantArn;
use crate::organization::{Organization, Principal};
use crate::plan::families::Families;
use crate::plan::view::{Maker, View, is_gone, maker};
use crate::snapshot::Snapshot;

use super::{Amendment, Proposal, tried};

/// Which grants are meant
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Every one that somebody else made
    All,
    /// This one
    Grant(GrantArn),
    /// What stands on this principal
    Principal(Principal),
}

impl Which {
    fn takes(&self, grant: &Grant) -> bool {
        match self {
            Self::All => true,
            Self::Grant(arn) => grant.arn == *arn,
            Self::Principal(principal) => grant.principal.as_ref() == Some(principal),
        }
    }
}

/// The entries by which hand-made grants become ours, and why others do not
///
/// Only what a rule asks for as it stands is taken over: it is activated, and would be taken away, like any other.
#[must_use]
pub fn adopt(snapshot: &Snapshot, which: &Which) -> Proposal {
    let mut proposal = Proposal::new(snapshot.license.arn.id());
    let (view, families) = (View::of(snapshot), Families::of(snapshot));
    let desired = desired(&snapshot.policy, &snapshot.organization, &snapshot.license, snapshot.now);
    let mut meant: Vec<&Grant> =
        snapshot.distributed.iter().filter(|grant| which.takes(grant) && !is_gone(snapshot, grant)).collect();
    meant.sort_by(|one, other| one.arn.cmp(&other.arn));
    let is_foreign = |grant: &Grant| {
        let maker = grant.principal.as_ref().map(|principal| maker(snapshot, principal, grant));
        !families.is_sub_grant(grant) && maker.is_none_or(|maker| maker == Maker::Others)
    };
    if *which == Which::All {
        meant.retain(|grant| is_foreign(grant));
    }
    for grant in &meant {
        if let Some(principal) = &grant.principal
            && maker(snapshot, principal, grant) == Maker::Us
        {
            proposal.leave_in_order(principal, Some(&grant.arn), "it is ours already");
            continue;
        }
        match taken_over(snapshot, &view, &families, &desired, grant) {
            Ok(amendment) => proposal.amendments.push(amendment),
            Err(why) => match &grant.principal {
                Some(principal) => proposal.leave(principal, Some(&grant.arn), why),
                None => proposal.leave("?", Some(&grant.arn), why),
            },
        }
    }
    if meant.is_empty() {
        match which {
            Which::All => {}
            Which::Grant(arn) => {
                let received = snapshot.received.iter().find(|grant| grant.arn == *arn);
                let to =
                    received.and_then(|grant| grant.principal.as_ref()).map_or("?".to_owned(), ToString::to_string);
                proposal.leave(
                    to,
                    Some(arn),
                    match received {
                        Some(_) => {
                            "it came of a grant to a whole place, or another account made it: adopt what it came of"
                        }
                        None => "this account has made no such grant of the license, or it is gone",
                    },
                );
            }
            Which::Principal(principal) => proposal.leave(principal, None, "no grant of the license stands on it"),
        }
    }
    proposal
}

fn taken_over(
    snapshot: &Snapshot,
    view: &View<'_>,
    families: &Families<'_>,
    desired: &Desired,
    grant: &Grant,
) -> Result<Amendment, String> {
    let principal = grant.principal.as_ref().filter(|principal| is_inside(principal, &snapshot.organization));
    let Some(principal) = principal else { return Err("it is made to nobody of this organization".to_owned()) };
    if families.is_sub_grant(grant) {
        return Err("it came of a grant to a whole place: adopt that one".to_owned());
    }
    match maker(snapshot, principal, grant) {
        Maker::Others | Maker::Us => {}
        Maker::UsUnrecorded => return Err("it carries our stamp: `grantctl ledger rebuild` records it".to_owned()),
        Maker::OtherDeployment => {
            return Err("another deployment of Grantway made it: let one own the license".to_owned());
        }
    }
    let key = EntryKey::Grant(principal.clone());
    let previous = snapshot.entries.get(&key);
    if view.ours.contains_key(principal) || previous.is_some_and(|entry| view.may_be_unlisted(snapshot, entry)) {
        return Err("a grant of ours stands on the principal, or is being made".to_owned());
    }
    if grant.status == GrantStatus::PendingDelete {
        return Err("it is being deleted".to_owned());
    }
    let is_beside = |other: &&Grant| other.arn != grant.arn && other.principal == grant.principal;
    let mut beside = snapshot.distributed.iter().filter(is_beside).filter(|other| !families.is_sub_grant(other));
    if beside.any(|other| !is_gone(snapshot, other)) {
        return Err("another grant that is not ours stands on the principal, and would stay in the way".to_owned());
    }
    let settings = asked_for(desired, principal)?;
    let allowed: BTreeSet<String> = settings.narrow(snapshot.license.grantable_operations()).into_iter().collect();
    let wider: Vec<&str> = grant.operations.difference(&allowed).map(String::as_str).collect();
    if !wider.is_empty() {
        return Err(format!("it allows {}, which rule {} does not", wider.join(", "), settings.rule));
    }
    let phase = Phase::Held { intent: None, arn: grant.arn.clone(), at: snapshot.now };
    let mut entry = Entry::new(previous, settings.rule.clone(), settings.version.clone(), phase);
    entry.activation = tried(&grant.status, principal, snapshot.now);
    Ok(Amendment {
        what: format!("taken over, {}, for rule {}", grant.status, settings.rule),
        grant: Some(grant.arn.clone()),
        expected: previous.map(|previous| previous.revision),
        key,
        entry,
    })
}

/// Whether the principal is the organization, a top-level unit or an account of it
fn is_inside(principal: &Principal, organization: &Organization) -> bool {
    match principal {
        Principal::Organization => true,
        Principal::Unit(unit) => organization.units.contains_key(unit),
        Principal::Account(account) => organization.accounts.contains_key(account),
    }
}

/// How a rule asks for exactly this principal
fn asked_for<'a>(desired: &'a Desired, principal: &Principal) -> Result<&'a Settings, String> {
    match principal {
        Principal::Account(account) => desired.accounts.get(account).ok_or_else(|| {
            match (desired.denied.get(account), desired.left.contains_key(account)) {
                (Some(by), _) => format!("rule {} denies it to the account", by.rule),
                (None, true) => "the account is left as it is: see `grantctl explain`".to_owned(),
                (None, false) => "no rule asks for the license in the account".to_owned(),
            }
        }),
        Principal::Organization => {
            desired.whole_organization.as_ref().ok_or_else(|| "no rule asks for the whole organization".to_owned())
        }
        Principal::Unit(unit) => {
            desired.whole_units.get(unit).ok_or_else(|| "no rule asks for the whole unit".to_owned())
        }
    }
}
