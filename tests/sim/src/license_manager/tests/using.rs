use serde_json::json;

use super::*;
use crate::license_manager::LicenseStatus;
use crate::license_manager::license::KEY_FINGERPRINT;

fn checkout() -> Value {
    json!({
        "ProductSKU": "prod-example",
        "CheckoutType": "PROVISIONAL",
        "KeyFingerprint": KEY_FINGERPRINT,
        "Entitlements": [{ "Name": "AWS::Marketplace::Usage", "Unit": "None" }],
        "ClientToken": "once",
    })
}

#[test]
fn software_runs_only_where_a_grant_is_active() {
    let mut world = World::new();
    refused(world.call(ALICE, "CheckoutLicense", checkout()), "ResourceNotFoundException", "does not exist");
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    refused(world.call(ALICE, "CheckoutLicense", checkout()), "NoEntitlementsAllowedException", "active");
    world.switch(HUB, &arn, "ACTIVE", "").unwrap();
    world.settle();
    let answer = world.call(ALICE, "CheckoutLicense", checkout()).unwrap();
    assert_eq!(answer["EntitlementsAllowed"][0]["Name"], "AWS::Marketplace::Usage");
    assert_eq!(answer["LicenseArn"], LicenseManager::license_arn(LICENSE));
    let (knobs, now) = (world.knobs.clone(), world.now);
    world.rules.end_license(LICENSE, LicenseStatus::Expired, &knobs, now);
    refused(world.call(ALICE, "CheckoutLicense", checkout()), "NoEntitlementsAllowedException", "active");
}

#[test]
fn a_checkout_names_a_known_entitlement_and_the_issuers_key() {
    let mut world = World::new();
    let mut other = checkout();
    other["Entitlements"] = json!([{ "Name": "Users", "Unit": "Count", "Value": "5" }]);
    refused(world.call(HUB, "CheckoutLicense", other), "NoEntitlementsAllowedException", "entitlements");
    let mut other = checkout();
    other["KeyFingerprint"] = json!("somebody else's");
    refused(world.call(HUB, "CheckoutLicense", other), "ResourceNotFoundException", "does not exist");
    let mut other = checkout();
    other["CheckoutType"] = json!("FOREVER");
    refused(world.call(HUB, "CheckoutLicense", other), "ValidationException", "CheckoutType");
}

#[test]
fn a_unit_of_an_entitlement_is_one_of_the_models_words() {
    let mut world = World::new();
    let mut other = checkout();
    other["Entitlements"][0]["Unit"] = json!("Dozens");
    refused(world.call(HUB, "CheckoutLicense", other), "ValidationException", "Unit");
    let mut other = checkout();
    other["Entitlements"][0]["Unit"] = json!("Count/Second");
    world.call(HUB, "CheckoutLicense", other).unwrap();
}

#[test]
fn a_checkout_names_its_node_when_it_has_one() {
    let mut world = World::new();
    let mut on_a_node = checkout();
    on_a_node["NodeId"] = json!("node-1");
    assert_eq!(world.call(HUB, "CheckoutLicense", on_a_node).unwrap()["NodeId"], "node-1");
    let answer = world.call(HUB, "CheckoutLicense", checkout()).unwrap();
    assert!(answer.get("NodeId").is_none(), "{answer}");
}

#[test]
fn what_is_checked_out_is_checked_in_once_by_its_holder() {
    let mut world = World::new();
    let answer = world.call(HUB, "CheckoutLicense", checkout()).unwrap();
    let token = json!({ "LicenseConsumptionToken": answer["LicenseConsumptionToken"] });
    refused(world.call(ALICE, "CheckInLicense", token.clone()), "ResourceNotFoundException", "Token");
    world.call(HUB, "CheckInLicense", token.clone()).unwrap();
    refused(world.call(HUB, "CheckInLicense", token), "ResourceNotFoundException", "Token");
}

#[test]
fn a_buyer_has_issued_no_licenses() {
    let mut world = World::new();
    assert_eq!(world.list(HUB, "ListLicenses", json!({})), Vec::<Value>::new());
    let unknown = json!({ "Filters": [{ "Name": "IssuerName", "Values": ["x"] }] });
    refused(world.call(HUB, "ListLicenses", unknown), "InvalidParameterValueException", "IssuerName");
}

#[test]
fn tags_are_kept_from_the_beginning_and_changed_by_the_grantor_alone() {
    let mut world = World::new();
    let mut body = new_grant(&account_arn(ALICE));
    body["Tags"] = json!([{ "Key": "team", "Value": "data" }, { "Key": "cost", "Value": "1" }]);
    let arn = arn_of(&world.call(HUB, "CreateGrant", body).unwrap());
    let tag = json!({ "ResourceArn": arn, "Tags": [{ "Key": "team", "Value": "search" }] });
    refused(world.call(ALICE, "TagResource", tag.clone()), "AccessDeniedException", "grantor");
    world.call(HUB, "TagResource", tag).unwrap();
    world.call(HUB, "UntagResource", json!({ "ResourceArn": arn, "TagKeys": ["cost", "none"] })).unwrap();
    let tags = world.call(HUB, "ListTagsForResource", json!({ "ResourceArn": arn })).unwrap();
    assert_eq!(tags["Tags"], json!([{ "Key": "team", "Value": "search" }]));
    for (operation, member) in [("TagResource", "'Tags'"), ("UntagResource", "'TagKeys'")] {
        refused(world.call(HUB, operation, json!({ "ResourceArn": arn })), "ValidationException", member);
    }
    let many: Vec<Value> = (0..50).map(|number| json!({ "Key": format!("k{number}") })).collect();
    let many = json!({ "ResourceArn": arn, "Tags": many });
    refused(world.call(HUB, "TagResource", many), "ValidationException", "50");
}

