//! A rule's targets: where events go, in which shape, and what happens when they cannot

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::input::{Input, at_path};
use crate::error::ApiError;

/// PutTargets: 185 tries and 24 hours unless the policy says less
const MOST_ATTEMPTS: u32 = 185;
const LONGEST_AGE: u64 = 86_400;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    pub(super) arn: String,
    /// For FIFO queues: a text, or a path into the event such as `$.detail.agreement.id`
    group: Option<String>,
    pub(super) input: Input,
    /// ARN of a standard queue
    pub(super) dead_letters: Option<String>,
    pub(super) retries: Retries,
    /// As it was put, to be shown again
    shown: Value,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Retries {
    pub(super) attempts: u32,
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(super) age: Duration,
}

impl Target {
    pub(super) fn only(arn: &str, group: &str) -> Self {
        Self {
            arn: arn.to_owned(),
            group: Some(group.to_owned()),
            input: Input::Whole,
            dead_letters: None,
            retries: Retries { attempts: MOST_ATTEMPTS, age: Duration::from_secs(LONGEST_AGE) },
            shown: json!({"Arn": arn}),
        }
    }

    pub(super) fn read(given: &Value) -> Result<Self, ApiError> {
        let text = |member: &str| given.get(member).and_then(Value::as_str);
        let id = text("Id").unwrap_or_default();
        let arn = text("Arn").unwrap_or_default();
        if !(1..=1600).contains(&arn.len()) || !arn.starts_with("arn:") {
            return Err(invalid(id, "Provided Arn is not in correct format."));
        }
        let group = given.get("SqsParameters").and_then(|sqs| sqs.get("MessageGroupId")).and_then(Value::as_str);
        if arn.ends_with(".fifo") && group.is_none() {
            return Err(invalid(id, "Parameter(s) MessageGroupId must be specified."));
        }
        let dead_letters = given.get("DeadLetterConfig").and_then(|config| config.get("Arn")).and_then(Value::as_str);
        Ok(Self {
            arn: arn.to_owned(),
            group: group.map(str::to_owned),
            input: Input::read(given).map_err(|why| invalid(id, why))?,
            dead_letters: dead_letters.map(str::to_owned),
            retries: Retries::read(given.get("RetryPolicy")).ok_or_else(|| invalid(id, "RetryPolicy is not valid."))?,
            shown: given.clone(),
        })
    }

    /// The message group for an event; a path finds its text in the event as it came, not as the target sees it
    pub(super) fn group(&self, event: &Value) -> Option<String> {
        let group = self.group.as_deref()?;
        if !group.starts_with("$.") {
            return Some(group.to_owned());
        }
        Some(match at_path(event, group) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        })
    }

    pub(super) fn shown(&self, id: &str) -> Value {
        let mut members = self.shown.as_object().cloned().unwrap_or_else(Map::new);
        members.insert("Id".to_owned(), id.into());
        Value::Object(members)
    }
}

impl Retries {
    fn read(given: Option<&Value>) -> Option<Self> {
        let number = |member: &str, most: u64| match given.and_then(|policy| policy.get(member)) {
            None | Some(Value::Null) => Some(most),
            Some(value) => value.as_u64().filter(|value| *value <= most),
        };
        let attempts = number("MaximumRetryAttempts", u64::from(MOST_ATTEMPTS))?;
        let age = number("MaximumEventAgeInSeconds", LONGEST_AGE).filter(|age| *age >= 60)?;
        Some(Self { attempts: u32::try_from(attempts).ok()?, age: Duration::from_secs(age) })
    }
}

fn invalid(id: &str, why: &str) -> ApiError {
    ApiError::validation(format!("Target {id} is not valid. Reason: {why}"))
}
