//! The decision about one principal: a total match over (wanted, observed, remembered)

use crate::action::{Action, Create};
use crate::budget::Budget;
use crate::call::Override;
use crate::desired::Settings;
use crate::entry::{Entry, EntryKey, Phase};
use crate::grant::{Grant, GrantStatus};
use crate::organization::Principal;
use crate::reason::{ReasonCode, Standing};
use crate::rule::Activation;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

use super::VISIBILITY_WAIT;
use super::activation::{activate, ask_grantee, distributed, pending};
use super::contest::{answered, is_switched_off};
use super::ladder::{Due, due};
use super::view::{Maker, View};
use super::withdrawal;

/// What to do about one principal, and in what state its accounts are meanwhile
#[derive(Debug, Clone, Default)]
pub(super) struct Decision {
    pub(super) action: Option<Action>,
    /// Code and, where it differs from the code's own, when to look again
    pub(super) state: Option<(ReasonCode, Option<Timestamp>)>,
    pub(super) detail: Option<String>,
}

impl Decision {
    pub(super) fn hold(code: ReasonCode) -> Self {
        Self { action: None, state: Some((code, None)), detail: None }
    }

    /// What an account under this grant waits for; the action itself belongs to the grant
    pub(super) fn state_only(&self) -> Self {
        Self { action: None, state: self.state, detail: self.detail.clone() }
    }

    pub(super) fn act(action: Action, code: ReasonCode) -> Self {
        Self { action: Some(action), state: Some((code, None)), detail: None }
    }

    pub(super) fn until(code: ReasonCode, at: Timestamp) -> Self {
        Self { action: None, state: Some((code, Some(at))), detail: None }
    }

    /// When something changes by itself while the code stays
    pub(super) fn waits_until(&self) -> Option<Timestamp> {
        self.state.and_then(|(code, at)| at.filter(|_| code.standing() == Standing::Settled))
    }

    fn note(action: Action) -> Self {
        Self { action: Some(action), state: None, detail: None }
    }
}

