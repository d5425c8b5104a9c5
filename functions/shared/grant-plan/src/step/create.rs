//! Making a grant: intend, call, record; and finding out what came of a call that was refused

use crate::action::Create;
use crate::call::{CreateGrant, Disposition, Effect, Failure, GrantReply};
use crate::entry::{Attempts, Entry, Phase};
use crate::grant::Grant;
use crate::id::Intent;
use crate::reason::ReasonCode;
use crate::time::Timestamp;

use super::{Ask, Next, Outcome, State, Step};

/// A creation under way
#[derive(Debug, Clone)]
pub(super) struct Creating {
    create: Create,
    intent: Intent,
    /// Whether the call asks for activation too
    one_call: bool,
    /// Whether a call with this intent may have been made before
    repeated: bool,
}

impl Creating {
    /// The entry once its call is refused
    ///
    /// An intent whose only call was refused made nothing, so that there is nothing of it to look out for. That a repeat is
    /// refused says nothing of the call before: it may be what stands in the way.
    fn came_to_nothing(&self, entry: &Entry, phase: Phase) -> Entry {
        let refused = entry.with(|entry| entry.phase = phase);
        if self.repeated { refused } else { Entry { former: entry.former.clone(), ..refused } }
    }
}

impl Step {
    pub(super) fn intend(&mut self, create: Create, intent: Intent, now: Timestamp) -> Ask {
        let one_call = create.activate.is_some();
        let phase = Phase::Intended { intent: intent.clone(), at: now, one_call };
        let entry = Entry::new(self.entry.as_ref(), create.rule.clone(), create.rule_version.clone(), phase);
        let mut entry = Entry { revoke: create.revoke, served: create.served.clone(), ..entry };
        if create.heals {
            entry.reversals = entry.reversals_healed(now);
        }
        self.record(entry, State::Intending(Creating { create, intent, one_call, repeated: false }))
    }

    /// The same intent and token again; an entry that is no longer an intent begins a new life instead
    pub(super) fn repeat(&mut self, create: Create, fresh: Intent, now: Timestamp) -> Ask {
        let entry = self.entry.clone();
        match entry.as_ref().map(|entry| (entry, &entry.phase)) {
            Some((entry, Phase::Intended { intent, one_call, .. })) => {
                let (intent, one_call) = (intent.clone(), *one_call);
                // Written again so that the wait for a listing begins anew with this call.
                let phase = Phase::Intended { intent: intent.clone(), at: now, one_call };
                // The stamp and the token must be those of the first call, so its rule stays too.
                let create = Create { rule: entry.rule.clone(), ..create };
                let entry = entry.with(|entry| entry.phase = phase);
                self.record(entry, State::Intending(Creating { create, intent, one_call, repeated: true }))
            }
            Some((_, Phase::Held { .. } | Phase::Refused { .. } | Phase::Closed { .. })) | None => {
                self.intend(create, fresh, now)
            }
        }
    }

    pub(super) fn create(&mut self, creating: Creating) -> Next {
        let Creating { create, intent, one_call, repeated: _ } = &creating;
        // The form without DesiredStatus is another request, which must not share the first one's token.
        let token = if create.activate.is_some() && !one_call { format!("{intent}-2") } else { intent.to_string() };
        let call = CreateGrant {
            token,
            name: self.stamp(&create.rule, intent),
            license: create.license.clone(),
            principal: create.principal_arn.clone(),
            home_region: create.home_region.clone(),
            operations: create.operations.clone(),
            activate: create.activate.filter(|_| *one_call),
        };
        self.state = State::Creating(creating);
        Next::Ask(Ask::Create(call))
    }

    pub(super) fn created(&mut self, creating: &Creating, reply: GrantReply, now: Timestamp) -> Next {
        let Some(entry) = &self.entry else { return Next::Done(Outcome::Conflict) };
        let entry = entry.with(|entry| {
            entry.phase = Phase::Held { intent: Some(creating.intent.clone()), arn: reply.arn, at: now };
            if creating.one_call {
                entry.activation = Attempts::default().again(now);
            }
        });
        self.finish(entry, Outcome::Applied(ReasonCode::WorkflowPending))
    }

