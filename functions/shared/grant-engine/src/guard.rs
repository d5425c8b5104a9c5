//! How much there is, held against how much there was: a table that was emptied is no wish to give everything up

use grant_plan::call::{Failure, Operation};
use grant_plan::guard::{Counts, Shrunk, shrunk};
use grant_plan::organization::Organization;
use grant_plan::policy::Policy;

use crate::Engine;
use crate::failure::unreadable;
use crate::ledger::Counted;

impl Engine {
    /// Notes how much there is of something, and answers what fell so far that it is taken for a fault
    ///
    /// What did not fall so far is accepted with it, but only while nothing did.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub async fn note_counts(&self, note: impl Fn(&mut Counts)) -> Result<Vec<Shrunk>, Failure> {
        self.count_over(|before| {
            let mut seen = before.map(|before| before.seen).unwrap_or_default();
            note(&mut seen);
            let shrunk = shrunk(before.map(|before| &before.accepted), &seen);
            let accepted = before.map(|before| before.accepted).filter(|_| !shrunk.is_empty());
            (accepted.unwrap_or(seen), seen, shrunk)
        })
        .await
    }

    /// Takes what there is for right from now on, however much more there was
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub async fn accept_counts(&self, counts: Counts) -> Result<(), Failure> {
        self.count_over(|_| (counts, counts, Vec::new())).await.map(|_| ())
    }

    /// How much there is beside a policy, with nothing written, and what of it fell so far that it is taken for a fault
    ///
    /// # Errors
    /// When AWS or the ledger cannot be read.
    pub async fn counts(&self, policy: &Policy) -> Result<(Counts, Vec<Shrunk>), Failure> {
        let licenses = count(self.received_licenses().await?.len());
        let accounts = count(self.organization_as_seen().await?.accounts.len());
        let now = Counts { rules: policy.items, accounts, licenses };
        Ok((now, shrunk(self.ledger.counted().await?.as_ref().map(|counted| &counted.accepted), &now)))
    }

    /// What fell too far, by the policy and the organization of one look
    pub(crate) async fn shrunk(&self, policy: &Policy, organization: &Organization) -> Result<Vec<Shrunk>, Failure> {
        let Some(Counted { accepted, seen, .. }) = self.ledger.counted().await? else { return Ok(Vec::new()) };
        let now = Counts { rules: policy.items, accounts: count(organization.accounts.len()), ..seen };
        Ok(shrunk(Some(&accepted), &now))
    }

    /// Writes what becomes of the counts, which others may write at the same time
    async fn count_over(
        &self,
        become_of: impl Fn(Option<&Counted>) -> (Counts, Counts, Vec<Shrunk>),
    ) -> Result<Vec<Shrunk>, Failure> {
        for _ in 0..8 {
            let before = self.ledger.counted().await?;
            let (accepted, seen, shrunk) = become_of(before.as_ref());
            let is_noted = before.as_ref().is_some_and(|before| (before.accepted, before.seen) == (accepted, seen));
            if is_noted || self.ledger.note_counted(before.as_ref(), accepted, seen).await? {
                return Ok(shrunk);
            }
        }
        Err(unreadable(Operation::Ledger, "POLICY/COUNTS", "others write it all the time"))
    }
}

/// A number of things
#[must_use]
pub fn count(things: usize) -> u64 {
    u64::try_from(things).unwrap_or(u64::MAX)
}
