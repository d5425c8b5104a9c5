//! A ledger rebuilt from the stamps that grants carry

use grant_plan::entry::{Attempts, Entry, EntryKey, Phase};
use grant_plan::grant::GrantStatus;
use grant_plan::organization::Principal;
use grant_plan::plan::amend::rebuild::rebuild;
use grant_plan::reason::ReasonCode;
use grant_plan::time::{hours, minutes};

use super::small::{NOW, World, account, ago, arn, entry, everyone, grant, intent, only, stamp, to_account};
use super::{code, kinds, why, written};

/// The ledger is gone, and a grant with our stamp stands there
fn lost(principal: Principal, status: GrantStatus) -> World {
    World::new().rule(everyone()).distributed(grant("A", principal, status, &stamp("main", 'a')))
}

#[test]
fn a_grant_with_our_stamp_is_recorded_with_the_rule_and_intent_of_its_name() {
    let world = lost(to_account(101), GrantStatus::Disabled).rule(only(&[102]));
    assert_eq!(code(&world.plan(), 101), ReasonCode::StampWithoutEntry);
    let proposal = rebuild(&world.snapshot);
    let [amendment] = proposal.amendments.as_slice() else { panic!("{proposal:?}") };
    let entry = &amendment.entry;
    assert_eq!(entry.phase, Phase::Held { intent: Some(intent('a')), arn: arn("A"), at: NOW });
    let known = world.snapshot.policy.rules.iter().find(|rule| rule.id.as_str() == "everyone").unwrap();
    assert_eq!((entry.rule.as_str(), &entry.rule_version), ("everyone", &known.version));
    let world = written(world, &proposal);
    assert_eq!(code(&world.plan(), 101), ReasonCode::Activating);
    assert!(rebuild(&world.snapshot).amendments.is_empty(), "once is enough");
}

#[test]
fn a_settled_organization_is_settled_again_and_nothing_is_called() {
    let mut world = lost(Principal::Organization, GrantStatus::WorkflowCompleted);
    for number in [101, 102, 103] {
        world = world.received(&format!("S{number}"), number, Some("A"), GrantStatus::Active);
    }
    let world = written(world.clone(), &rebuild(&world.snapshot));
    for wait in [minutes(0), minutes(20), hours(100)] {
        let plan = world.clone().later(wait).plan();
        assert!(plan.is_settled(), "after {wait:?}: {plan}");
    }
}

#[test]
fn a_distributed_organization_grant_is_never_activated_as_a_whole_blindly() {
    let mut world = lost(Principal::Organization, GrantStatus::WorkflowCompleted);
    for (number, status) in [(101, GrantStatus::Active), (102, GrantStatus::Active), (103, GrantStatus::Disabled)] {
        world = world.received(&format!("S{number}"), number, Some("A"), status);
    }
    let world = written(world.clone(), &rebuild(&world.snapshot));
    let plan = world.plan();
    assert_eq!(plan.actions.iter().map(|action| action.key()).collect::<Vec<_>>(), [EntryKey::SubGrant(account(103))]);
}

#[test]
fn what_no_rule_asks_for_any_more_is_recorded_and_only_noted() {
    let stamped = grant("A", to_account(101), GrantStatus::Disabled, &stamp("main", 'a'));
    let world = World::new().distributed(stamped);
    let world = written(world.clone(), &rebuild(&world.snapshot));
    assert_eq!(kinds(&world.plan()), ["note_unwanted"]);
}

#[test]
fn a_running_workflow_is_given_its_rung_and_not_called_upon_at_once() {
    let world = lost(to_account(101), GrantStatus::PendingWorkflow).rule(only(&[101]));
    let world = written(world.clone(), &rebuild(&world.snapshot));
    assert!(world.plan().actions.iter().all(|action| action.key() != EntryKey::Grant(to_account(101))));
    let later = world.later(minutes(15)).plan();
    assert!(later.actions.iter().any(|action| action.key() == EntryKey::Grant(to_account(101))), "{later}");
}

