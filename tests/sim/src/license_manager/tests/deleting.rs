use serde_json::json;

use super::*;

#[test]
fn a_deleted_grant_is_unusable_at_once_and_still_readable_for_ever() {
    let mut world = World::new();
    let arn = world.active_grant(ALICE);
    let body = json!({ "GrantArn": arn, "Version": "2", "StatusReason": "not wanted" });
    let answer = world.call(HUB, "DeleteGrant", body).unwrap();
    assert_eq!(answer["Status"], "PENDING_DELETE");
    assert_eq!(world.active(), Vec::<String>::new());
    let licenses = world.list(ALICE, "ListReceivedLicenses", json!({}));
    assert_eq!(licenses[0]["ReceivedMetadata"]["ReceivedStatus"], "DELETED");
    world.settle();
    assert_eq!(world.status(&arn), GrantStatus::Deleted);
    assert!(world.rules.grant(&arn).unwrap().ended.is_some());
    let answer = world.call(HUB, "GetGrant", json!({ "GrantArn": arn })).unwrap();
    assert_eq!(answer["Grant"]["GrantStatus"], "DELETED");
    assert_eq!(answer["Grant"]["StatusReason"], "not wanted");
    assert_eq!(world.list(HUB, "ListDistributedGrants", json!({})).len(), 1);
    refused(
        world.call(HUB, "DeleteGrant", json!({ "GrantArn": arn, "Version": "2" })),
        "ValidationException",
        "DELETED",
    );
}

#[test]
fn sub_grants_go_with_their_parent_and_not_alone() {
    let mut world = World::new();
    let arn = world.active_organization_grant();
    let sub_grant = world.sub_grant(&arn, ALICE).unwrap();
    let answer = world.call(HUB, "DeleteGrant", json!({ "GrantArn": sub_grant, "Version": "1" }));
    refused(answer, "ValidationException", "ParentArn");
    world.call(HUB, "DeleteGrant", json!({ "GrantArn": arn, "Version": "2" })).unwrap();
    assert_eq!(world.status(&sub_grant), GrantStatus::PendingDelete);
    assert_eq!(world.active(), Vec::<String>::new());
    world.settle();
    assert_eq!((world.status(&arn), world.status(&sub_grant)), (GrantStatus::Deleted, GrantStatus::Deleted));
}

#[test]
fn deletion_is_the_grantors_with_the_current_version() {
    let mut world = World::new();
    let arn = world.active_grant(ALICE);
    let delete = |version: &str| json!({ "GrantArn": arn, "Version": version });
    refused(world.call(HUB, "DeleteGrant", delete("1")), "ValidationException", "Version 1");
    refused(world.call(ALICE, "DeleteGrant", delete("2")), "AccessDeniedException", "grantor");
    refused(world.call(BOB, "DeleteGrant", delete("2")), "AuthorizationException", "GrantArn");
    let nothing = json!({ "GrantArn": "arn:aws:license-manager::1:grant:g-0", "Version": "1" });
    refused(world.call(HUB, "DeleteGrant", nothing), "ValidationException", "does not exist");
    assert_eq!(world.active(), [ALICE]);
}

#[test]
fn deletion_gives_up_a_running_workflow() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    world.call(HUB, "DeleteGrant", json!({ "GrantArn": arn, "Version": "1" })).unwrap();
    world.settle();
    assert_eq!(world.status(&arn), GrantStatus::Deleted);
}

#[test]
fn a_failed_grant_can_be_deleted() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    world.rules.fail_workflow(&arn, "no luck");
    world.settle();
    world.call(HUB, "DeleteGrant", json!({ "GrantArn": arn, "Version": "1" })).unwrap();
    world.settle();
    assert_eq!(world.status(&arn), GrantStatus::Deleted);
}
