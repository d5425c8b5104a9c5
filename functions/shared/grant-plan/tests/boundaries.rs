//! Where one decision ends and the next begins: each half of each condition tried alone

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "world/small.rs"]
#[expect(dead_code, reason = "the builder serves several suites")]
mod small;

use std::time::Duration;

use grant_plan::action::Action;
use grant_plan::budget::Budget;
use grant_plan::entry::{Attempts, Entry, EntryKey, Phase, Report};
use grant_plan::grant::{Grant, GrantStatus};
use grant_plan::organization::Principal;
use grant_plan::plan::{Plan, VISIBILITY_WAIT};
use grant_plan::reason::ReasonCode;
use grant_plan::snapshot::Remembered;
use grant_plan::time::{Timestamp, minutes};
use small::{NOW, World, account, ago, arn, everyone, only, to_account};

const SUBJECT: u64 = 102;

fn entry_of(world: &mut World, principal: Principal) -> &mut Entry {
    world.snapshot.entries.get_mut(&EntryKey::Grant(principal)).unwrap()
}

fn code(plan: &Plan) -> ReasonCode {
    plan.pairs[&account(SUBJECT)].code
}

#[test]
fn a_plan_is_settled_when_nothing_moves_whoever_is_blocked() {
    let plan = |status| World::new().rule(only(&[SUBJECT])).granted(to_account(SUBJECT), status).plan();
    let (moving, blocked) = (plan(GrantStatus::PendingWorkflow), plan(GrantStatus::Rejected));
    assert!(moving.actions.is_empty() && !moving.is_settled(), "{moving}");
    assert!(blocked.actions.is_empty() && blocked.is_settled(), "{blocked}");
    let acting = plan(GrantStatus::FailedWorkflow);
    assert!(!acting.actions.is_empty() && !acting.is_settled(), "{acting}");
}

#[test]
fn a_plan_wants_to_be_looked_at_when_its_first_pair_does() {
    let mut world = World::new().rule(only(&[101, SUBJECT]));
    for (number, status) in [(101, GrantStatus::Rejected), (SUBJECT, GrantStatus::PendingWorkflow)] {
        world = world.granted(to_account(number), status);
    }
    // An eighth of the hour for which it has been under way.
    assert_eq!(world.plan().next_look(), Some(Timestamp(NOW.0 + 450)));
    world.snapshot.own_subscriptions.insert(account(SUBJECT));
    assert_eq!(world.plan().next_look(), Some(Timestamp(NOW.0 + 24 * 3600)));
}

#[test]
fn what_only_the_grantee_may_activate_is_left_to_the_grantee() {
    let mut world = World::new().rule(only(&[SUBJECT])).granted(to_account(SUBJECT), GrantStatus::Disabled);
    assert!(matches!(world.plan().actions.as_slice(), [Action::Activate { .. }]));
    entry_of(&mut world, to_account(SUBJECT)).by_grantee = true;
    let plan = world.plan();
    assert!(matches!(plan.actions.as_slice(), [Action::AskGrantee { activate: true, .. }]), "{plan}");
    assert_eq!(code(&plan), ReasonCode::AwaitingGrantee);
}

/// An organization grant whose distribution failed, with one received grant beside it
fn failed(received: &str, parent: Option<&str>, status: GrantStatus) -> Plan {
    let mut world = World::new().rule(everyone()).granted(Principal::Organization, GrantStatus::FailedWorkflow);
    world.snapshot.distributed[0].status_reason = Some("no such role".into());
    world.received(received, 103, parent, status).plan()
}

