//! What Lambda hands over, taken apart into single pieces of work
//!
//! A batch is never refused because of one bad record: each record carries its own verdict, and what it was is kept
//! whole for quarantine.

use serde_json::Value;

use crate::trigger::Poison;

mod image;
mod message;
mod policy_edit;

pub use message::Message;
pub use policy_edit::PolicyEdit;

/// What woke the function
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// Messages of a queue, in the order they came; empty for an empty batch
    Queue(Vec<Message>),
    /// Records of the policy table's Stream, in the order they came
    Stream(Vec<PolicyEdit>),
    /// Anything else: an EventBridge event or a Scheduler input, for [`decode`](crate::trigger::decode)
    Event(Value),
}

/// Takes a Lambda payload apart, by the `eventSource` of its `Records`
///
/// A record without `eventSource` is read like its neighbours.
///
/// # Errors
/// [`Poison`] when the payload is not an object, or has `Records` of something that is neither SQS nor DynamoDB.
pub fn read(payload: Value) -> Result<Payload, Poison> {
    let Some(members) = payload.as_object() else {
        return Err(Poison::wrong("payload", &payload, "an object"));
    };
    let Some(records) = members.get("Records") else {
        return Ok(Payload::Event(payload));
    };
    let Some(records) = records.as_array() else {
        return Err(Poison::wrong("Records", records, "an array"));
    };
    if records.is_empty() {
        return Ok(Payload::Queue(Vec::new()));
    }
    if any_from(records, "aws:sqs") {
        Ok(Payload::Queue(records.iter().map(Message::read).collect()))
    } else if any_from(records, "aws:dynamodb") {
        Ok(Payload::Stream(records.iter().map(PolicyEdit::read).collect()))
    } else {
        let found = records.first().and_then(|record| record.get("eventSource"));
        Err(Poison::at("Records[0].eventSource", found, "`aws:sqs` or `aws:dynamodb`"))
    }
}

fn any_from(records: &[Value], source: &str) -> bool {
    records.iter().any(|record| record.get("eventSource").and_then(Value::as_str) == Some(source))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_has_no_records_is_one_event() {
        let event = json!({"job": "sweep"});
        assert_eq!(read(event.clone()), Ok(Payload::Event(event)));
    }

    #[test]
    fn what_is_not_an_object_is_poison() {
        for payload in [json!(null), json!("text"), json!([{"Records": []}])] {
            assert_eq!(read(payload).unwrap_err().field, "payload");
        }
        assert_eq!(read(json!({"Records": {}})).unwrap_err().field, "Records");
    }

    #[test]
    fn records_of_another_service_are_poison_that_names_it() {
        let poison = read(json!({"Records": [{"eventSource": "aws:s3"}]})).unwrap_err();
        assert_eq!((poison.field.as_str(), poison.value.as_str()), ("Records[0].eventSource", "aws:s3"));
        assert!(read(json!({"Records": [7]})).unwrap_err().problem.starts_with("is missing"));
    }

    #[test]
    fn an_empty_batch_is_no_work() {
        assert_eq!(read(json!({"Records": []})), Ok(Payload::Queue(vec![])));
    }

    #[test]
    fn a_record_that_lost_its_source_is_read_like_its_neighbours() {
        let records = json!({"Records": [
            {"messageId": "a", "body": "{}"},
            {"messageId": "b", "body": "{}", "eventSource": "aws:sqs"},
        ]});
        let Ok(Payload::Queue(messages)) = read(records) else { panic!("no queue") };
        assert_eq!(messages.iter().map(|message| message.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
