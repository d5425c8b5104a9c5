//! Grant entries: written only over the revision that was read

use std::collections::BTreeMap;

use grant_plan::call::{Failure, Operation};
use grant_plan::entry::{Entry, EntryKey};
use grant_plan::id::{AccountId, LicenseId};
use grant_plan::organization::Principal;
use grant_plan::snapshot::Remembered;

use super::Ledger;
use super::items::{from_item, license_key, text, to_item};
use super::pairs::PAIR;
use super::revocable::{REVOCABLE, Revocable};
use crate::failure::unreadable;

const GRANT: &str = "GRANT#";

/// What the ledger holds of one license
#[derive(Debug, Clone, Default)]
pub(crate) struct LicenseMemory {
    pub(crate) entries: BTreeMap<EntryKey, Entry>,
    pub(crate) pairs: BTreeMap<AccountId, Remembered>,
    pub(crate) revocable: Option<Revocable>,
}

impl Ledger {
    /// Everything about one license in one read
    pub(crate) async fn remember(&self, license: &LicenseId) -> Result<LicenseMemory, Failure> {
        let mut memory = LicenseMemory::default();
        for item in self.partition(&license_key(license)).await? {
            let Some(sk) = text(&item, "sk").map(str::to_owned) else { continue };
            if let Some(key) = sk.strip_prefix(GRANT) {
                let key = read_key(key).ok_or_else(|| unreadable(Operation::Ledger, &sk, "unknown kind of key"))?;
                memory.entries.insert(key, from_item(item)?);
            } else if let Some(account) = sk.strip_prefix(PAIR) {
                let account = account.parse().map_err(|error| unreadable(Operation::Ledger, &sk, error))?;
                memory.pairs.insert(account, from_item(item)?);
            } else if sk == REVOCABLE {
                memory.revocable = Some(from_item(item)?);
            }
        }
        Ok(memory)
    }

    /// One entry
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn entry(&self, license: &LicenseId, key: &EntryKey) -> Result<Option<Entry>, Failure> {
        let item = self.get(&license_key(license), &format!("{GRANT}{}", write_key(key))).await?;
        item.map(from_item).transpose()
    }

    /// Writes an entry over the revision that was read; `false` when somebody else wrote first
    ///
    /// A write whose answer was lost is found out by reading: the revision and content say whether it was ours.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn record(
        &self,
        license: &LicenseId,
        key: &EntryKey,
        expected: Option<u64>,
        entry: &Entry,
    ) -> Result<bool, Failure> {
        let item = to_item(&license_key(license), &format!("{GRANT}{}", write_key(key)), entry)?;
        // The SDK repeats a write whose answer was lost, and the repetition finds its own first write.
        Ok(self.put_over(item, expected).await? || self.entry(license, key).await?.as_ref() == Some(entry))
    }
}

fn write_key(key: &EntryKey) -> String {
    match key {
        EntryKey::Grant(Principal::Organization) => "organization".to_owned(),
        EntryKey::Grant(Principal::Unit(unit)) => unit.to_string(),
        EntryKey::Grant(Principal::Account(account)) => account.to_string(),
        EntryKey::SubGrant(account) => format!("{account}#sub"),
    }
}

fn read_key(text: &str) -> Option<EntryKey> {
    if text == "organization" {
        return Some(EntryKey::Grant(Principal::Organization));
    }
    if let Some(account) = text.strip_suffix("#sub") {
        return account.parse().ok().map(EntryKey::SubGrant);
    }
    let account = text.parse().ok().map(Principal::Account);
    account.or_else(|| text.parse().ok().map(Principal::Unit)).map(EntryKey::Grant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_key_is_read_back() {
        let keys = [
            EntryKey::Grant(Principal::Organization),
            EntryKey::Grant(Principal::Unit("ou-9xk2-h3n8d1pw".parse().unwrap())),
            EntryKey::Grant(Principal::Account("123456789012".parse().unwrap())),
            EntryKey::SubGrant("123456789012".parse().unwrap()),
        ];
        for key in keys {
            assert_eq!(read_key(&write_key(&key)), Some(key));
        }
        assert_eq!(read_key("something"), None);
    }
}
