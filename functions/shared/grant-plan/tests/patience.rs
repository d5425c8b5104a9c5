//! What was refused, failed or done in vain is not done again at every look

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "world/small.rs"]
#[expect(dead_code, reason = "the builder serves several suites")]
mod small;

use std::time::Duration;

use grant_plan::action::Action;
use grant_plan::call::{Failure, GrantReply, Operation};
use grant_plan::entry::{Attempts, Entry, EntryKey, Phase, Report};
use grant_plan::grant::GrantStatus;
use grant_plan::organization::Principal;
use grant_plan::plan::Plan;
use grant_plan::reason::ReasonCode;
use grant_plan::snapshot::Remembered;
use grant_plan::step::{Answer, Ask, Context, Next, Step};
use grant_plan::time::{hours, minutes};
use small::{NOW, World, account, ago, arn, everyone, grant, holds, intent, only, stamp, to_account};

const REFUSAL: &str = "Status: grants cannot be activated without trusted access for AWS Marketplace";

/// Carries an action through; every ledger write succeeds and every call is answered so
fn carry(world: &mut World, action: &Action, reply: &Answer) {
    let context = Context { deployment: "main".parse().unwrap(), license: "l-1".parse().unwrap() };
    let now = world.snapshot.now;
    let entry = action.entry(&world.snapshot.entries).cloned();
    let (mut step, mut next) = Step::start(context, action, entry.as_ref(), intent('e'), now);
    while let Next::Ask(ask) = next {
        let answer = match ask {
            Ask::Record { key, entry, .. } => {
                world.snapshot.entries.insert(key, *entry);
                Answer::Recorded
            }
            Ask::Tell(_) => Answer::Told,
            Ask::Create(_) | Ask::Activate(_) | Ask::SwitchOff(_) | Ask::Delete { .. } | Ask::Find { .. } => {
                reply.clone()
            }
        };
        next = step.next(answer, now);
    }
}

fn refused() -> Answer {
    Answer::Failed(Failure::of_code(Operation::CreateGrantVersion, "ValidationException", REFUSAL, false))
}

fn only_action(plan: &Plan) -> &Action {
    let [action] = plan.actions.as_slice() else { panic!("{plan}") };
    action
}

#[test]
fn a_refused_activation_is_shown_and_not_made_again_for_an_hour() {
    let mut world = World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::Disabled);
    let action = only_action(&world.plan()).clone();
    carry(&mut world, &action, &refused());
    let soon = world.clone().later(minutes(59)).plan();
    assert!(soon.actions.is_empty(), "{soon}");
    let pair = &soon.pairs[&account(101)];
    assert_eq!((pair.code, pair.next_look), (ReasonCode::TrustedAccessMissing, Some(NOW.after(hours(1)))));
    assert!(pair.detail.as_ref().is_some_and(|detail| detail.contains(REFUSAL)));

    let again = world.later(hours(1)).plan();
    assert!(matches!(only_action(&again), Action::Activate { .. }), "{again}");
}

#[test]
fn an_activation_that_is_taken_up_forgets_the_refusal_before_it() {
    let mut world = World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::Disabled);
    let action = only_action(&world.plan()).clone();
    carry(&mut world, &action, &refused());
    world = world.later(hours(1));
    let reply = GrantReply { arn: arn("A"), status: GrantStatus::PendingWorkflow, version: "2".into() };
    carry(&mut world, &action, &Answer::Replied(reply));
    let plan = world.plan();
    assert!(plan.actions.is_empty(), "{plan}");
    assert_eq!(plan.pairs[&account(101)].code, ReasonCode::Activating);
}

/// An organization grant that was activated, with an account whose sub-grant has been missing for long
fn missing(change: impl FnOnce(&mut Entry)) -> World {
    let mut world = World::new().rule(everyone()).granted(Principal::Organization, GrantStatus::WorkflowCompleted);
    for number in [101, 102] {
        world = world.received(&format!("S{number}"), number, Some("A"), GrantStatus::Active);
    }
    let entry = world.snapshot.entries.get_mut(&EntryKey::Grant(Principal::Organization)).unwrap();
    entry.activation = Attempts { count: 1, last: Some(ago(hours(2))) };
    change(entry);
    world
}

fn remembering(mut world: World, code: ReasonCode, since: Duration) -> World {
    world.snapshot.remembered.insert(account(103), Remembered { code, since: ago(since) });
    world
}

