//! Grants to single accounts that give way to the grant of their whole place, because a person wants it so
//!
//! One product has one active grant in an account. So the account's part of the place's grant is activated in the stead of
//! its own grant, which that switches off, and only once this was seen is its own deleted: at no moment of ours is there
//! nothing.

use std::collections::BTreeMap;

use crate::action::Action;
use crate::call::Override;
use crate::desired::Settings;
use crate::entry::{Attempts, EntryKey};
use crate::grant::GrantStatus;
use crate::id::AccountId;
use crate::organization::Principal;
use crate::snapshot::Snapshot;
use crate::time::{Timestamp, minutes};

use super::activation::refused;
use super::key::{Decision, decide};
use super::ladder::{Due, due};
use super::view::{Maker, View};

/// How long one step of it may take to show
const STEP: std::time::Duration = minutes(5);

/// When to look again while something gives way
pub(super) fn next_look(now: Timestamp, giving_way: &BTreeMap<AccountId, Principal>) -> Option<Timestamp> {
    (!giving_way.is_empty()).then(|| now.after(STEP))
}

/// What to do about an account's own grant that is to give way to the one of a place
pub(super) fn of(
    snapshot: &Snapshot,
    view: &View<'_>,
    account: &AccountId,
    place: &Principal,
    settings: &Settings,
) -> Decision {
    let principal = Principal::Account(account.clone());
    let own = match view.ours.get(&principal) {
        Some((own, Maker::Us)) => own,
        Some((_, Maker::UsUnrecorded | Maker::OtherDeployment | Maker::Others)) | None => {
            return decide(snapshot, view, &principal, None);
        }
    };
    let whole = snapshot.entries.get(&EntryKey::Grant(place.clone()));
    let is_activated = whole.is_some_and(|whole| whole.arn().is_some() && whole.activation.count > 0);
    let part = view.sub_grants.get(account).filter(|(_, through)| through == place).map(|(part, _)| *part);
    let Some(part) = part.filter(|_| is_activated) else { return Decision::default() };
    let key = EntryKey::SubGrant(account.clone());
    let entry = snapshot.entries.get(&key).filter(|entry| entry.arn() == Some(&part.arn));
    let action = match (&own.status, &part.status) {
        (GrantStatus::Active, GrantStatus::Disabled) => {
            let attempts = entry.map_or_else(Attempts::default, |entry| entry.activation);
            let is_refused = entry.and_then(|entry| refused(snapshot.now, entry)).is_some();
            let is_due = matches!(due(attempts, snapshot.now), (Due::Now, _)) && !is_refused;
            is_due.then(|| Action::Activate {
                key,
                arn: part.arn.clone(),
                overriding: Override::AllGrantsPermittedByIssuer,
                rule: settings.rule.clone(),
                rule_version: settings.version.clone(),
                heals: false,
            })
        }
        (GrantStatus::Disabled, GrantStatus::Active) => {
            Some(Action::Retire { principal, arn: own.arn.clone(), version: own.version.clone() })
        }
        _ => None,
    };
    Decision { action, ..Decision::default() }
}
