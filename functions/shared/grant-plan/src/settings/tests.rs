use serde_json::json;

use super::*;
use crate::finding::Severity;
use crate::policy::Policy;

fn item(more: &Value) -> Value {
    let mut item = json!({"rule": "_settings"});
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    item
}

fn errors(more: &Value) -> Vec<String> {
    let (settings, findings) = PolicySettings::read_with_warnings(&item(more));
    let errors: Vec<String> = findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.attribute)
        .collect();
    assert_eq!(settings.is_none(), !errors.is_empty());
    errors
}

#[test]
fn an_unreadable_pause_pauses() {
    let paused = |more: Value| Policy::read(&[item(&more)]).paused;
    assert!(paused(json!({"paused": "ja"})));
    assert!(paused(json!({"paused": null})));
    assert!(paused(json!({"paused": true, "limits": 3})));
    assert!(!paused(json!({"paused": "false"})));
    assert!(!paused(json!({})));
}

#[test]
fn everything_in_it_is_read_and_written_again() {
    let written = item(&json!({
        "paused": true,
        "limits": {"changes": {"count": 500}, "revocations": {"count": 20, "percent": 5}},
        "protected": {"account": ["123456789012"], "ou": ["ou-ab12-34cd56ef"]},
        "change_windows": [{"days": ["sat", "sun"], "from": "22:00", "until": "04:30"}],
        "leavers": {"after_days": 30},
        "approval": {"replacements": {"count": 0}},
        "edited_by": "platform",
    }));
    let (settings, findings) = PolicySettings::read_with_warnings(&written);
    assert_eq!(settings.unwrap().item(), written);
    let said: Vec<&str> = findings.iter().map(|finding| finding.attribute.as_str()).collect();
    assert_eq!(said, ["limits.changes"], "what does not act yet is said");
    assert!(findings.iter().all(|finding| finding.severity == Severity::Warning));
}

#[test]
fn what_is_wrong_in_it_is_found_all_at_once() {
    let more = json!({
        "pause": true, "limits": {"change": {"count": 1}, "changes": {"percent": 101}, "revocations": {}},
        "protected": {"account": "12"}, "leavers": {}, "approval": 3,
        "change_windows": [{"days": "someday", "from": "24:00", "until": "4:00"}],
    });
    assert_eq!(
        errors(&more),
        [
            "pause",
            "limits.change",
            "limits.changes.percent",
            "limits.revocations",
            "protected.account",
            "change_windows.from",
            "change_windows.until",
            "change_windows.days",
            "leavers",
            "approval",
        ]
    );
    assert!(errors(&json!({"change_windows": []})).contains(&"change_windows".to_owned()));
}
