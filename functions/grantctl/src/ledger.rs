//! `grantctl ledger`: the ledger as a whole

use anyhow::anyhow;
use clap::Subcommand;

use crate::cli::Format;
use crate::confirm::Confirmation;
use crate::exit::Exit;
use crate::{amend, connect};

/// What to do with the ledger
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Record grants again that carry this deployment's stamp and that the ledger does not know
    Rebuild {
        /// Only this license, by ARN or `l-...`
        #[arg(long)]
        license: Option<String>,
        /// Whether it is meant
        #[command(flatten)]
        confirmation: Confirmation,
    },
}

impl Command {
    /// Carries it out
    ///
    /// # Errors
    /// Whatever kept it from being carried out.
    pub async fn run(self, endpoint: Option<&str>, format: Format) -> anyhow::Result<Exit> {
        match self {
            Self::Rebuild { license, confirmation } => {
                rebuild(license.as_deref(), &confirmation, endpoint, format).await
            }
        }
    }
}

/// Shows what would be recorded, asks, and records it
async fn rebuild(
    license: Option<&str>,
    confirmation: &Confirmation,
    endpoint: Option<&str>,
    format: Format,
) -> anyhow::Result<Exit> {
    let engine = connect::engine(endpoint).await?;
    let licenses = match license {
        Some(license) => vec![amend::license(&engine, license).await?],
        None => amend::licenses(&engine).await?.into_iter().map(|license| license.arn).collect(),
    };
    let mut proposals = Vec::new();
    for license in licenses {
        let proposal = engine.propose_rebuild(&license).await;
        let proposal = proposal.map_err(|failure| anyhow!("cannot look at license `{}`: {failure}", license.id()))?;
        if !proposal.amendments.is_empty() || !proposal.left.is_empty() {
            proposals.push((license, proposal));
        }
    }
    amend::show(&proposals, "the ledger knows every grant that carries this deployment's stamp", format)?;
    if amend::is_nothing(&proposals) {
        // What is left needs a person first.
        return Ok(if proposals.is_empty() { Exit::Settled } else { Exit::Differences });
    }
    if !confirmation.given(engine.clients()).await? {
        return Ok(Exit::Differences);
    }
    amend::write(&engine, &proposals).await
}
