//! From an agreement to its licenses: GetAgreementEntitlements

use grant_plan::call::{Failure, Operation};
use grant_plan::id::{AgreementId, LicenseArn};

use crate::Engine;
use crate::failure::{understand, unreadable};

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
        let mut found = Vec::new();
        let mut token = None;
        loop {
            let call = self.clients.agreements.get_agreement_entitlements().agreement_id(agreement.as_str());
            let answer = call.set_next_token(token).send().await;
            let page = match answer.map_err(|error| understand(Operation::Observe, &error)) {
                Ok(page) => page,
                Err(failure) if failure.code.as_deref() == Some("ResourceNotFoundException") => return Ok(None),
                Err(failure) => return Err(failure),
            };
            for entitlement in page.agreement_entitlements.unwrap_or_default() {
                let license = entitlement
                    .license_arn
                    .map(|arn| arn.parse())
                    .transpose()
                    .map_err(|error| unreadable(Operation::Observe, "an entitlement's license", error))?;
                found.push(Entitlement {
                    status: entitlement.status.map_or_else(String::new, |status| status.as_str().to_owned()),
                    reason: entitlement.status_reason_code.map(|reason| reason.as_str().to_owned()),
                    license,
                });
            }
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(Some(found));
            }
        }
    }
}
