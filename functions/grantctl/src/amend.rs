//! What `retry`, `adopt` and `ledger rebuild` have in common: shown, asked for, written

use anyhow::{Context, anyhow};
use grant_engine::Engine;
use grant_plan::id::{LicenseArn, LicenseId};
use grant_plan::license::License;
use grant_plan::plan::amend::Proposal;
use serde_json::json;

use crate::cli::Format;
use crate::confirm::HubConfirmation;
use crate::exit::Exit;
use crate::output;

/// What is proposed for a license
pub(crate) type Proposed = (LicenseArn, Proposal);

/// A license that the hub holds
///
/// # Errors
/// When licenses cannot be listed, or there is no such one.
pub(crate) async fn license(engine: &Engine, text: &str) -> anyhow::Result<LicenseArn> {
    let id = LicenseId::from_arn(text).context("--license")?;
    let held = licenses(engine).await?;
    let found = held.into_iter().find(|license| *license.arn.id() == id);
    let missing =
        || format!("this account holds no license `{id}`; `aws license-manager list-received-licenses` lists them");
    found.map(|license| license.arn).with_context(missing)
}

/// Every license that the hub holds
///
/// # Errors
/// When they cannot be listed.
pub(crate) async fn licenses(engine: &Engine) -> anyhow::Result<Vec<License>> {
    engine.received_licenses().await.map_err(|failure| anyhow!("cannot list licenses: {failure}"))
}

/// Shows what would be written and what would not
///
/// # Errors
/// When it has no JSON form.
pub(crate) fn show(proposals: &[Proposed], nothing: &str, format: Format) -> anyhow::Result<()> {
    if format == Format::Json {
        let proposals: Vec<&Proposal> = proposals.iter().map(|(_, proposal)| proposal).collect();
        return output::json(&json!({"proposals": proposals}));
    }
    for (_, proposal) in proposals {
        let license = &proposal.license;
        for amendment in &proposal.amendments {
            let grant = amendment.grant.as_ref().map(|grant| format!("  {}", grant.short())).unwrap_or_default();
            output::line(format_args!("~ {license} -> {}{grant}  {}", amendment.key, amendment.what));
        }
        for left in &proposal.left {
            let grant = left.grant.as_ref().map(|grant| format!("  {}", grant.short())).unwrap_or_default();
            output::line(format_args!("  left: {license} -> {}{grant}  {}", left.to, left.why));
        }
    }
    if proposals.iter().all(|(_, proposal)| proposal.amendments.is_empty() && proposal.left.is_empty()) {
        output::line(nothing);
    }
    Ok(())
}

/// Whether nothing at all would be written
pub(crate) fn is_nothing(proposals: &[Proposed]) -> bool {
    proposals.iter().all(|(_, proposal)| proposal.amendments.is_empty())
}

/// Shows one license's proposal, asks, and writes it; a request of which nothing can be followed fails
///
/// # Errors
/// When the proposal has no JSON form, nobody is there to be asked, or it cannot be written as [`write`] says.
pub(crate) async fn offer(
    engine: &Engine,
    proposed: Proposed,
    nothing: &str,
    confirmation: &HubConfirmation,
    format: Format,
) -> anyhow::Result<Exit> {
    let settled = proposed.1.is_settled();
    let proposals = [proposed];
    show(&proposals, nothing, format)?;
    if is_nothing(&proposals) {
        return Ok(if settled { Exit::Settled } else { Exit::Failure });
    }
    if !confirmation.given(engine.clients()).await? {
        return Ok(Exit::Differences);
    }
    write(engine, &proposals).await
}

/// Writes what was shown; what is left and needs somebody is still a difference
///
/// # Errors
/// When the ledger or the queue fails, or somebody else has changed an entry since it was shown.
pub(crate) async fn write(engine: &Engine, proposals: &[Proposed]) -> anyhow::Result<Exit> {
    let mut changed = Vec::new();
    for (license, proposal) in proposals {
        let id = license.id();
        let result = engine.amend(license, proposal).await;
        let keys = result.map_err(|failure| anyhow!("cannot write the ledger for license `{id}`: {failure}"))?;
        changed.extend(keys.into_iter().map(|key| format!("{id} -> {key}")));
    }
    let in_order = proposals.iter().flat_map(|(_, proposal)| &proposal.left).all(|left| left.settled);
    if changed.is_empty() {
        return Ok(if in_order { Exit::Settled } else { Exit::Differences });
    }
    Err(anyhow!("changed by a function meanwhile, and left as they are: {}; run the command again", changed.join(", ")))
}
