//! What nobody asks for any more: noted, due, released, off, and back again; and what wide grants reach by the way

#![expect(clippy::unwrap_used, reason = "a test that meets something unexpected should stop there and say so")]

#[path = "world/small.rs"]
mod small;

use std::collections::BTreeSet;

use grant_plan::action::Action;
use grant_plan::call::Override;
use grant_plan::entry::{Attempts, Entry, EntryKey, Phase};
use grant_plan::grant::GrantStatus;
use grant_plan::id::AccountId;
use grant_plan::organization::Principal;
use grant_plan::plan::Plan;
use grant_plan::reason::ReasonCode;
use grant_plan::revocation::{Held, Kind};
use grant_plan::rule::Revoke;
use grant_plan::snapshot::Remembered;
use grant_plan::time::{Timestamp, days, hours, minutes};
use serde_json::{Value, json};

use small::{HOLDER, MEMBERS, NOW, World, account, ago, arn, entry, everyone, holds, only, to_account};

fn sub(number: u64) -> EntryKey {
    EntryKey::SubGrant(account(number))
}

/// An entry of a sub-grant that was noted as unwanted so long ago
fn noted(name: &str, since: Timestamp) -> Entry {
    let phase = Phase::Held { intent: None, arn: arn(name), at: since };
    Entry { unwanted_since: Some(since), ..entry(phase) }
}

fn deny(number: u64, revoke: &Value) -> Value {
    let account = account(number).to_string();
    json!({"rule": "no", "effect": "deny", "products": "*", "accounts": {"account": account}, "revoke": revoke})
}

/// An organization grant that everybody uses, and a rule that denies it to 103
fn denied(revoke: &Value) -> World {
    let world = World::new().rule(everyone()).rule(deny(103, revoke));
    let entry = Entry { activation: Attempts { count: 1, last: Some(ago(hours(9))) }, ..holds("A", ago(hours(9))) };
    let world = world.granted(Principal::Organization, GrantStatus::WorkflowCompleted);
    let world = world.entry(Principal::Organization, entry);
    world.received("S101", 101, Some("A"), GrantStatus::Active).received("S102", 102, Some("A"), GrantStatus::Active)
}

fn in_use(revoke: &Value) -> World {
    denied(revoke).received("S103", 103, Some("A"), GrantStatus::Active)
}

fn with(mut world: World, key: EntryKey, entry: Entry) -> World {
    world.snapshot.entries.insert(key, entry);
    world
}

fn released(mut world: World, number: u64, kind: Kind) -> World {
    world.snapshot.releases.released.insert((account(number), kind));
    world
}

fn hold_of(plan: &Plan, number: u64) -> Option<ReasonCode> {
    plan.holds.iter().find(|hold| hold.principal == to_account(number)).map(|hold| hold.code)
}

fn due(plan: &Plan) -> Vec<(AccountId, Kind)> {
    plan.waiting.candidates.iter().map(|candidate| (candidate.account.clone(), candidate.kind)).collect()
}

#[test]
fn a_denial_that_says_nothing_of_it_leaves_what_is_there_and_writes_nothing() {
    let plan = in_use(&json!("never")).plan();
    assert_eq!(plan.actions, [], "{plan}");
    assert_eq!(hold_of(&plan, 103), Some(ReasonCode::DeniedStillGranted));
    assert_eq!(due(&plan), []);
}

#[test]
fn a_denial_is_noted_then_due_after_fifteen_minutes_then_one_call() {
    let plan = in_use(&json!("now")).plan();
    let [Action::NoteUnwanted { key, since: Some(NOW), of: Some(of) }] = plan.actions.as_slice() else {
        panic!("{plan}")
    };
    assert_eq!((key, &of.arn), (&sub(103), &arn("S103")));
    assert_eq!(plan.next_look(), Some(NOW.after(minutes(15))));

    let waits = with(in_use(&json!("now")), sub(103), noted("S103", ago(minutes(14)))).plan();
    assert_eq!((waits.actions.as_slice(), due(&waits)), ([].as_slice(), vec![]), "{waits}");
    assert_eq!(waits.next_look(), Some(NOW.after(minutes(1))));

    let ready = with(in_use(&json!("now")), sub(103), noted("S103", ago(minutes(15))));
    let plan = ready.plan();
    assert_eq!(plan.actions, [], "no look revokes by itself: {plan}");
    assert_eq!(due(&plan), [(account(103), Kind::Revocation)]);
    assert_eq!(hold_of(&plan, 103), Some(ReasonCode::RevocationDue));
    assert_eq!(plan.waiting.in_use, 3);

    let plan = released(ready, 103, Kind::Revocation).plan();
    assert_eq!(plan.actions, [Action::SwitchOff { key: sub(103), arn: arn("S103"), of: None }]);
    assert_eq!(hold_of(&plan, 103), Some(ReasonCode::Revoking));
    assert_eq!(due(&plan), []);
}

