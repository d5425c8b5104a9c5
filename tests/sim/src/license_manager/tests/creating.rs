use serde_json::json;

use super::*;

#[test]
fn a_purchase_gives_the_buyer_an_active_grant() {
    let world = World::new();
    let license = world.rules.license(LICENSE).unwrap();
    let grant = world.rules.grant(&license.received_by).unwrap();
    assert_eq!((grant.status, grant.version), (GrantStatus::Active, 1));
    assert!(grant.is_own_subscription());
    assert_eq!(grant.parent_arn, LicenseManager::license_arn(LICENSE));
    assert_eq!(world.rules.active_accounts(LICENSE, &world.organization)[HUB], grant.arn);
}

#[test]
fn an_organization_grant_waits_disabled_and_without_sub_grants() {
    let mut world = World::new();
    let organization = world.organization.arn();
    let arn = world.grant(&organization);
    assert_eq!((world.status(&arn), world.version(&arn)), (GrantStatus::PendingWorkflow, 1));
    world.advance(59);
    assert_eq!(world.status(&arn), GrantStatus::PendingWorkflow);
    world.advance(1);
    assert_eq!(world.status(&arn), GrantStatus::Disabled);
    assert_eq!(world.sub_grant(&arn, ALICE), None);
}

#[test]
fn by_the_knobs_it_completes_before_activation_and_has_sub_grants() {
    let mut world = World::with(Knobs {
        organization_grant_completes_before_activation: true,
        sub_grants_before_activation: true,
        ..Knobs::default()
    });
    let organization = world.organization.arn();
    let arn = world.grant(&organization);
    world.settle();
    assert_eq!(world.status(&arn), GrantStatus::WorkflowCompleted);
    let sub_grant = world.sub_grant(&arn, ALICE).unwrap();
    assert_eq!(world.status(&sub_grant), GrantStatus::Disabled);
    assert_eq!(world.active(), Vec::<String>::new());
}

#[test]
fn an_account_grant_of_the_management_account_is_accepted_for_the_grantee() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    assert_eq!(world.status(&arn), GrantStatus::PendingWorkflow);
    world.settle();
    assert_eq!(world.status(&arn), GrantStatus::Disabled);
}

#[test]
fn without_auto_accept_it_waits_for_the_grantee() {
    let mut world = World::with(Knobs { auto_accept_account_grants: false, ..Knobs::default() });
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    assert_eq!((world.status(&arn), world.version(&arn)), (GrantStatus::PendingAccept, 1));
}

#[test]
fn a_grant_by_an_ordinary_member_waits_for_the_grantee() {
    let mut world = World::new();
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    let mut body = new_grant(&account_arn(BOB));
    body["LicenseArn"] = json!(LicenseManager::license_arn("l-00000000000000000000000000000002"));
    let answer = world.call(ALICE, "CreateGrant", body).unwrap();
    assert_eq!(answer["Status"], "PENDING_ACCEPT");
}

#[test]
fn accounts_that_are_not_linked_accept_for_themselves() {
    let mut world = World::new();
    let off = json!({ "OrganizationConfiguration": { "EnableIntegration": false } });
    world.call(HUB, "UpdateServiceSettings", off).unwrap();
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    assert_eq!(world.status(&arn), GrantStatus::PendingAccept);
    let settings = world.call(HUB, "GetServiceSettings", json!({})).unwrap();
    assert_eq!(settings["OrganizationConfiguration"]["EnableIntegration"], false);
    refused(world.call(ALICE, "UpdateServiceSettings", json!({})), "AccessDeniedException", "management account");
}

#[test]
fn desired_status_creates_and_activates_in_one_call() {
    let mut world = World::new();
    let mut body = new_grant(&world.organization.arn());
    body["Options"] = json!({ "DesiredStatus": "ACTIVE", "ActivationOverrideBehavior": "DISTRIBUTED_GRANTS_ONLY" });
    let arn = arn_of(&world.call(HUB, "CreateGrant", body).unwrap());
    world.settle();
    assert_eq!(world.status(&arn), GrantStatus::WorkflowCompleted);
    assert_eq!(world.active(), [ALICE, BOB, CAROL]);
}

