use std::time::Duration;

use pretend_aws::{QueueAttributes, World};
use serde_json::{Value, json};

use crate::ask::{MANAGEMENT, MEMBER, ask, ask_as, told, world};

const TARGET: &str = "AWSOrganizationsV20161128";
const ROOT: &str = "r-9xk2";
const WORKLOADS: &str = "ou-9xk2-h3n8d1pw";
const LICENSE_MANAGER: &str = "license-manager.amazonaws.com";

/// Status, exception and its reason
fn refused(world: &World, operation: &str, body: &Value) -> (u16, String, Value) {
    let (status, answer) = ask(world, TARGET, operation, body);
    (status, answer["__type"].as_str().unwrap_or_default().to_owned(), answer["Reason"].clone())
}

fn names_of_events(world: &World) -> Vec<String> {
    let name = |event: &Value| event["detail"]["eventName"].as_str().unwrap().to_owned();
    world.with(|state| state.bus.events().iter().map(name).collect())
}

#[test]
fn an_account_asked_for_is_there_after_a_while_and_told_of() {
    let world = world();
    let body = json!({"Email": "new@example.org", "AccountName": "new", "Tags": [{"Key": "team", "Value": "x"}]});
    let asked = told(&world, TARGET, "CreateAccount", &body)["CreateAccountStatus"].clone();
    assert_eq!(asked["State"], "IN_PROGRESS");
    assert!(asked.get("AccountId").is_none());
    let request = json!({"CreateAccountRequestId": asked["Id"]});
    world.advance(Duration::from_secs(60));
    let made = told(&world, TARGET, "DescribeCreateAccountStatus", &request)["CreateAccountStatus"].clone();
    assert_eq!(made["State"], "SUCCEEDED");
    let account = told(&world, TARGET, "DescribeAccount", &json!({"AccountId": made["AccountId"]}))["Account"].clone();
    assert_eq!((account["Email"].as_str(), account["Name"].as_str()), (Some("new@example.org"), Some("new")));
    let tags = told(&world, TARGET, "ListTagsForResource", &json!({"ResourceId": made["AccountId"]}));
    assert_eq!(tags["Tags"], json!([{"Key": "team", "Value": "x"}]));
    assert_eq!(names_of_events(&world), ["CreateAccount", "CreateAccountResult", "AccountJoinedOrganization"]);
    let result =
        world.with(|state| state.bus.events()[1]["detail"]["serviceEventDetails"]["createAccountStatus"].clone());
    assert_eq!((&result["id"], &result["accountId"]), (&asked["Id"], &made["AccountId"]));
}

#[test]
fn an_address_that_is_taken_fails_the_request_and_the_event_says_so() {
    let world = world();
    let body = json!({"Email": format!("{MEMBER}@example.com"), "AccountName": "twin"});
    let asked = told(&world, TARGET, "CreateAccount", &body)["CreateAccountStatus"].clone();
    world.advance(Duration::from_secs(60));
    let request = json!({"CreateAccountRequestId": asked["Id"]});
    let status = told(&world, TARGET, "DescribeCreateAccountStatus", &request)["CreateAccountStatus"].clone();
    assert_eq!((&status["State"], &status["FailureReason"]), (&json!("FAILED"), &json!("EMAIL_ALREADY_EXISTS")));
    let failed = world.with(|state| state.bus.events()[1]["detail"]["serviceEventDetails"].clone());
    assert_eq!(failed["createAccountStatus"]["failureReason"], "EMAIL_ALREADY_EXISTS");
    let failed = told(&world, TARGET, "ListCreateAccountStatus", &json!({"States": ["FAILED"], "MaxResults": 20}));
    let none = told(&world, TARGET, "ListCreateAccountStatus", &json!({"States": ["SUCCEEDED"]}));
    assert!(failed["CreateAccountStatuses"].as_array().unwrap().len() <= 1);
    assert_eq!(none["CreateAccountStatuses"], json!([]));
    let unknown = json!({"CreateAccountRequestId": "car-0000000000000000"});
    assert_eq!(refused(&world, "DescribeCreateAccountStatus", &unknown).1, "CreateAccountStatusNotFoundException");
}

