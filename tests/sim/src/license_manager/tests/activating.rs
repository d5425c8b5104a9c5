use serde_json::json;

use super::*;
use crate::license_manager::AllowedOperation;
use crate::license_manager::activation::TAKEN;

#[test]
fn the_grantor_activates_an_account_grant() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    let answer = world.switch(HUB, &arn, "ACTIVE", "DISTRIBUTED_GRANTS_ONLY").unwrap();
    assert_eq!(answer, json!({ "GrantArn": arn, "Status": "PENDING_WORKFLOW", "Version": "2" }));
    world.settle();
    assert_eq!((world.status(&arn), world.version(&arn)), (GrantStatus::Active, 2));
    assert_eq!(world.active(), [ALICE]);
}

#[test]
fn by_the_knob_only_the_grantee_may() {
    let mut world = World::with(Knobs { grantor_may_activate_account_grants: false, ..Knobs::default() });
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    refused(world.switch(HUB, &arn, "ACTIVE", ""), "AccessDeniedException", "grantee");
    world.switch(ALICE, &arn, "ACTIVE", "DISTRIBUTED_GRANTS_ONLY").unwrap();
    world.settle();
    assert_eq!(world.active(), [ALICE]);
    world.switch(HUB, &arn, "DISABLED", "").unwrap();
    assert_eq!(world.active(), Vec::<String>::new());
}

#[test]
fn an_activation_reaches_every_account_through_sub_grants() {
    let mut world = World::new();
    let arn = world.active_organization_grant();
    assert_eq!(world.active(), [ALICE, BOB, CAROL]);
    let sub_grant = world.sub_grant(&arn, ALICE).unwrap();
    let grant = world.rules.grant(&sub_grant).unwrap();
    assert_eq!((grant.parent_arn.as_str(), grant.status), (arn.as_str(), GrantStatus::Active));
    assert_eq!(world.sub_grant(&arn, HUB), None);
}

#[test]
fn a_unit_grant_reaches_nested_units_and_nothing_else() {
    let mut world = World::new();
    let unit = world.organization.unit_arn(UNIT);
    let arn = world.grant(&unit);
    world.settle();
    world.switch(HUB, &arn, "ACTIVE", "").unwrap();
    world.settle();
    assert_eq!(world.active(), [ALICE, BOB]);
}

#[test]
fn by_the_knob_a_delegated_administrators_grant_reaches_the_management_account() {
    for covers in [false, true] {
        let mut world = World::with(Knobs { organization_grant_covers_management: covers, ..Knobs::default() });
        world.organization.delegated_administrators.push(ALICE.to_owned());
        let mut bought = purchase(ALICE, 2, "AmiProduct");
        bought.sku = "prod-other".to_owned();
        world.provision(&bought);
        let mut body = new_grant(&world.organization.arn());
        body["LicenseArn"] = json!(LicenseManager::license_arn(&bought.license));
        body["Options"] = json!({ "DesiredStatus": "ACTIVE" });
        world.call(ALICE, "CreateGrant", body).unwrap();
        world.settle();
        let active = world.rules.active_accounts(&bought.license, &world.organization);
        assert_eq!(active.contains_key(HUB), covers);
        assert!(active.contains_key(BOB));
        let mine = world.rules.grants().filter(|grant| grant.sub_grant && grant.principal.account() == Some(ALICE));
        assert_eq!(mine.count(), 0);
    }
}

#[test]
fn an_own_subscription_keeps_its_place() {
    let mut world = World::new();
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    let arn = world.active_organization_grant();
    assert_eq!(world.active(), [BOB, CAROL]);
    let sub_grant = world.rules.grant(&world.sub_grant(&arn, ALICE).unwrap()).unwrap();
    assert_eq!((sub_grant.status, sub_grant.status_reason.as_deref()), (GrantStatus::Disabled, Some(TAKEN)));
    let direct = world.grant(&account_arn(ALICE));
    world.settle();
    world.switch(HUB, &direct, "ACTIVE", "").unwrap();
    world.settle();
    let grant = world.rules.grant(&direct).unwrap();
    assert_eq!((grant.status, grant.status_reason.as_deref()), (GrantStatus::Disabled, Some(TAKEN)));
    assert_eq!(world.rules.displacements(), []);
}

#[test]
fn all_grants_permitted_by_issuer_takes_the_place() {
    let mut world = World::new();
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    let own = world.rules.license("l-00000000000000000000000000000002").unwrap().received_by.clone();
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    world.switch(HUB, &arn, "ACTIVE", "ALL_GRANTS_PERMITTED_BY_ISSUER").unwrap();
    world.settle();
    assert_eq!((world.status(&arn), world.status(&own)), (GrantStatus::Active, GrantStatus::Disabled));
    let displacement = &world.rules.displacements()[0];
    assert_eq!((&displacement.displaced, &displacement.by), (&own, &arn));
}

