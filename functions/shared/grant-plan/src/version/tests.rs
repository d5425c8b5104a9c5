use serde_json::json;

use super::*;

fn everyone(more: &Value) -> Value {
    let mut item = json!({"rule": "everyone", "products": "*", "accounts": {"organization": true}});
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    item
}

fn recorded(versions: &[(i64, Value)]) -> BTreeMap<String, Vec<Recorded>> {
    let mut all: BTreeMap<String, Vec<Recorded>> = BTreeMap::new();
    for (at, image) in versions {
        let key = image["rule"].as_str().unwrap().to_owned();
        all.entry(key).or_default().push(Recorded { at: Timestamp(*at), image: Some(image.clone()) });
    }
    all
}

fn bad() -> Value {
    everyone(&json!({"execpt": {"account": "123456789012"}}))
}

#[test]
fn a_good_version_overwritten_by_a_bad_one_at_once_is_in_force() {
    let (first, second) = (everyone(&json!({"priority": 1})), everyone(&json!({"priority": 2})));
    let policy = in_force(&[bad()], &recorded(&[(1, first), (2, second.clone()), (2, bad())]));
    assert_eq!(policy.rules.len(), 1);
    assert_eq!((policy.rules[0].priority, policy.rules[0].version.clone()), (2, version_of(&second)));
    assert_eq!(policy.restored[0].at, Timestamp(2));
    assert!(!policy.is_whole(), "nothing counts as unwanted while an item cannot be read");
}

#[test]
fn mended_it_is_the_new_text_that_counts() {
    let mended = everyone(&json!({"priority": "3"}));
    let policy = in_force(&[mended], &recorded(&[(1, everyone(&json!({}))), (2, bad())]));
    assert_eq!(policy.rules[0].priority, 3);
    assert!(policy.is_whole() && policy.restored.is_empty());
}

#[test]
fn a_deleted_rule_is_gone_and_a_bad_one_without_record_was_never_there() {
    let versions = recorded(&[(1, everyone(&json!({})))]);
    let policy = in_force(&[], &versions);
    assert!(policy.rules.is_empty() && policy.is_whole());
    let policy = in_force(&[bad()], &BTreeMap::new());
    assert!(policy.rules.is_empty() && !policy.is_whole());
}

#[test]
fn what_was_removed_does_not_come_back_with_a_bad_item_of_its_key() {
    let mut versions = recorded(&[(1, everyone(&json!({})))]);
    let of_this = versions.get_mut("everyone").unwrap();
    of_this.push(Recorded { at: Timestamp(2), image: None });
    assert!(in_force(&[bad()], &versions).rules.is_empty());
    let again = everyone(&json!({"priority": 7}));
    versions.get_mut("everyone").unwrap().push(Recorded { at: Timestamp(3), image: Some(again) });
    assert_eq!(in_force(&[bad()], &versions).rules[0].priority, 7);
}

#[test]
fn versions_are_asked_for_where_they_have_a_say() {
    let ring = json!({"first": {"account": "123456789012"}, "then_after_days": 5});
    let named = |id: &str, mut item: Value| {
        item["rule"] = id.into();
        item
    };
    let items = [
        everyone(&json!({})),
        named("ring", everyone(&json!({"rollout": ring}))),
        named("dated", everyone(&json!({"rollout": ring, "valid_from": "2027-01-01"}))),
        named("bad", bad()),
        json!({"rule": "_settings", "paused": "perhaps"}),
    ];
    assert_eq!(going_by_versions(&items), BTreeSet::from(["_settings", "bad", "ring"]));
}

#[test]
fn settings_have_versions_too_but_a_pause_needs_nothing_else_to_be_right() {
    let good = json!({"rule": "_settings", "protected": {"account": "123456789012"}});
    let bad = json!({"rule": "_settings", "protected": {"account": "12"}, "paused": true});
    let policy = in_force(&[bad], &recorded(&[(1, good)]));
    assert_eq!(policy.settings.protected.accounts.len(), 1);
    assert!(policy.paused && !policy.is_whole());
    assert_eq!(policy.restored[0].rule, "_settings");
}

#[test]
fn one_key_for_two_rules_is_a_finding_and_the_first_counts() {
    let policy = in_force(&[everyone(&json!({"priority": 1})), everyone(&json!({"priority": 2}))], &BTreeMap::new());
    assert_eq!((policy.rules.len(), policy.rules[0].priority, policy.findings.len()), (1, 1, 1));
}

#[test]
fn a_rollout_begins_with_what_is_selected_and_not_with_each_edit() {
    let rollout = |days: u32, more: Value| {
        let mut item = everyone(&json!({"rollout": {"first": {"account": "123456789012"}, "then_after_days": days}}));
        item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        item
    };
    let versions = [(1, rollout(5, json!({}))), (2, rollout(7, json!({}))), (3, rollout(7, json!({"owner": "x"})))];
    let since = |present: Value, versions: &[(i64, Value)]| in_force(&[present], &recorded(versions)).rules[0].since;
    assert_eq!(since(versions[2].1.clone(), &versions), Some(Timestamp(2)));
    // Not recorded yet: nobody knows since when
    assert_eq!(since(rollout(9, json!({})), &versions), None);
    // What is bad is skipped, and was never in force
    let with_bad = [versions[1].clone(), (3, bad())];
    assert_eq!(since(bad(), &with_bad), Some(Timestamp(2)));
}

#[test]
fn who_wrote_it_is_no_part_of_the_version_and_neither_is_how_the_form_wrote_it() {
    let plain = version_of(&everyone(&json!({})));
    for same in [json!({"edited_by": "someone"}), json!({"enabled": "true"}), json!({"priority": "100"})] {
        assert_eq!(version_of(&everyone(&same)), plain, "{same}");
    }
    assert_ne!(version_of(&everyone(&json!({"owner": "x"}))), plain);
    assert_eq!(plain.len(), 16);
}
