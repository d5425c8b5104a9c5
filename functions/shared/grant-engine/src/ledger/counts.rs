//! How much there was when that was last accepted, and how much was last seen

use grant_plan::call::Failure;
use grant_plan::entry::SCHEMA;
use grant_plan::guard::Counts;
use serde::{Deserialize, Serialize};

use super::Ledger;
use super::items::{from_item, to_item};

/// The item
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Layout
    pub schema: u32,
    /// Rises with every write
    pub revision: u64,
    /// What counts as right
    pub accepted: Counts,
    /// What there was at the last look at each
    pub seen: Counts,
}

impl Ledger {
    /// What was counted; `None`: nothing yet
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn counted(&self) -> Result<Option<Counted>, Failure> {
        self.get("POLICY", "COUNTS").await?.map(from_item).transpose()
    }

    /// Writes over what was read; `false` when somebody else wrote first
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn note_counted(
        &self,
        before: Option<&Counted>,
        accepted: Counts,
        seen: Counts,
    ) -> Result<bool, Failure> {
        let revision = before.map(|before| before.revision);
        let counted =
            Counted { schema: SCHEMA, revision: revision.map_or(1, |before| before.saturating_add(1)), accepted, seen };
        self.put_over(to_item("POLICY", "COUNTS", &counted)?, revision).await
    }
}
