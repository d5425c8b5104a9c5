//! The judgement: what is left when the storm is over has to be right, and nothing wrong may have been done on the way

use std::collections::{BTreeMap, BTreeSet};

use grant_plan::action::Action;
use grant_plan::entry::EntryKey;
use grant_plan::id::AccountId;
use grant_plan::organization::Principal as Known;
use grant_plan::plan::Plan;
use pretend_aws::invariants::{self, Expectations, Violation};
use pretend_aws::license_manager::{GrantStatus, Principal, WriteOperation};
use pretend_aws::{Purchase, State};

use super::coverage::Subject;
use super::justified::Facts;
use super::ledger::Ledger;
use super::scene::Scene;
use super::spans::Spans;
use super::timeline::Timeline;
use crate::oracle::{Pair, Says, says};

/// Codes by pair, as Grantway itself gives them
pub(super) type Codes = BTreeMap<Pair, String>;

impl Scene {
    /// Everything that is not as it should be, given what Grantway would do now
    pub(super) async fn judged(&mut self, plans: &[Plan]) -> Vec<String> {
        let mut broken = Vec::new();
        let (mut in_vain, mut crowded_out) = (BTreeSet::new(), BTreeSet::new());
        let codes = codes(plans);
        let items = self.story.ledger().await;
        let ledger = Ledger::read(&items);
        let rules = self.rules_in_force(&ledger);
        let bought = self.offered();
        let prefix = self.story.stamp();
        let stands_still = self.paused || self.is_unclear() || self.is_shrunk().await;
        let world = self.world();
        world.with(|state| {
            let (mut active, mut others) = (BTreeSet::new(), BTreeSet::new());
            let mut named: BTreeSet<Pair> = BTreeSet::new();
            for purchase in &bought {
                for account in state.organization.accounts.keys() {
                    let (rule, left) = match says(&rules, &state.organization, purchase, account) {
                        Says::Has(rule) => (rule, None),
                        Says::Left(why, rule) => (rule, Some(why)),
                        Says::Nothing => continue,
                    };
                    let pair = (purchase.license.clone(), account.clone());
                    named.insert(pair.clone());
                    let (paused, budget) = (self.paused, self.story.config().grant_budget);
                    let (ledger, prefix) = (&ledger, prefix.as_str());
                    let ledger_lost = self.ledger_lost;
                    let facts =
                        Facts { state, ledger, ledger_lost, purchase, account, rule, left, prefix, paused, budget };
                    match codes.get(&pair) {
                        None => broken.push(format!("plan: {pair:?} is named by a rule and has no code")),
                        Some(code) if facts.is_in_vain() && facts.goes_round(code) => {
                            in_vain.insert(pair);
                            continue;
                        }
                        Some(code) if facts.is_crowded_out(code) => {
                            crowded_out.insert(pair.0.clone());
                            in_vain.insert(pair);
                            continue;
                        }
                        Some(code) if !facts.justify(code) => {
                            broken.push(format!("justified: {pair:?} is {code}, which is not true: {}", facts.said()));
                        }
                        // What is ACTIVE counts as such, whatever else could be said of it.
                        Some(_) => {}
                    }
                    let holds = account == &purchase.acceptor;
                    if facts.is_active() && !holds {
                        active.insert(pair)
                    } else {
                        others.insert(pair)
                    };
                }
            }
            broken.extend(
                codes
                    .keys()
                    .filter(|pair| !named.contains(*pair))
                    .map(|pair| format!("plan: {pair:?} has a code and no rule names it")),
            );
            let moving: BTreeSet<&str> = in_vain.iter().map(|(license, _)| license.as_str()).collect();
            broken.extend(ledger.lanes_broken(&moving));
            broken.extend(ledger.broken(state.now().as_second(), &active, &others, &codes));
            broken.extend(self.unknown_grants(state, &ledger, &prefix));
            broken.extend(self.lost_messages(state, &ledger));
            broken.extend(self.invariants(state, &prefix, stands_still));
            if !stands_still {
                broken.extend(self.not_let_go(state, &rules, &bought, &prefix));
            }
            broken.extend(while_paused(state, &self.pauses));
            broken.extend(over_budget(state, self.story.config().grant_budget));
        });
        let actions = plans.iter().flat_map(|plan| plan.actions.iter().map(move |action| (plan, action)));
        let waiting = |plan: &Plan, action: &Action| {
            let again = matches!(action, Action::Create(_) | Action::Repeat(_));
            again && crowded_out.contains(plan.license.as_str())
        };
        let actions = actions.filter(|(plan, action)| {
            !waiting(plan, action) && !in_vain.iter().any(|pair| is_about(plan, action, pair))
        });
        let actions = actions.count();
        if actions > 0 {
            broken.push(format!("settled: {actions} actions are still planned"));
        }
        self.in_vain = !in_vain.is_empty();
        broken
    }

