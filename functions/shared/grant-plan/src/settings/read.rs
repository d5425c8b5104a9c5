//! The `_settings` item, read with everything that is wrong with it

use serde_json::{Map, Value};

use super::{ChangeWindow, Leavers, PolicySettings, Protected, Quota, Quotas};
use crate::finding::Finding;
use crate::reader::{Reader, id};

const ATTRIBUTES: [&str; 8] =
    ["rule", "paused", "limits", "protected", "change_windows", "leavers", "approval", "edited_by"];

const KINDS: [&str; 3] = ["changes", "revocations", "replacements"];

/// What `changes` would limit goes on, with what limits it instead
const NOT_YET: &str = "only revocations and replacements are limited; creation is by the license's grant budget";

pub(super) fn read(item: &Value) -> (Option<PolicySettings>, Vec<Finding>) {
    let mut reader = Reader::new(item);
    let Value::Object(attributes) = item else {
        reader.error("rule", item, "a policy item must be a map of attributes", "write one item");
        return (None, reader.into_findings());
    };
    reader.known(attributes, &ATTRIBUTES, &[("pause", "paused")], "");
    let settings = PolicySettings {
        paused: attributes.get("paused").and_then(|value| reader.flag("paused", value)).unwrap_or_default(),
        limits: quotas(&mut reader, attributes, "limits"),
        protected: attributes.get("protected").map(|value| protected(&mut reader, value)).unwrap_or_default(),
        change_windows: windows(&mut reader, attributes.get("change_windows")),
        leavers: attributes.get("leavers").and_then(|value| leavers(&mut reader, value)),
        approval: quotas(&mut reader, attributes, "approval"),
        edited_by: attributes.get("edited_by").and_then(|value| reader.text("edited_by", value)),
    };
    for name in ["limits", "approval"] {
        if let Some(value) = attributes.get(name).and_then(|quotas| quotas.get("changes")) {
            reader.warning(&format!("{name}.changes"), value, "is kept, but this version does not act on it", NOT_YET);
        }
    }
    let settings = (!reader.has_errors()).then_some(settings);
    (settings, reader.into_findings())
}

fn quotas(reader: &mut Reader, attributes: &Map<String, Value>, name: &str) -> Quotas {
    let help = "write `{\"revocations\": {\"count\": 20, \"percent\": 5}}`";
    let map = attributes.get(name).and_then(|value| reader.map(name, value, help));
    let Some(map) = map else { return Quotas::default() };
    reader.known(map, &KINDS, &[], &format!("{name}."));
    let mut quota = |kind: &str| {
        let value = map.get(kind)?;
        let name = format!("{name}.{kind}");
        let parts = reader.map(&name, value, "write `{\"count\": 20}`, `{\"percent\": 5}` or both")?;
        reader.known(parts, &["count", "percent"], &[], &format!("{name}."));
        let mut number = |part: &str, most: u32| {
            parts.get(part).and_then(|value| reader.number(&format!("{name}.{part}"), value, 0, most))
        };
        Some(Quota { count: number("count", 1_000_000), percent: number("percent", 100) })
    };
    Quotas { changes: quota("changes"), revocations: quota("revocations"), replacements: quota("replacements") }
}

fn protected(reader: &mut Reader, value: &Value) -> Protected {
    let help = "write a map of `account` and `ou`";
    let Some(parts) = reader.map("protected", value, help) else { return Protected::default() };
    reader.known(parts, &["account", "ou"], &[], "protected.");
    Protected {
        accounts: reader.part(parts, "protected", "account", "an account id of twelve digits, as text", id),
        units: reader.part(parts, "protected", "ou", "an organizational unit id such as `ou-ab12-34cd56ef`", id),
    }
}

fn windows(reader: &mut Reader, value: Option<&Value>) -> Vec<ChangeWindow> {
    let Some(value) = value else { return Vec::new() };
    let windows = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
    if windows.is_empty() {
        reader.error("change_windows", value, "must not be empty", "leave it out to allow changes at any time");
    }
    windows.iter().filter_map(|window| ChangeWindow::read(reader, "change_windows", window)).collect()
}

fn leavers(reader: &mut Reader, value: &Value) -> Option<Leavers> {
    let parts = reader.map("leavers", value, "write `{\"after_days\": 30}`")?;
    reader.known(parts, &["after_days"], &[], "leavers.");
    let after_days = parts.get("after_days").unwrap_or(&Value::Null);
    Some(Leavers { after_days: reader.number("leavers.after_days", after_days, 0, 3650)? })
}
