use std::time::Duration;

use bytes::Bytes;
use ciborium::Value as Cbor;
use http::Request;
use pretend_aws::{Blueprint, Fault, Knobs, Purchase, Service, Settings, World};
use serde_json::json;

use crate::ask::{MANAGEMENT, MEMBER, ask, ask_as, authorization, send, told, world};

const TARGET: &str = "AWSMPCommerceService_v20200301";

fn filter(name: &str, value: &str) -> serde_json::Value {
    json!({"name": name, "values": [value]})
}

#[test]
fn an_entitlement_is_pending_without_a_license_then_provisioned_with_one() {
    let world = world();
    world.purchase(&Purchase::sample());
    let ask =
        || told(&world, TARGET, "GetAgreementEntitlements", &json!({"agreementId": Purchase::sample().agreement}));
    let pending = ask()["agreementEntitlements"][0].clone();
    assert_eq!(
        (pending["status"].as_str(), pending["statusReasonCode"].as_str()),
        (Some("PENDING"), Some("PROVISIONING_IN_PROGRESS"))
    );
    assert!(pending.get("licenseArn").is_none());
    world.advance(Duration::from_secs(89));
    assert_eq!(ask()["agreementEntitlements"][0]["status"], "PENDING");
    world.advance(Duration::from_secs(1));
    let provisioned = ask()["agreementEntitlements"][0].clone();
    assert_eq!(
        provisioned["licenseArn"],
        "arn:aws:license-manager::294406891311:license:l-8c1f40d2b7e94a6fa3d5906e27b1c84f"
    );
    assert!(provisioned.get("statusReasonCode").is_none());
    assert_eq!(world.with(|state| state.license_manager.licenses().count()), 1);
}

#[test]
fn only_the_acceptor_sees_an_agreement() {
    let world = world();
    world.purchase(&Purchase::sample());
    let body = json!({"agreementId": Purchase::sample().agreement});
    let (status, answer) = ask_as(&world, MEMBER, TARGET, "DescribeAgreement", &body);
    assert_eq!((status, answer["__type"].as_str()), (404, Some("ResourceNotFoundException")));
    assert_eq!(ask(&world, TARGET, "DescribeAgreement", &body).0, 200);
}

#[test]
fn a_renewal_is_a_new_agreement_in_the_same_chain() {
    let world = world();
    let first = Purchase::sample();
    world.purchase(&first);
    let second = Purchase {
        agreement: "agmt-second".into(),
        license: "l-00000000000000000000000000000002".into(),
        ..first.clone()
    };
    world.succeed(&first.agreement, &second, "RENEW");
    let old = told(&world, TARGET, "DescribeAgreement", &json!({"agreementId": first.agreement}));
    let new = told(&world, TARGET, "DescribeAgreement", &json!({"agreementId": "agmt-second"}));
    assert_eq!(old["status"], "RENEWED");
    assert_eq!(new["initialAgreementId"], first.agreement.as_str());
    let kinds: Vec<_> =
        world.with(|state| state.bus.events().iter().map(|event| event["detail-type"].clone()).collect());
    assert_eq!(
        kinds,
        [
            "Purchase Agreement Created - Acceptor",
            "Purchase Agreement Created - Acceptor",
            "Purchase Agreement Ended - Acceptor"
        ]
    );
    let renewal = world.with(|state| state.bus.events()[1].clone());
    assert_eq!(renewal["detail"]["agreement"]["previousAgreementId"], first.agreement.as_str());
    assert!(renewal["detail"]["agreement"].get("acceptanceTime").is_none());
}

