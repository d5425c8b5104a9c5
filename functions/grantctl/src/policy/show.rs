//! `grantctl policy export|get|history`: what the policy table says, and what it said

use anyhow::Context;
use grant_engine::Engine;
use grant_plan::version::version_of;
use grant_plan::written::Written;
use serde_json::{Value, json};

use super::table;
use crate::cli::Format;
use crate::exit::Exit;
use crate::output;

/// Writes every item of the table: YAML documents that `import` takes, or one JSON list
///
/// # Errors
/// When the table cannot be read.
pub(super) async fn export(engine: &Engine, format: Format) -> anyhow::Result<Exit> {
    let items = table::items(engine).await?;
    match format {
        Format::Json => output::json(&items)?,
        Format::Text => {
            for item in &items {
                output::line(format_args!("---\n{}", Written(item)));
            }
        }
    }
    Ok(Exit::Settled)
}

/// Writes one item of the table
///
/// # Errors
/// When the table cannot be read, or has no such item.
pub(super) async fn get(engine: &Engine, rule: &str, format: Format) -> anyhow::Result<Exit> {
    let items = table::items(engine).await?;
    let item = items.into_iter().find(|item| item.get("rule").and_then(Value::as_str) == Some(rule));
    let item = item.with_context(|| format!("the policy table has no rule `{rule}`"))?;
    match format {
        Format::Json => output::json(&item)?,
        Format::Text => output::line(Written(&item)),
    }
    Ok(Exit::Settled)
}

/// Lists the recorded versions of an item, newest first
///
/// # Errors
/// When the ledger cannot be read.
pub(super) async fn history(engine: &Engine, rule: &str, format: Format) -> anyhow::Result<Exit> {
    let recorded = table::versions(engine, rule).await?;
    let versions: Vec<Value> = recorded
        .iter()
        .rev()
        .map(|one| json!({"at": one.at.to_string(), "version": one.image.as_ref().map(version_of), "item": one.image}))
        .collect();
    match format {
        Format::Json => output::json(&versions)?,
        Format::Text => {
            for one in recorded.iter().rev() {
                match &one.image {
                    Some(image) => {
                        output::line(format_args!("# {}  version {}\n{}\n", one.at, version_of(image), Written(image)))
                    }
                    None => output::line(format_args!("# {}  removed\n", one.at)),
                }
            }
            if recorded.is_empty() {
                output::line(format_args!("no version of rule `{rule}` is recorded"));
            }
        }
    }
    Ok(Exit::Settled)
}