#[test]
fn a_deletion_under_way_is_known_for_one_when_it_reads_as_distributed() {
    let world = lost(Principal::Organization, GrantStatus::PendingDelete);
    let mut world = written(world.clone(), &rebuild(&world.snapshot));
    assert!(kinds(&world.plan()).is_empty(), "{}", world.plan());
    world.snapshot.distributed[0].status = GrantStatus::WorkflowCompleted;
    assert_eq!(kinds(&world.plan()), ["create"], "{}", world.plan());
}

#[test]
fn of_several_that_claim_the_same_none_is_recorded() {
    let second = |name: &str, principal, digit| grant(name, principal, GrantStatus::Disabled, &stamp("main", digit));
    let on_one = lost(to_account(101), GrantStatus::Disabled).distributed(second("B", to_account(101), 'b'));
    let proposal = rebuild(&on_one.snapshot);
    assert!(proposal.amendments.is_empty(), "{proposal:?}");
    assert_eq!(proposal.left.len(), 2);
    assert!(proposal.left[0].why.contains("several grants with our stamp stand on this principal"), "{proposal:?}");
    let copied = lost(to_account(101), GrantStatus::Disabled).distributed(second("B", to_account(102), 'a'));
    let proposal = rebuild(&copied.snapshot);
    assert!(proposal.amendments.is_empty(), "{proposal:?}");
    assert!(proposal.left[0].why.contains("this very stamp"), "{proposal:?}");
}

#[test]
fn what_was_rejected_or_is_being_deleted_gives_way_to_what_stands_beside_it() {
    let earlier = |name: &str, status, digit| grant(name, to_account(101), status, &stamp("main", digit));
    let world = World::new().rule(only(&[101]));
    let world = world.distributed(grant("N", to_account(101), GrantStatus::Disabled, &stamp("main", 'a')));
    let beside = world
        .clone()
        .distributed(earlier("B", GrantStatus::Rejected, 'b'))
        .distributed(earlier("C", GrantStatus::PendingDelete, 'c'))
        .distributed(earlier("D", GrantStatus::Rejected, 'd'));
    let proposal = rebuild(&beside.snapshot);
    assert!(proposal.left.len() == 3 && proposal.left.iter().all(|left| left.settled), "{proposal:?}");
    let mut after = written(beside, &proposal);
    assert_eq!((kinds(&after.plan()), code(&after.plan(), 101)), (vec!["activate"], ReasonCode::Activating));
    assert!(rebuild(&after.snapshot).is_settled(), "once is enough");
    // The grant is gone in the end, and nothing of what it outlived is gone back to.
    after.snapshot.distributed[0].status = GrantStatus::Deleted;
    after.snapshot.distributed[2].status = GrantStatus::WorkflowCompleted;
    assert_eq!(kinds(&after.plan()), ["create"]);
    // The ledger of an hour ago holds the rejected one.
    let held = Phase::Held { intent: Some(intent('b')), arn: arn("B"), at: ago(hours(1)) };
    let set_back = world.distributed(earlier("B", GrantStatus::Rejected, 'b')).entry(to_account(101), entry(held));
    let after = written(set_back.clone(), &rebuild(&set_back.snapshot));
    assert_eq!(kinds(&after.plan()), ["activate"]);
    assert_eq!(after.snapshot.entries[&EntryKey::Grant(to_account(101))].given_up, [arn("B")]);
}

#[test]
fn of_several_that_are_all_at_their_end_a_rejected_one_is_recorded() {
    let world = lost(to_account(101), GrantStatus::PendingDelete).rule(only(&[101]));
    let world = world.distributed(grant("B", to_account(101), GrantStatus::Rejected, &stamp("main", 'b')));
    let after = written(world.clone(), &rebuild(&world.snapshot));
    assert_eq!(after.snapshot.entries[&EntryKey::Grant(to_account(101))].arn(), Some(&arn("B")));
}

