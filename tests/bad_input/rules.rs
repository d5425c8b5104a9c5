//! Rules that cannot be read

use std::collections::BTreeSet;
use std::time::Duration;

use grantway_tests::story::{
    IN_SECURITY, IN_WORKLOADS, Log, SANDBOX, SECURITY, Story, WORKLOADS, another_purchase, one_by_one, rule,
};
use pretend_aws::Purchase;
use serde_json::{Value, json};

/// Malformed rules: the item, the attribute at fault, what stands there, and a word of the advice
fn malformed(purchase: &Purchase) -> Vec<(Value, &'static str, &'static str, &'static str)> {
    let with = |changes: Value| {
        let mut item = rule("bad", purchase, &one_by_one(&[WORKLOADS]));
        item.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        item
    };
    vec![
        (with(json!({"accounts": {"ou": "ou-nonsense"}})), "accounts.ou", "ou-nonsense", "correct it"),
        (with(json!({"accounts": {"account": 12_345_678_901_u64}})), "accounts.account", "12345678901", ""),
        (with(json!({"accounts": {"organization": "maybe"}})), "accounts.organization", "maybe", "write `true`"),
        (with(json!({"accounts": {"organization": false}})), "accounts", "false", "write a map"),
        (with(json!({"accounts": "everybody"})), "accounts", "everybody", "write a map"),
        (with(json!({"accounts": {"tag": {"env": []}}})), "accounts.tag.env", "[]", "list a tag's value"),
        (with(json!({"except": {"ou": []}})), "except.ou", "[]", "list an organizational unit"),
        (with(json!({"products": "all"})), "products", "all", "write `"),
        (with(json!({"products": {"name": "["}})), "products.name", "[", "unclosed"),
        (with(json!({"enabled": "yes"})), "enabled", "yes", "write `true`"),
        (with(json!({"activation": "force"})), "activation", "force", "write `keep`"),
        (with(json!({"effect": "denies"})), "effect", "denies", ""),
        (with(json!({"execpt": {"ou": SANDBOX}})), "execpt", "", "except"),
        (with(json!({"description": ["Zoë"]})), "description", "(not shown)", "write a string"),
        (with(json!({"rule": "Bad Rule!"})), "rule", "Bad Rule!", "use 1 to 64"),
    ]
}

#[tokio::test]
async fn a_malformed_rule_grants_nothing_says_what_is_wrong_and_the_others_go_on() {
    let (bad, good) = (Purchase::sample(), another_purchase(2));
    for (item, attribute, value, advice) in malformed(&bad) {
        let mut story = Story::new().await;
        let log = Log::listen();
        story.with_rule(item.clone()).await;
        story.with_rule(rule("good", &good, &one_by_one(&[SECURITY]))).await;
        story.bought(&bad).await;
        story.bought(&good).await;
        story.settle().await;
        assert_eq!(story.grants_of(&bad), [], "{item}");
        assert_eq!(story.active(&good), BTreeSet::from(IN_SECURITY.map(str::to_owned)), "{item}");

        let findings = story.world().run(story.engine().policy()).await.unwrap().findings;
        let about = findings.iter().find(|finding| finding.attribute == attribute);
        let text = about.unwrap_or_else(|| panic!("{item}: {findings:?}")).to_string();
        assert!(
            text.contains(&format!("attribute `{attribute}`")) && text.contains(value) && text.contains(advice),
            "{text}"
        );
        let said = log.line_with("policy finding").expect("the log says so");
        assert!(said.contains(attribute) && said.contains(advice), "{said}");
        assert!(story.quarantined().await.is_empty(), "a rule is no message");
    }
}

