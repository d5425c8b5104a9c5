//! What an account is to a grant, and what it may therefore do

use std::sync::Arc;

use super::coverage::is_under;
use super::grant::{Grant, Principal};
use super::{Context, LicenseManager};
use crate::error::ApiError;
use crate::knobs::Knobs;
use crate::organizations::Organization;

/// What an account is to a grant
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Made it
    Grantor,
    /// It is made out to this very account
    Grantee,
    /// It is made out to this account's organization or unit: may see it, not change it
    Covered,
    /// None of these
    Stranger,
}

pub(super) fn role(grant: &Grant, account: &str, organization: &Organization) -> Role {
    if grant.grantor == account {
        return Role::Grantor;
    }
    match &grant.principal {
        Principal::Account(grantee) if grantee == account => Role::Grantee,
        Principal::Organization | Principal::Unit(_) if is_under(&grant.principal, account, organization) => {
            Role::Covered
        }
        Principal::Account(_) | Principal::Organization | Principal::Unit(_) => Role::Stranger,
    }
}

impl Context<'_> {
    /// An account that is not ready, suspended or closed cannot call at all
    pub(super) fn admit(&self) -> Result<(), ApiError> {
        let Some(account) = self.organization.accounts.get(self.caller) else { return Ok(()) };
        let shut = matches!(account.state.as_str(), "PENDING_ACTIVATION" | "SUSPENDED" | "CLOSED");
        if account.ready > self.now || shut {
            return Err(denied(format!("account {} cannot call AWS License Manager now", self.caller)));
        }
        Ok(())
    }
}

impl LicenseManager {
    /// A grant and what the caller is to it
    ///
    /// # Errors
    ///
    /// License Manager models no not-found error: the knobs choose the codes for a grant that does not exist and for
    /// somebody else's.
    pub(super) fn grant_for(&self, arn: &str, context: &Context<'_>) -> Result<(Arc<Grant>, Role), ApiError> {
        let kept = self.grants.get(arn).ok_or_else(|| not_found(arn, context.knobs))?;
        match role(kept.now(), context.caller, context.organization) {
            Role::Stranger => {
                let text = format!("{} is not authorized to access GrantArn {arn}", context.caller);
                Err(context.knobs.foreign_grant_error.error(text))
            }
            role @ (Role::Grantor | Role::Grantee | Role::Covered) => Ok((kept.shared(), role)),
        }
    }
}

pub(super) fn not_found(arn: &str, knobs: &Knobs) -> ApiError {
    knobs.missing_grant_error.error(format!("GrantArn {arn} does not exist"))
}

pub(super) fn denied(why: impl Into<String>) -> ApiError {
    ApiError::refused("AccessDeniedException", why)
}
