//! A grant of somebody else's, taken over

use grant_plan::entry::{EntryKey, Phase};
use grant_plan::grant::{Grant, GrantStatus};
use grant_plan::organization::Principal;
use grant_plan::plan::amend::Proposal;
use grant_plan::plan::amend::adopt::{Which, adopt};
use grant_plan::reason::ReasonCode;
use grant_plan::time::{hours, minutes};
use serde_json::json;

use super::small::{NOW, World, account, ago, arn, entry, everyone, grant, holds, intent, only, stamp, to_account};
use super::{code, kinds, why, written};

fn by_hand(principal: Principal, status: GrantStatus) -> Grant {
    grant("F", principal, status, "for the payments team")
}

fn asleep() -> World {
    World::new().rule(only(&[101])).distributed(by_hand(to_account(101), GrantStatus::Disabled))
}

fn this(world: &World) -> Proposal {
    adopt(&world.snapshot, &Which::Grant(arn("F")))
}

#[test]
fn a_hand_made_grant_becomes_ours_by_its_arn_and_is_activated() {
    let world = asleep();
    assert_eq!((kinds(&world.plan()), code(&world.plan(), 101)), (vec![], ReasonCode::ForeignNotActive));
    for which in [Which::All, Which::Grant(arn("F")), Which::Principal(to_account(101))] {
        let proposal = adopt(&world.snapshot, &which);
        let [amendment] = proposal.amendments.as_slice() else { panic!("{which:?}: {proposal:?}") };
        assert_eq!(amendment.entry.phase, Phase::Held { intent: None, arn: arn("F"), at: NOW });
        assert_eq!(amendment.entry.rule.as_str(), "only");
        let world = written(world.clone(), &proposal);
        assert_eq!(kinds(&world.plan()), ["activate"]);
    }
}

#[test]
fn one_that_is_active_is_ours_from_then_on() {
    let world = World::new().rule(only(&[101])).distributed(by_hand(to_account(101), GrantStatus::Active));
    let world = world.received("F", 101, None, GrantStatus::Active);
    assert_eq!(code(&world.plan(), 101), ReasonCode::CoveredByForeign);
    let world = written(world.clone(), &this(&world));
    assert_eq!((kinds(&world.plan()), code(&world.plan(), 101)), (vec![], ReasonCode::Active));
}

#[test]
fn an_organization_grant_brings_its_parts_along_and_is_not_activated_as_a_whole_again() {
    let mut world = World::new().rule(everyone());
    world = world.distributed(by_hand(Principal::Organization, GrantStatus::WorkflowCompleted));
    for (number, status) in [(101, GrantStatus::Active), (102, GrantStatus::Active), (103, GrantStatus::Disabled)] {
        world = world.received(&format!("S{number}"), number, Some("F"), status);
    }
    let world = written(world.clone(), &adopt(&world.snapshot, &Which::Principal(Principal::Organization)));
    let plan = world.plan();
    assert_eq!(plan.actions.iter().map(|action| action.key()).collect::<Vec<_>>(), [EntryKey::SubGrant(account(103))]);
}

#[test]
fn what_no_rule_asks_for_as_it_stands_is_refused() {
    let nobody = World::new().distributed(by_hand(to_account(101), GrantStatus::Disabled));
    assert!(why(&this(&nobody)).contains("no rule asks for the license in the account"));
    let deny = json!({"rule": "never", "effect": "deny", "products": "*", "accounts": {"account": "000000000101"}});
    assert!(why(&this(&asleep().rule(deny))).contains("rule never denies it"));
    let protected = json!({"rule": "_settings", "protected": {"account": "000000000101"}});
    assert!(why(&this(&asleep().rule(protected))).contains("left as it is"));
    let whole = by_hand(Principal::Organization, GrantStatus::Disabled);
    let some = World::new().rule(only(&[101])).distributed(whole);
    assert!(why(&this(&some)).contains("no rule asks for the whole organization"));
    let unit = by_hand(Principal::Unit("ou-root-prod0000".parse().unwrap()), GrantStatus::Disabled);
    let some = World::new().rule(only(&[101])).distributed(unit);
    assert!(why(&this(&some)).contains("no rule asks for the whole unit"));
}