#[test]
fn a_refused_call_for_a_missing_sub_grant_stays_the_state_of_its_account() {
    let mut world = remembering(missing(|_| {}), ReasonCode::SubGrantMissing, minutes(15));
    let action = only_action(&world.plan()).clone();
    carry(&mut world, &action, &refused());
    // The ledger remembers what came of it, and no longer since when the sub-grant is missing.
    let world = remembering(world, ReasonCode::TrustedAccessMissing, Duration::ZERO);
    for wait in [minutes(3), minutes(59)] {
        let plan = world.clone().later(wait).plan();
        assert!(plan.actions.is_empty(), "{plan}");
        assert_eq!(plan.pairs[&account(103)].code, ReasonCode::TrustedAccessMissing);
    }
    let again = world.later(hours(1)).plan();
    assert!(matches!(only_action(&again), Action::Activate { .. }), "{again}");
}

#[test]
fn a_missing_sub_grant_that_stalled_or_is_paused_does_not_begin_to_be_missing_anew() {
    let used_up = |entry: &mut Entry| entry.activation = Attempts { count: 4, last: Some(ago(hours(2))) };
    let plan = remembering(missing(used_up), ReasonCode::ActivationStalled, Duration::ZERO).plan();
    assert!(plan.actions.is_empty(), "{plan}");
    assert_eq!(plan.pairs[&account(103)].code, ReasonCode::ActivationStalled);

    let plan = remembering(missing(|_| {}), ReasonCode::Paused, Duration::ZERO).paused().plan();
    assert!(plan.actions.is_empty(), "{plan}");
    assert_eq!(plan.pairs[&account(103)].code, ReasonCode::Paused);
}

/// A disabled grant that only the account's side may activate, which was asked so often and said this
fn left_to_the_grantee(count: u32, last: Duration, said: ReasonCode) -> World {
    let mut world = World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::Disabled);
    let entry = world.snapshot.entries.get_mut(&EntryKey::Grant(to_account(101))).unwrap();
    entry.by_grantee = true;
    entry.grantee = Attempts { count, last: Some(ago(last)) };
    entry.grantee_report = Some(Report { code: said, detail: "said".into(), at: ago(last) });
    let remembered = Remembered { code: ReasonCode::AwaitingGrantee, since: ago(last) };
    world.snapshot.remembered.insert(account(101), remembered);
    world
}

#[test]
fn a_grantee_that_activates_in_vain_is_asked_by_the_ladder() {
    for said in [ReasonCode::WorkflowPending, ReasonCode::Activating, ReasonCode::Active] {
        for (count, wait) in [(1, minutes(15)), (2, hours(1)), (3, hours(6)), (4, hours(24)), (9, hours(24))] {
            let before = left_to_the_grantee(count, wait - Duration::from_secs(1), said).plan();
            assert!(before.actions.is_empty(), "{count}: {before}");
            let code = before.pairs[&account(101)].code;
            assert_eq!(code == ReasonCode::ActivationStalled, count > 3, "{count}: {code}");
            let after = left_to_the_grantee(count, wait, said).plan();
            assert!(matches!(only_action(&after), Action::AskGrantee { .. }), "{count}: {after}");
        }
    }
    // One that could not do it is asked at the old pace: its role may be there any minute.
    let plan = left_to_the_grantee(3, minutes(15), ReasonCode::MemberRoleMissing).plan();
    assert!(matches!(only_action(&plan), Action::AskGrantee { .. }), "{plan}");
}

#[test]
fn a_grant_whose_distribution_failed_is_made_again_by_the_ladder() {
    let gone = |count| {
        let mut entry = holds("A", ago(hours(30)));
        entry.failed = Attempts { count, last: Some(NOW) };
        let tombstone = grant("A", to_account(101), GrantStatus::Deleted, &stamp("main", 'a'));
        World::new().rule(only(&[101])).distributed(tombstone).entry(to_account(101), entry)
    };
    assert!(matches!(only_action(&gone(0).later(hours(24)).plan()), Action::Create(_)));
    for (count, wait) in [(1, minutes(15)), (2, hours(1)), (3, hours(6)), (4, hours(24))] {
        let before = gone(count).later(wait - Duration::from_secs(1)).plan();
        assert!(before.actions.is_empty(), "{count}: {before}");
        let pair = &before.pairs[&account(101)];
        assert_eq!((pair.code, pair.next_look), (ReasonCode::FailedWorkflow, Some(NOW.after(wait))));
        assert!(matches!(only_action(&gone(count).later(wait).plan()), Action::Create(_)), "{count}");
    }
}

