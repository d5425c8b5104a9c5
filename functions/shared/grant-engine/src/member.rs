//! Acting in a member account: accept, activate where the grantor cannot, read back, report

use aws_credential_types::Credentials;
use grant_plan::acceptance::{Acceptance, acceptance, still_wanted};
use grant_plan::call::{ActivateGrant, Disposition, Failure, Operation, Override};
use grant_plan::entry::{Entry, Report};
use grant_plan::grant::Grant;
use grant_plan::id::{AccountId, GrantArn, OrganizationId};
use grant_plan::reason::ReasonCode;
use grant_plan::step::GranteeRequest;

use crate::Engine;
use crate::failure::{understand, unreadable};
use crate::observe_grant;
use crate::pace::Repeat;

/// Looks per request: accept, activate, and one more to see what came of it
const LOOKS: usize = 4;

/// What came of a request
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct GranteeOutcome {
    /// The state the grant was left in
    pub code: ReasonCode,
    /// More, for people
    pub detail: String,
}

impl Engine {
    /// Does what the grantor asks for in a member account, and writes down what came of it
    ///
    /// An account that cannot be reached yet is a hold, not an error, and so is a request that time has passed by: the
    /// lane asks again.
    ///
    /// # Errors
    /// When something failed that may pass; the message then comes again.
    pub async fn act_as_grantee(&self, request: &GranteeRequest) -> Result<GranteeOutcome, Failure> {
        let entry = self.ledger.entry(&request.license, &request.key).await?;
        let entry = match still_wanted(request, entry, self.now()) {
            Ok(entry) => entry,
            Err(why) => {
                self.wake_lane(request).await?;
                return Ok(GranteeOutcome { code: ReasonCode::Retrying, detail: why.to_owned() });
            }
        };
        let outcome = match self.accept_and_activate(request).await {
            Ok(code) => GranteeOutcome { code, detail: format!("seen by account {}", request.account) },
            Err(failure) => match failure.disposition {
                Disposition::Permanent(code) => GranteeOutcome { code, detail: failure.to_string() },
                // The account does not see the grant, or it moves at this moment: the lane looks and asks again.
                Disposition::Stale => GranteeOutcome { code: ReasonCode::NotVisibleYet, detail: failure.to_string() },
                Disposition::Retry => return Err(failure),
            },
        };
        self.report_to_lane(request, &entry, &outcome).await?;
        Ok(outcome)
    }

    async fn accept_and_activate(&self, request: &GranteeRequest) -> Result<ReasonCode, Failure> {
        let client = self.clients.license_manager_as(self.assume(&request.account).await?);
        let organization = self.organization_id().await?;
        let mut tried = false;
        for look in 0..LOOKS {
            let grant = self.get_grant(&client, &request.grant, &organization).await?;
            match acceptance(&grant, request.activate, tried) {
                Acceptance::Done(code) => return Ok(code),
                Acceptance::Accept => self.accept(&client, &request.grant).await?,
                Acceptance::Activate => {
                    tried = true;
                    let token = format!("{}-grantee-{}-{look}", request.grant.short(), grant.version);
                    let call = ActivateGrant {
                        token: token.replace([':', '/'], "-"),
                        arn: request.grant.clone(),
                        overriding: Override::DistributedGrantsOnly,
                    };
                    match self.activate_grant(&client, &call).await {
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

    /// AcceptGrant; when the organization's auto-accept was first, that is success
    async fn accept(&self, client: &aws_sdk_licensemanager::Client, arn: &GrantArn) -> Result<(), Failure> {
        let accepted = self
            .paced(Repeat::Always, || async {
                let call = client.accept_grant().grant_arn(arn.as_str());
                call.send().await.map_err(|error| understand(Operation::AcceptGrant, &error))
            })
            .await;
        match accepted {
            Ok(_) => Ok(()),
            Err(failure) if failure.disposition == Disposition::Stale => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    async fn get_grant(
        &self,
        client: &aws_sdk_licensemanager::Client,
        arn: &GrantArn,
        organization: &OrganizationId,
    ) -> Result<Grant, Failure> {
        let answer = self
            .paced(Repeat::Always, || async {
                let call = client.get_grant().grant_arn(arn.as_str());
                call.send().await.map_err(|error| understand(Operation::GetGrant, &error))
            })
            .await?;
        let grant = answer.grant.ok_or_else(|| unreadable(Operation::GetGrant, "the answer", "no grant"))?;
        observe_grant(grant, organization)
    }

    async fn assume(&self, account: &AccountId) -> Result<Credentials, Failure> {
        let role = format!("arn:aws:iam::{account}:role/{}", self.config.member_role);
        let call = self.clients.sts.assume_role().role_arn(role).role_session_name("grantway");
        let answer = call.send().await.map_err(|error| understand(Operation::AssumeRole, &error))?;
        let given =
            answer.credentials.ok_or_else(|| unreadable(Operation::AssumeRole, "the answer", "no credentials"))?;
        let (id, secret, token) = (given.access_key_id, given.secret_access_key, given.session_token);
        Ok(Credentials::new(id, secret, Some(token), None, "assumed"))
    }

    async fn organization_id(&self) -> Result<OrganizationId, Failure> {
        match self.ledger.snapshot_mark().await? {
            Some(mark) => Ok(mark.organization),
            None => Err(unreadable(Operation::Ledger, "the organization", "no snapshot yet; a reconcile makes one")),
        }
    }

    /// Leaves word in the grant's entry and wakes the license's lane, which sees for itself
    async fn report_to_lane(
        &self,
        request: &GranteeRequest,
        entry: &Entry,
        outcome: &GranteeOutcome,
    ) -> Result<(), Failure> {
        let report = Report { code: outcome.code, detail: outcome.detail.clone(), at: self.now() };
        let same = entry.grantee_report.as_ref().is_some_and(|before| before.code == report.code);
        if !same {
            let expected = Some(entry.revision);
            let entry = entry.with(|entry| entry.grantee_report = Some(report));
            // Lost to a run that writes the entry at this moment: that run looks at the grant itself.
            let _written = self.ledger.record(&request.license, &request.key, expected, &entry).await?;
        }
        self.wake_lane(request).await
    }

    async fn wake_lane(&self, request: &GranteeRequest) -> Result<(), Failure> {
        if let Some(lane) = self.ledger.lane(&request.license).await? {
            self.raise(&lane.license).await?;
        }
        Ok(())
    }
}