#[test]
fn desired_status_and_override_are_refused_where_they_do_not_belong() {
    let mut world = World::new();
    let with = |principal: &str, options: Value| {
        let mut body = new_grant(principal);
        body["Options"] = options;
        body
    };
    let organization = world.organization.arn();
    let code = "ValidationException";
    let body = with(&account_arn(ALICE), json!({ "DesiredStatus": "ACTIVE" }));
    refused(world.call(HUB, "CreateGrant", body), code, "Options.DesiredStatus is allowed only for organizations");
    let body = with(&organization, json!({ "DesiredStatus": "DISABLED" }));
    refused(world.call(HUB, "CreateGrant", body), code, "Options.DesiredStatus DISABLED is not ACTIVE");
    let body = with(&organization, json!({ "ActivationOverrideBehavior": "DISTRIBUTED_GRANTS_ONLY" }));
    refused(world.call(HUB, "CreateGrant", body), code, "Options.ActivationOverrideBehavior");
    world.knobs.desired_status_supported = false;
    let body = with(&organization, json!({ "DesiredStatus": "ACTIVE" }));
    refused(world.call(HUB, "CreateGrant", body), code, "Options.DesiredStatus is not supported");
}

#[test]
fn only_a_holder_with_create_grant_may_grant() {
    let mut world = World::new();
    let body = new_grant(&account_arn(BOB));
    refused(world.call(ALICE, "CreateGrant", body.clone()), "AccessDeniedException", "CreateGrant");
    world.active_grant(ALICE);
    refused(world.call(ALICE, "CreateGrant", body.clone()), "AccessDeniedException", "CreateGrant");
    world.provision(&purchase(HUB, 2, "SaaSProduct"));
    let mut saas = body.clone();
    saas["LicenseArn"] = json!(LicenseManager::license_arn("l-00000000000000000000000000000002"));
    refused(world.call(HUB, "CreateGrant", saas), "ValidationException", "does not allow CreateGrant");
    let mut unknown = body;
    unknown["LicenseArn"] = json!(LicenseManager::license_arn("l-ffffffffffffffffffffffffffffffff"));
    refused(world.call(HUB, "CreateGrant", unknown), "ValidationException", "LicenseArn");
}

#[test]
fn operations_and_region_must_fit_what_was_received() {
    let mut world = World::new();
    let mut body = new_grant(&account_arn(ALICE));
    body["AllowedOperations"] = json!(["CheckoutLicense", "CreateGrant"]);
    refused(world.call(HUB, "CreateGrant", body.clone()), "ValidationException", "AllowedOperations: CreateGrant");
    body["AllowedOperations"] = json!(["CheckoutBorrowLicense"]);
    refused(world.call(HUB, "CreateGrant", body.clone()), "ValidationException", "CheckoutBorrowLicense");
    let mut body = new_grant(&account_arn(ALICE));
    body["HomeRegion"] = json!("eu-west-1");
    let text = "Grant can only be created in resource home AWS region: us-east-1";
    refused(world.call(HUB, "CreateGrant", body), "ValidationException", text);
}

#[test]
fn a_delegate_grant_is_for_sellers() {
    let mut world = World::new();
    let mut body = new_grant(&account_arn(ALICE));
    body["GrantType"] = json!("DelegateGrant");
    refused(world.call(HUB, "CreateGrant", body), "ValidationException", "DelegateGrant");
}

