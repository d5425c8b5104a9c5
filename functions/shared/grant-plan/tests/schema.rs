//! The JSON Schema that is committed is the one that the types give
//!
//! `GRANTWAY_BLESS=1 cargo test -p grant-plan --test schema` writes it anew; never in CI, where it could hide a drift.

#![expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test says by the environment whether the schema is to be written"
)]

use std::path::Path;

use grant_plan::schema;
use serde_json::Value;

#[test]
fn the_committed_schema_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/policy.schema.json");
    let made = format!("{}\n", serde_json::to_string_pretty(&schema::policy()).unwrap());
    if std::env::var_os("GRANTWAY_BLESS").is_some() {
        assert!(std::env::var_os("CI").is_none(), "a schema is looked at before it is committed, not written by CI");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == made, "the types have changed: GRANTWAY_BLESS=1 cargo test -p grant-plan --test schema");
}

/// Every attribute that the reader knows has its place in the schema, and the schema has no other
#[test]
fn the_schema_and_the_reader_know_the_same_attributes() {
    let schema = schema::policy();
    for (definition, item) in [
        ("Rule", serde_json::json!({"rule": "r", "": 0})),
        ("Settings", serde_json::json!({"rule": "_settings", "": 0})),
    ] {
        let (_, findings) = if definition == "Rule" {
            let (rule, findings) = grant_plan::rule::Rule::read_with_warnings(&item);
            (rule.is_some(), findings)
        } else {
            let (settings, findings) = grant_plan::settings::PolicySettings::read_with_warnings(&item);
            (settings.is_some(), findings)
        };
        let unknown = findings.iter().find(|finding| finding.attribute.is_empty()).unwrap();
        let (_, known) = unknown.help.split_once("this version knows ").unwrap();
        let mut known: Vec<&str> = known.split(", ").collect();
        known.sort_unstable();
        let place = schema.pointer(&format!("/$defs/{definition}/properties")).and_then(Value::as_object).unwrap();
        let mut written: Vec<&str> = place.keys().map(String::as_str).collect();
        written.sort_unstable();
        assert_eq!(written, known, "{definition}");
        let closed = schema.pointer(&format!("/$defs/{definition}/additionalProperties"));
        assert_eq!(closed, Some(&Value::Bool(false)), "{definition}");
    }
}
