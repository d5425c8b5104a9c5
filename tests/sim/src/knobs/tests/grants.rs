//! What callers see of grants

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::license_manager::LicenseManager;
use crate::license_manager::tests::{
    ALICE, BOB, CAROL, HUB, LICENSE, NESTED, UNIT, World, account_arn, arn_of, new_grant, purchase,
};

const DAVE: &str = "000000000005";

/// An answer without what differs from call to call anyway
fn gist(answer: &Result<Value, ApiError>) -> String {
    match answer {
        Ok(answer) => format!("{} v{}", answer["Status"], answer["Version"]),
        Err(error) => format!("{} {}", error.code, error.message),
    }
}

/// Every status a grant has had, with its versions
fn course(world: &World, arn: &str) -> String {
    let states = world.rules.states(arn);
    let told = states.iter().map(|(_, grant)| {
        format!("{} v{} {}", grant.status.as_str(), grant.version, grant.status_reason.as_deref().unwrap_or_default())
    });
    let account = arn.split(':').nth(4).unwrap();
    format!("{account}: {}", told.collect::<Vec<_>>().join(", "))
}

fn sub_grant(world: &World, parent: &str, account: &str) -> String {
    world.sub_grant(parent, account).map_or("none".to_owned(), |arn| course(world, &arn))
}

pub(super) fn account_grant(world: &mut World) -> String {
    let answer = world.call(HUB, "CreateGrant", new_grant(&account_arn(ALICE)));
    world.settle();
    format!("{} {}", gist(&answer), course(world, &arn_of(&answer.unwrap())))
}

/// The buyer of another license, a delegated administrator, grants it
fn delegate(world: &mut World, principal: &str) -> Result<Value, ApiError> {
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    world.organization.delegated_administrators.push(ALICE.to_owned());
    let mut body = new_grant(principal);
    body["LicenseArn"] = json!(LicenseManager::license_arn("l-00000000000000000000000000000002"));
    let answer = world.call(ALICE, "CreateGrant", body);
    world.settle();
    answer
}

pub(super) fn grant_by_delegate(world: &mut World) -> String {
    gist(&delegate(world, &account_arn(BOB)))
}

pub(super) fn management(world: &mut World) -> String {
    let direct = gist(&delegate(world, &account_arn(HUB)));
    let organization = world.organization.arn();
    let mut body = new_grant(&organization);
    body["LicenseArn"] = json!(LicenseManager::license_arn("l-00000000000000000000000000000002"));
    let arn = arn_of(&world.call(ALICE, "CreateGrant", body).unwrap());
    world.settle();
    world.switch(ALICE, &arn, "ACTIVE", "DISTRIBUTED_GRANTS_ONLY").unwrap();
    world.settle();
    format!("{direct} {}", sub_grant(world, &arn, HUB))
}

pub(super) fn grant_to_newcomer(world: &mut World) -> String {
    world.advance(60);
    world.join(DAVE, "r-test");
    gist(&world.call(HUB, "CreateGrant", new_grant(&account_arn(DAVE))))
}

pub(super) fn acceptance(world: &mut World) -> String {
    let arn = world.grant(&account_arn(ALICE));
    gist(&world.call(ALICE, "AcceptGrant", json!({ "GrantArn": arn })))
}

pub(super) fn activation(world: &mut World) -> String {
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    let first = gist(&world.switch(HUB, &arn, "ACTIVE", ""));
    world.settle();
    let again = gist(&world.switch(HUB, &arn, "ACTIVE", ""));
    world.settle();
    format!("{first}, then {again}: {}", course(world, &arn))
}

pub(super) fn desired_status(world: &mut World) -> String {
    let mut body = new_grant(&world.organization.arn());
    body["Options"] = json!({ "DesiredStatus": "ACTIVE" });
    let answer = world.call(HUB, "CreateGrant", body);
    world.settle();
    let arn = answer.as_ref().ok().map(arn_of);
    format!("{} {:?}", gist(&answer), arn.map(|arn| course(world, &arn)))
}

fn taken(world: &mut World, behavior: &str) -> String {
    world.provision(&purchase(ALICE, 2, "AmiProduct"));
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    let answer = gist(&world.switch(HUB, &arn, "ACTIVE", behavior));
    world.settle();
    let organization = world.active_organization_grant();
    format!("{answer} {} {}", course(world, &arn), sub_grant(world, &organization, ALICE))
}

