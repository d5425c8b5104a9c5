//! The organization's snapshot: chunks of accounts, the tree, and a pointer that says which snapshot counts
//!
//! An account event patches one chunk of the current snapshot instead of reading the organization again, so its cost
//! does not grow with the organization. The pointer's `revision` rises with every patch; a snapshot that was read
//! while a patch came in is not put in force over it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use grant_plan::call::{Failure, Operation};
use grant_plan::entry::SCHEMA;
use grant_plan::id::{AccountId, OrganizationId, OuId};
use grant_plan::organization::{Account, Organization};
use grant_plan::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Ledger;
use super::items::{Item, from_item, text, to_item};
use crate::failure::unreadable;

const ORG: &str = "ORG";
const CURRENT: &str = "CURRENT";
/// Accounts per chunk; 250 of them are a few kilobytes compressed, far from DynamoDB's 400 KB
const PER_CHUNK: usize = 250;

/// Which snapshot counts, and how it stands
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotMark {
    /// Layout
    pub schema: u32,
    /// Names the chunks' partition
    pub snapshot: String,
    /// How many chunks there are
    pub chunks: u32,
    /// When the whole organization was last read
    pub taken_at: Timestamp,
    /// Rises with every patch and every new snapshot
    pub revision: u64,
    /// How many accounts there were when it was taken
    pub accounts: usize,
    /// The organization's id
    pub organization: OrganizationId,
    /// Its ARN
    pub arn: String,
    /// The management account
    pub management: AccountId,
    /// Units and their names
    pub units: BTreeMap<OuId, String>,
}

impl Ledger {
    /// The mark of the snapshot in force
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn snapshot_mark(&self) -> Result<Option<SnapshotMark>, Failure> {
        self.get(ORG, CURRENT).await?.map(from_item).transpose()
    }

    /// The organization as the snapshot in force has it; `None` when there is none, or none that is whole
    ///
    /// # Errors
    /// When the ledger cannot be read, or the snapshot is replaced faster than it can be read.
    pub async fn organization(&self) -> Result<Option<Organization>, Failure> {
        for _ in 0..4 {
            let Some(mark) = self.snapshot_mark().await? else { return Ok(None) };
            let mut accounts = BTreeMap::new();
            let mut chunks = 0;
            for item in self.partition(&partition(&mark.snapshot)).await? {
                accounts.extend(unpack(&item)?);
                chunks += 1;
            }
            if chunks == mark.chunks {
                return Ok(Some(Organization {
                    id: mark.organization,
                    arn: mark.arn,
                    management: mark.management,
                    units: mark.units,
                    accounts,
                }));
            }
            // A new snapshot takes the chunks of the old one away. When nobody made a new one, chunks are lost, and
            // only reading the organization again brings them back.
            if self.snapshot_mark().await?.is_some_and(|now| now.snapshot == mark.snapshot) {
                tracing::warn!(chunks, expected = mark.chunks, "the organization's snapshot is not whole");
                return Ok(None);
            }
        }
        Err(unreadable(Operation::Ledger, "the organization's snapshot", "it is replaced all the time"))
    }

