use std::collections::BTreeSet;

use serde_json::json;

use super::*;

fn arns(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().map(|row| row["GrantArn"].as_str().unwrap().to_owned()).collect()
}

fn filter(name: &str, value: &str) -> Value {
    json!({ "Filters": [{ "Name": name, "Values": [value] }] })
}

#[test]
fn pages_are_small_complete_and_in_no_promised_order() {
    let mut world = World::with(Knobs { page_size: 7, empty_pages: true, ..Knobs::default() });
    let mut made = Vec::new();
    for number in 0..40 {
        let id = format!("1{number:011}");
        world.join(&id, "r-test");
        made.push(world.grant(&account_arn(&id)));
    }
    let first = world.list(HUB, "ListDistributedGrants", json!({}));
    assert_eq!(first.len(), 40);
    assert_eq!(arns(&first), made.into_iter().collect());
    let second = world.list(HUB, "ListDistributedGrants", json!({}));
    assert_ne!(first, second);
    let mut empty = 0;
    let mut body = json!({ "MaxResults": 5 });
    loop {
        let page = world.call(HUB, "ListDistributedGrants", body.clone()).unwrap();
        let rows = page["Grants"].as_array().unwrap().len();
        assert!(rows <= 5);
        let Some(token) = page.get("NextToken") else { break };
        empty += usize::from(rows == 0);
        body["NextToken"] = token.clone();
    }
    assert!(empty > 0);
}

#[test]
fn a_page_that_is_just_full_is_the_last() {
    let mut world = World::with(Knobs { page_size: 2, ..Knobs::default() });
    world.grant(&account_arn(ALICE));
    world.grant(&account_arn(BOB));
    let page = world.call(HUB, "ListDistributedGrants", json!({})).unwrap();
    assert_eq!(page["Grants"].as_array().unwrap().len(), 2);
    assert_eq!(page.get("NextToken"), None);
}

#[test]
fn a_token_belongs_to_its_request() {
    let mut world = World::with(Knobs { page_size: 1, ..Knobs::default() });
    world.grant(&account_arn(ALICE));
    world.grant(&account_arn(BOB));
    let page = world.call(HUB, "ListDistributedGrants", json!({})).unwrap();
    let mut other = filter("GrantStatus", "PENDING_WORKFLOW");
    other["NextToken"] = page["NextToken"].clone();
    refused(world.call(HUB, "ListDistributedGrants", other), "ValidationException", "NextToken");
    let garbage = json!({ "NextToken": "2" });
    refused(world.call(HUB, "ListDistributedGrants", garbage), "ValidationException", "NextToken");
}

#[test]
fn distributed_grants_are_filtered() {
    let mut world = World::new();
    let alice = world.active_grant(ALICE);
    let bob = world.grant(&account_arn(BOB));
    let mut found = |name: &str, value: &str| arns(&world.list(HUB, "ListDistributedGrants", filter(name, value)));
    let both = BTreeSet::from([alice.clone(), bob.clone()]);
    assert_eq!(found("LicenseArn", &format!("arn:aws:license-manager::1:license/{LICENSE}")), both);
    assert_eq!(found("GrantStatus", "ACTIVE"), BTreeSet::from([alice.clone()]));
    assert_eq!(found("GranteePrincipalARN", &account_arn(BOB)), BTreeSet::from([bob]));
    assert_eq!(found("ProductSKU", "prod-example"), both);
    assert_eq!(found("ProductSKU", "PROD-EXAMPLE"), BTreeSet::new());
    assert_eq!(found("LicenseIssuerName", "AWS/Marketplace"), both);
    let rows = world.list(HUB, "ListDistributedGrants", json!({ "GrantArns": [alice] }));
    assert_eq!(rows[0]["GranteePrincipalArn"], account_arn(ALICE));
    assert_eq!(rows.len(), 1);
}

#[test]
fn each_list_spells_its_filters_its_own_way() {
    let mut world = World::new();
    let code = "InvalidParameterValueException";
    for (operation, name) in [
        ("ListDistributedGrants", "GranteePrincipalArn"),
        ("ListReceivedGrants", "GranteePrincipalARN"),
        ("ListReceivedLicenses", "LicenseIssuerName"),
        ("ListReceivedLicensesForOrganization", "Status"),
    ] {
        refused(world.call(HUB, operation, filter(name, "x")), code, name);
    }
    let two = json!({ "Filters": [{ "Name": "ProductSKU", "Values": ["a", "b"] }] });
    refused(world.call(HUB, "ListReceivedGrants", two), code, "exactly one value");
    let mut body = filter("GranteePrincipalARN", "x");
    body["LicenseArn"] = json!(LicenseManager::license_arn(LICENSE));
    refused(world.call(HUB, "ListReceivedGrantsForOrganization", body), code, "GranteePrincipalARN");
}

