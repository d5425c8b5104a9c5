//! Whether a history went right, by what License Manager holds and what was asked for
//!
//! Nothing in here goes by what the planner decided, but for the codes it claims, which are held against the world.

#[cfg(test)]
mod tests;
mod truth;

use std::collections::BTreeMap;
use std::time::Duration;

use grant_plan::call::{ActivateGrant, CreateGrant, Override, SwitchOff};
use grant_plan::entry::{Entry, EntryKey, Phase};
use grant_plan::organization::Principal as Known;
use grant_plan::plan::PairState;
use grant_plan::reason::{ReasonCode, Standing};
use grant_plan::revocation::Kind;
use grant_plan::time::minutes;
use jiff::{SignedDuration, Timestamp};
use pretend_aws::invariants::{self, Course, Expectations, Limits, Violation};
use pretend_aws::license_manager::{Displacement, Grant, GrantStatus, LicenseStatus, Principal};

use super::sight::Basis;
use super::world::{OURS, World, license_id, short};

/// A check that did not hold
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which one
    pub check: &'static str,
    /// Where, for a reader
    pub detail: String,
}

/// Two live grants of ours to one principal at some moment
pub const ONE_GRANT_PER_KEY: &str = "one_grant_per_key";
/// A CreateGrant whose intent the ledger did not hold, or an activation that it did not count
pub const ANNOUNCED: &str = "announced";
/// An intent of unknown outcome that another one was written over
pub const INTENT_KEPT: &str = "intent_kept";
/// A CreateGrant for a principal, or the activation of a whole place, that no rule asked for when the run looked
pub const ASKED_FOR: &str = "asked_for";
/// An activation in an account that was not in the organization when the run looked
pub const INSIDE: &str = "inside";
/// A grant that was switched off, or an own subscription put at risk, without a pass that released it or against the rules
pub const RELEASED: &str = "released";
/// A grant in use that nobody asks for and whose rule lets go of it
pub const LET_GO: &str = "let_go";
/// A pair that some rule names is missing from the states, or one that none names is among them
pub const EVERY_PAIR_HAS_A_STATE: &str = "every_pair_has_a_state";
/// A state that the world does not bear out
pub const CODES_ARE_TRUE: &str = "codes_are_true";
/// A live grant of ours that the ledger does not know
pub const GRANTS_ARE_KNOWN: &str = "grants_are_known";
/// It does not come to rest
pub const COMES_TO_REST: &str = "comes_to_rest";
/// Something was written when everything had come to rest
pub const STAYS_AT_REST: &str = "stays_at_rest";

/// What somebody undoes again and again was healed more often than twice a day
pub const FIGHTS: &str = "fights";

/// How far a listing may be behind, and a little more
const BEHIND: SignedDuration = SignedDuration::from_mins(15);

/// How long a release holds, and for how long after that a run that saw it may still act
const RELEASE_AND_RUN: Duration = minutes(65);

impl Broken {
    pub(super) fn new(check: &'static str, detail: String) -> Self {
        Self { check, detail }
    }
}

fn is_ours(grant: &Grant) -> bool {
    grant.name.starts_with(OURS) && !grant.sub_grant
}

/// At most one live grant of ours for each license and principal; asked after every CreateGrant
pub(super) fn one_grant_per_key(world: &mut World) {
    let mut live: BTreeMap<(&str, &Principal), &Grant> = BTreeMap::new();
    let mut doubled = None;
    for grant in world.license_manager.grants().filter(|grant| is_ours(grant) && grant.is_live()) {
        if let Some(other) = live.insert((&grant.license, &grant.principal), grant) {
            doubled = Some(format!("{:?}: {} and {}", grant.principal, short(&other.arn), short(&grant.arn)));
        }
    }
    world.broken.extend(doubled.map(|detail| Broken::new(ONE_GRANT_PER_KEY, detail)));
}

