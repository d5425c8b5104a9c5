//! The revocation pass, and what a look at a license has to know of it

use std::collections::BTreeMap;

use grant_plan::call::{Failure, Operation};
use grant_plan::id::{LicenseArn, LicenseId};
use grant_plan::reason::ReasonCode;
use grant_plan::revocation::{Held, Passed, Release, Releases, Waiting, counted, pass};

use crate::Engine;
use crate::failure::unreadable;
use crate::ledger::LicenseMemory;

/// Tries at writing the window, which a person may write at the same moment
const TRIES: usize = 4;

impl Engine {
    /// What the passes released of a license; the ledger is asked only where something waits for one
    pub(crate) async fn releases(&self, license: &LicenseId, memory: &LicenseMemory) -> Result<Releases, Failure> {
        let unwanted = memory.entries.values().any(|entry| entry.unwanted_since.is_some());
        let to_replace = memory.pairs.values().any(|pair| pair.code == ReasonCode::ReplaceUnapproved);
        if !(unwanted || to_replace || memory.revocable.is_some()) {
            return Ok(Releases::default());
        }
        let window = self.ledger.window().await?;
        let (releases, held) = window.map(|window| (window.releases, window.held)).unwrap_or_default();
        Ok(Releases::of(license, &releases, &held, self.now()))
    }

    /// One pass over everything that waits: all of a kind is released, or none; then the licenses are looked at
    ///
    /// Nothing is released while the policy cannot be read whole, much of what there was is gone, or no change may be
    /// made: whoever looks then would find nothing due.
    ///
    /// # Errors
    /// When the ledger or the policy table cannot be read or written.
    pub async fn pass_revocations(&self, licenses: &[LicenseArn]) -> Result<(), Failure> {
        let policy = self.policy().await?;
        let shrunk = self.shrunk(&policy, &self.organization().await?).await?;
        if !policy.is_whole() || !shrunk.is_empty() || policy.stands_still(self.now()).is_some() {
            return Ok(());
        }
        let due = self.all_waiting(licenses).await?;
        let decide = |releases: &[Release]| pass(&due, releases, &policy.settings, self.now());
        let (passed, news) = self.release(decide).await?;
        for held in passed.held.iter().filter(|_| news) {
            tracing::warn!(revocation.kind = held.kind.as_str(), due = held.due, limit = held.limit, "{held}");
        }
        // The metric filter of infra/hub.yaml reads `revocations_held` off this line.
        let held: usize = passed.held.iter().map(|held| held.due).sum();
        tracing::info!(released = passed.released.len(), revocations_held = held, "revocation pass");
        for license in licenses {
            let concerns = passed.released.iter().any(|release| release.license == *license.id());
            if concerns || news {
                self.raise(license).await?;
            }
        }
        Ok(())
    }

    /// Everything that waits of some licenses
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn all_waiting(&self, licenses: &[LicenseArn]) -> Result<BTreeMap<LicenseId, Waiting>, Failure> {
        let mut all = BTreeMap::new();
        for license in licenses {
            if let Some(waiting) = self.ledger.revocable(license.id()).await? {
                all.insert(license.id().clone(), waiting);
            }
        }
        Ok(all)
    }

    /// Releases what a person takes upon themselves, whatever the limits say; it counts against them like any other
    ///
    /// # Errors
    /// When the ledger or a queue does not answer.
    pub async fn release_by_hand(&self, chosen: &[(LicenseArn, Vec<Release>)]) -> Result<(), Failure> {
        let released: Vec<Release> = chosen.iter().flat_map(|(_, releases)| releases.iter().cloned()).collect();
        let decide = |_: &[Release]| Passed { released: released.clone(), held: Vec::new() };
        let _released = self.release(decide).await?;
        for (license, _) in chosen {
            self.raise(license).await?;
        }
        Ok(())
    }

    /// Writes what becomes of the window; answers that, and whether what is held back is news
    async fn release(&self, decide: impl Fn(&[Release]) -> Passed) -> Result<(Passed, bool), Failure> {
        for _ in 0..TRIES {
            let window = self.ledger.window().await?;
            let before = window.as_ref().map(|window| window.releases.as_slice()).unwrap_or_default();
            let passed = decide(before);
            let held_before: &[Held] = window.as_ref().map(|window| window.held.as_slice()).unwrap_or_default();
            let news = passed.held != held_before;
            if passed.released.is_empty() && !news {
                return Ok((passed, false));
            }
            let mut releases = counted(before, self.now());
            releases.extend(passed.released.iter().cloned());
            if self.ledger.write_window(window.as_ref(), releases, passed.held.clone()).await? {
                return Ok((passed, news));
            }
        }
        Err(unreadable(Operation::Ledger, "REVOCATIONS/WINDOW", "others write it all the time"))
    }
}
