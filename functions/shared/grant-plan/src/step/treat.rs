//! Treating a grant that exists: activate, have the account's side act, note, close

use crate::call::{ActivateGrant, Disposition, Effect, Failure, Override};
use crate::entry::{Attempts, EntryKey, Phase, Report};
use crate::id::{GrantArn, RuleId};
use crate::organization::Principal;
use crate::reason::ReasonCode;
use crate::time::{Timestamp, hours};

use super::{Ask, GranteeRequest, Next, Outcome, State, Step};

/// A failure this long ago says nothing about the next grant; the ladder waits a day at most
const FORGOTTEN: std::time::Duration = hours(7 * 24);

impl Step {
    /// Counts the attempt, then calls: a crash in between costs a rung of the ladder, never a call too many
    pub(super) fn attempt(
        &mut self,
        arn: &GrantArn,
        overriding: Override,
        rule: &RuleId,
        rule_version: &str,
        now: Timestamp,
    ) -> Ask {
        let mut entry = self.entry_for(arn, rule, rule_version, now);
        entry.activation = entry.activation.again(now);
        entry.refusal = None;
        // What the account's side said of an earlier one says nothing of this.
        entry.grantee_report = None;
        // Each attempt is a request of its own: with the first one's token a stalled activation would be a replay.
        let token = format!("{}-{}-{}", arn.short().replace([':', '/'], "-"), entry.generation, entry.activation.count);
        self.record(entry, State::Attempting(ActivateGrant { token, arn: arn.clone(), overriding }))
    }

    pub(super) fn not_activated(&mut self, failure: &Failure, now: Timestamp) -> Next {
        let Some(entry) = &self.entry else { return Next::Done(Outcome::Conflict) };
        let account = match &self.key {
            EntryKey::Grant(Principal::Account(account)) | EntryKey::SubGrant(account) => Some(account.clone()),
            EntryKey::Grant(Principal::Organization | Principal::Unit(_)) => None,
        };
        match (failure.disposition, account, entry.arn().cloned()) {
            // In some organizations only the grantee may activate: then its side does.
            (Disposition::Permanent(ReasonCode::AccessDenied), Some(account), Some(grant)) => {
                let entry = entry.with(|entry| {
                    entry.by_grantee = true;
                    entry.grantee = entry.grantee.again(now);
                });
                let license = self.context.license.clone();
                let request =
                    GranteeRequest { license, account, grant, activate: true, key: self.key.clone(), asked_at: now };
                Next::Ask(self.record(entry, State::AskingGrantee(request)))
            }
            // It did nothing and may work in a moment, or as soon as somebody has mended what is in its way: the
            // attempt does not count, and is made again by the next look or when the refusal's time is up, instead of
            // waiting for an activation that was never begun.
            (Disposition::Retry | Disposition::Permanent(_), _, _) if failure.effect == Effect::None => {
                let refusal = Report::of_refusal(failure, now);
                let entry = entry.with(|entry| {
                    entry.activation.count = entry.activation.count.saturating_sub(1);
                    entry.activation.last = None;
                    entry.refusal = refusal;
                });
                self.finish(entry, Outcome::failed(failure))
            }
            (Disposition::Retry | Disposition::Stale | Disposition::Permanent(_), _, _) => {
                Next::Done(Outcome::failed(failure))
            }
        }
    }

    pub(super) fn ask_grantee(
        &mut self,
        request: GranteeRequest,
        rule: &RuleId,
        rule_version: &str,
        now: Timestamp,
    ) -> Ask {
        let mut entry = self.entry_for(&request.grant, rule, rule_version, now);
        entry.grantee = entry.grantee.again(now);
        // Whether a bus is closed still, nobody but the next answer says.
        if entry.grantee_report.as_ref().is_some_and(|report| report.code == ReasonCode::MemberBusClosed) {
            entry.grantee_report = None;
        }
        self.record(entry, State::AskingGrantee(request))
    }

    /// A closed bus stands in the account's way until somebody opens it, so the entry keeps that as it keeps what the
    /// account's side reports; that a queue refused says nothing of the account
    pub(super) fn not_told(&mut self, failure: &Failure, now: Timestamp) -> Next {
        let closed = Report::of_refusal(failure, now).filter(|report| report.code == ReasonCode::MemberBusClosed);
        match (&self.entry, closed) {
            (Some(entry), Some(closed)) => {
                let entry = entry.with(|entry| entry.grantee_report = Some(closed));
                self.finish(entry, Outcome::failed(failure))
            }
            (Some(_) | None, _) => Next::Done(Outcome::failed(failure)),
        }
    }

    /// Counts the failure, so that the next grant is not made at once only to fail again, then deletes
    ///
    /// Written first: a grant that is gone may read as if it had been distributed, and only the entry knows better.
    pub(super) fn recall(&mut self, arn: GrantArn, version: String, now: Timestamp) -> Next {
        let Some(entry) = &self.entry else { return Next::Done(Outcome::Conflict) };
        if entry.recalled.as_ref() == Some(&arn) {
            return self.delete(arn, version);
        }
        let long_ago = entry.failed.last.is_some_and(|last| now.since(last) >= FORGOTTEN);
        let failed = if long_ago { Attempts::default() } else { entry.failed };
        let entry = entry.with(|entry| {
            entry.failed = failed.again(now);
            entry.recalled = Some(arn.clone());
        });
        Next::Ask(self.record(entry, State::Recalling { arn, version }))
    }

    pub(super) fn delete(&mut self, arn: GrantArn, version: String) -> Next {
        self.state = State::Deleting;
        Next::Ask(Ask::Delete { arn, version })
    }

    pub(super) fn close(&mut self, because: &str, now: Timestamp) -> Next {
        // Plans make this for entries only; without one there is nothing to change.
        let Some(entry) = &self.entry else { return Next::Done(Outcome::Conflict) };
        let phase = Phase::Closed { because: because.to_owned(), at: now };
        let entry = entry.with(|entry| entry.phase = phase);
        self.finish(entry, Outcome::Applied(ReasonCode::NoLongerWanted))
    }

    pub(super) fn note_unwanted(&mut self, since: Option<Timestamp>) -> Next {
        let Some(entry) = &self.entry else { return Next::Done(Outcome::Conflict) };
        let entry = entry.with(|entry| entry.unwanted_since = since);
        let code = if since.is_some() { ReasonCode::NoLongerWanted } else { ReasonCode::Activating };
        self.finish(entry, Outcome::Applied(code))
    }
}