#[test]
fn whoever_made_it_otherwise_keeps_it() {
    let named = |name: &str| {
        World::new().rule(only(&[101])).distributed(grant("F", to_account(101), GrantStatus::Disabled, name))
    };
    assert!(why(&this(&named(&stamp("other", 'a')))).contains("another deployment"));
    assert!(why(&this(&named(&stamp("main", 'a')))).contains("grantctl ledger rebuild"));
    let ours = named("by hand").entry(to_account(101), holds("F", ago(hours(1))));
    assert!(why(&this(&ours)).contains("it is ours already"));
    assert!(adopt(&named(&stamp("other", 'a')).snapshot, &Which::All).left.is_empty(), "not by hand");
}

#[test]
fn parts_strangers_and_what_is_going_are_refused() {
    let mut part = by_hand(to_account(101), GrantStatus::Disabled);
    part.parent = Some(arn("W"));
    let whole = grant("W", Principal::Organization, GrantStatus::Disabled, "by hand");
    let listed = World::new().rule(everyone()).distributed(whole.clone()).distributed(part);
    assert!(why(&this(&listed)).contains("adopt that one"));
    let received = World::new().rule(everyone()).distributed(whole).received("F", 101, Some("W"), GrantStatus::Active);
    assert!(why(&this(&received)).contains("adopt what it came of"));
    let stranger = World::new().rule(everyone()).distributed(by_hand(to_account(999), GrantStatus::Disabled));
    assert!(why(&this(&stranger)).contains("nobody of this organization"));
    let mut nowhere = stranger;
    nowhere.snapshot.distributed[0].principal = None;
    assert!(why(&this(&nowhere)).contains("nobody of this organization"));
    let going = World::new().rule(only(&[101])).distributed(by_hand(to_account(101), GrantStatus::PendingDelete));
    assert!(why(&this(&going)).contains("being deleted"));
    let gone = World::new().rule(only(&[101])).distributed(by_hand(to_account(101), GrantStatus::Deleted));
    assert!(why(&this(&gone)).contains("or it is gone"));
    let nothing = adopt(&gone.snapshot, &Which::Principal(to_account(102)));
    assert!(why(&nothing).contains("no grant of the license stands on it"));
}

#[test]
fn of_several_on_one_principal_none_is_taken_over() {
    let beside = |status| asleep().distributed(grant("R", to_account(101), status, "an earlier one"));
    let world = beside(GrantStatus::Rejected);
    for which in [Which::Grant(arn("F")), Which::Grant(arn("R"))] {
        assert!(why(&adopt(&world.snapshot, &which)).contains("would stay in the way"));
    }
    let both = adopt(&world.snapshot, &Which::Principal(to_account(101)));
    assert!(both.amendments.is_empty() && both.left.len() == 2, "{both:?}");
    assert_eq!(this(&beside(GrantStatus::Deleted)).amendments.len(), 1, "a tombstone is in nobody's way");
}

#[test]
fn a_grant_that_allows_more_than_the_rule_is_refused_and_one_that_is_not_told_is_not() {
    let allowing = |operations: &[&str]| {
        let mut world = asleep();
        world.snapshot.distributed[0].operations = operations.iter().map(|one| (*one).to_owned()).collect();
        this(&world)
    };
    assert!(
        why(&allowing(&["CheckoutLicense", "CreateGrant"])).contains("it allows CreateGrant, which rule only does not")
    );
    assert_eq!(allowing(&["CheckoutLicense"]).amendments.len(), 1);
    assert_eq!(allowing(&[]).amendments.len(), 1, "the listing does not tell");
}

#[test]
fn what_the_ledger_remembers_of_the_principal_is_gone_on_from() {
    let closed =
        entry(Phase::Closed { because: "somebody else's grant stands on this principal".into(), at: ago(hours(1)) });
    let world = asleep().entry(to_account(101), closed.clone());
    let proposal = this(&world);
    assert_eq!(proposal.amendments[0].entry.generation, closed.generation + 1);
    assert_eq!(kinds(&written(world, &proposal).plan()), ["activate"]);
    let intended = Phase::Intended { intent: intent('a'), at: ago(minutes(1)), one_call: false };
    let world = asleep().entry(to_account(101), entry(intended));
    assert!(why(&this(&world)).contains("or is being made"));
    let gone = asleep().entry(to_account(101), holds("A", ago(hours(1))));
    assert_eq!(this(&gone).amendments.len(), 1, "the grant that the ledger holds is gone");
}