#[test]
fn a_closed_account_is_pending_first_and_cannot_be_closed_twice() {
    let world = world();
    told(&world, TARGET, "CloseAccount", &json!({"AccountId": MEMBER}));
    let state = || world.with(|state| state.organization.accounts[MEMBER].state.clone());
    assert_eq!(state(), "PENDING_CLOSURE");
    assert_eq!(refused(&world, "CloseAccount", &json!({"AccountId": MEMBER})).1, "ConflictException");
    world.advance(Duration::from_secs(60));
    assert_eq!(state(), "CLOSED");
    assert_eq!(refused(&world, "CloseAccount", &json!({"AccountId": MEMBER})).1, "AccountAlreadyClosedException");
    assert_eq!(names_of_events(&world), ["CloseAccount", "CloseAccountResult"]);
    assert_eq!(
        refused(&world, "CloseAccount", &json!({"AccountId": MANAGEMENT})),
        (400, "ConstraintViolationException".to_owned(), json!("CANNOT_CLOSE_MANAGEMENT_ACCOUNT"))
    );
}

#[test]
fn accounts_leave_or_are_removed_but_not_the_management_account_nor_an_administrator() {
    let world = world();
    let (_, answer) = ask_as(&world, MANAGEMENT, TARGET, "LeaveOrganization", &json!({}));
    assert_eq!(answer["__type"], "MasterCannotLeaveOrganizationException");
    told(
        &world,
        TARGET,
        "RegisterDelegatedAdministrator",
        &json!({"AccountId": MEMBER, "ServicePrincipal": LICENSE_MANAGER}),
    );
    assert_eq!(
        refused(&world, "RemoveAccountFromOrganization", &json!({"AccountId": MEMBER})).2,
        "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"
    );
    told(&world, TARGET, "RemoveAccountFromOrganization", &json!({"AccountId": "402958173646"}));
    assert_eq!(ask_as(&world, "519283746501", TARGET, "LeaveOrganization", &json!({})).0, 200);
    let methods: Vec<Value> = world.with(|state| {
        let departures = state.bus.events().iter().map(|event| event["detail"]["serviceEventDetails"].clone());
        departures.map(|details| details["departureMethod"].clone()).filter(|method| !method.is_null()).collect()
    });
    assert_eq!(methods, ["REMOVED", "LEFT"]);
    let (_, answer) = ask_as(&world, "519283746501", TARGET, "DescribeOrganization", &json!({}));
    assert_eq!(answer["__type"], "AWSOrganizationsNotInUseException");
}

