//! Members of a request; the door lets in only what the model allows, so what is required is there and well-formed

use serde_json::Value;

use crate::error::ApiError;

/// A member that the model requires
pub(super) fn text<'a>(body: &'a Value, member: &str) -> &'a str {
    body.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// What the model allows and the service does not, with the model's word for why
pub(super) fn invalid(member: &str, reason: &str) -> ApiError {
    let message = format!("You specified an invalid value for {member}.");
    ApiError::refused("InvalidInputException", message).because(reason)
}

/// A constraint of the organization, with the model's word for which
pub(super) fn constraint(reason: &str, message: &str) -> ApiError {
    ApiError::refused("ConstraintViolationException", message).because(reason)
}
