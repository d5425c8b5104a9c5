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
use grant_plan::call::{CreateGrant, Failure, Operation};
use grant_plan::entry::{Attempts, Entry, EntryKey, Phase, Report};
use grant_plan::grant::{Grant, GrantStatus};
use grant_plan::organization::Principal;
use grant_plan::plan::Plan;
use grant_plan::reason::ReasonCode;
use grant_plan::step::{Answer, Ask, Context, Next, Step};
use grant_plan::time::minutes;
use small::{MEMBERS, NOW, World, account, ago, arn, everyone, grant, holds, intent, only, stamp, to_account};

/// A creation that is refused because of a grant that stands in the way, up to the look for it
fn refused_creation(action: &Action, before: Option<&Entry>, fresh: char) -> (Step, CreateGrant) {
    let context = Context { deployment: "main".parse().unwrap(), license: "l-1".parse().unwrap() };
    let (mut step, _) = Step::start(context, action, before, intent(fresh), NOW);
    let Next::Ask(Ask::Create(call)) = step.next(Answer::Recorded, NOW) else { panic!("no call") };
    let refused = Failure::of_code(Operation::CreateGrant, "ConflictException", "already has a grant", false);
    let Next::Ask(Ask::Find { .. }) = step.next(Answer::Failed(refused), NOW) else { panic!("does not look") };
    (step, call)
}

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
    let (mut step, _) = refused_creation(action, action.entry(&world.snapshot.entries), 'b');
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
fn a_stamp_tells_whose_a_grant_is_that_nothing_else_knows_of() {
    let shown = |deployment: &str| {
        let mut world = World::new().rule(only(&[101])).received("X", 101, None, GrantStatus::Active);
        world.snapshot.received[0].name = stamp(deployment, 'a');
        world.plan().pairs[&account(101)].code
    };
    assert_eq!(shown("main"), ReasonCode::Active);
    assert_eq!(shown("other"), ReasonCode::CoveredByForeign);
}

/// A key in its second life, whose first grant a listing shows still or again
fn outlived(phase: Phase) -> World {
    let second = Entry::new(Some(&holds("A", ago(minutes(60)))), "r1".parse().unwrap(), "v1".into(), phase);
    let first = grant("A", to_account(101), GrantStatus::PendingAccept, &stamp("main", 'a'));
    World::new().rule(only(&[101])).distributed(first).entry(to_account(101), second)
}

#[test]
fn what_a_call_has_just_made_is_not_given_up_for_what_a_listing_still_shows() {
    let held = |since| Phase::Held { intent: Some(intent('b')), arn: arn("B"), at: since };
    let plan = outlived(held(ago(minutes(1)))).plan();
    assert!(plan.actions.is_empty(), "{:?}", plan.actions);
    assert_eq!(plan.pairs[&account(101)].code, ReasonCode::NotVisibleYet);

    let intended = |since| Phase::Intended { intent: intent('b'), at: since, one_call: false };
    let plan = outlived(intended(ago(minutes(1)))).plan();
    assert!(plan.actions.is_empty(), "{:?}", plan.actions);
    assert_eq!(plan.pairs[&account(101)].code, ReasonCode::IntentUnresolved);
}

