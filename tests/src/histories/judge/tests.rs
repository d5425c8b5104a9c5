//! A planted wrong answer for every check: each of them fires

use std::sync::Arc;

use grant_plan::entry::{EntryKey, Phase};
use grant_plan::organization::Principal as Known;
use grant_plan::revocation::Release;
use pretend_aws::Knobs;
use serde_json::json;

use super::*;
use crate::histories::deed::by_hand;
use crate::histories::fight::{fight, fought};
use crate::histories::log::Log;
use crate::histories::rest::{judged, look, stays_at_rest};
use crate::histories::run::Found;
use crate::histories::scene::{self, MEMBERS};
use crate::histories::sight::Basis;
use crate::histories::wish::{Rules, Who, Wish};

type States = Vec<BTreeMap<grant_plan::id::AccountId, PairState>>;

const ONE: &str = MEMBERS[0];
const OTHER: &str = MEMBERS[1];

fn wish(who: Who) -> Wish {
    let (except, license) = (None, None);
    Wish { id: "a-first", who, except, activation: "keep", license, lets_go: false, wide: false, denies: false }
}

fn these(accounts: &[&str]) -> Who {
    Who::Accounts(accounts.iter().map(|account| (*account).to_owned()).collect())
}

fn for_accounts(accounts: &[&str]) -> Rules {
    Rules::new(vec![wish(these(accounts))], false, false)
}

/// A world of two members that both have the license, at rest, with the states that its last look found
fn at_peace() -> (World, States) {
    let mut log = Log::default();
    let mut world = scene::plain(Knobs::default());
    world.rule(for_accounts(&[ONE, OTHER]));
    for _ in 0..4 {
        look(&mut world, &mut log);
        world.wait(400, &mut log);
    }
    let states = states(&look(&mut world, &mut log));
    assert_eq!(at_rest(&world, &states), []);
    (world, states)
}

fn states(found: &[Option<Found>]) -> States {
    found.iter().flatten().map(|found| found.plan.pairs.clone()).collect()
}

fn checks(broken: &[Broken]) -> Vec<&'static str> {
    broken.iter().map(|broken| broken.check).collect()
}

fn basis(world: &World) -> Basis {
    Basis { rules: Arc::clone(&world.rules), known: Arc::clone(&world.known) }
}

fn creation(world: &World, principal: String, intent: char) -> CreateGrant {
    let intent = intent.to_string().repeat(32);
    CreateGrant {
        token: intent.clone(),
        name: format!("{OURS}a-first/{intent}"),
        license: pretend_aws::license_manager::LicenseManager::license_arn(&world.purchase(0).license),
        principal,
        home_region: "us-east-1".to_owned(),
        operations: vec!["CheckoutLicense".to_owned()],
        activate: None,
    }
}

