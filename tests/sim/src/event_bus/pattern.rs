//! Event patterns: which events a rule wants
//!
//! EventBridge User Guide, "Comparison operators for use in event patterns". Fields AND, values OR; an array in the
//! event matches when one of its items does; `$or` needs one of its branches.

use serde_json::Value;

mod matcher;

use matcher::Matcher;

/// A parsed event pattern
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(Node);

#[derive(Debug, Clone, PartialEq)]
struct Node {
    fields: Vec<(String, Field)>,
    /// Each `$or` of this level: one of its branches must match
    alternatives: Vec<Vec<Node>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Field {
    Nested(Node),
    OneOf(Vec<Matcher>),
}

impl Pattern {
    /// Reads a pattern
    ///
    /// # Errors
    ///
    /// Says what EventBridge would refuse it for.
    pub fn parse(pattern: &Value) -> Result<Self, String> {
        let node = Node::parse(pattern)?;
        if node.fields.is_empty() && node.alternatives.is_empty() {
            return Err("Event pattern is not valid. Reason: Empty objects are not allowed".to_owned());
        }
        Ok(Self(node))
    }

    /// Whether a rule with this pattern wants an event
    pub fn matches(&self, event: &Value) -> bool {
        self.0.matches(event)
    }
}

impl Node {
    fn parse(pattern: &Value) -> Result<Self, String> {
        let members = pattern.as_object().ok_or("Event pattern is not valid. Reason: Filter is not an object")?;
        let mut node = Self { fields: Vec::new(), alternatives: Vec::new() };
        for (name, member) in members {
            match member {
                Value::Array(branches) if name == "$or" => {
                    if branches.len() < 2 {
                        return Err("Event pattern is not valid. Reason: $or needs two or more branches".to_owned());
                    }
                    node.alternatives.push(branches.iter().map(Self::parse).collect::<Result<_, _>>()?);
                }
                Value::Object(_) => node.fields.push((name.clone(), Field::Nested(Self::parse(member)?))),
                Value::Array(values) if values.is_empty() => {
                    return Err("Event pattern is not valid. Reason: Empty arrays are not allowed".to_owned());
                }
                Value::Array(values) => {
                    let matchers = values.iter().map(Matcher::parse).collect::<Result<_, _>>()?;
                    node.fields.push((name.clone(), Field::OneOf(matchers)));
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                    return Err(format!(
                        "Event pattern is not valid. Reason: \"{name}\" must be an object or an array"
                    ));
                }
            }
        }
        Ok(node)
    }

    fn matches(&self, event: &Value) -> bool {
        self.fields.iter().all(|(name, field)| field.matches(event.get(name)))
            && self.alternatives.iter().all(|branches| branches.iter().any(|branch| branch.matches(event)))
    }
}

impl Field {
    fn matches(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Nested(node), Some(Value::Array(items))) => items.iter().any(|item| node.matches(item)),
            (Self::Nested(node), Some(value)) => node.matches(value),
            // Inside something absent everything is absent, which `exists: false` may want.
            (Self::Nested(node), None) => node.matches(&Value::Null),
            (Self::OneOf(matchers), value) => matchers.iter().any(|matcher| match value {
                Some(Value::Array(items)) => items.iter().any(|item| matcher.matches(Some(item))),
                Some(Value::Object(_)) => false,
                value => matcher.matches(value),
            }),
        }
    }
}
