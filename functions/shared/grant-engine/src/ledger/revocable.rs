//! What waits for the revocation pass, license by license, and what the passes of the last day released

use aws_sdk_dynamodb::types::AttributeValue;
use grant_plan::call::Failure;
use grant_plan::entry::SCHEMA;
use grant_plan::id::{LicenseArn, LicenseId};
use grant_plan::revocation::{Held, Release, Waiting};
use grant_plan::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Ledger;
use super::due::shard;
use super::items::{from_item, license_key, to_item};

/// The sort key of what waits, in a license's partition
pub(super) const REVOCABLE: &str = "REVOCABLE";

/// One license's item, which is there only while something waits
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Revocable {
    schema: u32,
    license: LicenseArn,
    /// What waits
    pub(crate) waiting: Waiting,
    /// Every sweep sees to it
    due_at: Timestamp,
}

/// What the passes released, one item for the whole deployment: writing it releases everything or nothing
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    schema: u32,
    /// Rises with every write
    revision: u64,
    /// What still counts
    pub releases: Vec<Release>,
    /// What the last pass held back
    pub held: Vec<Held>,
}

impl Ledger {
    /// Brings the item of a license to what a look found; writes nothing that says the same already
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub(crate) async fn note_revocable(
        &self,
        license: &LicenseArn,
        before: Option<&Revocable>,
        waiting: &Waiting,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let pk = license_key(license.id());
        if waiting.candidates.is_empty() {
            return match before {
                Some(_) => self.delete(&pk, REVOCABLE).await,
                None => Ok(()),
            };
        }
        if before.is_some_and(|before| before.waiting.candidates == waiting.candidates) {
            return Ok(());
        }
        let item = Revocable { schema: SCHEMA, license: license.clone(), waiting: waiting.clone(), due_at: now };
        let mut item = to_item(&pk, REVOCABLE, &item)?;
        item.insert("due_shard".to_owned(), AttributeValue::N(shard(&pk).to_string()));
        self.put(item).await
    }

    /// What waits of one license
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub(crate) async fn revocable(&self, license: &LicenseId) -> Result<Option<Waiting>, Failure> {
        let item = self.get(&license_key(license), REVOCABLE).await?;
        Ok(item.map(from_item::<Revocable>).transpose()?.map(|item| item.waiting))
    }

    /// What was released; `None`: nothing ever
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn window(&self) -> Result<Option<Window>, Failure> {
        self.get("REVOCATIONS", "WINDOW").await?.map(from_item).transpose()
    }

    /// Writes over what was read; `false` when somebody else wrote first
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub(crate) async fn write_window(
        &self,
        before: Option<&Window>,
        releases: Vec<Release>,
        held: Vec<Held>,
    ) -> Result<bool, Failure> {
        let expected = before.map(|before| before.revision);
        let revision = expected.map_or(1, |revision| revision.saturating_add(1));
        let window = Window { schema: SCHEMA, revision, releases, held };
        self.put_over(to_item("REVOCATIONS", "WINDOW", &window)?, expected).await
    }
}
