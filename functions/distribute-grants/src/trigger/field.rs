//! One field inside a JSON document

use std::str::FromStr;

use grant_plan::id::IdError;
use serde_json::Value;

use super::poison::Poison;

/// The value at a dotted path, if every step is an object that has it
pub(crate) fn at<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(document, |value, key| value.get(key))
}

/// The text at a dotted path
pub(crate) fn text<'a>(document: &'a Value, path: &str) -> Option<&'a str> {
    at(document, path).and_then(Value::as_str)
}

/// The text at a dotted path, which the answer depends on
pub(crate) fn needed<'a>(document: &'a Value, path: &str, expected: &str) -> Result<&'a str, Poison> {
    let found = at(document, path);
    match found.and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text),
        Some(_) | None => Err(Poison::at(path, found, expected)),
    }
}

/// The id at a dotted path, which the answer depends on
pub(crate) fn id<T>(document: &Value, path: &str, expected: &str) -> Result<T, Poison>
where
    T: FromStr<Err = IdError>,
{
    let text = needed(document, path, expected)?;
    text.parse().map_err(|error: IdError| Poison::at(path, at(document, path), error.expected))
}
