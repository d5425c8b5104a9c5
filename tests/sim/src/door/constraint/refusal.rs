//! The same breach in each service's own words

use dynoxide::DynoxideError;

use super::breach::{Breach, Rule};
use crate::door::{Reply, Service};
use crate::error::ApiError;

/// The refusal of a request with these breaches; nothing when there are none, or when the service has words of its own
/// for what is not in its model
pub(super) fn of(service: Service, found: &[Breach<'_>]) -> Option<Reply> {
    let first = found.first()?;
    let wrong_type = found.iter().find_map(|breach| match breach.rule {
        Rule::Type(is, wanted) => Some(format!("{is} can not be converted to {wanted}")),
        Rule::Required
        | Rule::Shortest(_)
        | Rule::Longest(_)
        | Rule::Least(_)
        | Rule::Most(_)
        | Rule::Pattern(_)
        | Rule::Words(_) => None,
    });
    let error = match service {
        Service::DynamoDb | Service::DynamoDbStreams => {
            let (code, error) = match wrong_type {
                Some(message) => ("SerializationException", DynoxideError::SerializationException(message)),
                None => ("ValidationException", DynoxideError::ValidationException(validation(found))),
            };
            // Written by the engine, which spells these two as DynamoDB does.
            return Some(Reply::RefusedRaw(ApiError::refused(code, error.to_string()), error.to_json()));
        }
        // In a form there are no types: what is no number is a wrong value.
        Service::Sts | Service::Iam => ApiError::refused("ValidationError", validation(found)),
        Service::Sns => ApiError::refused("InvalidParameter", invalid_parameter(first)),
        Service::LicenseManager
        | Service::Organizations
        | Service::Marketplace
        | Service::Sqs
        | Service::EventBridge
        | Service::CloudTrail
        | Service::ServiceQuotas
            if let Some(message) = wrong_type =>
        {
            ApiError::refused("SerializationException", message)
        }
        Service::LicenseManager | Service::EventBridge => ApiError::validation(validation(found)),
        Service::Marketplace => ApiError::validation(validation(found)).because(&marketplace_reason(first)),
        Service::Organizations => invalid_input(first),
        Service::Sqs => queue_parameter(first),
        Service::ServiceQuotas => ApiError::refused("IllegalArgumentException", validation(found)),
        // Its model says `required` and no more, and the service has an exception for each kind of name.
        Service::CloudTrail => return None,
    };
    Some(Reply::Refused(error))
}

/// `2 validation errors detected: ...; ...`
fn validation(found: &[Breach<'_>]) -> String {
    let (count, plural) = (found.len(), if found.len() == 1 { "" } else { "s" });
    let sentences: Vec<String> = found.iter().map(Breach::sentence).collect();
    format!("{count} validation error{plural} detected: {}", sentences.join("; "))
}

/// API_TagResource, Errors, InvalidInputException: the reasons; the sentence about patterns is the service's own, as in
/// boto3 issue 4565
fn invalid_input(breach: &Breach<'_>) -> ApiError {
    let member = breach.member();
    let (reason, message) = match breach.rule {
        Rule::Required => ("INPUT_REQUIRED", format!("You must provide a value for {member}.")),
        Rule::Shortest(_) => ("MIN_LENGTH_EXCEEDED", format!("You provided a value for {member} that is too short.")),
        Rule::Longest(_) => ("MAX_LENGTH_EXCEEDED", format!("You provided a value for {member} that is too long.")),
        Rule::Least(_) => ("MIN_VALUE_EXCEEDED", format!("You provided a value for {member} that is too small.")),
        Rule::Most(_) => ("MAX_VALUE_EXCEEDED", format!("You provided a value for {member} that is too large.")),
        Rule::Pattern(_) => {
            ("INVALID_PATTERN", "You provided a value that does not match the required pattern.".to_owned())
        }
        Rule::Words(_) | Rule::Type(..) => ("INVALID_ENUM", format!("You specified an invalid value for {member}.")),
    };
    ApiError::refused("InvalidInputException", message).because(reason)
}

/// The model's `ValidationExceptionReason`
fn marketplace_reason(breach: &Breach<'_>) -> String {
    let about = match breach.member() {
        "agreementId" => "AGREEMENT_ID",
        "catalog" => "CATALOG",
        "filters" => "FILTERS",
        "name" => "FILTER_NAME",
        "values" => "FILTER_VALUES",
        "sortBy" => "SORT_BY",
        "sortOrder" => "SORT_ORDER",
        "nextToken" => "NEXT_TOKEN",
        "maxResults" => "MAX_RESULTS",
        _ => return "OTHER".to_owned(),
    };
    let how = if breach.rule == Rule::Required { "MISSING" } else { "INVALID" };
    format!("{how}_{about}")
}

/// SQS API reference, Common Errors; its model has words for attributes only
fn queue_parameter(breach: &Breach<'_>) -> ApiError {
    let name = breach.dotted();
    match breach.rule {
        Rule::Required => {
            ApiError::refused("MissingParameter", format!("The request must contain the parameter {name}."))
        }
        Rule::Words(_) => ApiError::refused("InvalidAttributeName", format!("Unknown Attribute {}.", breach.value)),
        Rule::Shortest(_) | Rule::Longest(_) | Rule::Least(_) | Rule::Most(_) | Rule::Pattern(_) | Rule::Type(..) => {
            let message = format!("Value {} for parameter {name} is invalid.", breach.value);
            ApiError::refused("InvalidParameterValue", message)
        }
    }
}

/// SNS's model has `required` and types only
fn invalid_parameter(breach: &Breach<'_>) -> String {
    let why = if breach.rule == Rule::Required { "no value for required parameter" } else { "not a valid value" };
    format!("Invalid parameter: {} Reason: {why}", breach.dotted())
}
