//! Random walks: whatever is called in whatever order, the state stays sound

use std::collections::BTreeMap;

use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::json;

use super::*;
use crate::knobs::LeaverSubGrant;
use crate::license_manager::coverage::is_under;

const CALLERS: [&str; 4] = [HUB, ALICE, BOB, CAROL];

/// Any answers, but no quota and no pace: most calls should be accepted
fn knobs(rng: &mut StdRng) -> Knobs {
    let drawn = Knobs::draw(rng);
    Knobs {
        workflow_seconds: rng.random_range(0..90),
        writes_per_second: 0,
        concurrent_organization_grants: 0,
        ..drawn
    }
}

fn step(world: &mut World, rng: &mut StdRng) {
    let arns: Vec<String> = world.rules.grants().map(|grant| grant.arn.clone()).collect();
    let arn = arns.choose(rng).unwrap().clone();
    let caller = *CALLERS.choose(rng).unwrap();
    let organization = world.organization.arn();
    let unit = world.organization.unit_arn(UNIT);
    world.slow = rng.random_bool(0.1);
    let answer = match rng.random_range(0..12) {
        0 => world.call(HUB, "CreateGrant", new_grant(&organization)),
        1 => world.call(HUB, "CreateGrant", new_grant(&unit)),
        2 => world.call(HUB, "CreateGrant", new_grant(&account_arn(caller))),
        3 => world.call(caller, "AcceptGrant", json!({ "GrantArn": arn })),
        4..=6 => {
            let behavior = ["", "DISTRIBUTED_GRANTS_ONLY", "ALL_GRANTS_PERMITTED_BY_ISSUER"].choose(rng).unwrap();
            world.switch(if rng.random() { HUB } else { caller }, &arn, "ACTIVE", behavior)
        }
        7 => world.switch(caller, &arn, "DISABLED", ""),
        8 => {
            let version = world.version(&arn).to_string();
            world.call(HUB, "DeleteGrant", json!({ "GrantArn": arn, "Version": version }))
        }
        9 => {
            let number = rng.random_range(1..4);
            let acceptor = if number == 1 { HUB } else { caller };
            if world.rules.license(&format!("l-{number:032x}")).is_none_or(|license| license.holder() == acceptor) {
                world.provision(&purchase(acceptor, number, "AmiProduct"));
            }
            Ok(Value::Null)
        }
        10 => {
            let account = world.organization.accounts.get_mut(*[ALICE, BOB, CAROL].choose(rng).unwrap()).unwrap();
            account.parent = [UNIT, NESTED, "r-test"].choose(rng).unwrap().to_string();
            account.state = if rng.random_bool(0.2) { "SUSPENDED" } else { "ACTIVE" }.to_owned();
            Ok(Value::Null)
        }
        _ => {
            let (knobs, now) = (world.knobs.clone(), world.now);
            if rng.random_bool(0.3) {
                world.rules.end_license(LICENSE, crate::license_manager::LicenseStatus::Expired, &knobs, now);
            }
            world.rules.fail_workflow(&arn, "no luck");
            Ok(Value::Null)
        }
    };
    if let Err(error) = answer {
        assert!(!error.message.is_empty() && error.status == 400, "{error}");
    }
    world.advance(rng.random_range(0..60));
}

#[track_caller]
fn check(world: &World, before: &BTreeMap<String, (u64, GrantStatus)>) {
    let rules = &world.rules;
    let mut places = BTreeMap::new();
    let kept = world.knobs.leaver_sub_grant != LeaverSubGrant::DeletedAtOnce;
    for grant in rules.grants() {
        let running =
            grant.workflow.is_some_and(|key| rules.workflows.get(&key).is_some_and(|at| *at.grant == *grant.arn));
        let pending = (grant.status == GrantStatus::PendingWorkflow && !grant.stuck)
            || (grant.status == GrantStatus::PendingDelete && !grant.sub_grant);
        assert_eq!(running, pending, "{grant:?}");
        let usable = rules.license(&grant.license).unwrap().status == crate::license_manager::LicenseStatus::Available;
        if let (GrantStatus::Active, Some(account), true) = (grant.status, grant.principal.account(), usable) {
            let place = (account.to_owned(), grant.sku.clone());
            assert_eq!(places.insert(place, grant.arn.clone()), None, "{grant:?}");
        }
        assert!(grant.status != GrantStatus::Active || grant.principal.account().is_some(), "{grant:?}");
        assert!(grant.status != GrantStatus::WorkflowCompleted || grant.principal.account().is_none(), "{grant:?}");
        let recalled = grant.ended.is_some() && grant.status == GrantStatus::WorkflowCompleted;
        assert_eq!(grant.ended.is_some(), !grant.status.is_live() || recalled, "{grant:?}");
        if grant.sub_grant && grant.is_live() {
            let parent = rules.grant(&grant.parent_arn).unwrap();
            let account = grant.principal.account().unwrap();
            assert!(parent.is_live(), "{grant:?} under {parent:?}");
            let left = grant.status == GrantStatus::PendingDelete;
            assert!(
                left || kept || is_under(&parent.principal, account, &world.organization),
                "{grant:?} under {parent:?}"
            );
        }
        if let Some((version, status)) = before.get(&grant.arn) {
            assert!(grant.version >= *version, "{grant:?}");
            assert!(status.is_live() || grant.status == *status, "{grant:?} was {status:?}");
        }
    }
    assert_eq!(places, rules.places.all());
    let queued = rules.workflows.values().filter(|at| rules.grant(&at.grant).unwrap().workflow.is_none());
    assert_eq!(queued.count(), 0);
}

#[test]
fn any_order_of_calls_leaves_the_state_sound() {
    let mut accepted = 0;
    for seed in 0..300 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut world = World::with(knobs(&mut rng));
        for _ in 0..60 {
            let grants = world.rules.grants();
            let before = grants.map(|grant| (grant.arn.clone(), (grant.version, grant.status))).collect();
            step(&mut world, &mut rng);
            check(&world, &before);
        }
        accepted += world.rules.writes().len();
        world.settle();
        assert_eq!(world.rules.next_due(), None, "seed {seed}");
    }
    assert!(accepted > 300 * 10, "{accepted} writes were accepted");
}

#[test]
fn the_same_seed_walks_the_same_way() {
    let walk = || {
        let mut rng = StdRng::seed_from_u64(5);
        let mut world = World::with(knobs(&mut rng));
        for _ in 0..100 {
            step(&mut world, &mut rng);
        }
        world.rules.grants().cloned().collect::<Vec<_>>()
    };
    assert_eq!(walk(), walk());
}
