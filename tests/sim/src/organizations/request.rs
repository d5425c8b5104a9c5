//! Members of a request, checked against the model's constraints

use serde_json::Value;

use crate::error::ApiError;

/// Any text, which has to be there
pub(super) fn text<'a>(body: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    body.get(member).and_then(Value::as_str).ok_or_else(|| missing(member))
}

/// `^\d{12}$`
pub(super) fn account<'a>(body: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    let id = text(body, member)?;
    if is_account(id) { Ok(id) } else { Err(unmet(member)) }
}

/// `^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$`
pub(super) fn parent<'a>(body: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    let id = text(body, member)?;
    if is_root(id) || is_unit(id) { Ok(id) } else { Err(unmet(member)) }
}

/// `^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$`
pub(super) fn unit<'a>(body: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    let id = text(body, member)?;
    if is_unit(id) { Ok(id) } else { Err(unmet(member)) }
}

/// An account, a root or a unit
pub(super) fn target<'a>(body: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    let id = text(body, member)?;
    if is_account(id) || is_root(id) || is_unit(id) { Ok(id) } else { Err(unmet(member)) }
}

/// `ServicePrincipal`: 1 to 128 of `[\w+=,.@-]`
pub(super) fn service<'a>(body: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    let name = sized(body, member, 1, 128)?;
    let legal = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte));
    if legal { Ok(name) } else { Err(unmet(member)) }
}

/// Text of so many characters
pub(super) fn sized<'a>(body: &'a Value, member: &str, least: usize, most: usize) -> Result<&'a str, ApiError> {
    let text = text(body, member)?;
    let count = text.chars().count();
    if count < least {
        return Err(invalid(member, "MIN_LENGTH_EXCEEDED"));
    }
    if count > most {
        return Err(invalid(member, "MAX_LENGTH_EXCEEDED"));
    }
    Ok(text)
}

pub(super) fn missing(member: &str) -> ApiError {
    let message = format!("You provided no valid value for {member}.");
    ApiError::refused("InvalidInputException", message).because("INPUT_REQUIRED")
}

pub(super) fn invalid(member: &str, reason: &str) -> ApiError {
    let message = format!("You specified an invalid value for {member}.");
    ApiError::refused("InvalidInputException", message).because(reason)
}

/// A constraint of the organization, with the model's word for which
pub(super) fn constraint(reason: &str, message: &str) -> ApiError {
    ApiError::refused("ConstraintViolationException", message).because(reason)
}

fn unmet(member: &str) -> ApiError {
    invalid(member, "INVALID_PATTERN")
}

fn is_account(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_root(id: &str) -> bool {
    id.strip_prefix("r-").is_some_and(|rest| is_word(rest, 4))
}

fn is_unit(id: &str) -> bool {
    let parts = id.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(root, own)| is_word(root, 4) && is_word(own, 8))
}

/// So many to 32 lower-case letters and digits
fn is_word(text: &str, least: usize) -> bool {
    (least..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}