#[test]
fn what_is_off_is_told_and_left_alone() {
    let off = Entry { off: Attempts { count: 1, last: Some(ago(hours(1))) }, ..noted("S103", ago(hours(2))) };
    let world = with(denied(&json!("now")), sub(103), off).received("S103", 103, Some("A"), GrantStatus::Disabled);
    let plan = world.plan();
    assert_eq!(
        (plan.actions.as_slice(), hold_of(&plan, 103)),
        ([].as_slice(), Some(ReasonCode::SwitchedOff)),
        "{plan}"
    );
    assert!(plan.is_settled());
}

#[test]
fn a_call_that_did_not_take_is_repeated_by_its_ladder_only() {
    let tried = |ago_: std::time::Duration| {
        let off = Entry { off: Attempts { count: 1, last: Some(ago(ago_)) }, ..noted("S103", ago(hours(2))) };
        released(with(in_use(&json!("now")), sub(103), off), 103, Kind::Revocation).plan().actions.len()
    };
    assert_eq!((tried(minutes(14)), tried(minutes(15))), (0, 1));
}

#[test]
fn nothing_is_due_while_nobody_can_say_what_is_wanted() {
    let ready = || with(in_use(&json!("now")), sub(103), noted("S103", ago(hours(1))));
    assert_eq!(due(&ready().with_a_broken_rule().plan()), []);
    let unsure = released(ready().with_a_broken_rule(), 103, Kind::Revocation).plan();
    assert_eq!(unsure.actions, [], "{unsure}");
    let paused = released(ready().paused(), 103, Kind::Revocation).plan();
    assert_eq!((paused.actions.as_slice(), hold_of(&paused, 103)), ([].as_slice(), Some(ReasonCode::Paused)));
}

#[test]
fn what_is_held_back_says_so_and_what_would_free_it() {
    let mut world = with(in_use(&json!("now")), sub(103), noted("S103", ago(hours(1))));
    world.snapshot.releases.held =
        vec![Held { kind: Kind::Revocation, due: 30, used: 0, limit: 25, unapproved: false }];
    let plan = world.plan();
    assert_eq!(hold_of(&plan, 103), Some(ReasonCode::RevocationHeld));
    assert_eq!(due(&plan).len(), 1, "it goes on waiting");
}

#[test]
fn who_is_wanted_again_is_no_longer_noted_and_is_activated_if_it_was_switched_off() {
    let again = |status: GrantStatus| {
        let world = World::new().rule(everyone()).granted(Principal::Organization, GrantStatus::WorkflowCompleted);
        let entry = Entry { activation: Attempts { count: 1, last: Some(ago(hours(9))) }, ..holds("A", ago(hours(9))) };
        let world = world.entry(Principal::Organization, entry).received("S103", 103, Some("A"), status);
        let world = world.received("S101", 101, Some("A"), GrantStatus::Active);
        with(world.received("S102", 102, Some("A"), GrantStatus::Active), sub(103), noted("S103", ago(hours(1))))
    };
    let clear = [Action::NoteUnwanted { key: sub(103), since: None, of: None }];
    assert_eq!(again(GrantStatus::Active).plan().actions, clear);
    assert_eq!(again(GrantStatus::Disabled).plan().actions, clear);
    let mut cleared = again(GrantStatus::Disabled);
    cleared.snapshot.entries.get_mut(&sub(103)).unwrap().unwanted_since = None;
    let plan = cleared.plan();
    assert!(matches!(plan.actions.as_slice(), [Action::Activate { .. }]), "{plan}");
}

