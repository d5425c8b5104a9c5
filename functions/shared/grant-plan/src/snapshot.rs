//! Everything a plan for one license is made from, as it was seen

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::entry::{Entry, EntryKey, Report};
use crate::grant::Grant;
use crate::guard::Shrunk;
use crate::id::{AccountId, Deployment};
use crate::license::License;
use crate::organization::Organization;
use crate::policy::Policy;
use crate::reason::ReasonCode;
use crate::revocation::Releases;
use crate::time::Timestamp;

/// One license's world at one moment
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Whose grants are ours
    pub deployment: Deployment,
    /// When it was taken
    pub now: Timestamp,
    /// The rules
    pub policy: Policy,
    /// The accounts
    pub organization: Organization,
    /// The license
    pub license: License,
    /// ListDistributedGrants: what the holder granted, tombstones included
    pub distributed: Vec<Grant>,
    /// ListReceivedGrantsForOrganization: each account's grants and sub-grants
    pub received: Vec<Grant>,
    /// Why the organization-wide lists were refused; while they are, nothing that they would show is known
    pub blind: Option<Report>,
    /// Accounts with an active subscription of their own to the product
    pub own_subscriptions: BTreeSet<AccountId>,
    /// What the ledger remembers of this license
    pub entries: BTreeMap<EntryKey, Entry>,
    /// The states in which the ledger left pairs that were not plainly ACTIVE
    pub remembered: BTreeMap<AccountId, Remembered>,
    /// What fell so far that it is taken for a fault; while something did, nothing counts as unwanted
    pub shrunk: Vec<Shrunk>,
    /// What the revocation pass has released of this license
    pub releases: Releases,
    /// What one run may do
    pub limits: Limits,
}

impl Snapshot {
    /// Whether the account is the management account and somebody else, a delegated administrator, holds the license:
    /// whether a grant reaches it then is not documented
    #[must_use]
    pub fn is_beyond(&self, account: &AccountId) -> bool {
        let management = &self.organization.management;
        account == management && *management != self.license.holder
    }
}

/// The state of a pair as the last run left it
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Why it was as it was
    pub code: ReasonCode,
    /// Since when
    pub since: Timestamp,
}

/// What one run may do at most
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Live grants per license; AWS's own quota is 2,000, and whether sub-grants count is not documented
    pub grant_budget: usize,
}
