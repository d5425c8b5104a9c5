//! Licenses: what the hub holds, and who in the organization has a subscription of their own

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_licensemanager::types::{Filter, GrantedLicense};
use grant_plan::call::{Failure, Operation};
use grant_plan::id::{AccountId, LicenseArn, LicenseId};
use grant_plan::license::{License, LicenseStatus, Origin};
use grant_plan::purchase::{Purchase, origin};

use crate::Engine;
use crate::failure::{understand, unreadable};
use crate::observe::pages;
use crate::pace::Repeat;

const PAGE: i32 = 100;

impl Engine {
    /// The account the hub runs in, which holds the licenses it grants
    ///
    /// # Errors
    /// When STS does not answer.
    pub async fn holder(&self) -> Result<AccountId, Failure> {
        if let Some(holder) = self.known_holder() {
            return Ok(holder);
        }
        let call = self.clients.sts.get_caller_identity();
        let answer = call.send().await.map_err(|error| understand(Operation::Observe, &error))?;
        let holder: AccountId = answer
            .account
            .unwrap_or_default()
            .parse()
            .map_err(|error| unreadable(Operation::Observe, "the caller's identity", error))?;
        self.learn_holder(&holder);
        Ok(holder)
    }

    /// One license the hub holds; `None` when it holds none of that ARN
    ///
    /// # Errors
    /// When License Manager does not answer or denies.
    pub(crate) async fn received_license(&self, arn: &LicenseArn) -> Result<Option<License>, Failure> {
        let licenses = self.received_licenses_of(Some(arn)).await?;
        Ok(licenses.into_iter().find(|license| license.arn.id() == arn.id()))
    }

    /// Every license the hub holds (ListReceivedLicenses)
    ///
    /// # Errors
    /// When License Manager does not answer or denies.
    pub async fn received_licenses(&self) -> Result<Vec<License>, Failure> {
        self.received_licenses_of(None).await
    }

    async fn received_licenses_of(&self, only: Option<&LicenseArn>) -> Result<Vec<License>, Failure> {
        let holder = self.holder().await?;
        let licenses = pages::all(async |token| {
            let call = self.clients.license_manager.list_received_licenses();
            let call = call.set_license_arns(only.map(|arn| vec![arn.to_string()]));
            let call = call.max_results(PAGE).set_next_token(token);
            let page = self.paced(Repeat::Always, || async {
                call.clone().send().await.map_err(|error| understand(Operation::Observe, &error))
            });
            page.await.map(|page| (page.licenses, page.next_token))
        });
        let licenses = licenses.await?;
        let purchases = self.ledger.purchases().await?;
        let read = |license| Ok(read(license, &holder)?.map(|license| from(license, &purchases)));
        licenses.into_iter().filter_map(|license| read(license).transpose()).collect()
    }

    /// Accounts with an active subscription of their own to a product: one listing per SKU
    ///
    /// An own subscription is a license of the product that the account received from its seller, so with CreateGrant
    /// among its operations; what the hub or anybody else granted comes without.
    ///
    /// # Errors
    /// When License Manager does not answer or denies.
    pub(crate) async fn own_subscriptions(
        &self,
        sku: &str,
        holder: &AccountId,
    ) -> Result<BTreeSet<AccountId>, Failure> {
        let filter = Filter::builder().name("ProductSKU").values(sku).build();
        let licenses = pages::all(async |token| {
            let call = self.clients.license_manager.list_received_licenses_for_organization();
            let call = call.filters(filter.clone()).max_results(PAGE).set_next_token(token);
            let page = self.paced(Repeat::Always, || async {
                call.clone().send().await.map_err(|error| understand(Operation::Observe, &error))
            });
            page.await.map(|page| (page.licenses, page.next_token))
        });
        let mut found: Vec<(AccountId, LicenseId)> = Vec::new();
        let mut held: BTreeSet<LicenseId> = BTreeSet::new();
        for license in licenses.await? {
            let Some(account) = license.beneficiary.as_deref().and_then(beneficiary) else { continue };
            let Some(id) = license.license_arn.as_deref().and_then(|arn| LicenseId::from_arn(arn).ok()) else {
                continue;
            };
            if account == *holder {
                held.insert(id);
            } else if is_own(&license) {
                found.push((account, id));
            }
        }
        Ok(found.into_iter().filter(|(_, id)| !held.contains(id)).map(|(account, _)| account).collect())
    }
}

/// The account a license is for; given as twelve digits or as the account's root ARN
fn beneficiary(text: &str) -> Option<AccountId> {
    text.parse().ok().or_else(|| text.strip_prefix("arn:aws:iam::")?.strip_suffix(":root")?.parse().ok())
}

fn is_own(license: &GrantedLicense) -> bool {
    let received = license.received_metadata.as_ref();
    let active = received.and_then(|received| received.received_status.as_ref()).map(|status| status.as_str());
    let operations = received.and_then(|received| received.allowed_operations.as_ref());
    let available = license.status.as_ref().is_some_and(|status| status.as_str() == "AVAILABLE");
    let shared_on = operations.is_some_and(|operations| operations.iter().any(|one| one.as_str() == "CreateGrant"));
    available && active == Some("ACTIVE") && shared_on
}

/// Everything in a received license is optional in the API; one without ARN cannot be granted and is left out
fn read(license: GrantedLicense, holder: &AccountId) -> Result<Option<License>, Failure> {
    let Some(arn) = license.license_arn else { return Ok(None) };
    let received = license.received_metadata;
    let operations = received.and_then(|received| received.allowed_operations).unwrap_or_default();
    Ok(Some(License {
        arn: arn.parse().map_err(|error| unreadable(Operation::Observe, "a received license", error))?,
        sku: license.product_sku.unwrap_or_default(),
        product: license.product_name.unwrap_or_default(),
        home_region: license.home_region.unwrap_or_default(),
        status: LicenseStatus::from_api(license.status.as_ref().map_or("", |status| status.as_str())),
        operations: operations.iter().map(|operation| operation.as_str().to_owned()).collect(),
        holder: holder.clone(),
        origin: Origin::default(),
    }))
}

fn from(license: License, purchases: &BTreeMap<LicenseId, Purchase>) -> License {
    License { origin: origin(license.arn.id(), purchases), ..license }
}
