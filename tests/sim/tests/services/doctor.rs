//! What somebody reads who wants to know whether an account is set up: roles, trails, quotas

use bytes::Bytes;
use http::Request;
use pretend_aws::cloud_trail::Trail;
use pretend_aws::iam::Role;
use pretend_aws::{Blueprint, Knobs, Settings, World};
use serde_json::json;

use crate::ask::{MANAGEMENT, MEMBER, ask, ask_as, authorization, send, told, world};

const TRAIL: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
const QUOTAS: &str = "ServiceQuotasV20190624";
const MARKETPLACE_ROLE: &str = "AWSServiceRoleForMarketplaceLicenseManagement";

fn form(world: &World, key: &str, form: &str) -> (u16, String) {
    let request = Request::post("/")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .header("authorization", authorization(key))
        .body(Bytes::from(form.to_owned()))
        .unwrap();
    let response = send(world, request);
    assert_eq!(response.headers()["content-type"], "text/xml");
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

fn iam(world: &World, key: &str, call: &str) -> (u16, String) {
    form(world, key, &format!("Version=2010-05-08&Action={call}"))
}

fn inside<'a>(xml: &'a str, tag: &str) -> &'a str {
    xml.split_once(&format!("<{tag}>")).unwrap().1.split_once(&format!("</{tag}>")).unwrap().0
}

#[test]
fn service_linked_roles_are_there_until_somebody_takes_them_away() {
    let world = world();
    for (account, role, there) in [
        (MANAGEMENT, "AWSServiceRoleForAWSLicenseManagerRole", true),
        (MANAGEMENT, "AWSServiceRoleForAWSLicenseManagerMasterAccountRole", true),
        (MANAGEMENT, "AWSServiceRoleForAWSLicenseManagerMemberAccountRole", false),
        (MEMBER, "AWSServiceRoleForAWSLicenseManagerMasterAccountRole", false),
        (MEMBER, "AWSServiceRoleForAWSLicenseManagerMemberAccountRole", true),
        (MEMBER, MARKETPLACE_ROLE, true),
        ("999999999999", MARKETPLACE_ROLE, false),
    ] {
        let (status, xml) = iam(&world, account, &format!("GetRole&RoleName={role}"));
        assert_eq!(status, if there { 200 } else { 404 }, "{account} {role}: {xml}");
    }
    world.remove_role(MEMBER, MARKETPLACE_ROLE);
    let (status, xml) = iam(&world, MEMBER, &format!("GetRole&RoleName={MARKETPLACE_ROLE}"));
    assert_eq!((status, inside(&xml, "Code")), (404, "NoSuchEntity"));
    let create = "CreateServiceLinkedRole&AWSServiceName=license-management.marketplace.amazonaws.com";
    let (status, xml) = iam(&world, MEMBER, create);
    assert_eq!(status, 200, "{xml}");
    assert_eq!(
        inside(&xml, "Arn"),
        format!(
            "arn:aws:iam::{MEMBER}:role/aws-service-role/license-management.marketplace.amazonaws.com/{MARKETPLACE_ROLE}"
        )
    );
    let (status, xml) = iam(&world, MEMBER, create);
    assert_eq!((status, inside(&xml, "Code")), (400, "InvalidInput"));
}

#[test]
fn a_role_shows_its_trust_and_its_policies() {
    let world = world();
    let mut role = Role::trusting(&[MANAGEMENT]);
    role.attached = vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()];
    role.inline.insert("grants".to_owned(), json!({"Statement": []}));
    world.put_role(MANAGEMENT, "hub", &role);
    let (_, xml) = iam(&world, MANAGEMENT, "GetRole&RoleName=hub");
    assert!(inside(&xml, "AssumeRolePolicyDocument").starts_with("%7B%22Statement%22%3A"), "{xml}");
    assert_eq!(inside(&xml, "CreateDate"), "2026-09-14T08:00:00Z");
    let (_, xml) = iam(&world, MANAGEMENT, "ListRolePolicies&RoleName=hub");
    assert_eq!(inside(&xml, "PolicyNames"), "<member>grants</member>");
    let (_, xml) = iam(&world, MANAGEMENT, "GetRolePolicy&RoleName=hub&PolicyName=grants");
    assert_eq!(inside(&xml, "PolicyDocument"), "%7B%22Statement%22%3A%5B%5D%7D");
    assert_eq!(iam(&world, MANAGEMENT, "GetRolePolicy&RoleName=hub&PolicyName=none").0, 404);
    let (_, xml) = iam(&world, MANAGEMENT, "ListAttachedRolePolicies&RoleName=hub");
    assert_eq!(inside(&xml, "PolicyName"), "ReadOnlyAccess");
    let (_, xml) = iam(&world, MANAGEMENT, "ListRoles&PathPrefix=%2F&MaxItems=2");
    assert_eq!((xml.matches("<RoleName>").count(), inside(&xml, "IsTruncated")), (2, "true"));
    let marker = inside(&xml, "Marker").to_owned();
    let (_, xml) = iam(&world, MANAGEMENT, &format!("ListRoles&PathPrefix=%2F&Marker={marker}"));
    assert_eq!((xml.matches("<RoleName>").count(), inside(&xml, "IsTruncated")), (3, "false"));
    assert_eq!(iam(&world, MANAGEMENT, "GetRole&RoleName=a%20b").0, 400);
}