#[test]
fn units_are_made_renamed_and_deleted_and_refuse_what_aws_refuses() {
    let world = world();
    let body = json!({"ParentId": ROOT, "Name": "New", "Tags": [{"Key": "k", "Value": "v"}]});
    let unit = told(&world, TARGET, "CreateOrganizationalUnit", &body)["OrganizationalUnit"].clone();
    assert!(unit["Id"].as_str().unwrap().starts_with("ou-9xk2-"));
    assert_eq!(unit["Path"], format!("o-4kq7vt2m9x/r-9xk2/{}/", unit["Id"].as_str().unwrap()));
    let tags = told(&world, TARGET, "ListTagsForResource", &json!({"ResourceId": unit["Id"]}));
    assert_eq!(tags["Tags"], json!([{"Key": "k", "Value": "v"}]));
    let mut deep = unit["Id"].clone();
    for level in 2..=5 {
        let body = json!({"ParentId": deep, "Name": format!("level {level}")});
        deep = told(&world, TARGET, "CreateOrganizationalUnit", &body)["OrganizationalUnit"]["Id"].clone();
    }
    for (operation, body, exception, reason) in [
        (
            "CreateOrganizationalUnit",
            json!({"ParentId": ROOT, "Name": "New"}),
            "DuplicateOrganizationalUnitException",
            None,
        ),
        (
            "CreateOrganizationalUnit",
            json!({"ParentId": deep, "Name": "level 6"}),
            "ConstraintViolationException",
            Some("OU_DEPTH_LIMIT_EXCEEDED"),
        ),
        (
            "CreateOrganizationalUnit",
            json!({"ParentId": "ou-9xk2-00000000", "Name": "x"}),
            "ParentNotFoundException",
            None,
        ),
        (
            "CreateOrganizationalUnit",
            json!({"ParentId": "here", "Name": "x"}),
            "InvalidInputException",
            Some("INVALID_PATTERN"),
        ),
        (
            "CreateOrganizationalUnit",
            json!({"ParentId": ROOT, "Name": ""}),
            "InvalidInputException",
            Some("MIN_LENGTH_EXCEEDED"),
        ),
        ("CreateOrganizationalUnit", json!({"ParentId": ROOT}), "InvalidInputException", Some("INPUT_REQUIRED")),
        (
            "UpdateOrganizationalUnit",
            json!({"OrganizationalUnitId": unit["Id"], "Name": "Workloads"}),
            "DuplicateOrganizationalUnitException",
            None,
        ),
        (
            "UpdateOrganizationalUnit",
            json!({"OrganizationalUnitId": "ou-9xk2-00000000", "Name": "x"}),
            "OrganizationalUnitNotFoundException",
            None,
        ),
        (
            "DeleteOrganizationalUnit",
            json!({"OrganizationalUnitId": unit["Id"]}),
            "OrganizationalUnitNotEmptyException",
            None,
        ),
        (
            "DeleteOrganizationalUnit",
            json!({"OrganizationalUnitId": WORKLOADS}),
            "OrganizationalUnitNotEmptyException",
            None,
        ),
    ] {
        let wanted = (400, exception.to_owned(), reason.map_or(Value::Null, Value::from));
        assert_eq!(refused(&world, operation, &body), wanted, "{operation} {body}");
    }
    told(&world, TARGET, "UpdateOrganizationalUnit", &json!({"OrganizationalUnitId": deep, "Name": "deepest"}));
    told(&world, TARGET, "DeleteOrganizationalUnit", &json!({"OrganizationalUnitId": deep}));
    assert_eq!(
        refused(&world, "DescribeOrganizationalUnit", &json!({"OrganizationalUnitId": deep})).1,
        "OrganizationalUnitNotFoundException"
    );
    let last = world.with(|state| state.bus.events().iter().rev().take(2).cloned().collect::<Vec<_>>());
    assert_eq!(last[0]["detail"]["requestParameters"], json!({"organizationalUnitId": deep}));
    assert_eq!(last[1]["detail"]["responseElements"]["organizationalUnit"]["name"], "deepest");
}

#[test]
fn a_delegated_administrator_is_registered_for_a_trusted_service_once() {
    let world = world();
    let body = |account: &str, service: &str| json!({"AccountId": account, "ServicePrincipal": service});
    let register = |account, service| refused(&world, "RegisterDelegatedAdministrator", &body(account, service));
    for (account, service, exception, reason) in [
        (
            MANAGEMENT,
            LICENSE_MANAGER,
            "ConstraintViolationException",
            json!("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"),
        ),
        (MEMBER, "config.amazonaws.com", "ConstraintViolationException", json!("SERVICE_ACCESS_NOT_ENABLED")),
        (
            "730912846625",
            LICENSE_MANAGER,
            "ConstraintViolationException",
            json!("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"),
        ),
        ("999999999999", LICENSE_MANAGER, "AccountNotFoundException", Value::Null),
        (MEMBER, LICENSE_MANAGER, "", Value::Null),
        (MEMBER, LICENSE_MANAGER, "AccountAlreadyRegisteredException", Value::Null),
        (
            "402958173646",
            LICENSE_MANAGER,
            "ConstraintViolationException",
            json!("MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED"),
        ),
    ] {
        let (_, given, why) = register(account, service);
        assert_eq!((given.as_str(), why), (exception, reason), "{account} {service}");
    }
    assert_eq!(ask_as(&world, MEMBER, TARGET, "ListAccounts", &json!({})).0, 200);
    let listed =
        |body: &Value| told(&world, TARGET, "ListDelegatedAdministrators", body)["DelegatedAdministrators"].clone();
    assert_eq!(listed(&json!({"ServicePrincipal": "config.amazonaws.com"})), json!([]));
    let whole = (0..20).map(|_| listed(&json!({}))).find(|page| !page.as_array().unwrap().is_empty()).unwrap();
    assert_eq!(whole[0]["Id"], MEMBER);
    assert_eq!(whole[0]["DelegationEnabledDate"], 1_789_372_800.0);
    let services = |_| {
        told(&world, TARGET, "ListDelegatedServicesForAccount", &json!({"AccountId": MEMBER}))["DelegatedServices"]
            .clone()
    };
    let services = (0..20).map(services).find(|page| !page.as_array().unwrap().is_empty()).unwrap();
    assert_eq!(services[0]["ServicePrincipal"], LICENSE_MANAGER);
    told(&world, TARGET, "DeregisterDelegatedAdministrator", &body(MEMBER, LICENSE_MANAGER));
    assert_eq!(ask_as(&world, MEMBER, TARGET, "ListAccounts", &json!({})).1["__type"], "AccessDeniedException");
    assert_eq!(
        refused(&world, "DeregisterDelegatedAdministrator", &body(MEMBER, LICENSE_MANAGER)).1,
        "AccountNotRegisteredException"
    );
    assert_eq!(
        refused(&world, "ListDelegatedServicesForAccount", &json!({"AccountId": MEMBER})).1,
        "AccountNotRegisteredException"
    );
}