pub(super) fn taken_account(world: &mut World) -> String {
    taken(world, "DISTRIBUTED_GRANTS_ONLY")
}

pub(super) fn taken_without_override(world: &mut World) -> String {
    taken(world, "")
}

pub(super) fn failed_grant(world: &mut World) -> String {
    let arn = world.grant(&account_arn(ALICE));
    world.rules.fail_workflow(&arn, "no luck");
    world.settle();
    gist(&world.switch(HUB, &arn, "ACTIVE", ""))
}

pub(super) fn organization_grant(world: &mut World) -> String {
    let organization = world.organization.arn();
    let arn = world.grant(&organization);
    world.settle();
    format!("{} {}", course(world, &arn), sub_grant(world, &arn, ALICE))
}

pub(super) fn joiner(world: &mut World) -> String {
    let arn = world.active_organization_grant();
    world.join(DAVE, "r-test");
    world.settle();
    sub_grant(world, &arn, DAVE)
}

pub(super) fn leaver(world: &mut World) -> String {
    let direct = world.active_grant(CAROL);
    let arn = world.active_organization_grant();
    for account in [ALICE, CAROL] {
        world.organization.accounts.remove(account);
    }
    world.tick();
    let at_once = sub_grant(world, &arn, ALICE);
    world.advance(7_200);
    format!("{at_once}; {}; {}", sub_grant(world, &arn, ALICE), course(world, &direct))
}

pub(super) fn suspended(world: &mut World) -> String {
    world.organization.accounts.get_mut(BOB).unwrap().state = "SUSPENDED".to_owned();
    let arn = world.active_organization_grant();
    sub_grant(world, &arn, BOB)
}

pub(super) fn new_version(world: &mut World) -> String {
    let arn = world.active_organization_grant();
    let off = world.sub_grant(&arn, ALICE).unwrap();
    world.switch(HUB, &off, "DISABLED", "").unwrap();
    world.call(HUB, "CreateGrantVersion", json!({ "GrantArn": arn, "GrantName": "another" })).unwrap();
    world.settle();
    course(world, &off)
}

pub(super) fn quota(world: &mut World) -> String {
    world.knobs.grants_per_license = 3;
    world.active_organization_grant();
    gist(&world.call(HUB, "CreateGrant", new_grant(&account_arn(ALICE))))
}

pub(super) fn sub_grant_parent(world: &mut World) -> String {
    let arn = world.active_organization_grant();
    let sub_grant = world.sub_grant(&arn, ALICE).unwrap();
    let parent = |world: &mut World| {
        let answer = world.call(HUB, "GetGrant", json!({ "GrantArn": sub_grant })).unwrap();
        answer["Grant"]["ParentArn"].as_str().unwrap().to_owned()
    };
    let parent = parent(world);
    let filters = json!([{ "Name": "ParentArn", "Values": [parent] }]);
    let body = json!({ "LicenseArn": LicenseManager::license_arn(LICENSE), "Filters": filters });
    let found = world.list(HUB, "ListReceivedGrantsForOrganization", body);
    assert!(found.iter().any(|row| row["GrantArn"] == sub_grant.as_str()), "the filter takes what is shown");
    parent.replace(&arn, "the organization grant")
}

pub(super) fn deleted(world: &mut World) -> String {
    let arn = world.active_organization_grant();
    let version = world.version(&arn).to_string();
    world.call(HUB, "DeleteGrant", json!({ "GrantArn": arn, "Version": version })).unwrap();
    let organization = world.organization.arn();
    let another = gist(&world.call(HUB, "CreateGrant", new_grant(&organization)));
    world.settle();
    format!("{another} {} {}", course(world, &arn), sub_grant(world, &arn, ALICE))
}

pub(super) fn nested_unit(world: &mut World) -> String {
    let unit = world.organization.unit_arn(NESTED);
    let answer = world.call(HUB, "CreateGrant", new_grant(&unit));
    world.settle();
    let arn = answer.as_ref().ok().map(arn_of);
    format!("{} {:?}", gist(&answer), arn.map(|arn| course(world, &arn)))
}

pub(super) fn without_marketplace(world: &mut World) -> String {
    world.organization.trusted_services.retain(|service| service == "license-manager.amazonaws.com");
    let organization = world.organization.arn();
    let made = gist(&world.call(HUB, "CreateGrant", new_grant(&organization)));
    let listed = world.call(HUB, "ListReceivedLicensesForOrganization", json!({}));
    format!("{made} {:?}", listed.map(|_| ()))
}

