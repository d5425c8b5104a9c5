//! Each invariant of the way once broken and once kept

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Course, Limits, Pair};
use crate::invariants::{
    Expectations, GAP, NO_STAMP, NOT_ASKED, ONE_GRANT_PER_KEY, OVER_LIMIT, REVOKED_OUT_OF_TURN, broken_on_the_way,
};
use crate::knobs::Knobs;
use crate::license_manager::LicenseManager;
use crate::license_manager::tests::{
    ALICE, BOB, CAROL, HUB, LICENSE, UNIT, World, account_arn, arn_of, new_grant, purchase,
};

fn pairs(accounts: &[&str]) -> BTreeSet<Pair> {
    accounts.iter().map(|account| (LICENSE.to_owned(), (*account).to_owned())).collect()
}

fn course(world: &World, accounts: &[&str]) -> Course {
    Course::steady(pairs(accounts), world.now)
}

fn found(world: &World, course: &Course) -> Vec<&'static str> {
    let expectations = Expectations {
        name_prefix: "gw/demo/".to_owned(),
        wanted: BTreeSet::new(),
        hub: HUB.to_owned(),
        unheard: BTreeMap::new(),
        may_displace: Default::default(),
    };
    let course = Course { until: world.now, ..course.clone() };
    let violations = broken_on_the_way(&world.rules, world.rules.writes(), &expectations, &course);
    violations.into_iter().map(|violation| violation.invariant).collect()
}

fn delete(world: &mut World, arn: &str) {
    let version = world.version(arn).to_string();
    world.call(HUB, "DeleteGrant", json!({ "GrantArn": arn, "Version": version })).unwrap();
    world.settle();
}

#[test]
fn a_span_is_asked_for_at_its_edges_and_in_between() {
    let at = |second: i64| Timestamp::from_second(second).unwrap();
    let mut course = Course::steady(BTreeSet::new(), at(100));
    course.asked = vec![(at(10), pairs(&[ALICE])), (at(20), pairs(&[])), (at(30), pairs(&[ALICE]))];
    let once = |from, to| course.asked_once(LICENSE, ALICE, at(from), at(to));
    assert_eq!([once(0, 9), once(0, 10), once(19, 25), once(20, 29), once(20, 30)], [false, true, true, false, true]);
    let always = |from, to| course.asked_always(LICENSE, ALICE, at(from), at(to));
    assert_eq!([always(10, 19), always(9, 15), always(15, 20), always(30, 90)], [true, false, false, true]);
}

#[test]
fn a_plain_distribution_breaks_nothing_on_the_way() {
    let mut world = World::new();
    world.active_organization_grant();
    assert_eq!(found(&world, &course(&world, &[ALICE, BOB, CAROL])), [""; 0]);
    let mut world = World::new();
    world.active_grant(ALICE);
    assert_eq!(found(&world, &course(&world, &[ALICE])), [""; 0]);
}

#[test]
fn a_grant_that_nobody_asked_for_is_seen_when_made_and_when_activated() {
    let mut world = World::new();
    world.active_grant(ALICE);
    assert_eq!(found(&world, &course(&world, &[BOB])), [NOT_ASKED, NOT_ASKED]);
}

#[test]
fn a_write_may_lag_behind_the_rules_by_the_grace() {
    let mut world = World::new();
    let begin = world.now;
    world.active_grant(ALICE);
    let mut ended = course(&world, &[ALICE]);
    ended.ask(begin + SignedDuration::from_secs(1), pairs(&[]));
    assert_eq!(found(&world, &ended), [""; 0]);
    ended.grace = SignedDuration::from_secs(30);
    assert_eq!(found(&world, &ended), [NOT_ASKED]);
}

