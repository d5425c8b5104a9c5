//! Another try

use grant_plan::entry::{Attempts, Entry, EntryKey, Phase, Report};
use grant_plan::grant::GrantStatus;
use grant_plan::organization::Principal;
use grant_plan::plan::amend::Proposal;
use grant_plan::plan::amend::retry::retry;
use grant_plan::reason::ReasonCode;
use grant_plan::snapshot::Remembered;
use grant_plan::time::{hours, minutes};

use super::small::{NOW, World, account, ago, arn, entry, everyone, grant, holds, only, stamp, to_account};
use super::{code, kinds, why, written};

fn entry_of(world: &World, key: &EntryKey) -> Entry {
    world.snapshot.entries[key].clone()
}

fn retried(world: &World, number: u64) -> Proposal {
    retry(&world.snapshot, Some(&account(number)))
}

/// How an entry differs from that of a grant that was just made
type Change<'a> = &'a dyn Fn(&mut Entry);

fn rejected() -> World {
    World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::Rejected)
}

#[test]
fn a_rejected_grant_is_deleted_and_a_new_one_made_at_once_when_it_is_gone() {
    let world = rejected();
    assert!(kinds(&world.plan()).is_empty(), "until somebody asks");
    let mut world = written(world.clone(), &retried(&world, 101));
    assert_eq!(kinds(&world.plan()), ["delete_failed"]);
    world.snapshot.distributed[0].status = GrantStatus::PendingDelete;
    assert_eq!((kinds(&world.plan()), code(&world.plan(), 101)), (vec![], ReasonCode::Deleting));
    world.snapshot.distributed[0].status = GrantStatus::Deleted;
    assert_eq!(kinds(&world.plan()), ["create"]);
}

#[test]
fn a_rejected_grant_that_could_not_be_deleted_makes_room_where_it_stands() {
    let mut world = rejected();
    let key = EntryKey::Grant(to_account(101));
    let given_up = entry_of(&world, &key).giving_up(&arn("A"), "it cannot be deleted".into(), NOW);
    world.snapshot.entries.insert(key, given_up);
    assert_eq!(kinds(&world.plan()), ["create"]);
}

#[test]
fn only_the_grant_that_was_rejected_then_is_given_up() {
    let world = rejected();
    let mut world = written(world.clone(), &retried(&world, 101));
    world.snapshot.distributed[0].status = GrantStatus::Disabled;
    assert_eq!(kinds(&world.plan()), ["activate"], "it is not rejected after all");
    let key = EntryKey::Grant(to_account(101));
    let another = entry_of(&world, &key).with(|entry| entry.retried = Some(arn("B")));
    world.snapshot.entries.insert(key, another);
    world.snapshot.distributed[0].status = GrantStatus::Rejected;
    assert_eq!((kinds(&world.plan()), code(&world.plan(), 101)), (vec![], ReasonCode::Rejected));
}

#[test]
fn a_retried_pair_that_nobody_asks_for_any_more_keeps_its_grant() {
    let world = rejected();
    let world = written(world.clone(), &retried(&world, 101)).rule(serde_json::json!({
        "rule": "never", "effect": "deny", "products": "*", "accounts": {"account": "000000000101"},
    }));
    assert_eq!(kinds(&world.plan()), ["note_unwanted"]);
}

#[test]
fn an_activation_that_stalled_or_was_refused_is_made_again_at_once() {
    let stalled = |entry: &mut Entry| entry.activation = Attempts { count: 4, last: Some(ago(hours(1))) };
    let refused = |entry: &mut Entry| {
        let code = ReasonCode::TrustedAccessMissing;
        entry.refusal = Some(Report { code, detail: "no".into(), at: ago(minutes(1)) });
    };
    let by_grantee = |entry: &mut Entry| {
        entry.by_grantee = true;
        entry.grantee = Attempts { count: 9, last: Some(ago(minutes(1))) };
        let code = ReasonCode::MemberRoleMissing;
        entry.grantee_report = Some(Report { code, detail: "no".into(), at: ago(minutes(1)) });
    };
    let changes: [(ReasonCode, Change<'_>); 3] = [
        (ReasonCode::ActivationStalled, &stalled),
        (ReasonCode::TrustedAccessMissing, &refused),
        (ReasonCode::MemberRoleMissing, &by_grantee),
    ];
    for (expected, change) in changes {
        let mut world = World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::Disabled);
        change(world.snapshot.entries.get_mut(&EntryKey::Grant(to_account(101))).unwrap());
        world.snapshot.remembered.insert(account(101), Remembered { code: expected, since: ago(hours(1)) });
        assert_eq!((kinds(&world.plan()), code(&world.plan(), 101)), (vec![], expected));
        let world = written(world.clone(), &retried(&world, 101));
        assert_eq!(kinds(&world.plan()), ["activate"], "{expected}");
    }
}

#[test]
fn an_activation_that_hangs_is_repeated_at_once_and_not_after_days() {
    let mut world = World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::PendingWorkflow);
    let entry = world.snapshot.entries.get_mut(&EntryKey::Grant(to_account(101))).unwrap();
    entry.activation = Attempts { count: 4, last: Some(ago(minutes(30))) };
    assert_eq!(code(&world.plan(), 101), ReasonCode::ActivationStalled);
    let world = written(world.clone(), &retried(&world, 101));
    assert_eq!(kinds(&world.plan()), ["activate"]);
}

