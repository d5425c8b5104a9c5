//! A rule as YAML: maps in blocks, in the order in which one would write a rule

use std::fmt;

use serde_json::{Map, Value};

/// What is written before all else, in this order
const FIRST: [&str; 5] = ["rule", "description", "owner", "products", "accounts"];

/// An item, to be written as YAML
#[derive(Debug, Clone, Copy)]
pub struct Written<'a>(pub &'a Value);

impl fmt::Display for Written<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Object(attributes) => block(formatter, attributes, 0),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                formatter.write_str(&scalar(self.0))
            }
        }
    }
}

fn block(formatter: &mut fmt::Formatter<'_>, members: &Map<String, Value>, depth: usize) -> fmt::Result {
    let place = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
    let mut names: Vec<&String> = members.keys().collect();
    names.sort_by_key(|name| (if depth == 0 { place(name) } else { 0 }, *name));
    for (number, (name, value)) in names.into_iter().filter_map(|name| members.get_key_value(name)).enumerate() {
        if number > 0 || depth > 0 {
            writeln!(formatter)?;
        }
        write!(formatter, "{:indent$}{}:", "", text(name), indent = depth * 2)?;
        match value {
            Value::Object(inner) if !inner.is_empty() => block(formatter, inner, depth + 1)?,
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(scalar).collect();
                write!(formatter, " [{}]", items.join(", "))?;
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                write!(formatter, " {}", scalar(value))?;
            }
        }
    }
    Ok(())
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(given) => text(given),
        // JSON is YAML.
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// Plain where no reader of YAML could take it for anything but this text
fn text(given: &str) -> String {
    let is_plain = given.starts_with(|first: char| first.is_ascii_alphabetic())
        && !given.ends_with(' ')
        && given.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" -_./".contains(&byte));
    let is_word =
        ["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(&given.to_lowercase().as_str());
    if is_plain && !is_word { given.to_owned() } else { Value::from(given).to_string() }
}
