//! `grantctl adopt`: a grant that somebody made by hand becomes one of ours

use anyhow::{Context, anyhow};
use clap::Args;
use grant_plan::organization::Principal;
use grant_plan::plan::amend::adopt::Which;

use crate::cli::Format;
use crate::confirm::HubConfirmation;
use crate::exit::Exit;
use crate::{amend, connect};

/// Which grant is meant; none of the three lists what could be taken over
///
/// Text, and read by us: clap ends with 2 on what it cannot read, and to a script 2 says that nothing was written.
#[derive(Debug, Args)]
pub struct Asked {
    /// The license, by ARN or `l-...`
    #[arg(long)]
    license: String,
    /// The grant, by ARN
    #[arg(long, value_name = "ARN", conflicts_with_all = ["account", "organization"])]
    grant: Option<String>,
    /// The one made to this account, twelve digits
    #[arg(long, conflicts_with = "organization")]
    account: Option<String>,
    /// The one made to the organization
    #[arg(long)]
    organization: bool,
    /// Whether it is meant
    #[command(flatten)]
    confirmation: HubConfirmation,
}

impl Asked {
    fn which(&self) -> anyhow::Result<Which> {
        Ok(match (&self.grant, &self.account, self.organization) {
            (Some(arn), _, _) => Which::Grant(arn.parse().context("--grant")?),
            (None, Some(account), _) => Which::Principal(Principal::Account(account.parse().context("--account")?)),
            (None, None, true) => Which::Principal(Principal::Organization),
            (None, None, false) => Which::All,
        })
    }
}

/// Shows what would be taken over, asks, and has the ledger say so
///
/// # Errors
/// When the environment is incomplete, AWS or the ledger cannot be read or written, or there is no such license.
pub async fn run(asked: &Asked, endpoint: Option<&str>, format: Format) -> anyhow::Result<Exit> {
    let which = asked.which()?;
    let engine = connect::engine(endpoint).await?;
    let license = amend::license(&engine, &asked.license).await?;
    let proposal = engine.propose_adoption(&license, &which).await;
    let proposal = proposal.map_err(|failure| anyhow!("cannot look at license `{}`: {failure}", license.id()))?;
    let proposals = [(license, proposal)];
    amend::show(&proposals, "no grant of the license was made by hand", format)?;
    let settled = proposals.iter().all(|(_, proposal)| proposal.is_settled());
    match (which, amend::is_nothing(&proposals)) {
        (Which::All, true) => Ok(Exit::Settled),
        // Whoever takes over says what.
        (Which::All, false) => Ok(Exit::Differences),
        (Which::Grant(_) | Which::Principal(_), true) => Ok(if settled { Exit::Settled } else { Exit::Failure }),
        (Which::Grant(_) | Which::Principal(_), false) => {
            if !asked.confirmation.given(engine.clients()).await? {
                return Ok(Exit::Differences);
            }
            amend::write(&engine, &proposals).await
        }
    }
}
