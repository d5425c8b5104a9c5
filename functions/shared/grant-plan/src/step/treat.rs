//! Treating a grant that exists: activate, have the account's side act, note, close

use std::collections::BTreeSet;

use crate::action::Noted;
use crate::call::{ActivateGrant, Disposition, Effect, Failure, Override, SwitchOff};
use crate::entry::{Attempts, Entry, EntryKey, Phase, Report};
use crate::id::{AccountId, GrantArn};
use crate::organization::Principal;
use crate::reason::ReasonCode;
use crate::rule::Revoke;
use crate::time::{Timestamp, hours};

use super::{Ask, GranteeRequest, Next, Outcome, State, Step};

/// A failure this long ago says nothing about the next grant; the ladder waits a day at most
const FORGOTTEN: std::time::Duration = hours(7 * 24);

impl Step {
    /// Counts the attempt, then calls: a crash in between costs a rung of the ladder, never a call too many
    pub(super) fn attempt(&mut self, mut entry: Entry, arn: &GrantArn, overriding: Override, now: Timestamp) -> Ask {
        entry.activation = entry.activation.again(now);
        entry.refusal = None;
        // What the account's side said of an earlier one says nothing of this.
        entry.grantee_report = None;
        // Each attempt is a request of its own: with an earlier one's token it would be a replay. Counts begin anew, and a
        // ledger that was lost with them; what is fresh does not come again.
        let token = format!("{}-{}", ascii(arn), self.fresh);
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

    pub(super) fn ask_grantee(&mut self, mut entry: Entry, request: GranteeRequest, now: Timestamp) -> Ask {
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
    /// Written first: a grant that is gone may read as if it had been distributed, and only the entry knows better. A
    /// rejection is no failure: whoever wants another try has asked the account's owner.
    pub(super) fn recall(&mut self, arn: GrantArn, version: String, rejected: bool, now: Timestamp) -> Next {
        let Some(entry) = &self.entry else { return Next::Done(Outcome::Conflict) };
        if entry.recalled.as_ref() == Some(&arn) {
            return self.delete(arn, version, rejected);
        }
        let long_ago = entry.failed.last.is_some_and(|last| now.since(last) >= FORGOTTEN);
        let failed = if long_ago { Attempts::default() } else { entry.failed };
        let entry = entry.with(|entry| {
            entry.failed = if rejected { failed } else { failed.again(now) };
            entry.recalled = Some(arn.clone());
        });
        Next::Ask(self.record(entry, State::Recalling { arn, version, rejected }))
    }

    /// Written first like any deletion: a grant that is gone may read as if it had been distributed
    pub(super) fn retire(&mut self, arn: GrantArn, version: String) -> Next {
        let Some(entry) = self.entry.as_ref().filter(|entry| entry.arn() == Some(&arn)) else {
            return Next::Done(Outcome::Conflict);
        };
        let entry = entry.with(|entry| entry.recalled = Some(arn.clone()));
        Next::Ask(self.record(entry, State::Recalling { arn, version, rejected: false }))
    }

    pub(super) fn delete(&mut self, arn: GrantArn, version: String, rejected: bool) -> Next {
        self.state = State::Deleting(rejected.then(|| arn.clone()));
        Next::Ask(Ask::Delete { arn, version })
    }

    /// Whether a rejected grant can be deleted is not documented: where that is refused, it is at its end already, and
    /// the next one is made beside it
    pub(super) fn not_deleted(&mut self, rejected: &GrantArn, failure: &Failure, now: Timestamp) -> Next {
        let Some(entry) = &self.entry else { return Next::Done(Outcome::Conflict) };
        match (failure.disposition, failure.effect) {
            (Disposition::Stale, Effect::None) => {
                let entry = entry.giving_up(rejected, format!("rejected and given up; {failure}"), now);
                self.finish(entry, Outcome::Applied(ReasonCode::Deleting))
            }
            (Disposition::Retry | Disposition::Stale | Disposition::Permanent(_), Effect::None | Effect::Unknown) => {
                Next::Done(Outcome::failed(failure))
            }
        }
    }

    pub(super) fn close(&mut self, because: &str, now: Timestamp) -> Next {
        // Plans make this for entries only; without one there is nothing to change.
        let Some(entry) = &self.entry else { return Next::Done(Outcome::Conflict) };
        let phase = Phase::Closed { because: because.to_owned(), at: now };
        let entry = entry.with(|entry| entry.phase = phase);
        self.finish(entry, Outcome::Applied(ReasonCode::NoLongerWanted))
    }

    pub(super) fn note_unwanted(&mut self, since: Option<Timestamp>, of: Option<&Noted>, now: Timestamp) -> Next {
        let entry = match (&self.entry, of) {
            (_, Some(Noted { arn, rule, rule_version })) => self.entry_for(arn, rule, rule_version, false, now),
            (Some(entry), None) => entry.with(|_| {}),
            (None, None) => return Next::Done(Outcome::Conflict),
        };
        let mut entry = Entry { unwanted_since: since, ..entry };
        if since.is_none() && entry.off.count > 0 {
            // What was switched off by us is activated by a ladder of its own.
            entry.off = Attempts::default();
            entry.activation = Attempts::default();
        }
        let code = if since.is_some() { ReasonCode::NoLongerWanted } else { ReasonCode::Activating };
        self.finish(entry, Outcome::Applied(code))
    }

    pub(super) fn note_terms(&mut self, revoke: Revoke) -> Next {
        let Some(entry) = &self.entry else { return Next::Done(Outcome::Conflict) };
        let entry = entry.with(|entry| entry.revoke = revoke);
        self.finish(entry, Outcome::Applied(ReasonCode::Active))
    }

    pub(super) fn note_served(&mut self, served: BTreeSet<AccountId>) -> Next {
        let Some(entry) = &self.entry else { return Next::Done(Outcome::Conflict) };
        let entry = entry.with(|entry| entry.served = Some(served));
        self.finish(entry, Outcome::Applied(ReasonCode::Active))
    }

    /// Counts the call, then makes it; what is not known to be unwanted is not switched off
    pub(super) fn withdraw(&mut self, arn: &GrantArn, of: Option<&Noted>, now: Timestamp) -> Next {
        let noted = |entry: &&Entry| entry.arn() == Some(arn) && entry.unwanted_since.is_some();
        let mut entry = match (self.entry.as_ref().filter(noted), of) {
            (Some(entry), _) => entry.with(|_| {}),
            (None, Some(Noted { arn, rule, rule_version })) => {
                let entry = self.entry_for(arn, rule, rule_version, false, now);
                Entry { unwanted_since: Some(now), ..entry }
            }
            (None, None) => return Next::Done(Outcome::Conflict),
        };
        entry.off = entry.off.again(now);
        let token = format!("{}-off-{}", ascii(arn), self.fresh);
        let reason = format!("Grantway: no rule asks for it any more (it came of rule {})", entry.rule);
        Next::Ask(self.record(entry, State::Withdrawing(SwitchOff { token, arn: arn.clone(), reason })))
    }

    /// A call that did nothing and may work in a moment does not count
    pub(super) fn not_switched_off(&mut self, failure: &Failure) -> Next {
        let Some(entry) = &self.entry else { return Next::Done(Outcome::Conflict) };
        match (failure.effect, failure.disposition) {
            (Effect::None, Disposition::Retry) => {
                let entry = entry.with(|entry| {
                    entry.off.count = entry.off.count.saturating_sub(1);
                    entry.off.last = None;
                });
                self.finish(entry, Outcome::failed(failure))
            }
            (Effect::None | Effect::Unknown, Disposition::Retry | Disposition::Stale | Disposition::Permanent(_)) => {
                Next::Done(Outcome::failed(failure))
            }
        }
    }

    pub(super) fn note_contested(&mut self, now: Timestamp) -> Next {
        let Some(entry) = &self.entry else { return Next::Done(Outcome::Conflict) };
        let entry = entry.with(|entry| entry.reversals = entry.reversals_left(now));
        self.finish(entry, Outcome::Applied(ReasonCode::Contested))
    }
}

/// An ARN as a ClientToken may hold it
fn ascii(arn: &GrantArn) -> String {
    arn.short().replace([':', '/'], "-")
}
