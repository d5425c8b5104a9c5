//! PutEvents: each entry succeeds or fails by itself, and HTTP 200 can hold failures

use serde_json::{Value, json};

use super::calls::{is_default, text};
use super::others::is_other;
use crate::error::ApiError;
use crate::events::iso;
use crate::state::{State, uuid};

/// Bytes of all entries together (EventBridge User Guide, "Calculating PutEvents event entry size")
const LARGEST_REQUEST: usize = 1_048_576;
const LONGEST_DETAIL_TYPE: usize = 128;

impl State {
    pub(super) fn put_events_call(&mut self, caller: &str, body: &Value) -> Result<Value, ApiError> {
        let entries = body.get("Entries").and_then(Value::as_array).cloned().unwrap_or_default();
        if entries.iter().map(size).sum::<usize>() > LARGEST_REQUEST {
            return Err(ApiError::validation("Total size of the entries in the request is over the limit."));
        }
        let mut failed = 0;
        let mut results = Vec::new();
        for entry in &entries {
            match self.event_of(caller, entry) {
                Ok(event) => {
                    results.push(json!({"EventId": event.get("id")}));
                    match text(entry, "EventBusName").filter(|arn| is_other(Some(arn), &self.hub)) {
                        Some(other) => self.put_other_event(other, event),
                        None => self.put_event(event),
                    }
                }
                Err((code, message)) => {
                    failed += 1;
                    results.push(json!({"ErrorCode": code, "ErrorMessage": message}));
                }
            }
        }
        Ok(json!({"FailedEntryCount": failed, "Entries": results}))
    }

    fn event_of(&mut self, caller: &str, entry: &Value) -> Result<Value, (&'static str, String)> {
        let member = |name: &str| match text(entry, name) {
            Some(given) if !given.is_empty() => Ok(given),
            Some(_) | None => Err((
                "InvalidArgument",
                format!("Parameter {name} is not valid. Reason: {name} is a required argument."),
            )),
        };
        let source = member("Source")?;
        let kind = member("DetailType")?;
        let detail: Value =
            serde_json::from_str(member("Detail")?).map_err(|error| ("MalformedDetail", error.to_string()))?;
        if !detail.is_object() {
            return Err(("MalformedDetail", "Detail is malformed.".to_owned()));
        }
        if source.starts_with("aws.") {
            return Err(("NotAuthorizedForSourceException", "Not authorized for the source.".to_owned()));
        }
        if kind.len() > LONGEST_DETAIL_TYPE {
            return Err((
                "InvalidArgument",
                "Parameter DetailType is not valid. Reason: at most 128 characters.".to_owned(),
            ));
        }
        let bus = text(entry, "EventBusName");
        let mut account = self.hub.clone();
        if let Some(other) = bus.filter(|arn| is_other(Some(arn), &self.hub)) {
            self.other_bus_admits(caller, other, source, kind)?;
            // Whose event it is, not whose bus.
            caller.clone_into(&mut account);
        } else if !is_default(&self.bus, bus) {
            return Err(("InvalidArgument", "Parameter EventBusName is not valid. Reason: no such bus.".to_owned()));
        }
        let resources = entry.get("Resources").filter(|given| !given.is_null()).cloned().unwrap_or_else(|| json!([]));
        let id = uuid(&mut self.rng);
        Ok(json!({
            "version": "0", "id": id, "detail-type": kind, "source": source, "account": account,
            "time": iso(self.now()), "region": "us-east-1", "resources": resources, "detail": detail,
        }))
    }
}

fn size(entry: &Value) -> usize {
    let texts = ["Source", "DetailType", "Detail"].into_iter().filter_map(|name| text(entry, name));
    let resources = entry.get("Resources").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    // A Time counts fourteen bytes.
    texts.chain(resources).map(str::len).sum::<usize>() + if entry.get("Time").is_some() { 14 } else { 0 }
}
