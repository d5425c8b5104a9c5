//! `grantctl status`: how things stand, by the look that `plan` takes and the ledger's memory of the runs before

use anyhow::{Context, anyhow};
use clap::Args;
use grant_engine::Engine;
use grant_plan::finding::Finding;
use grant_plan::guard::Shrunk;
use grant_plan::id::LicenseId;
use grant_plan::license::License;
use grant_plan::status::{Filter, Lane, Looked, Status, status};
use serde::Serialize;

use crate::cli::Format;
use crate::exit::Exit;
use crate::{connect, output};

/// Which part of it is asked for; counts and exceptions are of that part
///
/// Text, and read by us: clap ends with 2 on what it cannot read, and to a script 2 says that something moves.
#[derive(Debug, Args)]
pub struct Asked {
    /// Only pairs of this account, twelve digits
    #[arg(long)]
    account: Option<String>,
    /// Only pairs of this license, by ARN or `l-...`
    #[arg(long)]
    license: Option<String>,
    /// Only pairs that this rule names
    #[arg(long)]
    rule: Option<String>,
    /// Only pairs with this reason code, such as MEMBER_ROLE_MISSING
    #[arg(long, value_name = "CODE")]
    reason: Option<String>,
}

impl Asked {
    fn filter(&self) -> anyhow::Result<Filter> {
        let Self { account, license, rule, reason } = self;
        Ok(Filter {
            account: account.as_deref().map(str::parse).transpose().context("--account")?,
            license: license.as_deref().map(LicenseId::from_arn).transpose().context("--license")?,
            rule: rule.as_deref().map(str::parse).transpose().context("--rule")?,
            reason: reason.as_deref().map(str::parse).transpose().context("--reason")?,
        })
    }
}

/// What `status` shows
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    status: Status,
    findings: Vec<Finding>,
    shrunk: Vec<Shrunk>,
}

/// Shows how every license stands that a rule mentions or a run has looked at, or the part of it that is asked for
///
/// # Errors
/// When the environment is incomplete, AWS or the ledger cannot be read, or there is no such account, license, rule or
/// reason code.
pub async fn run(asked: &Asked, endpoint: Option<&str>, format: Format) -> anyhow::Result<Exit> {
    let filter = asked.filter()?;
    let shown = look(&connect::engine(endpoint).await?, &filter).await?;
    match format {
        Format::Json => output::json(&shown)?,
        Format::Text => {
            output::line(&shown.status);
            shown.findings.iter().for_each(|finding| output::line(format_args!("! {finding}")));
            shown.shrunk.iter().for_each(|shrunk| output::line(format_args!("! {shrunk}")));
        }
    }
    Ok(if !shown.findings.is_empty() {
        Exit::InvalidPolicy
    } else if shown.status.is_settled() {
        Exit::Settled
    } else {
        Exit::Differences
    })
}

async fn look(engine: &Engine, filter: &Filter) -> anyhow::Result<Shown> {
    let policy = engine.policy().await.map_err(|failure| anyhow!("cannot read the policy table: {failure}"))?;
    let organization = engine.organization_as_seen().await;
    let organization = organization.map_err(|failure| anyhow!("cannot read the organization: {failure}"))?;
    let held = engine.received_licenses().await.map_err(|failure| anyhow!("cannot list licenses: {failure}"))?;
    filter.check(&policy, &organization, &held)?;
    let mut looked = Vec::new();
    for license in held.iter().filter(|license| filter.takes_license(license.arn.id())) {
        let lane = lane(engine, license).await?;
        // What no rule mentions any more may still have grants that are kept; its lane tells that it was looked at.
        if policy.mentions(license) || lane.is_some() || filter.license.is_some() {
            let snapshot = engine.snapshot_by(&license.arn, policy.clone()).await;
            let snapshot =
                snapshot.map_err(|failure| anyhow!("cannot look at license `{}`: {failure}", license.arn.id()))?;
            looked.push(Looked::of(&snapshot, lane.unwrap_or_default()));
        }
    }
    let counts = engine.counts(&policy).await;
    let (_, shrunk) = counts.map_err(|failure| anyhow!("cannot count what there is: {failure}"))?;
    Ok(Shown { status: status(&looked, filter), findings: policy.findings, shrunk })
}

async fn lane(engine: &Engine, license: &License) -> anyhow::Result<Option<Lane>> {
    let id = license.arn.id();
    let lane = engine.ledger().lane(id).await;
    let lane = lane.map_err(|failure| anyhow!("cannot read the lane of license `{id}`: {failure}"))?;
    Ok(lane.map(|lane| Lane { due_at: lane.due_at, owed: lane.wanted > lane.done }))
}
