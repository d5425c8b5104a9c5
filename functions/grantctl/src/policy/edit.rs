//! `grantctl policy put|import|restore`: writing the policy table, after showing what would change

use std::path::PathBuf;

use anyhow::{Context, bail};
use aws_sdk_dynamodb::types::AttributeValue;
use grant_engine::Engine;
use grant_plan::finding::Finding;
use grant_plan::policy::Policy;
use grant_plan::version::version_of;
use serde_json::{Value, json};

use super::difference::{Change, Others, difference};
use super::{files, table};
use crate::cli::Format;
use crate::confirm::Confirmation;
use crate::exit::Exit;
use crate::output;

/// Makes the table say what some files say
///
/// # Errors
/// When a file or AWS cannot be read, or the table cannot be written.
pub(super) async fn import(
    engine: &Engine,
    paths: &[PathBuf],
    others: Others,
    confirmation: &Confirmation,
    format: Format,
) -> anyhow::Result<Exit> {
    let Some(items) = readable(paths, format)? else { return Ok(Exit::InvalidPolicy) };
    carry_out(engine, difference(&table::items(engine).await?, &items, others), confirmation, format).await
}

/// Puts a recorded version of a rule back into the table
///
/// # Errors
/// When there is no such version, AWS cannot be read, or the table cannot be written.
pub(super) async fn restore(
    engine: &Engine,
    rule: &str,
    version: &str,
    confirmation: &Confirmation,
    format: Format,
) -> anyhow::Result<Exit> {
    let mut images = table::versions(engine, rule).await?.into_iter().rev().filter_map(|recorded| recorded.image);
    let image = images.find(|image| version_of(image) == version).with_context(|| {
        format!("no version `{version}` of rule `{rule}` is recorded; see `grantctl policy history {rule}`")
    })?;
    carry_out(engine, difference(&table::items(engine).await?, &[image], Others::Stay), confirmation, format).await
}

/// The items of some files; `None`, and why, when not all of them could be in force
fn readable(paths: &[PathBuf], format: Format) -> anyhow::Result<Option<Vec<Value>>> {
    let files = files::read(paths)?;
    let findings: Vec<Finding> = files.findings.into_iter().chain(Policy::read(&files.items).findings).collect();
    if findings.is_empty() {
        return Ok(Some(files.items));
    }
    match format {
        Format::Json => output::json(&json!({"changes": [], "findings": findings}))?,
        Format::Text => findings.iter().for_each(|finding| output::line(format_args!("! {finding}"))),
    }
    Ok(None)
}

async fn carry_out(
    engine: &Engine,
    changes: Vec<Change>,
    confirmation: &Confirmation,
    format: Format,
) -> anyhow::Result<Exit> {
    match format {
        Format::Json => output::json(&json!({"changes": changes, "findings": []}))?,
        Format::Text if changes.is_empty() => output::line("nothing to change"),
        Format::Text => changes.iter().for_each(output::line),
    }
    if changes.is_empty() || !confirmation.given(engine.clients()).await? {
        return Ok(if changes.is_empty() { Exit::Settled } else { Exit::Differences });
    }
    for change in changes {
        write(engine, change).await?;
    }
    Ok(Exit::Settled)
}

async fn write(engine: &Engine, change: Change) -> anyhow::Result<()> {
    let (client, table) = (&engine.clients().dynamodb, &engine.config().policy_table);
    match change {
        Change::Put { rule, item, .. } => {
            let Ok(item) = serde_dynamo::aws_sdk_dynamodb_1::to_item(&item) else { bail!("rule `{rule}` is no item") };
            let put = client.put_item().table_name(table).set_item(Some(item));
            put.send().await.with_context(|| format!("cannot put rule `{rule}`"))?;
        }
        Change::Delete { rule, .. } => {
            let delete = client.delete_item().table_name(table).key("rule", AttributeValue::S(rule.clone()));
            delete.send().await.with_context(|| format!("cannot delete rule `{rule}`"))?;
        }
    }
    Ok(())
}
