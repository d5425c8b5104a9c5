//! License Manager and the ledger for one license and two accounts, as values; workflows finish at once

use std::collections::BTreeMap;
use std::time::Duration;

use grant_plan::acceptance::{Acceptance, acceptance};
use grant_plan::action::Action;
use grant_plan::call::{ActivateGrant, CreateGrant, Failure, GrantReply, Operation};
use grant_plan::entry::{Entry, EntryKey};
use grant_plan::grant::{Grant, GrantStatus};
use grant_plan::id::{GrantArn, Intent};
use grant_plan::organization::Principal;
use grant_plan::plan::{Plan, plan};
use grant_plan::reason::ReasonCode;
use grant_plan::snapshot::Snapshot;
use grant_plan::step::{Answer, Ask, Context, GranteeRequest, Next, Step};
use grant_plan::time::{Timestamp, minutes};

use crate::world::{World, grant, only};

/// The accounts that want the license
pub(crate) const ACCOUNTS: [u64; 2] = [101, 102];

/// What is not documented, or differs from organization to organization
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habits {
    /// A token seen before is answered with what it made, and nothing is made
    pub(crate) remembers_tokens: bool,
    /// A second live grant to a principal is refused
    pub(crate) refuses_duplicates: bool,
    /// Grants need no acceptance
    pub(crate) accepts_by_itself: bool,
    pub(crate) grantor_may_activate: bool,
    /// How long a new grant is missing from listings
    pub(crate) lag: Duration,
}

impl Habits {
    /// Every combination, without lag
    pub(crate) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for bits in 0..16_u8 {
            let bit = |place: u8| bits & (1 << place) != 0;
            all.push(Self {
                remembers_tokens: bit(0),
                refuses_duplicates: bit(1),
                accepts_by_itself: bit(2),
                grantor_may_activate: bit(3),
                lag: Duration::ZERO,
            });
        }
        all
    }
}

#[derive(Debug, Clone)]
struct Made {
    grant: Grant,
    at: Timestamp,
}

/// Everything outside a run
#[derive(Debug, Clone)]
pub(crate) struct Outside {
    habits: Habits,
    pub(crate) now: Timestamp,
    made: Vec<Made>,
    tokens: BTreeMap<String, GrantArn>,
    ledger: BTreeMap<EntryKey, Entry>,
    intents: u32,
    base: Snapshot,
}

impl Outside {
    pub(crate) fn new(habits: Habits) -> Self {
        let base = World::new().rule(only(&ACCOUNTS)).snapshot;
        Self {
            habits,
            now: base.now,
            made: Vec::new(),
            tokens: BTreeMap::new(),
            ledger: BTreeMap::new(),
            intents: 0,
            base,
        }
    }

    pub(crate) fn wait(&mut self, wait: Duration) {
        self.now = self.now.after(wait);
    }

    fn visible(&self) -> impl Iterator<Item = &Grant> {
        self.made.iter().filter(|made| self.now.since(made.at) >= self.habits.lag).map(|made| &made.grant)
    }

    pub(crate) fn plan(&self) -> Plan {
        plan(&self.snapshot())
    }

    fn snapshot(&self) -> Snapshot {
        let listed: Vec<Grant> = self.visible().cloned().collect();
        Snapshot {
            now: self.now,
            received: listed.clone(),
            distributed: listed,
            entries: self.ledger.clone(),
            ..self.base.clone()
        }
    }

    pub(crate) fn is_settled(&self) -> bool {
        settles(&self.plan())
    }

    /// One live, active grant to each account, each known to the ledger, and none made in vain
    pub(crate) fn is_right(&self) -> bool {
        let one_each = ACCOUNTS.iter().all(|number| {
            let principal = crate::world::to_account(*number);
            let live: Vec<&Grant> = self.live(&principal).collect();
            let held = self.ledger.get(&EntryKey::Grant(principal)).and_then(|entry| entry.arn());
            matches!(live.as_slice(), [only] if only.status == GrantStatus::Active && held == Some(&only.arn))
        });
        one_each && self.made.len() == ACCOUNTS.len()
    }

    fn live(&self, principal: &Principal) -> impl Iterator<Item = &Grant> {
        let mine = move |grant: &&Grant| grant.principal.as_ref() == Some(principal) && grant.status.is_live();
        self.made.iter().map(|made| &made.grant).filter(mine)
    }

    fn fresh_intent(&mut self) -> Intent {
        self.intents += 1;
        format!("{:032x}", self.intents).parse().unwrap()
    }

    /// Does what is asked
    pub(crate) fn perform(&mut self, ask: &Ask) -> Answer {
        match ask {
            Ask::Record { key, expected, entry } => {
                if self.ledger.get(key).map(|entry| entry.revision) != *expected {
                    return Answer::Conflict;
                }
                self.ledger.insert(key.clone(), (**entry).clone());
                Answer::Recorded
            }
            Ask::Create(call) => self.create(call),
            Ask::Activate(call) => self.activate(call),
            Ask::SwitchOff(call) => panic!("no rule lets go of anything, but {} is to be switched off", call.arn),
            Ask::Delete { arn, .. } => panic!("nothing failed, but {arn} is to be deleted"),
            Ask::Find { principal_arn } => {
                let principal = Principal::from_arn(principal_arn, &self.base.organization.id);
                Answer::Found(self.visible().filter(|grant| grant.principal == principal).cloned().collect())
            }
            Ask::Tell(request) => {
                self.grantee(request);
                Answer::Told
            }
        }
    }

