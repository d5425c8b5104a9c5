//! Getting a grant used: activate, have the account's side act, wait, and do each again by its ladder

use std::time::Duration;

use crate::action::Action;
use crate::call::Override;
use crate::desired::Settings;
use crate::entry::{Attempts, Entry, EntryKey, Phase, Report};
use crate::grant::Grant;
use crate::id::AccountId;
use crate::organization::Principal;
use crate::reason::{ReasonCode, Standing};
use crate::revocation::Kind;
use crate::rule::Activation;
use crate::snapshot::Snapshot;
use crate::time::{Timestamp, hours, minutes};

use super::key::Decision;
use super::ladder::{Due, due, rarer};
use super::view::View;

/// How long the account's side has after the first request; each later one waits as much longer, up to an hour
const ASKED_AGAIN: Duration = minutes(5);

/// How long a sub-grant may be missing before anything is done about it
pub(super) const PATIENCE: Duration = minutes(15);

/// How long a workflow that nobody can repeat counts as running ("hours or days" for large organizations, Amazon
/// Bedrock user guide, "Managed entitlements"); one that ends later is seen all the same
const LONGEST_WORKFLOW: Duration = hours(72);

/// What keeps the grant from being activated, as long as it is not worth another try
pub(super) fn refused(now: Timestamp, entry: &Entry) -> Option<Decision> {
    let refusal = entry.refusal.as_ref()?;
    let again = refusal.code.next_look(refusal.at)?;
    let state = Some((refusal.code, Some(again)));
    (again > now).then(|| Decision { action: None, state, detail: Some(refusal.detail.clone()) })
}

/// Activates when the ladder says so, and otherwise says when it will
pub(super) fn activate(
    snapshot: &Snapshot,
    key: EntryKey,
    entry: Option<&Entry>,
    grant: &Grant,
    settings: &Settings,
) -> Decision {
    let now = snapshot.now;
    if let Some(refused) = entry.and_then(|entry| refused(now, entry)) {
        return refused;
    }
    let attempts = entry.map_or_else(Attempts::default, |entry| entry.activation);
    let (when, stalled) = due(attempts, now);
    let code = if stalled { ReasonCode::ActivationStalled } else { ReasonCode::Activating };
    match when {
        Due::Now => Decision {
            action: Some(Action::Activate {
                overriding: overriding(snapshot, &key, settings),
                key,
                arn: grant.arn.clone(),
                rule: settings.rule.clone(),
                rule_version: settings.version.clone(),
                heals: false,
            }),
            state: Some((code, None)),
            detail: None,
        },
        Due::At(at) => {
            // A listing is worth a look long before the call is worth repeating.
            let look = code.next_look(now).map_or(at, |look| look.min(at));
            Decision { action: None, state: Some((code, Some(look))), detail: grant.status_reason.clone() }
        }
    }
}

