//! `grantctl explain`: why an account has a license, or has not

use anyhow::{Context, anyhow};
use grant_plan::explain::{Explanation, explain};
use grant_plan::id::{AccountId, LicenseId};

use crate::cli::Format;
use crate::exit::Exit;
use crate::{connect, output};

/// Explains one pair: what the rules come to, and what a look at it finds now
///
/// # Errors
/// When the environment is incomplete, AWS cannot be read, or there is no such license.
pub async fn run(account: &str, license: &str, endpoint: Option<&str>, format: Format) -> anyhow::Result<Exit> {
    let account: AccountId = account.parse().context("--account")?;
    let id = LicenseId::from_arn(license).context("--license")?;
    let explanation = explained(&connect::engine(endpoint).await?, &account, &id).await?;
    match format {
        Format::Json => output::json(&explanation)?,
        Format::Text => output::line(explanation),
    }
    Ok(Exit::Settled)
}

async fn explained(engine: &grant_engine::Engine, account: &AccountId, id: &LicenseId) -> anyhow::Result<Explanation> {
    let policy = engine.policy().await.map_err(|failure| anyhow!("cannot read the policy table: {failure}"))?;
    let organization = engine.organization_as_seen().await;
    let organization = organization.map_err(|failure| anyhow!("cannot read the organization: {failure}"))?;
    let held = engine.received_licenses().await.map_err(|failure| anyhow!("cannot list licenses: {failure}"))?;
    let license = held.iter().find(|license| license.arn.id() == id).with_context(|| {
        format!("this account holds no license `{id}`; `aws license-manager list-received-licenses` lists them")
    })?;
    let plan = engine.plan_by(&license.arn, policy.clone()).await;
    let plan = plan.map_err(|failure| anyhow!("cannot look at license `{id}`: {failure}"))?;
    let mut explanation = explain(&policy, &organization, license, account, engine.now());
    if !organization.accounts.contains_key(account) {
        explanation.because.insert(0, format!("`{account}` is no account of organization `{}`", organization.id));
    }
    if let (true, Some(known)) = (policy.asks_for_tags(), organization.accounts.get(account)) {
        explanation.because.push(match known.tags_at {
            Some(at) => format!("the account's tags were read at {at}; they count for a day"),
            None => "the account's tags have not been read yet".to_owned(),
        });
    }
    Ok(match plan.pairs.get(account) {
        Some(pair) => {
            explanation.because.extend(pair.detail.iter().map(|detail| format!("License Manager: {detail}")));
            explanation.with_state(pair.code.standing().to_string(), pair.code)
        }
        None => explanation,
    })
}
