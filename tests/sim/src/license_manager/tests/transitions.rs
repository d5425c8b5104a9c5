use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::license_manager::{LicenseStatus, Transition};

fn gone_through(world: &World) -> BTreeSet<Transition> {
    world.rules.transitions().keys().copied().collect()
}

/// An organization grant from its making to its end, with joiners and leavers
fn organization(completes: bool) -> World {
    let knobs = Knobs { organization_grant_completes_before_activation: completes, ..Knobs::default() };
    let mut world = World::with(knobs);
    let arn = world.active_organization_grant();
    world.join("000000000005", "r-test");
    world.settle();
    let sub_grant = world.sub_grant(&arn, ALICE).unwrap();
    world.switch(HUB, &sub_grant, "DISABLED", "").unwrap();
    world.organization.accounts.remove(BOB);
    world.tick();
    let version = world.version(&arn).to_string();
    world.call(HUB, "DeleteGrant", json!({ "GrantArn": arn, "Version": version })).unwrap();
    world.settle();
    world
}

/// Account grants that wait for their grantees
fn accounts() -> World {
    let mut world = World::with(Knobs { auto_accept_account_grants: false, ..Knobs::default() });
    let accepted = world.grant(&account_arn(ALICE));
    world.call(ALICE, "AcceptGrant", json!({ "GrantArn": accepted })).unwrap();
    let refused = world.grant(&account_arn(BOB));
    world.call(BOB, "RejectGrant", json!({ "GrantArn": refused })).unwrap();
    world
}

/// Account grants that give way, stay out of the way, fail, and end with their license
fn trouble() -> World {
    let mut world = World::new();
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    let displacing = world.grant(&account_arn(ALICE));
    let withheld = world.active_grant(BOB);
    world.settle();
    world.switch(HUB, &displacing, "ACTIVE", "DISTRIBUTED_GRANTS_ONLY").unwrap();
    world.settle();
    world.switch(HUB, &displacing, "ACTIVE", "ALL_GRANTS_PERMITTED_BY_ISSUER").unwrap();
    world.settle();
    let failing = world.grant(&account_arn(CAROL));
    world.rules.fail_workflow(&failing, "no luck");
    world.settle();
    assert_eq!(world.status(&withheld), GrantStatus::Active);
    let (knobs, now) = (world.knobs.clone(), world.now);
    world.rules.end_license(LICENSE, LicenseStatus::Expired, &knobs, now);
    world
}

#[test]
fn every_numbered_transition_is_gone_through_and_counted() {
    use Transition::{
        Accepted, Activated, Activating, AutoAccepted, AwaitingAcceptance, Deactivated, Deleted, Displaced,
        Distributed, Distributing, DistributionCompleted, Failed, FannedOut, LicenseEnded, Rejected, SubGrantCreated,
        SubGrantRemoved, Subscribed, Withheld,
    };
    let common = [
        Subscribed,
        Distributing,
        Activating,
        FannedOut,
        Activated,
        Deactivated,
        Deleted,
        SubGrantCreated,
        SubGrantRemoved,
    ];
    let with = |extra: Transition| common.into_iter().chain([extra]).collect::<BTreeSet<_>>();
    let worlds = [organization(false), organization(true), accounts(), trouble()];
    let [disabled, completed, answered, troubled] = worlds.each_ref().map(gone_through);
    assert_eq!(disabled, with(Distributed));
    assert_eq!(completed, with(DistributionCompleted));
    assert_eq!(answered, BTreeSet::from([Subscribed, AwaitingAcceptance, Accepted, Rejected]));
    assert_eq!(
        troubled,
        BTreeSet::from([Subscribed, AutoAccepted, Activated, Withheld, Displaced, Failed, LicenseEnded])
    );
    let all: BTreeSet<Transition> = [disabled, completed, answered, troubled].into_iter().flatten().collect();
    assert_eq!(all, Transition::ALL.iter().copied().collect());
    let numbers: BTreeSet<&str> = all.iter().map(|transition| transition.number()).collect();
    assert!((1..=17).all(|number: u8| numbers.contains(number.to_string().as_str())), "{numbers:?}");
}

#[test]
fn a_transition_counts_as_often_as_it_happens() {
    let world = organization(false);
    let count = |transition| world.rules.transitions()[&transition];
    assert_eq!(count(Transition::Subscribed), 1);
    assert_eq!(count(Transition::Distributing), 1);
    assert_eq!(count(Transition::Activated), 4);
    assert_eq!(count(Transition::Deactivated), 1);
    // The organization grant and the three sub-grants that nobody left.
    assert_eq!(count(Transition::Deleted), 4);
    let accounts = accounts();
    assert_eq!(accounts.rules.transitions()[&Transition::AwaitingAcceptance], 2);
}