#[test]
fn a_principal_must_be_of_the_organization_and_a_unit_at_the_top() {
    let mut world = World::new();
    let mut refuse = |principal: &str, text: &str| {
        refused(world.call(HUB, "CreateGrant", new_grant(principal)), "ValidationException", text);
    };
    refuse(&account_arn("000000000099"), "not in the grantor's organization");
    refuse(&account_arn(HUB), "already holds");
    refuse(&format!("arn:aws:organizations::{HUB}:ou/o-abcdefghij/{NESTED}"), "nested");
    refuse(&format!("arn:aws:organizations::{HUB}:ou/o-abcdefghij/ou-test-zzzzzzzz"), "does not exist");
    refuse(&format!("arn:aws:organizations::{ALICE}:organization/o-abcdefghij"), "Principals");
    refuse(&format!("arn:aws:organizations::{HUB}:organization/o-zzzzzzzzzz"), "Principals");
    let arn = world.grant(&world.organization.unit_arn(UNIT));
    world.settle();
    assert_eq!(world.status(&arn), GrantStatus::Disabled);
}

#[test]
fn an_organization_grant_needs_trusted_access() {
    let mut world = World::new();
    let organization = world.organization.arn();
    world.organization.trusted_services.retain(|service| service != "license-manager.amazonaws.com");
    let text = "Grantor has disabled Trusted Access to AWS License Manager Service in AWS Organizations";
    refused(world.call(HUB, "CreateGrant", new_grant(&organization)), "ValidationException", text);
    let arn = world.grant(&account_arn(ALICE));
    assert_eq!(world.status(&arn), GrantStatus::PendingAccept);
}

#[test]
fn only_administrators_grant_to_the_organization() {
    let mut world = World::new();
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    let mut body = new_grant(&world.organization.arn());
    body["LicenseArn"] = json!(LicenseManager::license_arn("l-00000000000000000000000000000002"));
    refused(world.call(ALICE, "CreateGrant", body.clone()), "AccessDeniedException", "delegated administrator");
    world.organization.delegated_administrators.push(ALICE.to_owned());
    world.call(ALICE, "CreateGrant", body.clone()).unwrap();
    body["Principals"] = json!([account_arn(HUB)]);
    refused(world.call(ALICE, "CreateGrant", body.clone()), "ValidationException", "management account");
    world.knobs.management_account_grantable = true;
    world.call(ALICE, "CreateGrant", body).unwrap();
}

#[test]
fn a_second_live_grant_for_the_same_principal_is_refused() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    let error = world.call(HUB, "CreateGrant", new_grant(&account_arn(ALICE))).unwrap_err();
    assert!(matches!(error.code.as_str(), "ConflictException" | "ValidationException"));
    assert!(error.message.contains("already has a grant"));
    world.settle();
    world.call(HUB, "DeleteGrant", json!({ "GrantArn": arn, "Version": "1" })).unwrap();
    world.call(HUB, "CreateGrant", new_grant(&account_arn(ALICE))).unwrap_err();
    world.settle();
    assert_eq!(world.status(&arn), GrantStatus::Deleted);
    world.grant(&account_arn(ALICE));
}

#[test]
fn by_the_knob_duplicates_are_let_in() {
    let mut world = World::with(Knobs { duplicate_grants_refused: false, ..Knobs::default() });
    let first = world.grant(&account_arn(ALICE));
    assert_ne!(first, world.grant(&account_arn(ALICE)));
}

#[test]
fn a_client_token_makes_one_grant() {
    let mut world = World::new();
    let mut body = new_grant(&account_arn(ALICE));
    body["ClientToken"] = json!("same");
    let first = world.call(HUB, "CreateGrant", body.clone()).unwrap();
    world.settle();
    assert_eq!(world.call(HUB, "CreateGrant", body.clone()).unwrap(), first);
    assert_eq!(world.rules.writes().len(), 1);
    body["GrantName"] = json!("other");
    refused(world.call(HUB, "CreateGrant", body.clone()), "ValidationException", "ClientToken");
    body["Principals"] = json!([account_arn(BOB)]);
    body["ClientToken"] = json!("another");
    assert_ne!(arn_of(&world.call(HUB, "CreateGrant", body).unwrap()), arn_of(&first));
}