#[test]
fn a_product_has_one_active_grant_per_account_whatever_is_done() {
    let mut world = World::new();
    let first = world.active_organization_grant();
    let second = world.grant(&account_arn(ALICE));
    world.settle();
    world.switch(HUB, &second, "ACTIVE", "ALL_GRANTS_PERMITTED_BY_ISSUER").unwrap();
    world.settle();
    let sub_grant = world.sub_grant(&first, ALICE).unwrap();
    assert_eq!((world.status(&second), world.status(&sub_grant)), (GrantStatus::Active, GrantStatus::Disabled));
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    assert_eq!(world.status(&second), GrantStatus::Disabled);
    let active = world.rules.grants().filter(|grant| grant.status == GrantStatus::Active);
    let mut places: Vec<_> = active.map(|grant| (grant.principal.clone(), grant.sku.clone())).collect();
    let all = places.len();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), all);
}

#[test]
fn grantor_or_grantee_switches_a_sub_grant_off_and_on() {
    let mut world = World::new();
    let arn = world.active_organization_grant();
    let sub_grant = world.sub_grant(&arn, ALICE).unwrap();
    for caller in [HUB, ALICE] {
        world.switch(caller, &sub_grant, "DISABLED", "").unwrap();
        assert_eq!(world.active(), [BOB, CAROL]);
        world.switch(caller, &sub_grant, "ACTIVE", "").unwrap();
        world.settle();
        assert_eq!(world.active(), [ALICE, BOB, CAROL]);
    }
    refused(world.switch(BOB, &sub_grant, "DISABLED", ""), "AuthorizationException", "not authorized");
    refused(world.switch(ALICE, &arn, "DISABLED", ""), "AccessDeniedException", "grantor");
}

#[test]
fn a_switched_off_sub_grant_survives_the_next_parent_version_or_not() {
    for reactivates in [false, true] {
        let mut world = World::with(Knobs { new_version_reactivates_sub_grants: reactivates, ..Knobs::default() });
        let arn = world.active_organization_grant();
        let sub_grant = world.sub_grant(&arn, ALICE).unwrap();
        world.switch(HUB, &sub_grant, "DISABLED", "").unwrap();
        world.switch(HUB, &arn, "ACTIVE", "").unwrap();
        world.settle();
        assert_eq!(world.status(&sub_grant) == GrantStatus::Active, reactivates);
        world.switch(HUB, &sub_grant, "DISABLED", "").unwrap();
        let rename = json!({
            "GrantArn": arn,
            "GrantName": "gw/demo/everyone/2",
            "AllowedOperations": ["CheckInLicense"],
        });
        world.call(HUB, "CreateGrantVersion", rename).unwrap();
        world.settle();
        assert_eq!(world.status(&sub_grant) == GrantStatus::Active, reactivates);
        let renamed = world.rules.grant(&sub_grant).unwrap();
        assert_eq!(renamed.name, "gw/demo/everyone/2");
        assert_eq!(renamed.operations, [AllowedOperation::CheckInLicense]);
        assert_eq!(world.status(&arn), GrantStatus::WorkflowCompleted);
    }
}

#[test]
fn switching_the_organization_grant_off_switches_all_off() {
    let mut world = World::new();
    let arn = world.active_organization_grant();
    world.switch(HUB, &arn, "DISABLED", "").unwrap();
    assert_eq!(world.status(&arn), GrantStatus::PendingWorkflow);
    world.settle();
    assert_eq!(world.status(&arn), GrantStatus::Disabled);
    assert_eq!(world.active(), Vec::<String>::new());
    world.join("000000000005", UNIT);
    assert_eq!(world.sub_grant(&arn, "000000000005"), None);
}

#[test]
fn a_stronger_override_of_the_parent_reaches_the_sub_grants() {
    let mut world = World::new();
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    let arn = world.active_organization_grant();
    assert_eq!(world.active(), [BOB, CAROL]);
    world.switch(HUB, &arn, "ACTIVE", "ALL_GRANTS_PERMITTED_BY_ISSUER").unwrap();
    world.settle();
    assert_eq!(world.active(), [ALICE, BOB, CAROL]);
}

#[test]
fn the_grantor_switches_sub_grants_whatever_it_may_do_to_account_grants() {
    let mut world = World::with(Knobs { grantor_may_activate_account_grants: false, ..Knobs::default() });
    let arn = world.active_organization_grant();
    let sub_grant = world.sub_grant(&arn, ALICE).unwrap();
    world.switch(HUB, &sub_grant, "DISABLED", "").unwrap();
    world.switch(HUB, &sub_grant, "ACTIVE", "").unwrap();
}

