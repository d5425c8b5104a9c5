//! A license the hub holds, as License Manager describes it

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, AgreementId, LicenseArn, LicenseId};

/// One received license
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct License {
    /// Its ARN and id
    pub arn: LicenseArn,
    /// ProductSKU: the Marketplace product id
    pub sku: String,
    /// ProductName, for rules and people
    pub product: String,
    /// Where it lives; grants can be created there only (`us-east-1` for Marketplace)
    pub home_region: String,
    /// Its life-cycle status
    pub status: LicenseStatus,
    /// What the holder received (ReceivedMetadata.AllowedOperations)
    pub operations: BTreeSet<String>,
    /// The account that holds it, in which the hub runs
    pub holder: AccountId,
    /// What Marketplace says about where it comes from
    pub origin: Origin,
}

/// What Marketplace says about where a license comes from; `None` everywhere: not known, or not known yet
///
/// A rule that asks for something unknown neither grants nor takes away.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The product's type, such as `AmiProduct` or `SaaSProduct`
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The agreement under which it was bought
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Agreement>,
    /// The offer that was accepted
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
    /// The account that sells it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seller: Option<AccountId>,
}

/// An agreement, and what it goes on from
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// The agreement itself
    pub id: AgreementId,
    /// The agreements that it renews or replaces, back to the first
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub renews: BTreeSet<AgreementId>,
    /// The licenses that those brought
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub earlier_licenses: BTreeSet<LicenseId>,
    /// Whether it goes on from an agreement of which no license is known, or not yet
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_open: bool,
}

/// LicenseStatus of the API, unknown ones kept as text
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LicenseStatus {
    /// In force
    Available,
    /// Not yet in force
    PendingAvailable,
    /// Switched off by the issuer
    Deactivated,
    /// Suspended by the issuer
    Suspended,
    /// Its term is over
    Expired,
    /// About to be deleted
    PendingDelete,
    /// Gone
    Deleted,
    /// A status this version does not know
    Unknown(String),
}

impl LicenseStatus {
    /// The status for the API's text
    #[must_use]
    pub fn from_api(text: &str) -> Self {
        match text {
            "AVAILABLE" => Self::Available,
            "PENDING_AVAILABLE" => Self::PendingAvailable,
            "DEACTIVATED" => Self::Deactivated,
            "SUSPENDED" => Self::Suspended,
            "EXPIRED" => Self::Expired,
            "PENDING_DELETE" => Self::PendingDelete,
            "DELETED" => Self::Deleted,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

/// The operation that makes a license shareable; never passed on to grantees
const CREATE_GRANT: &str = "CreateGrant";

impl License {
    /// Whether it can be granted on at all; SaaS licenses exist but were received without CreateGrant
    #[must_use]
    pub fn shareable(&self) -> bool {
        self.operations.contains(CREATE_GRANT)
    }

    /// What grantees get: what the holder received, minus CreateGrant
    ///
    /// A grantee that could grant on would take the license out of the organization's hands.
    #[must_use]
    pub fn grantable_operations(&self) -> Vec<String> {
        self.operations.iter().filter(|operation| *operation != CREATE_GRANT).cloned().collect()
    }
}
