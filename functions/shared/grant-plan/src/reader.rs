//! Reads attributes as the DynamoDB console's form and YAML make them, and collects everything wrong with them

use serde_json::{Map, Value};

use crate::finding::{Finding, Severity};
use crate::nearest::nearest;

/// Collects findings while the attributes of one item are read
///
/// A method that answers `None` has said why. Reading goes on, so that all findings come at once.
#[derive(Debug)]
pub(crate) struct Reader {
    rule: String,
    findings: Vec<Finding>,
}

impl Reader {
    pub(crate) fn new(item: &Value) -> Self {
        let rule = item.get("rule").and_then(Value::as_str).unwrap_or("?");
        Self { rule: rule.chars().take(64).collect(), findings: Vec::new() }
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.errors() > 0
    }

    /// How many errors there are so far
    pub(crate) fn errors(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    pub(crate) fn error(&mut self, attribute: &str, value: &Value, message: &str, help: &str) {
        self.find(Severity::Error, attribute, value, message, help);
    }

    pub(crate) fn warning(&mut self, attribute: &str, value: &Value, message: &str, help: &str) {
        self.find(Severity::Warning, attribute, value, message, help);
    }

    fn find(&mut self, severity: Severity, attribute: &str, value: &Value, message: &str, help: &str) {
        let rule = self.rule.clone();
        self.findings.push(Finding::about(rule, attribute, value, message, help, severity));
    }

    /// Every attribute that is not known is a finding: a misspelt `except` would grant to everybody
    pub(crate) fn known(
        &mut self,
        attributes: &Map<String, Value>,
        known: &[&'static str],
        elsewhere: &[(&'static str, &'static str)],
        prefix: &str,
    ) {
        for (name, value) in attributes.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            let place = elsewhere.iter().find(|(word, _)| word == name).map(|(_, place)| *place);
            let meant = place.map(str::to_owned).or_else(|| {
                let near = nearest(name, known.iter().copied())?;
                Some(format!("{prefix}{near}"))
            });
            let mut help = meant.map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
            help.push_str("this version knows ");
            help.push_str(&known.join(", "));
            let attribute: String = format!("{prefix}{name}").chars().take(100).collect();
            self.error(&attribute, value, "is not a known attribute", &help);
        }
    }

    pub(crate) fn flag(&mut self, attribute: &str, value: &Value) -> Option<bool> {
        // The console's form makes strings unless one looks for the boolean type.
        let flag = value.as_bool().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        if flag.is_none() {
            self.error(attribute, value, "must be true or false", "write `true` or `false`");
        }
        flag
    }

    /// A whole number from `least` to `most`, as N or as S
    pub(crate) fn number(&mut self, attribute: &str, value: &Value, least: u32, most: u32) -> Option<u32> {
        let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        let number = number.and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let help = format!("write a whole number from {least} to {most}");
            self.error(attribute, value, "must be a whole number", &help);
        }
        number
    }

    pub(crate) fn text(&mut self, attribute: &str, value: &Value) -> Option<String> {
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.error(attribute, value, "must be text", "write a string");
        }
        text
    }

    /// One of a few words
    pub(crate) fn word<T: Copy>(&mut self, attribute: &str, value: &Value, words: &[(&str, T)]) -> Option<T> {
        let given = value.as_str();
        let found = words.iter().find(|(word, _)| given == Some(word)).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let all: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            let near = given.and_then(|given| nearest(given, words.iter().map(|(word, _)| *word)));
            let mut help = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            help.push_str("write ");
            help.push_str(&all.join(" or "));
            self.error(attribute, value, "is none of the words it may be", &help);
        }
        found
    }

    /// A map of attributes
    pub(crate) fn map<'a>(&mut self, attribute: &str, value: &'a Value, help: &str) -> Option<&'a Map<String, Value>> {
        let map = value.as_object().filter(|map| !map.is_empty());
        if map.is_none() {
            self.error(attribute, value, "must be a map", help);
        }
        map
    }

    /// One text or a list or set of texts, each of which `parse` takes or says what to write instead
    pub(crate) fn list<T>(
        &mut self,
        attribute: &str,
        value: &Value,
        expected: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let items = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
        if items.is_empty() {
            self.error(attribute, value, "must not be empty", &format!("list {expected}, or leave the attribute out"));
            return None;
        }
        let mut parsed = Vec::new();
        for item in items {
            match text_of(item).ok_or_else(|| "write text".to_owned()).and_then(|text| trimmed(&text, &parse)) {
                Ok(item) => parsed.push(item),
                Err(help) => self.error(attribute, item, &format!("must be {expected}"), &help),
            }
        }
        (parsed.len() == items.len()).then_some(parsed)
    }

    /// A list inside a map, which may be missing
    pub(crate) fn part<T, C: FromIterator<T> + Default>(
        &mut self,
        parts: &Map<String, Value>,
        outer: &str,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> C {
        let value = parts.get(name);
        let list = value.and_then(|value| self.list(&format!("{outer}.{name}"), value, expected, parse));
        list.map(C::from_iter).unwrap_or_default()
    }
}

/// Text, or the number that a form or YAML made of an id; one that has lost its leading zeros is refused by its length
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn trimmed<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, String> {
    if text.trim() == text { parse(text) } else { Err("take the blanks at its ends out".to_owned()) }
}

/// Parses an id, for [`Reader::list`]
pub(crate) fn id<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "correct it or take it out".to_owned())
}