    fn create(&mut self, call: &CreateGrant) -> Answer {
        if let Some(arn) = self.tokens.get(&call.token).filter(|_| self.habits.remembers_tokens) {
            return reply(arn.clone());
        }
        let principal = Principal::from_arn(&call.principal, &self.base.organization.id).unwrap();
        if self.live(&principal).next().is_some() {
            assert!(self.habits.refuses_duplicates, "a second live grant to {principal}: {self:#?}");
            return refused(Operation::CreateGrant, "ValidationException");
        }
        let status = if self.habits.accepts_by_itself { GrantStatus::Disabled } else { GrantStatus::PendingAccept };
        let made = grant(&format!("{}", self.made.len()), principal, status, &call.name);
        self.tokens.insert(call.token.clone(), made.arn.clone());
        self.made.push(Made { grant: made.clone(), at: self.now });
        reply(made.arn)
    }

    fn find(&mut self, arn: &GrantArn) -> &mut Grant {
        self.made.iter_mut().map(|made| &mut made.grant).find(|grant| grant.arn == *arn).unwrap()
    }

    fn activate(&mut self, call: &ActivateGrant) -> Answer {
        if !self.habits.grantor_may_activate {
            return refused(Operation::CreateGrantVersion, "AccessDeniedException");
        }
        let grant = self.find(&call.arn);
        match grant.status {
            GrantStatus::Disabled | GrantStatus::Active => {
                grant.status = GrantStatus::Active;
                reply(call.arn.clone())
            }
            GrantStatus::PendingWorkflow
            | GrantStatus::PendingAccept
            | GrantStatus::Rejected
            | GrantStatus::FailedWorkflow
            | GrantStatus::Deleted
            | GrantStatus::PendingDelete
            | GrantStatus::WorkflowCompleted
            | GrantStatus::Unknown(_) => refused(Operation::CreateGrantVersion, "ValidationException"),
        }
    }

    /// The account's own side, which accepts and activates as far as it is told to
    fn grantee(&mut self, request: &GranteeRequest) {
        let grant = self.find(&request.grant);
        loop {
            match acceptance(grant, request.activate, false) {
                Acceptance::Accept => grant.status = GrantStatus::Disabled,
                Acceptance::Activate => grant.status = GrantStatus::Active,
                Acceptance::Done(_) => break,
            }
        }
    }
}

/// Nothing to do, and every account has the license
pub(crate) fn settles(plan: &Plan) -> bool {
    plan.actions.is_empty() && plan.holds.is_empty() && plan.pairs.values().all(|pair| pair.code == ReasonCode::Active)
}

fn reply(arn: GrantArn) -> Answer {
    Answer::Replied(GrantReply { arn, status: GrantStatus::PendingWorkflow, version: "1".into() })
}

fn refused(operation: Operation, code: &str) -> Answer {
    Answer::Failed(Failure::of_code(operation, code, "it did not please the service", false))
}

/// One run: a plan, and the steps of its actions one after the other
#[derive(Debug, Clone)]
pub(crate) struct Run {
    todo: Vec<(Action, Option<Entry>)>,
    current: Option<(Step, Ask)>,
}

impl Run {
    /// Looks, plans, and comes to its first ask
    pub(crate) fn start(outside: &mut Outside) -> Self {
        let plan = outside.plan();
        Self::of(plan, outside)
    }

    /// Takes up a plan that was made just now, and comes to its first ask
    pub(crate) fn of(plan: Plan, outside: &mut Outside) -> Self {
        let actions = plan.actions.into_iter().rev();
        let todo = actions
            .map(|action| {
                let entry = action.entry(&outside.ledger).cloned();
                (action, entry)
            })
            .collect();
        let mut run = Self { todo, current: None };
        run.begin(outside);
        run
    }

    fn begin(&mut self, outside: &mut Outside) {
        let context =
            Context { deployment: outside.base.deployment.clone(), license: outside.base.license.arn.id().clone() };
        while let Some((action, entry)) = self.todo.pop() {
            let intent = outside.fresh_intent();
            let (step, next) = Step::start(context.clone(), &action, entry.as_ref(), intent, outside.now);
            if let Next::Ask(ask) = next {
                self.current = Some((step, ask));
                return;
            }
        }
    }

    /// What it wants next; `None`: it has come to its end
    pub(crate) fn ask(&self) -> Option<&Ask> {
        self.current.as_ref().map(|(_, ask)| ask)
    }

    /// Goes on with this answer
    pub(crate) fn answer(&mut self, answer: Answer, outside: &mut Outside) {
        let Some((mut step, _)) = self.current.take() else { return };
        match step.next(answer, outside.now) {
            Next::Ask(ask) => self.current = Some((step, ask)),
            Next::Done(_) => self.begin(outside),
        }
    }

    /// Has its next ask done and goes on; whether there was one
    pub(crate) fn advance(&mut self, outside: &mut Outside) -> bool {
        let Some(ask) = self.ask().cloned() else { return false };
        let answer = outside.perform(&ask);
        self.answer(answer, outside);
        true
    }
}

/// A world in which an intent was written and nobody knows whether its call was made
pub(crate) fn with_old_intents(habits: Habits, calls_made: bool) -> Outside {
    let mut outside = Outside::new(habits);
    let mut run = Run::start(&mut outside);
    while let Some(ask) = run.ask().cloned() {
        let is_call = matches!(ask, Ask::Create(_));
        let answer = if is_call && !calls_made {
            Answer::Failed(Failure::unanswered(ask.operation(), "timed out".into()))
        } else if is_call {
            let _ = outside.perform(&ask);
            Answer::Failed(Failure::unanswered(ask.operation(), "timed out".into()))
        } else {
            outside.perform(&ask)
        };
        run.answer(answer, &mut outside);
    }
    outside.wait(minutes(6));
    outside
}
