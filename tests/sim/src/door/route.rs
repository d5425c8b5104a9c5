//! Which service and operation a request is for, and in which protocol it speaks

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::{Body, Service, caller, cbor, form};
use crate::error::ApiError;
use crate::license_manager;
use crate::state::State;
use crate::sts::Session;

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
    /// The account that asks, twelve digits
    pub(crate) caller: String,
    /// The session whose key signed, if it is one's
    pub(crate) session: Option<Session>,
    pub(crate) body: Body,
}

/// A request that no service gets to see
#[derive(Debug)]
pub(crate) struct Astray {
    pub(crate) protocol: Protocol,
    /// Whom it was for, as far as it says so
    pub(crate) service: Option<Service>,
    pub(crate) error: ApiError,
}

/// `X-Amz-Target` up to its dot, and the version of JSON that service speaks
const TARGETS: [(&str, Service, Protocol); 9] = [
    ("AWSLicenseManager", Service::LicenseManager, Protocol::Json11),
    ("AWSOrganizationsV20161128", Service::Organizations, Protocol::Json11),
    ("AWSEvents", Service::EventBridge, Protocol::Json11),
    ("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", Service::CloudTrail, Protocol::Json11),
    ("ServiceQuotasV20190624", Service::ServiceQuotas, Protocol::Json11),
    ("AmazonSQS", Service::Sqs, Protocol::Json10),
    ("AWSMPCommerceService_v20200301", Service::Marketplace, Protocol::Json10),
    ("DynamoDB_20120810", Service::DynamoDb, Protocol::Json10),
    ("DynamoDBStreams_20120810", Service::DynamoDbStreams, Protocol::Json10),
];

/// `Version` in a form, which is what tells the services that speak the query protocol apart
const VERSIONS: [(&str, Service); 3] =
    [("2011-06-15", Service::Sts), ("2010-03-31", Service::Sns), ("2010-05-08", Service::Iam)];

const RPC_PATH: &str = "/service/AWSMPCommerceService_v20200301/operation/";

impl Route {
    pub(crate) fn find(state: &State, request: &Request<Bytes>) -> Result<Self, Astray> {
        let (service, operation, protocol, body) = read(request)?;
        let (caller, session) = caller::caller(state, request, protocol).map_err(|error| Astray {
            protocol,
            service: Some(service),
            error,
        })?;
        Ok(Self { service, operation, protocol, caller, session, body })
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
            | Service::Iam
            | Service::Sns
            | Service::EventBridge
            | Service::CloudTrail
            | Service::ServiceQuotas
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

fn read(request: &Request<Bytes>) -> Result<(Service, String, Protocol, Body), Astray> {
    if let Some(operation) = request.uri().path().strip_prefix(RPC_PATH) {
        let value = cbor::decode(request.body()).ok_or_else(|| unreadable(Service::Marketplace, Protocol::Cbor))?;
        return Ok((Service::Marketplace, operation.to_owned(), Protocol::Cbor, Body::Value(value)));
    }
    if let Some(target) = header(request, "x-amz-target") {
        let (prefix, operation) = target.rsplit_once('.').unwrap_or((target, ""));
        let known = TARGETS.iter().find(|(name, _, _)| *name == prefix);
        let Some((_, service, protocol)) = known else { return Err(unknown(target)) };
        let body = match service {
            Service::DynamoDb | Service::DynamoDbStreams => Body::Raw(request.body().clone()),
            Service::LicenseManager
            | Service::Organizations
            | Service::Marketplace
            | Service::Sts
            | Service::Iam
            | Service::Sqs
            | Service::Sns
            | Service::EventBridge
            | Service::CloudTrail
            | Service::ServiceQuotas => {
                Body::Value(json(request.body()).ok_or_else(|| unreadable(*service, *protocol))?)
            }
        };
        return Ok((*service, operation.to_owned(), *protocol, body));
    }
    if header(request, CONTENT_TYPE.as_str()).is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
    {
        let mut form = form::read(request.body());
        let version = form.remove("Version");
        let version = version.as_ref().and_then(Value::as_str);
        let service = match version {
            // A form written by hand says none; the service that such forms are written for is STS.
            None => Some(Service::Sts),
            Some(version) => VERSIONS.iter().find(|(known, _)| *known == version).map(|(_, service)| *service),
        };
        if let Some(service) = service {
            let Some(Value::String(operation)) = form.remove("Action") else { return Err(no_action(service)) };
            return Ok((service, operation, Protocol::Query, Body::Value(Value::Object(form))));
        }
    }
    Err(unknown(request.uri().path()))
}

fn json(body: &[u8]) -> Option<Value> {
    if body.is_empty() {
        return Some(Value::Object(Map::new()));
    }
    serde_json::from_slice(body).ok().filter(Value::is_object)
}

fn unreadable(service: Service, protocol: Protocol) -> Astray {
    let error = ApiError::refused("SerializationException", "The request body could not be read");
    Astray { protocol, service: Some(service), error }
}

/// Common Errors in the API references of the services that forms are for: HTTP 400
fn no_action(service: Service) -> Astray {
    let error = ApiError::refused("MissingAction", "The request is missing an action or a required parameter.");
    Astray { protocol: Protocol::Query, service: Some(service), error }
}

fn unknown(what: &str) -> Astray {
    let error = ApiError::refused("UnknownOperationException", format!("No service here answers {what}"));
    Astray { protocol: Protocol::Json11, service: None, error }
}
