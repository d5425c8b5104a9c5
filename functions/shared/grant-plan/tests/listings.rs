//! Listings that lag or disagree: what is ours stays ours, and nothing is treated twice over

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "world/small.rs"]
#[expect(dead_code, reason = "the builder serves several suites")]
mod small;

use grant_plan::action::Action;
use grant_plan::entry::{Attempts, EntryKey, Phase};
use grant_plan::grant::GrantStatus;
use grant_plan::organization::Principal;
use grant_plan::reason::ReasonCode;
use grant_plan::step::{Answer, Ask, Context, Next, Step};
use grant_plan::time::minutes;
use small::{NOW, World, account, ago, arn, everyone, grant, holds, intent, only, stamp, to_account};

#[test]
fn a_grant_that_only_the_accounts_side_shows_is_neither_foreign_nor_gone() {
    let held = holds("A", ago(minutes(60)));
    let active = World::new().rule(only(&[101])).entry(to_account(101), held.clone());
    let plan = active.received("A", 101, None, GrantStatus::Active).plan();
    assert!(plan.actions.is_empty(), "{:?}", plan.actions);
    assert_eq!(plan.pairs[&account(101)].code, ReasonCode::Active);

    let disabled = World::new().rule(only(&[101])).entry(to_account(101), held);
    let plan = disabled.received("A", 101, None, GrantStatus::Disabled).plan();
    assert!(plan.actions.is_empty(), "{:?}", plan.actions);
}

#[test]
fn a_grant_given_up_too_soon_is_found_again_by_the_refusal_of_the_next() {
    // The listing hid it for so long that a new life begins.
    let world = World::new().rule(only(&[101])).entry(to_account(101), holds("A", ago(minutes(60))));
    let plan = world.plan();
    let [action @ Action::Create(_)] = plan.actions.as_slice() else { panic!("{:?}", plan.actions) };
    let context = Context { deployment: "main".parse().unwrap(), license: "l-1".parse().unwrap() };
    let entry = action.entry(&world.snapshot.entries);
    let (mut step, _) = Step::start(context, action, entry, intent('b'), NOW);
    let Next::Ask(Ask::Create(_)) = step.next(Answer::Recorded, NOW) else { panic!("no call") };
    let refused = grant_plan::call::Failure::of_code(
        grant_plan::call::Operation::CreateGrant,
        "ValidationException",
        "already has a grant",
        false,
    );
    let Next::Ask(Ask::Find { .. }) = step.next(Answer::Failed(refused), NOW) else { panic!("does not look") };
    let old = grant("A", to_account(101), GrantStatus::Active, &stamp("main", 'a'));
    let Next::Ask(Ask::Record { entry, .. }) = step.next(Answer::Found(vec![old]), NOW) else { panic!("no record") };
    assert_eq!(entry.phase, Phase::Held { intent: Some(intent('a')), arn: arn("A"), at: NOW });
}

#[test]
fn a_grant_of_an_earlier_intent_is_recorded_and_not_made_again() {
    let next = holds("A", ago(minutes(60))).with(|entry| {
        entry.phase = Phase::Refused { reason: ReasonCode::AccessDenied, detail: String::new(), at: ago(minutes(90)) };
    });
    let old = grant("A", to_account(101), GrantStatus::Disabled, &stamp("main", 'a'));
    let plan = World::new().rule(only(&[101])).distributed(old).entry(to_account(101), next).plan();
    assert!(matches!(plan.actions.as_slice(), [Action::Record { .. }]), "{:?}", plan.actions);
}