#[test]
fn an_accounts_own_grant_goes_by_its_rule_as_it_reads_now_or_as_it_last_read() {
    let rule = |revoke: &str| {
        let mut rule = only(&[101]);
        rule.as_object_mut().unwrap().insert("revoke".to_owned(), json!(revoke));
        rule
    };
    let granted = |revoke: Revoke| {
        let held = Entry {
            rule: "only".parse().unwrap(),
            revoke,
            unwanted_since: Some(ago(hours(1))),
            ..holds("A", ago(hours(2)))
        };
        let world = World::new().granted(to_account(103), GrantStatus::Active).entry(to_account(103), held);
        world.received("A", 103, None, GrantStatus::Active)
    };
    assert_eq!(due(&granted(Revoke::Never).rule(rule("now")).plan()), [(account(103), Kind::Revocation)]);
    assert_eq!(due(&granted(Revoke::Now).rule(rule("never")).plan()), []);
    assert_eq!(due(&granted(Revoke::Now).plan()), [(account(103), Kind::Revocation)], "the rule was deleted");
    assert_eq!(due(&granted(Revoke::Never).plan()), []);
}

#[test]
fn whoever_is_noted_is_looked_at_again_when_it_is_due() {
    let mut rule = only(&[101]);
    rule.as_object_mut().unwrap().insert("revoke".to_owned(), json!({"after_days": 2}));
    let held = Entry { rule: "only".parse().unwrap(), ..holds("A", ago(hours(2))) };
    let world = World::new().rule(rule).granted(to_account(103), GrantStatus::Active).entry(to_account(103), held);
    let plan = world.received("A", 103, None, GrantStatus::Active).plan();
    let notes = |action: &&Action| matches!(action, Action::NoteUnwanted { since: Some(NOW), .. });
    assert_eq!(plan.actions.iter().filter(notes).count(), 1, "{plan}");
    assert_eq!(plan.next_edge, Some(NOW.after(days(2))));
}

#[test]
fn days_of_grace_are_counted_from_when_it_was_noted() {
    let since = |ago_: std::time::Duration| {
        let world = with(in_use(&json!({"after_days": 3, "off_days": 0})), sub(103), noted("S103", ago(ago_)));
        due(&world.plan()).len()
    };
    assert_eq!((since(days(3) - minutes(1)), since(days(3))), (0, 1));
}

#[test]
fn whoever_left_the_organization_goes_by_the_settings() {
    let left = |settings: Option<Value>| {
        let held = Entry { revoke: Revoke::Now, unwanted_since: Some(ago(days(2))), ..holds("A", ago(days(3))) };
        let mut world = World::new().granted(to_account(103), GrantStatus::Active).entry(to_account(103), held);
        world.snapshot.organization.accounts.remove(&account(103));
        settings.into_iter().fold(world, World::rule)
    };
    assert_eq!(due(&left(None).plan()), []);
    let leavers = |days: u32| json!({"rule": "_settings", "leavers": {"after_days": days}});
    assert_eq!(due(&left(Some(leavers(3))).plan()), []);
    assert_eq!(due(&left(Some(leavers(2))).plan()), [(account(103), Kind::Revocation)]);
}

#[test]
fn what_a_rule_says_of_the_end_is_written_down_while_there_is_a_rule() {
    let mut rule = everyone();
    rule.as_object_mut().unwrap().insert("revoke".to_owned(), json!("now"));
    let mut world = World::new().rule(rule).granted(Principal::Organization, GrantStatus::WorkflowCompleted);
    let key = EntryKey::Grant(Principal::Organization);
    world.snapshot.entries.get_mut(&key).unwrap().activation = Attempts { count: 1, last: Some(ago(hours(1))) };
    assert_eq!(world.plan().actions, [Action::NoteTerms { key: key.clone(), revoke: Revoke::Now }]);
    world.snapshot.entries.get_mut(&key).unwrap().revoke = Revoke::Now;
    assert_eq!(world.plan().actions, []);
}

/// A rule that replaces, an organization grant, and an account with a subscription of its own
fn replacing() -> World {
    let mut rule = everyone();
    rule.as_object_mut().unwrap().insert("activation".to_owned(), json!("replace"));
    let entry = Entry { activation: Attempts { count: 1, last: Some(ago(hours(9))) }, ..holds("A", ago(hours(9))) };
    let world = World::new().rule(rule).granted(Principal::Organization, GrantStatus::WorkflowCompleted);
    let world = world.entry(Principal::Organization, entry).own_subscription(103);
    world.received("S103", 103, Some("A"), GrantStatus::Disabled)
}