    /// The hub's purchases that brought a license, one per license
    fn offered(&self) -> Vec<Purchase> {
        let world = self.world();
        let ours = self.bought.iter().filter(|one| one.acceptor == self.hub);
        let by_license: BTreeMap<&str, &Purchase> = ours.map(|one| (one.license.as_str(), one)).collect();
        world.with(|state| {
            let there = |one: &&Purchase| state.license_manager.license(&one.license).is_some();
            by_license.into_values().filter(there).cloned().collect()
        })
    }

    /// Every live grant of ours has a stamp, and an entry unless the ledger was lost
    fn unknown_grants(&self, state: &State, ledger: &Ledger, prefix: &str) -> Vec<String> {
        let live = state.license_manager.grants().filter(|grant| grant.is_live() && !grant.sub_grant);
        let ours = live.filter(|grant| grant.name.starts_with(prefix));
        let unknown = ours.filter(|grant| {
            let intent = grant.name.rsplit('/').next().unwrap_or_default();
            let stamped = intent.len() == 32 && grant.name.split('/').count() == 4;
            let known = ledger.knows(&grant.license, &grant.arn) || ledger.knows(&grant.license, intent);
            !stamped || !(known || self.ledger_lost)
        });
        unknown.map(|grant| format!("ledger: {} `{}` is not known to it", grant.arn, grant.name)).collect()
    }

    fn lost_messages(&self, state: &State, ledger: &Ledger) -> Vec<String> {
        let mut broken = Vec::new();
        for queue in ["dead-letters", "dead-letters.fifo"] {
            for message in state.queues.find(queue).into_iter().flat_map(|queue| queue.messages()) {
                broken.push(format!("queues: {queue} has {}", message.body));
            }
        }
        if !self.ledger_lost && ledger.quarantined() != self.unreadable.len() {
            broken.push(format!("queues: {} in quarantine, sent were {:?}", ledger.quarantined(), self.unreadable));
        }
        broken
    }

    fn invariants(&self, state: &State, prefix: &str, stands_still: bool) -> Vec<String> {
        let manager = &state.license_manager;
        let course = self.timeline.course(&self.bought, &self.hub, state.now());
        let mut wanted = Timeline::asked(&course);
        let everywhere = self.timeline.asked_everywhere(&self.bought);
        for grant in manager.grants().filter(|grant| grant.sub_grant && grant.status == GrantStatus::Active) {
            let under_a_unit = || match manager.grant(&grant.parent_arn).map(|parent| &parent.principal) {
                Some(Principal::Unit(unit)) => {
                    let mut bought = self.bought.iter().filter(|purchase| purchase.license == grant.license);
                    bought.any(|purchase| self.timeline.asked_under(purchase, unit))
                }
                Some(Principal::Organization | Principal::Account(_)) | None => false,
            };
            let was_right = everywhere.contains(&grant.license) || under_a_unit();
            if let Some(account) = grant.principal.account().filter(|_| was_right) {
                wanted.insert((grant.license.clone(), account.to_owned()));
            }
        }
        let expectations = Expectations {
            name_prefix: prefix.to_owned(),
            wanted,
            hub: self.hub.clone(),
            unheard: self.timeline.unheard(),
            may_displace: self.may_displace(),
        };
        let mut broken = invariants::broken(manager, &state.organization, manager.writes(), &expectations);
        let on_the_way = |course| invariants::broken_on_the_way(manager, manager.writes(), &expectations, course);
        let of_taking = [invariants::GAP, invariants::OVER_LIMIT, invariants::REVOKED_OUT_OF_TURN];
        let is_of_taking = |violation: &Violation| of_taking.contains(&violation.invariant);
        broken.extend(on_the_way(&course).into_iter().filter(|violation| !is_of_taking(violation)));
        // What was taken is held against what was asked for beyond doubt, what was given against what might have been.
        let mut sure = self.timeline.sure_course(&self.bought, &self.hub, state.now());
        self.allow(&mut sure);
        broken.extend(on_the_way(&sure).into_iter().filter(is_of_taking));
        broken.retain(|violation| !self.is_uncorrected(violation, stands_still));
        let broken = broken.into_iter().map(|one| format!("{}: {}", one.invariant, one.detail));
        broken.chain(self.taken_unreleased(state, &expectations, &sure)).collect()
    }

