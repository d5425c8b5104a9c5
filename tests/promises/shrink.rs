//! A policy that lost much of what it held is taken for a fault until a person accepts it

use grant_plan::guard::{Counted, Shrunk};
use grantway_tests::story::{
    IN_SECURITY, IN_WORKLOADS, Log, SECURITY, Story, WORKLOADS, another_purchase, one_by_one, rule,
};
use pretend_aws::Purchase;

/// Four rules, of which one gives the sample purchase to two accounts
async fn four_rules() -> (Story, Purchase) {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.with_rule(rule("security", &purchase, &one_by_one(&[SECURITY]))).await;
    for number in 2..=4 {
        let other = another_purchase(number);
        story.with_rule(rule(&format!("other-{number}"), &other, &one_by_one(&[WORKLOADS]))).await;
    }
    story.bought(&purchase).await;
    story.settle().await;
    story.reconcile().await;
    assert_eq!(story.active(&purchase).len(), 2);
    (story, purchase)
}

async fn unwanted(story: &Story, purchase: &Purchase) -> usize {
    let mut unwanted = 0;
    for account in IN_SECURITY {
        let entry = story.entry(purchase, account).await.expect("it is remembered");
        unwanted += usize::from(entry.unwanted_since.is_some());
    }
    unwanted
}

#[tokio::test]
async fn one_rule_of_four_may_go_like_any_other_edit() {
    let (mut story, purchase) = four_rules().await;
    story.without_rule("security").await;
    story.settle().await;
    assert_eq!(unwanted(&story, &purchase).await, 2);
}

#[tokio::test]
async fn an_emptied_table_makes_nothing_unwanted_until_that_is_accepted() {
    let (mut story, purchase) = four_rules().await;
    let log = Log::listen();
    for rule in ["other-2", "other-3", "other-4", "security"] {
        story.without_rule(rule).await;
    }
    story.settle().await;
    story.reconcile().await;
    story.settle().await;
    assert_eq!(unwanted(&story, &purchase).await, 0);
    let said = log.line_with("accept-shrink").expect("the log says what to do");
    assert!(said.contains("rules fell from"), "{said}");

    let (counts, shrunk) = {
        let policy = story.world().run(story.engine().policy()).await.unwrap();
        story.world().run(story.engine().counts(&policy)).await.unwrap()
    };
    assert!(matches!(shrunk.as_slice(), [Shrunk { what: Counted::Rules, to: 0, .. }]), "{shrunk:?}");
    story.world().run(story.engine().accept_counts(counts)).await.unwrap();
    story.reconcile().await;
    story.settle().await;
    assert_eq!(unwanted(&story, &purchase).await, 2);
    assert_eq!(story.active(&purchase).len(), 2, "nothing is taken away");
}

#[tokio::test]
async fn while_much_is_gone_additions_go_on() {
    let (mut story, purchase) = four_rules().await;
    for rule in ["other-2", "other-3", "other-4"] {
        story.without_rule(rule).await;
    }
    story.with_rule(rule("security", &purchase, &one_by_one(&[SECURITY, WORKLOADS]))).await;
    story.settle().await;
    assert_eq!(story.active(&purchase).len(), 2 + IN_WORKLOADS.len());
}
