use std::collections::BTreeSet;
use std::time::Duration;

use pretend_aws::Purchase;

use crate::clients::{MANAGEMENT, config, run, world};

#[test]
fn the_organization_is_read_page_by_page_until_it_is_whole() {
    let world = world();
    let client = aws_sdk_organizations::Client::new(&config(&world, MANAGEMENT));
    let accounts = run(&world, async {
        let mut pages = client.list_accounts().max_results(3).into_paginator().send();
        let mut seen = BTreeSet::new();
        while let Some(page) = pages.next().await {
            for account in page.unwrap().accounts() {
                assert_eq!(account.paths().len(), 1);
                assert!(account.joined_timestamp().is_some());
                seen.insert(account.id().unwrap().to_owned());
            }
        }
        seen
    });
    assert_eq!(accounts.len(), 10);
}

#[test]
fn an_agreement_leads_to_its_license_once_that_is_provisioned() {
    let world = world();
    let client = aws_sdk_marketplaceagreement::Client::new(&config(&world, MANAGEMENT));
    let purchase = Purchase::sample();
    world.purchase(&purchase);
    let read = || async {
        let answer = client.get_agreement_entitlements().agreement_id(&purchase.agreement).send().await.unwrap();
        answer.agreement_entitlements()[0].clone()
    };
    let before = run(&world, read());
    assert_eq!(before.status().unwrap().as_str(), "PENDING");
    assert_eq!(before.license_arn(), None);
    world.advance(Duration::from_secs(90));
    let after = run(&world, read());
    assert_eq!(after.status().unwrap().as_str(), "PROVISIONED");
    assert!(after.license_arn().unwrap().ends_with(&purchase.license));
    assert_eq!(after.resource().unwrap().id(), Some(purchase.sku.as_str()));

    let described = run(&world, client.describe_agreement().agreement_id(&purchase.agreement).send()).unwrap();
    assert_eq!(described.initial_agreement_id(), Some(purchase.agreement.as_str()));
    assert_eq!(described.acceptance_time().unwrap().secs(), 1_789_372_800);
    let filter = |name: &str, value: &str| {
        aws_sdk_marketplaceagreement::types::Filter::builder().name(name).values(value).build()
    };
    let found = run(
        &world,
        client
            .search_agreements()
            .catalog("AWSMarketplace")
            .filters(filter("PartyType", "Acceptor"))
            .filters(filter("AgreementType", "PurchaseAgreement"))
            .send(),
    )
    .unwrap();
    assert_eq!(found.agreement_view_summaries()[0].entitlements()[0].license_arn(), after.license_arn());
}

#[test]
fn a_stranger_sees_no_agreement_and_gets_a_typed_error() {
    let world = world();
    world.purchase(&Purchase::sample());
    let client = aws_sdk_marketplaceagreement::Client::new(&config(&world, "318204957731"));
    let answer = run(&world, client.describe_agreement().agreement_id(Purchase::sample().agreement).send());
    assert!(answer.unwrap_err().into_service_error().is_resource_not_found_exception());
}

#[test]
fn a_session_of_an_assumed_role_acts_as_the_member_account() {
    let world = world();
    let sts = aws_sdk_sts::Client::new(&config(&world, MANAGEMENT));
    let assumed = run(
        &world,
        sts.assume_role().role_arn("arn:aws:iam::318204957731:role/accept").role_session_name("accept").send(),
    )
    .unwrap();
    let key = assumed.credentials().unwrap().access_key_id();
    let inside = aws_sdk_sts::Client::new(&config(&world, key));
    let identity = run(&world, inside.get_caller_identity().send()).unwrap();
    assert_eq!(identity.account(), Some("318204957731"));
}