/// An organization grant after activation: sub-grants missing for long are asked for by the same call again
pub(super) fn distributed(
    snapshot: &Snapshot,
    view: &View<'_>,
    principal: &Principal,
    settings: &Settings,
    grant: &Grant,
    entry: &Entry,
) -> Decision {
    let key = EntryKey::Grant(principal.clone());
    if let Some(refused) = refused(snapshot.now, entry) {
        return refused;
    }
    let (when, stalled) = due(entry.activation, snapshot.now);
    // A joiner's sub-grant takes its time; only one that has been missing for a while is worth the whole call. Nor is
    // one that may never come, unless nobody at all has got one: then the call itself may have come to nothing.
    let is_anybody_reached = view.sub_grants.values().any(|(_, through)| through == principal);
    let may_come = |account: &AccountId| !snapshot.is_beyond(account) || !(is_anybody_reached || stalled);
    let covered = |account: &AccountId| principal.covers(account, &snapshot.organization);
    let mut here = snapshot.remembered.iter().filter(|(account, _)| covered(account) && may_come(account));
    let overdue = here.any(|(account, remembered)| {
        let waits = if remembered.code == ReasonCode::SubGrantMissing {
            snapshot.now.since(remembered.since) >= PATIENCE
        } else {
            // It was overdue before: only what came of the call, or that none was made, is on top of that.
            matches!(
                remembered.code,
                ReasonCode::ActivationStalled
                    | ReasonCode::Paused
                    | ReasonCode::OutsideChangeWindow
                    | ReasonCode::Retrying
            ) || entry.refusal.as_ref().is_some_and(|refusal| refusal.code == remembered.code)
        };
        waits && !view.reaches(principal, account)
    });
    if !overdue {
        return Decision::default();
    }
    let code = if stalled { ReasonCode::ActivationStalled } else { ReasonCode::SubGrantMissing };
    match when {
        Due::Now => {
            let activate = activate(snapshot, key, Some(entry), grant, settings);
            Decision { state: Some((code, None)), ..activate }
        }
        Due::At(_) => Decision::hold(code),
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
    let told = report.filter(|report| {
        // It was asked to accept only, by a rule that has changed since.
        let of_another_rule = report.code == ReasonCode::ManualActivation && settings.activation != Activation::Manual;
        report.code.look_again().is_some() && report.code != ReasonCode::Activating && !of_another_rule
    });
    let code = told.map_or(waiting, |report| report.code);
    // It has activated, and the grant is not active all the same: asking at the old pace would go on for ever.
    let in_vain = waiting != ReasonCode::AwaitingAcceptance && report.is_some_and(has_activated);
    let (again, code) = if in_vain {
        match due(asked, snapshot.now) {
            (Due::Now, stalled) => (None, if stalled { ReasonCode::ActivationStalled } else { waiting }),
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
                heals: false,
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
    let begun = begun(snapshot, &key, entry);
    let hands_off = settings.activation == Activation::Manual;
    let Some(tried) = tried(snapshot.now, &key, entry, begun).filter(|_| !hands_off) else {
        return waited(snapshot.now, begun);
    };
    let (when, stalled) = due(tried, snapshot.now);
    let code = if stalled { ReasonCode::ActivationStalled } else { ReasonCode::WorkflowPending };
    match (when, account.filter(|_| entry.is_some_and(|entry| entry.by_grantee))) {
        (Due::At(_), _) => match entry.and_then(kept_back) {
            Some(report) => Decision { detail: Some(report.detail.clone()), ..Decision::hold(report.code) },
            None => Decision::hold(code),
        },
        (Due::Now, Some(account)) => {
            let again = ask_grantee(snapshot, key, entry, account, grant, settings, ReasonCode::WorkflowPending);
            Decision { state: Some((code, None)), ..again }
        }
        (Due::Now, None) => {
            let again = activate(snapshot, key, entry, grant, settings);
            match &again.action {
                Some(_) => Decision { state: Some((code, None)), ..again },
                None => again,
            }
        }
    }
}

/// What the account's side said stands in its way, for somebody to mend
fn kept_back(entry: &Entry) -> Option<&Report> {
    entry.grantee_report.as_ref().filter(|report| report.code.standing() == Standing::Blocked)
}

/// Since when the workflow may have been running, as far as the ledger knows
fn begun(snapshot: &Snapshot, key: &EntryKey, entry: Option<&Entry>) -> Option<Timestamp> {
    let held = entry.and_then(|entry| match &entry.phase {
        Phase::Held { at, .. } => entry.activation.last.max(entry.grantee.last).max(Some(*at)),
        Phase::Intended { .. } | Phase::Refused { .. } | Phase::Closed { .. } => None,
    });
    held.or_else(|| match key {
        // It came of its parent's activation, and the pair says since when it has been waiting.
        EntryKey::SubGrant(account) => snapshot.remembered.get(account).map(|remembered| remembered.since),
        EntryKey::Grant(_) => None,
    })
}

/// What was done to make the grant usable, for the ladder; `None`: nothing, and what runs is somebody else's to end
fn tried(now: Timestamp, key: &EntryKey, entry: Option<&Entry>, begun: Option<Timestamp>) -> Option<Attempts> {
    let ours = entry.and_then(|entry| {
        // Whether or not its report has come in: it was asked to activate, too.
        let by_grantee = Some(entry.grantee).filter(|asked| asked.count > 0);
        let by_grantor = Some(entry.activation).filter(|attempts| attempts.count > 0 && !entry.by_grantee);
        by_grantor.or(by_grantee)
    });
    // A person's activation, or a part of the organization's, may be what hangs.
    let longest = match key {
        EntryKey::Grant(_) => LONGEST_WORKFLOW,
        EntryKey::SubGrant(_) => hours(1),
    };
    ours.or_else(|| begun.filter(|begun| now.since(*begun) >= longest).map(|_| Attempts::default()))
}

/// A workflow that is nobody's to repeat: distribution took days where it was slowest, so the looks grow rarer, and
/// after that somebody is told
fn waited(now: Timestamp, begun: Option<Timestamp>) -> Decision {
    let Some(age) = begun.map(|begun| now.since(begun)) else { return Decision::hold(ReasonCode::WorkflowPending) };
    if age >= LONGEST_WORKFLOW {
        return Decision::hold(ReasonCode::ActivationStalled);
    }
    Decision::until(ReasonCode::WorkflowPending, now.after(rarer(age, 8)))
}

/// Never displaces a member's own grant, unless a rule says so and the revocation pass has released this account; never
/// in a whole place, where nobody could know whose grants it would push aside
fn overriding(snapshot: &Snapshot, key: &EntryKey, settings: &Settings) -> Override {
    let account = match key {
        EntryKey::Grant(Principal::Account(account)) | EntryKey::SubGrant(account) => account,
        EntryKey::Grant(Principal::Organization | Principal::Unit(_)) => return Override::DistributedGrantsOnly,
    };
    match settings.activation {
        Activation::Replace if snapshot.releases.allow(account, Kind::Replacement) => {
            Override::AllGrantsPermittedByIssuer
        }
        Activation::Keep | Activation::Replace | Activation::Manual => Override::DistributedGrantsOnly,
    }
}
