//! `grantctl plan`: what would be done, by the same engine that does it

use anyhow::anyhow;
use grant_engine::Engine;
use grant_plan::finding::Finding;
use grant_plan::id::LicenseId;
use grant_plan::plan::Plan;
use serde_json::{Value, json};

use crate::cli::Format;
use crate::exit::Exit;
use crate::{connect, output};

/// Plans every license that a rule mentions, or one
///
/// # Errors
/// When the environment is incomplete or AWS cannot be read.
pub async fn run(license: Option<&str>, endpoint: Option<&str>, format: Format) -> anyhow::Result<Exit> {
    let engine = connect::engine(endpoint).await?;
    let (plans, findings) = plans(&engine, license).await?;
    match format {
        Format::Json => {
            let plans: Vec<Value> = plans.iter().map(describe).collect();
            output::json(&json!({"plans": plans, "findings": findings}))?;
        }
        Format::Text => {
            if plans.is_empty() {
                output::line("nothing to do: no enabled rule mentions a license that this account holds");
            }
            for plan in &plans {
                output::line(plan.to_string().trim_end());
            }
            for finding in &findings {
                output::line(format_args!("! {finding}"));
            }
        }
    }
    Ok(if !findings.is_empty() {
        Exit::InvalidPolicy
    } else if plans.iter().all(|plan| plan.actions.is_empty()) {
        Exit::Settled
    } else {
        Exit::Differences
    })
}

async fn plans(engine: &Engine, license: Option<&str>) -> anyhow::Result<(Vec<Plan>, Vec<Finding>)> {
    let only = license.map(LicenseId::from_arn).transpose()?;
    let policy = engine.policy().await.map_err(|failure| anyhow!("cannot read the policy table: {failure}"))?;
    let held = engine.received_licenses().await.map_err(|failure| anyhow!("cannot list licenses: {failure}"))?;
    let chosen = |license: &&grant_plan::license::License| match &only {
        Some(only) => license.arn.id() == only,
        None => policy.mentions(license),
    };
    let mut plans = Vec::new();
    for license in held.iter().filter(chosen) {
        let plan = engine.plan(&license.arn).await;
        plans.push(plan.map_err(|failure| anyhow!("cannot plan license `{}`: {failure}", license.arn.id()))?);
    }
    if let (Some(only), true) = (&only, plans.is_empty()) {
        return Err(anyhow!(
            "this account holds no license `{only}`; `aws license-manager list-received-licenses` lists them"
        ));
    }
    Ok((plans, policy.findings))
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
    json!({"license": plan.license, "actions": actions, "pairs": pairs, "kept": kept})
}
