//! Grants to single accounts that give way to one for the whole place

use grant_plan::action::Action;
use grant_plan::call::Override;
use grant_plan::entry::{Attempts, Entry, EntryKey, Phase};
use grant_plan::grant::GrantStatus;
use grant_plan::organization::Principal;
use grant_plan::plan::amend::consolidate::consolidate;
use grant_plan::reason::ReasonCode;
use grant_plan::time::hours;

use super::small::{World, ago, arn, entry, everyone, grant, intent, only, stamp, to_account};
use super::{kinds, written};

/// The entry of a grant that was made by the intent of this digit, so many hours ago
fn held(name: &str, digit: char, hours_ago: u64) -> Entry {
    entry(Phase::Held { intent: Some(intent(digit)), arn: arn(name), at: ago(hours(hours_ago)) })
}

/// Everybody has a grant of their own, from when rules named them one by one
fn apart(status: GrantStatus) -> World {
    let mut world = World::new().rule(everyone());
    for (number, name, digit) in [(101, "A", 'a'), (102, "B", 'b'), (103, "C", 'c')] {
        let made = grant(name, to_account(number), status.clone(), &stamp("main", digit));
        world = world.distributed(made).entry(to_account(number), held(name, digit, 30));
        if status == GrantStatus::Active {
            world = world.received(name, number, None, GrantStatus::Active);
        }
    }
    world
}

/// The same once it was asked for and the organization's grant is there, with parts of this status
fn asked(own: GrantStatus, part: GrantStatus) -> World {
    let world = apart(own);
    let mut world = written(world.clone(), &consolidate(&world.snapshot));
    let activation = Attempts { count: 1, last: Some(ago(hours(1))) };
    let entry = Entry { activation, ..held("O", 'd', 1) };
    let whole = grant("O", Principal::Organization, GrantStatus::WorkflowCompleted, &stamp("main", 'd'));
    world = world.distributed(whole).entry(Principal::Organization, entry);
    for number in [101, 102, 103] {
        world = world.received(&format!("S{number}"), number, Some("O"), part.clone());
    }
    world
}

#[test]
fn nothing_gives_way_unless_a_person_wants_it() {
    assert_eq!(kinds(&apart(GrantStatus::Active).plan()), [""; 0]);
}

#[test]
fn what_is_asked_for_makes_one_grant_for_the_place_and_leaves_the_rest_for_now() {
    let world = apart(GrantStatus::Active);
    let proposal = consolidate(&world.snapshot);
    assert_eq!((proposal.amendments.len(), proposal.left.len()), (3, 0), "{proposal:?}");
    let world = written(world, &proposal);
    let plan = world.plan();
    assert_eq!(kinds(&plan), ["create"], "{plan}");
    let again = consolidate(&world.snapshot);
    assert!(again.is_settled() && again.left.len() == 3, "asking twice changes nothing: {again:?}");
}

#[test]
fn where_no_place_would_be_exact_nothing_gives_way() {
    let world = World::new().rule(only(&[101, 103])).granted(to_account(101), GrantStatus::Active);
    let proposal = consolidate(&world.snapshot);
    assert_eq!((proposal.amendments.len(), proposal.left.len()), (0, 1), "{proposal:?}");
    assert!(proposal.is_settled());
}

#[test]
fn account_by_account_the_part_is_activated_in_the_stead_of_the_own_grant() {
    let plan = asked(GrantStatus::Active, GrantStatus::Disabled).plan();
    assert_eq!(kinds(&plan), ["activate"; 3], "{plan}");
    for action in &plan.actions {
        let Action::Activate { key: EntryKey::SubGrant(_), overriding, .. } = action else { panic!("{action:?}") };
        assert_eq!(*overriding, Override::AllGrantsPermittedByIssuer);
    }
    assert!(plan.pairs.values().all(|pair| matches!(pair.code, ReasonCode::Active | ReasonCode::Holder)), "{plan}");
}

#[test]
fn only_what_is_off_while_the_part_is_in_use_is_deleted() {
    let plan = asked(GrantStatus::Disabled, GrantStatus::Active).plan();
    assert_eq!(kinds(&plan), ["retire"; 3], "{plan}");
    let early = asked(GrantStatus::Disabled, GrantStatus::PendingWorkflow).plan();
    assert!(!kinds(&early).contains(&"retire"), "{early}");
    let both_off = asked(GrantStatus::Disabled, GrantStatus::Disabled).plan();
    assert!(!kinds(&both_off).contains(&"retire"), "{both_off}");
}

#[test]
fn a_rule_that_names_single_accounts_again_lets_nothing_give_way() {
    let mut world = asked(GrantStatus::Active, GrantStatus::Disabled);
    world.snapshot.policy = World::new().rule(only(&[101, 102, 103])).snapshot.policy;
    let plan = world.plan();
    assert!(!kinds(&plan).contains(&"activate") && !kinds(&plan).contains(&"retire"), "{plan}");
}
