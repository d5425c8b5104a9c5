use serde_json::json;

use super::*;

fn waiting() -> (World, String) {
    let mut world =
        World::with(Knobs { auto_accept_account_grants: false, workflow_bumps_version: false, ..Knobs::default() });
    let arn = world.grant(&account_arn(ALICE));
    (world, arn)
}

#[test]
fn an_accepted_grant_is_disabled_and_can_be_activated_at_once() {
    let (mut world, arn) = waiting();
    refused(world.switch(ALICE, &arn, "ACTIVE", ""), "ValidationException", "PENDING_ACCEPT");
    let answer = world.call(ALICE, "AcceptGrant", json!({ "GrantArn": arn })).unwrap();
    assert_eq!(answer, json!({ "GrantArn": arn, "Status": "DISABLED", "Version": "1" }));
    world.switch(ALICE, &arn, "ACTIVE", "").unwrap();
    world.settle();
    assert_eq!(world.active(), [ALICE]);
}

#[test]
fn a_rejected_grant_stays_so_and_makes_room_for_another() {
    let (mut world, arn) = waiting();
    world.call(ALICE, "RejectGrant", json!({ "GrantArn": arn })).unwrap();
    assert_eq!(world.status(&arn), GrantStatus::Rejected);
    let text = "is not allowed to accept this grant.";
    refused(world.call(ALICE, "AcceptGrant", json!({ "GrantArn": arn })), "ValidationException", text);
    refused(world.switch(HUB, &arn, "ACTIVE", ""), "ValidationException", "REJECTED");
    let delete = json!({ "GrantArn": arn, "Version": "1" });
    refused(world.call(HUB, "DeleteGrant", delete), "ValidationException", "REJECTED");
    assert_ne!(world.grant(&account_arn(ALICE)), arn);
}

#[test]
fn nobody_but_the_grantee_answers() {
    let (mut world, arn) = waiting();
    for caller in [HUB, BOB] {
        let text = format!("Caller arn:aws:iam::{caller}:root is not allowed to accept this grant.");
        refused(world.call(caller, "AcceptGrant", json!({ "GrantArn": arn })), "ValidationException", &text);
        let answer = world.call(caller, "RejectGrant", json!({ "GrantArn": arn }));
        refused(answer, "ValidationException", "is not allowed to reject this grant.");
    }
    assert_eq!(world.status(&arn), GrantStatus::PendingAccept);
}

#[test]
fn accepting_after_auto_accept_is_refused() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    let text = format!("Caller arn:aws:iam::{ALICE}:root is not allowed to accept this grant.");
    refused(world.call(ALICE, "AcceptGrant", json!({ "GrantArn": arn })), "ValidationException", &text);
}

#[test]
fn an_account_that_is_not_ready_cannot_call() {
    let (mut world, arn) = waiting();
    let later = world.now + jiff::SignedDuration::from_secs(120);
    world.organization.accounts.get_mut(ALICE).unwrap().ready = later;
    let accept = json!({ "GrantArn": arn });
    refused(world.call(ALICE, "AcceptGrant", accept.clone()), "AccessDeniedException", ALICE);
    refused(world.call(ALICE, "ListReceivedGrants", json!({})), "AccessDeniedException", ALICE);
    world.advance(120);
    world.call(ALICE, "AcceptGrant", accept).unwrap();
    world.organization.accounts.get_mut(ALICE).unwrap().state = "SUSPENDED".to_owned();
    refused(world.call(ALICE, "ListReceivedGrants", json!({})), "AccessDeniedException", ALICE);
}

#[test]
fn a_waiting_grant_can_be_renamed() {
    let (mut world, arn) = waiting();
    world.call(HUB, "CreateGrantVersion", json!({ "GrantArn": arn, "GrantName": "new" })).unwrap();
    let grant = world.rules.grant(&arn).unwrap();
    assert_eq!((grant.name.as_str(), grant.status, grant.version), ("new", GrantStatus::PendingAccept, 2));
}