#[test]
fn failures_are_counted_over_the_lives_of_a_key_and_forgotten_after_a_week() {
    let mut world = World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::FailedWorkflow);
    let delete = only_action(&world.plan()).clone();
    let reply = GrantReply { arn: arn("A"), status: GrantStatus::PendingDelete, version: "2".into() };
    carry(&mut world, &delete, &Answer::Replied(reply));
    let key = EntryKey::Grant(to_account(101));
    let failed = |world: &World| world.snapshot.entries[&key].failed.count;
    assert_eq!(failed(&world), 1);

    world.snapshot.distributed.clear();
    world = world.later(hours(1));
    let create = only_action(&world.plan()).clone();
    let reply = GrantReply { arn: arn("B"), status: GrantStatus::PendingWorkflow, version: "1".into() };
    carry(&mut world, &create, &Answer::Replied(reply));
    assert_eq!(failed(&world), 1);

    world = world.distributed(grant("B", to_account(101), GrantStatus::Disabled, &stamp("main", 'e')));
    let activate = only_action(&world.plan()).clone();
    let reply = GrantReply { arn: arn("B"), status: GrantStatus::PendingWorkflow, version: "2".into() };
    carry(&mut world, &activate, &Answer::Replied(reply));
    // It may fail yet, and often enough it does just then.
    assert_eq!(failed(&world), 1);

    world.snapshot.distributed.clear();
    world = world.distributed(grant("B", to_account(101), GrantStatus::FailedWorkflow, &stamp("main", 'e')));
    for (wait, count) in [(hours(167), 2), (hours(168), 1)] {
        let mut world = world.clone();
        world.snapshot.now = NOW.after(wait);
        let delete = only_action(&world.plan()).clone();
        carry(&mut world, &delete, &Answer::Replied(GrantReply { arn: arn("B"), ..deleting() }));
        assert_eq!(failed(&world), count);
    }
}

fn deleting() -> GrantReply {
    GrantReply { arn: arn("A"), status: GrantStatus::PendingDelete, version: "2".into() }
}

#[test]
fn a_deletion_that_has_to_be_asked_for_twice_is_one_failure() {
    let mut world = World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::FailedWorkflow);
    let delete = only_action(&world.plan()).clone();
    let throttled = Failure::of_code(Operation::DeleteGrant, "RateLimitExceededException", "slow down", false);
    carry(&mut world, &delete, &Answer::Failed(throttled));
    let again = only_action(&world.plan()).clone();
    assert_eq!(again, delete);
    carry(&mut world, &again, &Answer::Replied(deleting()));
    assert_eq!(world.snapshot.entries[&EntryKey::Grant(to_account(101))].failed.count, 1);
}

#[test]
fn an_organization_grant_that_was_deleted_for_its_failure_may_read_as_distributed() {
    let mut world = World::new().rule(everyone()).granted(Principal::Organization, GrantStatus::FailedWorkflow);
    let delete = only_action(&world.plan()).clone();
    carry(&mut world, &delete, &Answer::Replied(deleting()));
    for (status, code) in [
        (GrantStatus::PendingDelete, ReasonCode::Deleting),
        (GrantStatus::WorkflowCompleted, ReasonCode::FailedWorkflow),
        (GrantStatus::Deleted, ReasonCode::FailedWorkflow),
    ] {
        let mut world = world.clone();
        world.snapshot.distributed.clear();
        let shown = grant("A", Principal::Organization, status.clone(), &stamp("main", 'a'));
        world = world.distributed(shown);
        let plan = world.plan();
        assert!(plan.actions.is_empty(), "{status}: {plan}");
        assert_eq!(plan.pairs[&account(101)].code, code, "{status}");
        if code == ReasonCode::FailedWorkflow {
            let next = world.later(minutes(15)).plan();
            assert!(matches!(only_action(&next), Action::Create(_)), "{status}: {next}");
        }
    }
}

#[test]
fn a_grant_that_was_deleted_is_not_what_a_refusal_of_the_next_one_finds() {
    let mut world = World::new().rule(everyone()).granted(Principal::Organization, GrantStatus::FailedWorkflow);
    let delete = only_action(&world.plan()).clone();
    carry(&mut world, &delete, &Answer::Replied(deleting()));
    let recalled = grant("A", Principal::Organization, GrantStatus::WorkflowCompleted, &stamp("main", 'a'));
    world.snapshot.distributed = vec![recalled.clone()];
    world = world.later(minutes(15));
    let create = only_action(&world.plan()).clone();
    let context = Context { deployment: "main".parse().unwrap(), license: "l-1".parse().unwrap() };
    let entry = create.entry(&world.snapshot.entries);
    let (mut step, _) = Step::start(context, &create, entry, intent('e'), NOW);
    let Next::Ask(Ask::Create(_)) = step.next(Answer::Recorded, NOW) else { panic!("no call") };
    let refused = Failure::of_code(Operation::CreateGrant, "ValidationException", "no DesiredStatus here", false);
    let Next::Ask(Ask::Find { .. }) = step.next(Answer::Failed(refused), NOW) else { panic!("does not look") };
    let next = step.next(Answer::Found(vec![recalled]), NOW);
    let Next::Ask(Ask::Record { entry, .. }) = next else { panic!("no record") };
    let Phase::Intended { one_call, .. } = entry.phase else { panic!("{:?}", entry.phase) };
    assert!(!one_call, "the plain form comes next");
}

