//! Publishing: the checks, the envelope, and the way to a topic's queues

use serde_json::{Map, Value, json};

use super::calls::{need, text};
use super::{Published, wrong};
use crate::error::ApiError;
use crate::sqs::NewMessage;
use crate::state::{State, uuid};

/// API_Publish: 256 KiB
const LARGEST_MESSAGE: usize = 262_144;
const LONGEST_SUBJECT: usize = 100;

impl State {
    pub(super) fn publish_call(&mut self, body: &Value) -> Result<Value, ApiError> {
        let arn = text(body, "TopicArn").or_else(|| text(body, "TargetArn")).ok_or_else(|| wrong("TopicArn"))?;
        self.topics.known(arn)?;
        let message = need(body, "Message").map_err(|_| wrong("Empty message"))?;
        if message.len() > LARGEST_MESSAGE {
            return Err(wrong("Message too long"));
        }
        let subject = text(body, "Subject");
        if subject.is_some_and(|line| {
            let count = line.chars().count();
            !(1..=LONGEST_SUBJECT).contains(&count) || line.chars().any(char::is_control) || line.starts_with(' ')
        }) {
            return Err(wrong("Subject"));
        }
        let message = match text(body, "MessageStructure") {
            None | Some("") => message.to_owned(),
            Some("json") => for_queues(message)?,
            Some(_) => return Err(wrong("MessageStructure")),
        };
        let attributes = body.get("MessageAttributes").cloned().unwrap_or_default();
        let id = self.publish(arn, subject, &message, &attributes);
        Ok(json!({"MessageId": id}))
    }

    /// Gives a message to every confirmed queue of a topic that is there
    pub(crate) fn publish(&mut self, arn: &str, subject: Option<&str>, message: &str, attributes: &Value) -> String {
        let (id, now) = (uuid(&mut self.rng), self.now());
        let Some(topic) = self.topics.topics.get_mut(arn) else { return id };
        let published =
            Published { id: id.clone(), at: now, subject: subject.map(str::to_owned), message: message.to_owned() };
        for (subscription, one) in topic.subscriptions.iter().filter(|(_, one)| one.confirmed) {
            let Some(queue) = self.queues.find_mut(&one.endpoint) else { continue };
            let new = if one.raw {
                NewMessage { body: message.to_owned(), attributes: attributes.clone(), ..NewMessage::default() }
            } else {
                let body = envelope(&topic.arn, subscription, &published, attributes).to_string();
                NewMessage { body, ..NewMessage::default() }
            };
            queue.send(new, now, &mut self.rng);
        }
        topic.published.push(published);
        id
    }
}

/// With `MessageStructure` json the message is one text per protocol, `default` for those that are not named
fn for_queues(message: &str) -> Result<String, ApiError> {
    let texts: Value =
        serde_json::from_str(message).map_err(|_| wrong("Message Structure - JSON message body failed to parse"))?;
    let default =
        text(&texts, "default").ok_or_else(|| wrong("Message Structure - No default entry in JSON message body"))?;
    Ok(text(&texts, "sqs").unwrap_or(default).to_owned())
}

/// SNS Developer Guide, "Parsing Amazon SNS message formats": notification
fn envelope(topic: &str, subscription: &str, published: &Published, attributes: &Value) -> Value {
    let unsubscribe = format!("https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription}");
    let mut envelope = json!({
        "Type": "Notification",
        "MessageId": published.id,
        "TopicArn": topic,
        "Message": published.message,
        "Timestamp": published.at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        "SignatureVersion": "1",
        "Signature": "RVhBTVBMRQ==",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-pretend.pem",
        "UnsubscribeURL": unsubscribe,
    });
    let shown: Map<String, Value> = attributes
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, one)| {
            let value = one.get("StringValue").or_else(|| one.get("BinaryValue")).cloned().unwrap_or_default();
            (name.clone(), json!({"Type": one.get("DataType"), "Value": value}))
        })
        .collect();
    if let Some(members) = envelope.as_object_mut() {
        members.extend(published.subject.as_ref().map(|line| ("Subject".to_owned(), line.as_str().into())));
        if !shown.is_empty() {
            members.insert("MessageAttributes".to_owned(), shown.into());
        }
    }
    envelope
}