#[test]
fn a_trusted_service_is_told_of_with_the_time_since_when() {
    let world = world();
    let since = |service: &str| {
        let listed = || told(&world, TARGET, "ListAWSServiceAccessForOrganization", &json!({}));
        let page = (0..20).map(|_| listed()["EnabledServicePrincipals"].clone());
        let page = page.into_iter().find(|page| !page.as_array().unwrap().is_empty()).unwrap();
        let found = page.as_array().unwrap().iter().find(|entry| entry["ServicePrincipal"] == service).unwrap().clone();
        found["DateEnabled"].as_f64().unwrap()
    };
    assert_eq!(since(LICENSE_MANAGER), 1_789_372_800.0, "from the beginning");
    world.advance(Duration::from_secs(60));
    let other = json!({"ServicePrincipal": "sso.amazonaws.com"});
    told(&world, TARGET, "EnableAWSServiceAccess", &other);
    world.advance(Duration::from_secs(60));
    told(&world, TARGET, "EnableAWSServiceAccess", &other);
    assert_eq!(since("sso.amazonaws.com"), 1_789_372_860.0, "twice is as once");
}

#[test]
fn service_access_is_switched_off_and_on() {
    let world = world();
    let trusted = || world.with(|state| state.organization.trusted_services.contains(&LICENSE_MANAGER.to_owned()));
    let body = json!({"ServicePrincipal": LICENSE_MANAGER});
    told(&world, TARGET, "DisableAWSServiceAccess", &body);
    assert!(!trusted());
    told(&world, TARGET, "EnableAWSServiceAccess", &body);
    assert!(trusted());
    assert_eq!(
        refused(&world, "EnableAWSServiceAccess", &json!({"ServicePrincipal": "not a name"})).2,
        "INVALID_PATTERN"
    );
}

#[test]
fn tags_of_units_are_kept_and_bad_ones_refused() {
    let world = world();
    let tag = |key: &str| json!({"ResourceId": WORKLOADS, "Tags": [{"Key": key, "Value": "v"}]});
    told(&world, TARGET, "TagResource", &tag("a"));
    told(&world, TARGET, "TagResource", &tag("b"));
    told(&world, TARGET, "UntagResource", &json!({"ResourceId": WORKLOADS, "TagKeys": ["a"]}));
    assert_eq!(
        world.with(|state| state.organization.tags_of(WORKLOADS).unwrap().keys().cloned().collect::<Vec<_>>()),
        ["b"]
    );
    assert_eq!(refused(&world, "TagResource", &tag("aws:x")).2, "INVALID_SYSTEM_TAGS_PARAMETER");
    let many: Vec<Value> = (0..51).map(|number| json!({"Key": format!("k{number}"), "Value": ""})).collect();
    assert_eq!(
        refused(&world, "TagResource", &json!({"ResourceId": MEMBER, "Tags": many})).2,
        "MAX_TAG_LIMIT_EXCEEDED"
    );
}

#[test]
fn without_a_trail_that_logs_nothing_is_heard_of_the_organization() {
    let world = world();
    let queue = world.create_queue("all", QueueAttributes::default());
    world.put_rule("everything", json!({"version": ["0"]}), &queue.arn).unwrap();
    world.set_logging("organization", false);
    world.move_account(MEMBER, WORKLOADS);
    let count = || world.with(|state| state.queues.find("all").unwrap().messages().count());
    assert_eq!(count(), 0);
    world.purchase(&pretend_aws::Purchase::sample());
    assert_eq!(count(), 1, "agreements are told of without CloudTrail");
    world.set_logging("organization", true);
    world.move_account(MEMBER, ROOT);
    assert_eq!(count(), 2);
}
