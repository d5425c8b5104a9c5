//! The decision about one principal: a total match over (wanted, observed, remembered)

use std::collections::BTreeSet;

use crate::action::{Action, Create};
use crate::call::Override;
use crate::desired::Settings;
use crate::entry::{Attempts, Entry, EntryKey, Phase, Report};
use crate::grant::{Grant, GrantStatus};
use crate::id::AccountId;
use crate::organization::Principal;
use crate::reason::ReasonCode;
use crate::rule::Activation;
use crate::snapshot::Snapshot;
use crate::time::{Timestamp, minutes};

use super::VISIBILITY_WAIT;
use super::ladder::{Due, due};
use super::pair::{activate, refused};
use super::view::{Maker, View};

/// How long the account's side has after the first request; each later one waits as much longer, up to an hour
const ASKED_AGAIN: std::time::Duration = minutes(5);

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

    fn act(action: Action, code: ReasonCode) -> Self {
        Self { action: Some(action), state: Some((code, None)), detail: None }
    }

    fn until(code: ReasonCode, at: Timestamp) -> Self {
        Self { action: None, state: Some((code, Some(at))), detail: None }
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
        (Some(settings), None, Some((_, Phase::Refused { reason, detail, at }))) => {
            match reason.look_again().map(|wait| at.after(wait)) {
                Some(again) if again > now => {
                    Decision { action: None, state: Some((*reason, Some(again))), detail: Some(detail.clone()) }
                }
                Some(_) | None => create(snapshot, principal, settings),
            }
        }
        (Some(settings), None, Some((_, Phase::Intended { at, .. }))) => {
            if now.since(*at) < VISIBILITY_WAIT {
                Decision::until(ReasonCode::IntentUnresolved, at.after(VISIBILITY_WAIT))
            } else {
                let create = creation(snapshot, principal, settings);
                Decision::act(Action::Repeat(create), ReasonCode::IntentUnresolved)
            }
        }
        (Some(settings), None, Some((_, Phase::Held { arn, at, .. }))) => {
            if view.tombstones.contains(arn) || now.since(*at) >= VISIBILITY_WAIT {
                create(snapshot, principal, settings)
            } else {
                Decision::until(ReasonCode::NotVisibleYet, at.after(VISIBILITY_WAIT))
            }
        }
        (Some(settings), Some((grant, Maker::Us)), Some((entry, Phase::Held { .. }))) => {
            if entry.unwanted_since.is_some() {
                return Decision {
                    action: Some(Action::NoteUnwanted { key: key(), since: None }),
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
        (GrantStatus::Disabled, Principal::Account(account)) if entry.by_grantee => {
            ask_grantee(snapshot, key, Some(entry), account, grant, settings, ReasonCode::AwaitingGrantee)
        }
        (GrantStatus::Disabled, _) => activate(snapshot.now, key, Some(entry), grant, settings),
        (GrantStatus::Active, Principal::Account(_)) => Decision::hold(ReasonCode::Activating),
        // Distribution ended, which says nothing about any account: activate unless that was asked for, then each
        // account's sub-grant is looked at by itself.
        (GrantStatus::Active | GrantStatus::WorkflowCompleted, Principal::Organization | Principal::Unit(_)) => {
            if entry.activation.count == 0 {
                activate(snapshot.now, key, Some(entry), grant, settings)
            } else {
                distributed(snapshot, &view.reached(principal), key, settings, grant, entry)
            }
        }
        (GrantStatus::Rejected, _) => Decision::hold(ReasonCode::Rejected),
        // Some accounts were reached: deleting would take the license from them.
        (GrantStatus::FailedWorkflow, _) if in_use(snapshot, view, principal, grant) => {
            Decision { detail: grant.status_reason.clone(), ..Decision::hold(ReasonCode::FailedWorkflow) }
        }
        (GrantStatus::FailedWorkflow, _) => {
            let (arn, version) = (grant.arn.clone(), grant.version.clone());
            let delete = Action::DeleteFailed { principal: principal.clone(), arn, version };
            Decision { detail: grant.status_reason.clone(), ..Decision::act(delete, ReasonCode::Deleting) }
        }
        (GrantStatus::PendingDelete | GrantStatus::Deleted, _) => Decision::hold(ReasonCode::Deleting),
        (GrantStatus::PendingAccept, Principal::Organization | Principal::Unit(_))
        | (GrantStatus::WorkflowCompleted, Principal::Account(_))
        | (GrantStatus::Unknown(_), _) => Decision::hold(ReasonCode::UnknownStatus),
    }
}

/// Whether the grant, or a sub-grant of it, is ACTIVE in some account
fn in_use(snapshot: &Snapshot, view: &View<'_>, principal: &Principal, grant: &Grant) -> bool {
    let itself = |received: &Grant| received.status == GrantStatus::Active && received.arn == grant.arn;
    let beneath =
        |(sub_grant, through): &(&Grant, Principal)| sub_grant.status == GrantStatus::Active && through == principal;
    snapshot.received.iter().any(itself) || view.sub_grants.values().any(beneath)
}

/// An organization grant after activation: sub-grants missing for long are asked for by the same call again
fn distributed(
    snapshot: &Snapshot,
    reached: &BTreeSet<&AccountId>,
    key: EntryKey,
    settings: &Settings,
    grant: &Grant,
    entry: &Entry,
) -> Decision {
    if let Some(refused) = refused(snapshot.now, entry) {
        return refused;
    }
    // A joiner's sub-grant takes its time; only one that has been missing for a while is worth the whole call.
    let overdue = snapshot.remembered.iter().any(|(account, remembered)| {
        let waits = if remembered.code == ReasonCode::SubGrantMissing {
            snapshot.now.since(remembered.since) >= minutes(15)
        } else {
            // It was overdue before: only what came of the call, or that none was made, is on top of that.
            matches!(remembered.code, ReasonCode::ActivationStalled | ReasonCode::Paused)
                || entry.refusal.as_ref().is_some_and(|refusal| refusal.code == remembered.code)
        };
        waits && !reached.contains(account)
    });
    if !overdue {
        return Decision::default();
    }
    match due(entry.activation, snapshot.now) {
        (Due::Now, stalled) => {
            let activate = activate(snapshot.now, key, Some(entry), grant, settings);
            let code = if stalled { ReasonCode::ActivationStalled } else { ReasonCode::SubGrantMissing };
            Decision { state: Some((code, None)), ..activate }
        }
        (Due::At(_), stalled) => {
            Decision::hold(if stalled { ReasonCode::ActivationStalled } else { ReasonCode::SubGrantMissing })
        }
    }
}

fn unwanted(snapshot: &Snapshot, key: EntryKey, entry: &Entry) -> Decision {
    let state = Some((ReasonCode::NoLongerWanted, None));
    // While a rule cannot be read, nobody knows whether the grant is unwanted.
    if entry.unwanted_since.is_some() || !snapshot.policy.is_whole() {
        return Decision { action: None, state, detail: None };
    }
    Decision { action: Some(Action::NoteUnwanted { key, since: Some(snapshot.now) }), state, detail: None }
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
        operations: snapshot.license.grantable_operations(),
        rule: settings.rule.clone(),
        rule_version: settings.version.clone(),
        activate: match principal {
            Principal::Organization | Principal::Unit(_) => Some(overriding(settings)),
            // DesiredStatus is refused on account principals (CreateGrant, `Options.DesiredStatus`).
            Principal::Account(_) => None,
        },
    }
}

/// Has the account's side called on, again and again with growing waits
pub(super) fn ask_grantee(
    snapshot: &Snapshot,
    key: EntryKey,
    entry: Option<&Entry>,
    account: &AccountId,
    grant: &Grant,
    settings: &Settings,
    waiting: ReasonCode,
) -> Decision {
    let report = entry.and_then(|entry| entry.grantee_report.as_ref());
    let asked = entry.map_or_else(Attempts::default, |entry| entry.grantee);
    // What the account's side said last is more telling than that we wait for it, unless it has succeeded since.
    let told = report.filter(|report| report.code.look_again().is_some() && report.code != ReasonCode::Activating);
    let code = told.map_or(waiting, |report| report.code);
    // It has activated, and the grant is not active all the same: asking at the old pace would go on for ever.
    let in_vain = waiting != ReasonCode::AwaitingAcceptance && report.is_some_and(has_activated);
    let (again, code) = if in_vain {
        match due(asked, snapshot.now) {
            (Due::Now, stalled) => (None, if stalled { ReasonCode::ActivationStalled } else { code }),
            (Due::At(at), stalled) => (Some(at), if stalled { ReasonCode::ActivationStalled } else { waiting }),
        }
    } else {
        // Whatever it said: an account that was just created looks like one whose role is missing.
        (asked.last.map(|last| last.after(ASKED_AGAIN.saturating_mul(asked.count.min(12)))), code)
    };
    match again {
        Some(at) if at > snapshot.now => {
            Decision { action: None, state: Some((code, Some(at))), detail: told.map(|report| report.detail.clone()) }
        }
        Some(_) | None => Decision::act(
            Action::AskGrantee {
                key,
                account: account.clone(),
                arn: grant.arn.clone(),
                activate: settings.activation != Activation::Manual,
                rule: settings.rule.clone(),
                rule_version: settings.version.clone(),
            },
            code,
        ),
    }
}

/// Whether the account's side found nothing left to do but to wait
fn has_activated(report: &Report) -> bool {
    matches!(report.code, ReasonCode::Active | ReasonCode::Activating | ReasonCode::WorkflowPending)
}

/// A grant on its way; once it was to become active and nothing has come of it for long, the same call is made again
///
/// An activation was seen to stay in PENDING_WORKFLOW until it was repeated by hand (aws-samples,
/// sample-bedrock-managed-entitlements). While a workflow does run, License Manager refuses the call.
pub(super) fn pending(
    snapshot: &Snapshot,
    key: EntryKey,
    entry: Option<&Entry>,
    account: Option<&AccountId>,
    grant: &Grant,
    settings: &Settings,
) -> Decision {
    let tried = entry.filter(|_| settings.activation != Activation::Manual).and_then(|entry| {
        let by_grantee = entry.grantee_report.as_ref().is_some_and(has_activated).then_some(entry.grantee);
        let by_grantor = Some(entry.activation).filter(|attempts| attempts.count > 0 && !entry.by_grantee);
        by_grantor.or(by_grantee)
    });
    let Some(tried) = tried else { return Decision::hold(ReasonCode::WorkflowPending) };
    let (when, stalled) = due(tried, snapshot.now);
    let code = if stalled { ReasonCode::ActivationStalled } else { ReasonCode::WorkflowPending };
    match (when, account.filter(|_| entry.is_some_and(|entry| entry.by_grantee))) {
        (Due::At(_), _) => Decision::hold(code),
        (Due::Now, Some(account)) => {
            let again = ask_grantee(snapshot, key, entry, account, grant, settings, ReasonCode::WorkflowPending);
            Decision { state: Some((code, None)), ..again }
        }
        (Due::Now, None) => {
            let again = activate(snapshot.now, key, entry, grant, settings);
            match &again.action {
                Some(_) => Decision { state: Some((code, None)), ..again },
                None => again,
            }
        }
    }
}

/// Never displaces a member's own grant: `replace` passes a gate of its own before it may
pub(super) fn overriding(settings: &Settings) -> Override {
    match settings.activation {
        Activation::Keep | Activation::Replace | Activation::Manual => Override::DistributedGrantsOnly,
    }
}

/// Turns a creation that would exceed the budget into a hold
pub(super) fn within_budget(decision: Decision, room: &mut usize) -> Decision {
    match &decision.action {
        Some(Action::Create(_) | Action::Repeat(_)) => match room.checked_sub(1) {
            Some(left) => {
                *room = left;
                decision
            }
            None => Decision::hold(ReasonCode::GrantBudget),
        },
        Some(
            Action::Record { .. }
            | Action::Activate { .. }
            | Action::AskGrantee { .. }
            | Action::DeleteFailed { .. }
            | Action::Close { .. }
            | Action::NoteUnwanted { .. },
        )
        | None => decision,
    }
}

/// Turns a change into a hold where nothing may be changed; what only corrects the ledger goes on
pub(super) fn withheld(decision: Decision, code: ReasonCode) -> Decision {
    if decision.action.as_ref().is_some_and(Action::writes) { Decision::hold(code) } else { decision }
}