    /// Puts a freshly read organization in force, unless the one in force moved since `read_at`
    ///
    /// `read_at` is the mark as it was before reading began. Answers `false` when it moved, so that a patch made
    /// meanwhile is not lost; and writes nothing when nothing changed. `name` names the snapshot and must never have
    /// been used: whoever loses the race takes away the chunks under its own name.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub async fn accept_snapshot(
        &self,
        organization: &Organization,
        read_at: Option<&SnapshotMark>,
        name: &str,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        if read_at.is_some() && self.organization().await?.as_ref() == Some(organization) {
            return Ok(true);
        }
        let revision = read_at.map_or(1, |mark| mark.revision.saturating_add(1));
        let mark = SnapshotMark {
            schema: SCHEMA,
            snapshot: format!("{}-{name}", now.0),
            chunks: u32::try_from(organization.accounts.len().div_ceil(PER_CHUNK).max(1)).unwrap_or(u32::MAX),
            taken_at: now,
            revision,
            accounts: organization.accounts.len(),
            organization: organization.id.clone(),
            arn: organization.arn.clone(),
            management: organization.management.clone(),
            units: organization.units.clone(),
        };
        let mut chunks: BTreeMap<u32, BTreeMap<&AccountId, &Account>> = BTreeMap::new();
        for index in 0..mark.chunks {
            chunks.insert(index, BTreeMap::new());
        }
        for (id, account) in &organization.accounts {
            chunks.entry(chunk_of(id, mark.chunks)).or_default().insert(id, account);
        }
        let pk = partition(&mark.snapshot);
        for (index, accounts) in &chunks {
            self.put(pack(&pk, *index, 1, accounts)?).await?;
        }
        if !self.put_mark(&mark, read_at.map(|mark| mark.revision)).await? {
            self.forget(&mark).await?;
            return Ok(false);
        }
        if let Some(old) = read_at {
            self.forget(old).await?;
        }
        Ok(true)
    }

    /// Puts one account in its place, or takes it out (`None`); tags that it comes without stay as they are known
    ///
    /// # Errors
    /// When the ledger cannot be read or written, or others patch the same chunk all the time.
    pub async fn patch_account(&self, id: &AccountId, account: Option<&Account>) -> Result<(), Failure> {
        let edit = |accounts: &mut BTreeMap<AccountId, Account>| match account {
            Some(account) => {
                let mut account = account.clone();
                if let (None, Some(known)) = (account.tags_at, accounts.get(id)) {
                    (account.tags, account.tags_at) = (known.tags.clone(), known.tags_at);
                }
                accounts.insert(id.clone(), account);
            }
            None => {
                accounts.remove(id);
            }
        };
        self.patch(id, edit).await
    }

    /// Puts down the tags of some accounts, read at `at`; accounts that have left meanwhile are left out
    ///
    /// # Errors
    /// When the ledger cannot be read or written, or others patch the same chunk all the time.
    pub async fn patch_tags(
        &self,
        read: &BTreeMap<AccountId, BTreeMap<String, String>>,
        at: Timestamp,
    ) -> Result<(), Failure> {
        let Some(mark) = self.snapshot_mark().await? else { return Ok(()) };
        let mut by_chunk: BTreeMap<u32, Vec<&AccountId>> = BTreeMap::new();
        for id in read.keys() {
            by_chunk.entry(chunk_of(id, mark.chunks)).or_default().push(id);
        }
        let edit = |accounts: &mut BTreeMap<AccountId, Account>| {
            for (id, tags) in read {
                if let Some(account) = accounts.get_mut(id) {
                    (account.tags, account.tags_at) = (Some(tags.clone()), Some(at));
                }
            }
        };
        for id in by_chunk.values().filter_map(|ids| ids.first()) {
            self.patch(id, edit).await?;
        }
        Ok(())
    }

    /// Edits the chunk that an account lies in
    async fn patch(&self, id: &AccountId, edit: impl Fn(&mut BTreeMap<AccountId, Account>)) -> Result<(), Failure> {
        for _ in 0..8 {
            let Some(mark) = self.snapshot_mark().await? else { return Ok(()) };
            let (pk, index) = (partition(&mark.snapshot), chunk_of(id, mark.chunks));
            let Some(item) = self.get(&pk, &chunk_name(index)).await? else { continue };
            let revision = item
                .get("revision")
                .and_then(|value| value.as_n().ok())
                .and_then(|text| text.parse::<u64>().ok())
                .unwrap_or_default();
            let before = unpack(&item)?;
            let mut accounts = before.clone();
            edit(&mut accounts);
            if before == accounts {
                return Ok(());
            }
            let accounts = accounts.iter().collect();
            let patched = pack(&pk, index, revision.saturating_add(1), &accounts)?;
            let marked = SnapshotMark { revision: mark.revision.saturating_add(1), ..mark.clone() };
            // The mark first: a snapshot being read at this moment must not be put in force over the patch.
            if self.put_mark(&marked, Some(mark.revision)).await? && self.put_over(patched, Some(revision)).await? {
                return Ok(());
            }
        }
        Err(unreadable(Operation::Ledger, "the organization's snapshot", "others patch it all the time"))
    }

    async fn put_mark(&self, mark: &SnapshotMark, expected: Option<u64>) -> Result<bool, Failure> {
        // The SDK repeats a write whose answer was lost, and the repetition finds its own first write.
        Ok(self.put_over(to_item(ORG, CURRENT, mark)?, expected).await?
            || self.snapshot_mark().await?.as_ref() == Some(mark))
    }

    async fn forget(&self, mark: &SnapshotMark) -> Result<(), Failure> {
        for index in 0..mark.chunks {
            self.delete(&partition(&mark.snapshot), &chunk_name(index)).await?;
        }
        Ok(())
    }
}

fn partition(snapshot: &str) -> String {
    format!("{ORG}#{snapshot}")
}

fn chunk_name(index: u32) -> String {
    format!("CHUNK#{index:05}")
}

/// By the id's last digits, so that an account stays in its chunk while others come and go
fn chunk_of(id: &AccountId, chunks: u32) -> u32 {
    let number: u64 = id.as_str().parse().unwrap_or_default();
    u32::try_from(number % u64::from(chunks.max(1))).unwrap_or_default()
}

fn pack(pk: &str, index: u32, revision: u64, accounts: &BTreeMap<&AccountId, &Account>) -> Result<Item, Failure> {
    let json = serde_json::to_vec(accounts)
        .map_err(|error| unreadable(Operation::Ledger, "the organization's snapshot", error))?;
    let number = |value: String| AttributeValue::N(value);
    Ok(Item::from([
        ("pk".to_owned(), AttributeValue::S(pk.to_owned())),
        ("sk".to_owned(), AttributeValue::S(chunk_name(index))),
        ("schema".to_owned(), number(SCHEMA.to_string())),
        ("revision".to_owned(), number(revision.to_string())),
        ("accounts".to_owned(), AttributeValue::B(Blob::new(super::quarantine::compress(&json)))),
    ]))
}

fn unpack(item: &Item) -> Result<BTreeMap<AccountId, Account>, Failure> {
    let name = text(item, "sk").unwrap_or("a chunk");
    let bytes = item
        .get("accounts")
        .and_then(|value| value.as_b().ok())
        .ok_or_else(|| unreadable(Operation::Ledger, name, "it holds no accounts"))?;
    let json =
        super::quarantine::decompress(bytes.as_ref()).map_err(|error| unreadable(Operation::Ledger, name, error))?;
    serde_json::from_slice(&json).map_err(|error| unreadable(Operation::Ledger, name, error))
}
