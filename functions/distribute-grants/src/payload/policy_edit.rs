//! One record of the policy table's Stream

use aws_lambda_events::event::dynamodb::EventRecord;
use grant_plan::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::image::plain;
use crate::trigger::{Decoded, Poison, Scope, Trigger};

/// One change of one item of the policy table
///
/// A removal is an edit without `problem` whose `new` is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyEdit {
    /// `SequenceNumber`, which a partial batch response names and which orders the edits of one item; empty when the
    /// record has none, and such a record cannot be named in a response
    pub sequence_number: String,
    /// `ApproximateCreationDateTime`: when the item was written, to the second
    pub at: Option<Timestamp>,
    /// The item's key, attribute `rule`
    pub rule: Option<String>,
    /// The item before, as plain JSON: sets are sorted arrays, numbers are numbers where JSON can hold them exactly
    /// enough, binary is base64 text; an attribute of no known type stays as it came
    pub old: Option<Value>,
    /// The item after, likewise
    pub new: Option<Value>,
    /// The record as it came
    pub raw: Value,
    /// Whether DynamoDB itself removed the item because its time to live had passed
    pub by_ttl: bool,
    /// Why the edit cannot be used, if it cannot
    pub problem: Option<Poison>,
}

impl PolicyEdit {
    /// Where the edit leads
    #[must_use]
    pub fn decode(&self) -> Decoded {
        match (&self.rule, &self.problem) {
            (None, _) if self.by_ttl => {
                Decoded::Nothing { reason: "an item that is no rule passed its time to live".to_owned() }
            }
            (Some(rule), None) => Decoded::Trigger(Trigger {
                scope: Scope::Policy { rules: vec![rule.clone()] },
                reason: match (&self.old, &self.new) {
                    (_, None) if self.by_ttl => "policy: a rule passed its time to live",
                    (_, None) => "policy: a rule was removed",
                    (None, Some(_)) => "policy: a rule was added",
                    (Some(_), Some(_)) => "policy: a rule was edited",
                }
                .to_owned(),
                event_id: Some(self.sequence_number.clone()),
            }),
            (_, Some(problem)) => Decoded::Poison(problem.clone()),
            (None, None) => Decoded::Poison(Poison::missing(RULE, RULE_IS)),
        }
    }

    pub(super) fn read(record: &Value) -> Self {
        let Parts { sequence_number, event_name, by_ttl } = Parts::read(record);
        let change = record.get("dynamodb");
        let image = |name: &str| change.and_then(|change| change.get(name)).and_then(plain);
        let (old, new) = (image("OldImage"), image("NewImage"));
        let rule = [image("Keys").as_ref(), new.as_ref(), old.as_ref()]
            .into_iter()
            .flatten()
            .find_map(|item| item.get("rule").and_then(Value::as_str))
            .filter(|rule| !rule.is_empty())
            .map(str::to_owned);
        let sequence_number = sequence_number.unwrap_or_default();
        let at = change.and_then(|change| change.get("ApproximateCreationDateTime")).and_then(Value::as_f64);
        let problem = if sequence_number.is_empty() {
            let found = change.and_then(|change| change.get("SequenceNumber"));
            Some(Poison::at("dynamodb.SequenceNumber", found, "the record's place in the Stream"))
        } else if rule.is_none() {
            let found = change.and_then(|change| change.get("Keys")).and_then(|keys| keys.get("rule"));
            Some(Poison::at(RULE, found, RULE_IS))
        } else {
            contradiction(record, event_name.as_deref(), new.as_ref())
        };
        Self { sequence_number, at: at.and_then(seconds), rule, old, new, raw: record.clone(), by_ttl, problem }
    }
}

const RULE: &str = "dynamodb.Keys.rule";
const RULE_IS: &str = "the key of an item of the policy table, as text";

