//! A service's answer as its protocol writes it

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::route::Protocol;
use super::{Service, cbor};
use crate::error::ApiError;

/// What a service says, before a protocol has written it
#[derive(Debug)]
pub(crate) enum Reply {
    Done(Value),
    /// Already written, by DynamoDB
    DoneRaw(String),
    Refused(ApiError),
    /// A refusal that carries more than code and message, already written, by DynamoDB
    RefusedRaw(ApiError, String),
}

impl From<Result<Value, ApiError>> for Reply {
    fn from(done: Result<Value, ApiError>) -> Self {
        match done {
            Ok(value) => Self::Done(value),
            Err(error) => Self::Refused(error),
        }
    }
}

impl Reply {
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Done(_) | Self::DoneRaw(_) => "OK",
            Self::Refused(error) | Self::RefusedRaw(error, _) => &error.code,
        }
    }

    fn error(&self) -> Option<&ApiError> {
        match self {
            Self::Done(_) | Self::DoneRaw(_) => None,
            Self::Refused(error) | Self::RefusedRaw(error, _) => Some(error),
        }
    }
}

/// `service` is whose answer it is, as far as anybody knows
pub(crate) fn render(
    protocol: Protocol,
    service: Option<Service>,
    operation: &str,
    reply: &Reply,
    request_id: &str,
    now: Timestamp,
) -> Response<Bytes> {
    let body = match reply {
        Reply::DoneRaw(text) | Reply::RefusedRaw(_, text) => Bytes::from(text.clone()),
        Reply::Done(value) => done(protocol, service, operation, value, request_id),
        Reply::Refused(error) => refused(protocol, service, error, request_id),
    };
    let mut response = Response::new(body);
    let status = reply.error().map_or(200, |error| error.status);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    let kind = match protocol {
        Protocol::Json10 => "application/x-amz-json-1.0",
        Protocol::Json11 => "application/x-amz-json-1.1",
        Protocol::Cbor => "application/cbor",
        Protocol::Query => "text/xml",
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(HeaderName::from_static("x-amzn-requestid"), request_id);
    // A client that sees another time than its own corrects its clock by it and then retries refusals.
    put(DATE, &http_date(now));
    if protocol == Protocol::Cbor {
        put(HeaderName::from_static("smithy-protocol"), "rpc-v2-cbor");
    }
    if let Some(error) = reply.error()
        && matches!(protocol, Protocol::Json10 | Protocol::Json11)
    {
        put(HeaderName::from_static("x-amzn-errortype"), &error.code);
        if service == Some(Service::Sqs) {
            let (code, _) = sqs_names(&error.code);
            let side = if error.status < 500 { "Sender" } else { "Receiver" };
            put(HeaderName::from_static("x-amzn-query-error"), &format!("{code};{side}"));
        }
    }
    response
}

/// RFC 9110 date, such as `Mon, 14 Sep 2026 08:00:00 GMT`
fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn done(protocol: Protocol, service: Option<Service>, operation: &str, value: &Value, request_id: &str) -> Bytes {
    match protocol {
        Protocol::Json10 | Protocol::Json11 if value.is_null() => Bytes::from_static(b"{}"),
        Protocol::Json10 | Protocol::Json11 => Bytes::from(value.to_string()),
        Protocol::Cbor if value.is_null() => Bytes::from(cbor::encode(&Value::Object(Map::new()))),
        Protocol::Cbor => Bytes::from(cbor::encode(value)),
        Protocol::Query => {
            let mut xml = format!("<{operation}Response xmlns=\"{}\">", namespace(service));
            if !value.is_null() {
                write_xml(&mut xml, &format!("{operation}Result"), value);
            }
            write_xml(&mut xml, "ResponseMetadata", &json!({"RequestId": request_id}));
            xml.push_str(&format!("</{operation}Response>"));
            Bytes::from(xml)
        }
    }
}

fn refused(protocol: Protocol, service: Option<Service>, error: &ApiError, request_id: &str) -> Bytes {
    let mut body = Map::new();
    match protocol {
        Protocol::Json10 | Protocol::Json11 => {
            // Their models spell members with a capital letter.
            let capital = matches!(
                service,
                Some(Service::LicenseManager | Service::Organizations | Service::CloudTrail | Service::ServiceQuotas)
            );
            let kind = if service == Some(Service::Sqs) { sqs_names(&error.code).1 } else { error.code.clone() };
            body.insert("__type".to_owned(), kind.into());
            body.insert(if capital { "Message" } else { "message" }.to_owned(), error.message.clone().into());
            if let Some(reason) = &error.reason {
                body.insert(if capital { "Reason" } else { "reason" }.to_owned(), reason.as_str().into());
            }
            Bytes::from(Value::Object(body).to_string())
        }
        Protocol::Cbor => {
            body.insert("__type".to_owned(), format!("com.amazonaws.marketplaceagreement#{}", error.code).into());
            body.insert("message".to_owned(), error.message.clone().into());
            body.insert("requestId".to_owned(), request_id.into());
            body.extend(error.reason.as_ref().map(|reason| ("reason".to_owned(), reason.as_str().into())));
            Bytes::from(cbor::encode(&Value::Object(body)))
        }
        Protocol::Query => {
            let side = if error.status < 500 { "Sender" } else { "Receiver" };
            let mut xml = format!("<ErrorResponse xmlns=\"{}\">", namespace(service));
            write_xml(&mut xml, "Error", &json!({"Type": side, "Code": error.code, "Message": error.message}));
            write_xml(&mut xml, "RequestId", &request_id.into());
            xml.push_str("</ErrorResponse>");
            Bytes::from(xml)
        }
    }
}

/// SQS says each error twice: by its old query code, which most clients match on, and by its JSON name
fn sqs_names(code: &str) -> (String, String) {
    let query = match code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
        "QueueNameExists" => "QueueAlreadyExists",
        "EmptyBatchRequest" => "AWS.SimpleQueueService.EmptyBatchRequest",
        "TooManyEntriesInBatchRequest" => "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "BatchEntryIdsNotDistinct" => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        "InvalidBatchEntryId" => "AWS.SimpleQueueService.InvalidBatchEntryId",
        "BatchRequestTooLong" => "AWS.SimpleQueueService.BatchRequestTooLong",
        "PurgeQueueInProgress" => "AWS.SimpleQueueService.PurgeQueueInProgress",
        "MessageNotInflight" => "AWS.SimpleQueueService.MessageNotInflight",
        other => other,
    };
    (query.to_owned(), format!("com.amazonaws.sqs#{code}"))
}