#[test]
fn an_own_subscription_makes_way_only_after_a_while_and_a_release_and_in_this_account_alone() {
    let plan = replacing().plan();
    assert_eq!(plan.pairs.get(&account(103)).map(|pair| pair.code), Some(ReasonCode::ReplaceUnapproved));
    assert_eq!(due(&plan), [], "it was never noted");
    let mut noted = replacing();
    let remembered = Remembered { code: ReasonCode::ReplaceUnapproved, since: ago(minutes(15)) };
    noted.snapshot.remembered.insert(account(103), remembered);
    assert_eq!(due(&noted.plan()), [(account(103), Kind::Replacement)]);
    assert_eq!(noted.plan().actions, []);
    let plan = released(noted, 103, Kind::Replacement).plan();
    let [Action::Activate { key, overriding, .. }] = plan.actions.as_slice() else { panic!("{plan}") };
    assert_eq!((key, *overriding), (&sub(103), Override::AllGrantsPermittedByIssuer));
}

#[test]
fn a_release_to_replace_changes_nothing_for_a_rule_that_keeps() {
    let world = World::new().rule(everyone()).own_subscription(103);
    let plan = released(world, 103, Kind::Replacement).plan();
    assert_eq!(plan.pairs.get(&account(103)).map(|pair| pair.code), Some(ReasonCode::OwnSubscription));
}

/// A wide rule for all but 103, and the organization grant that came of it
fn wide(served: Option<&[u64]>) -> World {
    let except = account(103).to_string();
    let rule = json!({
        "rule": "everyone", "products": "*", "accounts": {"organization": true}, "except": {"account": except},
        "cover": "wide",
    });
    let served: Option<BTreeSet<AccountId>> = served.map(|served| served.iter().map(|one| account(*one)).collect());
    let activation = Attempts { count: 1, last: Some(ago(minutes(10))) };
    let world = World::new().rule(rule).granted(Principal::Organization, GrantStatus::WorkflowCompleted);
    let world = world.entry(Principal::Organization, Entry { activation, served, ..holds("A", ago(minutes(11))) });
    world.received("S101", 101, Some("A"), GrantStatus::Active).received("S102", 102, Some("A"), GrantStatus::Active)
}

const SERVED: [u64; 3] = [HOLDER, 101, 102];

#[test]
fn a_wide_rule_makes_one_grant_that_knows_whom_it_serves() {
    let mut rule = only(&[HOLDER, 101, 102]);
    rule.as_object_mut().unwrap().insert("cover".to_owned(), json!("wide"));
    let plan = World::new().rule(rule).plan();
    let [Action::Create(create)] = plan.actions.as_slice() else { panic!("{plan}") };
    assert_eq!(create.principal.to_string(), "ou-root-prod0000", "four calls apart, two for the unit");
    assert_eq!(create.served, Some([101, 102].map(account).into()));
    assert_eq!(create.activate, Some(Override::DistributedGrantsOnly));
    let mut apart = only(&MEMBERS);
    apart.as_object_mut().unwrap().insert("except".to_owned(), json!({"account": account(103).to_string()}));
    assert_eq!(World::new().rule(apart).plan().actions.len(), 2, "not without `cover: wide`");
}

#[test]
fn the_organization_but_for_one_is_one_wide_grant_where_its_exact_units_take_more_calls() {
    let mut rule = everyone();
    let attributes = rule.as_object_mut().unwrap();
    attributes.insert("except".to_owned(), json!({"account": account(103).to_string()}));
    attributes.insert("cover".to_owned(), json!("wide"));
    let mut world = World::new().rule(rule);
    let made = |world: &World| -> Vec<String> {
        let plan = world.plan();
        plan.actions.iter().map(|action| action.key().to_string()).collect()
    };
    assert_eq!(made(&world), ["ou-root-prod0000"], "two calls for the unit, three for the organization");
    let mut alone = world.snapshot.organization.accounts[&account(101)].clone();
    alone.path = vec!["ou-root-more0000".parse().unwrap()];
    world.snapshot.organization.accounts.insert(account(104), alone);
    assert_eq!(made(&world), ["organization"], "four calls for two units");
}

