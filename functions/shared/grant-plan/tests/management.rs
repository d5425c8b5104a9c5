//! The management account where a delegated administrator holds the license

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "world/small.rs"]
#[expect(dead_code, reason = "the builder serves several suites")]
mod small;

use grant_plan::action::Action;
use grant_plan::call::{Failure, Operation};
use grant_plan::entry::{Attempts, Entry, EntryKey, Phase};
use grant_plan::grant::GrantStatus;
use grant_plan::organization::Principal;
use grant_plan::reason::{ReasonCode, Standing};
use grant_plan::snapshot::Remembered;
use grant_plan::step::{Answer, Ask, Context, Next, Step};
use grant_plan::time::{hours, minutes};
use small::{HOLDER, NOW, World, account, ago, everyone, holds, intent, only, to_account};

/// The management account of these worlds
const MANAGEMENT: u64 = 103;

fn delegated(mut world: World) -> World {
    world.snapshot.organization.management = account(MANAGEMENT);
    world
}

/// What is left in the ledger of a CreateGrant that License Manager refused for a reason of its own
fn refused(world: &World, number: u64) -> Entry {
    let plan = world.plan();
    let created = |action: &&Action| action.key() == EntryKey::Grant(to_account(number));
    let action = plan.actions.iter().find(created).unwrap();
    let context = Context { deployment: "main".parse().unwrap(), license: "l-1".parse().unwrap() };
    let (mut step, mut next) = Step::start(context, action, None, intent('a'), NOW);
    let mut written = None;
    while let Next::Ask(ask) = next {
        let answer = match ask {
            Ask::Record { entry, .. } => {
                written = Some(*entry);
                Answer::Recorded
            }
            Ask::Find { .. } => Answer::Found(Vec::new()),
            Ask::Create(_) => {
                Answer::Failed(Failure::of_code(Operation::CreateGrant, "ValidationException", "no", false))
            }
            Ask::Activate(_) | Ask::SwitchOff(_) | Ask::Delete { .. } | Ask::Tell(_) => panic!("{ask:?}"),
        };
        next = step.next(answer, NOW);
    }
    written.unwrap()
}

#[test]
fn a_grant_to_the_management_account_is_tried_and_its_refusal_settles_it_for_a_day() {
    let mut world = delegated(World::new().rule(only(&[101, MANAGEMENT])));
    for (number, code) in [(101, ReasonCode::CallRefused), (MANAGEMENT, ReasonCode::ManagementNotGrantable)] {
        let entry = refused(&world, number);
        assert!(matches!(entry.phase, Phase::Refused { reason, .. } if reason == code), "{entry:?}");
        world = world.entry(to_account(number), entry);
    }
    let plan = world.plan();
    assert!(plan.actions.is_empty(), "{plan}");
    let pair = &plan.pairs[&account(MANAGEMENT)];
    assert_eq!((pair.code, pair.next_look), (ReasonCode::ManagementNotGrantable, Some(NOW.after(hours(24)))));
    assert!(pair.code.standing() == Standing::Settled && pair.detail.is_some(), "{plan}");
    let later = world.later(hours(24)).plan();
    let creates = |action: &&Action| matches!(action, Action::Create(_));
    assert_eq!(later.actions.iter().filter(creates).count(), 2, "{later}");
}

#[test]
fn whoever_is_refused_by_the_management_account_itself_is_refused_for_another_reason() {
    let world = World::new().rule(only(&[101]));
    let entry = refused(&world, 101);
    assert!(matches!(entry.phase, Phase::Refused { reason: ReasonCode::CallRefused, .. }), "{entry:?}");
}

/// An organization's grant that was activated and has reached everybody but the management account
fn reaching_all_others() -> World {
    let entry = Entry { activation: Attempts { count: 1, last: Some(ago(hours(2))) }, ..holds("A", ago(hours(2))) };
    let world = World::new().rule(everyone()).granted(Principal::Organization, GrantStatus::WorkflowCompleted);
    let world = world.entry(Principal::Organization, entry).received("S101", 101, Some("A"), GrantStatus::Active);
    delegated(world.received("S102", 102, Some("A"), GrantStatus::Active))
}

fn remembering(mut world: World, code: ReasonCode, minutes_ago: u64) -> World {
    let remembered = Remembered { code, since: ago(minutes(minutes_ago)) };
    world.snapshot.remembered.insert(account(MANAGEMENT), remembered);
    world
}

#[test]
fn an_organization_s_grant_that_does_not_reach_it_is_not_activated_again_for_it() {
    let missing = |minutes| remembering(reaching_all_others(), ReasonCode::SubGrantMissing, minutes);
    let known = remembering(reaching_all_others(), ReasonCode::ManagementNotGrantable, 60 * 24 * 9);
    let rows = [
        (reaching_all_others(), ReasonCode::SubGrantMissing),
        (missing(14), ReasonCode::SubGrantMissing),
        (missing(15), ReasonCode::ManagementNotGrantable),
        (known, ReasonCode::ManagementNotGrantable),
    ];
    for (world, code) in rows {
        let plan = world.plan();
        assert!(plan.actions.is_empty(), "{plan}");
        assert_eq!(plan.pairs[&account(MANAGEMENT)].code, code, "{plan}");
        assert_eq!(plan.pairs[&account(HOLDER)].code, ReasonCode::Holder);
    }
    // Where the management account holds the license, the same account is one like any other.
    let mut other = missing(15);
    other.snapshot.organization.management = account(HOLDER);
    assert_eq!(other.plan().actions.len(), 1);
}

#[test]
fn where_nobody_at_all_was_reached_the_call_is_repeated_until_its_ladder_is_used_up() {
    let waiting = |count, last| {
        let entry = Entry { activation: Attempts { count, last: Some(ago(last)) }, ..holds("A", ago(hours(30))) };
        let world = World::new().rule(everyone());
        let mut world = delegated(world.granted(Principal::Organization, GrantStatus::WorkflowCompleted));
        for number in [101, 102] {
            world = world.own_subscription(number);
        }
        remembering(world.entry(Principal::Organization, entry), ReasonCode::SubGrantMissing, 60).plan()
    };
    let again = waiting(1, hours(1));
    assert!(matches!(again.actions.as_slice(), [Action::Activate { .. }]), "{again}");
    assert_eq!(again.pairs[&account(MANAGEMENT)].code, ReasonCode::SubGrantMissing);
    let used_up = waiting(4, hours(25));
    assert_eq!(used_up.actions, [], "{used_up}");
    assert_eq!(used_up.pairs[&account(MANAGEMENT)].code, ReasonCode::ManagementNotGrantable);
}

#[test]
fn a_part_that_comes_for_it_after_all_is_treated_like_any_other() {
    let world = remembering(reaching_all_others(), ReasonCode::ManagementNotGrantable, 60);
    let on = world.clone().received("S103", MANAGEMENT, Some("A"), GrantStatus::Active).plan();
    assert_eq!(on.pairs[&account(MANAGEMENT)].code, ReasonCode::Active);
    let off = world.received("S103", MANAGEMENT, Some("A"), GrantStatus::Disabled).plan();
    assert!(matches!(off.actions.as_slice(), [Action::Activate { heals: false, .. }]), "{off}");
}
