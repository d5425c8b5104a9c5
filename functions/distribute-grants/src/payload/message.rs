//! One message of a queue

use aws_lambda_events::event::sqs::SqsMessage;
use serde::Deserialize;
use serde_json::Value;

use crate::trigger::{Decoded, OwnRoles, Poison, decode_with};

/// One message of a queue, with the event in its body
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// `messageId`, which a partial batch response names
    ///
    /// Empty when the record has none; `body` is then poison and the record cannot be named in a response. (An empty
    /// `itemIdentifier` would fail the whole batch: Lambda Developer Guide, "Handling errors for an SQS event source".)
    pub id: String,
    /// The JSON in the body, or why there is none
    pub body: Result<Value, Poison>,
    /// The body byte for byte; the whole record as JSON when it has no text body or no id
    pub raw: String,
    /// `ApproximateReceiveCount`: how often the message was handed out, this time included; at least 1
    pub receive_count: u32,
    /// `MessageGroupId` of a FIFO queue
    pub group: Option<String>,
}

impl Message {
    /// Where the event in the body leads, or why it cannot be read
    #[must_use]
    pub fn decode(&self, own: &OwnRoles) -> Decoded {
        match &self.body {
            Ok(event) => decode_with(event, own),
            Err(poison) => Decoded::Poison(poison.clone()),
        }
    }

    pub(super) fn read(record: &Value) -> Self {
        let Parts { id, body, receive_count, group } = Parts::read(record);
        let id = id.unwrap_or_default();
        let receive_count = receive_count.and_then(|count| count.parse().ok()).unwrap_or(1).max(1);
        let (body, raw) = match body {
            _ if id.is_empty() => {
                (Err(Poison::at("messageId", record.get("messageId"), "the id of a message")), record.to_string())
            }
            None => (Err(Poison::at("body", record.get("body"), "an event as JSON text")), record.to_string()),
            Some(raw) => (parse(&raw), raw),
        };
        Self { id, body, raw, receive_count, group }
    }
}

fn parse(raw: &str) -> Result<Value, Poison> {
    serde_json::from_str(raw).map_err(|error| {
        let mut poison = Poison::wrong("body", &Value::String(raw.chars().take(1000).collect()), "JSON");
        // The parser's message names line and column and quotes nothing of the text.
        poison.problem = format!("is not JSON ({error})");
        poison
    })
}

/// What is used of a record
#[derive(Debug, Default, PartialEq)]
struct Parts {
    id: Option<String>,
    body: Option<String>,
    receive_count: Option<String>,
    group: Option<String>,
}

impl Parts {
    /// `SqsMessage` refuses a record for one odd attribute that is not even used, hence the second way
    fn read(record: &Value) -> Self {
        SqsMessage::deserialize(record).map_or_else(|_| Self::by_hand(record), Self::from)
    }

    fn by_hand(record: &Value) -> Self {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let attribute = |name: &str| text(record.get("attributes").and_then(|attributes| attributes.get(name)));
        Self {
            id: text(record.get("messageId")),
            body: text(record.get("body")),
            receive_count: attribute("ApproximateReceiveCount"),
            group: attribute("MessageGroupId"),
        }
    }
}

impl From<SqsMessage> for Parts {
    fn from(mut message: SqsMessage) -> Self {
        Self {
            id: message.message_id,
            body: message.body,
            receive_count: message.attributes.remove("ApproximateReceiveCount"),
            group: message.attributes.remove("MessageGroupId"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record() -> Value {
        json!({
            "messageId": "2f6a2b3c-1d2e-4f50-8a9b-0c1d2e3f4a5c",
            "receiptHandle": "AQEBexampleReceiptHandle",
            "body": " {\"job\": \"sweep\"}\n",
            "attributes": {"ApproximateReceiveCount": "3", "MessageGroupId": "l-1"},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
        })
    }

    #[test]
    fn the_body_is_kept_byte_for_byte() {
        let message = Message::read(&record());
        assert_eq!(message.raw, " {\"job\": \"sweep\"}\n");
        assert_eq!(message.body, Ok(json!({"job": "sweep"})));
        assert_eq!((message.receive_count, message.group.as_deref()), (3, Some("l-1")));
    }

    #[test]
    fn both_ways_of_reading_a_record_agree() {
        let record = record();
        assert_eq!(Parts::from(SqsMessage::deserialize(&record).unwrap()), Parts::by_hand(&record));
    }

    #[test]
    fn one_odd_attribute_does_not_spoil_a_record() {
        let mut odd = record();
        odd["attributes"]["SentTimestamp"] = json!(1_789_373_525_123_u64);
        odd["messageAttributes"] = json!({"x": {"stringValue": 4}});
        assert!(SqsMessage::deserialize(&odd).is_err(), "the library reads it, so this test proves nothing");
        assert_eq!(Message::read(&odd), Message::read(&record()));
    }

    #[test]
    fn a_body_that_is_no_json_is_poison_and_still_kept() {
        for body in ["", "{\"job\":", "owner@example.org", "{} {}", "\u{feff}{}"] {
            let mut bad = record();
            bad["body"] = json!(body);
            let message = Message::read(&bad);
            assert_eq!(message.raw, body);
            let poison = message.body.unwrap_err();
            assert_eq!(poison.field, "body");
            assert!(!poison.to_string().contains("owner"), "{poison}");
        }
    }

    #[test]
    fn a_record_without_a_text_body_or_an_id_is_kept_whole() {
        for (key, field) in [("body", "body"), ("messageId", "messageId")] {
            for value in [json!(null), json!({"a": 1}), json!(7)] {
                let mut bad = record();
                bad[key] = value;
                let message = Message::read(&bad);
                assert_eq!(message.body.unwrap_err().field, field);
                assert_eq!(serde_json::from_str::<Value>(&message.raw).unwrap(), bad);
            }
        }
        let message = Message::read(&json!("text"));
        assert_eq!((message.id.as_str(), message.raw.as_str()), ("", "\"text\""));
    }

    #[test]
    fn a_count_that_is_none_counts_as_the_first() {
        for count in [json!("0"), json!("-4"), json!("many"), json!("99999999999"), json!(5), json!(null)] {
            let mut odd = record();
            odd["attributes"]["ApproximateReceiveCount"] = count;
            assert_eq!(Message::read(&odd).receive_count, 1);
        }
    }
}