#[test]
fn an_account_reached_by_the_way_must_be_switched_off_in_time() {
    for (waits, expected) in [(1, vec![]), (60, vec![NOT_ASKED])] {
        let mut world = World::new();
        let arn = world.active_organization_grant();
        world.advance(waits * 10);
        let sub_grant = world.sub_grant(&arn, CAROL).unwrap();
        world.switch(HUB, &sub_grant, "DISABLED", "").unwrap();
        assert_eq!(found(&world, &course(&world, &[ALICE, BOB])), expected, "after {waits}0 seconds");
    }
}

#[test]
fn one_that_is_still_served_counts_only_after_the_grace() {
    let mut world = World::new();
    world.active_organization_grant();
    assert_eq!(found(&world, &course(&world, &[ALICE, BOB])), [""; 0]);
    world.advance(600);
    assert_eq!(found(&world, &course(&world, &[ALICE, BOB])), [NOT_ASKED]);
}

#[test]
fn a_unit_grant_must_serve_somebody_who_was_asked_for() {
    let mut world = World::new();
    let unit = world.organization.unit_arn(UNIT);
    world.grant(&unit);
    assert_eq!(found(&world, &course(&world, &[BOB])), [""; 0]);
    assert_eq!(found(&world, &course(&world, &[CAROL])), [NOT_ASKED]);
}

#[test]
fn two_at_once_are_seen_after_one_is_gone() {
    let mut world = World::with(Knobs { duplicate_grants_refused: false, ..Knobs::default() });
    let first = world.grant(&account_arn(ALICE));
    world.settle();
    delete(&mut world, &first);
    let second = world.grant(&account_arn(ALICE));
    assert_eq!(found(&world, &course(&world, &[ALICE])), [""; 0]);
    let third = world.grant(&account_arn(ALICE));
    world.settle();
    delete(&mut world, &second);
    delete(&mut world, &third);
    assert_eq!(found(&world, &course(&world, &[ALICE])), [ONE_GRANT_PER_KEY]);
}

#[test]
fn taking_what_is_wanted_is_a_gap_and_handing_over_is_none() {
    let mut world = World::new();
    let old = world.active_grant(ALICE);
    world.provision(&purchase(HUB, 2, "AmiProduct"));
    let successor = "l-00000000000000000000000000000002";
    let mut asked = pairs(&[ALICE]);
    asked.insert((successor.to_owned(), ALICE.to_owned()));
    let course = Course::steady(asked, world.now);
    let mut handed_over = world.clone();
    let mut body = new_grant(&account_arn(ALICE));
    body["LicenseArn"] = json!(LicenseManager::license_arn(successor));
    let new = arn_of(&handed_over.call(HUB, "CreateGrant", body).unwrap());
    handed_over.settle();
    handed_over.switch(HUB, &new, "ACTIVE", "ALL_GRANTS_PERMITTED_BY_ISSUER").unwrap();
    handed_over.settle();
    delete(&mut handed_over, &old);
    assert_eq!(found(&handed_over, &course), [""; 0]);

    delete(&mut world, &old);
    assert_eq!(found(&world, &course), [GAP]);
    let unwanted = Course::steady(pairs(&[BOB]), world.now);
    assert!(!found(&world, &unwanted).contains(&GAP));
}

#[test]
fn switching_off_a_whole_organization_is_a_gap_in_every_account_that_wants_it() {
    let mut world = World::new();
    let arn = world.active_organization_grant();
    world.switch(HUB, &arn, "DISABLED", "").unwrap();
    assert_eq!(found(&world, &course(&world, &[ALICE, CAROL])), [GAP, GAP]);
}

#[test]
fn taking_from_more_accounts_in_a_day_than_allowed_is_seen() {
    let mut world = World::new();
    let begin = world.now;
    let grants = [ALICE, BOB, CAROL].map(|account| world.active_grant(account));
    world.advance(3600);
    let mut course = course(&world, &[ALICE, BOB, CAROL]);
    course.ask(begin + SignedDuration::from_secs(1800), pairs(&[]));
    course.limits = Limits { revocations: 2, displacements: 0 };
    for (arn, hours) in grants.iter().zip([0, 12, 13]) {
        world.advance(hours * 3600);
        world.switch(HUB, arn, "DISABLED", "").unwrap();
    }
    assert_eq!(found(&world, &course), [""; 0]);
    course.limits.revocations = 1;
    assert_eq!(found(&world, &course), [OVER_LIMIT]);
}

