//! The JSON Schema of the policy table's items, for editors and for review
//!
//! Made from the types that items are read into; what an attribute may look like, where that is more than the type
//! that it becomes, is said by the types here.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::rule::Rule;
use crate::settings::{PolicySettings, SETTINGS};

/// The schema of a file of policy items: one item, or a list of them
#[must_use]
pub fn policy() -> Value {
    let mut generator = SchemaGenerator::default();
    let rule = generator.subschema_for::<Rule>().to_value();
    let mut settings = PolicySettings::json_schema(&mut generator).to_value();
    if let Some(settings) = settings.as_object_mut() {
        let key = json!({"const": SETTINGS, "description": "What holds for the whole deployment"});
        if let Some(properties) = settings.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert("rule".to_owned(), key);
        }
        settings.insert("required".to_owned(), json!(["rule"]));
    }
    let mut definitions: serde_json::Map<String, Value> = generator.take_definitions(true).into_iter().collect();
    definitions.insert("Settings".to_owned(), settings);
    let item = json!({"anyOf": [rule, {"$ref": "#/$defs/Settings"}]});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Grantway policy",
        "description": "Items of the policy table: one rule each, and one with settings",
        "anyOf": [{"$ref": "#/$defs/Item"}, {"type": "array", "items": {"$ref": "#/$defs/Item"}}],
        "$defs": definitions.into_iter().chain([("Item".to_owned(), item)]).collect::<serde_json::Map<_, _>>(),
    })
}

macro_rules! written {
    ($(#[$doc:meta])* $name:ident, $schema:tt) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

written!(
    /// True or false, or the word
    Flag,
    {"anyOf": [{"type": "boolean"}, {"enum": ["true", "false"]}]}
);
written!(
    /// A whole number, or its digits
    Count,
    {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+$"}]}
);
written!(
    /// A rule's key
    RuleKey,
    {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"}
);
written!(
    /// An account id
    Account,
    {"type": "string", "pattern": "^[0-9]{12}$"}
);
written!(
    /// An organizational unit id
    Unit,
    {"type": "string", "pattern": "^ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$"}
);
written!(
    /// A date or a moment
    Moment,
    {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}
);
written!(
    /// Hours and minutes in UTC
    TimeOfDay,
    {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
);
written!(
    /// An account's life-cycle state
    State,
    {"enum": ["PENDING_ACTIVATION", "ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED"]}
);
written!(
    /// What a grantee may do with a license
    Operation,
    {"enum": ["CheckoutLicense", "CheckoutBorrowLicense", "CheckInLicense", "ExtendConsumptionLicense",
              "ListPurchasedLicenses", "CreateToken"]}
);
written!(
    /// What becomes of grants
    Revoke,
    {"anyOf": [
        {"enum": ["never", "now"]},
        {
            "type": "object",
            "properties": {
                "after_days": {"type": "integer", "minimum": 0, "maximum": 3650},
                "off_days": {"type": "integer", "minimum": 0, "maximum": 3650},
            },
            "required": ["after_days"],
            "additionalProperties": false,
        },
    ]}
);

/// One value, or a list or set of them
#[derive(Debug, JsonSchema)]
#[schemars(untagged, inline)]
pub enum OneOrMany<T> {
    /// One
    One(T),
    /// Alternatives, at least one
    Many(#[schemars(length(min = 1))] Vec<T>),
}

/// `"*"`, or parts
#[derive(Debug, JsonSchema)]
#[schemars(untagged, inline)]
pub enum EveryOr<T> {
    /// All of them, written out on purpose
    Every(Star),
    /// By parts
    Parts(T),
}

written!(
    /// All of them
    Star,
    {"const": "*"}
);