#[test]
fn a_search_takes_an_acceptors_filters_only_and_pages() {
    let knobs = Knobs { page_size: 2, ..Knobs::default() };
    let world = World::new(&Blueprint::sample(), Settings { knobs, ..Settings::default() });
    for number in 0..5 {
        world.purchase(&Purchase {
            agreement: format!("agmt-{number}"),
            license: format!("l-{number:032x}"),
            ..Purchase::sample()
        });
    }
    let mine = [filter("PartyType", "Acceptor"), filter("AgreementType", "PurchaseAgreement")];
    let mut body = json!({"catalog": "AWSMarketplace", "filters": mine});
    let mut seen = Vec::new();
    loop {
        let answer = told(&world, TARGET, "SearchAgreements", &body);
        let page = answer["agreementViewSummaries"].as_array().unwrap();
        assert!(page.len() <= 2);
        seen.extend(page.iter().map(|summary| summary["agreementId"].as_str().unwrap().to_owned()));
        match answer.get("nextToken") {
            Some(token) => body["nextToken"] = token.clone(),
            None => break,
        }
    }
    seen.sort();
    assert_eq!(seen, ["agmt-0", "agmt-1", "agmt-2", "agmt-3", "agmt-4"]);
    for refused in [
        json!([mine[0]]),
        json!([mine[0], mine[1], filter("LicenseArn", "arn")]),
        json!([mine[0], mine[1], filter("ResourceType", "AmiProduct"), filter("Status", "ACTIVE")]),
        json!([mine[0], {"name": "AgreementType", "values": ["PurchaseAgreement", "Other"]}]),
    ] {
        let (status, answer) = ask(&world, TARGET, "SearchAgreements", &json!({"filters": refused}));
        assert_eq!((status, answer["__type"].as_str()), (400, Some("ValidationException")), "{refused}");
    }
    let (_, answer) = ask(&world, TARGET, "SearchAgreements", &json!({"filters": mine, "maxResults": 51}));
    assert_eq!(answer["__type"], "ValidationException");
}

fn rpc(world: &World, key: &str, operation: &str, body: &Cbor) -> (u16, Cbor) {
    let mut bytes = Vec::new();
    ciborium::into_writer(body, &mut bytes).unwrap();
    let request = Request::post(format!("/service/{TARGET}/operation/{operation}"))
        .header("smithy-protocol", "rpc-v2-cbor")
        .header("content-type", "application/cbor")
        .header("authorization", authorization(key))
        .body(Bytes::from(bytes))
        .unwrap();
    let response = send(world, request);
    assert_eq!(response.headers()["smithy-protocol"], "rpc-v2-cbor");
    assert_eq!(response.headers()["content-type"], "application/cbor");
    (response.status().as_u16(), ciborium::from_reader(response.body().as_ref()).unwrap())
}

fn member<'a>(map: &'a Cbor, name: &str) -> &'a Cbor {
    let members = map.as_map().unwrap();
    &members.iter().find(|(key, _)| key.as_text() == Some(name)).unwrap().1
}

#[test]
fn the_same_answers_come_as_cbor_with_tagged_times_and_typed_errors() {
    let world = world();
    world.purchase(&Purchase::sample());
    let body = Cbor::Map(vec![(Cbor::Text("agreementId".into()), Cbor::Text(Purchase::sample().agreement))]);
    let (status, answer) = rpc(&world, MANAGEMENT, "DescribeAgreement", &body);
    assert_eq!(status, 200);
    assert_eq!(member(&answer, "acceptanceTime"), &Cbor::Tag(1, Box::new(Cbor::Float(1_789_372_800.0))));
    let (status, answer) = rpc(&world, MEMBER, "DescribeAgreement", &body);
    assert_eq!(status, 404);
    assert!(member(&answer, "__type").as_text().unwrap().ends_with("#ResourceNotFoundException"));
}

#[test]
fn each_refusal_has_the_status_of_the_model_in_both_protocols() {
    let world = world();
    let refusals = [
        (Fault::AccessDenied, 403, "AccessDeniedException"),
        (Fault::AccountNotReady, 403, "AccessDeniedException"),
        (Fault::Throttle, 429, "ThrottlingException"),
        (Fault::ServerError, 500, "InternalServerException"),
    ];
    for (fault, status, code) in refusals {
        let fail = || world.with(|state| state.faults.fail_next(Service::Marketplace, "DescribeAgreement", fault));
        fail();
        let (was, answer) = ask(&world, TARGET, "DescribeAgreement", &json!({"agreementId": "agmt-1"}));
        assert_eq!((was, answer["__type"].as_str()), (status, Some(code)));
        fail();
        let body = Cbor::Map(vec![(Cbor::Text("agreementId".into()), Cbor::Text("agmt-1".into()))]);
        let (was, answer) = rpc(&world, MANAGEMENT, "DescribeAgreement", &body);
        let kind = member(&answer, "__type").as_text().unwrap().rsplit_once('#').unwrap().1.to_owned();
        assert_eq!((was, kind.as_str()), (status, code));
    }
}
