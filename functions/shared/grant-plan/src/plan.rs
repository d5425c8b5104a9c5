//! The difference between what the rules ask for and what there is, as a value

mod activation;
pub mod amend;
mod beneath;
mod consolidation;
mod contest;
mod families;
mod key;
mod ladder;
mod pair;
mod principal;
mod surplus;
mod view;
mod withdrawal;

use std::collections::{BTreeMap, BTreeSet};

use crate::action::Action;
use crate::budget::Budget;
use crate::cover::{Cover, Standing as Shape, cover};
use crate::desired::{Desired, desired};
use crate::entry::{EntryKey, Report};
use crate::grant::GrantStatus;
use crate::id::{AccountId, LicenseId, RuleId};
use crate::organization::Principal;
use crate::reason::{ReasonCode, Standing};
use crate::revocation::Waiting;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

use key::Decision;
pub use ladder::{Due, due};
use view::View;

/// How long after a CreateGrant without answer, or a grant that no listing shows, the listing is trusted
///
/// Repeating earlier could make a second grant if the first is merely not visible yet, or if the run that wrote the
/// intent is still about to call: so it is longer than any function may run (300 s). How far listings lag is not
/// documented.
pub const VISIBILITY_WAIT: std::time::Duration = crate::time::minutes(6);

/// What to do for one license, and why the rest is left alone
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Which license
    pub license: LicenseId,
    /// Changes, in the order in which to make them
    pub actions: Vec<Action>,
    /// The state of every pair that the rules name
    pub pairs: BTreeMap<AccountId, PairState>,
    /// Grants that are left alone although nobody asks for them, or although we cannot treat them
    pub holds: Vec<Hold>,
    /// Grants on their way that no pair waits for: an organization's whose accounts have all got the product otherwise
    pub under_way: Vec<UnderWay>,
    /// How far the license's grant budget is used; `None`: what there is could not be seen
    pub budget: Option<Budget>,
    /// What waits for the revocation pass
    pub waiting: Waiting,
    /// When something changes though nobody edits anything: what the rules ask for, or what is due to be revoked
    pub next_edge: Option<Timestamp>,
}

/// The state of one pair
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairState {
    /// Why it is as it is
    pub code: ReasonCode,
    /// The rule that names the account
    pub rule: RuleId,
    /// When to look again, if nothing happens before
    pub next_look: Option<Timestamp>,
    /// The grant or sub-grant that the state comes from, when there is one
    pub by: Option<EntryKey>,
    /// More, for people; never account names or e-mail addresses
    pub detail: Option<String>,
}

/// A grant on its way that no pair waits for
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    /// Whose entry
    pub key: EntryKey,
    /// What it waits for
    pub code: ReasonCode,
    /// When to look again, if nothing happens before
    pub next_look: Option<Timestamp>,
}

/// A grant left alone
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Whom the grant is made to
    pub principal: Principal,
    /// Why
    pub code: ReasonCode,
}

impl Plan {
    /// Whether nothing is to be done and nothing is under way
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.actions.is_empty()
            && self.under_way.is_empty()
            && self.pairs.values().all(|pair| match pair.code.standing() {
                Standing::Settled | Standing::Blocked => true,
                Standing::Moving => false,
            })
    }

    /// The earliest moment at which some pair or grant wants to be looked at, or the rules ask for something else
    #[must_use]
    pub fn next_look(&self) -> Option<Timestamp> {
        let grants = self.under_way.iter().filter_map(|grant| grant.next_look);
        self.pairs.values().filter_map(|pair| pair.next_look).chain(grants).chain(self.next_edge).min()
    }
}

/// Why a wide grant waits
const UNDECIDED: &str =
    "of some account beside it nobody knows yet whether a rule names it, so that no grant to the whole place is made";

