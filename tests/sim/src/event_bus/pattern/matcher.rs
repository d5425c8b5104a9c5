//! What one value of a pattern asks of one value of an event

use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Matcher {
    Exactly(Value),
    Exists(bool),
    Prefix(String),
    PrefixIgnoringCase(String),
    Suffix(String),
    SuffixIgnoringCase(String),
    EqualsIgnoringCase(String),
    Wildcard(String),
    Numeric(Vec<(Comparison, f64)>),
    /// The value is there and none of these match it
    AnythingBut(Vec<Matcher>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Matcher {
    pub(super) fn parse(value: &Value) -> Result<Self, String> {
        let Some(members) = value.as_object() else {
            return if value.is_array() {
                Err(refused("arrays do not nest"))
            } else {
                Ok(Self::Exactly(value.clone()))
            };
        };
        let mut members = members.iter();
        let (Some((name, operand)), None) = (members.next(), members.next()) else {
            return Err(refused("a match takes exactly one operator"));
        };
        let text = || operand.as_str().map(str::to_owned).ok_or_else(|| refused(&format!("{name} takes a text")));
        match name.as_str() {
            "exists" => operand.as_bool().map(Self::Exists).ok_or_else(|| refused("exists takes true or false")),
            "prefix" => match ignoring_case(operand) {
                Some(lower) => Ok(Self::PrefixIgnoringCase(lower)),
                None => text().map(Self::Prefix),
            },
            "suffix" => match ignoring_case(operand) {
                Some(lower) => Ok(Self::SuffixIgnoringCase(lower)),
                None => text().map(Self::Suffix),
            },
            "equals-ignore-case" => text().map(|text| Self::EqualsIgnoringCase(text.to_lowercase())),
            "wildcard" => text().and_then(|text| {
                if text.contains("**") { Err(refused("consecutive wildcards")) } else { Ok(Self::Wildcard(text)) }
            }),
            "numeric" => {
                numeric(operand).map(Self::Numeric).ok_or_else(|| refused("numeric takes comparisons and numbers"))
            }
            "anything-but" => anything_but(operand).map(Self::AnythingBut),
            other => Err(refused(&format!("Unrecognized match type {other}"))),
        }
    }

    pub(super) fn matches(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else { return *self == Self::Exists(false) };
        let text = value.as_str();
        match self {
            Self::Exactly(wanted) => match (wanted.as_f64(), value.as_f64()) {
                (Some(wanted), Some(value)) => wanted == value,
                (_, _) => wanted == value,
            },
            Self::Exists(wanted) => *wanted,
            Self::Prefix(wanted) => text.is_some_and(|text| text.starts_with(wanted)),
            Self::PrefixIgnoringCase(wanted) => text.is_some_and(|text| text.to_lowercase().starts_with(wanted)),
            Self::Suffix(wanted) => text.is_some_and(|text| text.ends_with(wanted)),
            Self::SuffixIgnoringCase(wanted) => text.is_some_and(|text| text.to_lowercase().ends_with(wanted)),
            Self::EqualsIgnoringCase(wanted) => text.is_some_and(|text| text.to_lowercase() == *wanted),
            Self::Wildcard(wanted) => text.is_some_and(|text| wildcard(wanted, text)),
            Self::Numeric(comparisons) => {
                value.as_f64().is_some_and(|number| comparisons.iter().all(|(how, bound)| how.holds(number, *bound)))
            }
            Self::AnythingBut(unwanted) => !unwanted.iter().any(|one| one.matches(Some(value))),
        }
    }
}

impl Comparison {
    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Equal => number == bound,
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
            Self::Greater => number > bound,
            Self::GreaterOrEqual => number >= bound,
        }
    }
}

/// `{"equals-ignore-case": text}` inside prefix and suffix
fn ignoring_case(operand: &Value) -> Option<String> {
    operand.get("equals-ignore-case")?.as_str().map(str::to_lowercase)
}

/// A value, a list of values, or one nested operator over a text or a list of texts
fn anything_but(operand: &Value) -> Result<Vec<Matcher>, String> {
    match operand {
        Value::Array(values) => values.iter().map(Matcher::parse).collect(),
        Value::Object(members) => {
            let mut matchers = Vec::new();
            for (name, nested) in members {
                let nested = nested.as_array().cloned().unwrap_or_else(|| vec![nested.clone()]);
                for one in nested {
                    matchers.push(Matcher::parse(&serde_json::json!({name: one}))?);
                }
            }
            Ok(matchers)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Ok(vec![Matcher::Exactly(operand.clone())])
        }
    }
}

/// `[">", 0, "<=", 5]`
fn numeric(operand: &Value) -> Option<Vec<(Comparison, f64)>> {
    let parts = operand.as_array().filter(|parts| !parts.is_empty() && parts.len() % 2 == 0)?;
    parts
        .chunks(2)
        .map(|pair| {
            let [how, bound] = pair else { return None };
            let how = match how.as_str()? {
                "=" => Comparison::Equal,
                "<" => Comparison::Less,
                "<=" => Comparison::LessOrEqual,
                ">" => Comparison::Greater,
                ">=" => Comparison::GreaterOrEqual,
                _ => return None,
            };
            Some((how, bound.as_f64()?))
        })
        .collect()
}

/// `*` stands for any text, also none
fn wildcard(wanted: &str, text: &str) -> bool {
    let Some((first, rest)) = wanted.split_once('*') else { return wanted == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = text.split_once(part) else { return false };
        text = after;
    }
    text.ends_with(last)
}

fn refused(why: &str) -> String {
    format!("Event pattern is not valid. Reason: {why}")
}
