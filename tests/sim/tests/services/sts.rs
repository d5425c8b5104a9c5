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
