//! Subscriptions: queues are confirmed at once, everybody else would have to answer first

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::calls::{map, need, text};
use super::{Subscription, Topic, wrong};
use crate::error::ApiError;
use crate::state::{State, uuid};

/// API_Subscribe
const PROTOCOLS: [&str; 9] =
    ["http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"];
const PENDING: &str = "pending confirmation";

impl State {
    pub(super) fn call_subscriptions(&mut self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        match operation {
            "Subscribe" => self.subscribe(body),
            "Unsubscribe" => {
                let arn = need(body, "SubscriptionArn")?;
                self.topic_of(arn)?.subscriptions.remove(arn);
                Ok(Value::Null)
            }
            "ListSubscriptions" => {
                let shown = self.topics.all().flat_map(|topic| self.shown(topic)).collect();
                self.sns_page("Subscriptions", shown, body)
            }
            "ListSubscriptionsByTopic" => {
                let shown = self.shown(self.topics.known(need(body, "TopicArn")?)?);
                self.sns_page("Subscriptions", shown, body)
            }
            "GetSubscriptionAttributes" => {
                let arn = need(body, "SubscriptionArn")?;
                let owner = self.topics.account.clone();
                let topic = self.topic_of(arn)?;
                let topic_arn = topic.arn.clone();
                let one = topic.subscriptions.get(arn).ok_or_else(no_subscription)?;
                let attributes = BTreeMap::from([
                    ("SubscriptionArn".to_owned(), arn.to_owned()),
                    ("TopicArn".to_owned(), topic_arn),
                    ("Owner".to_owned(), owner),
                    ("Protocol".to_owned(), one.protocol.clone()),
                    ("Endpoint".to_owned(), one.endpoint.clone()),
                    ("PendingConfirmation".to_owned(), (!one.confirmed).to_string()),
                    ("RawMessageDelivery".to_owned(), one.raw.to_string()),
                ]);
                Ok(json!({"Attributes": map(&attributes)}))
            }
            _ => {
                let (arn, name) = (need(body, "SubscriptionArn")?, need(body, "AttributeName")?);
                let raw = raw(name, text(body, "AttributeValue").unwrap_or_default())?;
                let one = self.topic_of(arn)?.subscriptions.get_mut(arn).ok_or_else(no_subscription)?;
                one.raw = raw;
                Ok(Value::Null)
            }
        }
    }

    fn subscribe(&mut self, body: &Value) -> Result<Value, ApiError> {
        let (topic_arn, protocol) = (need(body, "TopicArn")?, need(body, "Protocol")?);
        self.topics.known(topic_arn)?;
        if !PROTOCOLS.contains(&protocol) {
            return Err(wrong(&format!("Does not support this protocol string: {protocol}")));
        }
        let endpoint = need(body, "Endpoint")?;
        if protocol == "sqs" && !endpoint.starts_with("arn:aws:sqs:") {
            return Err(wrong("SQS endpoint ARN"));
        }
        let mut one = Subscription {
            protocol: protocol.to_owned(),
            endpoint: endpoint.to_owned(),
            confirmed: protocol == "sqs",
            raw: false,
        };
        for (name, value) in body.get("Attributes").and_then(Value::as_object).into_iter().flatten() {
            one.raw = raw(name, value.as_str().unwrap_or_default())?;
        }
        let said = text(body, "ReturnSubscriptionArn") == Some("true");
        let id = uuid(&mut self.rng);
        let topic = self.topics.known_mut(topic_arn)?;
        let same = |other: &&Subscription| other.protocol == one.protocol && other.endpoint == one.endpoint;
        let known = topic.subscriptions.iter().find(|(_, other)| same(other)).map(|(arn, _)| arn.clone());
        let arn = known.unwrap_or_else(|| format!("{topic_arn}:{id}"));
        let shown = if one.confirmed || said { arn.clone() } else { PENDING.to_owned() };
        topic.subscriptions.entry(arn).or_insert(one);
        Ok(json!({"SubscriptionArn": shown}))
    }

    fn shown(&self, topic: &Topic) -> Vec<Value> {
        let shape = |(arn, one): (&String, &Subscription)| {
            let arn = if one.confirmed { arn.as_str() } else { "PendingConfirmation" };
            json!({
                "SubscriptionArn": arn, "Owner": self.topics.account, "Protocol": one.protocol,
                "Endpoint": one.endpoint, "TopicArn": topic.arn,
            })
        };
        topic.subscriptions.iter().map(shape).collect()
    }

    /// The topic that a subscription's ARN begins with
    fn topic_of(&mut self, subscription: &str) -> Result<&mut Topic, ApiError> {
        let (topic, _) = subscription.rsplit_once(':').ok_or_else(|| wrong("SubscriptionArn"))?;
        self.topics.topics.get_mut(topic).ok_or_else(no_subscription)
    }
}

/// The one attribute of a subscription that changes anything here
fn raw(name: &str, value: &str) -> Result<bool, ApiError> {
    match (name, value) {
        ("RawMessageDelivery", "true") => Ok(true),
        ("RawMessageDelivery", "false") => Ok(false),
        _ => Err(wrong(name)),
    }
}

fn no_subscription() -> ApiError {
    ApiError::with_status(404, "NotFound", "Subscription does not exist")
}