    /// Whether nothing moves any more, as far as anybody can tell without judging it
    pub(super) fn is_at_rest(&mut self, plans: &[Plan]) -> bool {
        for (subject, code) in plans.iter().flat_map(seen) {
            self.coverage.add(subject, code, 1);
        }
        let coming = self.world().with(|state| {
            state
                .marketplace
                .agreements
                .values()
                .any(|one| one.entitlements.iter().any(|entitlement| entitlement.due.is_some()))
        });
        !coming && self.story.is_idle() && plans.iter().all(Plan::is_settled)
    }
}

/// Of no license there are more grants that Grantway made than it may make
pub(super) fn over_budget(state: &State, budget: usize) -> Vec<String> {
    let manager = &state.license_manager;
    let made = manager.writes().iter().filter(|write| {
        let alive = || manager.grant(&write.grant_arn).is_some_and(|grant| grant.is_live());
        write.operation == WriteOperation::CreateGrant && !write.person && alive()
    });
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    made.for_each(|write| *counts.entry(&write.license).or_default() += 1);
    let over = counts.into_iter().filter(|(_, count)| *count > budget);
    over.map(|(license, count)| format!("over_budget: {count} grants of {license}, {budget} may be made")).collect()
}

/// For how many seconds a request to an account's side that was sent before a pause may be followed, and the run after it
const SENT_BEFORE: i64 = 20 * 60;

/// While everything is paused, Grantway writes nothing to License Manager
pub(super) fn while_paused(state: &State, pauses: &Spans) -> Vec<String> {
    let writes = state.license_manager.writes().iter().filter(|write| !write.person);
    writes
        .filter(|write| pauses.cover(write.at.as_second(), SENT_BEFORE))
        .map(|write| format!("while_paused: {} {} on {}", write.at, write.operation.as_str(), write.grant_arn))
        .collect()
}

/// Whether an action is about the grant of a pair, or its sub-grant
fn is_about(plan: &Plan, action: &Action, (license, account): &Pair) -> bool {
    let to = |one: &AccountId| plan.license.as_str() == license && one.as_str() == account;
    match action.key() {
        EntryKey::Grant(Known::Account(one)) | EntryKey::SubGrant(one) => to(&one),
        EntryKey::Grant(Known::Organization | Known::Unit(_)) => false,
    }
}

fn codes(plans: &[Plan]) -> Codes {
    let pair = |plan: &Plan, account: &AccountId| (plan.license.to_string(), account.to_string());
    let all = plans.iter().flat_map(|plan| plan.pairs.iter().map(move |(account, state)| (plan, account, state)));
    all.map(|(plan, account, state)| (pair(plan, account), state.code.to_string())).collect()
}

fn seen(plan: &Plan) -> impl Iterator<Item = (Subject, &'static str)> {
    let holds = plan.holds.iter().map(|hold| hold.code);
    plan.pairs.values().map(|pair| pair.code).chain(holds).map(|code| (Subject::Reason, code.as_str()))
}