fn namespace(service: Option<Service>) -> &'static str {
    match service {
        Some(Service::Sns) => "http://sns.amazonaws.com/doc/2010-03-31/",
        Some(Service::Iam) => "https://iam.amazonaws.com/doc/2010-05-08/",
        Some(
            Service::LicenseManager
            | Service::Organizations
            | Service::Marketplace
            | Service::Sts
            | Service::Sqs
            | Service::EventBridge
            | Service::CloudTrail
            | Service::ServiceQuotas
            | Service::DynamoDb
            | Service::DynamoDbStreams,
        )
        | None => "https://sts.amazonaws.com/doc/2011-06-15/",
    }
}

fn write_xml(xml: &mut String, name: &str, value: &Value) {
    // The entries of a map stand beside each other, each under the name itself.
    if let ("entry", Value::Array(entries)) = (name, value) {
        entries.iter().for_each(|entry| write_xml(xml, name, entry));
        return;
    }
    xml.push_str(&format!("<{name}>"));
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| write_xml(xml, name, member)),
        Value::String(text) => xml.push_str(&escaped(text)),
        Value::Array(items) => items.iter().for_each(|item| write_xml(xml, "member", item)),
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) => xml.push_str(&value.to_string()),
    }
    xml.push_str(&format!("</{name}>"));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