/// The ledger holds the intent of a CreateGrant before it is called
pub(super) fn creation_is_announced(world: &mut World, license: usize, call: &CreateGrant) {
    let intent = call.name.rsplit('/').next().unwrap_or_default();
    let mut entries = world.ledger.get(license).into_iter().flat_map(|memory| memory.entries.values());
    let announced = entries.any(|entry| entry.intent().is_some_and(|known| known.as_str() == intent));
    if !announced && !world.tampered {
        world.broken.push(Broken::new(ANNOUNCED, format!("CreateGrant `{}` to {}", call.name, call.principal)));
    }
}

/// An intent stays until it is known what came of it
pub(super) fn intent_is_kept(world: &mut World, before: Option<&Entry>, after: &Entry) {
    let intended = |entry: &Entry| match &entry.phase {
        Phase::Intended { intent, .. } => Some(intent.clone()),
        Phase::Held { .. } | Phase::Refused { .. } | Phase::Closed { .. } => None,
    };
    if let (Some(before), Some(after)) = (before.and_then(intended), intended(after))
        && before != after
    {
        world.broken.push(Broken::new(INTENT_KEPT, format!("{before} gives way to {after}")));
    }
}

/// The ledger counts an activation before it is called; what becomes of the entry in between is no matter
pub(super) fn activation_is_announced(world: &mut World, call: &ActivateGrant) {
    let announced = world.announced.entry(call.arn.to_string()).or_default();
    announced.called.insert(call.token.clone());
    if announced.called.len() > announced.counted {
        world.broken.push(Broken::new(ANNOUNCED, format!("CreateGrantVersion {} ({})", call.arn, call.token)));
    }
}

/// Some rule that the run went by names the principal of a CreateGrant, as the run saw the organization
pub(super) fn creation_is_asked_for(world: &mut World, license: usize, basis: &Basis, call: &CreateGrant) {
    let license = world.purchase(license).license.clone();
    let asked = match account_of(&call.principal) {
        Some(account) => basis.rules.ask_for(&license, account, &basis.known),
        None => asks_for_place(basis, &license, unit_of(&call.principal)),
    };
    if !asked {
        world.broken.push(Broken::new(ASKED_FOR, format!("CreateGrant `{}` to {}", call.name, call.principal)));
    }
}

/// A grant to a place is activated as a whole only while some rule asks for the whole of it: it reaches whoever is there
pub(super) fn activation_of_a_place_is_asked_for(world: &mut World, basis: &Basis, call: &ActivateGrant) {
    let Some(grant) = world.license_manager.grant(call.arn.as_str()).filter(|grant| !grant.sub_grant) else { return };
    let asked = match &grant.principal {
        Principal::Organization => asks_for_place(basis, &grant.license, None),
        Principal::Unit(unit) => asks_for_place(basis, &grant.license, Some(unit)),
        Principal::Account(_) => true,
    };
    if !asked {
        let detail = format!("CreateGrantVersion {} {:?}", call.arn, grant.principal);
        world.broken.push(Broken::new(ASKED_FOR, detail));
    }
}

/// Whether some rule that the run went by asks for everybody in a unit, or in the organization, or for somebody there and
/// may reach further
fn asks_for_place(basis: &Basis, license: &str, unit: Option<&str>) -> bool {
    let whole = match unit {
        Some(unit) => basis.rules.asks_for_unit(license, unit, &basis.known),
        None => basis.rules.asks_for_everybody(license),
    };
    whole || basis.rules.ask_widely(license, unit, &basis.known)
}

/// A grant is activated in accounts only that were in the organization when the run looked
pub(super) fn activation_is_inside(world: &mut World, basis: &Basis, call: &ActivateGrant) {
    let Some(grant) = world.license_manager.grant(call.arn.as_str()) else { return };
    let outside = |account: &str| !basis.known.accounts.contains_key(&super::world::account_id(account));
    if grant.principal.account().is_some_and(outside) {
        let detail = format!("CreateGrantVersion {} {:?}", call.arn, grant.principal);
        world.broken.push(Broken::new(INSIDE, detail));
    }
}

