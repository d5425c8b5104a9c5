//! The operations of the default bus

use serde_json::{Value, json};

use super::{Rule, Target, no_rule};
use crate::error::ApiError;
use crate::event_bus::pattern::Pattern;
use crate::state::{State, uuid};

/// PutEvents: entries a request
const LARGEST_BATCH: usize = 10;

impl State {
    pub(crate) fn call_event_bridge(&mut self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        match operation {
            "PutEvents" => self.put_events_call(body),
            "PutRule" => {
                let name = need(body, "Name")?;
                let pattern = parsed(need(body, "EventPattern")?)?;
                let state = text(body, "State").unwrap_or("ENABLED");
                self.bus.put_rule(name, &pattern, state)?;
                Ok(json!({"RuleArn": self.rule_arn(name)}))
            }
            "PutTargets" => {
                let name = need(body, "Rule")?;
                let targets = body.get("Targets").and_then(Value::as_array).cloned().unwrap_or_default();
                let rule = self.bus.rules.get_mut(name).ok_or_else(|| no_rule(name))?;
                for target in &targets {
                    let group =
                        target.get("SqsParameters").and_then(|sqs| text(sqs, "MessageGroupId")).map(str::to_owned);
                    let arn = need(target, "Arn")?.to_owned();
                    rule.targets.insert(need(target, "Id")?.to_owned(), Target { arn, group });
                }
                Ok(json!({"FailedEntryCount": 0, "FailedEntries": []}))
            }
            "RemoveTargets" => {
                let name = need(body, "Rule")?;
                let rule = self.bus.rules.get_mut(name).ok_or_else(|| no_rule(name))?;
                let ids = body.get("Ids").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
                for id in ids {
                    rule.targets.remove(id);
                }
                Ok(json!({"FailedEntryCount": 0, "FailedEntries": []}))
            }
            "DeleteRule" => {
                self.bus.rules.remove(need(body, "Name")?);
                Ok(Value::Null)
            }
            "DescribeRule" => {
                let name = need(body, "Name")?;
                let rule = self.bus.rules.get(name).ok_or_else(|| no_rule(name))?;
                Ok(self.shown(name, rule))
            }
            "ListRules" => {
                let prefix = text(body, "NamePrefix").unwrap_or_default();
                let rules = self.bus.rules.iter().filter(|(name, _)| name.starts_with(prefix));
                Ok(json!({"Rules": rules.map(|(name, rule)| self.shown(name, rule)).collect::<Vec<_>>()}))
            }
            "ListTargetsByRule" => {
                let name = need(body, "Rule")?;
                let rule = self.bus.rules.get(name).ok_or_else(|| no_rule(name))?;
                let targets = rule.targets.iter().map(|(id, target)| json!({"Id": id, "Arn": target.arn}));
                Ok(json!({"Targets": targets.collect::<Vec<_>>()}))
            }
            "TestEventPattern" => {
                let pattern = Pattern::parse(&parsed(need(body, "EventPattern")?)?)
                    .map_err(|why| ApiError::refused("InvalidEventPatternException", why))?;
                Ok(json!({"Result": pattern.matches(&parsed(need(body, "Event")?)?)}))
            }
            other => Err(ApiError::refused("UnknownOperationException", format!("No operation {other}"))),
        }
    }

    fn put_events_call(&mut self, body: &Value) -> Result<Value, ApiError> {
        let entries = body.get("Entries").and_then(Value::as_array).cloned().unwrap_or_default();
        if !(1..=LARGEST_BATCH).contains(&entries.len()) {
            return Err(ApiError::validation(
                "1 validation error detected: Value at 'entries' failed to satisfy constraint: 1 to 10",
            ));
        }
        let mut failed = 0;
        let mut results = Vec::new();
        for entry in &entries {
            match self.event_of(entry) {
                Ok(event) => {
                    results.push(json!({"EventId": event.get("id")}));
                    self.put_event(event);
                }
                Err((code, message)) => {
                    failed += 1;
                    results.push(json!({"ErrorCode": code, "ErrorMessage": message}));
                }
            }
        }
        Ok(json!({"FailedEntryCount": failed, "Entries": results}))
    }

    fn event_of(&mut self, entry: &Value) -> Result<Value, (&'static str, String)> {
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
        if kind.len() > 128 {
            return Err((
                "InvalidArgument",
                "Parameter DetailType is not valid. Reason: at most 128 characters.".to_owned(),
            ));
        }
        let resources = entry.get("Resources").cloned().unwrap_or_else(|| json!([]));
        let id = uuid(&mut self.rng);
        let time = self.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Ok(json!({
            "version": "0", "id": id, "detail-type": kind, "source": source, "account": self.hub,
            "time": time, "region": "us-east-1", "resources": resources, "detail": detail,
        }))
    }

    fn rule_arn(&self, name: &str) -> String {
        format!("arn:aws:events:us-east-1:{}:rule/{name}", self.bus.account)
    }

    fn shown(&self, name: &str, rule: &Rule) -> Value {
        json!({
            "Name": name, "Arn": self.rule_arn(name), "EventPattern": rule.text, "State": rule.state, "EventBusName": "default",
        })
    }
}

fn text<'a>(body: &'a Value, member: &str) -> Option<&'a str> {
    body.get(member).and_then(Value::as_str)
}

fn need<'a>(body: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    text(body, member).ok_or_else(|| {
        ApiError::validation(format!("Value at '{member}' failed to satisfy constraint: must not be null"))
    })
}

fn parsed(text: &str) -> Result<Value, ApiError> {
    serde_json::from_str(text).map_err(|error| {
        ApiError::refused("InvalidEventPatternException", format!("Event pattern is not valid. Reason: {error}"))
    })
}
