//! A request's members, each checked against its modelled constraint

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::license_manager::license::AllowedOperation;

/// A request, or a structure inside one
#[derive(Debug, Clone, Copy)]
pub(in crate::license_manager) struct Request<'a> {
    members: Option<&'a Map<String, Value>>,
}

/// Largest `Arn` and `ClientToken`
const LONG: usize = 2048;

/// Largest `StatusReasonMessage`
const REASON: usize = 400;

impl<'a> Request<'a> {
    pub(in crate::license_manager) fn new(body: &'a Value) -> Result<Self, ApiError> {
        match body {
            Value::Object(members) => Ok(Self { members: Some(members) }),
            Value::Null => Ok(Self { members: None }),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(wrong_type("the request", "a structure"))
            }
        }
    }

    /// A member; null means absent
    fn member(&self, name: &str) -> Option<&'a Value> {
        self.members.and_then(|members| members.get(name)).filter(|value| !value.is_null())
    }

    pub(in crate::license_manager) fn text(&self, name: &str) -> Result<Option<&'a str>, ApiError> {
        match self.member(name) {
            Some(value) => value.as_str().map(Some).ok_or_else(|| wrong_type(name, "a string")),
            None => Ok(None),
        }
    }

    pub(in crate::license_manager) fn required(&self, name: &str) -> Result<&'a str, ApiError> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    pub(in crate::license_manager) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.member(name) {
            Some(value) => value.as_bool().map(Some).ok_or_else(|| wrong_type(name, "a boolean")),
            None => Ok(None),
        }
    }

    pub(in crate::license_manager) fn required_flag(&self, name: &str) -> Result<bool, ApiError> {
        self.flag(name)?.ok_or_else(|| missing(name))
    }

    pub(in crate::license_manager) fn structure(&self, name: &str) -> Result<Option<Request<'a>>, ApiError> {
        match self.member(name) {
            Some(Value::Object(members)) => Ok(Some(Request { members: Some(members) })),
            Some(_) => Err(wrong_type(name, "a structure")),
            None => Ok(None),
        }
    }

    fn list(&self, name: &str) -> Result<Option<&'a [Value]>, ApiError> {
        match self.member(name) {
            Some(Value::Array(values)) => Ok(Some(values)),
            Some(_) => Err(wrong_type(name, "a list")),
            None => Ok(None),
        }
    }

    pub(in crate::license_manager) fn texts(&self, name: &str) -> Result<Option<Vec<&'a str>>, ApiError> {
        let Some(values) = self.list(name)? else { return Ok(None) };
        let texts = values.iter().map(|value| value.as_str().ok_or_else(|| wrong_type(name, "a list of strings")));
        texts.collect::<Result<_, _>>().map(Some)
    }

    pub(in crate::license_manager) fn word<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let Some(word) = self.text(name)? else { return Ok(None) };
        match parse(word) {
            Some(value) => Ok(Some(value)),
            None => Err(unmet(name, word, "Member must satisfy enum value set")),
        }
    }

    pub(in crate::license_manager) fn required_arn(&self, name: &str) -> Result<&'a str, ApiError> {
        let arn = self.required(name)?;
        check_arn(name, arn)?;
        Ok(arn)
    }

    pub(super) fn arns(&self, name: &str) -> Result<Vec<&'a str>, ApiError> {
        let arns = self.texts(name)?.unwrap_or_default();
        for arn in &arns {
            check_arn(name, arn)?;
        }
        Ok(arns)
    }

    /// `PrincipalArnList`: exactly one
    pub(super) fn principal(&self) -> Result<&'a str, ApiError> {
        let arns = self.texts("Principals")?.ok_or_else(|| missing("Principals"))?;
        match arns.as_slice() {
            [arn] => {
                check_arn("Principals", arn)?;
                Ok(arn)
            }
            [] | [_, ..] => Err(unmet("Principals", &arns.len().to_string(), "Member must have exactly 1 element")),
        }
    }

    /// `AllowedOperationList`: one to eight, in the order given
    pub(super) fn operations(&self) -> Result<Option<Vec<AllowedOperation>>, ApiError> {
        let name = "AllowedOperations";
        let Some(words) = self.texts(name)? else { return Ok(None) };
        if words.is_empty() || words.len() > 8 {
            return Err(unmet(name, &words.len().to_string(), "Member must have 1 to 8 elements"));
        }
        let operations = words.into_iter().map(|word| {
            AllowedOperation::from_word(word).ok_or_else(|| unmet(name, word, "Member must satisfy enum value set"))
        });
        operations.collect::<Result<_, _>>().map(Some)
    }

    /// `ClientToken`: required wherever it exists, `\S{1,2048}`
    pub(in crate::license_manager) fn client_token(&self) -> Result<String, ApiError> {
        let token = self.required("ClientToken")?;
        let length = token.chars().count();
        if length == 0 || length > LONG || token.chars().any(char::is_whitespace) {
            return Err(unmet("ClientToken", token, r"Member must satisfy regular expression pattern: \S+"));
        }
        Ok(token.to_owned())
    }

    pub(super) fn status_reason(&self) -> Result<Option<String>, ApiError> {
        let Some(reason) = self.text("StatusReason")? else { return Ok(None) };
        if reason.is_empty() || reason.chars().count() > REASON {
            return Err(unmet("StatusReason", reason, "Member must have length between 1 and 400"));
        }
        Ok(Some(reason.to_owned()))
    }

    /// `MaxSize100`
    pub(super) fn max_results(&self) -> Result<Option<usize>, ApiError> {
        let Some(value) = self.member("MaxResults") else { return Ok(None) };
        let count = value.as_i64().ok_or_else(|| wrong_type("MaxResults", "an integer"))?;
        match usize::try_from(count) {
            Ok(count @ 1..=100) => Ok(Some(count)),
            Ok(_) | Err(_) => Err(unmet("MaxResults", &count.to_string(), "Member must be between 1 and 100")),
        }
    }

    /// `Tags`: pairs of key and value, both optional in the model; a pair without a key says nothing
    pub(in crate::license_manager) fn tags(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let mut tags = BTreeMap::new();
        for tag in self.structures("Tags")?.unwrap_or_default() {
            if let Some(key) = tag.text("Key")? {
                tags.insert(key.to_owned(), tag.text("Value")?.unwrap_or_default().to_owned());
            }
        }
        Ok(tags)
    }

    pub(in crate::license_manager) fn structures(&self, name: &str) -> Result<Option<Vec<Request<'a>>>, ApiError> {
        let Some(values) = self.list(name)? else { return Ok(None) };
        values.iter().map(Request::new).collect::<Result<_, _>>().map(Some)
    }

    /// `Filters`: names are those the operation knows, spelled exactly so, each with one value
    ///
    /// Source: API reference, type Filter ("you can specify one value per filter", case-sensitive).
    pub(super) fn filters<F>(&self, parse: impl Fn(&str) -> Option<F>) -> Result<Vec<(F, &'a str)>, ApiError> {
        let mut filters = Vec::new();
        for filter in self.list("Filters")?.unwrap_or_default() {
            let filter = Request::new(filter)?;
            let name = filter.text("Name")?.ok_or_else(|| missing("Filters.Name"))?;
            let values = filter.texts("Values")?.ok_or_else(|| missing("Filters.Values"))?;
            let Some(known) = parse(name) else {
                return Err(invalid(format!("Filters: {name} is not a filter of this operation")));
            };
            match values.as_slice() {
                [value] => filters.push((known, *value)),
                [] | [_, ..] => return Err(invalid(format!("Filters: {name} takes exactly one value"))),
            }
        }
        Ok(filters)
    }
}

