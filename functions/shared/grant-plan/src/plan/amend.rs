//! What a person has the ledger say: pure decisions about a snapshot, shown first and written over what was read
//!
//! Nothing here calls AWS. The next look finds the entries as if a run had written them, and goes on from there.

pub mod adopt;
pub mod consolidate;
pub mod rebuild;
pub mod retry;

use serde::{Serialize, Serializer};

use crate::entry::{Attempts, Entry, EntryKey};
use crate::grant::GrantStatus;
use crate::id::{GrantArn, LicenseId};
use crate::organization::Principal;
use crate::time::Timestamp;

/// What would be written for one license, and what would not
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Which license
    pub license: LicenseId,
    /// Entries to write
    pub amendments: Vec<Amendment>,
    /// What stays as it is, and why
    pub left: Vec<LeftAlone>,
}

/// One entry to write
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amendment {
    /// Which entry
    #[serde(rename = "to", serialize_with = "in_words")]
    pub key: EntryKey,
    /// The grant that it is about, where there is one
    pub grant: Option<GrantArn>,
    /// What comes of it, for people
    pub what: String,
    /// The revision that was read, which must still be there; `None`: no entry
    #[serde(skip)]
    pub expected: Option<u64>,
    /// What to write
    #[serde(skip)]
    pub entry: Entry,
}

/// Something that stays as it is
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftAlone {
    /// Whom it is about
    pub to: String,
    /// The grant, where there is one
    pub grant: Option<GrantArn>,
    /// Why, for people
    pub why: String,
    /// Nobody has to do anything about it
    pub settled: bool,
}

fn in_words<S: Serializer>(key: &EntryKey, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(key)
}

impl Proposal {
    fn new(license: &LicenseId) -> Self {
        Self { license: license.clone(), amendments: Vec::new(), left: Vec::new() }
    }

    /// Whether nothing is to be written, and nobody has to do anything about what is left
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.amendments.is_empty() && self.left.iter().all(|left| left.settled)
    }

    fn amend(&mut self, key: EntryKey, grant: Option<&GrantArn>, what: String, expected: Option<u64>, entry: Entry) {
        self.amendments.push(Amendment { key, grant: grant.cloned(), what, expected, entry });
    }

    fn leave(&mut self, to: impl ToString, grant: Option<&GrantArn>, why: impl Into<String>) {
        self.left.push(LeftAlone { to: to.to_string(), grant: grant.cloned(), why: why.into(), settled: false });
    }

    /// The same where nobody has to do anything
    fn leave_in_order(&mut self, to: impl ToString, grant: Option<&GrantArn>, why: impl Into<String>) {
        self.left.push(LeftAlone { to: to.to_string(), grant: grant.cloned(), why: why.into(), settled: true });
    }
}

/// What counts as tried on a grant whose life nobody remembers
///
/// A grant to a whole place that is distributed was activated with it, or its accounts are treated one by one: activating
/// the whole once more could switch on what somebody switched off. What runs may be an activation, so that it is repeated
/// by the ladder and not only after days. What is not activated is activated as if for the first time.
fn tried(status: &GrantStatus, principal: &Principal, now: Timestamp) -> Attempts {
    let once = Attempts { count: 1, last: Some(now) };
    match (status, principal) {
        (GrantStatus::PendingWorkflow, _)
        | (GrantStatus::Active | GrantStatus::WorkflowCompleted, Principal::Organization | Principal::Unit(_)) => once,
        (GrantStatus::Active | GrantStatus::WorkflowCompleted, Principal::Account(_))
        | (
            GrantStatus::PendingAccept
            | GrantStatus::Disabled
            | GrantStatus::Rejected
            | GrantStatus::FailedWorkflow
            | GrantStatus::PendingDelete
            | GrantStatus::Deleted
            | GrantStatus::Unknown(_),
            _,
        ) => Attempts::default(),
    }
}