#[test]
fn a_listed_sub_grant_that_repeats_its_parents_name_is_no_grant_of_its_own() {
    let part = grant("S", to_account(101), GrantStatus::Active, &stamp("main", 'a'));
    let world = lost(Principal::Organization, GrantStatus::WorkflowCompleted).distributed(part);
    let proposal = rebuild(&world.snapshot);
    assert!(proposal.left.is_empty(), "{proposal:?}");
    let keys: Vec<&EntryKey> = proposal.amendments.iter().map(|amendment| &amendment.key).collect();
    assert_eq!(keys, [&EntryKey::Grant(Principal::Organization)]);
}

#[test]
fn other_deployments_grants_hand_made_ones_and_tombstones_are_not_looked_at() {
    let world = lost(to_account(101), GrantStatus::Deleted)
        .distributed(grant("O", to_account(102), GrantStatus::Active, &stamp("other", 'b')))
        .distributed(grant("H", to_account(103), GrantStatus::Active, "by hand"));
    let proposal = rebuild(&world.snapshot);
    assert!(proposal.amendments.is_empty() && proposal.left.is_empty(), "{proposal:?}");
}

#[test]
fn a_grant_to_nobody_of_the_organization_is_shown() {
    let mut world = lost(to_account(101), GrantStatus::Active);
    world.snapshot.distributed[0].principal = None;
    assert!(why(&rebuild(&world.snapshot)).contains("nobody of this organization"));
}

/// What a ledger of an hour ago says of the principal
fn set_back(remembered: Entry) -> World {
    lost(to_account(101), GrantStatus::Disabled).entry(to_account(101), remembered)
}

#[test]
fn a_ledger_of_an_hour_ago_learns_of_what_was_made_since() {
    let at = ago(hours(1));
    let intended = Phase::Intended { intent: intent('b'), at, one_call: false };
    let refused = Phase::Refused { reason: ReasonCode::QuotaReached, detail: "full".into(), at };
    let closed = Phase::Closed { because: "gone".into(), at };
    let held = Phase::Held { intent: Some(intent('b')), arn: arn("B"), at };
    for phase in [intended, refused, closed, held] {
        let mut before = entry(phase.clone());
        before.failed = Attempts { count: 1, last: Some(at) };
        let world = set_back(before.clone());
        assert_eq!(code(&world.plan(), 101), ReasonCode::StampWithoutEntry, "{phase:?}");
        let proposal = rebuild(&world.snapshot);
        let world = written(world, &proposal);
        assert_eq!(code(&world.plan(), 101), ReasonCode::Activating, "{phase:?}");
        let now = &world.snapshot.entries[&EntryKey::Grant(to_account(101))];
        assert_eq!((now.generation, now.failed), (before.generation + 1, before.failed), "{phase:?}");
        assert!(before.intent().is_none_or(|intent| now.knows(intent)), "{phase:?}");
    }
}

#[test]
fn what_may_be_under_way_is_waited_for() {
    let at = ago(minutes(1));
    let intended = Phase::Intended { intent: intent('b'), at, one_call: false };
    let held = Phase::Held { intent: Some(intent('b')), arn: arn("B"), at };
    for phase in [intended, held] {
        assert!(why(&rebuild(&set_back(entry(phase)).snapshot)).contains("ask again in some minutes"));
    }
}

#[test]
fn a_second_grant_beside_the_one_the_ledger_holds_is_shown() {
    let held = Phase::Held { intent: Some(intent('b')), arn: arn("B"), at: ago(hours(1)) };
    let world = set_back(entry(held));
    let world = world.distributed(grant("B", to_account(101), GrantStatus::Disabled, &stamp("main", 'b')));
    assert!(why(&rebuild(&world.snapshot)).contains("holds another grant of ours"));
}