#[test]
fn whoever_a_wide_grant_was_never_to_serve_is_switched_off_at_once() {
    let world = wide(Some(&SERVED)).received("S103", 103, Some("A"), GrantStatus::Active);
    let plan = world.plan();
    let [Action::SwitchOff { key, arn: off, of: Some(_) }] = plan.actions.as_slice() else { panic!("{plan}") };
    assert_eq!((key, off), (&sub(103), &arn("S103")));
    assert_eq!(hold_of(&plan, 103), Some(ReasonCode::OverGranted));
    assert!(!plan.is_settled(), "until it is seen off");
    let off = wide(Some(&SERVED)).received("S103", 103, Some("A"), GrantStatus::Disabled).plan();
    assert_eq!((off.actions.as_slice(), hold_of(&off, 103)), ([].as_slice(), None), "{off}");
}

#[test]
fn whoever_it_served_before_goes_by_the_revocation_pass() {
    let plan = wide(Some(&[HOLDER, 101, 102, 103])).received("S103", 103, Some("A"), GrantStatus::Active).plan();
    assert_eq!(plan.actions, [], "{plan}");
    assert_eq!(hold_of(&plan, 103), Some(ReasonCode::NoLongerWanted));
    let plan = wide(None).received("S103", 103, Some("A"), GrantStatus::Active).plan();
    let [Action::NoteServed { served, .. }] = plan.actions.as_slice() else { panic!("{plan}") };
    assert!(served.contains(&account(103)), "nobody kept count: it may have been given it");
}

#[test]
fn whom_it_is_to_serve_is_written_down_before_anything_is_taken() {
    let plan = wide(Some(&[HOLDER, 101])).plan();
    let [Action::NoteServed { served, .. }] = plan.actions.as_slice() else { panic!("{plan}") };
    assert_eq!(served, &SERVED.map(account).into());
    let off = wide(Some(&[HOLDER, 101, 102, 103])).received("S103", 103, Some("A"), GrantStatus::Disabled);
    assert_eq!(off.plan().actions, [], "a listing may be behind: it may be using it");
    let by_us = Entry { off: Attempts { count: 1, last: Some(ago(minutes(5))) }, ..noted("S103", ago(hours(1))) };
    let off = with(off, sub(103), by_us).plan();
    let [Action::NoteServed { served, .. }] = off.actions.as_slice() else { panic!("{off}") };
    assert_eq!(served, &SERVED.map(account).into(), "who was switched off by us and is seen off is served no longer");
}

#[test]
fn a_part_that_came_where_nobody_is_known_yet_is_not_switched_off_at_once() {
    let mut world = wide(Some(&SERVED)).received("S103", 103, Some("A"), GrantStatus::Active);
    world.snapshot.organization.accounts.remove(&account(103));
    let plan = world.plan();
    assert!(!plan.actions.iter().any(|action| matches!(action, Action::SwitchOff { .. })), "{plan}");
}

#[test]
fn while_a_rule_cannot_be_read_nothing_is_switched_off_and_it_rests() {
    let spoilt = json!({"rule": "spoilt", "products": "*", "accounts": "everybody"});
    let plan = wide(Some(&SERVED)).received("S103", 103, Some("A"), GrantStatus::Active).rule(spoilt).plan();
    assert_eq!((plan.actions.as_slice(), hold_of(&plan, 103)), ([].as_slice(), Some(ReasonCode::NoLongerWanted)));
    assert!(plan.is_settled(), "{plan}");
}

#[test]
fn a_wide_grant_is_watched_for_a_day_for_whom_it_may_still_reach() {
    let all = wide(Some(&SERVED)).received("S103", 103, Some("A"), GrantStatus::Disabled);
    assert_eq!(all.plan().next_look(), None, "nobody is left to be reached");
    let missing = wide(Some(&SERVED));
    assert_eq!(missing.plan().next_look(), Some(NOW.after(minutes(10) / 4)));
    assert_eq!(missing.later(hours(25)).plan().next_look(), None);
}

#[test]
fn a_new_version_of_the_whole_that_switches_it_on_again_is_answered_at_once_and_a_person_by_the_ladder() {
    let on_again = |off_at: Timestamp| {
        let off = Entry { off: Attempts { count: 1, last: Some(off_at) }, ..noted("S103", off_at) };
        let world = with(wide(Some(&SERVED)), sub(103), off).received("S103", 103, Some("A"), GrantStatus::Active);
        world.plan().actions.len()
    };
    assert_eq!(on_again(ago(minutes(11))), 1, "switched off before the whole was activated anew");
    assert_eq!(on_again(ago(minutes(9))), 0, "switched off after it");
}