fn to(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

fn activation(world: &World, account: &str) -> ActivateGrant {
    let mut grants = world.license_manager.grants();
    let grant = grants.find(|grant| is_ours(grant) && grant.principal.account() == Some(account)).unwrap();
    let overriding = grant_plan::call::Override::DistributedGrantsOnly;
    ActivateGrant { token: "t".to_owned(), arn: grant.arn.parse().unwrap(), overriding }
}

/// A call by Grantway's account that is nobody's step
fn program(world: &mut World, operation: &str, body: &serde_json::Value) {
    let hub = Arc::clone(&world.hub);
    world.call(&hub, operation, body, &mut Log::default()).unwrap();
}

#[test]
fn two_live_grants_on_one_principal_are_seen() {
    let (mut world, _) = at_peace();
    one_grant_per_key(&mut world);
    assert_eq!(world.broken, []);
    world.knobs.duplicate_grants_refused = false;
    let call = creation(&world, to(ONE), 'f');
    let body = json!({
        "ClientToken": call.token, "GrantName": call.name, "LicenseArn": call.license, "Principals": [call.principal],
        "HomeRegion": call.home_region, "AllowedOperations": call.operations,
    });
    program(&mut world, "CreateGrant", &body);
    one_grant_per_key(&mut world);
    assert_eq!(checks(&world.broken), [ONE_GRANT_PER_KEY]);
}

#[test]
fn calls_that_the_ledger_does_not_announce_are_seen() {
    let (mut world, _) = at_peace();
    let call = creation(&world, to(ONE), 'f');
    creation_is_announced(&mut world, 0, &call);
    assert_eq!(checks(&world.broken), [ANNOUNCED]);

    let (mut world, _) = at_peace();
    let call = activation(&world, ONE);
    world.announced.entry(call.arn.to_string()).or_default().counted += 1;
    for _again in 0..2 {
        activation_is_announced(&mut world, &call);
        assert_eq!(world.broken, []);
    }
    activation_is_announced(&mut world, &ActivateGrant { token: "another".into(), ..call });
    assert_eq!(checks(&world.broken), [ANNOUNCED]);
}

#[test]
fn a_creation_that_no_rule_asks_for_is_seen() {
    let (mut world, _) = at_peace();
    let organization = world.organization.arn();
    for principal in [to(MEMBERS[2]), organization] {
        let (basis, call) = (basis(&world), creation(&world, principal, 'f'));
        creation_is_asked_for(&mut world, 0, &basis, &call);
        assert_eq!(checks(&std::mem::take(&mut world.broken)), [ASKED_FOR]);
    }
    let (basis, call) = (basis(&world), creation(&world, to(ONE), 'f'));
    creation_is_asked_for(&mut world, 0, &basis, &call);
    assert_eq!(world.broken, []);
}

#[test]
fn an_activation_of_a_whole_place_that_no_rule_asks_for_as_a_whole_is_seen() {
    let everybody = wish(Who::Everybody);
    let mut world = scene::plain(Knobs::default());
    world.rule(Rules::new(vec![everybody], false, false));
    for _ in 0..4 {
        look(&mut world, &mut Log::default());
        world.wait(400, &mut Log::default());
    }
    let mut grants = world.license_manager.grants();
    let whole = grants.find(|grant| is_ours(grant) && grant.principal == Principal::Organization).unwrap();
    let (token, overriding) = ("t".to_owned(), grant_plan::call::Override::DistributedGrantsOnly);
    let call = ActivateGrant { token, arn: whole.arn.parse().unwrap(), overriding };
    drop(grants);
    let asked = basis(&world);
    activation_of_a_place_is_asked_for(&mut world, &asked, &call);
    assert_eq!(world.broken, []);
    world.rule(for_accounts(&[ONE, OTHER]));
    let no_longer = basis(&world);
    activation_of_a_place_is_asked_for(&mut world, &no_longer, &call);
    assert_eq!(checks(&world.broken), [ASKED_FOR]);
}

#[test]
fn an_activation_outside_the_organization_is_seen() {
    let (mut world, _) = at_peace();
    let call = activation(&world, ONE);
    let inside = basis(&world);
    activation_is_inside(&mut world, &inside, &call);
    assert_eq!(world.broken, []);
    world.organization.accounts.remove(ONE);
    world.learn_organization();
    let outside = basis(&world);
    activation_is_inside(&mut world, &outside, &call);
    assert_eq!(checks(&world.broken), [INSIDE]);
}

fn release(world: &World, account: &str, kind: Kind, minutes_ago: i64) -> Release {
    let at = grant_plan::time::Timestamp(world.seconds().0 - 60 * minutes_ago);
    let license = license_id(world.purchase(0));
    Release { at, license, account: account.parse().unwrap(), kind }
}

#[test]
fn a_withdrawal_of_what_somebody_was_given_needs_a_release_and_nobody_who_asks() {
    let (mut world, _) = at_peace();
    let off = |world: &World| {
        let ActivateGrant { token, arn, .. } = activation(world, ONE);
        SwitchOff { token, arn, reason: "nobody asks for it".to_owned() }
    };
    let call = off(&world);
    world.window.0 = vec![release(&world, ONE, Kind::Revocation, 1)];
    let asked = basis(&world);
    withdrawal_is_released(&mut world, 0, &asked, &call);
    assert_eq!(checks(&std::mem::take(&mut world.broken)), [RELEASED], "a rule asks for it");
    world.rule(for_accounts(&[OTHER]));
    let unasked = basis(&world);
    withdrawal_is_released(&mut world, 0, &unasked, &call);
    assert_eq!(world.broken, []);
    let wrong = [
        release(&world, ONE, Kind::Revocation, 66),
        release(&world, OTHER, Kind::Revocation, 1),
        release(&world, ONE, Kind::Replacement, 1),
    ];
    world.window.0 = wrong.into();
    withdrawal_is_released(&mut world, 0, &unasked, &call);
    assert_eq!(checks(&std::mem::take(&mut world.broken)), [RELEASED]);
    // Nobody's look ever found that a rule asks for it.
    world.heard = Arc::default();
    withdrawal_is_released(&mut world, 0, &unasked, &call);
    assert_eq!(world.broken, []);
}

#[test]
fn an_override_needs_a_rule_that_says_replace_and_a_release() {
    let (mut world, _) = at_peace();
    let overriding = Override::AllGrantsPermittedByIssuer;
    let call = ActivateGrant { overriding, ..activation(&world, ONE) };
    world.window.0 = vec![release(&world, ONE, Kind::Replacement, 1)];
    let keep = basis(&world);
    override_is_released(&mut world, 0, &keep, &call);
    assert_eq!(checks(&std::mem::take(&mut world.broken)), [RELEASED], "its rule says keep");
    world.rule(Rules::limited(vec![Wish { activation: "replace", ..wish(these(&[ONE])) }], false, false, 1));
    let replace = basis(&world);
    override_is_released(&mut world, 0, &replace, &call);
    assert_eq!(world.broken, []);
    world.window.0 = vec![release(&world, ONE, Kind::Revocation, 1), release(&world, OTHER, Kind::Replacement, 1)];
    override_is_released(&mut world, 0, &replace, &call);
    assert_eq!(checks(&world.broken), [RELEASED]);
}

#[test]
fn more_own_subscriptions_displaced_in_a_day_than_the_settings_let_are_seen() {
    let mut world = scene::plain(Knobs::default());
    for account in [ONE, OTHER] {
        world.subscribe(account);
    }
    world.replacements = 2;
    world.rule(Rules::limited(vec![Wish { activation: "replace", ..wish(these(&[ONE, OTHER])) }], false, false, 2));
    for _ in 0..8 {
        look(&mut world, &mut Log::default());
        world.wait(1_000, &mut Log::default());
    }
    let states = states(&look(&mut world, &mut Log::default()));
    assert_eq!(at_rest(&world, &states), []);
    world.replacements = 1;
    assert_eq!(checks(&at_rest(&world, &states)), [invariants::OVER_LIMIT]);
    world.may_displace.clear();
    assert!(checks(&at_rest(&world, &states)).contains(&invariants::DISPLACED));
}

#[test]
fn what_a_rule_lets_go_of_and_is_in_use_all_the_same_is_seen() {
    let (mut world, _) = at_peace();
    world.wait(1_000, &mut Log::default());
    world.rule(Rules::new(vec![Wish { lets_go: true, ..wish(these(&[OTHER])) }], false, false));
    let states = states(&look(&mut world, &mut Log::default()));
    assert_eq!(checks(&at_rest(&world, &states)), [LET_GO]);
    for _ in 0..3 {
        world.wait(1_000, &mut Log::default());
        look(&mut world, &mut Log::default());
    }
    assert_eq!(at_rest(&world, &states), []);
}

#[test]
fn a_wide_wish_asks_for_its_place_and_for_nobody_beside_it() {
    let (mut world, _) = at_peace();
    let call = creation(&world, world.organization.arn(), 'f');
    let narrow = basis(&world);
    creation_is_asked_for(&mut world, 0, &narrow, &call);
    assert_eq!(checks(&std::mem::take(&mut world.broken)), [ASKED_FOR]);
    world.rule(Rules::new(vec![Wish { wide: true, ..wish(these(&[ONE, OTHER])) }], false, false));
    let wide = basis(&world);
    creation_is_asked_for(&mut world, 0, &wide, &call);
    assert_eq!(world.broken, []);
    assert_eq!(world.for_all.len() + world.for_units.len(), 0);
}

#[test]
fn a_pair_without_a_state_and_a_state_without_a_pair_are_seen() {
    let (world, states) = at_peace();
    let mut without = states.clone();
    without[0].remove(&super::super::world::account_id(ONE));
    assert_eq!(checks(&at_rest(&world, &without)), [EVERY_PAIR_HAS_A_STATE]);

    let mut fewer = world;
    fewer.rule(for_accounts(&[ONE]));
    assert_eq!(checks(&at_rest(&fewer, &states)), [EVERY_PAIR_HAS_A_STATE]);
}

#[test]
fn where_the_license_is_active_no_other_code_is_true() {
    let (world, states) = at_peace();
    for code in ReasonCode::ALL.iter().copied().filter(|code| *code != ReasonCode::Active) {
        let mut wrong = states.clone();
        wrong[0].get_mut(&super::super::world::account_id(ONE)).unwrap().code = code;
        assert_eq!(checks(&at_rest(&world, &wrong)), [CODES_ARE_TRUE], "{code}");
    }
}

#[test]
fn active_is_no_longer_true_when_somebody_switched_it_off() {
    let (mut world, states) = at_peace();
    let arn = activation(&world, ONE).arn;
    let body = json!({"ClientToken": "off", "GrantArn": arn.as_str(), "Status": "DISABLED"});
    let hub = Arc::clone(&world.hub);
    by_hand(&mut world, &hub, "CreateGrantVersion", &body, &mut Log::default()).unwrap();
    assert_eq!(checks(&at_rest(&world, &states)), [CODES_ARE_TRUE]);
}

#[test]
fn a_grant_of_ours_that_the_ledger_does_not_know_is_seen() {
    let (mut world, states) = at_peace();
    world.ledger[0].entries.remove(&EntryKey::Grant(Known::Account(ONE.parse().unwrap())));
    assert_eq!(checks(&at_rest(&world, &states)), [GRANTS_ARE_KNOWN]);
}

#[test]
fn what_the_pretend_aws_holds_against_a_program_is_passed_on() {
    let (mut world, states) = at_peace();
    let arn = activation(&world, ONE).arn;
    let version = world.license_manager.grant(arn.as_str()).unwrap().version.to_string();
    program(&mut world, "DeleteGrant", &json!({"GrantArn": arn.as_str(), "Version": version}));
    assert!(checks(&at_rest(&world, &states)).contains(&invariants::REVOKED));
}

#[test]
fn a_world_that_goes_on_for_ever_does_not_come_to_rest() {
    let mut world = scene::plain(Knobs { workflow_seconds: 1 << 32, ..Knobs::default() });
    world.rule(for_accounts(&[ONE]));
    assert_eq!(checks(&judged(world, &mut Log::default())), [COMES_TO_REST]);
}

#[test]
fn a_write_in_a_world_that_was_said_to_be_at_rest_is_seen() {
    let (mut world, _) = at_peace();
    assert_eq!(stays_at_rest(world.clone(), false, &mut Log::default()), None);
    let arn = activation(&world, ONE).arn;
    let body = json!({"ClientToken": "off", "GrantArn": arn.as_str(), "Status": "DISABLED"});
    let hub = Arc::clone(&world.hub);
    by_hand(&mut world, &hub, "CreateGrantVersion", &body, &mut Log::default()).unwrap();
    let broken = stays_at_rest(world, false, &mut Log::default()).unwrap();
    assert_eq!(broken.check, STAYS_AT_REST);
}

#[test]
fn an_open_intent_for_the_organization_is_unfinished_until_it_could_have_been_repeated() {
    let mut world = scene::plain(Knobs::default());
    world.rule(Rules::new(vec![wish(Who::Everybody)], false, false));
    assert!(!an_intent_is_open(&world));
    let mut log = Log::default();
    look(&mut world, &mut log);
    let key = EntryKey::Grant(Known::Organization);
    let entry = world.ledger[0].entries.get_mut(&key).unwrap();
    let intent = entry.intent().unwrap().clone();
    entry.phase = Phase::Intended { intent, at: grant_plan::time::Timestamp(world.now.as_second()), one_call: true };
    assert!(an_intent_is_open(&world));
    world.wait(600, &mut log);
    assert!(!an_intent_is_open(&world));
}

#[test]
fn an_intent_that_is_written_over_is_seen() {
    let (mut world, _) = at_peace();
    let intended = |digit: char| {
        let intent = digit.to_string().repeat(32).parse().unwrap();
        let phase = Phase::Intended { intent, at: world.seconds(), one_call: false };
        Entry::new(None, "a".parse().unwrap(), "v1".into(), phase)
    };
    let (one, other) = (intended('a'), intended('b'));
    let closed = one.with(|entry| entry.phase = Phase::Closed { because: "refused".into(), at: world.seconds() });
    for (before, after) in [(None, &one), (Some(&one), &one), (Some(&one), &closed), (Some(&closed), &other)] {
        intent_is_kept(&mut world, before, after);
        assert_eq!(world.broken, []);
    }
    intent_is_kept(&mut world, Some(&one), &other);
    assert_eq!(checks(&world.broken), [INTENT_KEPT]);
}

#[test]
fn a_fight_that_is_answered_for_ever_is_found() {
    let mut log = Log::default();
    for seed in [0, 1] {
        let (mut world, _) = at_peace();
        world.seed = seed;
        assert_eq!(fought(world.clone(), &mut log), None);
        // A planner that knows nothing of what happened before.
        let forget = |world: &mut World| {
            let entries = world.ledger.iter_mut().flat_map(|memory| memory.entries.values_mut());
            entries.for_each(|entry| entry.reversals.clear());
        };
        let found = fight(world, forget, &mut log);
        assert_eq!(checks(found.as_slice()), [FIGHTS], "{found:?}");
    }
}
