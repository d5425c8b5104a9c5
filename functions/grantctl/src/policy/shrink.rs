//! `grantctl policy accept-shrink`: that much is gone is meant

use anyhow::anyhow;
use grant_engine::Engine;
use serde_json::json;

use crate::cli::Format;
use crate::confirm::Confirmation;
use crate::exit::Exit;
use crate::output;

/// Shows what fell so far that it is taken for a fault, and accepts it
///
/// # Errors
/// When AWS or the ledger cannot be read, or the ledger cannot be written.
pub(super) async fn accept(engine: &Engine, confirmation: &Confirmation, format: Format) -> anyhow::Result<Exit> {
    let policy = engine.policy().await.map_err(|failure| anyhow!("cannot read the policy table: {failure}"))?;
    let counts = engine.counts(&policy).await;
    let (counts, shrunk) = counts.map_err(|failure| anyhow!("cannot count what there is: {failure}"))?;
    match format {
        Format::Json => output::json(&json!({"counts": counts, "shrunk": shrunk}))?,
        Format::Text if shrunk.is_empty() => output::line("nothing fell so far that it is taken for a fault"),
        Format::Text => shrunk.iter().for_each(output::line),
    }
    if shrunk.is_empty() {
        return Ok(Exit::Settled);
    }
    if !confirmation.given(engine.clients()).await? {
        return Ok(Exit::Differences);
    }
    engine.accept_counts(counts).await.map_err(|failure| anyhow!("cannot write the ledger: {failure}"))?;
    if format == Format::Text {
        output::line("accepted: what no rule asks for counts as unwanted from the next look at each license on");
    }
    Ok(Exit::Settled)
}