#[tokio::test]
async fn a_rule_edited_to_nonsense_takes_nothing_away_and_marks_nothing_unwanted() {
    let (edited, other) = (Purchase::sample(), another_purchase(2));
    for (item, attribute, ..) in malformed(&edited) {
        if attribute == "rule" {
            continue;
        }
        let mut story = Story::new().await;
        let sound = rule("bad", &edited, &one_by_one(&[WORKLOADS]));
        story.with_rule(sound.clone()).await;
        if attribute == "products" {
            // What was recorded of it is lost, and its last good version is known by the edit alone.
            story.ledger_emptied().await;
        }
        story.with_rule(rule("other", &other, &one_by_one(&[WORKLOADS]))).await;
        story.bought(&edited).await;
        story.bought(&other).await;
        story.settle().await;
        let before = story.grants_of(&edited);
        assert_eq!(before.len(), 4);
        story.forget_calls();

        story.with_rule(item.clone()).await;
        // Under a rule that is sound an account moves away, and another unit is added.
        story.world().move_account(IN_WORKLOADS[0], SANDBOX);
        story.with_rule(rule("other", &other, &one_by_one(&[WORKLOADS, SECURITY]))).await;
        story.settle().await;
        story.reconcile().await;
        story.pass_sweeping(Duration::from_secs(86_400), Duration::from_secs(3600)).await;
        assert_eq!(story.grants_of(&edited), before, "{item}");
        assert_eq!(story.active(&edited).len(), 4);
        for purchase in [&edited, &other] {
            for account in IN_WORKLOADS {
                let entry = story.entry(purchase, account).await.unwrap();
                assert_eq!(entry.unwanted_since, None, "{item}: {account}");
            }
        }
        assert_eq!(story.active(&other).len(), 6, "additions do not go on while another rule is malformed");
        assert_eq!(story.count("LicenseManager", "DeleteGrant"), 0);

        // Mended: what was wanted all the time was wanted all the time, and only the mover's is not.
        story.with_rule(sound).await;
        story.settle().await;
        assert_eq!(story.grants_of(&edited), before, "{item}");
        for purchase in [&edited, &other] {
            for account in IN_WORKLOADS {
                let unwanted = story.entry(purchase, account).await.unwrap().unwanted_since.is_some();
                assert_eq!(unwanted, account == IN_WORKLOADS[0], "{item}: {account}");
            }
        }
    }
}

#[tokio::test]
async fn a_rule_that_denies_never_grants() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    let mut deny = rule("deny", &purchase, &json!({"organization": true}));
    deny["effect"] = json!("deny");
    story.with_rule(deny).await;
    story.bought(&purchase).await;
    story.settle().await;
    story.reconcile().await;
    story.pass_sweeping(Duration::from_secs(86_400), Duration::from_secs(3600)).await;
    assert_eq!(story.world().with(|state| state.calls.of("LicenseManager").write), 0);
    assert!(story.pair_states(&purchase).await.is_empty());

    // Beside a rule that grants it wins, and where it does not reach the other is followed.
    story.with_rule(rule("grant", &purchase, &one_by_one(&[SECURITY]))).await;
    story.settle().await;
    assert_eq!(story.active(&purchase), BTreeSet::new());
    let mut deny = rule("deny", &purchase, &json!({"account": IN_SECURITY[0]}));
    deny["effect"] = json!("deny");
    story.with_rule(deny).await;
    story.settle().await;
    assert_eq!(story.active(&purchase), IN_SECURITY[1..].iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>());
}

#[tokio::test]
async fn malformed_settings_stand_still_rather_than_go_on() {
    for (settings, paused) in [
        (json!({"rule": "_settings", "paused": "ja"}), true),
        (json!({"rule": "_settings", "paused": 1}), true),
        (json!({"rule": "_settings", "pause": true}), false),
    ] {
        let (mut story, purchase) = (Story::new().await, Purchase::sample());
        let log = Log::listen();
        story.with_rule(settings.clone()).await;
        story.with_rule(rule("some", &purchase, &one_by_one(&[SECURITY]))).await;
        story.bought(&purchase).await;
        story.settle().await;
        assert_eq!(story.grants_of(&purchase).is_empty(), paused, "{settings}");
        let said = log.line_with("policy finding").expect("the log says so");
        assert!(said.contains("_settings") && said.contains("paus"), "{said}");
    }
}