#[test]
fn pushing_aside_more_in_a_day_than_allowed_is_seen() {
    let mut world = World::new();
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    world.switch(HUB, &arn, "ACTIVE", "ALL_GRANTS_PERMITTED_BY_ISSUER").unwrap();
    world.settle();
    let mut course = course(&world, &[ALICE]);
    course.limits.displacements = 1;
    assert_eq!(found(&world, &course), [""; 0]);
    course.limits.displacements = 0;
    assert_eq!(found(&world, &course), [OVER_LIMIT]);
}

#[test]
fn correcting_a_wide_grant_in_time_is_no_revocation() {
    let mut world = World::new();
    let arn = world.active_organization_grant();
    let sub_grant = world.sub_grant(&arn, CAROL).unwrap();
    world.switch(HUB, &sub_grant, "DISABLED", "").unwrap();
    let mut course = course(&world, &[ALICE, BOB]);
    course.limits.revocations = 0;
    course.revoking = Some(Vec::new());
    assert_eq!(found(&world, &course), [""; 0]);
}

#[test]
fn revoking_and_deleting_belong_to_a_pass() {
    let mut world = World::new();
    let begin = world.now;
    let arn = world.active_grant(ALICE);
    world.advance(3600);
    let mut course = course(&world, &[ALICE]);
    course.ask(begin + SignedDuration::from_secs(1800), pairs(&[]));
    let off = world.now;
    world.switch(HUB, &arn, "DISABLED", "").unwrap();
    world.advance(3600);
    let gone = world.now;
    delete(&mut world, &arn);
    assert_eq!(found(&world, &course), [""; 0]);
    course.revoking = Some(vec![(off, off), (gone, gone)]);
    assert_eq!(found(&world, &course), [""; 0]);
    course.revoking = Some(vec![(off, off)]);
    assert_eq!(found(&world, &course), [REVOKED_OUT_OF_TURN]);
    course.revoking = Some(Vec::new());
    assert_eq!(found(&world, &course), [REVOKED_OUT_OF_TURN, REVOKED_OUT_OF_TURN]);
}

#[test]
fn deleting_what_failed_needs_no_pass() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    world.rules.fail_workflow(&arn, "no luck");
    world.settle();
    delete(&mut world, &arn);
    let course = Course { revoking: Some(Vec::new()), ..course(&world, &[ALICE]) };
    assert_eq!(found(&world, &course), [""; 0]);
}

#[test]
fn a_name_that_loses_its_stamp_is_seen() {
    let mut world = World::new();
    let arn = world.active_grant(ALICE);
    let rename = |name: &str| json!({ "GrantArn": arn, "GrantName": name });
    world.call(HUB, "CreateGrantVersion", rename("gw/demo/everyone/2")).unwrap();
    assert_eq!(found(&world, &course(&world, &[ALICE])), [""; 0]);
    world.call(HUB, "CreateGrantVersion", rename("everyone")).unwrap();
    assert_eq!(found(&world, &course(&world, &[ALICE])), [NO_STAMP]);
}

#[test]
fn what_a_person_does_is_never_held_against_the_program() {
    let mut world = World::new();
    let arn = world.active_grant(ALICE);
    world.by_hand(HUB, "CreateGrantVersion", json!({ "GrantArn": arn, "Status": "DISABLED" })).unwrap();
    let body = new_grant(&account_arn(BOB));
    world.by_hand(HUB, "CreateGrant", body).unwrap();
    let mut course = course(&world, &[ALICE]);
    course.limits = Limits { revocations: 0, displacements: 0 };
    course.revoking = Some(Vec::new());
    assert_eq!(found(&world, &course), [""; 0]);
}