/// `Arn`: `^arn:aws[a-zA-Z-]*:<service>:<region>:<account>:<resource>$`
fn check_arn(name: &str, arn: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let valid = match parts.as_slice() {
        ["arn", partition, service, region, account, resource] => {
            let of_partition = |rest: &str| rest.chars().all(|at| at.is_ascii_alphabetic() || at == '-');
            partition.strip_prefix("aws").is_some_and(of_partition)
                && begins_alphanumeric(service)
                && [service, region, account].iter().all(|part| part.len() <= 63 && part.chars().all(plain))
                && begins_alphanumeric(resource)
                && resource.len() <= 1024
                && resource.chars().all(|at| plain(at) || ":+=,@".contains(at))
        }
        _ => false,
    };
    if valid && arn.len() <= LONG { Ok(()) } else { Err(unmet(name, arn, "Member must satisfy the pattern of Arn")) }
}

fn begins_alphanumeric(part: &str) -> bool {
    part.starts_with(|at: char| at.is_ascii_alphanumeric())
}

fn plain(at: char) -> bool {
    at.is_ascii_alphanumeric() || "_/.-".contains(at)
}

pub(in crate::license_manager) fn missing(name: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null"
    ))
}

fn unmet(name: &str, value: &str, constraint: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {constraint}"
    ))
}

fn invalid(why: String) -> ApiError {
    ApiError::refused("InvalidParameterValueException", why)
}

fn wrong_type(name: &str, expected: &str) -> ApiError {
    ApiError::refused("SerializationException", format!("{name} is not {expected}"))
}