/// A missing image must never pass for a removed rule: a Stream may be set to carry keys only
fn contradiction(record: &Value, event_name: Option<&str>, new: Option<&Value>) -> Option<Poison> {
    match (event_name, new) {
        (Some("REMOVE"), None) => None,
        (Some("REMOVE"), Some(_)) => {
            let found = record.get("eventName");
            Some(Poison::at("eventName", found, "`MODIFY`, although there is an image of the item after it"))
        }
        (Some("INSERT" | "MODIFY"), None) => Some(Poison {
            fix: "set the table's StreamViewType to `NEW_AND_OLD_IMAGES`".to_owned(),
            ..Poison::missing("dynamodb.NewImage", "the item as it is now")
        }),
        (_, Some(Value::Object(_))) => None,
        (_, Some(_)) => {
            let found = record.get("dynamodb").and_then(|change| change.get("NewImage"));
            Some(Poison::at("dynamodb.NewImage", found, "an item: attributes by name"))
        }
        (_, None) => Some(Poison::at("eventName", record.get("eventName"), "`INSERT`, `MODIFY` or `REMOVE`")),
    }
}

/// Whole seconds of what Lambda gives as seconds with or without a fraction
#[expect(clippy::cast_possible_truncation, reason = "a moment in this range is cut to its second on purpose")]
fn seconds(at: f64) -> Option<Timestamp> {
    (0.0..=253_402_300_799.0).contains(&at).then_some(Timestamp(at as i64))
}

/// What is used of a record beside its images
#[derive(Debug, Default, PartialEq)]
struct Parts {
    sequence_number: Option<String>,
    event_name: Option<String>,
    by_ttl: bool,
}

impl Parts {
    /// `EventRecord` refuses a record that lacks, say, `SizeBytes`, hence the second way
    fn read(record: &Value) -> Self {
        EventRecord::deserialize(record).map_or_else(|_| Self::by_hand(record), Self::from)
    }

    fn by_hand(record: &Value) -> Self {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let identity = record.get("userIdentity");
        let identity = |name: &str| text(identity.and_then(|identity| identity.get(name))).unwrap_or_default();
        Self {
            sequence_number: text(record.get("dynamodb").and_then(|change| change.get("SequenceNumber"))),
            event_name: text(record.get("eventName")),
            by_ttl: is_ttl(&identity("type"), &identity("principalId")),
        }
    }
}

impl From<EventRecord> for Parts {
    fn from(record: EventRecord) -> Self {
        Self {
            sequence_number: record.change.sequence_number,
            event_name: Some(record.event_name),
            by_ttl: record.user_identity.is_some_and(|identity| is_ttl(&identity.type_, &identity.principal_id)),
        }
    }
}

