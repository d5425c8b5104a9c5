//! Agreements in every state, their entitlements, and the events that tell of them

use std::fs;
use std::path::Path;
use std::time::Duration;

use pretend_aws::marketplace::Entitlement;
use pretend_aws::{Blueprint, Cancellation, Knobs, Purchase, Settings, World};
use serde_json::{Value, json};

use crate::ask::{ask, told, world};

const TARGET: &str = "AWSMPCommerceService_v20200301";

fn entitlements(world: &World) -> Vec<Value> {
    let body = json!({"agreementId": Purchase::sample().agreement});
    told(world, TARGET, "GetAgreementEntitlements", &body)["agreementEntitlements"].as_array().unwrap().clone()
}

fn search(world: &World, filters: &[(&str, &str)], more: &Value) -> (u16, Value) {
    let party = [("PartyType", "Acceptor"), ("AgreementType", "PurchaseAgreement")];
    let filters = party.iter().chain(filters).map(|(name, value)| json!({"name": name, "values": [value]}));
    let mut body = json!({"catalog": "AWSMarketplace", "filters": filters.collect::<Vec<_>>()});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ask(world, TARGET, "SearchAgreements", &body)
}

fn found(world: &World, filters: &[(&str, &str)], more: &Value) -> Vec<String> {
    let (status, answer) = search(world, filters, more);
    assert_eq!(status, 200, "{answer}");
    let summaries = answer["agreementViewSummaries"].as_array().unwrap();
    summaries.iter().map(|summary| summary["agreementId"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_agreement_for_later_is_scheduled_then_pending_then_provisioned() {
    let world = world();
    let start = world.now().checked_add(jiff::SignedDuration::from_hours(24)).unwrap();
    world.purchase_for_later(&Purchase::sample(), start);
    let first = |world: &World| {
        let one = entitlements(world).remove(0);
        (one["status"].as_str().unwrap().to_owned(), one["statusReasonCode"].clone())
    };
    assert_eq!(first(&world), ("SCHEDULED".to_owned(), json!("FUTURE_START_DATE")));
    world.advance(Duration::from_secs(86_400));
    assert_eq!(first(&world), ("PENDING".to_owned(), json!("PROVISIONING_IN_PROGRESS")));
    world.advance(Duration::from_secs(90));
    assert_eq!(first(&world), ("PROVISIONED".to_owned(), Value::Null));
    let event = world.with(|state| state.bus.events()[0]["detail"]["agreement"].clone());
    assert_eq!(
        (&event["startTime"], &event["acceptanceTime"]),
        (&json!("2026-09-15T08:00:00Z"), &json!("2026-09-14T08:00:00Z"))
    );
}

#[test]
fn every_reason_of_an_entitlement_can_be_given_and_mended() {
    let world = world();
    world.purchase(&Purchase::sample());
    let agreement = Purchase::sample().agreement;
    for (status, reason) in [
        ("FAILED", "INVALID_PAYMENT_INSTRUMENT"),
        ("FAILED", "INCOMPATIBLE_CURRENCY"),
        ("FAILED", "ACCOUNT_SUSPENDED"),
        ("FAILED", "UNSUPPORTED_OPERATION"),
        ("DEPROVISIONED", "AGREEMENT_INACTIVE"),
        ("PENDING", "AGREEMENT_ACTIVE"),
        ("PENDING", "PRODUCT_RESTRICTED"),
    ] {
        world.set_entitlement(&agreement, 0, status, Some(reason));
        world.advance(Duration::from_secs(3600));
        let one = entitlements(&world).remove(0);
        assert_eq!((&one["status"], &one["statusReasonCode"]), (&json!(status), &json!(reason)));
        assert!(one.get("licenseArn").is_none() && one.get("registrationToken").is_none());
    }
    world.provision_entitlement(&agreement, 0, 30);
    world.advance(Duration::from_secs(30));
    let one = entitlements(&world).remove(0);
    assert_eq!(one["status"], "PROVISIONED");
    assert!(one["licenseArn"].is_string());
}

#[test]
fn a_registration_token_changes_every_half_hour_and_is_easy_to_find_in_a_log() {
    let world = world();
    world.purchase(&Purchase::sample());
    world.advance(Duration::from_secs(90));
    let token = || entitlements(&world).remove(0)["registrationToken"].as_str().unwrap().to_owned();
    let first = token();
    assert!(first.starts_with("registration-token."));
    assert_eq!(token(), first);
    world.advance(Duration::from_secs(1_800));
    assert_ne!(token(), first);
}

#[test]
fn an_agreement_on_several_products_has_an_entitlement_and_a_license_for_each_page_by_page() {
    let knobs = Knobs { page_size: 1, ..Knobs::default() };
    let world = World::new(&Blueprint::sample(), Settings { knobs, ..Settings::default() });
    let purchase = Purchase::sample();
    world.purchase(&purchase);
    let due = Some(world.now());
    let more = Entitlement::usage("prod-second", "ContainerProduct", "l-00000000000000000000000000000002", due);
    world.add_entitlement(&purchase.agreement, more);
    world.add_entitlement(&purchase.agreement, Entitlement::discount("prod-third", "SaaSProduct", due));
    world.advance(Duration::from_secs(90));
    let mut body = json!({"agreementId": purchase.agreement});
    let mut seen = Vec::new();
    loop {
        let answer = told(&world, TARGET, "GetAgreementEntitlements", &body);
        let page = answer["agreementEntitlements"].as_array().unwrap();
        assert_eq!(page.len(), 1);
        seen.push((page[0]["resource"]["id"].as_str().unwrap().to_owned(), page[0].get("licenseArn").is_some()));
        match answer.get("nextToken") {
            Some(token) => body["nextToken"] = token.clone(),
            None => break,
        }
    }
    let wanted = [(purchase.sku.as_str(), true), ("prod-second", true), ("prod-third", false)];
    assert_eq!(seen, wanted.map(|(id, licensed)| (id.to_owned(), licensed)));
    let skus: Vec<String> =
        world.with(|state| state.license_manager.licenses().map(|one| one.sku().to_owned()).collect());
    assert_eq!(skus.len(), 2, "{skus:?}");
    let (agreement, license) = ("agmt-other".to_owned(), "l-00000000000000000000000000000004".to_owned());
    world.purchase(&Purchase { agreement, license, ..purchase });
    let other = json!({"agreementId": "agmt-other", "nextToken": body["nextToken"]});
    let (status, answer) = ask(&world, TARGET, "GetAgreementEntitlements", &other);
    assert_eq!((status, answer["reason"].as_str()), (400, Some("INVALID_NEXT_TOKEN")), "a token is of one agreement");
}

#[test]
fn an_acceptor_may_search_by_these_sets_of_filters_and_no_other() {
    let world = world();
    world.purchase(&Purchase::sample());
    let (sku, offer) = (Purchase::sample().sku, Purchase::sample().offer);
    let (before, after) = (("BeforeEndTime", "2030-01-01T00:00:00Z"), ("AfterEndTime", "2026-01-01T00:00:00Z"));
    let status = ("Status", "ACTIVE");
    let mut sets: Vec<Vec<(&str, &str)>> =
        vec![vec![("ResourceType", "AmiProduct")], vec![("ResourceType", "AmiProduct"), before]];
    for subject in [None, Some(("ResourceIdentifier", sku.as_str())), Some(("OfferId", offer.as_str()))] {
        for rest in [vec![], vec![status], vec![before, after], vec![status, before]] {
            sets.push(subject.into_iter().chain(rest).collect());
        }
    }
    for set in &sets {
        assert_eq!(found(&world, set, &json!({})), [Purchase::sample().agreement.as_str()], "{set:?}");
    }
    assert_eq!(found(&world, &[("OfferSetId", "offerset-1"), status], &json!({})), Vec::<String>::new());
    for (set, reason) in [
        (vec![("LicenseArn", "arn:aws:license-manager::1:license:l-1")], "UNSUPPORTED_FILTERS"),
        (vec![("InitialAgreementId", "agmt-1")], "UNSUPPORTED_FILTERS"),
        (vec![("BeforeStartTime", "2030-01-01T00:00:00Z")], "UNSUPPORTED_FILTERS"),
        (vec![("ResourceType", "AmiProduct"), status], "UNSUPPORTED_FILTERS"),
        (vec![("ResourceIdentifier", "prod-1"), ("OfferId", "offer-1")], "UNSUPPORTED_FILTERS"),
        (vec![("Colour", "blue")], "INVALID_FILTER_NAME"),
        (vec![("Status", "ASLEEP")], "INVALID_FILTER_VALUES"),
        (vec![("BeforeEndTime", "soon")], "INVALID_FILTER_VALUES"),
    ] {
        let (code, answer) = search(&world, &set, &json!({}));
        assert_eq!((code, &answer["reason"]), (400, &json!(reason)), "{set:?}: {answer}");
    }
    for (more, reason) in [
        (json!({"sort": {"sortBy": "StartTime"}}), "INVALID_SORT_BY"),
        (json!({"catalog": "Elsewhere"}), "INVALID_CATALOG"),
        (json!({"maxResults": 51}), "INVALID_MAX_RESULTS"),
    ] {
        let (code, answer) = search(&world, &[], &more);
        assert_eq!((code, &answer["reason"]), (400, &json!(reason)), "{more}: {answer}");
    }
}

#[test]
fn a_chain_is_found_in_the_order_of_its_ends_with_every_status() {
    let world = world();
    let first = Purchase::sample();
    world.purchase(&first);
    let mut previous = first.agreement.clone();
    for (number, intent) in [(2, "RENEW"), (3, "REPLACE")] {
        world.advance(Duration::from_secs(86_400));
        let next =
            Purchase { agreement: format!("agmt-{number}"), license: format!("l-{number:032x}"), ..first.clone() };
        world.succeed(&previous, &next, intent);
        previous = next.agreement;
    }
    assert_eq!(found(&world, &[], &json!({})), [first.agreement.as_str(), "agmt-2", "agmt-3"]);
    let backwards = json!({"sort": {"sortBy": "EndTime", "sortOrder": "DESCENDING"}});
    assert_eq!(found(&world, &[], &backwards), ["agmt-3", "agmt-2", first.agreement.as_str()]);
    assert_eq!(found(&world, &[("Status", "RENEWED")], &json!({})), [first.agreement.as_str()]);
    assert_eq!(found(&world, &[("Status", "REPLACED")], &json!({})), ["agmt-2"]);
    for status in ["ROLLED_BACK", "SUPERSEDED", "ARCHIVED"] {
        world.set_agreement_status("agmt-3", status);
        let described = told(&world, TARGET, "DescribeAgreement", &json!({"agreementId": "agmt-3"}));
        assert_eq!((&described["status"], &described["initialAgreementId"]), (&json!(status), &json!(first.agreement)));
    }
}

#[test]
fn an_agreement_that_renews_says_so_and_one_without_end_says_nothing() {
    let world = world();
    world.purchase(&Purchase::sample());
    let agreement = Purchase::sample().agreement;
    let behavior =
        || told(&world, TARGET, "DescribeAgreement", &json!({"agreementId": agreement}))["endTimeBehavior"].clone();
    assert_eq!(behavior()["type"], "EXPIRE");
    world.amend_agreement(&agreement, true);
    assert_eq!(behavior()["type"], "RENEW");
    world.with(|state| state.marketplace.agreements.get_mut(&agreement).unwrap().end = None);
    assert_eq!(behavior(), Value::Null);
}

/// Same members in the same places; what may be null may be anything
fn same_shape(event: &Value, sample: &Value) -> bool {
    match (event, sample) {
        (Value::Object(event), Value::Object(sample)) => {
            event.keys().eq(sample.keys()) && event.iter().all(|(name, member)| same_shape(member, &sample[name]))
        }
        (Value::Array(event), Value::Array(sample)) => {
            event.len() == sample.len() && event.iter().zip(sample).all(|(event, sample)| same_shape(event, sample))
        }
        (Value::Null, _) | (_, Value::Null) => true,
        (event, sample) => std::mem::discriminant(event) == std::mem::discriminant(sample),
    }
}

#[test]
fn what_becomes_of_an_agreement_appears_in_the_shape_of_the_samples() {
    let world = world();
    world.purchase(&Purchase::sample());
    let agreement = Purchase::sample().agreement;
    world.amend_agreement(&agreement, true);
    world.agreement_ending(&agreement, 90);
    world.renewal_terms_finalized(&agreement, "84000.00");
    world.renewal_upcoming(&agreement, "84000.00");
    for what in [Cancellation::PendingApproval, Cancellation::Approved, Cancellation::Cancelled, Cancellation::Rejected]
    {
        world.cancellation_request(&agreement, what);
    }
    world.billing_adjusted(&agreement, "-1000.00");
    let events = world.with(|state| state.bus.events()[1..].to_vec());
    let samples = [
        "mp-agreement-amended",
        "mp-agreement-ending",
        "mp-agreement-renewal-terms-finalized",
        "mp-agreement-renewal-upcoming",
        "mp-cancellation-request-pending-approval",
        "mp-cancellation-request-approved",
        "mp-cancellation-request-cancelled",
        // There is no sample of a rejection; it has the shape of the others.
        "mp-cancellation-request-cancelled",
        "mp-billing-adjustment-completed",
    ];
    assert_eq!(events.len(), samples.len());
    for (event, sample) in events.iter().zip(samples) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../fixtures/events/{sample}.json"));
        let sample: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        assert!(same_shape(event, &sample), "{event}\n{sample}");
        assert_eq!(event["detail"]["agreement"]["id"], agreement.as_str());
        if event["detail"]["agreementCancellationRequest"]["statusCode"] != "REJECTED" {
            assert_eq!(event["detail-type"], sample["detail-type"]);
        }
    }
}
