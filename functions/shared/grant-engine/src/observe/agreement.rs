//! From an agreement to its licenses: GetAgreementEntitlements

use aws_sdk_marketplaceagreement::types::AgreementEntitlement;
use grant_plan::call::{Failure, Operation};
use grant_plan::id::{AgreementId, LicenseArn};

use crate::Engine;
use crate::failure::{understand, unreadable};
use crate::observe::pages;

/// What one agreement entitles to
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// AgreementEntitlementStatus: `PROVISIONED`, `PENDING`, `SCHEDULED`, `FAILED`, `DEPROVISIONED`, or a newer one
    pub status: String,
    /// Why, when it is not provisioned
    pub reason: Option<String>,
    /// The license, once there is one
    pub license: Option<LicenseArn>,
}

impl Engine {
    /// The entitlements of an agreement; `None` when this account has no such agreement
    ///
    /// The API shows the caller's own agreements only, so a purchase of a member account is unknown here. The
    /// answer's `registrationToken` is a secret and is not read.
    ///
    /// # Errors
    /// When Marketplace does not answer or denies.
    pub async fn entitlements(&self, agreement: &AgreementId) -> Result<Option<Vec<Entitlement>>, Failure> {
        let listing = pages::all(async |token| {
            let call = self.clients.agreements.get_agreement_entitlements().agreement_id(agreement.as_str());
            let page = call.set_next_token(token).send().await;
            let page = page.map_err(|error| understand(Operation::Observe, &error))?;
            Ok((page.agreement_entitlements, page.next_token))
        });
        match listing.await {
            Ok(entitlements) => entitlements.into_iter().map(read).collect::<Result<_, _>>().map(Some),
            Err(failure) if failure.code.as_deref() == Some("ResourceNotFoundException") => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

fn read(entitlement: AgreementEntitlement) -> Result<Entitlement, Failure> {
    let license = entitlement.license_arn.map(|arn| arn.parse()).transpose();
    Ok(Entitlement {
        status: entitlement.status.map_or_else(String::new, |status| status.as_str().to_owned()),
        reason: entitlement.status_reason_code.map(|reason| reason.as_str().to_owned()),
        license: license.map_err(|error| unreadable(Operation::Observe, "an entitlement's license", error))?,
    })
}
