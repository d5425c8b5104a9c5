//! The operations of the default bus; what the model forbids of a request the door has refused

use serde_json::{Value, json};

use super::targets::Target;
use super::{EventBus, Rule, pattern::Pattern};
use crate::clock::epoch_seconds;
use crate::error::ApiError;
use crate::page;
use crate::state::State;

/// EventBridge User Guide, "Quotas": rules on a bus, targets of a rule
const MOST_RULES: usize = 300;
const MOST_TARGETS: usize = 5;
/// `Limit`: 1 to 100
const LARGEST_PAGE: usize = 100;

impl State {
    pub(crate) fn call_event_bridge(&mut self, caller: &str, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let bus = text(body, "EventBusName").or_else(|| text(body, "Name").filter(|_| operation == "DescribeEventBus"));
        if !is_default(&self.bus, bus) {
            let message = format!("Event bus {} does not exist.", bus.unwrap_or_default());
            return Err(ApiError::refused("ResourceNotFoundException", message));
        }
        match operation {
            "PutEvents" => self.put_events_call(caller, body),
            "PutRule" => self.put_rule_call(body),
            "PutTargets" => self.put_targets(body),
            "RemoveTargets" => {
                let rule = self.bus.rule_mut(need(body, "Rule"))?;
                let ids = body.get("Ids").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
                for id in ids {
                    rule.targets.remove(id);
                }
                Ok(json!({"FailedEntryCount": 0, "FailedEntries": []}))
            }
            "DeleteRule" => {
                let name = need(body, "Name");
                if self.bus.rules.get(name).is_some_and(|rule| !rule.targets.is_empty()) {
                    return Err(ApiError::validation("Rule can't be deleted since it has targets."));
                }
                self.bus.rules.remove(name);
                Ok(Value::Null)
            }
            "EnableRule" | "DisableRule" => {
                let state = if operation == "EnableRule" { "ENABLED" } else { "DISABLED" };
                self.bus.rule_mut(need(body, "Name"))?.state = state.to_owned();
                Ok(Value::Null)
            }
            "DescribeRule" => {
                let name = need(body, "Name");
                Ok(self.shown_rule(name, self.bus.rule(name)?))
            }
            "ListRules" => {
                let prefix = text(body, "NamePrefix").unwrap_or_default();
                let rules = self.bus.rules.iter().filter(|(name, _)| name.starts_with(prefix));
                self.events_page("Rules", prefix, rules.map(|(name, rule)| self.shown_rule(name, rule)).collect(), body)
            }
            "ListTargetsByRule" => {
                let name = need(body, "Rule");
                let targets = self.bus.rule(name)?.targets.iter().map(|(id, target)| target.shown(id));
                self.events_page("Targets", name, targets.collect(), body)
            }
            "ListRuleNamesByTarget" => {
                let arn = need(body, "TargetArn");
                let aims = |rule: &Rule| rule.targets.values().any(|target| target.arn == arn);
                let rules = self.bus.rules.iter().filter(|(_, rule)| aims(rule));
                self.events_page("RuleNames", arn, rules.map(|(name, _)| json!(name)).collect(), body)
            }
            "DescribeEventBus" => Ok(self.shown_bus()),
            "ListEventBuses" => {
                let prefix = text(body, "NamePrefix").unwrap_or_default();
                let buses = if "default".starts_with(prefix) { vec![self.shown_bus()] } else { Vec::new() };
                self.events_page("EventBuses", prefix, buses, body)
            }
            "TestEventPattern" => {
                let pattern = Pattern::parse(&parsed(need(body, "EventPattern"))?)
                    .map_err(|why| ApiError::refused("InvalidEventPatternException", why))?;
                Ok(json!({"Result": pattern.matches(&parsed(need(body, "Event"))?)}))
            }
            other => Err(ApiError::refused("UnknownOperationException", format!("No operation {other}"))),
        }
    }

    fn put_rule_call(&mut self, body: &Value) -> Result<Value, ApiError> {
        let name = need(body, "Name");
        let pattern = text(body, "EventPattern").ok_or_else(|| {
            ApiError::validation("Parameter EventPattern must be specified: there are no rules on a schedule here.")
        })?;
        let pattern = parsed(pattern)?;
        let state = text(body, "State").unwrap_or("ENABLED");
        let description = text(body, "Description").unwrap_or_default();
        if !self.bus.rules.contains_key(name) && self.bus.rules.len() >= MOST_RULES {
            return Err(too_many());
        }
        self.bus.put_rule(name, &pattern, state)?;
        self.bus.rule_mut(name)?.description = description.to_owned();
        Ok(json!({"RuleArn": self.bus.rule_arn(name)}))
    }

    fn put_targets(&mut self, body: &Value) -> Result<Value, ApiError> {
        let rule = self.bus.rule_mut(need(body, "Rule"))?;
        let mut targets = rule.targets.clone();
        for target in body.get("Targets").and_then(Value::as_array).into_iter().flatten() {
            targets.insert(need(target, "Id").to_owned(), Target::read(target)?);
        }
        if targets.len() > MOST_TARGETS {
            return Err(too_many());
        }
        rule.targets = targets;
        Ok(json!({"FailedEntryCount": 0, "FailedEntries": []}))
    }

    fn shown_rule(&self, name: &str, rule: &Rule) -> Value {
        let mut shown = json!({
            "Name": name, "Arn": self.bus.rule_arn(name), "EventPattern": rule.text, "State": rule.state,
            "EventBusName": "default",
        });
        if let Some(members) = shown.as_object_mut().filter(|_| !rule.description.is_empty()) {
            members.insert("Description".to_owned(), rule.description.as_str().into());
        }
        shown
    }

    fn shown_bus(&self) -> Value {
        let since = self.organization.accounts.get(&self.bus.account).map(|account| epoch_seconds(account.joined));
        json!({"Name": "default", "Arn": self.bus.arn(), "CreationTime": since, "LastModifiedTime": since})
    }

    fn events_page(&self, member: &str, of: &str, items: Vec<Value>, body: &Value) -> Result<Value, ApiError> {
        let size = page::size(body.get("Limit"), LARGEST_PAGE).unwrap_or(LARGEST_PAGE);
        let list = format!("{member}/{of}");
        let (items, next) = page::cut(&list, items, size.min(self.knobs.page_size), text(body, "NextToken"))
            .ok_or_else(|| ApiError::validation("NextToken is not valid."))?;
        Ok(match next {
            Some(next) => json!({member: items, "NextToken": next}),
            None => json!({member: items}),
        })
    }
}

/// The default bus goes by its name, by its ARN, and by none
pub(super) fn is_default(bus: &EventBus, name: Option<&str>) -> bool {
    name.is_none_or(|name| name == "default" || name == bus.arn())
}

pub(super) fn text<'a>(body: &'a Value, member: &str) -> Option<&'a str> {
    body.get(member).and_then(Value::as_str)
}

/// A member that the model requires: without it the door lets no request in
fn need<'a>(body: &'a Value, member: &str) -> &'a str {
    text(body, member).unwrap_or_default()
}

fn too_many() -> ApiError {
    ApiError::refused("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
}

fn parsed(text: &str) -> Result<Value, ApiError> {
    serde_json::from_str(text).map_err(|error| {
        ApiError::refused("InvalidEventPatternException", format!("Event pattern is not valid. Reason: {error}"))
    })
}
