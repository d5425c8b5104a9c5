//! What a fault looks like: each service has its own word for "too fast", "broken" and "not you"

use super::{Route, Service};
use crate::error::ApiError;

pub(super) fn throttled(service: Service) -> ApiError {
    let (code, message) = match service {
        // API_CreateGrant: RateLimitExceededException, HTTP Status Code 400.
        Service::LicenseManager => ("RateLimitExceededException", "Too many requests have been submitted"),
        Service::Organizations | Service::ServiceQuotas => {
            ("TooManyRequestsException", "You have sent too many requests in too short a time")
        }
        // Its model says 429.
        Service::Marketplace => return ApiError::with_status(429, "ThrottlingException", "Rate exceeded"),
        Service::EventBridge | Service::CloudTrail => ("ThrottlingException", "Rate exceeded"),
        Service::Sts | Service::Iam => ("Throttling", "Rate exceeded"),
        // SNS's ThrottledException has this code and status 429.
        Service::Sns => return ApiError::with_status(429, "Throttled", "Rate exceeded"),
        Service::Sqs => ("RequestThrottled", "The request was denied due to request throttling"),
        Service::DynamoDb | Service::DynamoDbStreams => {
            ("ProvisionedThroughputExceededException", "The level of configured provisioned throughput was exceeded")
        }
    };
    ApiError::refused(code, message)
}

pub(super) fn broken(service: Service) -> ApiError {
    let (code, message) = match service {
        Service::LicenseManager => ("ServerInternalException", "The server experienced an internal error. Try again."),
        Service::Organizations => {
            ("ServiceException", "Organizations cannot complete your request because of an internal service error")
        }
        Service::ServiceQuotas => ("ServiceException", "Something went wrong"),
        Service::Marketplace => ("InternalServerException", "Unexpected error during processing of request"),
        Service::Sns => ("InternalError", "Indicates an internal service error"),
        Service::Iam => ("ServiceFailure", "The request processing has failed because of an unknown error"),
        Service::Sts | Service::Sqs | Service::EventBridge | Service::CloudTrail => {
            ("InternalFailure", "The request processing has failed because of an unknown error")
        }
        Service::DynamoDb | Service::DynamoDbStreams => ("InternalServerError", "Internal server error"),
    };
    ApiError::fault(code, message)
}

/// The refusal of IAM's own: the caller's policies do not allow the operation
pub(super) fn denied(route: &Route) -> ApiError {
    let service = route.service;
    let message = format!(
        "User: arn:aws:sts::{}:assumed-role/caller/session is not authorized to perform: {}:{} because no \
         identity-based policy allows the {1}:{2} action",
        route.caller,
        prefix(service),
        route.operation,
    );
    forbidden(service, message)
}

pub(super) fn not_ready(route: &Route) -> ApiError {
    if route.service == Service::Sts {
        let role = route.body.text("RoleArn").unwrap_or_default();
        return crate::sts::not_authorized(&route.caller, role);
    }
    forbidden(route.service, format!("The account {} is not ready yet", route.caller))
}

/// "Not you" in the service's own word, with its status
fn forbidden(service: Service, message: String) -> ApiError {
    match service {
        Service::Sns => ApiError::with_status(403, "AuthorizationError", message),
        Service::Sts | Service::Iam => ApiError::with_status(403, "AccessDenied", message),
        // Its model says 403.
        Service::Marketplace => ApiError::with_status(403, "AccessDeniedException", message),
        Service::LicenseManager
        | Service::Organizations
        | Service::Sqs
        | Service::EventBridge
        | Service::CloudTrail
        | Service::ServiceQuotas
        | Service::DynamoDb
        | Service::DynamoDbStreams => ApiError::refused("AccessDeniedException", message),
    }
}

/// The service's name in IAM actions (Service Authorization Reference)
fn prefix(service: Service) -> &'static str {
    match service {
        Service::LicenseManager => "license-manager",
        Service::Organizations => "organizations",
        Service::Marketplace => "aws-marketplace",
        Service::Sts => "sts",
        Service::Iam => "iam",
        Service::Sqs => "sqs",
        Service::Sns => "sns",
        Service::EventBridge => "events",
        Service::CloudTrail => "cloudtrail",
        Service::ServiceQuotas => "servicequotas",
        Service::DynamoDb | Service::DynamoDbStreams => "dynamodb",
    }
}