#[test]
fn a_license_is_tagged_by_its_buyer() {
    let mut world = World::new();
    let arn = LicenseManager::license_arn(LICENSE);
    let tag = json!({ "ResourceArn": arn, "Tags": [{ "Key": "team", "Value": "data" }] });
    refused(world.call(ALICE, "TagResource", tag.clone()), "AccessDeniedException", "received");
    world.call(HUB, "TagResource", tag).unwrap();
    let tags = world.call(HUB, "ListTagsForResource", json!({ "ResourceArn": arn })).unwrap();
    assert_eq!(tags["Tags"][0]["Value"], "data");
    let nothing = json!({ "ResourceArn": "arn:aws:license-manager::1:grant:g-none" });
    refused(world.call(HUB, "ListTagsForResource", nothing), "ValidationException", "does not exist");
}

#[test]
fn unlinking_stops_auto_acceptance_organization_grants_and_joiners() {
    let mut world = World::new();
    let arn = world.active_organization_grant();
    let link = |on: bool| json!({ "OrganizationConfiguration": { "EnableIntegration": on } });
    world.call(HUB, "UpdateServiceSettings", link(false)).unwrap();
    world.join("000000000005", "r-test");
    assert_eq!(world.sub_grant(&arn, "000000000005"), None);
    let unit = new_grant(&world.organization.unit_arn(UNIT));
    refused(world.call(HUB, "CreateGrant", unit), "ValidationException", "not linked");
    assert_eq!(world.active(), [ALICE, BOB, CAROL]);
    world.call(HUB, "UpdateServiceSettings", link(true)).unwrap();
    world.tick();
    assert!(world.sub_grant(&arn, "000000000005").is_some());
}

#[test]
fn settings_are_kept_and_discovery_cannot_be_undone() {
    let mut world = World::new();
    let before = world.call(HUB, "GetServiceSettings", json!({})).unwrap();
    assert_eq!((&before["EnableCrossAccountsDiscovery"], before.get("SnsTopicArn")), (&json!(false), None));
    let body = json!({ "EnableCrossAccountsDiscovery": true, "SnsTopicArn": "arn:aws:sns:us-east-1:1:topic" });
    world.call(HUB, "UpdateServiceSettings", body).unwrap();
    let after = world.call(HUB, "GetServiceSettings", json!({})).unwrap();
    assert_eq!(
        (&after["EnableCrossAccountsDiscovery"], &after["SnsTopicArn"]),
        (&json!(true), &json!("arn:aws:sns:us-east-1:1:topic"))
    );
    let off = json!({ "EnableCrossAccountsDiscovery": false });
    refused(world.call(HUB, "UpdateServiceSettings", off), "ValidationException", "turned off");
    let nothing = json!({ "OrganizationConfiguration": {} });
    refused(world.call(HUB, "UpdateServiceSettings", nothing), "ValidationException", "EnableIntegration");
}

#[test]
fn taking_trusted_access_away_leaves_the_setting_and_stops_the_service() {
    let mut world = World::new();
    let arn = world.active_organization_grant();
    world.organization.trusted_services.retain(|service| service != "license-manager.amazonaws.com");
    let settings = world.call(HUB, "GetServiceSettings", json!({})).unwrap();
    assert_eq!(settings["OrganizationConfiguration"]["EnableIntegration"], true);
    world.join("000000000005", "r-test");
    assert_eq!(world.sub_grant(&arn, "000000000005"), None);
    world.organization.trusted_services.push("license-manager.amazonaws.com".to_owned());
    world.tick();
    assert!(world.sub_grant(&arn, "000000000005").is_some());
}

#[test]
fn without_marketplaces_access_nothing_is_activated_not_even_for_joiners() {
    let mut world = World::new();
    let arn = world.active_organization_grant();
    let direct = world.grant(&account_arn(ALICE));
    world.settle();
    world.organization.trusted_services.retain(|service| service == "license-manager.amazonaws.com");
    refused(world.switch(HUB, &direct, "ACTIVE", ""), "ValidationException", "trusted access for AWS Marketplace");
    world.join("000000000005", "r-test");
    world.settle();
    assert_eq!(world.status(&world.sub_grant(&arn, "000000000005").unwrap()), GrantStatus::Disabled);
}

#[test]
fn an_account_delegated_to_another_service_only_administers_nothing_here() {
    let mut world = World::new();
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    world.organization.delegated_administrators.push(ALICE.to_owned());
    world.organization.delegations.insert((ALICE.to_owned(), "sso.amazonaws.com".to_owned()), world.now);
    let list = json!({});
    refused(
        world.call(ALICE, "ListReceivedLicensesForOrganization", list.clone()),
        "AccessDeniedException",
        "delegated",
    );
    let service = "license-manager.amazonaws.com".to_owned();
    world.organization.delegations.insert((ALICE.to_owned(), service), world.now);
    world.call(ALICE, "ListReceivedLicensesForOrganization", list).unwrap();
}

#[test]
fn a_unit_made_later_is_covered_by_the_unit_above_it() {
    let mut world = World::new();
    let unit = world.organization.unit_arn(UNIT);
    let arn = world.grant(&unit);
    world.settle();
    world.switch(HUB, &arn, "ACTIVE", "").unwrap();
    world.settle();
    let id = "ou-test-cccccccc".to_owned();
    let below = crate::organizations::Unit { id: id.clone(), name: id.clone(), parent: NESTED.to_owned() };
    world.organization.units.insert(id.clone(), below);
    world.join("000000000005", &id);
    world.settle();
    assert_eq!(world.active(), [ALICE, BOB, "000000000005"]);
}
