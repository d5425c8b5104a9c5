//! Records that reach EventBridge by way of CloudTrail

use serde_json::Value;

use super::envelope::Envelope;
use super::field;
use super::own_roles::OwnRoles;
use super::poison::Poison;
use super::shown::{code, shown};
use super::{Decoded, Scope};

/// A CloudTrail record: a call somebody made, or what a service says happened
///
/// Which of the two `detail-type`s a record has is not published for every event name, so both are read alike.
/// `aws_lambda_events` has a type for calls, which refuses service events: those have no `userIdentity.type`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) envelope: &'a Envelope<'a>,
    /// `eventName`: `MoveAccount`
    pub(super) name: &'a str,
}

impl<'a> Record<'a> {
    /// The record, or nothing when the event did not come from CloudTrail
    pub(super) fn read(envelope: &'a Envelope<'a>) -> Result<Option<Self>, Poison> {
        if !matches!(envelope.detail_type, "AWS API Call via CloudTrail" | "AWS Service Event via CloudTrail") {
            return Ok(None);
        }
        envelope.require_detail()?;
        let name = field::needed(envelope.event, "detail.eventName", "the name of a call, such as `MoveAccount`")?;
        Ok(Some(Self { envelope, name }))
    }

    /// Why a record of a call that failed leads to nothing: failed calls are recorded too
    pub(super) fn failure(&self) -> Option<Decoded> {
        let error = match field::at(self.envelope.event, "detail.errorCode")? {
            Value::Null => return None,
            Value::String(text) if text.is_empty() => return None,
            Value::String(text) => code(text).unwrap_or("an error"),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => "an error",
        };
        Some(Decoded::nothing(format!("{} failed with {error}: nothing changed", self.shown_name())))
    }

    pub(super) fn made_by(&self, own: &OwnRoles) -> bool {
        field::at(self.envelope.event, "detail.userIdentity").is_some_and(|identity| own.made(identity))
    }

    pub(super) fn trigger(&self, scope: Scope) -> Decoded {
        self.envelope.trigger(scope, self.shown_name())
    }

    /// For event names that play no part in where grants go
    pub(super) fn unknown(&self) -> Decoded {
        Decoded::nothing(format!("{} changes nothing that grants depend on", self.shown_name()))
    }

    pub(super) fn nothing(&self, why: &str) -> Decoded {
        Decoded::nothing(format!("{}: {why}", self.shown_name()))
    }

    /// `organizations MoveAccount`: the source without `aws.`
    fn shown_name(&self) -> String {
        let source = self.envelope.source.strip_prefix("aws.").unwrap_or(self.envelope.source);
        format!("{source} {}", shown(self.name))
    }
}
