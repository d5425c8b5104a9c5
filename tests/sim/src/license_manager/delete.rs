//! DeleteGrant

use super::create::Written;
use super::grant::GrantStatus;
use super::role::{Role, denied};
use super::workflow::Work;
use super::write::WriteOperation;
use super::{Context, LicenseManager};
use crate::error::ApiError;

impl LicenseManager {
    /// Starts the end of a grant and its sub-grants, which are unusable from now on
    ///
    /// A running workflow is given up. A sub-grant cannot be deleted by itself.
    pub(super) fn delete_grant(
        &mut self,
        context: &Context<'_>,
        arn: &str,
        version: &str,
        reason: Option<String>,
    ) -> Result<Written, ApiError> {
        let (grant, role) = self.grant_for(arn, context)?;
        if role != Role::Grantor {
            return Err(denied("Only the grantor can delete this grant"));
        }
        if grant.sub_grant {
            return Err(ApiError::validation("GrantArn: this grant ends with its ParentArn"));
        }
        if !grant.status.is_live() || grant.status == GrantStatus::PendingDelete {
            return Err(ApiError::validation(format!("GrantArn: the grant is {}", grant.status.as_str())));
        }
        if version != grant.version.to_string() {
            let text = format!("Version {version} is not the current version {}", grant.version);
            return Err(ApiError::validation(text));
        }
        let write = self.write(context, WriteOperation::DeleteGrant, &grant);
        self.writes.push(write);
        let bump = context.knobs.workflow_bumps_version;
        for sub_grant in self.live_sub_grants(arn).into_values() {
            self.shift(&sub_grant, GrantStatus::PendingDelete, None, bump, context.now);
        }
        self.shift(arn, GrantStatus::PendingDelete, reason, bump, context.now);
        self.begin(arn, Work::Delete, context.workflow_end());
        self.written(arn)
    }
}