#[test]
fn a_failed_grant_is_deleted_unless_somebody_uses_it() {
    let deleted = |plan: &Plan| plan.actions.iter().any(|action| matches!(action, Action::DeleteFailed { .. }));
    for (name, parent, status, uses) in [
        ("S", Some("A"), GrantStatus::Active, true),
        ("S", Some("A"), GrantStatus::Disabled, false),
        ("S", Some("X"), GrantStatus::Active, false),
        ("X", None, GrantStatus::Active, false),
    ] {
        let plan = failed(name, parent, status.clone());
        assert_eq!(deleted(&plan), !uses, "{name} of {parent:?}, {status}: {plan}");
        let pair = &plan.pairs[&account(SUBJECT)];
        assert_eq!(pair.detail.as_deref(), Some("no such role"), "{plan}");
        assert_eq!(pair.code, if uses { ReasonCode::FailedWorkflow } else { ReasonCode::Deleting }, "{plan}");
    }
}

#[test]
fn a_failed_grant_to_an_account_that_the_account_s_side_shows_active_is_not_deleted() {
    let world = World::new().rule(only(&[101, SUBJECT])).granted(to_account(SUBJECT), GrantStatus::FailedWorkflow);
    let used = world.clone().received("A", 101, None, GrantStatus::Active).plan();
    assert!(!used.actions.iter().any(|action| matches!(action, Action::DeleteFailed { .. })), "{used}");
    let unused = world.received("A", SUBJECT, None, GrantStatus::FailedWorkflow).plan();
    assert!(unused.actions.iter().any(|action| matches!(action, Action::DeleteFailed { .. })), "{unused}");
}

#[test]
fn whoever_a_place_s_grant_can_no_longer_serve_gets_one_of_its_own() {
    for (sub_grant, creates) in [
        (GrantStatus::PendingDelete, true),
        (GrantStatus::FailedWorkflow, true),
        (GrantStatus::Disabled, false),
        (GrantStatus::Rejected, false),
    ] {
        let world = World::new().rule(only(&[SUBJECT])).granted(Principal::Organization, GrantStatus::FailedWorkflow);
        let plan = world.received("S1", SUBJECT, Some("A"), sub_grant.clone()).plan();
        let made = plan.actions.iter().any(|action| matches!(action, Action::Create(_)));
        assert_eq!(made, creates, "{sub_grant:?}: {plan}");
    }
}

/// An activated organization grant with sub-grants ACTIVE in 101 and 103; the subject's is remembered like this
fn spread(remembered: Option<Remembered>) -> World {
    let mut world = World::new()
        .rule(everyone())
        .granted(Principal::Organization, GrantStatus::WorkflowCompleted)
        .received("S1", 101, Some("A"), GrantStatus::Active)
        .received("S3", 103, Some("A"), GrantStatus::Active);
    entry_of(&mut world, Principal::Organization).activation = Attempts { count: 1, last: Some(ago(minutes(60))) };
    world.snapshot.remembered.extend(remembered.map(|remembered| (account(SUBJECT), remembered)));
    world
}

fn asks_again(world: &World) -> bool {
    let whole = EntryKey::Grant(Principal::Organization);
    world.plan().actions.iter().any(|action| matches!(action, Action::Activate { key, .. } if *key == whole))
}

#[test]
fn a_sub_grant_is_asked_for_again_when_it_is_missing_and_long_so_and_by_no_other_name() {
    let missing = |code, since| spread(Some(Remembered { code, since }));
    let long = ago(minutes(15));
    let world = missing(ReasonCode::SubGrantMissing, long);
    assert!(asks_again(&world));
    assert_eq!(code(&world.plan()), ReasonCode::SubGrantMissing);
    assert!(!asks_again(&missing(ReasonCode::SubGrantMissing, Timestamp(long.0 + 1))));
    assert!(!asks_again(&missing(ReasonCode::WorkflowPending, long)));
    assert!(!asks_again(&spread(None)));
}

