//! What a person has the ledger say: proposed from a look that writes nothing, then written over what was read

use grant_plan::call::Failure;
use grant_plan::entry::{Entry, EntryKey};
use grant_plan::id::{AccountId, LicenseArn};
use grant_plan::plan::amend::Proposal;
use grant_plan::plan::amend::adopt::{Which, adopt};
use grant_plan::plan::amend::consolidate::consolidate;
use grant_plan::plan::amend::rebuild::rebuild;
use grant_plan::plan::amend::retry::retry;

use crate::Engine;

impl Engine {
    /// What another try comes to, for one account or for the grants to whole places
    ///
    /// # Errors
    /// When the world cannot be seen, or the hub holds no such license.
    pub async fn propose_retry(&self, license: &LicenseArn, account: Option<&AccountId>) -> Result<Proposal, Failure> {
        Ok(retry(&self.snapshot_by(license, self.policy().await?).await?, account))
    }

    /// What the ledger has lost of a license, as far as the names of its grants tell
    ///
    /// # Errors
    /// When the world cannot be seen, or the hub holds no such license.
    pub async fn propose_rebuild(&self, license: &LicenseArn) -> Result<Proposal, Failure> {
        Ok(rebuild(&self.snapshot_by(license, self.policy().await?).await?))
    }

    /// Which grants of somebody else would become ours
    ///
    /// # Errors
    /// When the world cannot be seen, or the hub holds no such license.
    pub async fn propose_adoption(&self, license: &LicenseArn, which: &Which) -> Result<Proposal, Failure> {
        Ok(adopt(&self.snapshot_by(license, self.policy().await?).await?, which))
    }

    /// Which grants to single accounts would give way to one for their whole place
    ///
    /// # Errors
    /// When the world cannot be seen, or the hub holds no such license.
    pub async fn propose_consolidation(&self, license: &LicenseArn) -> Result<Proposal, Failure> {
        Ok(consolidate(&self.snapshot_by(license, self.policy().await?).await?))
    }

    /// Writes what was proposed and asks for a look at the license; answers the entries that somebody else has changed
    /// since, which stay as they are now
    ///
    /// # Errors
    /// When the ledger cannot be written or the queue does not answer. What was written by then stays, and the same
    /// proposal made anew holds the rest.
    pub async fn amend(&self, license: &LicenseArn, proposal: &Proposal) -> Result<Vec<EntryKey>, Failure> {
        let mut changed = Vec::new();
        for amendment in &proposal.amendments {
            // By the writer it is told from somebody else's write of the same revision, should the answer be lost.
            let entry = Entry { writer: self.intent(), ..amendment.entry.clone() };
            let written = self.ledger.record(license.id(), &amendment.key, amendment.expected, &entry).await?;
            tracing::info!(
                license.id = %license.id(), action.key = %amendment.key, written, "a person amends the ledger"
            );
            if !written {
                changed.push(amendment.key.clone());
            }
        }
        if !proposal.amendments.is_empty() {
            self.raise(license).await?;
        }
        Ok(changed)
    }
}
