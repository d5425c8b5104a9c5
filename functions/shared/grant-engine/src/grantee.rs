//! The account's own side of a grant: accept, activate where the grantor cannot, read back

use aws_sdk_licensemanager::Client;
use grant_plan::acceptance::{Acceptance, acceptance};
use grant_plan::call::{ActivateGrant, Disposition, Failure, Operation, Override};
use grant_plan::grant::Grant;
use grant_plan::id::{GrantArn, OrganizationId};
use grant_plan::reason::ReasonCode;

use crate::apply::activate_grant;
use crate::failure::{understand, unreadable};
use crate::observe_grant;
use crate::pace::{Pace, Repeat};

/// Looks per request: accept, activate, and one more to see what came of it
const LOOKS: usize = 4;

/// An account that received grants, by its own License Manager client
#[derive(Debug)]
pub(crate) struct Grantee<'a> {
    pub(crate) pace: &'a Pace,
    pub(crate) client: &'a Client,
    /// `None` where nobody knows it: then only accounts are known as principals
    pub(crate) organization: Option<OrganizationId>,
}

impl Grantee<'_> {
    /// Accepts and, where that is asked for, activates; `grant` is how it was seen first
    pub(crate) async fn treat(&self, arn: &GrantArn, grant: Grant, activate: bool) -> Result<ReasonCode, Failure> {
        let mut seen = Some(grant);
        let mut tried = false;
        for look in 0..LOOKS {
            let grant = match seen.take() {
                Some(grant) => grant,
                None => self.look(arn).await?,
            };
            match acceptance(&grant, activate, tried) {
                Acceptance::Done(code) => return Ok(code),
                Acceptance::Accept => self.accept(arn).await?,
                Acceptance::Activate => {
                    tried = true;
                    let token = format!("{}-grantee-{}-{look}", arn.short(), grant.version);
                    let call = ActivateGrant {
                        token: token.replace([':', '/'], "-"),
                        arn: arn.clone(),
                        overriding: Override::DistributedGrantsOnly,
                    };
                    match activate_grant(self.pace, self.client, &call).await {
                        Ok(_) => {}
                        // It moved on while we called: the next look says to where.
                        Err(failure) if failure.disposition == Disposition::Stale => {}
                        Err(failure) => return Err(failure),
                    }
                }
            }
        }
        Ok(ReasonCode::Activating)
    }

    /// GetGrant
    pub(crate) async fn look(&self, arn: &GrantArn) -> Result<Grant, Failure> {
        let answer = self
            .pace
            .paced(Repeat::Always, || async {
                let call = self.client.get_grant().grant_arn(arn.as_str());
                call.send().await.map_err(|error| understand(Operation::GetGrant, &error))
            })
            .await?;
        let grant = answer.grant.ok_or_else(|| unreadable(Operation::GetGrant, "the answer", "no grant"))?;
        observe_grant(grant, self.organization.as_ref())
    }

    /// AcceptGrant; when the organization's auto-accept was first, that is success
    async fn accept(&self, arn: &GrantArn) -> Result<(), Failure> {
        let accepted = self
            .pace
            .paced(Repeat::Always, || async {
                let call = self.client.accept_grant().grant_arn(arn.as_str());
                call.send().await.map_err(|error| understand(Operation::AcceptGrant, &error))
            })
            .await;
        match accepted {
            Ok(_) => Ok(()),
            Err(failure) if failure.disposition == Disposition::Stale => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}