/// Compares what the rules ask for with what was seen
#[must_use]
pub fn plan(snapshot: &Snapshot) -> Plan {
    let desired = desired(&snapshot.policy, &snapshot.organization, &snapshot.license, snapshot.now);
    if let Some(blind) = &snapshot.blind {
        return unseen(snapshot, &desired, blind);
    }
    let view = View::of(snapshot);
    let in_use = view.active.values().filter(|by_us| **by_us).count();
    let mut waiting = Waiting { candidates: Vec::new(), in_use };
    let mut next_edge = snapshot.policy.next_edge(&snapshot.license, snapshot.now);
    let mut pairs = BTreeMap::new();
    let mut open = BTreeSet::new();
    for (account, settings) in &desired.accounts {
        match pair::standing(snapshot, &view, account, settings) {
            Some(code) => {
                let (mut next_look, mut detail) = (code.next_look(snapshot.now), None);
                if code == ReasonCode::ReplaceUnapproved {
                    let (decision, candidate) = withdrawal::replacement(snapshot, account);
                    waiting.candidates.extend(candidate);
                    next_look = decision.state.and_then(|(_, at)| at).or(next_look);
                    detail = decision.detail;
                }
                let state = PairState { code, rule: settings.rule.clone(), next_look, by: None, detail };
                pairs.insert(account.clone(), state);
            }
            None => {
                open.insert(account.clone());
            }
        }
    }
    pairs.extend(desired.left.iter().filter_map(|(account, left)| {
        let (code, next_look) = pair::left(snapshot, &view, account, left.why);
        let state = PairState { code, rule: left.by.as_ref()?.rule.clone(), next_look, by: None, detail: None };
        Some((account.clone(), state))
    }));
    let shape = shape(snapshot, &view, &open);
    let cover = cover(&desired, &open, &shape, &snapshot.organization);
    let Cover { wanted, kept, giving_way, undecided, .. } = &cover;
    next_edge = next_edge.into_iter().chain(consolidation::next_look(snapshot.now, giving_way)).min();

    let mut keys: BTreeSet<Principal> = wanted.keys().cloned().collect();
    keys.extend(view.ours.keys().cloned());
    keys.extend(snapshot.entries.keys().filter_map(|key| match key {
        EntryKey::Grant(principal) => Some(principal.clone()),
        EntryKey::SubGrant(_) => None,
    }));

    let stands_still = snapshot.policy.stands_still(snapshot.now);
    let mut actions = Vec::new();
    let mut holds = Vec::new();
    let mut states = BTreeMap::new();
    let mut under_way = Vec::new();
    let mut budget = Budget::new(snapshot.limits.grant_budget, view.live_grants);
    for principal in keys {
        let principal::Decided { decision, candidate, look, gives_way } =
            principal::decided(snapshot, &desired, &view, &cover, &principal);
        waiting.candidates.extend(candidate);
        next_edge = next_edge.into_iter().chain(look).min();
        let left_alone = match &principal {
            Principal::Account(account) => pairs.get(account).map(|pair: &PairState| pair.code),
            Principal::Organization | Principal::Unit(_) => pair::of_license(&snapshot.license),
        };
        // That it is ACTIVE is what the one and the other grant are about.
        let left_alone = left_alone.filter(|code| !gives_way || *code != ReasonCode::Active);
        let decision = match left_alone {
            Some(code) => key::withheld(decision, code, None),
            None => decision,
        };
        // What is not made now takes no room from others.
        let decision = key::unless_still(decision, stands_still);
        let decision = key::within_budget(decision, &mut budget);
        match &decision.state {
            Some((code, _)) if !wanted.contains_key(&principal) && !kept.contains_key(&principal) => {
                let code = match &principal {
                    Principal::Account(account) if *code == ReasonCode::NoLongerWanted => unasked(&desired, account),
                    Principal::Account(_) | Principal::Organization | Principal::Unit(_) => *code,
                };
                holds.push(Hold { principal: principal.clone(), code });
            }
            Some(_) | None => {}
        }
        actions.extend(decision.action.iter().cloned());
        // An account that is left alone is looked at for its own reasons, whatever its grant waits for.
        if left_alone.is_none()
            && let Some((code, at)) = decision.state
        {
            let next_look = at.or_else(|| code.next_look(snapshot.now));
            under_way.push(UnderWay { key: EntryKey::Grant(principal.clone()), code, next_look });
        }
        states.insert(principal, decision);
    }

    for (account, settings) in &desired.accounts {
        if !open.contains(account) {
            continue;
        }
        let (by, decision) = match undecided.contains(account) {
            true => (None, Decision { detail: Some(UNDECIDED.to_owned()), ..Decision::hold(ReasonCode::NotKnownYet) }),
            false => pair::under(snapshot, &view, account, settings, &states, wanted),
        };
        let decision = key::unless_still(decision, stands_still);
        actions.extend(decision.action);
        let (code, next_look) = decision.state.unwrap_or((ReasonCode::Creating, None));
        let next_look = next_look.or_else(|| code.next_look(snapshot.now));
        let state = PairState { code, rule: settings.rule.clone(), next_look, by, detail: decision.detail };
        pairs.insert(account.clone(), state);
    }
    for unasked in beneath::unasked_for(snapshot, &desired, &view, &cover) {
        waiting.candidates.extend(unasked.candidate);
        next_edge = next_edge.into_iter().chain(unasked.decision.waits_until()).min();
        let decision = key::unless_still(unasked.decision, stands_still);
        let Some((code, at)) = decision.state else { continue };
        actions.extend(decision.action);
        if unasked.is_told {
            holds.push(Hold { principal: Principal::Account(unasked.account.clone()), code });
        }
        let next_look = at.or_else(|| code.next_look(snapshot.now));
        under_way.push(UnderWay { key: EntryKey::SubGrant(unasked.account), code, next_look });
    }
    let acted_on: BTreeSet<EntryKey> = actions.iter().map(Action::key).collect();
    actions.extend(beneath::wanted_again(snapshot, &desired).filter(|action| !acted_on.contains(&action.key())));
    let spoken_for: BTreeSet<&EntryKey> = pairs.values().filter_map(|pair| pair.by.as_ref()).collect();
    under_way.retain(|grant| grant.code.standing() == Standing::Moving && !spoken_for.contains(&grant.key));
    let license = snapshot.license.arn.id().clone();
    Plan { license, actions, pairs, holds, under_way, budget: Some(budget), waiting, next_edge }
}

