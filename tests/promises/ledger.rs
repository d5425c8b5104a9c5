//! A ledger that was lost, and one that a newer version has written

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use grantway_tests::story::{IN_WORKLOADS, Story, WORKLOADS, another_purchase, one_by_one, rule, text};
use pretend_aws::{Knobs, Purchase};
use serde_json::json;

#[tokio::test]
async fn an_emptied_ledger_revokes_nothing_and_makes_no_second_grant() {
    for duplicate_grants_refused in [true, false] {
        let knobs = Knobs { duplicate_grants_refused, ..Knobs::default() };
        let mut story = Story::with_knobs(knobs).await;
        let (everywhere, somewhere) = (Purchase::sample(), another_purchase(2));
        story.with_rule(rule("everyone", &everywhere, &json!({"organization": true}))).await;
        story.with_rule(rule("workloads", &somewhere, &one_by_one(&[WORKLOADS]))).await;
        story.bought(&everywhere).await;
        story.bought(&somewhere).await;
        story.settle().await;
        let before = (story.grants_of(&everywhere), story.grants_of(&somewhere));
        story.ledger_emptied().await;
        assert!(story.ledger().await.is_empty());
        story.forget_calls();
        story.reconcile().await;
        story.settle().await;
        assert_eq!((story.grants_of(&everywhere), story.grants_of(&somewhere)), before);
        assert_eq!(story.world().with(|state| state.calls.of("LicenseManager").write), 0);
        for account in IN_WORKLOADS {
            assert_eq!(story.pair_states(&everywhere).await[account], "ACTIVE");
            assert_eq!(story.pair_states(&somewhere).await[account], "ACTIVE");
        }

        // Nobody wants them any more, and still nobody touches what the ledger does not know.
        story.without_rule("workloads").await;
        story.settle().await;
        assert_eq!(story.held_grants(&somewhere).await[IN_WORKLOADS[0]], "STAMP_WITHOUT_ENTRY");
        assert_eq!(story.grants_of(&somewhere), before.1);
    }
}

#[tokio::test]
async fn a_ledger_emptied_in_mid_flight_shows_what_it_does_not_know() {
    let knobs = Knobs { auto_accept_account_grants: false, duplicate_grants_refused: false, ..Knobs::default() };
    let (mut story, purchase) = (Story::with_knobs(knobs).await, Purchase::sample());
    for account in IN_WORKLOADS {
        story.world().with(|state| state.sts.missing_roles.insert(account.to_owned()));
    }
    story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&purchase).await;
    story.settle().await;
    assert_eq!(story.grants_of(&purchase).len(), 4);
    story.ledger_emptied().await;
    story.reconcile().await;
    story.settle().await;
    assert_eq!(story.grants_of(&purchase).len(), 4, "a second grant was made");
    let codes: BTreeSet<String> = story.pair_states(&purchase).await.into_values().collect();
    assert_eq!(codes, BTreeSet::from(["STAMP_WITHOUT_ENTRY".to_owned()]));
}

#[tokio::test]
async fn a_snapshot_of_the_organization_that_lost_a_part_is_read_anew() {
    let mut story = Story::new().await;
    let (first, second) = (Purchase::sample(), another_purchase(2));
    story.with_rule(rule("workloads", &first, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&first).await;
    story.settle().await;
    let clients = story.clients();
    let chunks: Vec<_> = story.ledger().await.into_iter().filter(|item| text(item, "pk").starts_with("ORG#")).collect();
    assert_eq!(chunks.len(), 1);
    let call = clients.dynamodb.delete_item().table_name(&story.config().ledger_table);
    let call = call.key("pk", chunks[0]["pk"].clone()).key("sk", chunks[0]["sk"].clone());
    story.world().run(call.send()).await.unwrap();

    story.with_rule(rule("workloads-too", &second, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&second).await;
    story.settle().await;
    assert_eq!((story.active(&first).len(), story.active(&second).len()), (4, 4));
    let kept = story.world().run(story.engine().ledger().organization()).await.unwrap().expect("a whole snapshot");
    assert_eq!(kept.accounts.len(), 10);
}

/// Writes a schema number of the future into the items of one license whose sort key begins so
async fn from_the_future(story: &Story, purchase: &Purchase, kind: &str) {
    let pk = format!("LICENSE#{}", purchase.license);
    let items = story.ledger().await;
    let mut changed = 0;
    for mut item in items.into_iter().filter(|item| text(item, "pk") == pk && text(item, "sk").starts_with(kind)) {
        item.insert("schema".to_owned(), AttributeValue::N("999".to_owned()));
        story.ledger_put(item).await;
        changed += 1;
    }
    assert!(changed > 0, "no {kind} to change");
}

#[tokio::test]
async fn an_item_of_a_newer_version_stops_its_license_with_a_message_and_no_other() {
    for kind in ["GRANT#", "PAIR#", "LANE"] {
        for stopped in [1, 3] {
            let mut story = Story::new().await;
            let purchases = [another_purchase(1), another_purchase(2), another_purchase(3)];
            let stopped = &purchases[stopped - 1];
            // The suspended account leaves a PAIR item.
            let few = json!({"account": [IN_WORKLOADS[0], "730912846625"]});
            for purchase in &purchases {
                story.with_rule(rule(&format!("r{}", &purchase.license[33..]), purchase, &few)).await;
                story.bought(purchase).await;
            }
            story.settle().await;
            from_the_future(&story, stopped, kind).await;
            let ledger_of_the_stopped = |items: Vec<_>| -> Vec<_> {
                let pk = format!("LICENSE#{}", stopped.license);
                items.into_iter().filter(|item| text(item, "pk") == pk && text(item, "sk") != "LANE").collect()
            };
            let before = ledger_of_the_stopped(story.ledger().await);

            for purchase in &purchases {
                let rule = rule(&format!("r{}", &purchase.license[33..]), purchase, &one_by_one(&[WORKLOADS]));
                story.with_rule(rule).await;
            }
            story.reconcile().await;
            story.pass(std::time::Duration::from_secs(3600)).await;
            for purchase in &purchases {
                let expected = if purchase.license == stopped.license { 1 } else { 4 };
                assert_eq!(story.active(purchase).len(), expected, "{kind} of {}", stopped.license);
            }
            assert_eq!(ledger_of_the_stopped(story.ledger().await), before, "{kind}: it was written over");
            assert_eq!(story.courier.failures, [""; 0], "{kind}: messages came back in vain");

            let arn = grantway_tests::story::license_arn(stopped);
            let message = match kind {
                "LANE" => story.world().run(story.engine().ledger().lane(arn.id())).await.unwrap_err().to_string(),
                _ => story.world().run(story.engine().plan(&arn)).await.unwrap_err().to_string(),
            };
            assert!(message.contains("schema is 999") && message.contains("deploy the newer version"), "{message}");
        }
    }
}
