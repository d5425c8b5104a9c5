use serde_json::json;

use super::*;
use crate::license_manager::LicenseStatus;

#[test]
fn the_buyer_sees_its_license_as_marketplace_makes_them() {
    let mut world = World::new();
    let rows = world.list(HUB, "ListReceivedLicenses", json!({}));
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row["LicenseArn"], "arn:aws:license-manager::294406891311:license:l-00000000000000000000000000000001");
    assert_eq!(row["Issuer"]["Name"], "AWS/Marketplace");
    assert_eq!(row["Issuer"]["KeyFingerprint"], "aws:294406891311:AWS/Marketplace:issuer-fingerprint");
    assert_eq!(row["CreateTime"], "1800000000");
    assert_eq!(row["Validity"], json!({ "Begin": "2027-01-15T08:00:00.000Z" }));
    assert_eq!(row["Beneficiary"], HUB);
    assert_eq!(row["ReceivedMetadata"]["ReceivedStatus"], "ACTIVE");
    let own = &world.rules.license(LICENSE).unwrap().received_by;
    assert_eq!(row["LicenseMetadata"], json!([{ "Name": "grantArn", "Value": own }]));
    let operations = row["ReceivedMetadata"]["AllowedOperations"].as_array().unwrap();
    assert!(operations.contains(&json!("CreateGrant")));
}

#[test]
fn a_saas_license_shows_up_and_cannot_be_shared() {
    let mut world = World::new();
    world.provision(&purchase(ALICE, 2, "SaaSProduct"));
    let rows = world.list(ALICE, "ListReceivedLicenses", json!({}));
    let operations = rows[0]["ReceivedMetadata"]["AllowedOperations"].as_array().unwrap();
    assert!(!operations.contains(&json!("CreateGrant")));
}

#[test]
fn a_grantee_sees_the_license_with_what_it_was_granted() {
    let mut world = World::with(Knobs { beneficiary_is_arn: true, ..Knobs::default() });
    world.active_grant(ALICE);
    let rows = world.list(ALICE, "ListReceivedLicenses", json!({}));
    assert_eq!(rows[0]["ReceivedMetadata"]["AllowedOperations"], json!(["CheckoutLicense", "CheckInLicense"]));
    assert_eq!(rows[0]["Beneficiary"], account_arn(ALICE));
    assert_eq!(world.list(BOB, "ListReceivedLicenses", json!({})).len(), 0);
}

#[test]
fn of_several_grants_the_active_one_speaks_for_the_license() {
    let mut world = World::new();
    let everyone = world.active_organization_grant();
    let direct = world.grant(&account_arn(ALICE));
    world.settle();
    let speaks = |world: &mut World| {
        let row = world.list(ALICE, "ListReceivedLicenses", json!({})).remove(0);
        row["LicenseMetadata"][0]["Value"].as_str().unwrap().to_owned()
    };
    assert_eq!(speaks(&mut world), world.sub_grant(&everyone, ALICE).unwrap());
    world.switch(HUB, &direct, "ACTIVE", "ALL_GRANTS_PERMITTED_BY_ISSUER").unwrap();
    world.settle();
    assert_eq!(speaks(&mut world), direct);
}

#[test]
fn get_license_is_for_those_who_received_it() {
    let mut world = World::new();
    let arn = LicenseManager::license_arn(LICENSE);
    let answer = world.call(HUB, "GetLicense", json!({ "LicenseArn": arn })).unwrap();
    assert_eq!((&answer["License"]["Status"], &answer["License"]["Version"]), (&json!("AVAILABLE"), &json!("1")));
    assert_eq!(answer["License"].get("ReceivedMetadata"), None);
    let other_form = "arn:aws:license-manager:us-east-1:1:license/l-00000000000000000000000000000001";
    world.call(HUB, "GetLicense", json!({ "LicenseArn": other_form, "Version": "1" })).unwrap();
    let version = json!({ "LicenseArn": arn, "Version": "9" });
    refused(world.call(HUB, "GetLicense", version), "ValidationException", "Version 9");
    refused(world.call(ALICE, "GetLicense", json!({ "LicenseArn": arn })), "AuthorizationException", "LicenseArn");
    let unknown = LicenseManager::license_arn("l-ffffffffffffffffffffffffffffffff");
    refused(world.call(HUB, "GetLicense", json!({ "LicenseArn": unknown })), "ValidationException", "LicenseArn");
}

#[test]
fn a_license_that_ends_takes_its_grants_along() {
    for deletes in [true, false] {
        let mut world = World::with(Knobs { ended_license_deletes_grants: deletes, ..Knobs::default() });
        let arn = world.active_organization_grant();
        let (knobs, now) = (world.knobs.clone(), world.now);
        world.rules.end_license(LICENSE, LicenseStatus::Expired, &knobs, now);
        assert_eq!(world.rules.active_accounts(LICENSE, &world.organization).len(), 0);
        let sub_grant = world.status(&world.sub_grant(&arn, ALICE).unwrap());
        let expected = if deletes { GrantStatus::Deleted } else { GrantStatus::Disabled };
        assert_eq!(sub_grant, expected);
        let rows = world.list(HUB, "ListReceivedLicenses", json!({}));
        assert_eq!(rows[0]["Status"], "EXPIRED");
        let body = new_grant(&account_arn(ALICE));
        refused(world.call(HUB, "CreateGrant", body), "ValidationException", "EXPIRED");
        world.join("000000000005", UNIT);
        assert_eq!(world.sub_grant(&arn, "000000000005"), None);
    }
}

