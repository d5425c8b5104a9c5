//! AcceptGrant and RejectGrant: the grantee's answer

use std::sync::Arc;

use super::create::Written;
use super::grant::{Grant, GrantStatus, Principal};
use super::role::not_found;
use super::transition::{Change, Transition};
use super::workflow::Work;
use super::write::WriteOperation;
use super::{Context, LicenseManager, principal};
use crate::error::ApiError;

impl LicenseManager {
    /// PENDING_ACCEPT to DISABLED, at once or by way of PENDING_WORKFLOW
    pub(super) fn accept_grant(&mut self, context: &Context<'_>, arn: &str) -> Result<Written, ApiError> {
        let grant = self.check_answer(context, arn, "accept")?;
        let write = self.write(context, WriteOperation::AcceptGrant, &grant);
        self.record(write);
        if context.knobs.acceptance_passes_workflow {
            self.shift(arn, Change::to(GrantStatus::PendingWorkflow, None), context.now);
            self.begin(arn, Work::Accept, context.workflow_end());
        } else {
            let accepted = Change::to(GrantStatus::Disabled, Transition::Accepted);
            self.shift(arn, accepted.bump(context.knobs.workflow_bumps_version), context.now);
        }
        self.written(arn)
    }

    /// PENDING_ACCEPT to REJECTED, for good
    pub(super) fn reject_grant(&mut self, context: &Context<'_>, arn: &str) -> Result<Written, ApiError> {
        let grant = self.check_answer(context, arn, "reject")?;
        let write = self.write(context, WriteOperation::RejectGrant, &grant);
        self.record(write);
        let rejected = Change::to(GrantStatus::Rejected, Transition::Rejected);
        self.shift(arn, rejected.bump(context.knobs.workflow_bumps_version), context.now);
        self.written(arn)
    }

    /// The refusal's text was seen live for AcceptGrant on a grant that no longer needed it
    fn check_answer(&self, context: &Context<'_>, arn: &str, verb: &str) -> Result<Arc<Grant>, ApiError> {
        let grant = self.grants.get(arn).ok_or_else(|| not_found(arn, context.knobs))?.shared();
        let grantee = grant.principal == Principal::Account(context.caller.to_owned());
        if !grantee || grant.status != GrantStatus::PendingAccept {
            let caller = principal::account_arn(context.caller);
            return Err(ApiError::validation(format!("Caller {caller} is not allowed to {verb} this grant.")));
        }
        Ok(grant)
    }
}
