//! `grantctl retry`: another try for what Grantway has given up, or waits with

use anyhow::{Context, anyhow};
use clap::Args;
use grant_plan::id::AccountId;

use crate::cli::Format;
use crate::confirm::HubConfirmation;
use crate::exit::Exit;
use crate::{amend, connect};

/// What is to be tried again
///
/// Text, and read by us: clap ends with 2 on what it cannot read, and to a script 2 says that nothing was written.
#[derive(Debug, Args)]
pub struct Asked {
    /// The license, by ARN or `l-...`
    #[arg(long)]
    license: String,
    /// The account, twelve digits; without it, the license's grants to the organization and to units
    #[arg(long)]
    account: Option<String>,
    /// Whether it is meant
    #[command(flatten)]
    confirmation: HubConfirmation,
}

/// Shows what another try comes to, asks, and has the ledger say so
///
/// # Errors
/// When the environment is incomplete, AWS or the ledger cannot be read or written, or there is no such license.
pub async fn run(asked: &Asked, endpoint: Option<&str>, format: Format) -> anyhow::Result<Exit> {
    let account: Option<AccountId> = asked.account.as_deref().map(str::parse).transpose().context("--account")?;
    let engine = connect::engine(endpoint).await?;
    let license = amend::license(&engine, &asked.license).await?;
    let proposal = engine.propose_retry(&license, account.as_ref()).await;
    let proposal = proposal.map_err(|failure| anyhow!("cannot look at license `{}`: {failure}", license.id()))?;
    let nothing = "nothing waits for another try";
    amend::offer(&engine, (license, proposal), nothing, &asked.confirmation, format).await
}
