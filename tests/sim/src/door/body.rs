//! A request's body, read once: as a value for the services written here, as it came for DynamoDB

use bytes::Bytes;
use serde_json::Value;

#[derive(Debug)]
pub(crate) enum Body {
    /// DynamoDB parses its own requests
    Raw(Bytes),
    Value(Value),
}

impl Body {
    pub(crate) fn value(&self) -> &Value {
        match self {
            Self::Raw(_) => &Value::Null,
            Self::Value(value) => value,
        }
    }

    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        self.value().get(member).and_then(Value::as_str)
    }
}