/// What is switched off is something that no rule the run went by asks for, and that either a pass has released within the
/// hour or nobody ever gave
pub(super) fn withdrawal_is_released(world: &mut World, license: usize, basis: &Basis, call: &SwitchOff) {
    let purchase = world.purchase(license).clone();
    let Some(grant) = world.license_manager.grant(call.arn.as_str()) else { return };
    let Some(account) = grant.principal.account().map(str::to_owned) else {
        world.broken.push(Broken::new(RELEASED, format!("{} is switched off for a whole place", call.arn)));
        return;
    };
    let asked = basis.rules.ask_for(&purchase.license, &account, &basis.known);
    let released = is_released(world, license, &account, Kind::Revocation);
    if asked || !(released || was_never_given(world, grant)) {
        let detail = format!("{} in {account}: asked for {asked}, released {released}", call.arn);
        world.broken.push(Broken::new(RELEASED, detail));
    }
}

/// What a member subscribed to itself is put at risk only where a rule the run went by says so, and a pass has released it
pub(super) fn override_is_released(world: &mut World, license: usize, basis: &Basis, call: &ActivateGrant) {
    if call.overriding != Override::AllGrantsPermittedByIssuer {
        return;
    }
    let wanted = &world.purchase(license).license;
    let grant = world.license_manager.grant(call.arn.as_str());
    let account = grant.and_then(|grant| grant.principal.account()).unwrap_or_default();
    let says = basis.rules.asking(wanted, account, &basis.known).is_some_and(|wish| wish.activation == "replace");
    let released = is_released(world, license, account, Kind::Replacement);
    if !says || !released {
        let detail = format!("{} in `{account}` displaces: a rule says so {says}, released {released}", call.arn);
        world.broken.push(Broken::new(RELEASED, detail));
    }
}

/// Whether a pass released this, so short a time ago that a run may still act by it
fn is_released(world: &World, license: usize, account: &str, kind: Kind) -> bool {
    let (id, now) = (license_id(world.purchase(license)), world.seconds());
    let mut releases = world.window.0.iter().filter(|release| release.license == id && release.kind == kind);
    releases.any(|release| release.account.as_str() == account && now.since(release.at) <= RELEASE_AND_RUN)
}

/// Whether a grant in use, and what it took the place of, came into use without any run having seen that the account is
/// asked for since; nobody can tell when somebody took the ledger's memory away
fn was_never_given(world: &World, grant: &Grant) -> bool {
    let account = grant.principal.account().unwrap_or_default();
    let heard = world.heard.get(&(grant.license.clone(), account.to_owned()));
    world.tampered || heard.is_none_or(|heard| *heard < in_use_since(world, &grant.arn))
}

/// Since when the grant, or one of ours that it took the place of, has been in use without a break
fn in_use_since(world: &World, arn: &str) -> Timestamp {
    let manager = &world.license_manager;
    let (mut since, mut was_active) = (world.now, false);
    for (at, grant) in manager.states(arn) {
        let active = grant.status == GrantStatus::Active;
        if active && !was_active {
            since = at;
        }
        was_active = active;
    }
    let mut earlier = manager.displacements().iter().filter(|one| one.by == arn && one.at == since);
    let ours = |one: &&Displacement| {
        manager.grant(&one.displaced).is_some_and(|grant| grant.name.starts_with(OURS) && grant.arn != arn)
    };
    match earlier.find(ours).filter(|_| was_active) {
        Some(before) => was_in_use_since(world, &before.displaced, since),
        None => since,
    }
}

/// The same of a grant that was displaced at this moment
fn was_in_use_since(world: &World, arn: &str, until: Timestamp) -> Timestamp {
    let states = world.license_manager.states(arn);
    let active = states.iter().filter(|(at, grant)| *at <= until && grant.status == GrantStatus::Active);
    active.map(|(at, _)| *at).next_back().unwrap_or(until)
}

/// The account that a principal's ARN names
fn account_of(principal: &str) -> Option<&str> {
    principal.strip_prefix("arn:aws:iam::").map(|rest| rest.trim_end_matches(":root"))
}

