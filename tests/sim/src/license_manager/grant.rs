//! A grant: one license, one principal, one status

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::license::{AllowedOperation, HOME_REGION, MARKETPLACE_ACCOUNT};
use super::word::words;

words! {
    /// `GrantStatus` as modelled
    GrantStatus {
        /// A workflow is running
        PendingWorkflow = "PENDING_WORKFLOW",
        /// The grantee must accept
        PendingAccept = "PENDING_ACCEPT",
        /// Refused by the grantee, for good
        Rejected = "REJECTED",
        /// Usable
        Active = "ACTIVE",
        /// The workflow failed; `status_reason` says why
        FailedWorkflow = "FAILED_WORKFLOW",
        /// Gone, still returned by reads
        Deleted = "DELETED",
        /// Being deleted, already unusable
        PendingDelete = "PENDING_DELETE",
        /// Accepted, not usable
        Disabled = "DISABLED",
        /// Organization and unit grants only: distributed; the sub-grants tell the real state
        WorkflowCompleted = "WORKFLOW_COMPLETED",
    }
}

impl GrantStatus {
    /// Whether a grant in this status can still come to something; [`Grant::is_live`] knows better
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Rejected | Self::Deleted)
    }

    /// `ReceivedStatus` has every word of `GrantStatus` but PENDING_DELETE
    pub(crate) fn received(self) -> &'static str {
        if self == Self::PendingDelete { Self::Deleted.as_str() } else { self.as_str() }
    }
}

words! {
    /// `ActivationOverrideBehavior`
    Override {
        /// Leave grants alone that are already active for the product
        DistributedGrantsOnly = "DISTRIBUTED_GRANTS_ONLY",
        /// Disable the other active grants for the product, the account's own subscription included
        AllGrantsPermittedByIssuer = "ALL_GRANTS_PERMITTED_BY_ISSUER",
    }
}

words! {
    /// `GrantType`
    GrantType {
        /// What a buyer distributes
        Buyer = "BuyerGrant",
        /// A seller's read-only visibility; never made here
        Delegate = "DelegateGrant",
    }
}

/// To whom a grant goes
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// The whole organization
    Organization,
    /// A top-level organizational unit, by id
    Unit(String),
    /// One account, twelve digits
    Account(String),
}

impl Principal {
    /// The account of a single-account principal
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Account(account) => Some(account),
            Self::Organization | Self::Unit(_) => None,
        }
    }
}

fn home_region() -> &'static str {
    HOME_REGION
}

/// A grant as License Manager keeps it; grants never vanish, they end
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// `arn:aws:license-manager::<grantor>:grant:g-<32 hexadecimal digits>`
    pub arn: String,
    /// GrantName
    pub name: String,
    /// A sub-grant's organization or unit grant, the grant by which the grantor itself holds the license, or, for a
    /// buyer's own subscription, the license
    pub parent_arn: String,
    /// License id, `l-...`
    pub license: String,
    /// The license's ProductSKU
    pub sku: String,
    /// To whom
    pub principal: Principal,
    /// GranteePrincipalArn
    pub principal_arn: String,
    /// Account that made it; AWS Marketplace's for a buyer's own subscription
    pub grantor: String,
    /// Always the license's
    #[serde(skip, default = "home_region")]
    pub home_region: &'static str,
    /// GrantStatus
    pub status: GrantStatus,
    /// StatusReason
    pub status_reason: Option<String>,
    /// From 1
    pub version: u64,
    /// GrantedOperations
    pub operations: Vec<AllowedOperation>,
    /// Options.ActivationOverrideBehavior in force
    pub options: Option<Override>,
    /// The override was chosen by the grantor, so the grantee has no choice
    pub options_by_grantor: bool,
    /// GrantType
    pub grant_type: GrantType,
    /// An organization or unit grant that has been activated: joiners get sub-grants
    pub activated: bool,
    /// Made by License Manager for one account under an organization or unit grant, which is `parent_arn`
    pub sub_grant: bool,
    /// A sub-grant switched off by a call of its own
    pub switched_off: bool,
    /// When made
    pub created: Timestamp,
    /// From when GetGrant knows it
    pub readable_from: Timestamp,
    /// From when lists know it
    pub visible_from: Timestamp,
    /// When it came to its end: DELETED, REJECTED, or, by a knob, WORKFLOW_COMPLETED after DeleteGrant
    pub ended: Option<Timestamp>,
    /// Its first activation is stuck in PENDING_WORKFLOW until it is asked for again
    pub stuck: bool,
    /// It has been stuck once
    pub(crate) was_stuck: bool,
    /// What answers say in place of its status: a word that the model does not have
    pub reads: Option<String>,
    /// Its entry in the queue of workflows
    pub(crate) workflow: Option<(Timestamp, u64)>,
}

impl Grant {
    /// GrantStatus as answers say it
    pub fn reads(&self) -> &str {
        self.reads.as_deref().unwrap_or(self.status.as_str())
    }

    /// Whether the grant has not come to its end
    pub fn is_live(&self) -> bool {
        self.ended.is_none()
    }

    /// Made by AWS Marketplace for a buyer: the account's own subscription
    pub fn is_own_subscription(&self) -> bool {
        self.grantor == MARKETPLACE_ACCOUNT
    }
}