#[test]
fn the_grantees_override_counts_only_where_the_grantor_chose_none() {
    let mut world = World::new();
    let free = world.grant(&account_arn(ALICE));
    world.settle();
    world.switch(ALICE, &free, "ACTIVE", "ALL_GRANTS_PERMITTED_BY_ISSUER").unwrap();
    let fixed = world.active_grant(BOB);
    world.switch(BOB, &fixed, "DISABLED", "").unwrap();
    let answer = world.switch(BOB, &fixed, "ACTIVE", "ALL_GRANTS_PERMITTED_BY_ISSUER");
    refused(answer, "ValidationException", "Options.ActivationOverrideBehavior");
    world.switch(BOB, &fixed, "ACTIVE", "").unwrap();
}

#[test]
fn an_override_set_at_creation_binds_the_grantees_of_sub_grants() {
    let mut world = World::new();
    let mut body = new_grant(&world.organization.arn());
    body["Options"] = json!({ "DesiredStatus": "ACTIVE", "ActivationOverrideBehavior": "DISTRIBUTED_GRANTS_ONLY" });
    let arn = arn_of(&world.call(HUB, "CreateGrant", body).unwrap());
    world.settle();
    let sub_grant = world.sub_grant(&arn, ALICE).unwrap();
    let answer = world.switch(ALICE, &sub_grant, "ACTIVE", "ALL_GRANTS_PERMITTED_BY_ISSUER");
    refused(answer, "ValidationException", "set by the grantor");
}

#[test]
fn versions_that_make_no_sense_are_refused() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    let code = "ValidationException";
    refused(world.switch(HUB, &arn, "ACTIVE", ""), code, "PENDING_WORKFLOW");
    world.settle();
    refused(world.switch(HUB, &arn, "DELETED", ""), code, "Status DELETED");
    refused(world.switch(HUB, &arn, "DISABLED", "DISTRIBUTED_GRANTS_ONLY"), code, "ActivationOverrideBehavior");
    let body = json!({ "GrantArn": arn, "Status": "ACTIVE", "SourceVersion": "7" });
    refused(world.call(HUB, "CreateGrantVersion", body), code, "SourceVersion 7");
    let body = json!({ "GrantArn": arn, "Status": "ACTIVE", "Options": { "DesiredStatus": "ACTIVE" } });
    refused(world.call(HUB, "CreateGrantVersion", body), code, "Options.DesiredStatus");
    let body = json!({ "GrantArn": arn, "AllowedOperations": ["CreateGrant"] });
    refused(world.call(HUB, "CreateGrantVersion", body), code, "AllowedOperations");
    refused(world.switch(HUB, "arn:aws:license-manager::1:grant:g-0", "ACTIVE", ""), code, "does not exist");
    let body = json!({ "GrantArn": arn, "GrantName": "mine" });
    refused(world.call(ALICE, "CreateGrantVersion", body), "AccessDeniedException", "GrantName");
    world.organization.trusted_services.retain(|service| service != "license-management.marketplace.amazonaws.com");
    refused(world.switch(HUB, &arn, "ACTIVE", ""), code, "AWS Marketplace");
    assert_eq!(world.rules.writes().len(), 1);
}

#[test]
fn a_sub_grant_is_renamed_through_its_parent() {
    let mut world = World::new();
    let arn = world.active_organization_grant();
    let sub_grant = world.sub_grant(&arn, ALICE).unwrap();
    let body = json!({ "GrantArn": sub_grant, "GrantName": "other" });
    refused(world.call(HUB, "CreateGrantVersion", body), "ValidationException", "GrantName");
}

#[test]
fn a_right_source_version_is_taken_and_a_token_counts_once() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    let body = json!({ "GrantArn": arn, "Status": "ACTIVE", "SourceVersion": "1", "ClientToken": "once" });
    let first = world.call(HUB, "CreateGrantVersion", body.clone()).unwrap();
    world.settle();
    assert_eq!(world.call(HUB, "CreateGrantVersion", body).unwrap(), first);
    assert_eq!(world.version(&arn), 2);
    let other = json!({ "GrantArn": arn, "Status": "DISABLED", "ClientToken": "once" });
    refused(world.call(HUB, "CreateGrantVersion", other), "ValidationException", "ClientToken");
}

#[test]
fn activating_what_is_active_leaves_no_gap() {
    let mut world = World::new();
    let arn = world.active_grant(ALICE);
    world.switch(HUB, &arn, "ACTIVE", "").unwrap();
    assert_eq!((world.status(&arn), world.version(&arn)), (GrantStatus::Active, 3));
}

#[test]
fn a_failed_activation_leaves_the_reason() {
    let mut world = World::new();
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    world.switch(HUB, &arn, "ACTIVE", "").unwrap();
    world.rules.fail_workflow(&arn, "limit of concurrent grants");
    world.settle();
    assert_eq!(world.status(&arn), GrantStatus::FailedWorkflow);
    refused(world.switch(HUB, &arn, "ACTIVE", ""), "ValidationException", "FAILED_WORKFLOW");
}