#[test]
fn a_role_lets_in_where_it_is_and_whom_it_trusts() {
    let world = world();
    let assume = |caller: &str, account: &str, role: &str| {
        let arn = format!("arn:aws:iam::{account}:role/{role}");
        let body = format!("Action=AssumeRole&Version=2011-06-15&RoleArn={arn}&RoleSessionName=test");
        form(&world, caller, &body).0
    };
    assert_eq!(assume(MANAGEMENT, MEMBER, "anything"), 200, "a world that is not about roles");
    let mut role = Role::trusting(&[MANAGEMENT]);
    role.trust["Statement"][0]["Condition"] = json!({"StringEquals": {"aws:PrincipalOrgID": "o-4kq7vt2m9x"}});
    world.put_member_roles("accept", &role);
    assert_eq!(assume(MANAGEMENT, MEMBER, "accept"), 200);
    assert_eq!(assume("402958173646", MEMBER, "accept"), 403, "not trusted");
    assert_eq!(assume(MANAGEMENT, MANAGEMENT, "accept"), 403, "a StackSet leaves the management account out");
    assert_eq!(assume(MANAGEMENT, MEMBER, "some/path/accept"), 403, "another path");
    world.remove_role(MEMBER, "accept");
    assert_eq!(assume(MANAGEMENT, MEMBER, "accept"), 403);
    world.put_role(MEMBER, "accept", &role);
    assert_eq!(assume(MANAGEMENT, MEMBER, "accept"), 200);
    world.lock_account(MEMBER);
    assert_eq!(assume(MANAGEMENT, MEMBER, "accept"), 403);
    world.unlock_account(MEMBER);
    role.trust["Statement"][0]["Condition"] = json!({"StringEquals": {"aws:PrincipalOrgID": "o-0000000000"}});
    world.put_role(MEMBER, "accept", &role);
    assert_eq!(assume(MANAGEMENT, MEMBER, "accept"), 403, "another organization");
}

#[test]
fn trails_are_described_with_their_status_and_selectors() {
    let world = world();
    let trails = told(&world, TRAIL, "DescribeTrails", &json!({}))["trailList"].clone();
    assert_eq!(
        (trails[0]["IsOrganizationTrail"].clone(), trails[0]["IsMultiRegionTrail"].clone()),
        (json!(true), json!(true))
    );
    let arn = trails[0]["TrailARN"].clone();
    assert_eq!(arn, format!("arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/organization"));
    assert_eq!(told(&world, TRAIL, "GetTrailStatus", &json!({"Name": arn}))["IsLogging"], true);
    told(&world, TRAIL, "StopLogging", &json!({"Name": "organization"}));
    assert_eq!(told(&world, TRAIL, "GetTrailStatus", &json!({"Name": "organization"}))["IsLogging"], false);
    let selectors = told(&world, TRAIL, "GetEventSelectors", &json!({"TrailName": "organization"}));
    assert_eq!(selectors["EventSelectors"][0]["ReadWriteType"], "All");
    assert_eq!(told(&world, TRAIL, "ListTrails", &json!({}))["Trails"][0]["Name"], "organization");
    let own = Trail { name: "own".to_owned(), organization: false, ..Trail::of_organization(world.now()) };
    world.set_trails(vec![own]);
    assert_eq!(told(&world, TRAIL, "DescribeTrails", &json!({}))["trailList"][0]["Name"], "own");
    let (_, answer) = ask_as(&world, MEMBER, TRAIL, "DescribeTrails", &json!({}));
    assert_eq!(answer["trailList"], json!([]), "members see the organization's trails only");
    for (body, exception) in [
        (json!({"Name": "nowhere"}), "TrailNotFoundException"),
        (json!({"Name": "x"}), "InvalidTrailNameException"),
        (json!({"Name": "arn:aws:s3:::x"}), "CloudTrailARNInvalidException"),
    ] {
        assert_eq!(ask(&world, TRAIL, "GetTrailStatus", &body).1["__type"], exception);
    }
}

#[test]
fn the_quota_of_grants_is_the_one_that_license_manager_goes_by() {
    let knobs = Knobs { grants_per_license: 25, ..Knobs::default() };
    let world = World::new(&Blueprint::sample(), Settings { knobs, ..Settings::default() });
    let listed =
        told(&world, QUOTAS, "ListServiceQuotas", &json!({"ServiceCode": "license-manager"}))["Quotas"].clone();
    let grants = listed.as_array().unwrap().iter().find(|quota| quota["QuotaName"] == "Grants per license").unwrap();
    assert_eq!(grants["Value"], 25.0);
    let body = json!({"ServiceCode": "license-manager", "QuotaCode": grants["QuotaCode"]});
    assert_eq!(told(&world, QUOTAS, "GetServiceQuota", &body)["Quota"]["Value"], 25.0);
    assert_eq!(told(&world, QUOTAS, "GetAWSDefaultServiceQuota", &body)["Quota"]["Value"], 2000.0);
    for (body, exception) in [
        (json!({"ServiceCode": "nothing"}), "NoSuchResourceException"),
        (json!({"ServiceCode": ""}), "IllegalArgumentException"),
        (json!({"ServiceCode": "license-manager", "MaxResults": 0}), "IllegalArgumentException"),
        (json!({"ServiceCode": "license-manager", "NextToken": "AAAA"}), "InvalidPaginationTokenException"),
    ] {
        assert_eq!(ask(&world, QUOTAS, "ListServiceQuotas", &body).1["__type"], exception, "{body}");
    }
}
