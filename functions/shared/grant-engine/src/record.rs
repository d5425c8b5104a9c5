//! Recording how the policy table's items read over time, so that a bad edit finds the version before it

use grant_plan::call::Failure;
use grant_plan::id::RuleId;
use grant_plan::policy::SETTINGS;
use grant_plan::time::minutes;
use grant_plan::version::{is_readable, version_of};
use serde_json::Value;

use crate::Engine;
use crate::ledger::Place;

/// How late the Stream may tell of an edit; what a look at the table finds is put before anything so young
const TOLD_WITHIN: std::time::Duration = minutes(1);

impl Engine {
    /// Records an edit that the Stream tells of, unless its item could not be in force
    ///
    /// An item that cannot be read is recorded by nobody: what counts in its place is the version `before`, which is
    /// recorded then where the ledger has lost it or never had it.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub async fn record_edit(
        &self,
        rule: &str,
        place: &Place,
        before: Option<&Value>,
        image: Option<&Value>,
    ) -> Result<(), Failure> {
        // Nothing else is ever in force, and a key of the policy table may be too long for one of the ledger.
        let may_be_in_force = rule == SETTINGS || rule.parse::<RuleId>().is_ok();
        if !may_be_in_force {
            return Ok(());
        }
        if image.is_none_or(is_readable) {
            return self.ledger.record_version(rule, place, image).await;
        }
        let Some(before) = before.filter(|before| is_readable(before)) else { return Ok(()) };
        let version = version_of(before);
        let recorded = self.ledger.versions(rule).await?;
        let is_known = recorded.iter().any(|one| one.image.as_ref().is_some_and(|image| version_of(image) == version));
        if !is_known {
            let earlier = Place { at: place.at, sequence: String::new() };
            self.ledger.record_version(rule, &earlier, Some(before)).await?;
        }
        Ok(())
    }

    /// Records what the table holds and no edit told of: rules from before the deployment, and edits that were lost
    ///
    /// # Errors
    /// When the table cannot be read, or the ledger cannot be read or written.
    pub async fn record_untold(&self) -> Result<(), Failure> {
        let seen = self.now().before(TOLD_WITHIN);
        for item in self.policy_items().await?.iter().filter(|item| is_readable(item)) {
            let Some(rule) = item.get("rule").and_then(Value::as_str) else { continue };
            let newest = self.ledger.versions(rule).await?.pop();
            let told = newest.as_ref().and_then(|newest| newest.image.as_ref()).map(version_of);
            if told.as_deref() == Some(&*version_of(item)) {
                continue;
            }
            let after = newest.map_or(seen, |newest| newest.at.after(std::time::Duration::from_secs(1)).max(seen));
            self.ledger.record_version(rule, &Place { at: after, sequence: String::new() }, Some(item)).await?;
            tracing::info!(rule = %rule, "recorded a version of rule `{rule}` that no edit told of");
        }
        Ok(())
    }
}