/// The whole table. `None` in the last column is no entry; a closed entry is the memory of an earlier life
pub(super) fn decide(
    snapshot: &Snapshot,
    view: &View<'_>,
    principal: &Principal,
    wanted: Option<&Settings>,
) -> Decision {
    let observed = view.ours.get(principal).copied();
    let entry = snapshot.entries.get(&EntryKey::Grant(principal.clone()));
    let key = || EntryKey::Grant(principal.clone());
    let now = snapshot.now;
    match (wanted, observed, entry.map(|entry| (entry, &entry.phase))) {
        (None, None, None | Some((_, Phase::Closed { .. } | Phase::Refused { .. }))) => Decision::default(),
        (None, None, Some((_, Phase::Intended { at, .. }))) => {
            if now.since(*at) < VISIBILITY_WAIT {
                Decision::until(ReasonCode::IntentUnresolved, at.after(VISIBILITY_WAIT))
            } else {
                Decision::note(Action::Close {
                    key: key(),
                    because: "nothing came of it and nobody asks for it".into(),
                })
            }
        }
        // The accounts' side shows what the grantor's listing does not: one of the two is behind.
        (_, None, Some((_, Phase::Held { arn, .. }))) if view.received.contains(arn) => {
            Decision::hold(ReasonCode::NotVisibleYet)
        }
        (None, None, Some((_, Phase::Held { arn, at, .. }))) => {
            if view.tombstones.contains(arn) || now.since(*at) >= VISIBILITY_WAIT {
                Decision::note(Action::Close { key: key(), because: "the grant is gone".into() })
            } else {
                Decision::hold(ReasonCode::NotVisibleYet)
            }
        }
        // Made by the present intent or by an earlier one that was given up too soon.
        (
            _,
            Some((grant, Maker::Us)),
            Some((_, Phase::Intended { .. } | Phase::Refused { .. } | Phase::Closed { .. })),
        ) => Decision {
            action: Some(Action::Record { principal: principal.clone(), grant: grant.clone() }),
            state: Some((ReasonCode::WorkflowPending, None)),
            detail: None,
        },
        (None, Some((_, Maker::Us)), Some((entry, Phase::Held { .. }))) => unwanted(snapshot, key(), entry),
        (Some(settings), None, None | Some((_, Phase::Closed { .. }))) => create(snapshot, principal, settings),
        (Some(settings), None, Some((_, Phase::Refused { reason, detail, at }))) => match reason.next_look(*at) {
            Some(again) if again > now => {
                Decision { action: None, state: Some((*reason, Some(again))), detail: Some(detail.clone()) }
            }
            Some(_) | None => create(snapshot, principal, settings),
        },
        (Some(settings), None, Some((_, Phase::Intended { at, .. }))) => {
            if now.since(*at) < VISIBILITY_WAIT {
                Decision::until(ReasonCode::IntentUnresolved, at.after(VISIBILITY_WAIT))
            } else {
                let create = creation(snapshot, principal, settings);
                Decision::act(Action::Repeat(create), ReasonCode::IntentUnresolved)
            }
        }
        (Some(settings), None, Some((entry, Phase::Held { arn, at, .. }))) => {
            if view.tombstones.contains(arn) {
                // Deleted by somebody else, unless we asked for it.
                let undone = entry.recalled.as_ref() != Some(arn);
                answered(now, key(), Some(entry), undone, |_| create(snapshot, principal, settings))
            } else if now.since(*at) >= VISIBILITY_WAIT {
                create(snapshot, principal, settings)
            } else {
                Decision::until(ReasonCode::NotVisibleYet, at.after(VISIBILITY_WAIT))
            }
        }
        (Some(settings), Some((grant, Maker::Us)), Some((entry, Phase::Held { .. }))) => {
            if entry.unwanted_since.is_some() {
                return Decision {
                    action: Some(Action::NoteUnwanted { key: key(), since: None, of: None }),
                    state: Some((ReasonCode::Activating, None)),
                    detail: None,
                };
            }
            keep(snapshot, view, principal, settings, grant, entry)
        }
        // Our stamp, but not by an intent this ledger knows: kept and shown, never touched.
        (_, Some((_, Maker::Us | Maker::UsUnrecorded)), _) => Decision::hold(ReasonCode::StampWithoutEntry),
        (_, Some((_, Maker::OtherDeployment)), _) => Decision::hold(ReasonCode::OtherDeployment),
        (_, Some((_, Maker::Others)), _) => Decision::hold(ReasonCode::ForeignNotActive),
    }
}

/// A grant of ours to a place that it is exact for no longer, and that serves somebody: it stays, and nothing is done to
/// it as a whole; each account that is wanted is treated by itself
pub(super) fn keep_as_is(snapshot: &Snapshot, view: &View<'_>, principal: &Principal) -> Decision {
    let key = EntryKey::Grant(principal.clone());
    match (view.ours.get(principal), snapshot.entries.get(&key)) {
        (Some((_, Maker::Us)), Some(Entry { phase: Phase::Held { .. }, unwanted_since, .. })) => match unwanted_since {
            Some(_) => Decision::note(Action::NoteUnwanted { key, since: None, of: None }),
            None => Decision::default(),
        },
        _ => decide(snapshot, view, principal, None),
    }
}

