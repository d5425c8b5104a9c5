//! AcceptGrant and RejectGrant: the grantee's answer

use super::create::Written;
use super::grant::{GrantStatus, Principal};
use super::role::not_found;
use super::write::WriteOperation;
use super::{Context, LicenseManager, principal};
use crate::error::ApiError;

impl LicenseManager {
    /// PENDING_ACCEPT to DISABLED, at once
    pub(super) fn accept_grant(&mut self, context: &Context<'_>, arn: &str) -> Result<Written, ApiError> {
        self.answer(context, arn, WriteOperation::AcceptGrant, GrantStatus::Disabled, "accept")
    }

    /// PENDING_ACCEPT to REJECTED, for good
    pub(super) fn reject_grant(&mut self, context: &Context<'_>, arn: &str) -> Result<Written, ApiError> {
        self.answer(context, arn, WriteOperation::RejectGrant, GrantStatus::Rejected, "reject")
    }

    /// The refusal's text was seen live for AcceptGrant on a grant that no longer needed it
    fn answer(
        &mut self,
        context: &Context<'_>,
        arn: &str,
        operation: WriteOperation,
        to: GrantStatus,
        verb: &str,
    ) -> Result<Written, ApiError> {
        let grant = self.grants.get(arn).ok_or_else(|| not_found(arn))?;
        let grantee = grant.principal == Principal::Account(context.caller.to_owned());
        if !grantee || grant.status != GrantStatus::PendingAccept {
            let caller = principal::account_arn(context.caller);
            return Err(ApiError::validation(format!("Caller {caller} is not allowed to {verb} this grant.")));
        }
        let write = self.write(context, operation, grant);
        self.writes.push(write);
        self.shift(arn, to, None, context.knobs.workflow_bumps_version, context.now);
        self.written(arn)
    }
}
