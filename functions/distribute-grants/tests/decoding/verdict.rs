//! Running a payload, and what must be true of whatever comes out

use distribute_grants::payload::{Message, Payload, PolicyEdit, read};
use distribute_grants::trigger::{Decoded, OwnRoles, Poison, Scope, Trigger, decode};
use serde_json::Value;

/// What a piece of work ended in
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Trigger,
    Nothing,
    Poison,
}

impl From<&Decoded> for Verdict {
    fn from(decoded: &Decoded) -> Self {
        match decoded {
            Decoded::Trigger(_) => Self::Trigger,
            Decoded::Nothing { .. } => Self::Nothing,
            Decoded::Poison(_) => Self::Poison,
        }
    }
}

/// Where each piece of a payload leads, once each is checked
pub(crate) fn verdicts(payload: &Value) -> Vec<Decoded> {
    let own = OwnRoles::default();
    let records = payload.get("Records").and_then(Value::as_array);
    match read(payload.clone()) {
        Ok(Payload::Queue(messages)) => {
            let records = records.expect("a queue has records");
            assert_eq!(messages.len(), records.len(), "a record went missing");
            let pairs = messages.iter().zip(records);
            pairs.map(|(message, record)| kept_message(message, record).decode(&own)).map(sound(payload)).collect()
        }
        Ok(Payload::Stream(edits)) => {
            let records = records.expect("a Stream has records");
            assert_eq!(edits.len(), records.len(), "a record went missing");
            let pairs = edits.iter().zip(records);
            pairs.map(|(edit, record)| kept_edit(edit, record).decode()).map(sound(payload)).collect()
        }
        Ok(Payload::Event(event)) => {
            assert_eq!(event, *payload);
            vec![sound(payload)(decode(&event))]
        }
        Err(poison) => vec![sound(payload)(Decoded::Poison(poison))],
    }
}

/// A message keeps its body byte for byte, or all of its record
fn kept_message<'a>(message: &'a Message, record: &Value) -> &'a Message {
    match (record.get("messageId").and_then(Value::as_str), record.get("body").and_then(Value::as_str)) {
        (Some(id), Some(body)) if !id.is_empty() => {
            assert_eq!(message.id, id);
            assert_eq!(message.raw.as_bytes(), body.as_bytes());
        }
        (_, _) => {
            assert!(message.body.is_err(), "a record without id or body was taken: {record}");
            assert_eq!(serde_json::from_str::<Value>(&message.raw).unwrap(), *record);
        }
    }
    assert!(message.receive_count >= 1);
    message
}

/// An edit keeps its record, and only a removal looks like one
fn kept_edit<'a>(edit: &'a PolicyEdit, record: &Value) -> &'a PolicyEdit {
    assert_eq!(edit.raw, *record);
    if edit.problem.is_none() {
        assert!(!edit.sequence_number.is_empty() && edit.rule.is_some(), "{edit:?}");
        assert!(edit.new.as_ref().is_none_or(Value::is_object), "{edit:?}");
        assert_eq!(edit.new.is_none(), record["eventName"] == "REMOVE", "{edit:?}");
    }
    edit
}

/// What must be true of every answer
fn sound(payload: &Value) -> impl Fn(Decoded) -> Decoded + '_ {
    |decoded| {
        match &decoded {
            Decoded::Trigger(trigger) => sound_trigger(trigger, payload),
            Decoded::Nothing { reason } => sound_text(reason),
            Decoded::Poison(poison) => sound_poison(poison),
        }
        decoded
    }
}

fn sound_trigger(trigger: &Trigger, payload: &Value) {
    sound_text(&trigger.reason);
    match &trigger.scope {
        Scope::Agreement(id) => stands_in(payload, id.as_str()),
        Scope::Account(id) => stands_in(payload, id.as_str()),
        Scope::License(id) => stands_in(payload, id.as_str()),
        Scope::Grant(arn) => stands_in(payload, arn.as_str()),
        Scope::Policy { rules } => rules.iter().for_each(|rule| stands_in(payload, rule)),
        Scope::OrganizationalUnit | Scope::Sweep | Scope::All => {}
    }
    if let Some(id) = &trigger.event_id {
        stands_in(payload, id);
    }
}

fn sound_poison(poison: &Poison) {
    for part in [&poison.field, &poison.value, &poison.problem, &poison.fix] {
        assert!(!part.is_empty(), "{poison:?}");
    }
    assert!(poison.value.chars().count() <= 200, "{poison:?}");
    let text = poison.to_string();
    for part in [&poison.field, &poison.value, &poison.problem, &poison.fix] {
        assert!(text.contains(part.as_str()), "`{part}` is not in `{text}`");
    }
    sound_text(&text);
}

/// Fit for a log line
fn sound_text(text: &str) {
    assert!(!text.is_empty() && text.chars().count() < 1_000, "{text}");
    assert!(!text.contains('@'), "an address: {text}");
    assert!(!text.contains(char::is_control), "{text:?}");
}

/// No answer names what the event did not: `id` is in one of the texts of `payload`, or of an event inside a body
fn stands_in(payload: &Value, id: &str) {
    assert!(holds(payload, id), "`{id}` is not in {payload}");
}

fn holds(value: &Value, id: &str) -> bool {
    match value {
        Value::String(text) => {
            text.contains(id) || serde_json::from_str(text).is_ok_and(|inner: Value| holds(&inner, id))
        }
        Value::Array(items) => items.iter().any(|item| holds(item, id)),
        Value::Object(members) => members.values().any(|member| holds(member, id)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
