use std::time::Duration;

use bytes::Bytes;
use http::Request;
use pretend_aws::{Fault, Service, World};
use serde_json::json;

use crate::ask::{MANAGEMENT, MEMBER, ask_as, authorization, send, world};

fn sts(world: &World, key: &str, form: &str) -> (u16, String) {
    let request = Request::post("/")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .header("authorization", authorization(key))
        .body(Bytes::from(form.to_owned()))
        .unwrap();
    let response = send(world, request);
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

fn assume(world: &World, account: &str) -> (u16, String) {
    sts(
        world,
        MANAGEMENT,
        &format!(
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A{account}%3Arole%2Faccept&RoleSessionName=test"
        ),
    )
}

fn inside<'a>(xml: &'a str, tag: &str) -> &'a str {
    xml.split_once(&format!("<{tag}>")).unwrap().1.split_once(&format!("</{tag}>")).unwrap().0
}

#[test]
fn a_session_key_is_the_member_account_until_it_expires() {
    let world = world();
    let (status, xml) = assume(&world, MEMBER);
    assert_eq!(status, 200, "{xml}");
    let key = inside(&xml, "AccessKeyId");
    assert_eq!(inside(&sts(&world, key, "Action=GetCallerIdentity&Version=2011-06-15").1, "Account"), MEMBER);
    assert_eq!(inside(&xml, "Expiration"), "2026-09-14T09:00:00Z");
    world.advance(Duration::from_secs(3600));
    let (status, answer) = ask_as(&world, key, "AWSLicenseManager", "ListReceivedLicenses", &json!({}));
    assert_eq!((status, answer["__type"].as_str()), (400, Some("ExpiredTokenException")));
    for (version, operation) in [("2011-06-15", "GetCallerIdentity"), ("2010-05-08", "ListRoles")] {
        let (status, xml) = sts(&world, key, &format!("Action={operation}&Version={version}"));
        assert_eq!((status, inside(&xml, "Code")), (403, "ExpiredToken"), "{operation}");
    }
}

#[test]
fn a_session_is_its_role_by_the_name_it_was_given_and_a_key_of_digits_is_its_account() {
    let world = world();
    let (_, assumed) = assume(&world, MEMBER);
    let identity = |key: &str| sts(&world, key, "Action=GetCallerIdentity&Version=2011-06-15").1;
    let session = identity(inside(&assumed, "AccessKeyId"));
    assert_eq!(inside(&session, "Arn"), format!("arn:aws:sts::{MEMBER}:assumed-role/accept/test"));
    assert_eq!(inside(&session, "UserId"), inside(&assumed, "AssumedRoleId"));
    let (role, name) = inside(&session, "UserId").split_once(':').unwrap();
    assert!(role.starts_with("AROA") && role.len() == 20 && name == "test", "{session}");
    let again = assume(&world, MEMBER).1;
    assert_eq!(inside(&again, "AssumedRoleId"), inside(&assumed, "AssumedRoleId"), "a role has one id");
    let account = identity(MEMBER);
    assert_eq!(inside(&account, "Arn"), format!("arn:aws:iam::{MEMBER}:root"));
    assert_eq!(inside(&account, "UserId"), MEMBER);
}

#[test]
fn a_form_without_an_action_is_refused_by_the_service_that_it_is_for() {
    let world = world();
    for (version, namespace) in [
        ("2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"),
        ("2010-03-31", "http://sns.amazonaws.com/doc/2010-03-31/"),
        ("2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/"),
    ] {
        let (status, xml) = sts(&world, MANAGEMENT, &format!("Version={version}"));
        assert_eq!((status, inside(&xml, "Code")), (400, "MissingAction"));
        assert!(xml.starts_with(&format!("<ErrorResponse xmlns=\"{namespace}\">")), "{xml}");
    }
    assert_eq!(inside(&sts(&world, MANAGEMENT, "").1, "Code"), "MissingAction");
    let unknown = sts(&world, MANAGEMENT, "Version=2012-11-05").1;
    assert!(unknown.contains("UnknownOperationException"), "{unknown}");
}

#[test]
fn accounts_that_cannot_be_entered_all_give_the_same_refusal() {
    let world = world();
    world.with(|state| state.sts.missing_roles.insert("402958173646".to_owned()));
    world.create_account("487120396655", "new");
    for account in ["402958173646", "487120396655", "730912846625", "999999999999"] {
        let (status, xml) = assume(&world, account);
        assert_eq!((status, inside(&xml, "Code")), (403, "AccessDenied"), "{account}");
        assert!(inside(&xml, "Message").contains("is not authorized to perform: sts:AssumeRole on resource"), "{xml}");
    }
    world.advance(Duration::from_secs(120));
    assert_eq!(assume(&world, "487120396655").0, 200, "a new account is ready after a while");
}

#[test]
fn an_account_can_be_made_to_look_unready_once() {
    let world = world();
    world.with(|state| state.faults.fail_next(Service::Sts, "AssumeRole", Fault::AccountNotReady));
    assert_eq!(assume(&world, MEMBER).0, 403);
    assert_eq!(assume(&world, MEMBER).0, 200);
}

#[test]
fn a_role_or_session_name_that_is_none_is_a_validation_error() {
    let world = world();
    assert_eq!(inside(&assume(&world, "12").1, "Code"), "ValidationError");
    let (status, xml) =
        sts(&world, MANAGEMENT, "Action=AssumeRole&RoleArn=arn:aws:iam::318204957731:role/x&RoleSessionName=a");
    assert_eq!((status, inside(&xml, "Code")), (400, "ValidationError"));
}
