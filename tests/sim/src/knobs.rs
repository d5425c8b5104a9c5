//! What nobody outside AWS knows for sure, as settings: each field is an open question, each value one of its answers

use serde::{Deserialize, Serialize};

/// One world's answers to the open questions about AWS
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knobs {
    /// Account grants made by the grantor go straight to DISABLED instead of waiting in PENDING_ACCEPT
    pub auto_accept_account_grants: bool,
    /// The grantor may activate a grant made to a single account (false: only the grantee may)
    pub grantor_may_activate_account_grants: bool,
    /// `Options.DesiredStatus = ACTIVE` works on organization and OU principals (false: ValidationException)
    pub desired_status_supported: bool,
    /// What an organization grant becomes before any activation: DISABLED (false) or WORKFLOW_COMPLETED (true)
    pub organization_grant_completes_before_activation: bool,
    /// The sub-grant of an account that joins under an active organization grant arrives ACTIVE (false: DISABLED)
    pub joiner_sub_grant_active: bool,
    /// An organization grant also makes a sub-grant for the management account when that account is not the grantor
    pub organization_grant_covers_management: bool,
    /// Automatic transitions (auto-accept, workflow ends) also raise the grant's Version
    pub workflow_bumps_version: bool,
    /// A new version of an organization grant also switches sub-grants back on that were switched off one by one
    pub new_version_reactivates_sub_grants: bool,
    /// Sub-grants exist (DISABLED) as soon as an organization grant is distributed (false: from its activation)
    pub sub_grants_before_activation: bool,
    /// Sub-grants count against the 2,000 grants per license
    pub sub_grants_count_against_quota: bool,
    /// A second grant for the same license and principal is refused while the first lives
    pub duplicate_grants_refused: bool,
    /// A single-account grant may name the management account when that account is not the grantor
    pub management_account_grantable: bool,
    /// Grants of a license that ends become DELETED (false: DISABLED)
    pub ended_license_deletes_grants: bool,
    /// `Account.Paths` is present in Organizations answers
    pub account_paths: bool,
    /// `Account.State` is present in Organizations answers (the older `Status` always is)
    pub account_state: bool,
    /// `Beneficiary` of a received license is a root ARN (false: twelve digits)
    pub beneficiary_is_arn: bool,
    /// Seconds a workflow takes (create, activate, delete)
    pub workflow_seconds: u64,
    /// Seconds for which a new grant is missing from Get and List calls
    pub visibility_seconds: u64,
    /// Largest page any list call returns, whatever MaxResults says
    pub page_size: usize,
    /// About one page in four is empty although more follows
    pub empty_pages: bool,
    /// Seconds after a purchase until the license exists (until then the entitlement is PENDING)
    pub license_provision_seconds: u64,
    /// Seconds a new account cannot be reached by AssumeRole and AcceptGrant
    pub account_ready_seconds: u64,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            auto_accept_account_grants: true,
            grantor_may_activate_account_grants: true,
            desired_status_supported: true,
            organization_grant_completes_before_activation: false,
            joiner_sub_grant_active: true,
            organization_grant_covers_management: false,
            workflow_bumps_version: true,
            new_version_reactivates_sub_grants: false,
            sub_grants_before_activation: false,
            sub_grants_count_against_quota: false,
            duplicate_grants_refused: true,
            management_account_grantable: false,
            ended_license_deletes_grants: false,
            account_paths: true,
            account_state: true,
            beneficiary_is_arn: false,
            workflow_seconds: 60,
            visibility_seconds: 0,
            page_size: 100,
            empty_pages: false,
            license_provision_seconds: 90,
            account_ready_seconds: 120,
        }
    }
}
