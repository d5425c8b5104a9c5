//! The protocol of applying one action, as a pure state machine
//!
//! [`Step::start`] gives the first [`Ask`]; whoever carries it answers, and [`Step::next`] gives the following one
//! until there is an [`Outcome`]. Every call to AWS that makes something comes after a ledger write that says so, so
//! a crash between any two Asks leaves behind what the next run needs.

mod create;
mod treat;

use crate::action::Action;
use crate::call::{ActivateGrant, CreateGrant, Failure, GrantReply, Operation, SwitchOff};
use crate::entry::{Entry, EntryKey, Phase};
use crate::grant::{Grant, Stamp};
use crate::id::{AccountId, Deployment, GrantArn, Intent, LicenseId, RuleId};
use crate::reason::ReasonCode;
use crate::time::Timestamp;

/// One thing to do on the way
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Write an entry, if the ledger still holds the revision that was read (`None`: no entry)
    Record {
        /// Which entry
        key: EntryKey,
        /// The revision it must have
        expected: Option<u64>,
        /// What to write
        entry: Box<Entry>,
    },
    /// Call CreateGrant
    Create(CreateGrant),
    /// Call CreateGrantVersion with Status ACTIVE
    Activate(ActivateGrant),
    /// Call CreateGrantVersion with Status DISABLED
    SwitchOff(SwitchOff),
    /// Call DeleteGrant
    Delete {
        /// GrantArn
        arn: GrantArn,
        /// The current Version
        version: String,
    },
    /// List the grants of the license to a principal
    Find {
        /// The principal's ARN
        principal_arn: String,
    },
    /// Send a request to accept-grants
    Tell(GranteeRequest),
}

impl Ask {
    /// Whose failures its failure is one of
    #[must_use]
    pub fn operation(&self) -> Operation {
        match self {
            Self::Record { .. } => Operation::Ledger,
            Self::Create(_) => Operation::CreateGrant,
            Self::Activate(_) | Self::SwitchOff(_) => Operation::CreateGrantVersion,
            Self::Delete { .. } => Operation::DeleteGrant,
            Self::Find { .. } => Operation::Observe,
            Self::Tell(_) => Operation::Queue,
        }
    }
}

/// What the account's side is asked to do
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GranteeRequest {
    /// The license, whose lane is woken afterwards
    pub license: LicenseId,
    /// The account to act in
    pub account: AccountId,
    /// The grant to accept
    pub grant: GrantArn,
    /// Whether to activate it too
    pub activate: bool,
    /// The entry to report to
    pub key: EntryKey,
    /// When the lane asked
    pub asked_at: Timestamp,
}

/// What came of an [`Ask`]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The entry was written
    Recorded,
    /// Somebody else wrote it first
    Conflict,
    /// The call was answered
    Replied(GrantReply),
    /// The grants that were found
    Found(Vec<Grant>),
    /// The request was sent
    Told,
    /// It failed
    Failed(Failure),
}

/// What follows an answer
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Do this
    Ask(Ask),
    /// That was it
    Done(Outcome),
}

/// What came of an action
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// Done; the pair is in this state until it is seen otherwise
    Applied(ReasonCode),
    /// Not done; the ledger keeps why, and when to look again follows from the code
    Held {
        /// Why
        code: ReasonCode,
        /// More, for people
        detail: String,
    },
    /// Somebody else changed the entry meanwhile: look again, then decide again
    Conflict,
}

/// What every step of a run shares
#[derive(Debug, Clone)]
pub struct Context {
    /// Whose stamp to use
    pub deployment: Deployment,
    /// The license all this is about
    pub license: LicenseId,
}

/// An action on its way
#[derive(Debug, Clone)]
pub struct Step {
    context: Context,
    key: EntryKey,
    entry: Option<Entry>,
    fresh: Intent,
    state: State,
}

/// Where a step stands; each state waits for one answer
#[derive(Debug, Clone)]
enum State {
    Intending(create::Creating),
    Creating(create::Creating),
    Finding(create::Creating, Failure),
    Attempting(ActivateGrant),
    Activating,
    AskingGrantee(GranteeRequest),
    Telling(ReasonCode),
    Withdrawing(SwitchOff),
    SwitchingOff,
    Recalling {
        arn: GrantArn,
        version: String,
        rejected: bool,
    },
    /// The grant, where it was a rejected one
    Deleting(Option<GrantArn>),
    Finishing(Outcome),
}

impl Step {
    /// Begins an action
    ///
    /// `entry` is what the ledger held for the action's key when the plan was made; `intent` is a fresh random id, by
    /// which a grant that is made and every entry that is written are known as this step's.
    #[must_use]
    pub fn start(
        context: Context,
        action: &Action,
        entry: Option<&Entry>,
        intent: Intent,
        now: Timestamp,
    ) -> (Self, Next) {
        let state = State::Finishing(Outcome::Conflict);
        let mut step = Self { context, key: action.key(), entry: entry.cloned(), fresh: intent.clone(), state };
        let next = match action {
            Action::Create(create) => Next::Ask(step.intend(create.clone(), intent, now)),
            Action::Repeat(create) => Next::Ask(step.repeat(create.clone(), intent, now)),
            Action::Record { grant, .. } => step.found(grant, now),
            Action::Activate { arn, overriding, rule, rule_version, heals, key: _ } => {
                let entry = step.entry_for(arn, rule, rule_version, *heals, now);
                Next::Ask(step.attempt(entry, arn, *overriding, now))
            }
            Action::AskGrantee { account, arn, activate, rule, rule_version, heals, key: _ } => {
                let request = GranteeRequest {
                    license: step.context.license.clone(),
                    account: account.clone(),
                    grant: arn.clone(),
                    activate: *activate,
                    key: step.key.clone(),
                    asked_at: now,
                };
                let entry = step.entry_for(arn, rule, rule_version, *heals, now);
                Next::Ask(step.ask_grantee(entry, request, now))
            }
            Action::DeleteFailed { arn, version, rejected, .. } => {
                step.recall(arn.clone(), version.clone(), *rejected, now)
            }
            Action::Retire { arn, version, .. } => step.retire(arn.clone(), version.clone()),
            Action::Close { because, .. } => step.close(because, now),
            Action::NoteUnwanted { since, of, .. } => step.note_unwanted(*since, of.as_ref(), now),
            Action::SwitchOff { arn, of, .. } => step.withdraw(arn, of.as_ref(), now),
            Action::NoteServed { served, .. } => step.note_served(served.clone()),
            Action::NoteTerms { revoke, .. } => step.note_terms(*revoke),
            Action::NoteContested { .. } => step.note_contested(now),
        };
        (step, next)
    }