#[test]
fn the_earlier_grant_counts_once_the_later_one_is_gone_or_would_have_been_listed_long_ago() {
    let held = |since| Phase::Held { intent: Some(intent('b')), arn: arn("B"), at: since };
    let asks_for = |plan: &Plan, name: &str| match plan.actions.as_slice() {
        [Action::AskGrantee { arn: asked, .. }] => *asked == arn(name),
        _ => false,
    };
    let plan = outlived(held(ago(minutes(60)))).plan();
    assert!(asks_for(&plan, "A"), "{:?}", plan.actions);
    let gone = grant("B", to_account(101), GrantStatus::Deleted, &stamp("main", 'b'));
    let plan = outlived(held(ago(minutes(1)))).distributed(gone).plan();
    assert!(asks_for(&plan, "A"), "{:?}", plan.actions);

    // The accounts' side shows the later one: it is there, however long the other listing takes.
    let plan = outlived(held(ago(minutes(60)))).received("B", 101, None, GrantStatus::PendingAccept).plan();
    assert!(plan.actions.is_empty(), "{:?}", plan.actions);

    let intended = Phase::Intended { intent: intent('b'), at: ago(minutes(60)), one_call: false };
    let plan = outlived(intended).plan();
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
    let (mut step, call) = refused_creation(action, action.entry(&world.snapshot.entries), 'b');
    assert!(call.activate.is_some(), "asks for activation in the same call");
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

/// An organization grant of ours that has come through, with one sub-grant that shows this parent and bears this name
fn with_a_sub_grant(parent: &str, name: &str, status: GrantStatus) -> World {
    let mut world = World::new().rule(everyone()).granted(Principal::Organization, GrantStatus::WorkflowCompleted);
    let entry = world.snapshot.entries.get_mut(&EntryKey::Grant(Principal::Organization)).unwrap();
    entry.activation = Attempts { count: 1, last: Some(ago(minutes(1))) };
    let parent = parent.parse().ok();
    world.snapshot.received.push(Grant { parent, ..grant("S", to_account(101), status, name) });
    world
}

/// Forms in which ParentArn may name the grant `A`, or not name any grant
const PARENTS: [&str; 3] = [
    "arn:aws:license-manager::000000000001:grant:g-A",
    "arn:aws:license-manager:us-east-1:000000000001:grant:g-A",
    "arn:aws:license-manager::294406891311:license:l-1",
];

#[test]
fn a_sub_grant_is_known_by_whatever_form_its_parent_is_named_in() {
    let name = stamp("main", 'a');
    for parent in PARENTS {
        let plan = with_a_sub_grant(parent, &name, GrantStatus::Active).plan();
        assert_eq!(plan.pairs[&account(101)].code, ReasonCode::Active, "{parent}");
        let plan = with_a_sub_grant(parent, &name, GrantStatus::Disabled).plan();
        let treated = plan.actions.iter().any(|action| action.key() == EntryKey::SubGrant(account(101)));
        assert!(treated, "{parent}: {plan}");
    }
}

#[test]
fn a_sub_grant_beside_its_parent_takes_no_place_of_its_own_whatever_its_parent_is_called() {
    for parent in PARENTS {
        let mut world = with_a_sub_grant(parent, &stamp("main", 'a'), GrantStatus::Disabled);
        world.snapshot.distributed.extend(world.snapshot.received.clone());
        let plan = world.plan();
        assert!(plan.holds.is_empty(), "{parent}: {plan}");
        let treated = plan.actions.iter().any(|action| action.key() == EntryKey::SubGrant(account(101)));
        assert!(treated, "{parent}: {plan}");
    }
}

#[test]
fn what_only_looks_like_a_sub_grant_of_ours_is_not_treated_as_one() {
    let elsewhere = "arn:aws:license-manager::000000000001:grant:g-B";
    let license = PARENTS[2];
    for (parent, name) in [(license, "by hand"), (license, &*stamp("main", 'b')), (license, &*stamp("other", 'a'))] {
        let plan = with_a_sub_grant(parent, name, GrantStatus::Disabled).plan();
        assert!(plan.actions.is_empty(), "{name}: {plan}");
    }
    // A grant that stands beside ours bears its name, as an earlier one of ours would.
    let mut world = with_a_sub_grant(elsewhere, &stamp("main", 'a'), GrantStatus::Disabled);
    let earlier = grant("B", Principal::Organization, GrantStatus::Deleted, &stamp("main", 'a'));
    world = world.distributed(earlier);
    let plan = world.plan();
    assert!(plan.actions.is_empty(), "{plan}");
}

#[test]
fn an_organization_grant_is_gone_on_with_though_every_account_has_the_product_otherwise() {
    let world = |status| {
        let mut world = World::new().rule(everyone()).granted(Principal::Organization, status);
        for number in MEMBERS {
            world = world.own_subscription(number);
        }
        world
    };
    let plan = world(GrantStatus::PendingWorkflow).plan();
    let waits: Vec<_> = plan.under_way.iter().map(|grant| (grant.key.clone(), grant.code)).collect();
    assert_eq!(waits, [(EntryKey::Grant(Principal::Organization), ReasonCode::WorkflowPending)]);
    assert!(plan.next_look().is_some_and(|look| look <= NOW.after(minutes(10))), "{plan}");
    assert!(!plan.is_settled());
    assert!(plan.to_string().contains("await     l-1 -> organization  WORKFLOW_PENDING"), "{plan}");

    // Whoever speaks for a grant otherwise says it once.
    let plan = World::new().rule(everyone()).granted(Principal::Organization, GrantStatus::PendingWorkflow).plan();
    assert_eq!(plan.under_way, []);
    let plan = world(GrantStatus::Rejected).plan();
    assert_eq!(plan.under_way, []);
}

#[test]
fn while_the_organization_cannot_be_listed_nothing_is_done_and_every_pair_says_why() {
    let mut world = World::new().rule(everyone()).granted(to_account(101), GrantStatus::Disabled);
    let detail = "denied".to_owned();
    world.snapshot.blind = Some(Report { code: ReasonCode::TrustedAccessMissing, detail, at: NOW });
    let plan = world.plan();
    assert!(plan.actions.is_empty() && plan.holds.is_empty(), "{plan}");
    let codes: Vec<ReasonCode> = plan.pairs.values().map(|pair| pair.code).collect();
    let missing = ReasonCode::TrustedAccessMissing;
    assert_eq!(codes, [ReasonCode::Holder, missing, missing, missing]);
    assert_eq!(plan.pairs[&account(101)].detail.as_deref(), Some("denied"));
    assert_eq!(plan.next_look(), Some(NOW.after(minutes(60))));
}

#[test]
fn an_intent_that_was_refused_does_not_put_the_one_before_it_out_of_mind() {
    let world = World::new().rule(only(&[101])).entry(to_account(101), holds("A", ago(minutes(60))));
    let plan = world.plan();
    let [action @ Action::Create(_)] = plan.actions.as_slice() else { panic!("{:?}", plan.actions) };
    let (mut step, _) = refused_creation(action, action.entry(&world.snapshot.entries), 'b');
    // The grant that stands in the way is not listed yet.
    let Next::Ask(Ask::Record { entry, .. }) = step.next(Answer::Found(Vec::new()), NOW) else { panic!("no record") };
    assert!(matches!(entry.phase, Phase::Refused { .. }), "{:?}", entry.phase);
    assert!(entry.knows(&intent('a')), "{entry:?}");
    assert!(!entry.knows(&intent('b')), "its only call made nothing: {entry:?}");
    let shown = grant("A", to_account(101), GrantStatus::Disabled, &stamp("main", 'a'));
    let plan = World::new().rule(only(&[101])).distributed(shown).entry(to_account(101), *entry).plan();
    assert!(matches!(plan.actions.as_slice(), [Action::Record { .. }]), "{:?}", plan.actions);
}

#[test]
fn a_repeat_that_is_refused_does_not_put_its_intent_out_of_mind() {
    // The call before it worked, and no listing shows it yet: what is refused is the second grant.
    let intended = Phase::Intended { intent: intent('b'), at: ago(minutes(30)), one_call: false };
    let entry = holds("A", ago(minutes(90))).with(|entry| entry.phase = intended);
    let plan = World::new().rule(only(&[101])).entry(to_account(101), entry.clone()).plan();
    let [action @ Action::Repeat(_)] = plan.actions.as_slice() else { panic!("{:?}", plan.actions) };
    let (mut step, _) = refused_creation(action, Some(&entry), 'c');
    let Next::Ask(Ask::Record { entry, .. }) = step.next(Answer::Found(Vec::new()), NOW) else { panic!("no record") };
    assert!(matches!(entry.phase, Phase::Refused { .. }), "{:?}", entry.phase);
    for by in ['a', 'b'] {
        assert!(entry.knows(&intent(by)), "{by}: {entry:?}");
        let shown = grant("B", to_account(101), GrantStatus::Disabled, &stamp("main", by));
        let world = World::new().rule(only(&[101])).distributed(shown).entry(to_account(101), (*entry).clone());
        assert!(matches!(world.plan().actions.as_slice(), [Action::Record { .. }]), "{by}: {:?}", world.plan().actions);
    }
    assert!(!entry.knows(&intent('c')), "it was never used: {entry:?}");
}