#[test]
fn a_refused_or_failed_creation_is_made_again_at_once() {
    let refused = Phase::Refused { reason: ReasonCode::QuotaReached, detail: "full".into(), at: ago(minutes(1)) };
    let closed = Phase::Closed { because: "gone".into(), at: ago(minutes(1)) };
    let mut failed = entry(closed);
    failed.failed = Attempts { count: 2, last: Some(ago(minutes(1))) };
    for (expected, remembered) in [(ReasonCode::QuotaReached, entry(refused)), (ReasonCode::FailedWorkflow, failed)] {
        let world = World::new().rule(only(&[101])).entry(to_account(101), remembered);
        assert_eq!((kinds(&world.plan()), code(&world.plan(), 101)), (vec![], expected));
        let world = written(world.clone(), &retried(&world, 101));
        assert_eq!(kinds(&world.plan()), ["create"], "{expected}");
    }
}

#[test]
fn an_intent_of_unknown_outcome_is_left_to_its_wait() {
    let intended = Phase::Intended { intent: super::small::intent('a'), at: ago(minutes(1)), one_call: false };
    let world = World::new().rule(only(&[101])).entry(to_account(101), entry(intended));
    assert!(why(&retried(&world, 101)).contains("INTENT_UNRESOLVED: it goes on by itself"));
}

/// The organization's grant, distributed and activated, with a part in 103 that has come to its end
fn ended_part(status: GrantStatus) -> World {
    let mut world = World::new().rule(everyone()).granted(Principal::Organization, GrantStatus::WorkflowCompleted);
    let whole = world.snapshot.entries.get_mut(&EntryKey::Grant(Principal::Organization)).unwrap();
    whole.activation = Attempts { count: 1, last: Some(ago(hours(1))) };
    for (number, status) in [(101, GrantStatus::Active), (102, GrantStatus::Active), (103, status)] {
        world = world.received(&format!("S{number}"), number, Some("A"), status);
    }
    world
}

#[test]
fn a_part_of_an_organization_grant_at_its_end_is_activated_by_its_ladder_and_then_left() {
    for (status, expected) in
        [(GrantStatus::Rejected, ReasonCode::Rejected), (GrantStatus::FailedWorkflow, ReasonCode::FailedWorkflow)]
    {
        let world = ended_part(status);
        assert_eq!((kinds(&world.plan()), code(&world.plan(), 103)), (vec![], expected));
        let proposal = retried(&world, 103);
        assert!(proposal.amendments[0].what.contains("cannot be made anew by itself"), "{proposal:?}");
        let mut world = written(world, &proposal);
        let key = EntryKey::SubGrant(account(103));
        for count in 0..4 {
            assert_eq!(kinds(&world.plan()), ["activate"], "after {count}");
            let entry = world.snapshot.entries.get_mut(&key).unwrap();
            entry.activation = entry.activation.again(world.snapshot.now);
            assert!(kinds(&world.plan()).is_empty(), "after {count}");
            world = world.later(hours(6));
        }
        let plan = world.clone().later(hours(100)).plan();
        assert_eq!((kinds(&plan), code(&plan, 103)), (vec![], expected));
        assert!(plan.pairs[&account(103)].detail.as_ref().unwrap().contains("leaves it as it is"));
        // A person may want it tried once more.
        let world = written(world.clone(), &retried(&world, 103));
        assert_eq!(kinds(&world.plan()), ["activate"]);
    }
}

#[test]
fn a_whole_grant_that_failed_or_was_rejected_is_not_given_up_while_it_is_in_use() {
    for status in [GrantStatus::Rejected, GrantStatus::FailedWorkflow] {
        let world = World::new().rule(everyone()).granted(Principal::Organization, status.clone());
        let used = world.clone().received("S101", 101, Some("A"), GrantStatus::Active);
        assert!(why(&retry(&used.snapshot, None)).contains("in use in some account"), "{status}");
        // Even if it was asked for before anybody used it.
        let mut used = used;
        let entry = used.snapshot.entries.get_mut(&EntryKey::Grant(Principal::Organization)).unwrap();
        entry.retried = Some(arn("A"));
        assert!(!kinds(&used.plan()).contains(&"delete_failed"), "{status}");
    }
    let unused = World::new().rule(everyone()).granted(Principal::Organization, GrantStatus::Rejected);
    let world = written(unused.clone(), &retry(&unused.snapshot, None));
    assert_eq!(kinds(&world.plan()), ["delete_failed"]);
}

#[test]
fn a_license_alone_means_grants_to_whole_places_only() {
    let proposal = retry(&rejected().snapshot, None);
    assert!(proposal.amendments.is_empty() && proposal.left.is_empty(), "{proposal:?}");
}

#[test]
fn what_another_try_would_not_change_is_left_and_says_what_would() {
    let foreign = World::new().rule(only(&[101]));
    let foreign = foreign.distributed(grant("F", to_account(101), GrantStatus::Disabled, "by hand"));
    assert!(why(&retried(&foreign, 101)).contains("FOREIGN_NOT_ACTIVE: another try would change nothing"));
    let active = World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::Active);
    let active = active.received("A", 101, None, GrantStatus::Active);
    assert!(why(&retried(&active, 101)).contains("ACTIVE: there is nothing to try again"));
    assert!(why(&retried(&rejected().paused(), 102)).contains("no rule asks for the license in this account"));
    let stamped = World::new().rule(only(&[101]));
    let stamped = stamped.distributed(grant("B", to_account(101), GrantStatus::Rejected, &stamp("main", 'b')));
    assert!(why(&retried(&stamped, 101)).contains("grantctl ledger rebuild"));
    let kept = World::new().rule(only(&[101])).entry(to_account(102), holds("A", ago(hours(1))));
    assert!(why(&retried(&kept, 102)).contains("no rule asks for the license in this account"));
}
