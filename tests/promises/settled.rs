//! A settled world is left alone

use grantway_tests::story::{Item, Story, WORKLOADS, another_purchase, one_by_one, rule, text};
use pretend_aws::Purchase;
use serde_json::json;

/// The ledger without what a look may always change: how far a lane got and when it is due
fn without_lane_counters(items: Vec<Item>) -> Vec<Item> {
    items
        .into_iter()
        .map(|mut item| {
            if text(&item, "sk") == "LANE" {
                for counter in ["wanted", "done", "due_at", "due_shard"] {
                    item.remove(counter);
                }
            }
            item
        })
        .collect()
}

#[tokio::test]
async fn one_more_full_reconcile_writes_nothing() {
    let mut story = Story::new().await;
    let (everywhere, somewhere) = (Purchase::sample(), another_purchase(2));
    story.with_rule(rule("everyone", &everywhere, &json!({"organization": true}))).await;
    story.with_rule(rule("workloads", &somewhere, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&everywhere).await;
    story.bought(&somewhere).await;
    story.settle().await;
    assert_eq!((story.active(&everywhere).len(), story.active(&somewhere).len()), (8, 4));

    story.reconcile().await;
    let before = without_lane_counters(story.ledger().await);
    story.forget_calls();
    story.reconcile().await;
    let writes = |service: &str| story.world().with(|state| state.calls.of(service).write);
    for service in ["LicenseManager", "Organizations", "Marketplace"] {
        assert_eq!(writes(service), 0, "{service}");
    }
    for operation in ["PutItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"] {
        assert_eq!(story.count("DynamoDb", operation), 0, "{operation}");
    }
    assert!(story.count("LicenseManager", "ListDistributedGrants") >= 2, "it did not even look");
    assert_eq!(without_lane_counters(story.ledger().await), before);
}

#[tokio::test]
async fn a_week_later_nothing_has_been_written_either() {
    let mut story = Story::new().await;
    let purchase = Purchase::sample();
    story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&purchase).await;
    story.settle().await;
    story.forget_calls();
    let hour = std::time::Duration::from_secs(3600);
    story.pass_sweeping(7 * 24 * hour, 2 * hour).await;
    assert_eq!(story.world().with(|state| state.calls.of("LicenseManager").write), 0);
    assert!(story.is_settled().await);
}