#[test]
fn what_is_not_made_while_all_is_paused_takes_no_room_from_others() {
    let mut world = World::new().rule(only(&[101, 102])).paused();
    world.snapshot.limits.grant_budget = 1;
    let codes: Vec<ReasonCode> = world.plan().pairs.values().map(|pair| pair.code).collect();
    assert_eq!(codes, [ReasonCode::Paused, ReasonCode::Paused]);
}

#[test]
fn two_runs_that_write_the_same_at_the_same_second_write_two_entries() {
    let world = World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::Disabled);
    let plan = world.plan();
    let action = only_action(&plan);
    let written = |fresh| {
        let context = Context { deployment: "main".parse().unwrap(), license: "l-1".parse().unwrap() };
        let (_, next) = Step::start(context, action, action.entry(&world.snapshot.entries), intent(fresh), NOW);
        let Next::Ask(Ask::Record { expected, entry, .. }) = next else { panic!("it writes first") };
        (expected, *entry)
    };
    let (one, other) = (written('b'), written('c'));
    assert_eq!(one.0, other.0);
    assert_ne!(one.1, other.1);
    assert_eq!(written('b'), one);
}

#[test]
fn a_workflow_that_nobody_can_repeat_is_looked_at_ever_more_rarely_and_then_told_of() {
    let everybody =
        |rule: serde_json::Value| World::new().rule(rule).granted(to_account(101), GrantStatus::PendingWorkflow).plan();
    assert_eq!(everybody(only(&[101])).pairs[&account(101)].next_look, Some(NOW.after(Duration::from_secs(450))));
    let by_hand = |age| {
        let mut rule = only(&[101]);
        rule["activation"] = "manual".into();
        let mut world = World::new().rule(rule).granted(to_account(101), GrantStatus::PendingWorkflow);
        let entry = world.snapshot.entries.get_mut(&EntryKey::Grant(to_account(101))).unwrap();
        // It was asked to be active when another rule named the account.
        entry.activation = Attempts { count: 1, last: Some(ago(age)) };
        entry.phase = Phase::Held { intent: Some(intent('a')), arn: arn("A"), at: ago(age) };
        let plan = world.plan();
        assert!(plan.actions.is_empty(), "{plan}");
        (plan.pairs[&account(101)].code, plan.pairs[&account(101)].next_look)
    };
    assert_eq!(by_hand(minutes(1)), (ReasonCode::WorkflowPending, Some(NOW.after(minutes(2)))));
    assert_eq!(by_hand(hours(4)), (ReasonCode::WorkflowPending, Some(NOW.after(minutes(30)))));
    assert_eq!(by_hand(hours(71)), (ReasonCode::WorkflowPending, Some(NOW.after(hours(1)))));
    assert_eq!(by_hand(hours(72)), (ReasonCode::ActivationStalled, Some(NOW.after(hours(24)))));
}

#[test]
fn a_grantee_that_was_asked_and_never_reported_is_waited_for_by_the_ladder() {
    let world = |last| {
        let mut world = World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::PendingWorkflow);
        let entry = world.snapshot.entries.get_mut(&EntryKey::Grant(to_account(101))).unwrap();
        entry.grantee = Attempts { count: 1, last: Some(ago(last)) };
        world.plan()
    };
    assert!(world(minutes(14)).actions.is_empty());
    assert!(matches!(only_action(&world(minutes(15))), Action::Activate { .. }));
}

