//! The EventBridge envelope: what every event has around its `detail`

use serde_json::Value;

use super::field;
use super::poison::Poison;
use super::{Decoded, Scope, Trigger};

/// A readable envelope
///
/// Read by hand: `aws_lambda_events::eventbridge::EventBridgeEvent` refuses an event whose `time` or `resources` is
/// odd, and nothing here depends on those two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Envelope<'a> {
    /// `aws.organizations`
    pub(super) source: &'a str,
    /// `AWS API Call via CloudTrail`
    pub(super) detail_type: &'a str,
    /// The event as a whole; paths start here, as they do in an event pattern
    pub(super) event: &'a Value,
}

impl<'a> Envelope<'a> {
    pub(super) fn read(event: &'a Value) -> Result<Self, Poison> {
        if !event.is_object() {
            return Err(Poison::wrong("event", event, "an object"));
        }
        Ok(Self {
            source: field::needed(event, "source", "the service that sent the event, such as `aws.organizations`")?,
            detail_type: field::needed(event, "detail-type", "the kind of event, such as `Grant Change`")?,
            event,
        })
    }

    /// Refuses an event without a `detail` object, for kinds of event that need it
    pub(super) fn require_detail(&self) -> Result<(), Poison> {
        match self.event.get("detail") {
            Some(Value::Object(_)) => Ok(()),
            found => Err(Poison::at("detail", found, "an object")),
        }
    }

    pub(super) fn text(&self, path: &str) -> Option<&'a str> {
        field::text(self.event, path)
    }

    pub(super) fn trigger(&self, scope: Scope, reason: impl Into<String>) -> Decoded {
        Decoded::Trigger(Trigger { scope, reason: reason.into(), event_id: self.event_id() })
    }

    fn event_id(&self) -> Option<String> {
        ["detail.requestId", "detail.eventID", "id"].into_iter().find_map(|path| self.text(path).and_then(event_id))
    }
}

/// `text` when it can serve as a key and in a log: AWS's are UUIDs
pub(super) fn event_id(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    ((1..=128).contains(&text.len()) && text.bytes().all(plain)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn id_of(event: Value) -> Option<String> {
        Envelope { source: "s", detail_type: "d", event: &event }.event_id()
    }

    #[test]
    fn the_services_own_id_comes_before_the_envelopes() {
        assert_eq!(id_of(json!({"id": "e", "detail": {"requestId": "r"}})).as_deref(), Some("r"));
        assert_eq!(id_of(json!({"id": "e", "detail": {"eventID": "c"}})).as_deref(), Some("c"));
        assert_eq!(id_of(json!({"id": "e", "detail": null})).as_deref(), Some("e"));
    }

    #[test]
    fn an_id_that_is_none_is_passed_over() {
        assert_eq!(id_of(json!({"id": "e", "detail": {"requestId": ""}})).as_deref(), Some("e"));
        assert_eq!(id_of(json!({"id": "e", "detail": {"requestId": "two\nlines"}})).as_deref(), Some("e"));
        assert_eq!(id_of(json!({"id": "x".repeat(129), "detail": {"requestId": 5}})), None);
    }
}
