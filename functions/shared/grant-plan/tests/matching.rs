//! The compiled rules against a reading of them that is as plain as can be, on random worlds

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "matching/chance.rs"]
mod chance;
#[path = "matching/naive.rs"]
mod naive;
#[path = "matching/said.rs"]
mod said;

use std::collections::BTreeSet;

use grant_plan::desired::{Desired, desired};
use grant_plan::explain::{Decision, explain};
use grant_plan::id::AccountId;
use grant_plan::matcher::Matcher;
use grant_plan::policy::Policy;
use grant_plan::rule::Rule;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;

use chance::{any_deny, any_member, any_world};
use naive::Comes;
use said::{Member, NOW, World, account};

fn policy(items: &[Value]) -> Policy {
    let policy = Policy::read(items);
    assert!(policy.is_whole(), "{:#?}", policy.findings);
    policy
}

fn asked(world: &World) -> Desired {
    desired(&policy(&world.items()), &world.organization(), &world.license(), NOW)
}

/// A fixed seed, so that a failure can be repeated; PROPTEST_RNG_SEED and PROPTEST_CASES ask for others and for more
fn config() -> ProptestConfig {
    let given = ProptestConfig::default();
    let rng_seed = if given.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { given.rng_seed };
    let cases = given.cases.max(1000);
    // One property is about the few worlds only in which the whole organization is named.
    let max_global_rejects = cases.saturating_mul(100);
    ProptestConfig { cases, rng_seed, max_global_rejects, failure_persistence: None, ..given }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_comes_is_what_reading_every_rule_for_every_account_finds(world in any_world()) {
        let found = asked(&world);
        let of = |number: usize| {
            let id = account(number);
            match (found.accounts.get(&id), found.denied.get(&id), found.left.contains_key(&id)) {
                (Some(settings), None, false) => ("granted", settings.rule.to_string()),
                (None, Some(by), false) => ("denied", by.rule.to_string()),
                (None, None, true) => ("left", String::new()),
                (None, None, false) => ("nothing", String::new()),
                _ => ("in more than one place", String::new()),
            }
        };
        for (number, comes) in world.comes().into_iter().enumerate() {
            let expected = match comes {
                Comes::Granted(rule) => ("granted", rule.to_owned()),
                Comes::Denied(rule) => ("denied", rule.to_owned()),
                Comes::Left => ("left", String::new()),
                Comes::Nothing => ("nothing", String::new()),
            };
            prop_assert_eq!(of(number), expected, "account {}", number);
        }
    }

    #[test]
    fn the_order_of_the_items_never_matters(
        (world, shuffled) in any_world().prop_flat_map(|world| (Just(world.clone()), Just(world.items()).prop_shuffle())),
    ) {
        let again = desired(&policy(&shuffled), &world.organization(), &world.license(), NOW);
        prop_assert_eq!(asked(&world), again);
    }

    #[test]
    fn one_more_denial_never_adds_a_grant_nor_an_organization(world in any_world(), deny in any_deny()) {
        let mut denied = world.clone();
        denied.rules.push(deny);
        let (before, after) = (asked(&world), asked(&denied));
        let granted = |desired: &Desired| desired.accounts.keys().cloned().collect::<BTreeSet<AccountId>>();
        prop_assert!(granted(&after).is_subset(&granted(&before)));
        prop_assert!(after.whole_organization.is_none() || after.whole_organization == before.whole_organization);
    }

    #[test]
    fn an_explanation_agrees_with_what_is_asked_for(world in any_world()) {
        let (policy, organization, license) = (policy(&world.items()), world.organization(), world.license());
        let found = desired(&policy, &organization, &license, NOW);
        for id in organization.accounts.keys() {
            let told = explain(&policy, &organization, &license, id, NOW);
            let expected = match (found.accounts.get(id), found.denied.get(id), found.left.get(id)) {
                (Some(settings), _, _) => (Decision::Granted, Some((settings.rule.to_string(), settings.version.clone())), None),
                (_, Some(by), _) => (Decision::Denied, Some((by.rule.to_string(), by.version.clone())), None),
                (_, _, Some(left)) => {
                    let by = left.by.as_ref().map(|by| (by.rule.to_string(), by.version.clone()));
                    (Decision::NotSelected, by, Some(left.why))
                }
                (None, None, None) => (Decision::NotSelected, None, None),
            };
            prop_assert_eq!((told.decision, told.by.rule.clone().zip(told.by.version.clone()), told.left), expected, "{}", told);
            prop_assert!(!told.because.is_empty());
            let silent = told.considered.iter().filter(|said| said.to_string().ends_with("missed: "));
            prop_assert_eq!(silent.count(), 0, "a rule that missed says on what: {}", told);
        }
    }

    #[test]
    fn whoever_joins_an_organization_that_is_named_whole_is_never_one_whom_the_rules_turn_away(
        world in any_world(), joins in any_member(),
    ) {
        prop_assume!(asked(&world).whole_organization.is_some());
        let joins = World { members: vec![Member { state: "ACTIVE", ..joins }], ..world.clone() };
        let joined = joins.organization().accounts.remove(&account(0)).unwrap();
        // Under an id that no rule names.
        let mut organization = world.organization();
        organization.accounts.insert(account(99), joined);
        let after = desired(&policy(&world.items()), &organization, &world.license(), NOW);
        let id = account(99);
        prop_assert!(after.accounts.contains_key(&id) || after.left.contains_key(&id));
    }

    #[test]
    fn a_rule_is_itself_again_after_item_and_yaml(world in any_world()) {
        for said in &world.rules {
            let rule = Rule::read(&said.item()).unwrap();
            let item = rule.item();
            prop_assert_eq!(&Rule::read(&item).unwrap(), &rule);
            let yaml = serde_saphyr::to_string(&item).unwrap();
            let document: Value = serde_saphyr::from_str(&yaml).unwrap();
            prop_assert_eq!(&document, &item, "{}", yaml);
            prop_assert_eq!(Rule::read(&document).unwrap().item(), item);
        }
    }

    #[test]
    fn what_is_settled_differs_in_nothing_and_what_is_not_in_just_that(world in any_world(), odd in any::<prop::sample::Index>()) {
        let (policy, organization, license) = (policy(&world.items()), world.organization(), world.license());
        let matcher = Matcher::new(&policy, &organization, NOW);
        let verdict = matcher.verdict(&license);
        prop_assert!(verdict.difference(&verdict.all).is_empty());
        let ids: Vec<&AccountId> = organization.accounts.keys().collect();
        let id = ids[odd.index(ids.len())];
        let only = matcher.set([id]);
        let desired = Desired::of(&matcher, &license);
        let difference = verdict.difference(&only);
        let unwanted: Vec<&AccountId> = matcher.accounts(&difference.unwanted).collect();
        let is_unwanted = !desired.accounts.contains_key(id) && !desired.left.contains_key(id);
        prop_assert_eq!(unwanted, if is_unwanted { vec![id] } else { vec![] });
        let missing = desired.accounts.keys().filter(|other| *other != id).count();
        prop_assert_eq!(difference.missing.count(), missing);
    }
}

#[test]
fn every_outcome_is_common_among_the_random_worlds() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::new(config());
    let (mut granted, mut denied, mut left, mut nothing, mut whole) = (0, 0, 0, 0, 0);
    for _ in 0..500 {
        let world = any_world().new_tree(&mut runner).unwrap().current();
        for comes in world.comes() {
            match comes {
                Comes::Granted(_) => granted += 1,
                Comes::Denied(_) => denied += 1,
                Comes::Left => left += 1,
                Comes::Nothing => nothing += 1,
            }
        }
        whole += usize::from(asked(&world).whole_organization.is_some());
    }
    let all = [granted, denied, left, nothing];
    assert!(all.iter().all(|count| *count > 100) && whole > 15, "{all:?}, {whole} whole");
}
