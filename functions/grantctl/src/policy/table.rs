//! What the policy table says, and what it said

use anyhow::anyhow;
use grant_engine::Engine;
use grant_plan::version::Recorded;
use serde_json::Value;

/// Its items, ordered by rule
///
/// # Errors
/// When the table cannot be read.
pub(super) async fn items(engine: &Engine) -> anyhow::Result<Vec<Value>> {
    engine.policy_items().await.map_err(|failure| anyhow!("cannot read the policy table: {failure}"))
}

/// The recorded versions of an item, oldest first
///
/// # Errors
/// When the ledger cannot be read.
pub(super) async fn versions(engine: &Engine, rule: &str) -> anyhow::Result<Vec<Recorded>> {
    engine.ledger().versions(rule).await.map_err(|failure| anyhow!("cannot read the ledger: {failure}"))
}