#[test]
fn sub_grants_are_not_treated_one_by_one_while_the_organization_grant_is_on_its_way() {
    let world = |status: GrantStatus, tried: Attempts| {
        let whole = grant("A", Principal::Organization, status, &stamp("main", 'a'));
        let entry = holds("A", ago(minutes(60))).with(|entry| entry.activation = tried);
        let world = World::new().rule(everyone()).distributed(whole).entry(Principal::Organization, entry);
        world.received("S1", 101, Some("A"), GrantStatus::Disabled).received(
            "S2",
            102,
            Some("A"),
            GrantStatus::Disabled,
        )
    };
    let singly = |plan: &grant_plan::plan::Plan| {
        plan.actions.iter().filter(|action| matches!(action.key(), EntryKey::SubGrant(_))).count()
    };
    let tried = Attempts { count: 1, last: Some(ago(minutes(1))) };
    assert_eq!(singly(&world(GrantStatus::PendingWorkflow, tried).plan()), 0);
    assert_eq!(singly(&world(GrantStatus::Disabled, Attempts::default()).plan()), 0);
    assert_eq!(singly(&world(GrantStatus::Disabled, tried).plan()), 0);
    // Once it has come through, what it left behind is.
    assert_eq!(singly(&world(GrantStatus::WorkflowCompleted, tried).plan()), 2);
}

/// The organization's grant by intent `a` is hidden, so a new one is begun by intent `b`; a refusal then shows this one
fn activation_of_what_is_found(by: char) -> u32 {
    let held = holds("A", ago(minutes(60)));
    let world = World::new().rule(everyone()).entry(Principal::Organization, held);
    let plan = world.plan();
    let [action @ Action::Create(_)] = plan.actions.as_slice() else { panic!("{:?}", plan.actions) };
    let context = Context { deployment: "main".parse().unwrap(), license: "l-1".parse().unwrap() };
    let entry = action.entry(&world.snapshot.entries);
    let (mut step, _) = Step::start(context, action, entry, intent('b'), NOW);
    let Next::Ask(Ask::Create(call)) = step.next(Answer::Recorded, NOW) else { panic!("no call") };
    assert!(call.activate.is_some(), "asks for activation in the same call");
    let refused = grant_plan::call::Failure::of_code(
        grant_plan::call::Operation::CreateGrant,
        "ConflictException",
        "already has a grant",
        false,
    );
    let Next::Ask(Ask::Find { .. }) = step.next(Answer::Failed(refused), NOW) else { panic!("does not look") };
    let shown = grant("A", Principal::Organization, GrantStatus::Disabled, &stamp("main", by));
    let Next::Ask(Ask::Record { entry, .. }) = step.next(Answer::Found(vec![shown]), NOW) else { panic!("no record") };
    assert_eq!(entry.phase, Phase::Held { intent: Some(intent(by)), arn: arn("A"), at: NOW });
    entry.activation.count
}

#[test]
fn only_a_grant_of_the_present_intent_was_asked_to_be_active_by_the_present_call() {
    assert_eq!(activation_of_what_is_found('b'), 1);
    assert_eq!(activation_of_what_is_found('a'), 0);
}

#[test]
fn a_grant_of_a_former_intent_is_recorded_as_not_activated_whatever_the_present_one_asked_for() {
    let present = Phase::Intended { intent: intent('b'), at: ago(minutes(60)), one_call: true };
    let entry = holds("A", ago(minutes(90))).with(|entry| entry.phase = present);
    for (by, count) in [('a', 0), ('b', 1)] {
        let shown = grant("A", Principal::Organization, GrantStatus::Disabled, &stamp("main", by));
        let world = World::new().rule(everyone()).distributed(shown).entry(Principal::Organization, entry.clone());
        let plan = world.plan();
        let [action @ Action::Record { .. }] = plan.actions.as_slice() else { panic!("{:?}", plan.actions) };
        let context = Context { deployment: "main".parse().unwrap(), license: "l-1".parse().unwrap() };
        let (_, next) = Step::start(context, action, Some(&entry), intent('c'), NOW);
        let Next::Ask(Ask::Record { entry, .. }) = next else { panic!("no record") };
        assert_eq!(entry.activation.count, count, "made by {by}");
    }
}
