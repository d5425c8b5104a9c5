//! The operations of the default bus

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
const LONGEST_PATTERN: usize = 4_096;

impl State {
    pub(crate) fn call_event_bridge(&mut self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let bus = text(body, "EventBusName").or_else(|| text(body, "Name").filter(|_| operation == "DescribeEventBus"));
        if !is_default(&self.bus, bus) {
            let message = format!("Event bus {} does not exist.", bus.unwrap_or_default());
            return Err(ApiError::refused("ResourceNotFoundException", message));
        }
        match operation {
            "PutEvents" => self.put_events_call(body),
            "PutRule" => self.put_rule_call(body),
            "PutTargets" => self.put_targets(body),
            "RemoveTargets" => {
                let rule = self.bus.rule_mut(word(body, "Rule")?)?;
                let ids = body.get("Ids").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
                for id in ids {
                    rule.targets.remove(id);
                }
                Ok(json!({"FailedEntryCount": 0, "FailedEntries": []}))
            }
            "DeleteRule" => {
                let name = word(body, "Name")?;
                if self.bus.rules.get(name).is_some_and(|rule| !rule.targets.is_empty()) {
                    return Err(ApiError::validation("Rule can't be deleted since it has targets."));
                }
                self.bus.rules.remove(name);
                Ok(Value::Null)
            }
            "EnableRule" | "DisableRule" => {
                let state = if operation == "EnableRule" { "ENABLED" } else { "DISABLED" };
                self.bus.rule_mut(word(body, "Name")?)?.state = state.to_owned();
                Ok(Value::Null)
            }
            "DescribeRule" => {
                let name = word(body, "Name")?;
                Ok(self.shown_rule(name, self.bus.rule(name)?))
            }
            "ListRules" => {
                let prefix = text(body, "NamePrefix").unwrap_or_default();
                let rules = self.bus.rules.iter().filter(|(name, _)| name.starts_with(prefix));
                self.events_page("Rules", prefix, rules.map(|(name, rule)| self.shown_rule(name, rule)).collect(), body)
            }
            "ListTargetsByRule" => {
                let name = word(body, "Rule")?;
                let targets = self.bus.rule(name)?.targets.iter().map(|(id, target)| target.shown(id));
                self.events_page("Targets", name, targets.collect(), body)
            }
            "ListRuleNamesByTarget" => {
                let arn = need(body, "TargetArn")?;
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
                let pattern = Pattern::parse(&parsed(need(body, "EventPattern")?)?)
                    .map_err(|why| ApiError::refused("InvalidEventPatternException", why))?;
                Ok(json!({"Result": pattern.matches(&parsed(need(body, "Event")?)?)}))
            }
            other => Err(ApiError::refused("UnknownOperationException", format!("No operation {other}"))),
        }
    }

    fn put_rule_call(&mut self, body: &Value) -> Result<Value, ApiError> {
        let name = word(body, "Name")?;
        let pattern_text = need(body, "EventPattern")?;
        if pattern_text.len() > LONGEST_PATTERN {
            return Err(constraint("eventPattern", "at most 4096 characters"));
        }
        let pattern = parsed(pattern_text)?;
        let state = text(body, "State").unwrap_or("ENABLED");
        if !["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"].contains(&state) {
            return Err(constraint("state", "ENABLED, DISABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"));
        }
        let description = text(body, "Description").unwrap_or_default();
        if description.len() > 512 {
            return Err(constraint("description", "at most 512 characters"));
        }
        if !self.bus.rules.contains_key(name) && self.bus.rules.len() >= MOST_RULES {
            return Err(too_many());
        }
        self.bus.put_rule(name, &pattern, state)?;
        self.bus.rule_mut(name)?.description = description.to_owned();
        Ok(json!({"RuleArn": self.bus.rule_arn(name)}))
    }

    fn put_targets(&mut self, body: &Value) -> Result<Value, ApiError> {
        let rule = self.bus.rule_mut(word(body, "Rule")?)?;
        let given = body.get("Targets").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if !(1..=100).contains(&given.len()) {
            return Err(constraint("targets", "1 to 100 members"));
        }
        let mut targets = rule.targets.clone();
        for target in given {
            targets.insert(word(target, "Id")?.to_owned(), Target::read(target)?);
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
        let size = page::size(body.get("Limit"), LARGEST_PAGE).ok_or_else(|| constraint("limit", "1 to 100"))?;
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

fn need<'a>(body: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    text(body, member).ok_or_else(|| constraint(member, "must not be null"))
}

/// 1 to 64 of `[\.\-_A-Za-z0-9]`
fn word<'a>(body: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    let word = need(body, member)?;
    let legal = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    let fits = (1..=64).contains(&word.len()) && legal;
    if fits { Ok(word) } else { Err(constraint(member, "1 to 64 of [\\.\\-_A-Za-z0-9]")) }
}

fn constraint(member: &str, wanted: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: {wanted}"
    ))
}

fn too_many() -> ApiError {
    ApiError::refused("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
}

fn parsed(text: &str) -> Result<Value, ApiError> {
    serde_json::from_str(text).map_err(|error| {
        ApiError::refused("InvalidEventPatternException", format!("Event pattern is not valid. Reason: {error}"))
    })
}