/// DynamoDB Developer Guide, "DynamoDB Streams and Time to Live"
fn is_ttl(kind: &str, principal: &str) -> bool {
    kind == "Service" && principal == "dynamodb.amazonaws.com"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(event_name: &str, old: Value, new: Value) -> Value {
        json!({
            "eventID": "000000000000000000000000000000a1",
            "eventName": event_name,
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "dynamodb": {
                "Keys": {"rule": {"S": "everyone"}},
                "OldImage": old,
                "NewImage": new,
                "SequenceNumber": "48300000000012345678901",
                "SizeBytes": 118,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        })
    }

    fn image(enabled: bool) -> Value {
        json!({"rule": {"S": "everyone"}, "enabled": {"BOOL": enabled}})
    }

    fn reason(record: &Value) -> String {
        match PolicyEdit::read(record).decode() {
            Decoded::Trigger(trigger) => {
                assert_eq!(trigger.scope, Scope::Policy { rules: vec!["everyone".into()] });
                trigger.reason
            }
            Decoded::Nothing { reason } => reason,
            Decoded::Poison(poison) => poison.field,
        }
    }

    #[test]
    fn edits_lead_to_their_rule() {
        assert_eq!(reason(&record("INSERT", json!(null), image(true))), "policy: a rule was added");
        assert_eq!(reason(&record("MODIFY", image(true), image(false))), "policy: a rule was edited");
        assert_eq!(reason(&record("REMOVE", image(true), json!(null))), "policy: a rule was removed");
    }

    #[test]
    fn images_come_as_plain_json() {
        let edit = PolicyEdit::read(&record("MODIFY", image(true), image(false)));
        assert_eq!(edit.old, Some(json!({"rule": "everyone", "enabled": true})));
        assert_eq!(edit.new, Some(json!({"rule": "everyone", "enabled": false})));
        assert_eq!(edit.problem, None);
    }

    #[test]
    fn when_it_was_written_is_known_to_the_second_or_not_at_all() {
        let at = |at: Value| {
            let mut record = record("INSERT", json!(null), image(true));
            record["dynamodb"]["ApproximateCreationDateTime"] = at;
            PolicyEdit::read(&record).at
        };
        assert_eq!(at(json!(1_789_372_860)), Some(Timestamp(1_789_372_860)));
        assert_eq!(at(json!(1_789_372_860.75)), Some(Timestamp(1_789_372_860)));
        for nonsense in [json!(null), json!("now"), json!(-1), json!(1e300)] {
            assert_eq!(at(nonsense.clone()), None, "{nonsense}");
        }
    }

    #[test]
    fn a_missing_image_does_not_pass_for_a_removal() {
        for name in ["INSERT", "MODIFY"] {
            assert_eq!(reason(&record(name, json!(null), json!(null))), "dynamodb.NewImage");
            assert_eq!(reason(&record(name, json!(null), json!("x"))), "dynamodb.NewImage");
        }
        assert_eq!(reason(&record("", image(true), json!(null))), "eventName");
        assert_eq!(reason(&record("REMOVE", image(true), image(true))), "eventName");
        // A kind of change that is not known yet, with an image that can be read
        assert_eq!(reason(&record("REPLACE", image(true), image(true))), "policy: a rule was edited");
    }

    #[test]
    fn the_key_may_be_read_from_the_images() {
        let mut keyless = record("REMOVE", image(true), json!(null));
        keyless["dynamodb"]["Keys"] = json!(null);
        assert_eq!(reason(&keyless), "policy: a rule was removed");
        keyless["dynamodb"]["OldImage"] = json!(null);
        assert_eq!(reason(&keyless), "dynamodb.Keys.rule");
    }

    #[test]
    fn a_record_without_a_place_in_the_stream_is_poison() {
        let mut lost = record("INSERT", json!(null), image(true));
        lost["dynamodb"]["SequenceNumber"] = json!(7);
        assert_eq!(reason(&lost), "dynamodb.SequenceNumber");
        assert_eq!(PolicyEdit::read(&lost).raw, lost);
        assert_eq!(reason(&json!(null)), "dynamodb.SequenceNumber");
    }

    #[test]
    fn removals_by_time_to_live_are_told_apart() {
        let mut expired = record("REMOVE", image(true), json!(null));
        expired["userIdentity"] = json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"});
        assert!(PolicyEdit::read(&expired).by_ttl);
        assert_eq!(reason(&expired), "policy: a rule passed its time to live");
        expired["dynamodb"]["Keys"] = json!({"pk": {"S": "LOCK#x"}});
        expired["dynamodb"]["OldImage"] = json!({"pk": {"S": "LOCK#x"}});
        assert_eq!(reason(&expired), "an item that is no rule passed its time to live");
        expired["userIdentity"] = json!({"type": "Service", "principalId": "somebody"});
        assert!(!PolicyEdit::read(&expired).by_ttl);
    }

    #[test]
    fn both_ways_of_reading_a_record_agree() {
        let mut removed = record("REMOVE", image(true), json!(null));
        for identity in [json!(null), json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"})] {
            removed["userIdentity"] = identity;
            let typed = EventRecord::deserialize(&removed).expect("the library reads the sample");
            assert_eq!(Parts::from(typed), Parts::by_hand(&removed));
        }
        removed["dynamodb"]["SizeBytes"] = json!(null);
        assert!(EventRecord::deserialize(&removed).is_err(), "the library reads it, so this test proves nothing");
        assert_eq!(reason(&removed), "policy: a rule passed its time to live");
    }
}
