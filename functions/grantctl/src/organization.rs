//! `grantctl organization`: the organization as Grantway sees it, as a file that rules can be checked against

use anyhow::anyhow;

use crate::exit::Exit;
use crate::{connect, output};

/// Writes it as one JSON document, whatever the format: a file is what it is for
///
/// # Errors
/// When the environment is incomplete or AWS cannot be read.
pub async fn run(endpoint: Option<&str>) -> anyhow::Result<Exit> {
    let organization = connect::engine(endpoint).await?.organization_as_seen().await;
    output::json(&organization.map_err(|failure| anyhow!("cannot read the organization: {failure}"))?)?;
    Ok(Exit::Settled)
}