    pub(super) fn not_created(&mut self, creating: Creating, failure: Failure, now: Timestamp) -> Next {
        match (failure.effect, failure.disposition) {
            // Nobody knows: the intent stands, and the listing will tell.
            (Effect::Unknown, _) => {
                Next::Done(Outcome::Held { code: ReasonCode::IntentUnresolved, detail: failure.to_string() })
            }
            // It did nothing and may work later; the intent stands and is repeated.
            (Effect::None, Disposition::Retry) => Next::Done(Outcome::failed(&failure)),
            // A second live grant for the license and principal is refused with an error nobody has documented, so
            // what is there decides, not the error's text.
            (Effect::None, Disposition::Stale | Disposition::Permanent(ReasonCode::CallRefused)) => {
                let principal_arn = creating.create.principal_arn.clone();
                self.state = State::Finding(creating, failure);
                Next::Ask(Ask::Find { principal_arn })
            }
            (Effect::None, Disposition::Permanent(reason)) => self.refused(&creating, reason, &failure, now),
        }
    }

    pub(super) fn look(&mut self, creating: Creating, failure: &Failure, grants: &[Grant], now: Timestamp) -> Next {
        let Some(entry) = self.entry.clone() else { return Next::Done(Outcome::Conflict) };
        let recalled =
            |grant: &Grant| entry.recalled.as_ref() == Some(&grant.arn) || entry.given_up.contains(&grant.arn);
        let mut live = grants.iter().filter(|grant| grant.status.is_live() && !recalled(grant));
        let known = |intent: &Intent| *intent == creating.intent || entry.knows(intent);
        if let Some((grant, stamp)) = live
            .clone()
            .find_map(|grant| grant.stamp().filter(|stamp| known(&stamp.intent)).map(|stamp| (grant, stamp)))
        {
            let reply =
                GrantReply { arn: grant.arn.clone(), status: grant.status.clone(), version: grant.version.clone() };
            // An earlier call of ours that nobody heard of again: what it asked for is not known here.
            let one_call = creating.one_call && stamp.intent == creating.intent;
            return self.created(&Creating { intent: stamp.intent, one_call, ..creating }, reply, now);
        }
        if live.next().is_some() {
            let because = "somebody else's grant stands on this principal".to_owned();
            let entry = creating.came_to_nothing(&entry, Phase::Closed { because, at: now });
            let detail = failure.to_string();
            return self.finish(entry, Outcome::Held { code: ReasonCode::ForeignNotActive, detail });
        }
        if creating.one_call {
            // Activation in the same call is new and not everywhere; the plain form comes next.
            let creating = Creating { one_call: false, ..creating };
            let phase = Phase::Intended { intent: creating.intent.clone(), at: now, one_call: false };
            let entry = entry.with(|entry| entry.phase = phase);
            return Next::Ask(self.record(entry, State::Intending(creating)));
        }
        let reason = creating.create.if_refused;
        self.refused(&creating, reason, failure, now)
    }

    fn refused(&mut self, creating: &Creating, reason: ReasonCode, failure: &Failure, now: Timestamp) -> Next {
        let Some(entry) = &self.entry else { return Next::Done(Outcome::Conflict) };
        let detail = failure.to_string();
        let entry = creating.came_to_nothing(entry, Phase::Refused { reason, detail: detail.clone(), at: now });
        self.finish(entry, Outcome::Held { code: reason, detail })
    }

    /// Writes down a grant that a listing shows and the intent in the ledger made
    pub(super) fn found(&mut self, grant: &Grant, now: Timestamp) -> Next {
        let Some(entry) = &self.entry else { return Next::Done(Outcome::Conflict) };
        let intent = grant.stamp().map(|stamp| stamp.intent);
        let by_this = entry.intent().is_some() && entry.intent() == intent.as_ref();
        let one_call = by_this && matches!(entry.phase, Phase::Intended { one_call: true, .. });
        let entry = entry.with(|entry| {
            entry.phase = Phase::Held { intent, arn: grant.arn.clone(), at: now };
            if one_call {
                entry.activation = Attempts::default().again(now);
            }
        });
        self.finish(entry, Outcome::Applied(ReasonCode::WorkflowPending))
    }
}