/// The unit that a principal's ARN names
fn unit_of(principal: &str) -> Option<&str> {
    principal.strip_prefix("arn:aws:organizations::")?.split_once(":ou/")?.1.split_once('/').map(|(_, unit)| unit)
}

/// Everything that can be said of a world at rest, given the states that the last look left for each license
pub(super) fn at_rest(world: &World, states: &[BTreeMap<grant_plan::id::AccountId, PairState>]) -> Vec<Broken> {
    let mut broken = world.broken.clone();
    for (license, states) in states.iter().enumerate() {
        broken.extend(pairs(world, license, states));
    }
    broken.extend(known(world));
    let accounts = || world.organization.accounts.keys();
    let for_all = world.for_all.iter().flat_map(|license| accounts().map(|account| (license.clone(), account.clone())));
    let wanted = world.asked.iter().cloned().chain(for_all).collect();
    let expectations = Expectations {
        name_prefix: OURS.to_owned(),
        wanted,
        hub: world.hub.to_string(),
        unheard: BTreeMap::new(),
        may_displace: world.may_displace.clone(),
    };
    let license_manager = &world.license_manager;
    let violations = invariants::broken(license_manager, &world.organization, license_manager.writes(), &expectations);
    // That an account had left since the run looked is nothing it could know; [`INSIDE`] asks what it saw.
    let counts = |violation: &Violation| violation.invariant != invariants::OUTSIDE_ORGANIZATION || !world.departed;
    let violations = violations.into_iter().filter(counts);
    broken.extend(violations.map(|violation| Broken::new(violation.invariant, violation.detail)));
    broken.extend(displaced_too_many(world, &expectations));
    broken.extend(let_go(world));
    broken
}

/// In no 24 hours more own subscriptions made way than the settings let
fn displaced_too_many(world: &World, expectations: &Expectations) -> Vec<Broken> {
    let manager = &world.license_manager;
    if manager.displacements().is_empty() {
        return Vec::new();
    }
    let displacements = usize::try_from(world.replacements).unwrap_or(usize::MAX);
    let limits = Limits { displacements, ..Limits::NONE };
    let course = Course { limits, ..Course::steady(expectations.wanted.clone(), world.now) };
    let all = invariants::broken_on_the_way(manager, manager.writes(), expectations, &course);
    let over = all.into_iter().filter(|violation| violation.invariant == invariants::OVER_LIMIT);
    over.map(|violation| Broken::new(violation.invariant, violation.detail)).collect()
}

/// What nobody asks for and a rule lets go of is not in use any more, unless somebody switched it on by hand, or no listing may
/// show it yet
fn let_go(world: &World) -> Vec<Broken> {
    if world.rules.paused || world.rules.broken || world.tampered || world.organization.trusted_services.len() < 2 {
        return Vec::new();
    }
    let active = world.license_manager.grants().filter(|grant| grant.status == GrantStatus::Active);
    let kept = active.filter(|grant| grant.name.starts_with(OURS)).filter(|grant| {
        let Some(account) = grant.principal.account() else { return false };
        let closed = world.organization.accounts.get(account).is_none_or(|known| known.state == "CLOSED");
        let license = world.license_manager.license(&grant.license);
        let ended = license.is_none_or(|license| license.status != LicenseStatus::Available);
        let wanted = world.rules.by(&grant.license, account, &world.organization).is_some();
        let denying = world.rules.denying(&grant.license, account, &world.organization);
        let maker = grant.name.strip_prefix(OURS).and_then(|name| name.split('/').next());
        let word = denying.or_else(|| world.rules.wishes.iter().find(|wish| Some(wish.id) == maker));
        let by_hand = world
            .license_manager
            .writes()
            .iter()
            .any(|write| write.person && (write.grant_arn == grant.arn || write.grant_arn == grant.parent_arn));
        let seen = world.now.duration_since(in_use_since(world, &grant.arn)) > BEHIND;
        seen && !closed && !ended && !wanted && !by_hand && word.is_some_and(|wish| wish.lets_go)
    });
    kept.map(|grant| Broken::new(LET_GO, format!("{} is active in {:?}", grant.arn, grant.principal))).collect()
}

