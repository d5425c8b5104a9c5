//! `grantctl check FILES`: everything that is wrong with a policy, before it is in the table

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use grant_engine::Engine;
use grant_plan::check::check;
use grant_plan::finding::{Finding, Severity};
use grant_plan::license::License;
use grant_plan::organization::Organization;
use grant_plan::policy::Policy;
use grant_plan::time::Timestamp;
use serde_json::json;

use super::files;
use crate::cli::Format;
use crate::exit::Exit;
use crate::{input, output};

/// What rules are held against; nothing of it keeps a rule from being in force
#[derive(Debug, Default)]
pub struct Against {
    organization: Option<Organization>,
    licenses: Option<Vec<License>>,
}

impl Against {
    /// Nothing: the rules are checked by themselves, and AWS is not asked
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// The organization in a file as `grantctl organization` writes it
    ///
    /// # Errors
    /// When the file cannot be read, or holds none.
    pub fn file(path: &Path) -> anyhow::Result<Self> {
        let organization = serde_json::from_slice(&input::bytes(path)?)
            .with_context(|| format!("`{}` is no organization as `grantctl organization` writes it", path.display()))?;
        Ok(Self { organization: Some(organization), licenses: None })
    }

    /// The organization and the licenses as they are
    ///
    /// # Errors
    /// When AWS cannot be read.
    pub async fn live(engine: &Engine) -> anyhow::Result<Self> {
        let organization = engine.organization_as_seen().await;
        let organization = organization.map_err(|failure| anyhow!("cannot read the organization: {failure}"))?;
        let licenses = engine.received_licenses().await;
        let licenses = licenses.map_err(|failure| anyhow!("cannot list licenses: {failure}"))?;
        Ok(Self { organization: Some(organization), licenses: Some(licenses) })
    }
}

/// Checks the rules in some files
///
/// What they are held `against` adds warnings: units, accounts and products that are not there, and rules that select
/// nobody or too many.
///
/// # Errors
/// When a file cannot be opened.
pub fn run(paths: &[PathBuf], against: &Against, now: Timestamp, format: Format) -> anyhow::Result<Exit> {
    let findings = findings(paths, against, now)?;
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
fn findings(paths: &[PathBuf], against: &Against, now: Timestamp) -> anyhow::Result<Vec<Finding>> {
    let files = files::read(paths)?;
    let policy = Policy::read(&files.items);
    let mut findings = files.findings;
    if let Some(organization) = &against.organization {
        findings.extend(check(&policy, organization, against.licenses.as_deref(), now));
    }
    findings.extend(policy.findings.into_iter().chain(policy.warnings));
    findings.sort_by(|one, other| {
        (&one.rule, one.severity, &one.attribute).cmp(&(&other.rule, other.severity, &other.attribute))
    });
    Ok(findings)
}
