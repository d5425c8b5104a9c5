//! A license that AWS Marketplace issued to a buyer

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::word::words;
use crate::blueprint::Purchase;

/// AWS Marketplace's own account: issuer of every Marketplace license, and the account in their ARNs
pub const MARKETPLACE_ACCOUNT: &str = "294406891311";

/// Home Region of every Marketplace license; grants are written nowhere else
pub const HOME_REGION: &str = "us-east-1";

/// `Issuer.Name`, the same for every seller
pub(crate) const ISSUER_NAME: &str = "AWS/Marketplace";

/// `Issuer.KeyFingerprint`
pub(crate) const KEY_FINGERPRINT: &str = "aws:294406891311:AWS/Marketplace:issuer-fingerprint";

words! {
    /// `AllowedOperation` as modelled
    AllowedOperation {
        /// Distribute the license further; Marketplace gives it to the subscriber alone
        CreateGrant = "CreateGrant",
        /// Use the license
        CheckoutLicense = "CheckoutLicense",
        /// Borrow it for use offline
        CheckoutBorrowLicense = "CheckoutBorrowLicense",
        /// Give it back
        CheckInLicense = "CheckInLicense",
        /// ExtendLicenseConsumption, which this enum spells the other way round
        ExtendConsumptionLicense = "ExtendConsumptionLicense",
        /// See purchases
        ListPurchasedLicenses = "ListPurchasedLicenses",
        /// Make tokens for use outside AWS
        CreateToken = "CreateToken",
        /// See received licenses
        ListReceivedLicenses = "ListReceivedLicenses",
    }
}

words! {
    /// `LicenseStatus` as modelled
    LicenseStatus {
        /// Usable
        Available = "AVAILABLE",
        /// Not usable yet
        PendingAvailable = "PENDING_AVAILABLE",
        /// Switched off by the issuer
        Deactivated = "DEACTIVATED",
        /// Suspended by the issuer
        Suspended = "SUSPENDED",
        /// Its term is over
        Expired = "EXPIRED",
        /// Being deleted
        PendingDelete = "PENDING_DELETE",
        /// Its agreement was cancelled
        Deleted = "DELETED",
    }
}

/// A license and who bought it
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct License {
    /// What was bought; the license's id, SKU and holder
    pub purchase: Purchase,
    /// LicenseStatus
    pub status: LicenseStatus,
    /// From 1; a renewal that keeps the license raises it
    pub version: u64,
    /// When it came into being
    pub created: Timestamp,
    /// From when License Manager's calls know it
    pub visible_from: Timestamp,
    /// The grant by which the buyer holds it (Marketplace to buyer)
    pub received_by: String,
    /// What answers say in place of its status: a word that the model does not have
    pub reads: Option<String>,
}

impl License {
    /// `l-` and 32 hexadecimal digits
    pub fn id(&self) -> &str {
        &self.purchase.license
    }

    /// The account that bought it
    pub fn holder(&self) -> &str {
        &self.purchase.acceptor
    }

    /// ProductSKU
    pub fn sku(&self) -> &str {
        &self.purchase.sku
    }

    /// LicenseStatus as answers say it
    pub fn reads(&self) -> &str {
        self.reads.as_deref().unwrap_or(self.status.as_str())
    }

    /// What the buyer may do with it; without CreateGrant when it cannot be shared, as with SaaS
    pub fn received_operations(&self) -> Vec<AllowedOperation> {
        let mut operations = vec![
            AllowedOperation::CheckoutLicense,
            AllowedOperation::CheckInLicense,
            AllowedOperation::ExtendConsumptionLicense,
            AllowedOperation::CreateToken,
            AllowedOperation::ListPurchasedLicenses,
        ];
        if self.purchase.shareable() {
            operations.insert(0, AllowedOperation::CreateGrant);
        }
        operations
    }
}

/// The trailing `l-...` of a license ARN
///
/// ARNs of one license differ in form from source to source; only this part compares.
pub fn license_id(arn: &str) -> &str {
    arn.rsplit([':', '/']).next().unwrap_or(arn)
}
