//! The one way in: an HTTP request as any AWS client signs it, the service's answer as that client expects it

mod body;
mod caller;
mod cbor;
mod reply;
mod route;

use bytes::Bytes;
use http::{Request, Response};
use serde::{Deserialize, Serialize};

use crate::calls::Call;
use crate::error::ApiError;
use crate::faults::Fault;
use crate::state::State;

pub(crate) use body::Body;
pub(crate) use reply::Reply;
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
    /// Amazon SQS, JSON 1.0
    Sqs,
    /// Amazon EventBridge, JSON 1.1
    EventBridge,
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
            Self::Sqs => "Sqs",
            Self::EventBridge => "EventBridge",
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
        Err((protocol, error)) => {
            let id = state.request_id();
            return Answer::Response(reply::render(protocol, None, &Reply::Refused(error), &id, state.now()));
        }
    };
    let write = route.is_write();
    let fault = state.faults.draw(route.service, &route.operation, write);
    if let Some(fault) = fault {
        state.faults.count(fault);
    }
    let (reply, lost) = match fault {
        Some(Fault::Throttle) => (Reply::Refused(throttled(route.service)), false),
        Some(Fault::ServerError) => (Reply::Refused(broken(route.service)), false),
        Some(Fault::AccountNotReady) => (Reply::Refused(not_ready(&route)), false),
        Some(Fault::LostReply) => (perform(state, &route, false), true),
        Some(Fault::SlowWorkflow) => (perform(state, &route, true), false),
        None => (perform(state, &route, false), false),
    };
    // What a call started with no delay is over before its reply, as with a service that answers late.
    state.catch_up();
    let result = if lost { "LOST" } else { reply.code() };
    let call = Call {
        at: state.now(),
        caller: route.caller.clone(),
        service: route.service.name().to_owned(),
        operation: route.operation.clone(),
        write,
        result: result.to_owned(),
    };
    state.calls.push(call);
    if lost {
        return Answer::Lost;
    }
    let id = state.request_id();
    Answer::Response(reply::render(route.protocol, Some(&route), &reply, &id, state.now()))
}

fn perform(state: &mut State, route: &Route, slow: bool) -> Reply {
    match (route.service, &route.body) {
        (Service::DynamoDb | Service::DynamoDbStreams, Body::Raw(raw)) => state.tables.call(&route.operation, raw),
        (Service::DynamoDb | Service::DynamoDbStreams, Body::Value(value)) => {
            state.tables.call(&route.operation, value.to_string().as_bytes())
        }
        (service, body) => {
            let body = body.value();
            let done = match service {
                Service::LicenseManager => state.call_license_manager(&route.caller, &route.operation, body, slow),
                Service::Organizations => state.call_organizations(&route.caller, &route.operation, body),
                Service::Marketplace => state.call_marketplace(&route.caller, &route.operation, body),
                Service::Sts => state.call_sts(&route.caller, &route.operation, body),
                Service::Sqs => state.call_sqs(&route.operation, body),
                Service::EventBridge => state.call_event_bridge(&route.operation, body),
                Service::DynamoDb | Service::DynamoDbStreams => Ok(serde_json::Value::Null),
            };
            Reply::from(done)
        }
    }
}

/// Each service has its own word for "too fast"
fn throttled(service: Service) -> ApiError {
    let (code, message) = match service {
        // API_CreateGrant: RateLimitExceededException, HTTP Status Code 400.
        Service::LicenseManager => ("RateLimitExceededException", "Too many requests have been submitted"),
        Service::Organizations => ("TooManyRequestsException", "You have sent too many requests in too short a time"),
        Service::Marketplace | Service::EventBridge => ("ThrottlingException", "Rate exceeded"),
        Service::Sts => ("Throttling", "Rate exceeded"),
        Service::Sqs => ("RequestThrottled", "The request was denied due to request throttling"),
        Service::DynamoDb | Service::DynamoDbStreams => {
            ("ProvisionedThroughputExceededException", "The level of configured provisioned throughput was exceeded")
        }
    };
    ApiError::refused(code, message)
}

fn broken(service: Service) -> ApiError {
    let (code, message) = match service {
        Service::LicenseManager => ("ServerInternalException", "The server experienced an internal error. Try again."),
        Service::Organizations => {
            ("ServiceException", "Organizations cannot complete your request because of an internal service error")
        }
        Service::Marketplace => ("InternalServerException", "Unexpected error during processing of request"),
        Service::Sts | Service::Sqs | Service::EventBridge => {
            ("InternalFailure", "The request processing has failed because of an unknown error")
        }
        Service::DynamoDb | Service::DynamoDbStreams => ("InternalServerError", "Internal server error"),
    };
    ApiError::fault(code, message)
}

fn not_ready(route: &Route) -> ApiError {
    match route.service {
        Service::Sts => {
            let role = route.body.text("RoleArn").unwrap_or_default();
            crate::sts::not_authorized(&route.caller, role)
        }
        Service::LicenseManager
        | Service::Organizations
        | Service::Marketplace
        | Service::Sqs
        | Service::EventBridge
        | Service::DynamoDb
        | Service::DynamoDbStreams => {
            ApiError::refused("AccessDeniedException", format!("The account {} is not ready yet", route.caller))
        }
    }
}
