use serde_json::json;

use super::*;

/// CreateGrant with one member replaced, or left out when null
#[track_caller]
fn refuse(member: &str, value: Value, code: &str) {
    let mut world = World::new();
    let mut body = new_grant(&account_arn(ALICE));
    body[member] = value;
    refused(world.call(HUB, "CreateGrant", body), code, member);
    assert_eq!(world.rules.writes(), []);
}

#[test]
fn every_required_member_is_missed_by_name() {
    for member in ["ClientToken", "GrantName", "LicenseArn", "Principals", "HomeRegion", "AllowedOperations"] {
        refuse(member, Value::Null, "ValidationException");
    }
    let mut world = World::new();
    for (operation, member) in [
        ("CreateGrantVersion", "GrantArn"),
        ("GetGrant", "GrantArn"),
        ("AcceptGrant", "GrantArn"),
        ("RejectGrant", "GrantArn"),
        ("DeleteGrant", "GrantArn"),
        ("GetLicense", "LicenseArn"),
    ] {
        refused(world.call(HUB, operation, json!({})), "ValidationException", member);
    }
    let body = json!({ "GrantArn": "arn:aws:license-manager::1:grant:g-0" });
    refused(world.call(HUB, "DeleteGrant", body), "ValidationException", "'Version'");
}

#[test]
fn values_outside_their_constraints_are_refused_by_name() {
    let code = "ValidationException";
    refuse("ClientToken", json!("with space"), code);
    refuse("ClientToken", json!(""), code);
    refuse("ClientToken", json!("x".repeat(2049)), code);
    refuse("LicenseArn", json!("l-1"), code);
    refuse("LicenseArn", json!("arn:azure:license-manager::1:license:l-1"), code);
    refuse("LicenseArn", json!("arn:aws:license-manager::1:license l-1"), code);
    refuse("LicenseArn", json!("arn:aws:license-manager:us east:1:license:l-1"), code);
    refuse("LicenseArn", json!(format!("arn:aws:license-manager::1:license:{}", "x".repeat(1024))), code);
    refuse("Principals", json!([]), code);
    refuse("Principals", json!([account_arn(ALICE), account_arn(BOB)]), code);
    refuse("Principals", json!([ALICE]), code);
    refuse("AllowedOperations", json!([]), code);
    refuse("AllowedOperations", json!(vec!["CheckoutLicense"; 9]), code);
    refuse("AllowedOperations", json!(["ExtendLicenseConsumption"]), code);
    refuse("GrantType", json!("Buyer"), code);
}

#[test]
fn values_of_the_wrong_type_do_not_parse() {
    let code = "SerializationException";
    refuse("GrantName", json!(7), code);
    refuse("Principals", json!("one"), code);
    refuse("AllowedOperations", json!([1]), code);
    refuse("Options", json!("ACTIVE"), code);
    refuse("Tags", json!({}), code);
}

#[test]
fn other_operations_check_theirs() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    let code = "ValidationException";
    for count in [0, 101, -1] {
        let body = json!({ "MaxResults": count });
        refused(world.call(HUB, "ListReceivedLicenses", body), code, "MaxResults");
    }
    let body = json!({ "MaxResults": "5" });
    refused(world.call(HUB, "ListReceivedLicenses", body), "SerializationException", "MaxResults");
    let body = json!({ "GrantArn": arn, "Version": "1", "StatusReason": "x".repeat(401) });
    refused(world.call(HUB, "DeleteGrant", body), code, "StatusReason");
    let body = json!({ "GrantArn": arn, "Status": "ON" });
    refused(world.call(HUB, "CreateGrantVersion", body), code, "Status");
    let body = json!({ "GrantArn": arn, "Status": "ACTIVE", "Options": { "ActivationOverrideBehavior": "ALL" } });
    refused(world.call(HUB, "CreateGrantVersion", body), code, "ActivationOverrideBehavior");
    let body = json!({ "Filters": [{ "Values": ["x"] }] });
    refused(world.call(HUB, "ListReceivedGrants", body), code, "Filters.Name");
    let body = json!({ "GrantArns": ["g-1"] });
    refused(world.call(HUB, "ListDistributedGrants", body), code, "GrantArns");
    refused(world.call(HUB, "ListReceivedGrants", json!([])), "SerializationException", "request");
}

#[test]
fn unknown_members_are_ignored_and_unknown_operations_are_not() {
    let mut world = World::new();
    let mut body = new_grant(&account_arn(ALICE));
    body["Colour"] = json!("blue");
    body["Tags"] = json!([{ "Key": "team", "Value": "one" }]);
    world.call(HUB, "CreateGrant", body).unwrap();
    world.call(HUB, "GetServiceSettings", Value::Null).unwrap();
    refused(world.call(HUB, "PaintGrant", json!({})), "UnknownOperationException", "PaintGrant");
}

#[test]
fn a_write_is_recorded_with_who_did_it_and_how() {
    let mut world = World::new();
    world.by_hand(HUB, "CreateGrant", new_grant(&account_arn(ALICE))).unwrap();
    let arn = world.rules.writes()[0].grant_arn.clone();
    world.settle();
    world.switch(HUB, &arn, "ACTIVE", "DISTRIBUTED_GRANTS_ONLY").unwrap();
    world.switch(BOB, &arn, "ACTIVE", "").unwrap_err();
    let [made, activated] = world.rules.writes() else { panic!("{:?}", world.rules.writes()) };
    assert!(made.person && !activated.person);
    assert_eq!((made.was, activated.was), (None, Some(GrantStatus::Disabled)));
    assert_eq!(activated.status, Some(GrantStatus::Active));
    assert_eq!(activated.override_behavior, Some(crate::license_manager::Override::DistributedGrantsOnly));
    assert_eq!((activated.caller.as_str(), activated.license.as_str()), (HUB, LICENSE));
}
