//! Pairs that the rules leave as they are: the plan gives nothing, takes nothing, and says why

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets something unexpected should stop there and say so"
)]
#![expect(dead_code, reason = "the world has verbs for other suites too")]

#[path = "world/small.rs"]
mod small;

use grant_plan::action::Action;
use grant_plan::entry::EntryKey;
use grant_plan::grant::GrantStatus;
use grant_plan::organization::Principal;
use grant_plan::plan::Plan;
use grant_plan::reason::ReasonCode;
use grant_plan::time::{Timestamp, hours};
use serde_json::json;

use small::{NOW, World, account, ago, everyone, holds, to_account};

fn code(plan: &Plan, number: u64) -> ReasonCode {
    plan.pairs[&account(number)].code
}

fn notes(plan: &Plan) -> Vec<EntryKey> {
    let noted = plan.actions.iter().filter(|action| matches!(action, Action::NoteUnwanted { since: Some(_), .. }));
    noted.map(Action::key).collect()
}

fn tagged() -> serde_json::Value {
    json!({"rule": "tagged", "products": "*", "accounts": {"tag": {"env": "prod"}}})
}

#[test]
fn a_grant_whose_rule_needs_tags_that_are_not_known_is_neither_noted_nor_repeated() {
    let world = World::new().rule(tagged());
    let plan = world.plan();
    assert!(plan.actions.is_empty(), "{plan}");
    assert_eq!(code(&plan, 101), ReasonCode::NotKnownYet);
    let granted = world.clone().granted(to_account(101), GrantStatus::Disabled).plan();
    assert!(granted.actions.is_empty(), "{granted}");
    let gone = world.clone().entry(to_account(101), holds("A", ago(hours(1)))).plan();
    assert!(matches!(gone.actions.as_slice(), [Action::Close { .. }]), "what is gone is gone: {gone}");
    let mut known = world.granted(to_account(101), GrantStatus::Disabled);
    for account in known.snapshot.organization.accounts.values_mut() {
        account.tags = Some([].into());
    }
    assert_eq!(notes(&known.plan()), [EntryKey::Grant(to_account(101))], "once it is known, it is unwanted");
}

#[test]
fn an_organization_grant_is_not_unwanted_while_some_pair_is_left_as_it_is() {
    let granted = World::new().granted(Principal::Organization, GrantStatus::WorkflowCompleted);
    assert_eq!(notes(&granted.plan()), [EntryKey::Grant(Principal::Organization)]);
    assert!(notes(&granted.rule(tagged()).plan()).is_empty());
}

#[test]
fn what_is_active_is_told_before_why_nothing_more_would_be_done() {
    let world = World::new().rule(json!({
        "rule": "big", "products": "*", "accounts": {"organization": true}, "max_accounts": 1,
    }));
    let plan = world.received("A", 101, None, GrantStatus::Active).plan();
    assert_eq!(code(&plan, 101), ReasonCode::CoveredByForeign);
    assert_eq!(code(&plan, 102), ReasonCode::TooManyAccounts);
    assert!(plan.actions.is_empty());
}

#[test]
fn a_protected_account_is_left_out_of_everything() {
    let settings = json!({"rule": "_settings", "protected": {"account": "000000000101"}});
    let plan = World::new().rule(settings.clone()).rule(everyone()).plan();
    assert_eq!(code(&plan, 101), ReasonCode::Protected);
    let created = plan.actions.iter().filter(|action| matches!(action, Action::Create(_)));
    assert_eq!(created.count(), 2, "one grant for each of the others, none for the organization: {plan}");
    // Nobody asks for it, and it is not for us to say so.
    let kept = World::new().rule(settings).granted(to_account(101), GrantStatus::Active).plan();
    assert!(notes(&kept).is_empty());
    assert!(kept.pairs.is_empty());
}

#[test]
fn the_next_edge_of_a_rule_is_looked_at() {
    let opens = Timestamp(NOW.0 + 1000);
    let plan = World::new()
        .rule(json!({"rule": "later", "products": "*", "accounts": {"organization": true}, "valid_from": opens.to_string()}))
        .plan();
    assert!(plan.pairs.is_empty());
    assert_eq!(plan.next_look(), Some(opens));
}

#[test]
fn the_rest_of_a_rollout_is_looked_at_when_its_turn_comes() {
    let world = World::new().rule(json!({
        "rule": "ring", "products": "*", "accounts": {"organization": true}, "valid_from": NOW.to_string(),
        "rollout": {"first": {"account": "000000000101"}, "then_after_days": 1},
    }));
    let plan = world.plan();
    let state = &plan.pairs[&account(102)];
    assert_eq!((state.code, state.next_look), (ReasonCode::RolloutLater, Some(Timestamp(NOW.0 + 86_400))));
    assert_eq!(plan.actions.len(), 1, "{plan}");
}

#[test]
fn a_rule_narrows_what_grantees_may_do() {
    let narrow = |operation: &str| {
        let accounts = json!({"account": "000000000101"});
        World::new()
            .rule(json!({"rule": "narrow", "products": "*", "accounts": accounts, "operations": operation}))
            .plan()
    };
    match narrow("CheckoutLicense").actions.as_slice() {
        [Action::Create(create)] => assert_eq!(create.operations, ["CheckoutLicense"]),
        others => panic!("{others:?}"),
    }
    assert_eq!(code(&narrow("CreateToken"), 101), ReasonCode::NothingToGrant);
}

#[test]
fn what_is_left_as_it_is_is_not_said_to_be_unwanted() {
    let over = json!({"rule": "big", "products": "*", "accounts": {"organization": true}, "max_accounts": 1});
    let granted = World::new().granted(to_account(101), GrantStatus::Disabled);
    assert_eq!(granted.plan().holds.len(), 1);
    assert_eq!(granted.rule(over).plan().holds, []);
}

#[test]
fn a_unit_that_everybody_has_left_keeps_its_grant_as_long_as_a_rule_names_it() {
    let unit = Principal::Unit("ou-root-prod0000".parse().unwrap());
    let mut world = World::new().granted(unit.clone(), GrantStatus::WorkflowCompleted);
    for account in world.snapshot.organization.accounts.values_mut() {
        account.path.clear();
    }
    assert_eq!(notes(&world.plan()), [EntryKey::Grant(unit)]);
    let named = world.rule(json!({"rule": "prod", "products": "*", "accounts": {"ou": "ou-root-prod0000"}})).plan();
    assert!(notes(&named).is_empty() && named.holds.is_empty(), "{named}");
}
