//! Grants: what the hub gave, and what arrived

use aws_sdk_licensemanager::Client;
use aws_sdk_licensemanager::types::{Filter, Grant as ApiGrant};
use grant_plan::call::{Failure, Operation};
use grant_plan::grant::{Grant, GrantStatus};
use grant_plan::id::{AccountId, GrantArn, LicenseArn, LicenseId, OrganizationId};
use grant_plan::organization::Principal;

use crate::Engine;
use crate::failure::{understand, unreadable};
use crate::observe::pages;
use crate::pace::{Pace, Repeat};

/// Largest page License Manager gives (`MaxSize100`)
const PAGE: i32 = 100;

impl Engine {
    /// Every grant the hub made of a license, tombstones included (ListDistributedGrants)
    ///
    /// `principal` narrows to one grantee ARN.
    ///
    /// # Errors
    /// When License Manager does not answer or denies.
    pub(crate) async fn distributed_grants(
        &self,
        license: &LicenseArn,
        principal: Option<&str>,
        organization: &OrganizationId,
    ) -> Result<Vec<Grant>, Failure> {
        // Names and values of filters are case-sensitive, one value each, and this call spells it `ARN`.
        let mut filters = vec![filter("LicenseArn", license.as_str())];
        filters.extend(principal.map(|arn| filter("GranteePrincipalARN", arn)));
        let grants = pages::all(async |token| {
            let call = self.clients.license_manager.list_distributed_grants().set_filters(Some(filters.clone()));
            let call = call.max_results(PAGE).set_next_token(token);
            let page = self.paced(Repeat::Always, || async {
                call.clone().send().await.map_err(|error| understand(Operation::Observe, &error))
            });
            page.await.map(|page| (page.grants, page.next_token))
        });
        grants.await?.into_iter().map(|grant| read(grant, Some(organization))).collect()
    }

    /// Every account's grant and sub-grant of a license (ListReceivedGrantsForOrganization)
    ///
    /// # Errors
    /// When License Manager does not answer or denies; it denies while trusted access is off.
    pub(crate) async fn received_grants(
        &self,
        license: &LicenseArn,
        organization: &OrganizationId,
    ) -> Result<Vec<Grant>, Failure> {
        let grants = pages::all(async |token| {
            let call = self.clients.license_manager.list_received_grants_for_organization();
            let call = call.license_arn(license.as_str()).max_results(PAGE).set_next_token(token);
            let page = self.paced(Repeat::Always, || async {
                call.clone().send().await.map_err(|error| understand(Operation::Observe, &error))
            });
            page.await.map(|page| (page.grants, page.next_token))
        });
        grants.await?.into_iter().map(|grant| read(grant, Some(organization))).collect()
    }

    /// The license that a grant of the hub is of; `None` when License Manager does not know the grant
    ///
    /// A grant nobody knows is a ValidationException or InvalidParameterValueException, never ResourceNotFound.
    ///
    /// # Errors
    /// When License Manager does not answer or denies.
    pub async fn license_of_grant(&self, arn: &GrantArn) -> Result<Option<LicenseArn>, Failure> {
        let answer = self
            .paced(Repeat::Always, || async {
                let call = self.clients.license_manager.get_grant().grant_arn(arn.as_str());
                call.send().await.map_err(|error| understand(Operation::GetGrant, &error))
            })
            .await;
        match answer {
            Ok(answer) => Ok(answer.grant.and_then(|grant| grant.license_arn.parse().ok())),
            Err(failure) if failure.disposition == grant_plan::call::Disposition::Stale => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

/// Every grant that the client's own account received from `grantor` and has not accepted (ListReceivedGrants)
///
/// One that cannot be read is passed over: it is none of ours, and stands in the way of none.
///
/// # Errors
/// When License Manager does not answer or denies.
pub(crate) async fn waiting_for_acceptance(
    pace: &Pace,
    client: &Client,
    grantor: &AccountId,
) -> Result<Vec<Grant>, Failure> {
    let filters = vec![filter("GranterAccountId", grantor.as_str()), filter("GrantStatus", "PENDING_ACCEPT")];
    let grants = pages::all(async |token| {
        let call = client.list_received_grants().set_filters(Some(filters.clone()));
        let call = call.max_results(PAGE).set_next_token(token);
        let page = pace.paced(Repeat::Always, || async {
            call.clone().send().await.map_err(|error| understand(Operation::Observe, &error))
        });
        page.await.map(|page| (page.grants, page.next_token))
    });
    Ok(grants.await?.into_iter().filter_map(|grant| read(grant, None).ok()).collect())
}

fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// A grant as the planner takes it; without an organization no principal but an account is known
pub(crate) fn read(grant: ApiGrant, organization: Option<&OrganizationId>) -> Result<Grant, Failure> {
    let of = |error: grant_plan::id::IdError| unreadable(Operation::Observe, "a grant", error);
    Ok(Grant {
        arn: grant.grant_arn.parse().map_err(of)?,
        license: LicenseId::from_arn(&grant.license_arn).map_err(of)?,
        principal: match organization {
            Some(organization) => Principal::from_arn(&grant.grantee_principal_arn, organization),
            None => Principal::account_of(&grant.grantee_principal_arn).map(Principal::Account),
        },
        // ParentArn is a grant for sub-grants and a license for grants of the issuer.
        parent: grant.parent_arn.parse().ok(),
        status: GrantStatus::from_api(grant.grant_status.as_str()),
        status_reason: grant.status_reason,
        name: grant.grant_name,
        version: grant.version,
        operations: grant.granted_operations.iter().map(|operation| operation.as_str().to_owned()).collect(),
    })
}
