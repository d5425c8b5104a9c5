//! Operations on topics, and what they refuse

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Topic, wrong};
use crate::error::ApiError;
use crate::page;
use crate::state::State;

/// ListTopics and the lists of subscriptions: up to 100 a page
const PAGE: usize = 100;
/// Attributes that SetTopicAttributes takes on a standard topic
const SETTABLE: [&str; 6] =
    ["DisplayName", "Policy", "DeliveryPolicy", "KmsMasterKeyId", "SignatureVersion", "TracingConfig"];

impl State {
    pub(crate) fn call_sns(&mut self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        match operation {
            "CreateTopic" => self.create_topic(body),
            "DeleteTopic" => {
                // Deleting what is not there succeeds (API_DeleteTopic: the action is idempotent).
                self.topics.topics.remove(need(body, "TopicArn")?);
                Ok(Value::Null)
            }
            "ListTopics" => {
                let topics = self.topics.all().map(|topic| json!({"TopicArn": topic.arn})).collect();
                self.sns_page("Topics", topics, body)
            }
            "GetTopicAttributes" => {
                let topic = self.topics.known(need(body, "TopicArn")?)?;
                Ok(json!({"Attributes": map(&self.shown_topic(topic))}))
            }
            "SetTopicAttributes" => {
                let name = need(body, "AttributeName")?;
                let topic = self.topics.known_mut(need(body, "TopicArn")?)?;
                if !SETTABLE.contains(&name) {
                    return Err(wrong("AttributeName"));
                }
                topic.attributes.insert(name.to_owned(), text(body, "AttributeValue").unwrap_or_default().to_owned());
                Ok(Value::Null)
            }
            "Subscribe"
            | "Unsubscribe"
            | "ListSubscriptions"
            | "ListSubscriptionsByTopic"
            | "GetSubscriptionAttributes"
            | "SetSubscriptionAttributes" => self.call_subscriptions(operation, body),
            "Publish" => self.publish_call(body),
            other => Err(ApiError::refused("InvalidAction", format!("Could not find operation {other}"))),
        }
    }

    fn create_topic(&mut self, body: &Value) -> Result<Value, ApiError> {
        let name = need(body, "Name")?;
        let legal = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !(1..=256).contains(&name.len()) || !legal {
            // FIFO topics, whose names have a dot, are not pretended.
            return Err(wrong("Topic Name"));
        }
        let mut attributes = BTreeMap::new();
        for (key, value) in body.get("Attributes").and_then(Value::as_object).into_iter().flatten() {
            if !SETTABLE.contains(&key.as_str()) {
                return Err(wrong("Attributes"));
            }
            attributes.insert(key.clone(), value.as_str().unwrap_or_default().to_owned());
        }
        let arn = format!("arn:aws:sns:us-east-1:{}:{name}", self.topics.account);
        if let Some(topic) = self.topics.topics.get(&arn) {
            if attributes.iter().any(|(key, value)| topic.attributes.get(key) != Some(value)) {
                return Err(wrong("Attributes Reason: Topic already exists with different attributes"));
            }
            return Ok(json!({"TopicArn": arn}));
        }
        let topic = Topic { arn: arn.clone(), attributes, subscriptions: BTreeMap::new(), published: Vec::new() };
        self.topics.topics.insert(arn.clone(), topic);
        Ok(json!({"TopicArn": arn}))
    }

    fn shown_topic(&self, topic: &Topic) -> BTreeMap<String, String> {
        let confirmed = topic.subscriptions.values().filter(|one| one.confirmed).count();
        let mut shown = BTreeMap::from([
            ("TopicArn".to_owned(), topic.arn.clone()),
            ("Owner".to_owned(), self.topics.account.clone()),
            ("DisplayName".to_owned(), String::new()),
            ("SubscriptionsConfirmed".to_owned(), confirmed.to_string()),
            ("SubscriptionsPending".to_owned(), (topic.subscriptions.len() - confirmed).to_string()),
            ("SubscriptionsDeleted".to_owned(), "0".to_owned()),
        ]);
        shown.extend(topic.attributes.clone());
        shown
    }

    pub(super) fn sns_page(&self, member: &str, items: Vec<Value>, body: &Value) -> Result<Value, ApiError> {
        let token = text(body, "NextToken").filter(|token| !token.is_empty());
        let list = format!("{member}/{}", text(body, "TopicArn").unwrap_or_default());
        let size = PAGE.min(self.knobs.page_size);
        let (items, next) = page::cut(&list, items, size, token).ok_or_else(|| wrong("NextToken"))?;
        Ok(match next {
            Some(next) => json!({member: items, "NextToken": next}),
            None => json!({member: items}),
        })
    }
}

/// A map as XML has it
pub(super) fn map(members: &BTreeMap<String, String>) -> Value {
    json!({"entry": members.iter().map(|(key, value)| json!({"key": key, "value": value})).collect::<Vec<_>>()})
}

pub(super) fn text<'a>(body: &'a Value, member: &str) -> Option<&'a str> {
    body.get(member).and_then(Value::as_str)
}

pub(super) fn need<'a>(body: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    text(body, member).filter(|given| !given.is_empty()).ok_or_else(|| wrong(member))
}
