//! Payloads that a spoke cannot read: it has no ledger to keep them in, and lets nothing of them into its log

use grantway_tests::story::{HUB, IN_SECURITY, Log, SECURITY, Story, one_by_one, rule};
use pretend_aws::Purchase;
use serde_json::{Value, json};

#[tokio::test]
async fn garbage_is_said_to_be_none_of_ours_counts_as_done_and_the_spoke_goes_on() {
    let mut story = Story::of_spokes().await;
    let kind = "Grant Requested";
    let ours = |detail: Value| json!({"source": "grantway", "detail-type": kind, "account": HUB, "detail": detail});
    let garbage = [
        json!(null),
        json!([]),
        json!("owner@example.org"),
        json!({"Records": [{"messageId": "1", "body": "owner@example.org"}]}),
        json!({"job": "owner@example.org"}),
        json!({"source": "owner@example.org", "detail-type": "Grant Requested"}),
        ours(json!("owner@example.org")),
        ours(json!({"deployment": "owner@example.org"})),
        ours(json!({
            "deployment": "demo", "license": "owner@example.org", "account": IN_SECURITY[0], "grant": "arn:x",
            "activate": true, "asked_at": 0,
        })),
    ];
    let log = Log::listen();
    for payload in &garbage {
        assert_eq!(story.invoke_spoke(IN_SECURITY[0], payload.clone()).await, Ok(Value::Null), "{payload}");
    }
    let said = log.text();
    assert_eq!(said.lines().filter(|line| line.contains("invocation ignored: ")).count(), garbage.len(), "{said}");
    assert!(!said.contains("owner@example.org"), "{said}");
    assert!(said.contains("`license` is missing") && said.contains("infra/member-spoke.yaml"), "{said}");
    drop(log);
    story.with_rule(rule("security", &Purchase::sample(), &one_by_one(&[SECURITY]))).await;
    story.bought(&Purchase::sample()).await;
    story.settle().await;
    assert_eq!(story.pair_states(&Purchase::sample()).await[IN_SECURITY[0]], "ACTIVE");
}
