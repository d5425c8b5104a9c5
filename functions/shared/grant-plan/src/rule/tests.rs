use serde_json::json;

use super::*;
use crate::finding::Severity;

fn found(item: &Value) -> Vec<Finding> {
    Rule::read_with_warnings(item).1
}

fn everyone(more: &Value) -> Value {
    let mut item = json!({"rule": "everyone", "products": "*", "accounts": {"organization": true}});
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    item
}

/// The attribute and help of the only finding
fn only(more: &Value) -> (String, String, Severity) {
    let findings = found(&everyone(more));
    assert_eq!(findings.len(), 1, "{findings:#?}");
    (findings[0].attribute.clone(), findings[0].help.clone(), findings[0].severity)
}

#[test]
fn a_rule_is_read_as_the_console_writes_it() {
    let rule = Rule::read(&json!({
        "rule": "everyone", "enabled": "true", "description": "for all", "priority": "10",
        "products": {"name": "Acme *", "sku": ["prod-1", "prod-2"]}, "max_accounts": 5,
        "accounts": {"organization": true}, "except": {"account": 123456789012_u64},
    }))
    .unwrap();
    assert_eq!(rule.id.as_str(), "everyone");
    assert!(rule.enabled && rule.accounts.is_whole_organization());
    assert_eq!(rule.except.unwrap().accounts.len(), 1);
    assert_eq!((rule.activation, rule.priority, rule.max_accounts), (Activation::Keep, 10, Some(5)));
}

#[test]
fn all_findings_come_at_once_and_each_names_attribute_value_and_help() {
    let found = found(&json!({
        "rule": "Bad Rule", "enabled": "perhaps", "products": {"sku": []}, "accounts": {"ou": ["ou-1"], "acount": "1"},
        "activation": "force", "execpt": {"organization": true}, "priority": "high", "valid_from": "soon",
    }));
    for (attribute, value) in [
        ("rule", "Bad Rule"),
        ("enabled", "perhaps"),
        ("products.sku", "[]"),
        ("accounts.ou", "ou-1"),
        ("accounts.acount", "1"),
        ("activation", "force"),
        ("execpt", "organization"),
        ("priority", "high"),
        ("valid_from", "soon"),
    ] {
        assert!(
            found.iter().any(|one| one.attribute == attribute && one.value.contains(value) && !one.help.is_empty()),
            "{attribute} is not among {found:#?}"
        );
    }
    assert_eq!(found.len(), 9);
}

#[test]
fn misspelt_words_are_asked_about() {
    let (attribute, help, _) = only(&json!({"execpt": {"account": "123456789012"}}));
    assert_eq!(attribute, "execpt");
    assert!(help.starts_with("did you mean `except`? this version knows rule,"), "{help}");
    assert!(only(&json!({"activation": "maunal"})).1.starts_with("did you mean `manual`?"));
    assert!(only(&json!({"ou": "ou-ab12-34cd56ef"})).1.starts_with("did you mean `accounts.ou`?"));
    assert!(only(&json!({"products": {"type": "amiproduct"}})).1.starts_with("did you mean `AmiProduct`?"));
    assert!(only(&json!({"operations": ["CheckoutLicence"]})).1.starts_with("did you mean `CheckoutLicense`?"));
    assert!(only(&json!({"accounts": {"state": "ACTVE"}})).1.starts_with("did you mean `ACTIVE`?"));
    assert!(only(&json!({"accounts": {"ou": "r-ab12"}})).1.contains("organization: true"));
}

#[test]
fn an_account_id_that_lost_its_zeros_is_no_account_id() {
    assert_eq!(only(&json!({"accounts": {"account": 12_345_678_901_u64}})).0, "accounts.account");
    assert_eq!(only(&json!({"accounts": {"account": "123456789012 "}})).1, "take the blanks at its ends out");
}

#[test]
fn windows_revocation_and_rings_are_looked_at_as_a_whole() {
    let backwards = json!({"valid_from": "2027-01-02", "valid_until": "2027-01-02"});
    assert_eq!(only(&backwards).0, "valid_until");
    assert_eq!(only(&json!({"revoke": {"off_days": 3}})).0, "revoke.after_days");
    assert_eq!(only(&json!({"rollout": {"first": {"organization": true}}})).0, "rollout.then_after_days");
    assert_eq!(only(&json!({"max_accounts": 0})).0, "max_accounts");
    assert_eq!(only(&json!({"operations": "CreateGrant"})).0, "operations");
    assert_eq!(only(&json!({"except": {}})).0, "except");
    assert_eq!(only(&json!({"accounts": {"tag": {"env": []}}})).0, "accounts.tag.env");
}

#[test]
fn what_does_not_act_yet_or_means_nothing_is_said_and_hinders_nothing() {
    for (more, attribute) in [
        (json!({"cover": "wide", "activation": "manual"}), "cover"),
        (json!({"revoke": {"after_days": 3}}), "revoke.off_days"),
        (json!({"effect": "deny", "activation": "keep"}), "activation"),
        (json!({"max_accounts": "7"}), "max_accounts"),
        (json!({"except": {"organization": true}}), "except"),
        (json!({"products": {"sku": "a", "exact": true}}), "products.exact"),
        (json!({"accounts": {"organization": true, "ou": "ou-ab12-34cd56ef"}}), "accounts.organization"),
    ] {
        let (found, _, severity) = only(&more);
        assert_eq!((found.as_str(), severity), (attribute, Severity::Warning), "{more}");
        assert!(Rule::read(&everyone(&more)).is_ok());
    }
}

#[test]
fn a_rule_must_say_who_and_what() {
    assert_eq!(found(&json!({"rule": "r"})).len(), 2);
    assert_eq!(found(&json!({"rule": "r", "products": "*", "accounts": {"organization": false}})).len(), 1);
    assert_eq!(found(&json!({"rule": "r", "products": {"exact": true}, "accounts": {"organization": true}})).len(), 1);
    assert!(!found(&json!("text")).is_empty());
}

#[test]
fn the_canonical_item_is_sorted_and_leaves_defaults_out() {
    let item = everyone(&json!({
        "enabled": true, "priority": 100, "effect": "grant", "revoke": "never",
        "accounts": {"account": ["210987654321", "123456789012", "123456789012"], "organization": "false"},
        "valid_from": "2027-01-31", "revoke": {"after_days": "3"},
    }));
    let expected = json!({
        "rule": "everyone", "products": "*", "accounts": {"account": ["123456789012", "210987654321"]},
        "valid_from": "2027-01-31T00:00:00Z", "revoke": {"after_days": 3, "off_days": 7},
    });
    let rule = Rule::read(&item).unwrap();
    assert_eq!(rule.item(), expected);
    assert_eq!(Rule::read(&expected).unwrap(), rule);
}
