//! Each invariant once broken and once kept

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::knobs::Knobs;
use crate::license_manager::tests::{
    ALICE, BOB, CAROL, HUB, LICENSE, UNIT, World, account_arn, arn_of, new_grant, purchase,
};
use crate::license_manager::{GrantStatus, Principal, WriteOperation};

fn expecting(accounts: &[&str]) -> Expectations {
    Expectations {
        name_prefix: "gw/demo/".to_owned(),
        wanted: accounts.iter().map(|account| (LICENSE.to_owned(), (*account).to_owned())).collect(),
        hub: HUB.to_owned(),
        unheard: BTreeMap::new(),
        may_displace: Default::default(),
    }
}

fn found(world: &World, accounts: &[&str]) -> Vec<&'static str> {
    let history = world.rules.writes();
    let violations = broken(&world.rules, &world.organization, history, &expecting(accounts));
    violations.into_iter().map(|violation| violation.invariant).collect()
}

/// A grant made by hand, under a name of its own
fn by_hand(world: &mut World, caller: &str, account: &str) -> String {
    let mut body = new_grant(&account_arn(account));
    body["GrantName"] = json!("for the data team");
    let arn = arn_of(&world.by_hand(caller, "CreateGrant", body).unwrap());
    world.settle();
    arn
}

#[test]
fn a_plain_distribution_breaks_nothing() {
    let mut world = World::new();
    world.active_organization_grant();
    assert_eq!(found(&world, &[ALICE, BOB, CAROL]), [""; 0]);
}

#[test]
fn two_live_grants_on_one_key_are_seen() {
    let mut world = World::with(Knobs { duplicate_grants_refused: false, ..Knobs::default() });
    let first = world.grant(&account_arn(ALICE));
    world.grant(&account_arn(ALICE));
    assert_eq!(found(&world, &[]), [ONE_GRANT_PER_KEY]);
    world.rules.fail_workflow(&first, "no luck");
    world.settle();
    let version = world.version(&first).to_string();
    world.call(HUB, "DeleteGrant", json!({ "GrantArn": first, "Version": version })).unwrap();
    assert_eq!(found(&world, &[]), [""; 0]);
}

#[test]
fn an_organization_grant_and_an_account_grant_are_not_two_on_one_key() {
    let mut world = World::new();
    world.active_organization_grant();
    world.grant(&account_arn(ALICE));
    assert_eq!(found(&world, &[ALICE, BOB, CAROL]), [""; 0]);
}

#[test]
fn writing_to_a_grant_made_by_hand_is_seen_unless_a_person_does_it() {
    let mut world = World::new();
    let arn = by_hand(&mut world, HUB, ALICE);
    world.by_hand(ALICE, "CreateGrantVersion", json!({ "GrantArn": arn, "Status": "ACTIVE" })).unwrap();
    world.settle();
    assert_eq!(found(&world, &[]), [""; 0]);
    world.switch(HUB, &arn, "DISABLED", "").unwrap();
    assert_eq!(found(&world, &[]), [FOREIGN_GRANT_TOUCHED]);
}

#[test]
fn a_grantee_that_touches_a_foreign_grant_is_seen() {
    let mut world = World::with(Knobs { auto_accept_account_grants: false, ..Knobs::default() });
    let arn = by_hand(&mut world, HUB, ALICE);
    world.call(ALICE, "AcceptGrant", json!({ "GrantArn": arn })).unwrap();
    assert_eq!(found(&world, &[]), [FOREIGN_GRANT_TOUCHED]);
}

#[test]
fn another_accounts_program_may_use_its_own_grants() {
    let mut world = World::new();
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    let mut body = new_grant(&account_arn(BOB));
    body["GrantName"] = json!("shared by alice");
    body["LicenseArn"] =
        json!(crate::license_manager::LicenseManager::license_arn("l-00000000000000000000000000000002"));
    let arn = arn_of(&world.call(ALICE, "CreateGrant", body).unwrap());
    world.call(ALICE, "DeleteGrant", json!({ "GrantArn": arn, "Version": "1" })).unwrap();
    assert_eq!(found(&world, &[]), [""; 0]);
}

#[test]
fn a_grant_of_the_hub_without_the_prefix_is_seen() {
    let mut world = World::new();
    let mut body = new_grant(&account_arn(ALICE));
    body["GrantName"] = json!("gw/other/everyone/1");
    let arn = arn_of(&world.call(HUB, "CreateGrant", body).unwrap());
    assert_eq!(found(&world, &[]), [NO_STAMP]);
    world.call(HUB, "DeleteGrant", json!({ "GrantArn": arn, "Version": "1" })).unwrap();
    assert_eq!(found(&world, &[]), [FOREIGN_GRANT_TOUCHED, NO_STAMP]);
    let mut world = World::new();
    by_hand(&mut world, HUB, ALICE);
    assert_eq!(found(&world, &[]), [""; 0]);
}