/// A grant of ours that is wanted, by its status
fn keep(
    snapshot: &Snapshot,
    view: &View<'_>,
    principal: &Principal,
    settings: &Settings,
    grant: &Grant,
    entry: &Entry,
) -> Decision {
    let key = EntryKey::Grant(principal.clone());
    match (&grant.status, principal) {
        (GrantStatus::PendingWorkflow, Principal::Account(account)) => {
            pending(snapshot, key, Some(entry), Some(account), grant, settings)
        }
        (GrantStatus::PendingWorkflow, Principal::Organization | Principal::Unit(_)) => {
            pending(snapshot, key, Some(entry), None, grant, settings)
        }
        (GrantStatus::PendingAccept, Principal::Account(account)) => {
            ask_grantee(snapshot, key, Some(entry), account, grant, settings, ReasonCode::AwaitingAcceptance)
        }
        (GrantStatus::Disabled, _) if settings.activation == Activation::Manual => {
            Decision::hold(ReasonCode::ManualActivation)
        }
        (GrantStatus::Disabled, _) => {
            let undone = is_switched_off(snapshot, view, principal, entry);
            answered(snapshot.now, key.clone(), Some(entry), undone, |entry| match principal {
                Principal::Account(account) if entry.is_some_and(|entry| entry.by_grantee) => {
                    ask_grantee(snapshot, key, entry, account, grant, settings, ReasonCode::AwaitingGrantee)
                }
                Principal::Account(_) | Principal::Unit(_) | Principal::Organization => {
                    activate(snapshot, key, entry, grant, settings)
                }
            })
        }
        (GrantStatus::Active, Principal::Account(_)) => Decision::hold(ReasonCode::Activating),
        // Distribution ended, which says nothing about any account: activate unless that was asked for, then each
        // account's sub-grant is looked at by itself.
        (GrantStatus::Active | GrantStatus::WorkflowCompleted, Principal::Organization | Principal::Unit(_)) => {
            if entry.activation.count == 0 {
                activate(snapshot, key, Some(entry), grant, settings)
            } else {
                distributed(snapshot, view, principal, settings, grant, entry)
            }
        }
        // An end, until a person wants another try.
        (GrantStatus::Rejected, _)
            if entry.retried.as_ref() == Some(&grant.arn) && !in_use(snapshot, view, principal, grant) =>
        {
            give_up(principal, grant)
        }
        (GrantStatus::Rejected, _) => Decision::hold(ReasonCode::Rejected),
        // Some accounts were reached: deleting would take the license from them.
        (GrantStatus::FailedWorkflow, _) if in_use(snapshot, view, principal, grant) => {
            Decision { detail: grant.status_reason.clone(), ..Decision::hold(ReasonCode::FailedWorkflow) }
        }
        (GrantStatus::FailedWorkflow, _) => give_up(principal, grant),
        (GrantStatus::PendingDelete | GrantStatus::Deleted, _) => Decision::hold(ReasonCode::Deleting),
        (GrantStatus::PendingAccept, Principal::Organization | Principal::Unit(_))
        | (GrantStatus::WorkflowCompleted, Principal::Account(_))
        | (GrantStatus::Unknown(_), _) => Decision::hold(ReasonCode::UnknownStatus),
    }
}

/// Nothing comes of it any more: it goes, and a new one is made when it is gone
fn give_up(principal: &Principal, grant: &Grant) -> Decision {
    let (arn, version) = (grant.arn.clone(), grant.version.clone());
    let rejected = grant.status == GrantStatus::Rejected;
    let delete = Action::DeleteFailed { principal: principal.clone(), arn, version, rejected };
    Decision { detail: grant.status_reason.clone(), ..Decision::act(delete, ReasonCode::Deleting) }
}

/// Whether the grant, or a sub-grant of it, is ACTIVE in some account
pub(super) fn in_use(snapshot: &Snapshot, view: &View<'_>, principal: &Principal, grant: &Grant) -> bool {
    let itself = |received: &Grant| received.status == GrantStatus::Active && received.arn == grant.arn;
    let beneath =
        |(sub_grant, through): &(&Grant, Principal)| sub_grant.status == GrantStatus::Active && through == principal;
    snapshot.received.iter().any(itself) || view.sub_grants.values().any(beneath)
}

fn unwanted(snapshot: &Snapshot, key: EntryKey, entry: &Entry) -> Decision {
    let state = Some((ReasonCode::NoLongerWanted, None));
    // While a rule cannot be read, or much of what there was is gone, nobody knows whether the grant is unwanted.
    if entry.unwanted_since.is_some() || !withdrawal::is_known(snapshot) {
        return Decision { action: None, state, detail: None };
    }
    Decision { action: Some(Action::NoteUnwanted { key, since: Some(snapshot.now), of: None }), state, detail: None }
}