#[test]
fn a_member_sees_what_is_granted_to_it_its_unit_or_its_organization() {
    let mut world = World::new();
    let everyone = world.active_organization_grant();
    let unit = world.organization.unit_arn(UNIT);
    let unit = world.grant(&unit);
    let direct = world.grant(&account_arn(ALICE));
    let sub_grant = world.sub_grant(&everyone, ALICE).unwrap();
    let alice = arns(&world.list(ALICE, "ListReceivedGrants", json!({})));
    assert_eq!(alice, BTreeSet::from([everyone.clone(), unit, direct, sub_grant]));
    let carol = arns(&world.list(CAROL, "ListReceivedGrants", filter("GranterAccountId", HUB)));
    assert_eq!(carol, BTreeSet::from([everyone.clone(), world.sub_grant(&everyone, CAROL).unwrap()]));
    let hub = world.list(HUB, "ListReceivedGrants", json!({}));
    assert_eq!(arns(&hub), BTreeSet::from([world.rules.license(LICENSE).unwrap().received_by.clone()]));
}

#[test]
fn sub_grants_are_found_by_parent_in_the_organization_wide_list_alone() {
    let mut world = World::new();
    let everyone = world.active_organization_grant();
    let direct = world.grant(&account_arn(ALICE));
    let license = LicenseManager::license_arn(LICENSE);
    let mut body = filter("ParentArn", &everyone);
    body["LicenseArn"] = json!(license);
    let rows = world.list(HUB, "ListReceivedGrantsForOrganization", body);
    let accounts: BTreeSet<_> = rows.iter().map(|row| row["GranteePrincipalArn"].as_str().unwrap()).collect();
    assert_eq!(accounts, [ALICE, BOB, CAROL].map(account_arn).iter().map(String::as_str).collect());
    let mut body = filter("GranteePrincipalArn", &account_arn(ALICE));
    body["LicenseArn"] = json!(license);
    let rows = arns(&world.list(HUB, "ListReceivedGrantsForOrganization", body));
    assert_eq!(rows, BTreeSet::from([direct, world.sub_grant(&everyone, ALICE).unwrap()]));
    let distributed = world.list(HUB, "ListDistributedGrants", json!({}));
    assert_eq!(distributed.len(), 2);
}

#[test]
fn the_organization_wide_lists_are_for_administrators_with_trusted_access() {
    let mut world = World::new();
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    world.active_grant(BOB);
    let body = json!({ "LicenseArn": LicenseManager::license_arn(LICENSE) });
    for (operation, body) in
        [("ListReceivedGrantsForOrganization", body), ("ListReceivedLicensesForOrganization", json!({}))]
    {
        refused(world.call(ALICE, operation, body.clone()), "AccessDeniedException", "delegated administrator");
        world.call(HUB, operation, body.clone()).unwrap();
        world.organization.trusted_services.clear();
        refused(world.call(HUB, operation, body), "AccessDeniedException", "not linked");
        world.organization.trusted_services.push("license-manager.amazonaws.com".to_owned());
    }
    let link = |on: bool| json!({ "OrganizationConfiguration": { "EnableIntegration": on } });
    world.call(HUB, "UpdateServiceSettings", link(false)).unwrap();
    let unlinked = world.call(HUB, "ListReceivedLicensesForOrganization", json!({}));
    refused(unlinked, "AccessDeniedException", "not linked");
    world.call(HUB, "UpdateServiceSettings", link(true)).unwrap();
    let missing = world.call(HUB, "ListReceivedGrantsForOrganization", json!({}));
    refused(missing, "ValidationException", "LicenseArn");
    let rows = world.list(HUB, "ListReceivedLicensesForOrganization", filter("ProductSKU", "prod-example"));
    let pairs: BTreeSet<_> = rows
        .iter()
        .map(|row| (row["Beneficiary"].as_str().unwrap(), row["LicenseArn"].as_str().unwrap().ends_with("02")))
        .collect();
    assert_eq!(pairs, BTreeSet::from([(HUB, false), (ALICE, true), (BOB, false)]));
    let rows = world.list(HUB, "ListReceivedLicensesForOrganization", filter("Beneficiary", BOB));
    assert_eq!(rows.len(), 1);
}

#[test]
fn received_licenses_are_filtered() {
    let mut world = World::new();
    let mut other = purchase(HUB, 2, "AmiProduct");
    other.sku = "prod-other".to_owned();
    world.provision(&other);
    let mut count = |body: Value| world.list(HUB, "ListReceivedLicenses", body).len();
    assert_eq!(count(filter("ProductSKU", "prod-other")), 1);
    assert_eq!(count(filter("Status", "AVAILABLE")), 2);
    assert_eq!(count(filter("Status", "EXPIRED")), 0);
    assert_eq!(count(filter("IssuerName", "AWS/Marketplace")), 2);
    assert_eq!(count(filter("Fingerprint", "aws:294406891311:AWS/Marketplace:issuer-fingerprint")), 2);
    assert_eq!(count(filter("Beneficiary", HUB)), 2);
    assert_eq!(count(json!({ "LicenseArns": [LicenseManager::license_arn(LICENSE)] })), 1);
}

#[test]
fn a_foreign_grant_is_not_shown() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    world.call(ALICE, "GetGrant", json!({ "GrantArn": arn })).unwrap();
    refused(world.call(BOB, "GetGrant", json!({ "GrantArn": arn })), "AuthorizationException", "GrantArn");
    let version = json!({ "GrantArn": arn, "Version": "4" });
    refused(world.call(HUB, "GetGrant", version), "ValidationException", "Version 4");
}