#[test]
fn only_a_live_sub_grant_of_this_grant_counts_as_there() {
    let missing = || spread(Some(Remembered { code: ReasonCode::SubGrantMissing, since: ago(minutes(30)) }));
    let with =
        |name: &str, parent: Option<&str>, status| asks_again(&missing().received(name, SUBJECT, parent, status));
    assert!(!with("S2", Some("A"), GrantStatus::Disabled));
    assert!(with("S2", Some("A"), GrantStatus::Deleted));
    assert!(with("S2", Some("X"), GrantStatus::Disabled));
    assert!(with("S2", None, GrantStatus::Disabled));
}

#[test]
fn what_the_grantee_said_is_shown_unless_it_is_over_or_says_no_more_than_we_know() {
    let shown = |said: ReasonCode| {
        let mut world = World::new().rule(only(&[SUBJECT])).granted(to_account(SUBJECT), GrantStatus::PendingAccept);
        let entry = entry_of(&mut world, to_account(SUBJECT));
        entry.grantee = Attempts { count: 1, last: Some(NOW) };
        entry.grantee_report = Some(Report { code: said, detail: "said".into(), at: NOW });
        let pair = world.plan().pairs[&account(SUBJECT)].clone();
        (pair.code, pair.detail)
    };
    assert_eq!(shown(ReasonCode::MemberRoleMissing), (ReasonCode::MemberRoleMissing, Some("said".into())));
    assert_eq!(shown(ReasonCode::Active), (ReasonCode::AwaitingAcceptance, None));
    assert_eq!(shown(ReasonCode::Activating), (ReasonCode::AwaitingAcceptance, None));
}

#[test]
fn a_grant_is_known_by_its_arn() {
    let grant = Grant { arn: arn("B"), ..small::grant("A", to_account(SUBJECT), GrantStatus::Active, "by hand") };
    let world =
        World::new().rule(only(&[SUBJECT])).distributed(grant).received("B", SUBJECT, None, GrantStatus::Active);
    assert_eq!(code(&world.plan()), ReasonCode::CoveredByForeign);
    let ours = world.entry(to_account(SUBJECT), small::holds("B", ago(minutes(60))));
    assert_eq!(code(&ours.plan()), ReasonCode::Active);
}

#[test]
fn a_sub_grant_that_only_the_grantee_may_activate_is_left_to_the_grantee() {
    let mut world = spread(None).received("S2", SUBJECT, Some("A"), GrantStatus::Disabled);
    let key = EntryKey::SubGrant(account(SUBJECT));
    let first = world.plan().actions;
    assert!(matches!(first.as_slice(), [Action::Activate { key: it, .. }] if *it == key), "{first:?}");
    let known = small::holds("S2", ago(minutes(30))).with(|entry| entry.by_grantee = true);
    world.snapshot.entries.insert(key.clone(), known);
    let then = world.plan().actions;
    assert!(matches!(then.as_slice(), [Action::AskGrantee { key: it, .. }] if *it == key), "{then:?}");
}

#[test]
fn an_account_with_an_unfinished_intent_keeps_its_shape() {
    let world = World::new().rule(everyone()).received("S1", 101, None, GrantStatus::Active).received(
        "S3",
        103,
        None,
        GrantStatus::Active,
    );
    let creates = |world: &World| {
        let creates = |action: &Action| matches!(action, Action::Create(_));
        world.plan().actions.iter().any(creates)
    };
    assert!(creates(&world), "the organization's grant");
    let young = Phase::Intended { intent: small::intent('a'), at: ago(minutes(1)), one_call: false };
    assert!(!creates(&world.entry(to_account(SUBJECT), small::entry(young))));
}

/// Whether a budget of one has room for the subject beside what the ledger says of another account's grant
fn has_room(phase: Phase, more: impl FnOnce(World) -> World) -> bool {
    let mut world = World::new().rule(only(&[SUBJECT])).entry(to_account(103), small::entry(phase));
    world.snapshot.limits.grant_budget = 1;
    code(&more(world).plan()) == ReasonCode::Creating
}

