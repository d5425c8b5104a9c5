//! `grantctl plan`: what would be done, by the same engine that does it

use std::path::PathBuf;

use anyhow::anyhow;
use grant_engine::Engine;
use grant_plan::finding::Finding;
use grant_plan::guard::Shrunk;
use grant_plan::id::LicenseId;
use grant_plan::license::License;
use grant_plan::plan::Plan;
use grant_plan::policy::Policy;
use grant_plan::suggest::{Suggestion, suggest};
use serde_json::{Value, json};

use crate::cli::Format;
use crate::exit::Exit;
use crate::policy::files;
use crate::{connect, output};

/// What `plan` shows
struct Shown {
    plans: Vec<Plan>,
    findings: Vec<Finding>,
    shrunk: Vec<Shrunk>,
    suggestions: Vec<Suggestion>,
}

/// Plans every license that a rule mentions, or one; by the policy table, or as if it held what some files hold
///
/// # Errors
/// When the environment is incomplete, a file cannot be read, or AWS cannot.
pub async fn run(
    license: Option<&str>,
    files: &[PathBuf],
    endpoint: Option<&str>,
    format: Format,
) -> anyhow::Result<Exit> {
    let only = license.map(LicenseId::from_arn).transpose()?;
    let engine = connect::engine(endpoint).await?;
    let shown = look(&engine, only.as_ref(), files).await?;
    match format {
        Format::Json => {
            let plans: Vec<Value> = shown.plans.iter().map(describe).collect();
            let Shown { findings, shrunk, suggestions, .. } = &shown;
            let document = json!({"plans": plans, "findings": findings, "shrunk": shrunk, "suggestions": suggestions});
            output::json(&document)?;
        }
        Format::Text => {
            if shown.plans.is_empty() {
                output::line("nothing to do: no enabled rule mentions a license that this account holds");
            }
            shown.plans.iter().for_each(|plan| output::line(plan.to_string().trim_end()));
            shown.findings.iter().for_each(|finding| output::line(format_args!("! {finding}")));
            shown.shrunk.iter().for_each(|shrunk| output::line(format_args!("! {shrunk}")));
            shown.suggestions.iter().for_each(output::line);
        }
    }
    Ok(if !shown.findings.is_empty() {
        Exit::InvalidPolicy
    } else if shown.plans.iter().all(|plan| plan.actions.is_empty()) {
        Exit::Settled
    } else {
        Exit::Differences
    })
}

async fn look(engine: &Engine, only: Option<&LicenseId>, files: &[PathBuf]) -> anyhow::Result<Shown> {
    let (policy, mut findings) = policy(engine, files).await?;
    let held = engine.received_licenses().await.map_err(|failure| anyhow!("cannot list licenses: {failure}"))?;
    let asked: Vec<&License> = held.iter().filter(|license| only.is_none_or(|only| license.arn.id() == only)).collect();
    if let (Some(only), true) = (only, asked.is_empty()) {
        return Err(anyhow!(
            "this account holds no license `{only}`; `aws license-manager list-received-licenses` lists them"
        ));
    }
    let mut plans = Vec::new();
    for license in asked.iter().filter(|license| only.is_some() || policy.mentions(license)) {
        let plan = engine.plan_by(&license.arn, policy.clone()).await;
        plans.push(plan.map_err(|failure| anyhow!("cannot plan license `{}`: {failure}", license.arn.id()))?);
    }
    let counts = engine.counts(&policy).await;
    let (_, shrunk) = counts.map_err(|failure| anyhow!("cannot count what there is: {failure}"))?;
    let suggestions = asked.iter().filter_map(|license| suggest(&policy, license, engine.now())).collect();
    findings.extend(policy.findings);
    Ok(Shown { plans, findings, shrunk, suggestions })
}

/// The policy in force, or the one that some files would make, with what cannot be read of the files
async fn policy(engine: &Engine, paths: &[PathBuf]) -> anyhow::Result<(Policy, Vec<Finding>)> {
    if paths.is_empty() {
        let policy = engine.policy().await;
        return Ok((policy.map_err(|failure| anyhow!("cannot read the policy table: {failure}"))?, Vec::new()));
    }
    let files = files::read(paths)?;
    let policy = engine.policy_of(&files.items).await;
    Ok((policy.map_err(|failure| anyhow!("cannot read the ledger: {failure}"))?, files.findings))
}

fn describe(plan: &Plan) -> Value {
    let actions: Vec<String> = plan.to_string().lines().take(plan.actions.len()).map(str::to_owned).collect();
    let pairs: Vec<Value> = plan
        .pairs
        .iter()
        .map(|(account, pair)| {
            json!({"account": account, "reason_code": pair.code, "rule": pair.rule, "detail": pair.detail})
        })
        .collect();
    let kept: Vec<Value> = plan
        .holds
        .iter()
        .map(|hold| json!({"principal": hold.principal.to_string(), "reason_code": hold.code}))
        .collect();
    json!({"license": plan.license, "actions": actions, "pairs": pairs, "kept": kept, "budget": plan.budget})
}