/// Leaves out that nobody asks for the grant any more: of a pair that is left as it is, nobody knows
pub(super) fn not_noted(decision: Decision) -> Decision {
    match &decision.action {
        Some(Action::NoteUnwanted { since: Some(_), .. }) => Decision::default(),
        Some(
            Action::NoteUnwanted { since: None, .. }
            | Action::Create(_)
            | Action::Repeat(_)
            | Action::Record { .. }
            | Action::Activate { .. }
            | Action::AskGrantee { .. }
            | Action::DeleteFailed { .. }
            | Action::SwitchOff { .. }
            | Action::Retire { .. }
            | Action::NoteTerms { .. }
            | Action::NoteServed { .. }
            | Action::Close { .. }
            | Action::NoteContested { .. },
        )
        | None => decision,
    }
}

fn create(snapshot: &Snapshot, principal: &Principal, settings: &Settings) -> Decision {
    let entry = snapshot.entries.get(&EntryKey::Grant(principal.clone()));
    // What failed a moment ago fails again.
    if let Some((Due::At(at), _)) = entry.map(|entry| due(entry.failed, snapshot.now)) {
        return Decision::until(ReasonCode::FailedWorkflow, at);
    }
    Decision::act(Action::Create(creation(snapshot, principal, settings)), ReasonCode::Creating)
}

fn creation(snapshot: &Snapshot, principal: &Principal, settings: &Settings) -> Create {
    Create {
        principal: principal.clone(),
        principal_arn: principal.arn(&snapshot.organization),
        license: snapshot.license.arn.as_str().to_owned(),
        home_region: snapshot.license.home_region.clone(),
        operations: settings.narrow(snapshot.license.grantable_operations()),
        rule: settings.rule.clone(),
        rule_version: settings.version.clone(),
        revoke: withdrawal::word(snapshot, &settings.rule).unwrap_or_default(),
        served: None,
        activate: match principal {
            Principal::Organization | Principal::Unit(_) => Some(Override::DistributedGrantsOnly),
            // DesiredStatus is refused on account principals (CreateGrant, `Options.DesiredStatus`).
            Principal::Account(_) => None,
        },
        if_refused: match principal {
            Principal::Account(account) if snapshot.is_beyond(account) => ReasonCode::ManagementNotGrantable,
            Principal::Account(_) | Principal::Organization | Principal::Unit(_) => ReasonCode::CallRefused,
        },
        heals: false,
    }
}

/// Turns a creation that would exceed the budget into a hold
pub(super) fn within_budget(decision: Decision, budget: &mut Budget) -> Decision {
    match &decision.action {
        Some(Action::Create(_) | Action::Repeat(_)) => match budget.take() {
            true => decision,
            false => Decision::hold(ReasonCode::GrantBudget),
        },
        Some(
            Action::Record { .. }
            | Action::Activate { .. }
            | Action::AskGrantee { .. }
            | Action::DeleteFailed { .. }
            | Action::Close { .. }
            | Action::SwitchOff { .. }
            | Action::Retire { .. }
            | Action::NoteTerms { .. }
            | Action::NoteServed { .. }
            | Action::NoteUnwanted { .. }
            | Action::NoteContested { .. },
        )
        | None => decision,
    }
}

/// Turns a change into a hold where nothing may be changed; what only corrects the ledger goes on
pub(super) fn withheld(decision: Decision, code: ReasonCode, until: Option<Timestamp>) -> Decision {
    if decision.action.as_ref().is_some_and(Action::writes) {
        Decision { state: Some((code, until)), ..Decision::default() }
    } else {
        decision
    }
}

/// The same while the whole deployment stands still
pub(super) fn unless_still(decision: Decision, still: Option<(ReasonCode, Option<Timestamp>)>) -> Decision {
    match still {
        Some((code, until)) => withheld(decision, code, until),
        None => decision,
    }
}