#[test]
fn two_thousand_grants_are_the_limit() {
    let mut world = World::new();
    for number in 0..2_000 {
        let id = format!("1{number:011}");
        world.join(&id, "r-test");
        world.grant(&account_arn(&id));
    }
    let body = new_grant(&account_arn(ALICE));
    refused(world.call(HUB, "CreateGrant", body), "ResourceLimitExceededException", "2000");
}

#[test]
fn by_the_knob_sub_grants_count_too() {
    let mut world = World::with(Knobs { sub_grants_count_against_quota: true, ..Knobs::default() });
    for number in 0..2_000 {
        world.join(&format!("1{number:011}"), "r-test");
    }
    world.active_organization_grant();
    let body = new_grant(&account_arn(ALICE));
    refused(world.call(HUB, "CreateGrant", body.clone()), "ResourceLimitExceededException", "2000");
    world.knobs.sub_grants_count_against_quota = false;
    world.call(HUB, "CreateGrant", body).unwrap();
}

#[test]
fn distribution_to_an_account_that_is_not_active_fails() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    world.organization.accounts.get_mut(ALICE).unwrap().state = "SUSPENDED".to_owned();
    world.settle();
    let grant = world.rules.grant(&arn).unwrap();
    assert_eq!(grant.status, GrantStatus::FailedWorkflow);
    assert!(grant.status_reason.as_ref().unwrap().contains(ALICE));
}

#[test]
fn a_workflow_can_be_slow_or_fail() {
    let mut world = World::new();
    world.slow = true;
    let arn = world.grant(&account_arn(ALICE));
    world.advance(19 * 60);
    assert_eq!(world.status(&arn), GrantStatus::PendingWorkflow);
    assert!(world.rules.fail_workflow(&arn, "no luck"));
    world.advance(60);
    assert_eq!(world.status(&arn), GrantStatus::FailedWorkflow);
    assert_eq!(world.rules.grant(&arn).unwrap().status_reason.as_deref(), Some("no luck"));
    assert!(!world.rules.fail_workflow(&arn, "again"));
}

#[test]
fn with_no_latency_a_workflow_ends_at_the_next_tick() {
    let mut world = World::with(Knobs { workflow_seconds: 0, ..Knobs::default() });
    let arn = world.grant(&account_arn(ALICE));
    assert_eq!(world.status(&arn), GrantStatus::PendingWorkflow);
    world.tick();
    assert_eq!(world.status(&arn), GrantStatus::Disabled);
}

#[test]
fn a_new_grant_can_be_invisible_for_a_while() {
    let mut world = World::with(Knobs { visibility_seconds: 30, ..Knobs::default() });
    let arn = world.grant(&account_arn(ALICE));
    let get = json!({ "GrantArn": arn });
    refused(world.call(HUB, "GetGrant", get.clone()), "ValidationException", "does not exist");
    assert_eq!(world.list(HUB, "ListDistributedGrants", json!({})).len(), 0);
    assert_eq!(world.list(ALICE, "ListReceivedGrants", json!({})).len(), 0);
    assert_eq!(world.list(ALICE, "ListReceivedLicenses", json!({})).len(), 0);
    let body = json!({ "LicenseArn": LicenseManager::license_arn(LICENSE) });
    assert_eq!(world.list(HUB, "ListReceivedGrantsForOrganization", body).len(), 1);
    world.advance(30);
    world.call(HUB, "GetGrant", get).unwrap();
    assert_eq!(world.list(HUB, "ListDistributedGrants", json!({})).len(), 1);
}

#[test]
fn a_workflow_end_raises_the_version_by_the_knob() {
    let mut world = World::with(Knobs { workflow_bumps_version: true, ..Knobs::default() });
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    assert_eq!(world.version(&arn), 2);
}