#[test]
fn a_workflow_of_an_ended_license_fails() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    let (knobs, now) = (world.knobs.clone(), world.now);
    world.rules.end_license(LICENSE, LicenseStatus::Deleted, &knobs, now);
    world.settle();
    let grant = world.rules.grant(&arn).unwrap();
    assert_eq!(grant.status, GrantStatus::FailedWorkflow);
    assert_eq!(grant.status_reason.as_deref(), Some("License is DELETED"));
    refused(world.switch(HUB, &arn, "ACTIVE", ""), "ValidationException", "FAILED_WORKFLOW");
}

#[test]
fn a_renewal_that_keeps_the_license_raises_its_version() {
    for deletes in [true, false] {
        let mut world = World::with(Knobs { ended_license_deletes_grants: deletes, ..Knobs::default() });
        world.provision(&purchase(HUB, 1, "AmiProduct"));
        assert_eq!(world.rules.license(LICENSE).unwrap().version, 2);
        let (knobs, now) = (world.knobs.clone(), world.now);
        world.rules.end_license(LICENSE, LicenseStatus::Expired, &knobs, now);
        world.provision(&purchase(HUB, 1, "AmiProduct"));
        let license = world.rules.license(LICENSE).unwrap();
        assert_eq!((license.version, license.status), (3, LicenseStatus::Available));
        assert!(world.rules.active_accounts(LICENSE, &world.organization).contains_key(HUB));
    }
}

#[test]
fn a_new_license_of_the_product_takes_the_old_ones_place_with_the_buyer_alone() {
    let mut world = World::new();
    let arn = world.active_grant(ALICE);
    world.provision(&purchase(HUB, 2, "AmiProduct"));
    let old = &world.rules.license(LICENSE).unwrap().received_by;
    assert_eq!(world.status(old), GrantStatus::Disabled);
    assert_eq!(world.status(&arn), GrantStatus::Active);
}

#[test]
fn a_new_license_is_shown_for_a_while_before_anything_can_be_granted_of_it() {
    let mut world = World::with(Knobs { license_pending_seconds: 900, ..Knobs::default() });
    let status = |world: &mut World| world.list(HUB, "ListReceivedLicenses", json!({})).remove(0)["Status"].clone();
    world.advance(899);
    assert_eq!(status(&mut world), "PENDING_AVAILABLE");
    refused(world.call(HUB, "CreateGrant", new_grant(&account_arn(ALICE))), "ValidationException", "PENDING_AVAILABLE");
    world.advance(1);
    assert_eq!(status(&mut world), "AVAILABLE");
    world.call(HUB, "CreateGrant", new_grant(&account_arn(ALICE))).unwrap();
}

#[test]
fn a_license_that_ended_before_it_could_be_used_stays_so() {
    let mut world = World::with(Knobs { license_pending_seconds: 900, ..Knobs::default() });
    let (knobs, now) = (world.knobs.clone(), world.now);
    world.rules.end_license(LICENSE, LicenseStatus::Deleted, &knobs, now);
    world.advance(1000);
    assert_eq!(world.rules.license(LICENSE).unwrap().status, LicenseStatus::Deleted);
}

#[test]
fn a_status_that_the_model_does_not_have_is_read_wherever_the_status_is() {
    let mut world = World::new();
    let arn = world.active_grant(ALICE);
    let now = world.now;
    world.rules.grant_reads(&arn, Some("FROZEN"), now);
    world.rules.license_reads(LICENSE, Some("AUDITED"), now);
    let read = world.call(HUB, "GetGrant", json!({ "GrantArn": arn })).unwrap();
    assert_eq!(read["Grant"]["GrantStatus"], "FROZEN");
    let license = json!({ "LicenseArn": LicenseManager::license_arn(LICENSE) });
    for (operation, body) in [("ListDistributedGrants", json!({})), ("ListReceivedGrantsForOrganization", license)] {
        let rows = world.list(HUB, operation, body);
        assert!(rows.iter().any(|row| row["GrantArn"] == arn && row["GrantStatus"] == "FROZEN"), "{operation}");
    }
    let filter = |value: &str| json!({ "Filters": [{ "Name": "GrantStatus", "Values": [value] }] });
    assert_eq!(world.list(HUB, "ListDistributedGrants", filter("FROZEN")).len(), 1);
    assert_eq!(world.list(HUB, "ListDistributedGrants", filter("ACTIVE")).len(), 0);
    assert_eq!(world.list(HUB, "ListReceivedLicenses", json!({})).remove(0)["Status"], "AUDITED");
    // It goes on as what it is, and reads so again.
    world.rules.grant_reads(&arn, None, now);
    assert_eq!(world.list(HUB, "ListDistributedGrants", filter("ACTIVE")).len(), 1);
}