    /// Takes the answer to the last Ask
    #[must_use]
    pub fn next(&mut self, answer: Answer, now: Timestamp) -> Next {
        let state = std::mem::replace(&mut self.state, State::Finishing(Outcome::Conflict));
        match (state, answer) {
            (_, Answer::Conflict) => Next::Done(Outcome::Conflict),
            (State::Intending(creating), Answer::Recorded) => self.create(creating),
            (State::Creating(creating), Answer::Replied(reply)) => self.created(&creating, reply, now),
            (State::Creating(creating), Answer::Failed(failure)) => self.not_created(creating, failure, now),
            (State::Finding(creating, failure), Answer::Found(grants)) => self.look(creating, &failure, &grants, now),
            (State::Attempting(call), Answer::Recorded) => {
                self.state = State::Activating;
                Next::Ask(Ask::Activate(call))
            }
            (State::Activating, Answer::Replied(_)) => Next::Done(Outcome::Applied(ReasonCode::Activating)),
            (State::Activating, Answer::Failed(failure)) => self.not_activated(&failure, now),
            (State::AskingGrantee(request), Answer::Recorded) => {
                self.state = State::Telling(if request.activate {
                    ReasonCode::AwaitingGrantee
                } else {
                    ReasonCode::AwaitingAcceptance
                });
                Next::Ask(Ask::Tell(request))
            }
            (State::Telling(code), Answer::Told) => Next::Done(Outcome::Applied(code)),
            (State::Telling(_), Answer::Failed(failure)) => self.not_told(&failure, now),
            (State::Withdrawing(call), Answer::Recorded) => {
                self.state = State::SwitchingOff;
                Next::Ask(Ask::SwitchOff(call))
            }
            (State::SwitchingOff, Answer::Replied(_)) => Next::Done(Outcome::Applied(ReasonCode::Revoking)),
            (State::SwitchingOff, Answer::Failed(failure)) => self.not_switched_off(&failure),
            (State::Recalling { arn, version, rejected }, Answer::Recorded) => self.delete(arn, version, rejected),
            (State::Deleting(_), Answer::Replied(_)) => Next::Done(Outcome::Applied(ReasonCode::Deleting)),
            (State::Deleting(Some(rejected)), Answer::Failed(failure)) => self.not_deleted(&rejected, &failure, now),
            (State::Finishing(outcome), Answer::Recorded) => Next::Done(outcome),
            (_, Answer::Failed(failure)) => Next::Done(Outcome::failed(&failure)),
            // An answer to a question nobody asked: whoever carries Asks is wrong, and looking again is always safe.
            (_, Answer::Recorded | Answer::Replied(_) | Answer::Found(_) | Answer::Told) => {
                Next::Done(Outcome::Conflict)
            }
        }
    }

    /// Asks for a write and remembers what the entry will be
    fn record(&mut self, entry: Entry, then: State) -> Ask {
        let expected = self.entry.as_ref().map(|entry| entry.revision);
        let entry = Entry { writer: Some(self.fresh.clone()), ..entry };
        self.entry = Some(entry.clone());
        self.state = then;
        Ask::Record { key: self.key.clone(), expected, entry: Box::new(entry) }
    }

    fn finish(&mut self, entry: Entry, outcome: Outcome) -> Next {
        Next::Ask(self.record(entry, State::Finishing(outcome)))
    }

    fn stamp(&self, rule: &RuleId, intent: &Intent) -> String {
        let deployment = self.context.deployment.clone();
        Stamp { deployment, rule: rule.clone(), intent: intent.clone() }.to_string()
    }

    /// The entry to go on from, or a first one for a key the ledger does not know; one that somebody undid begins anew
    fn entry_for(&self, arn: &GrantArn, rule: &RuleId, rule_version: &str, heals: bool, now: Timestamp) -> Entry {
        let entry = match &self.entry {
            Some(entry) => entry.with(|entry| {
                if entry.arn() != Some(arn) {
                    // A sub-grant of a new parent: what was tried on the old one does not count.
                    entry.phase = Phase::Held { intent: None, arn: arn.clone(), at: now };
                    entry.activation = crate::entry::Attempts::default();
                    entry.refusal = None;
                    entry.grantee = crate::entry::Attempts::default();
                    entry.grantee_report = None;
                    entry.off = crate::entry::Attempts::default();
                    entry.retried = None;
                }
            }),
            None => {
                let phase = Phase::Held { intent: None, arn: arn.clone(), at: now };
                Entry::new(None, rule.clone(), rule_version.to_owned(), phase)
            }
        };
        if heals { Entry { reversals: entry.reversals_healed(now), ..entry.untried() } } else { entry }
    }
}

impl Outcome {
    pub(crate) fn failed(failure: &Failure) -> Self {
        Self::Held { code: failure.reason(), detail: failure.to_string() }
    }
}
