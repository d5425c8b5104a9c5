//! Acting in a member account from the hub: by the member's role, for the ledger's entry, with a report to the lane

use aws_credential_types::Credentials;
use grant_plan::acceptance::still_wanted;
use grant_plan::call::{Disposition, Failure, Operation};
use grant_plan::entry::{Entry, Report};
use grant_plan::id::{AccountId, OrganizationId};
use grant_plan::reason::ReasonCode;
use grant_plan::step::GranteeRequest;

use crate::Engine;
use crate::failure::{understand, unreadable};
use crate::grantee::Grantee;

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
        let organization = Some(self.organization_id().await?);
        let grantee = Grantee { pace: &self.pace, client: &client, organization };
        let grant = grantee.look(&request.grant).await?;
        grantee.treat(&request.grant, grant, request.activate).await
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