#[test]
fn what_may_be_there_unseen_counts_against_the_budget_for_as_long_as_it_may() {
    let wait = VISIBILITY_WAIT;
    let (fresh, stale) = (ago(wait - Duration::from_secs(1)), ago(wait));
    let intended = |at| Phase::Intended { intent: small::intent('b'), at, one_call: false };
    let held = |at| Phase::Held { intent: None, arn: arn("B"), at };
    let as_it_is = |world: World| world;
    assert!(!has_room(intended(fresh), as_it_is));
    assert!(has_room(intended(stale), as_it_is));
    assert!(!has_room(held(fresh), as_it_is));
    assert!(has_room(held(stale), as_it_is));
    let gone = |world: World| world.distributed(small::grant("B", to_account(103), GrantStatus::Deleted, ""));
    assert!(has_room(held(fresh), gone));
    let shown = |world: World| world.received("B", 103, None, GrantStatus::Disabled);
    assert!(!has_room(held(stale), shown));
    let refused = Phase::Refused { reason: ReasonCode::CallRefused, detail: String::new(), at: fresh };
    assert!(has_room(refused, as_it_is));
}

#[test]
fn a_grant_that_is_listed_and_remembered_counts_once() {
    let mut world = World::new().rule(only(&[SUBJECT, 103])).granted(to_account(103), GrantStatus::Disabled);
    let fresh = small::holds("A", ago(minutes(1)));
    world = world.entry(to_account(103), fresh);
    for (budget, expected, refused) in [(1, ReasonCode::GrantBudget, 1), (2, ReasonCode::Creating, 0)] {
        world.snapshot.limits.grant_budget = budget;
        let plan = world.plan();
        assert_eq!(code(&plan), expected, "budget {budget}");
        assert_eq!(plan.budget, Some(Budget { of: budget, used: budget, refused }));
        assert!(plan.to_string().contains(&format!("{budget} of {budget} grants are used")), "{plan}");
    }
    world.snapshot.limits.grant_budget = 3;
    assert!(!world.plan().to_string().contains("grants are used"), "two of three are no warning");
}

#[test]
fn what_an_account_received_from_somebody_else_is_no_sub_grant_of_ours() {
    let plan = spread(None).received("X", SUBJECT, None, GrantStatus::Disabled).plan();
    assert!(plan.actions.is_empty(), "{plan}");
    assert_eq!(code(&plan), ReasonCode::SubGrantMissing);
    let gone = spread(None).received("S2", SUBJECT, Some("A"), GrantStatus::Deleted).plan();
    assert_eq!((gone.actions.len(), code(&gone)), (0, ReasonCode::SubGrantMissing), "{gone}");
}

#[test]
fn every_kind_of_action_is_told_by_a_word_of_its_own() {
    let in_a_world = |world: World| world.plan().actions.first().map(Action::kind);
    let account = |status| World::new().rule(only(&[SUBJECT])).granted(to_account(SUBJECT), status);
    let intended = |at| Phase::Intended { intent: small::intent('a'), at, one_call: false };
    let long_ago = World::new().entry(to_account(SUBJECT), small::entry(intended(ago(minutes(60)))));
    let listed = small::grant("A", to_account(SUBJECT), GrantStatus::Disabled, &small::stamp("main", 'a'));
    let kinds = [
        in_a_world(World::new().rule(only(&[SUBJECT]))),
        in_a_world(long_ago.clone().rule(only(&[SUBJECT]))),
        in_a_world(long_ago.clone().distributed(listed)),
        in_a_world(account(GrantStatus::Disabled)),
        in_a_world(account(GrantStatus::PendingAccept)),
        in_a_world(account(GrantStatus::FailedWorkflow)),
        in_a_world(long_ago),
        in_a_world(World::new().granted(to_account(SUBJECT), GrantStatus::Active)),
    ];
    let words = ["create", "repeat", "record", "activate", "ask_grantee", "delete_failed", "close", "note_unwanted"];
    assert_eq!(kinds, words.map(Some));
}