/// Every pair that the rules name has a state that is true, and no other pair has one
fn pairs(world: &World, license: usize, states: &BTreeMap<grant_plan::id::AccountId, PairState>) -> Vec<Broken> {
    let purchase = world.purchase(license);
    let mut broken = Vec::new();
    for account in world.organization.accounts.keys() {
        let named = world.rules.by(&purchase.license, account, &world.organization);
        let state = states.get(&super::world::account_id(account));
        match (named, state) {
            (None, None) => {}
            (Some(wish), Some(state)) => {
                if let Err(why) = truth::bears_out(world, purchase, account, wish, state.code) {
                    broken.push(Broken::new(CODES_ARE_TRUE, format!("{account} is {}: {why}", state.code)));
                }
            }
            (Some(wish), None) => {
                broken.push(Broken::new(EVERY_PAIR_HAS_A_STATE, format!("{account} has none, rule {}", wish.id)));
            }
            (None, Some(state)) => {
                broken.push(Broken::new(EVERY_PAIR_HAS_A_STATE, format!("{account} is {}, by no rule", state.code)));
            }
        }
    }
    broken
}

/// The ledger holds every live grant of ours, by its ARN or by the intent in its name
fn known(world: &World) -> Vec<Broken> {
    let ours = world.license_manager.grants().filter(|grant| is_ours(grant) && grant.is_live());
    ours.filter(|grant| !world.tampered && !is_known(world, grant))
        .map(|grant| Broken::new(GRANTS_ARE_KNOWN, format!("{} {:?} {:?}", grant.arn, grant.principal, grant.status)))
        .collect()
}

/// Whether the ledger holds this grant
fn is_known(world: &World, grant: &Grant) -> bool {
    let intent = grant.name.rsplit('/').next().unwrap_or_default();
    let license = world.licenses.iter().position(|purchase| license_id(purchase).as_str() == grant.license);
    let memory = license.and_then(|license| world.ledger.get(license));
    memory.into_iter().flat_map(|memory| memory.entries.values()).any(|entry| {
        entry.arn().is_some_and(|arn| arn.as_str() == grant.arn)
            || entry.intent().is_some_and(|known| known.as_str() == intent)
            || entry.former.iter().any(|known| known.as_str() == intent)
    })
}

/// How long an intent of unknown outcome may wait for the listing, and a little more
const OPEN: Duration = minutes(10);

/// Whether an intent for the organization is open that will be gone on with
///
/// One for an account that is left alone stays as it is: nothing could come of it.
pub(super) fn an_intent_is_open(world: &World) -> bool {
    let organization = EntryKey::Grant(Known::Organization);
    world.licenses.iter().zip(&world.ledger).any(|(purchase, memory)| {
        let intended = |entry: &Entry| match &entry.phase {
            Phase::Intended { at, .. } => world.seconds().since(*at) < OPEN,
            Phase::Held { .. } | Phase::Refused { .. } | Phase::Closed { .. } => false,
        };
        let license = world.license_manager.license(&purchase.license);
        memory.entries.get(&organization).is_some_and(intended)
            && license.is_some_and(|license| license.status == LicenseStatus::Available)
            && world.rules.asks_for_everybody(&purchase.license)
            && !world.rules.paused
    })
}

/// Whether a code may stay for good
pub(super) fn may_rest(code: ReasonCode) -> bool {
    match code.standing() {
        Standing::Settled | Standing::Blocked => true,
        // These last as long as the account or the license is not ready, which nobody here can hurry.
        Standing::Moving => matches!(code, ReasonCode::AccountNotReady | ReasonCode::LicensePending),
    }
}

/// Live grants to this very account, and sub-grants in it
fn grants_in<'a>(world: &'a World, license: &'a str, account: &'a str) -> impl Iterator<Item = &'a Grant> {
    let of = move |grant: &&Grant| grant.license == license && grant.principal.account() == Some(account);
    world
        .license_manager
        .grants()
        .filter(of)
        .filter(|grant| grant.status.is_live() || grant.status == GrantStatus::Rejected)
}
