//! Tags of accounts: one call per account, so read a few at a time, the least known first
//!
//! No listing gives the tags of all accounts, and an event of a change may not come. So every sweep reads some, such that
//! each account's come around within [`TAGS_HOLD`]; and only while a rule asks for tags.

use std::collections::BTreeMap;

use grant_plan::call::{Failure, Operation};
use grant_plan::id::AccountId;
use grant_plan::organization::{Account, Organization, TAGS_HOLD};
use grant_plan::time::{Timestamp, hours, minutes};

use crate::Engine;
use crate::failure::understand;
use crate::observe::pages;

/// How long before tags stop counting they are read again, so that sweeps may fail for a while
const IN_TIME: std::time::Duration = hours(4);

/// How often the schedule sweeps (infra/hub.yaml)
const SWEEP: std::time::Duration = minutes(5);

/// Most accounts of which one sweep reads tags that were never read
const MOST_UNREAD: usize = 150;

impl Engine {
    /// Reads the tags of the accounts whose turn it is; answers whether any are other than was known
    ///
    /// What Organizations refuses is said in the log, and the next sweep goes on from there.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub async fn refresh_tags(&self) -> Result<bool, Failure> {
        let Some(organization) = self.ledger.organization().await? else { return Ok(false) };
        let mut read = BTreeMap::new();
        for id in turn(&organization, self.now()) {
            if self.out_of_time() {
                break;
            }
            match self.tags(id).await {
                Ok(tags) => {
                    read.insert(id.clone(), tags);
                }
                // It has left since the organization was listed: the next full reconcile takes it out.
                Err(failure) if failure.code.as_deref() == Some("TargetNotFoundException") => {
                    tracing::info!(account.id = %id, "account {id} is no longer there to have tags");
                }
                Err(failure) => {
                    tracing::warn!(account.id = %id, error.code = failure.code.as_deref(), "tags were not read: {failure}");
                    break;
                }
            }
        }
        let known = |id: &AccountId| organization.accounts.get(id).and_then(|account| account.tags.as_ref());
        let changed = read.iter().any(|(id, tags)| known(id) != Some(tags));
        self.ledger.patch_tags(&read, self.now()).await?;
        Ok(changed)
    }

    /// The tags of one account (ListTagsForResource)
    ///
    /// # Errors
    /// When Organizations do not answer.
    pub(crate) async fn tags(&self, id: &AccountId) -> Result<BTreeMap<String, String>, Failure> {
        let tags = pages::all(async |token| {
            let call = self.clients.organizations.list_tags_for_resource().resource_id(id.as_str());
            let page = call.set_next_token(token).send().await;
            let page = page.map_err(|error| understand(Operation::Observe, &error))?;
            Ok((page.tags, page.next_token))
        });
        Ok(tags.await?.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }
}

/// The accounts whose tags a sweep reads: some that were never read, then a sweep's share of those that soon stop counting
fn turn(organization: &Organization, now: Timestamp) -> Vec<&AccountId> {
    let open = || organization.accounts.iter().filter(|(_, account)| !account.state.is_off());
    let unread = open().filter(|(_, account)| account.tags_at.is_none()).map(|(id, _)| id).take(MOST_UNREAD);
    // All may have been read at once and then be due at once: a quarter of the time left is for sweeps that fail.
    let sweeps = IN_TIME.as_secs() / SWEEP.as_secs() * 3 / 4;
    let share = organization.accounts.len().div_ceil(usize::try_from(sweeps).unwrap_or(1).max(1));
    let is_due = |at: Timestamp| now.since(at) >= TAGS_HOLD - IN_TIME;
    let mut old: Vec<(Timestamp, &AccountId)> = open()
        .filter_map(|(id, Account { tags_at, .. })| Some(((*tags_at)?, id)))
        .filter(|(at, _)| is_due(*at))
        .collect();
    old.sort_unstable();
    unread.chain(old.into_iter().map(|(_, id)| id).take(share)).collect()
}

#[cfg(test)]
mod tests {
    use grant_plan::organization::AccountState;

    use super::*;

    fn organization(accounts: u64, tags_at: impl Fn(u64) -> Option<i64>) -> Organization {
        let account = |number: u64| {
            let mut account = Account::new(AccountState::Active, Vec::new());
            account.tags_at = tags_at(number).map(Timestamp);
            (format!("{:012}", 100_000_000_000 + number).parse().unwrap(), account)
        };
        Organization {
            id: "o-4kq7vt2m9x".parse().unwrap(),
            arn: String::new(),
            management: "100000000000".parse().unwrap(),
            units: BTreeMap::new(),
            accounts: (0..accounts).map(account).collect(),
        }
    }

    #[test]
    fn every_account_comes_around_before_its_tags_stop_counting() {
        for accounts in [1, 100, 1_000, 10_000] {
            let mut organization = organization(accounts, |_| None);
            let (mut now, mut oldest, mut most) = (Timestamp(1_800_000_000), std::time::Duration::ZERO, 0);
            for round in 0..1_000 {
                let due: Vec<AccountId> = turn(&organization, now).into_iter().cloned().collect();
                most = most.max(due.len());
                for id in due {
                    organization.accounts.get_mut(&id).unwrap().tags_at = Some(now);
                }
                now = now.after(SWEEP);
                if round > 100 {
                    let ages = organization.accounts.values().map(|account| now.since(account.tags_at.unwrap()));
                    oldest = oldest.max(ages.max().unwrap());
                }
            }
            assert!(oldest < TAGS_HOLD, "{accounts} accounts: {oldest:?}");
            assert!(most <= 300, "{accounts} accounts: {most} at once");
        }
    }

    #[test]
    fn what_was_just_read_and_what_is_off_waits() {
        let now = Timestamp(1_800_000_000);
        let mut organization = organization(3, |number| (number > 0).then_some(now.0));
        assert_eq!(turn(&organization, now).len(), 1);
        organization.accounts.values_mut().for_each(|account| account.state = AccountState::Suspended);
        assert_eq!(turn(&organization, now).len(), 0);
    }
}
