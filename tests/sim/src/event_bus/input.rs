//! What a target gets of an event: all of it, a part, a constant, or a template filled from it
//!
//! EventBridge User Guide, "Amazon EventBridge input transformation".

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::events::iso;

/// PutTargets: members of InputPathsMap, and characters of the template
const MOST_PATHS: usize = 100;
const LONGEST_TEMPLATE: usize = 8_192;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Input {
    Whole,
    Constant(String),
    Path(String),
    Template { paths: BTreeMap<String, String>, template: String },
}

impl Input {
    pub(super) fn read(target: &Value) -> Result<Self, &'static str> {
        let text = |member: &str| target.get(member).and_then(Value::as_str);
        let transformer = target.get("InputTransformer").filter(|transformer| !transformer.is_null());
        match (text("Input"), text("InputPath"), transformer) {
            (None, None, None) => Ok(Self::Whole),
            (Some(constant), None, None) => {
                serde_json::from_str::<Value>(constant).map_err(|_| "JSON syntax error in input.")?;
                Ok(Self::Constant(constant.to_owned()))
            }
            (None, Some(path), None) if path.starts_with('$') => Ok(Self::Path(path.to_owned())),
            (None, Some(_), None) => Err("Invalid InputPath."),
            (None, None, Some(transformer)) => Self::template(transformer),
            _ => Err("Only one of Input, InputPath, or InputTransformer must be provided."),
        }
    }

    fn template(transformer: &Value) -> Result<Self, &'static str> {
        let template = transformer.get("InputTemplate").and_then(Value::as_str).unwrap_or_default();
        if !(1..=LONGEST_TEMPLATE).contains(&template.len()) {
            return Err("InputTemplate must have 1 to 8192 characters.");
        }
        let paths: BTreeMap<String, String> = transformer
            .get("InputPathsMap")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, path)| (name.clone(), path.as_str().unwrap_or_default().to_owned()))
            .collect();
        if paths.len() > MOST_PATHS || paths.values().any(|path| !path.starts_with('$')) {
            return Err("InvalidInputPathsMap.");
        }
        Ok(Self::Template { paths, template: template.to_owned() })
    }

    /// The body of the message
    pub(super) fn of(&self, event: &Value, rule_arn: &str, now: Timestamp) -> String {
        match self {
            Self::Whole => event.to_string(),
            Self::Constant(constant) => constant.clone(),
            Self::Path(path) => at_path(event, path).unwrap_or(&Value::Null).to_string(),
            Self::Template { paths, template } => fill(template, |name| {
                let own = |text: String| Some(Value::String(text));
                match name {
                    "aws.events.rule-arn" => own(rule_arn.to_owned()),
                    "aws.events.rule-name" => own(rule_arn.rsplit('/').next().unwrap_or_default().to_owned()),
                    "aws.events.event.ingestion-time" => own(iso(now)),
                    "aws.events.event" | "aws.events.event.json" => Some(event.clone()),
                    // A path that leads nowhere leaves nothing behind.
                    _ => Some(at_path(event, paths.get(name)?).cloned().unwrap_or(Value::String(String::new()))),
                }
            }),
        }
    }
}

/// Puts values where the template names them: as JSON, or as bare text inside a text of the template
fn fill(template: &str, value: impl Fn(&str) -> Option<Value>) -> String {
    let mut filled = String::with_capacity(template.len());
    let (mut rest, mut quoted) = (template, false);
    while let Some(at) = rest.find(['<', '"', '\\']) {
        let (before, from) = rest.split_at(at);
        filled.push_str(before);
        let named = from.strip_prefix('<').and_then(|inner| inner.split_once('>'));
        if let Some((name, behind)) = named
            && let Some(value) = value(name)
        {
            let json = value.to_string();
            // Inside a text of the template a text loses its quotes, and only those.
            let bare = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).filter(|_| quoted);
            filled.push_str(bare.unwrap_or(&json));
            rest = behind;
            continue;
        }
        // A backslash takes the character behind it along.
        let width = if from.starts_with('\\') { 2 } else { 1 };
        let end = from.char_indices().nth(width).map_or(from.len(), |(end, _)| end);
        let (sign, behind) = from.split_at(end);
        quoted ^= sign == "\"";
        filled.push_str(sign);
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

/// Dot notation and indexes: `$.detail.list[0].name`
pub(super) fn at_path<'a>(event: &'a Value, path: &str) -> Option<&'a Value> {
    let path = path.strip_prefix('$')?;
    path.split('.').filter(|part| !part.is_empty()).try_fold(event, |at, part| {
        let (name, indexes) = part.split_once('[').map_or((part, ""), |(name, rest)| (name, rest));
        let at = if name.is_empty() { at } else { at.get(name)? };
        let mut numbers = indexes.split('[').filter_map(|index| index.strip_suffix(']'));
        numbers.try_fold(at, |at, index| at.get(index.parse::<usize>().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(paths: Value, template: &str, event: &Value) -> String {
        let input = Input::read(&json!({"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}));
        input.unwrap().of(event, "arn:aws:events:us-east-1:210987654321:rule/one", Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_template_is_filled_with_json_and_inside_text_with_text() {
        let event = json!({"detail": {"id": "a\"b", "count": 2, "list": [{"n": "x"}]}});
        let paths =
            json!({"id": "$.detail.id", "count": "$.detail.count", "n": "$.detail.list[0].n", "no": "$.detail.no"});
        for (template, wanted) in [
            ("{\"id\": <id>, \"count\": <count>}", json!({"id": "a\"b", "count": 2})),
            ("\"<n> has <count> of <id>, <other>\"", json!("x has 2 of a\"b, <other>")),
            ("{\"rule\": \"<aws.events.rule-name>\", \"no\": \"<no>\"}", json!({"rule": "one", "no": ""})),
            ("<aws.events.event.json>", event.clone()),
        ] {
            let text = filled(paths.clone(), template, &event);
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn one_of_the_three_inputs_at_most() {
        assert!(Input::read(&json!({"Input": "{}", "InputPath": "$.detail"})).is_err());
        assert!(Input::read(&json!({"Input": "{"})).is_err());
        assert!(Input::read(&json!({"InputTransformer": {"InputTemplate": ""}})).is_err());
    }
}
