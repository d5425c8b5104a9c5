//! The one way in: an HTTP request as any AWS client signs it, the service's answer as that client expects it

mod body;
mod caller;
mod cbor;
mod constraint;
mod form;
mod refusal;
mod reply;
mod route;

use bytes::Bytes;
use http::{Request, Response};
use serde::{Deserialize, Serialize};

use crate::calls::{Call, Digest};
use crate::faults::CallFault;
use crate::state::State;

pub(crate) use body::Body;
pub(crate) use reply::Reply;
use route::Astray;
pub(crate) use route::Route;

/// A service behind the door
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Service {
    /// AWS License Manager, JSON 1.1
    LicenseManager,
    /// AWS Organizations, JSON 1.1
    Organizations,
    /// AWS Marketplace Agreement service, smithy RPC v2 CBOR or JSON 1.0
    Marketplace,
    /// AWS STS, query in and XML out
    Sts,
    /// AWS IAM, query in and XML out
    Iam,
    /// Amazon SQS, JSON 1.0
    Sqs,
    /// Amazon SNS, query in and XML out
    Sns,
    /// Amazon EventBridge, JSON 1.1
    EventBridge,
    /// AWS CloudTrail, JSON 1.1
    CloudTrail,
    /// Service Quotas, JSON 1.1
    ServiceQuotas,
    /// Amazon DynamoDB, JSON 1.0
    DynamoDb,
    /// Amazon DynamoDB Streams, JSON 1.0
    DynamoDbStreams,
}

impl Service {
    /// The name used in the call log
    pub fn name(self) -> &'static str {
        match self {
            Self::LicenseManager => "LicenseManager",
            Self::Organizations => "Organizations",
            Self::Marketplace => "Marketplace",
            Self::Sts => "Sts",
            Self::Iam => "Iam",
            Self::Sqs => "Sqs",
            Self::Sns => "Sns",
            Self::EventBridge => "EventBridge",
            Self::CloudTrail => "CloudTrail",
            Self::ServiceQuotas => "ServiceQuotas",
            Self::DynamoDb => "DynamoDb",
            Self::DynamoDbStreams => "DynamoDbStreams",
        }
    }
}

/// What comes back through the door
#[derive(Debug)]
pub enum Answer {
    /// The service's reply
    Response(Response<Bytes>),
    /// The call had its effect and the reply never arrives
    Lost,
}

pub(crate) fn answer(state: &mut State, request: &Request<Bytes>) -> Answer {
    state.catch_up();
    let route = match Route::find(state, request) {
        Ok(route) => route,
        Err(Astray { protocol, service, error }) => {
            let (reply, id) = (Reply::Refused(error), state.request_id());
            return Answer::Response(reply::render(protocol, service, "", &reply, &id, state.now()));
        }
    };
    let write = route.is_write();
    let fault = state.faults.draw(route.service, &route.caller, &route.operation, write);
    let (reply, lost) = match fault {
        Some(CallFault::Throttle) => (Reply::Refused(refusal::throttled(route.service)), false),
        Some(CallFault::ServerError) => (Reply::Refused(refusal::broken(route.service)), false),
        Some(CallFault::AccountNotReady) => (Reply::Refused(refusal::not_ready(&route)), false),
        Some(CallFault::AccessDenied) => (Reply::Refused(refusal::denied(&route)), false),
        Some(CallFault::LostReply) => (perform(state, &route, None), true),
        Some(CallFault::SlowWorkflow | CallFault::FailedWorkflow | CallFault::StaleListing) | None => {
            (perform(state, &route, fault), false)
        }
    };
    if let Some(fault) = fault {
        state.faults.count(fault);
    }
    // What a call started with no delay is over before its reply, as with a service that answers late.
    state.catch_up();
    let id = state.request_id();
    let response = reply::render(route.protocol, Some(route.service), &route.operation, &reply, &id, state.now());
    let result = if lost { "LOST" } else { reply.code() };
    let call = Call {
        at: state.now(),
        caller: route.caller.clone(),
        service: route.service.name().to_owned(),
        operation: route.operation.clone(),
        write,
        result: result.to_owned(),
        digest: digest(&route, request, &response),
    };
    state.calls.push(call);
    if lost { Answer::Lost } else { Answer::Response(response) }
}

/// What was asked and answered, of which a seed repeats every byte but for the order of an item's attributes; the
/// embedded database makes ids of tables and Streams of its own, so the calls that show those have none
fn digest(route: &Route, request: &Request<Bytes>, response: &Response<Bytes>) -> String {
    let streams = route.service == Service::DynamoDbStreams;
    if streams || route.service == Service::DynamoDb && route.operation.contains("Table") {
        return String::new();
    }
    if route.service == Service::DynamoDb {
        return Digest::of(&[&in_order(request.body()), &in_order(response.body())]);
    }
    Digest::of(&[request.body(), response.body()])
}

/// An item has no order, and neither the SDK nor the embedded database gives it one: members by name, as JSON has them
fn in_order(body: &Bytes) -> Bytes {
    serde_json::from_slice::<serde_json::Value>(body).map_or_else(|_| body.clone(), |value| value.to_string().into())
}

fn perform(state: &mut State, route: &Route, fault: Option<CallFault>) -> Reply {
    constraint::refused(route).unwrap_or_else(|| served(state, route, fault))
}

fn served(state: &mut State, route: &Route, fault: Option<CallFault>) -> Reply {
    match (route.service, &route.body) {
        (Service::DynamoDb | Service::DynamoDbStreams, Body::Raw(raw)) => state.call_tables(&route.operation, raw),
        (Service::DynamoDb | Service::DynamoDbStreams, Body::Value(value)) => {
            state.call_tables(&route.operation, &Bytes::from(value.to_string()))
        }
        (service, body) => {
            let body = body.value();
            let done = match service {
                Service::LicenseManager => state.call_license_manager(&route.caller, &route.operation, body, fault),
                Service::Organizations => state.call_organizations(&route.caller, &route.operation, body),
                Service::Marketplace => state.call_marketplace(&route.caller, &route.operation, body),
                Service::Sts => state.call_sts(&route.caller, route.session.as_ref(), &route.operation, body),
                Service::Iam => state.call_iam(&route.caller, &route.operation, body),
                Service::Sqs => state.call_sqs(&route.operation, body),
                Service::Sns => state.call_sns(&route.operation, body),
                Service::EventBridge => state.call_event_bridge(&route.caller, &route.operation, body),
                Service::CloudTrail => state.call_cloud_trail(&route.caller, &route.operation, body),
                Service::ServiceQuotas => state.call_service_quotas(&route.caller, &route.operation, body),
                Service::DynamoDb | Service::DynamoDbStreams => Ok(serde_json::Value::Null),
            };
            Reply::from(done)
        }
    }
}
