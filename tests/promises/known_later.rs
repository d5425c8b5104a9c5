//! What rules may ask for and no listing tells: accounts' tags, and the agreements that brought licenses

use std::collections::BTreeSet;
use std::time::Duration;

use grant_plan::time::hours;
use grantway_tests::story::{IN_SECURITY, IN_WORKLOADS, SECURITY, Story, another_purchase, one_by_one, rule};
use pretend_aws::{Purchase, Service};
use serde_json::{Value, json};

const SWEEP: Duration = Duration::from_secs(300);

fn prod(purchase: &Purchase) -> Value {
    rule("prod", purchase, &json!({"tag": {"tier": "prod"}}))
}

#[tokio::test]
async fn accounts_with_the_tag_get_it_and_follow_the_tag() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.world().tag_account(IN_SECURITY[0], "tier", Some("prod"));
    story.world().tag_account(IN_SECURITY[1], "tier", Some("dev"));
    story.with_rule(prod(&purchase)).await;
    story.bought(&purchase).await;
    story.pass(2 * SWEEP).await;
    story.settle().await;
    assert_eq!(story.active(&purchase), BTreeSet::from([IN_SECURITY[0].to_owned()]));
    assert!(!story.pair_states(&purchase).await.contains_key(IN_WORKLOADS[0]), "it is known not to have the tag");

    // By its event at once, and without one within a day.
    story.world().tag_account(IN_SECURITY[1], "tier", Some("prod"));
    story.pump().await;
    story.settle().await;
    assert_eq!(story.active(&purchase).len(), 2);
    story.world().with(|state| {
        let account = state.organization.accounts.get_mut(IN_WORKLOADS[0]).unwrap();
        account.tags.insert("tier".to_owned(), "prod".to_owned());
    });
    story.pass_sweeping(hours(24), 6 * SWEEP).await;
    assert_eq!(story.active(&purchase).len(), 3);

    // The tag is gone: it is noted, and nothing is taken away.
    story.world().tag_account(IN_SECURITY[0], "tier", None);
    story.pass(2 * SWEEP).await;
    assert!(story.entry(&purchase, IN_SECURITY[0]).await.unwrap().unwanted_since.is_some());
    assert_eq!(story.active(&purchase).len(), 3);
}

#[tokio::test]
async fn tags_are_read_only_for_rules_that_ask_and_a_settled_day_reads_each_twice_at_most() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.with_rule(rule("security", &purchase, &one_by_one(&[SECURITY]))).await;
    story.bought(&purchase).await;
    story.pass_sweeping(hours(24), 6 * SWEEP).await;
    assert_eq!(story.count("Organizations", "ListTagsForResource"), 0);
    story.with_rule(prod(&purchase)).await;
    story.settle().await;
    story.forget_calls();
    story.pass(hours(24)).await;
    let accounts = story.world().with(|state| state.organization.accounts.len());
    let calls = story.count("Organizations", "ListTagsForResource");
    // One page in eight is empty and asks for another call.
    assert!((1..=3 * accounts).contains(&calls), "{calls} calls for {accounts} accounts");
}

#[tokio::test]
async fn an_account_that_is_gone_keeps_no_other_s_tags_from_being_read() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.world().tag_account(IN_SECURITY[1], "tier", Some("prod"));
    story.settle().await;
    // It left without an event, and the organization has not been listed since.
    story.world().with(|state| state.organization.accounts.remove(IN_SECURITY[0]));
    story.with_rule(prod(&purchase)).await;
    story.bought(&purchase).await;
    story.pass(2 * SWEEP).await;
    story.settle().await;
    assert_eq!(story.active(&purchase), BTreeSet::from([IN_SECURITY[1].to_owned()]));
}

#[tokio::test]
async fn by_tags_that_cannot_be_read_nothing_is_given_and_nothing_is_taken() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.world().tag_account(IN_SECURITY[0], "tier", Some("prod"));
    story.with_rule(prod(&purchase)).await;
    story.bought(&purchase).await;
    story.pass(2 * SWEEP).await;
    story.settle().await;
    assert_eq!(story.active(&purchase).len(), 1);
    // For two days nobody can read tags, and meanwhile the tag goes without an event.
    for _ in 0..2_000 {
        story.fail_next(Service::Organizations, "ListTagsForResource", pretend_aws::Fault::AccessDenied);
    }
    story.world().with(|state| state.organization.accounts.get_mut(IN_SECURITY[0]).unwrap().tags.clear());
    story.pass_sweeping(hours(36), 6 * SWEEP).await;
    assert_eq!(story.entry(&purchase, IN_SECURITY[0]).await.unwrap().unwanted_since, None);
    assert_eq!(story.active(&purchase).len(), 1);
    assert_eq!(story.pair_states(&purchase).await[IN_WORKLOADS[0]], "NOT_KNOWN_YET");
}

#[tokio::test]
async fn a_rule_by_agreement_seller_and_offer_follows_the_renewal() {
    let (mut story, first) = (Story::new().await, Purchase::sample());
    let item =
        |id: &str, products: Value| json!({"rule": id, "products": products, "accounts": one_by_one(&[SECURITY])});
    story.with_rule(item("by-agreement", json!({"agreement": first.agreement}))).await;
    story.bought(&first).await;
    story.settle().await;
    assert_eq!(story.active(&first).len(), 2);

    let renewal = another_purchase(2);
    story.world().succeed(&first.agreement, &renewal, "RENEW");
    story.settle().await;
    assert!(!story.grants_of(&renewal).is_empty(), "the rule names the agreement that it renews");

    let other = another_purchase(3);
    story.with_rule(item("by-seller", json!({"seller": other.proposer, "offer": other.offer}))).await;
    story.bought(&other).await;
    story.settle().await;
    assert_eq!(story.active(&other).len(), 2);
}

#[tokio::test]
async fn what_was_bought_before_the_deployment_is_looked_up() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.courier.delivery = grantway_tests::story::Delivery::ScheduleOnly;
    story.bought(&purchase).await;
    story.world().advance(hours(1));
    let by_type = json!({"type": purchase.product_type, "seller": purchase.proposer});
    story.with_rule(json!({"rule": "bought", "products": by_type, "accounts": one_by_one(&[SECURITY])})).await;
    story.pass_sweeping(hours(7), 6 * SWEEP).await;
    assert_eq!(story.active(&purchase).len(), 2);
    assert!(story.count("Marketplace", "SearchAgreements") >= 1);
    story.forget_calls();
    story.pass_sweeping(hours(24), 6 * SWEEP).await;
    assert_eq!(story.count("Marketplace", "SearchAgreements"), 0, "it is known by now");
}
