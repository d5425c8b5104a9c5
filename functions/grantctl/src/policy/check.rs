//! `grantctl check FILES`: everything that is wrong with a policy, before it is in the table

use std::path::{Path, PathBuf};

use anyhow::Context;
use grant_plan::check::check;
use grant_plan::finding::{Finding, Severity};
use grant_plan::organization::Organization;
use grant_plan::policy::Policy;
use grant_plan::time::Timestamp;
use serde_json::json;

use super::files;
use crate::cli::Format;
use crate::exit::Exit;
use crate::{input, output};

/// Checks the rules in some files
///
/// `organization` is a file as `grantctl organization` writes it: with it, units and accounts that are not there are
/// found, and rules that select nobody or too many. AWS is not asked.
///
/// # Errors
/// When a file cannot be opened, or `organization` holds none.
pub fn run(paths: &[PathBuf], organization: Option<&Path>, now: Timestamp, format: Format) -> anyhow::Result<Exit> {
    let organization = organization.map(read_organization).transpose()?;
    let findings = findings(paths, organization.as_ref(), now)?;
    match format {
        Format::Json => output::json(&json!({ "findings": findings }))?,
        Format::Text => {
            for finding in &findings {
                let mark = match finding.severity {
                    Severity::Error => "!",
                    Severity::Warning => "~",
                };
                output::line(format_args!("{mark} {finding}"));
            }
            let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
            output::line(format_args!("{errors} errors, {} warnings", findings.len() - errors));
        }
    }
    let is_invalid = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if is_invalid { Exit::InvalidPolicy } else { Exit::Settled })
}

/// All findings, those of a rule together, errors before warnings
fn findings(paths: &[PathBuf], organization: Option<&Organization>, now: Timestamp) -> anyhow::Result<Vec<Finding>> {
    let files = files::read(paths)?;
    let policy = Policy::read(&files.items);
    let mut findings = files.findings;
    if let Some(organization) = organization {
        findings.extend(check(&policy, organization, None, now));
    }
    findings.extend(policy.findings.into_iter().chain(policy.warnings));
    findings.sort_by(|one, other| {
        (&one.rule, one.severity, &one.attribute).cmp(&(&other.rule, other.severity, &other.attribute))
    });
    Ok(findings)
}

fn read_organization(path: &Path) -> anyhow::Result<Organization> {
    serde_json::from_slice(&input::bytes(path)?)
        .with_context(|| format!("`{}` is no organization as `grantctl organization` writes it", path.display()))
}