#[test]
fn activating_in_an_account_that_has_left_is_seen() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    world.organization.accounts.remove(ALICE);
    assert_eq!(found(&world, &[]), [""; 0]);
    world.switch(HUB, &arn, "ACTIVE", "").unwrap();
    assert_eq!(found(&world, &[]), [OUTSIDE_ORGANIZATION]);
    let at = world.rules.writes().last().unwrap().at;
    let found_until = |until| {
        let expectations = Expectations { unheard: [(ALICE.to_owned(), until)].into(), ..expecting(&[]) };
        broken(&world.rules, &world.organization, world.rules.writes(), &expectations).len()
    };
    assert_eq!((found_until(at), found_until(at + jiff::SignedDuration::from_secs(1))), (1, 0));
}

#[test]
fn a_grant_to_a_stranger_would_be_seen() {
    let mut world = World::new();
    world.grant(&account_arn(ALICE));
    let mut history = world.rules.writes().to_vec();
    let write = Arc::make_mut(&mut history[0]);
    write.principal = Principal::Account("000000000099".to_owned());
    write.in_organization = false;
    let violations = broken(&world.rules, &world.organization, &history, &expecting(&[]));
    assert_eq!(violations.len(), 1);
    assert_eq!(violations[0].invariant, OUTSIDE_ORGANIZATION);
    assert!(violations[0].detail.contains("000000000099"), "{}", violations[0].detail);
}

#[test]
fn deleting_is_seen_unless_the_grant_had_failed() {
    let mut world = World::new();
    let failed = world.grant(&account_arn(BOB));
    world.rules.fail_workflow(&failed, "no luck");
    let arn = world.active_grant(ALICE);
    world.call(HUB, "DeleteGrant", json!({ "GrantArn": failed, "Version": "1" })).unwrap();
    assert_eq!(world.rules.writes().last().unwrap().operation, WriteOperation::DeleteGrant);
    assert_eq!(found(&world, &[ALICE]), [""; 0]);
    world.call(HUB, "DeleteGrant", json!({ "GrantArn": arn, "Version": "2" })).unwrap();
    assert_eq!(found(&world, &[ALICE]), [REVOKED]);
}

#[test]
fn pushing_an_own_subscription_aside_is_seen_twice_when_meant_and_when_done() {
    let mut world = World::new();
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    world.switch(HUB, &arn, "ACTIVE", "ALL_GRANTS_PERMITTED_BY_ISSUER").unwrap();
    assert_eq!(found(&world, &[ALICE]), [DISPLACED]);
    world.settle();
    assert_eq!(found(&world, &[ALICE]), [DISPLACED, DISPLACED]);
}

#[test]
fn a_person_may_push_it_aside() {
    let mut world = World::new();
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    let options = json!({ "ActivationOverrideBehavior": "ALL_GRANTS_PERMITTED_BY_ISSUER" });
    let body = json!({ "GrantArn": arn, "Status": "ACTIVE", "Options": options });
    world.by_hand(HUB, "CreateGrantVersion", body).unwrap();
    world.settle();
    assert_eq!(world.rules.displacements().len(), 1);
    assert_eq!(found(&world, &[ALICE]), [""; 0]);
}

#[test]
fn taking_over_from_a_grant_of_ours_breaks_nothing() {
    let mut world = World::new();
    let old = world.active_grant(ALICE);
    world.provision(&purchase(HUB, 2, "AmiProduct"));
    let successor = "l-00000000000000000000000000000002";
    let mut body = new_grant(&account_arn(ALICE));
    body["LicenseArn"] = json!(crate::license_manager::LicenseManager::license_arn(successor));
    let arn = arn_of(&world.call(HUB, "CreateGrant", body).unwrap());
    world.settle();
    world.switch(HUB, &arn, "ACTIVE", "ALL_GRANTS_PERMITTED_BY_ISSUER").unwrap();
    world.settle();
    assert_eq!((world.status(&old), world.status(&arn)), (GrantStatus::Disabled, GrantStatus::Active));
    let mut expectations = expecting(&[ALICE]);
    expectations.wanted.insert((successor.to_owned(), ALICE.to_owned()));
    assert_eq!(broken(&world.rules, &world.organization, world.rules.writes(), &expectations), []);
}

#[test]
fn the_strong_override_on_a_whole_unit_is_seen() {
    let mut world = World::new();
    let unit = world.organization.unit_arn(UNIT);
    let arn = world.grant(&unit);
    world.settle();
    world.switch(HUB, &arn, "ACTIVE", "ALL_GRANTS_PERMITTED_BY_ISSUER").unwrap();
    assert_eq!(found(&world, &[ALICE, BOB]), [DISPLACED]);
}

#[test]
fn an_active_grant_that_nobody_asked_for_is_seen() {
    let mut world = World::new();
    let unit = world.organization.unit_arn(UNIT);
    let arn = world.grant(&unit);
    world.settle();
    world.switch(HUB, &arn, "ACTIVE", "").unwrap();
    world.settle();
    assert_eq!(found(&world, &[ALICE, BOB]), [""; 0]);
    assert_eq!(found(&world, &[ALICE]), [NOT_WANTED]);
    let sub_grant = world.sub_grant(&arn, BOB).unwrap();
    world.switch(HUB, &sub_grant, "DISABLED", "").unwrap();
    assert_eq!(found(&world, &[ALICE]), [""; 0]);
}
