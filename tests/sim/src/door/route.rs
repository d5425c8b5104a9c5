//! Which service and operation a request is for, and in which protocol it speaks

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::{Body, Service, caller, cbor};
use crate::error::ApiError;
use crate::license_manager;
use crate::state::State;

/// How a request and its reply are written
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// `application/x-amz-json-1.0`
    Json10,
    /// `application/x-amz-json-1.1`
    Json11,
    /// `application/cbor`, operation in the path
    Cbor,
    /// Form in, XML out
    Query,
}

#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) service: Service,
    pub(crate) operation: String,
    pub(crate) protocol: Protocol,
    pub(crate) caller: String,
    pub(crate) body: Body,
}

/// `X-Amz-Target` up to its dot, and the version of JSON that service speaks
const TARGETS: [(&str, Service, Protocol); 7] = [
    ("AWSLicenseManager", Service::LicenseManager, Protocol::Json11),
    ("AWSOrganizationsV20161128", Service::Organizations, Protocol::Json11),
    ("AWSEvents", Service::EventBridge, Protocol::Json11),
    ("AmazonSQS", Service::Sqs, Protocol::Json10),
    ("AWSMPCommerceService_v20200301", Service::Marketplace, Protocol::Json10),
    ("DynamoDB_20120810", Service::DynamoDb, Protocol::Json10),
    ("DynamoDBStreams_20120810", Service::DynamoDbStreams, Protocol::Json10),
];

const RPC_PATH: &str = "/service/AWSMPCommerceService_v20200301/operation/";

impl Route {
    pub(crate) fn find(state: &State, request: &Request<Bytes>) -> Result<Self, (Protocol, ApiError)> {
        let (service, operation, protocol, body) = read(request)?;
        let caller = caller::caller(state, request).map_err(|error| (protocol, error))?;
        Ok(Self { service, operation, protocol, caller, body })
    }

    pub(crate) fn is_write(&self) -> bool {
        let operation = self.operation.as_str();
        match self.service {
            Service::LicenseManager => license_manager::is_write(operation),
            Service::Sts => false,
            // Receiving hides messages, but a poll is how reading a queue is done.
            Service::Sqs => {
                !operation.starts_with("Get") && !operation.starts_with("List") && operation != "ReceiveMessage"
            }
            Service::Organizations
            | Service::Marketplace
            | Service::EventBridge
            | Service::DynamoDb
            | Service::DynamoDbStreams => {
                !["Get", "List", "Describe", "Search", "Query", "Scan", "BatchGet", "TransactGet", "Test"]
                    .iter()
                    .any(|reading| operation.starts_with(reading))
            }
        }
    }
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn read(request: &Request<Bytes>) -> Result<(Service, String, Protocol, Body), (Protocol, ApiError)> {
    if let Some(operation) = request.uri().path().strip_prefix(RPC_PATH) {
        let value = cbor::decode(request.body()).ok_or_else(|| unreadable(Protocol::Cbor))?;
        return Ok((Service::Marketplace, operation.to_owned(), Protocol::Cbor, Body::Value(value)));
    }
    if let Some(target) = header(request, "x-amz-target") {
        let (prefix, operation) = target.split_once('.').unwrap_or((target, ""));
        let known = TARGETS.iter().find(|(name, _, _)| *name == prefix);
        let Some((_, service, protocol)) = known else { return Err((Protocol::Json11, unknown(target))) };
        let body = match service {
            Service::DynamoDb | Service::DynamoDbStreams => Body::Raw(request.body().clone()),
            Service::LicenseManager
            | Service::Organizations
            | Service::Marketplace
            | Service::Sts
            | Service::Sqs
            | Service::EventBridge => Body::Value(json(request.body()).ok_or_else(|| unreadable(*protocol))?),
        };
        return Ok((*service, operation.to_owned(), *protocol, body));
    }
    if header(request, CONTENT_TYPE.as_str()).is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
    {
        let mut form = form(request.body());
        if let Some(Value::String(operation)) = form.remove("Action") {
            return Ok((Service::Sts, operation, Protocol::Query, Body::Value(Value::Object(form))));
        }
    }
    Err((Protocol::Json11, unknown(request.uri().path())))
}

fn json(body: &[u8]) -> Option<Value> {
    if body.is_empty() {
        return Some(Value::Object(Map::new()));
    }
    serde_json::from_slice(body).ok().filter(Value::is_object)
}

fn unreadable(protocol: Protocol) -> (Protocol, ApiError) {
    (protocol, ApiError::refused("SerializationException", "The request body could not be read"))
}

fn unknown(what: &str) -> ApiError {
    ApiError::refused("UnknownOperationException", format!("No service here answers {what}"))
}

fn form(body: &[u8]) -> Map<String, Value> {
    let text = String::from_utf8_lossy(body);
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (percent_decoded(name), Value::String(percent_decoded(value))))
        .collect()
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                if let Some(byte) = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                    bytes.push(byte);
                    rest = tail.get(2..).unwrap_or_default();
                } else {
                    bytes.push(b'%');
                }
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded() {
        let form = form(b"Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx&RoleSessionName=a+b");
        assert_eq!(form["RoleArn"], "arn:aws:iam::1:role/x");
        assert_eq!(form["RoleSessionName"], "a b");
    }
}
