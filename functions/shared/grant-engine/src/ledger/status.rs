//! What is wrong with the policy, where people and alarms can see it

use aws_sdk_dynamodb::types::AttributeValue;
use grant_plan::call::Failure;
use grant_plan::entry::SCHEMA;
use grant_plan::finding::Finding;
use grant_plan::guard::Shrunk;
use grant_plan::policy::Policy;
use grant_plan::time::Timestamp;
use grant_plan::version::Restored;
use serde::Serialize;

use super::Ledger;
use super::items::to_item;

/// Findings that fit an item beside their number: each has some hundred bytes (DynamoDB: 400 KB an item)
const SHOWN: usize = 200;

#[derive(Serialize)]
struct Status<'a> {
    schema: u32,
    /// How many things keep items of the policy table from being in force
    errors: usize,
    /// How many things their authors should look at
    warnings: usize,
    findings: Vec<&'a Finding>,
    /// Items for which an earlier version is in force
    restored: &'a [Restored],
    /// What fell so far that it is taken for a fault
    shrunk: &'a [Shrunk],
}

impl Ledger {
    /// Notes what is wrong with the policy and since when; writes nothing that says the same already
    ///
    /// Answers whether it was news.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub async fn note_policy(&self, policy: &Policy, shrunk: &[Shrunk], now: Timestamp) -> Result<bool, Failure> {
        let status = Status {
            schema: SCHEMA,
            errors: policy.findings.len(),
            warnings: policy.warnings.len(),
            findings: policy.findings.iter().chain(&policy.warnings).take(SHOWN).collect(),
            restored: &policy.restored,
            shrunk,
        };
        let mut item = to_item("POLICY", "STATUS", &status)?;
        let mut present = self.get("POLICY", "STATUS").await?;
        let since = present.as_mut().and_then(|present| present.remove("since"));
        if present.as_ref() == Some(&item) && since.is_some() {
            return Ok(false);
        }
        item.insert("since".to_owned(), AttributeValue::N(now.0.to_string()));
        self.put(item).await?;
        Ok(true)
    }
}