#[test]
fn an_activation_that_hangs_in_its_workflow_is_repeated_by_the_ladder_by_whoever_made_it() {
    let outcome = |by_grantee, count, last| {
        let mut world = World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::PendingWorkflow);
        let entry = world.snapshot.entries.get_mut(&EntryKey::Grant(to_account(101))).unwrap();
        let attempts = Attempts { count, last: Some(ago(last)) };
        if by_grantee {
            entry.by_grantee = true;
            entry.grantee = attempts;
            // The one that was refused is not what hangs.
            entry.activation = Attempts { count: 1, last: Some(ago(hours(30))) };
        } else {
            entry.activation = attempts;
        }
        let plan = world.plan();
        (plan.actions.first().map(Action::kind), plan.pairs[&account(101)].code)
    };
    for (by_grantee, kind) in [(false, "activate"), (true, "ask_grantee")] {
        assert_eq!(outcome(by_grantee, 1, minutes(14)), (None, ReasonCode::WorkflowPending), "{kind}");
        assert_eq!(outcome(by_grantee, 1, minutes(15)), (Some(kind), ReasonCode::WorkflowPending), "{kind}");
        assert_eq!(outcome(by_grantee, 4, hours(23)), (None, ReasonCode::ActivationStalled), "{kind}");
        assert_eq!(outcome(by_grantee, 4, hours(24)), (Some(kind), ReasonCode::ActivationStalled), "{kind}");
    }
}

#[test]
fn a_sub_grant_that_hangs_in_its_workflow_is_activated_by_itself_after_an_hour() {
    let world = |since| {
        let mut world = missing(|_| {}).received("S103", 103, Some("A"), GrantStatus::PendingWorkflow);
        world.snapshot.remembered.clear();
        remembering(world, ReasonCode::WorkflowPending, since)
    };
    let plan = world(minutes(59)).plan();
    assert!(plan.actions.is_empty(), "{plan}");
    assert_eq!(plan.pairs[&account(103)].code, ReasonCode::WorkflowPending);
    let plan = world(hours(1)).plan();
    let Action::Activate { key, .. } = only_action(&plan) else { panic!("{plan}") };
    assert_eq!(*key, EntryKey::SubGrant(account(103)));
}

#[test]
fn an_activation_by_hand_that_hangs_for_days_is_repeated_unless_the_rule_says_hands_off() {
    let world = |age, activation: &str| {
        let mut rule = only(&[101]);
        rule["activation"] = activation.into();
        let mut world = World::new().rule(rule).granted(to_account(101), GrantStatus::PendingWorkflow);
        let entry = world.snapshot.entries.get_mut(&EntryKey::Grant(to_account(101))).unwrap();
        entry.phase = Phase::Held { intent: Some(intent('a')), arn: arn("A"), at: ago(age) };
        world.plan()
    };
    assert!(world(hours(71), "keep").actions.is_empty());
    assert!(matches!(only_action(&world(hours(72), "keep")), Action::Activate { .. }));
    assert!(world(hours(72), "manual").actions.is_empty());
}

#[test]
fn what_keeps_the_grantee_from_activating_is_shown_rather_than_that_it_takes_long() {
    let mut world = World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::PendingWorkflow);
    let entry = world.snapshot.entries.get_mut(&EntryKey::Grant(to_account(101))).unwrap();
    entry.by_grantee = true;
    entry.grantee = Attempts { count: 5, last: Some(ago(hours(2))) };
    let said = ReasonCode::TrustedAccessMissing;
    entry.grantee_report = Some(Report { code: said, detail: REFUSAL.into(), at: ago(hours(2)) });
    let plan = world.plan();
    assert_eq!(plan.pairs[&account(101)].code, said);
    assert_eq!(plan.pairs[&account(101)].detail.as_deref(), Some(REFUSAL));
}

#[test]
fn what_an_account_said_when_it_was_only_to_accept_is_not_its_state_under_another_rule() {
    let mut world = left_to_the_grantee(1, minutes(6), ReasonCode::ManualActivation);
    let plan = world.plan();
    assert!(matches!(only_action(&plan), Action::AskGrantee { activate: true, .. }), "{plan}");
    world.snapshot.now = ago(minutes(5));
    assert_eq!(world.plan().pairs[&account(101)].code, ReasonCode::AwaitingGrantee);
}

#[test]
fn what_an_account_said_of_an_attempt_is_not_said_of_the_next() {
    let mut world = World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::Disabled);
    let entry = world.snapshot.entries.get_mut(&EntryKey::Grant(to_account(101))).unwrap();
    let said = Report { code: ReasonCode::TrustedAccessMissing, detail: REFUSAL.into(), at: ago(hours(2)) };
    entry.grantee_report = Some(said);
    let entry = entry.clone();
    let plan = world.plan();
    let action = only_action(&plan);
    assert!(matches!(action, Action::Activate { .. }), "{plan}");
    let context = Context { deployment: "main".parse().unwrap(), license: "l-1".parse().unwrap() };
    let (_, next) = Step::start(context, action, Some(&entry), intent('b'), NOW);
    let Next::Ask(Ask::Record { entry, .. }) = next else { panic!("no record") };
    assert_eq!(entry.grantee_report, None);
}
