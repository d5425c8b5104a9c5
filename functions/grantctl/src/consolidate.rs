//! `grantctl consolidate`: one grant for a whole place in the stead of many for its accounts

use anyhow::anyhow;
use clap::Args;

use crate::cli::Format;
use crate::confirm::HubConfirmation;
use crate::exit::Exit;
use crate::{amend, connect};

/// What is to be consolidated
///
/// Text, and read by us: clap ends with 2 on what it cannot read, and to a script 2 says that nothing was written.
#[derive(Debug, Args)]
pub struct Asked {
    /// The license, by ARN or `l-...`
    #[arg(long)]
    license: String,
    /// Whether it is meant
    #[command(flatten)]
    confirmation: HubConfirmation,
}

/// Shows which grants would give way, asks, and has the ledger say so; looks do the rest, account by account
///
/// # Errors
/// When the environment is incomplete, AWS or the ledger cannot be read or written, or there is no such license.
pub async fn run(asked: &Asked, endpoint: Option<&str>, format: Format) -> anyhow::Result<Exit> {
    let engine = connect::engine(endpoint).await?;
    let license = amend::license(&engine, &asked.license).await?;
    let proposal = engine.propose_consolidation(&license).await;
    let proposal = proposal.map_err(|failure| anyhow!("cannot look at license `{}`: {failure}", license.id()))?;
    let nothing = "no grants to single accounts stand where one to a whole place would do";
    amend::offer(&engine, (license, proposal), nothing, &asked.confirmation, format).await
}