/// What there is of ours and of others, for the choice of a cover
fn shape(snapshot: &Snapshot, view: &View<'_>, open: &BTreeSet<AccountId>) -> Shape {
    let mut ours = view.principals();
    // An intent for an account that is left alone is not gone on with: no grant of ours could change anything there.
    ours.retain(|principal| match principal {
        Principal::Account(account) => view.ours.contains_key(principal) || open.contains(account),
        Principal::Organization | Principal::Unit(_) => true,
    });
    let reached = view.sub_grants.iter().filter(|(_, (sub_grant, _))| !is_ending(&sub_grant.status));
    let reached = reached.map(|(account, (_, through))| ((*account).clone(), through.clone()));
    let room = snapshot.limits.grant_budget.saturating_sub(view.live_grants);
    let giving_way = snapshot.entries.iter().filter_map(|(key, entry)| match key {
        EntryKey::Grant(Principal::Account(account)) if entry.gives_way => Some(account.clone()),
        EntryKey::Grant(_) | EntryKey::SubGrant(_) => None,
    });
    let (giving_way, foreign) = (giving_way.collect(), view.foreign.keys().cloned().collect());
    Shape { ours, foreign, reached: reached.collect(), giving_way, room }
}

/// Whether a sub-grant of this status will never be of use, so that its account has to get the license otherwise
fn is_ending(status: &GrantStatus) -> bool {
    matches!(status, GrantStatus::PendingDelete | GrantStatus::Deleted | GrantStatus::FailedWorkflow)
}

/// Why what an account has is more than it should have
fn unasked(desired: &Desired, account: &AccountId) -> ReasonCode {
    match desired.denied.contains_key(account) {
        true => ReasonCode::DeniedStillGranted,
        false => ReasonCode::NoLongerWanted,
    }
}

/// Nothing is done about what nobody can see; every pair says why
fn unseen(snapshot: &Snapshot, desired: &Desired, blind: &Report) -> Plan {
    let pairs = desired.accounts.iter().map(|(account, settings)| {
        let (code, detail) = match pair::whatever_is_granted(snapshot, account) {
            Some(code) => (code, None),
            None => (blind.code, Some(blind.detail.clone())),
        };
        let next_look = code.next_look(snapshot.now);
        (account.clone(), PairState { code, rule: settings.rule.clone(), next_look, by: None, detail })
    });
    let license = snapshot.license.arn.id().clone();
    let next_edge = snapshot.policy.next_edge(&snapshot.license, snapshot.now);
    Plan {
        license,
        actions: Vec::new(),
        pairs: pairs.collect(),
        holds: Vec::new(),
        under_way: Vec::new(),
        budget: None,
        waiting: Waiting::default(),
        next_edge,
    }
}
