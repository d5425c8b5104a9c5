//! DeleteGrant

use super::create::Written;
use super::grant::GrantStatus;
use super::role::{Role, denied};
use super::transition::Change;
use super::workflow::Work;
use super::write::{Write, WriteOperation};
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
        let knobs = context.knobs;
        if !grant.is_live() || grant.status == GrantStatus::PendingDelete {
            let text = format!("GrantArn: the grant is {}", grant.status.as_str());
            return Err(knobs.busy_grant_error.error(text));
        }
        if grant.workflow.is_some() && !knobs.busy_grant_deletable {
            return Err(knobs.busy_grant_error.error("GrantArn: the grant is being processed. Try your request again"));
        }
        if version != grant.version.to_string() {
            let text = format!("Version {version} is not the current version {}", grant.version);
            return Err(knobs.stale_version_error.error(text));
        }
        let write = self.write(context, WriteOperation::DeleteGrant, &grant);
        let takes_from = self.serves(&grant);
        self.record(Write { takes_from, ..write });
        let going = Change::to(GrantStatus::PendingDelete, None).bump(knobs.workflow_bumps_version);
        for sub_grant in self.live_sub_grants(arn).into_values() {
            self.shift(&sub_grant, going.clone(), context.now);
        }
        self.shift(arn, going.because(reason), context.now);
        self.begin(arn, Work::Delete, context.deletion_end());
        self.written(arn)
    }
}
