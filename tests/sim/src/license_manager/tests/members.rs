use super::*;

const DAVE: &str = "000000000005";

#[test]
fn a_joiner_gets_a_sub_grant_active_or_disabled_by_the_knob() {
    for active in [true, false] {
        let mut world = World::with(Knobs { joiner_sub_grant_active: active, ..Knobs::default() });
        let arn = world.active_organization_grant();
        world.join(DAVE, UNIT);
        let sub_grant = world.sub_grant(&arn, DAVE).unwrap();
        assert_eq!(world.status(&sub_grant), GrantStatus::PendingWorkflow);
        world.settle();
        let expected = if active { GrantStatus::Active } else { GrantStatus::Disabled };
        assert_eq!(world.status(&sub_grant), expected);
    }
}

#[test]
fn an_organization_grant_that_was_never_activated_reaches_no_joiner() {
    let mut world = World::new();
    let organization = world.organization.arn();
    let arn = world.grant(&organization);
    world.settle();
    world.join(DAVE, UNIT);
    world.settle();
    assert_eq!(world.sub_grant(&arn, DAVE), None);
}

#[test]
fn a_joiner_during_a_workflow_is_reached_by_its_end() {
    let mut world = World::new();
    let organization = world.organization.arn();
    let arn = world.grant(&organization);
    world.settle();
    world.switch(HUB, &arn, "ACTIVE", "").unwrap();
    world.join(DAVE, UNIT);
    world.settle();
    assert_eq!(world.active(), [ALICE, BOB, CAROL, DAVE]);
}

#[test]
fn a_leaver_loses_its_sub_grant_and_gets_another_on_return() {
    let mut world = World::new();
    let arn = world.active_organization_grant();
    let left = world.organization.accounts.remove(ALICE).unwrap();
    world.tick();
    let sub_grant = world.sub_grant(&arn, ALICE).unwrap();
    assert_eq!(world.status(&sub_grant), GrantStatus::Deleted);
    assert_eq!(world.active(), [BOB, CAROL]);
    world.organization.accounts.insert(left.id.clone(), left);
    world.tick();
    world.settle();
    assert_ne!(world.sub_grant(&arn, ALICE).unwrap(), sub_grant);
    assert_eq!(world.active(), [ALICE, BOB, CAROL]);
}

#[test]
fn an_account_grant_outlives_the_departure() {
    let mut world = World::new();
    let arn = world.active_grant(ALICE);
    world.organization.accounts.remove(ALICE);
    world.tick();
    assert_eq!(world.status(&arn), GrantStatus::Active);
    assert_eq!(world.active(), Vec::<String>::new());
}

#[test]
fn moving_between_units_follows_the_unit_grant() {
    let mut world = World::new();
    let unit = world.organization.unit_arn(UNIT);
    let arn = world.grant(&unit);
    world.settle();
    world.switch(HUB, &arn, "ACTIVE", "").unwrap();
    world.settle();
    assert_eq!(world.active(), [ALICE, BOB]);
    world.organization.accounts.get_mut(ALICE).unwrap().parent = "r-test".to_owned();
    world.organization.accounts.get_mut(CAROL).unwrap().parent = NESTED.to_owned();
    world.tick();
    world.settle();
    assert_eq!(world.active(), [BOB, CAROL]);
    world.organization.units.get_mut(NESTED).unwrap().parent = "r-test".to_owned();
    world.tick();
    assert_eq!(world.active(), Vec::<String>::new());
}

#[test]
fn a_suspended_account_gets_no_sub_grant_but_keeps_the_one_it_has() {
    let mut world = World::new();
    world.organization.accounts.get_mut(BOB).unwrap().state = "CLOSED".to_owned();
    let arn = world.active_organization_grant();
    assert_eq!(world.sub_grant(&arn, BOB), None);
    world.organization.accounts.get_mut(ALICE).unwrap().state = "SUSPENDED".to_owned();
    world.tick();
    world.settle();
    assert_eq!(world.active(), [ALICE, CAROL]);
    world.organization.accounts.get_mut(BOB).unwrap().state = "ACTIVE".to_owned();
    world.tick();
    world.settle();
    assert_eq!(world.active(), [ALICE, BOB, CAROL]);
}

#[test]
fn a_joiner_with_its_own_subscription_keeps_it() {
    let mut world = World::new();
    let arn = world.active_organization_grant();
    world.provision(&purchase(DAVE, 2, "AmiProduct"));
    world.join(DAVE, UNIT);
    world.settle();
    assert_eq!(world.status(&world.sub_grant(&arn, DAVE).unwrap()), GrantStatus::Disabled);
}