pub(super) fn two_at_once(world: &mut World) -> String {
    let unit = world.organization.unit_arn(UNIT);
    world.grant(&unit);
    let organization = world.organization.arn();
    gist(&world.call(HUB, "CreateGrant", new_grant(&organization)))
}

/// Ten duplicates, because one error may be like another by chance
pub(super) fn duplicate(world: &mut World) -> String {
    world.grant(&account_arn(ALICE));
    let answers = (0..10).map(|_| gist(&world.call(HUB, "CreateGrant", new_grant(&account_arn(ALICE)))));
    answers.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("; ")
}

pub(super) fn busy(world: &mut World) -> String {
    let arn = world.grant(&account_arn(ALICE));
    let switched = gist(&world.switch(HUB, &arn, "ACTIVE", ""));
    let deleted = gist(&world.call(HUB, "DeleteGrant", json!({ "GrantArn": arn, "Version": "1" })));
    format!("{switched}; {deleted}")
}

pub(super) fn same_token(world: &mut World) -> String {
    let mut body = new_grant(&account_arn(ALICE));
    body["ClientToken"] = json!("same");
    let mut said = Vec::new();
    for seconds in [0, 60, 601] {
        world.advance(seconds);
        said.push(gist(&world.call(HUB, "CreateGrant", body.clone())));
    }
    said.push(world.list(HUB, "ListDistributedGrants", json!({})).len().to_string());
    body["GrantName"] = json!("another");
    said.push(gist(&world.call(HUB, "CreateGrant", body)));
    said.join("; ")
}

pub(super) fn refusals(world: &mut World) -> String {
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    let source = json!({ "GrantArn": arn, "Status": "ACTIVE", "SourceVersion": "9" });
    let nothing = "arn:aws:license-manager::1:grant:g-none";
    let answers = [
        world.call(HUB, "CreateGrantVersion", source),
        world.call(HUB, "DeleteGrant", json!({ "GrantArn": arn, "Version": "9" })),
        world.call(HUB, "GetGrant", json!({ "GrantArn": nothing })),
        world.call(BOB, "GetGrant", json!({ "GrantArn": arn })),
    ];
    answers.iter().map(gist).collect::<Vec<_>>().join("; ")
}

/// Thirty grants in one second, then one more a second later
pub(super) fn many(world: &mut World) -> String {
    let accounts: Vec<String> = (0..30).map(|number| format!("1{number:011}")).collect();
    for account in &accounts {
        world.join(account, "r-test");
    }
    let made =
        accounts.iter().filter(|account| world.call(HUB, "CreateGrant", new_grant(&account_arn(account))).is_ok());
    let made = made.count();
    world.advance(1);
    format!("{made}, {}", gist(&world.call(HUB, "CreateGrant", new_grant(&account_arn(ALICE)))))
}

pub(super) fn timing(world: &mut World) -> String {
    let begin = world.now;
    let arn = world.grant(&account_arn(ALICE));
    world.settle();
    let made = world.now.duration_since(begin).as_secs();
    let version = world.version(&arn).to_string();
    world.call(HUB, "DeleteGrant", json!({ "GrantArn": arn, "Version": version })).unwrap();
    world.settle();
    format!("made after {made} s, gone after {} s", world.now.duration_since(begin).as_secs())
}

pub(super) fn visibility(world: &mut World) -> String {
    let arn = world.grant(&account_arn(ALICE));
    let mut said = Vec::new();
    for seconds in [0, 30] {
        world.advance(seconds);
        let got = world.call(HUB, "GetGrant", json!({ "GrantArn": arn })).is_ok();
        said.push(format!("{got} {}", world.list(HUB, "ListDistributedGrants", json!({})).len()));
    }
    said.join("; ")
}

pub(super) fn pages(world: &mut World) -> String {
    for account in [ALICE, BOB, CAROL] {
        world.grant(&account_arn(account));
    }
    let sizes = (0..40).map(|_| {
        let page = world.call(HUB, "ListDistributedGrants", json!({})).unwrap();
        page["Grants"].as_array().unwrap().len()
    });
    format!("{:?}", sizes.collect::<std::collections::BTreeSet<_>>())
}
