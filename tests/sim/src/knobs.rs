//! What nobody outside AWS knows for sure, as settings: each field is an open question, each value one of its answers
//!
//! The defaults are the likeliest answers. [`Knobs::catalog`] lists every question with every answer, and
//! [`Knobs::draw`] answers all of them by chance.

mod answer;
mod catalog;
#[cfg(test)]
mod tests;
mod visible;

use rand::Rng;
use serde::{Deserialize, Serialize};

pub use answer::{
    AgreementArn, AgreementLicenseArn, CreateTime, DeletedOrganizationGrant, DesiredStatus, DuplicateError,
    EndedLicense, ForeignGrantError, GrantArnAccount, LeaverSubGrant, LicenseArn, LicenseManagerEvents,
    MembershipEvents, NestedUnit, OmittedOverride, Refusal, SubGrantParent, SuspendedAccounts, TakenAccount,
    TokenMismatch, TokenWindow, VisibilityLag,
};
pub use catalog::{Knob, Outcome};

catalog::knobs! {
    // Who accepts, who activates

    /// Account grants made by the grantor go straight to DISABLED instead of waiting in PENDING_ACCEPT
    auto_accept_account_grants: bool = true;
    /// The same holds when the grantor is a delegated administrator, not the management account
    auto_accept_from_delegated_administrator: bool = true;
    /// The same holds for grantees that joined after accounts were linked
    auto_accept_new_accounts: bool = true;
    /// An account grant that is accepted automatically passes through PENDING_WORKFLOW (false: it is DISABLED at once)
    account_grant_passes_workflow: bool = true;
    /// AcceptGrant leads through PENDING_WORKFLOW (false: DISABLED at once)
    acceptance_passes_workflow: bool = false;
    /// Activation of one account's grant leads through PENDING_WORKFLOW (false: it is over at once)
    account_activation_passes_workflow: bool = true;
    /// The grantor may activate a grant made to a single account (false: only the grantee may)
    grantor_may_activate_account_grants: bool = true;
    /// `Options.DesiredStatus = ACTIVE` works on organization and OU principals (false: ValidationException)
    desired_status_supported: bool = true;
    /// How a grant made with DesiredStatus comes to be active
    desired_status_sequence: DesiredStatus = DesiredStatus::Straight;
    /// The override of an activation that names none
    omitted_override: OmittedOverride = OmittedOverride::DistributedGrantsOnly;
    /// The first activation of a grant stays in PENDING_WORKFLOW until the same call is made once more
    first_activation_sticks: bool = false;
    /// A grant in FAILED_WORKFLOW can be activated again (false: it can only be deleted)
    failed_grant_can_be_activated: bool = false;
    /// DISTRIBUTED_GRANTS_ONLY in an account where another grant is active for the product
    taken_account: TakenAccount = TakenAccount::DisabledWithReason;

    // Organization and unit grants

    /// What an organization grant becomes before any activation: DISABLED (false) or WORKFLOW_COMPLETED (true)
    organization_grant_completes_before_activation: bool = false;
    /// The sub-grant of an account that joins under an active organization grant arrives ACTIVE (false: DISABLED)
    joiner_sub_grant_active: bool = true;
    /// What becomes of a sub-grant whose account leaves the organization or the unit
    leaver_sub_grant: LeaverSubGrant = LeaverSubGrant::DeletedAtOnce;
    /// A grant to one account is deleted when the account leaves the organization (false: it stays as it is)
    account_grant_ends_on_departure: bool = false;
    /// What an organization grant does with accounts that are not ACTIVE
    suspended_accounts: SuspendedAccounts = SuspendedAccounts::Skipped;
    /// An organization grant also makes a sub-grant for the management account when that account is not the grantor
    organization_grant_covers_management: bool = false;
    /// A new version of an organization grant also switches sub-grants back on that were switched off one by one
    new_version_reactivates_sub_grants: bool = false;
    /// Sub-grants exist (DISABLED) as soon as an organization grant is distributed (false: from its activation)
    sub_grants_before_activation: bool = false;
    /// Sub-grants count against the grants per license
    sub_grants_count_against_quota: bool = false;
    /// `ParentArn` of a sub-grant, in answers and for the filter of that name
    sub_grant_parent: SubGrantParent = SubGrantParent::OrganizationGrant;
    /// What a deleted organization or unit grant ends as
    deleted_organization_grant: DeletedOrganizationGrant = DeletedOrganizationGrant::Deleted;
    /// A grant to a unit inside another unit
    nested_unit: NestedUnit = NestedUnit::ValidationException;
    /// Organization and OU grants are refused without Marketplace's trusted access already when they are made (false:
    /// only their activation is)
    marketplace_access_needed_to_create: bool = false;
    /// The organization-wide lists are refused without Marketplace's trusted access (false: License Manager's is enough)
    marketplace_access_needed_to_list: bool = false;
    /// Organization and OU grants whose workflows may run at once, 0 for any number; more are refused with
    /// ResourceLimitExceededException
    concurrent_organization_grants: usize = 0, of [0, 1];

    // Versions, tokens, duplicates, refusals

    /// Automatic transitions (auto-accept, workflow ends) also raise the grant's Version
    workflow_bumps_version: bool = true;
    /// A second grant for the same license and principal is refused while the first lives
    duplicate_grants_refused: bool = true;
    /// The refusal of a duplicate
    duplicate_error: DuplicateError = DuplicateError::Varied;
    /// A grant in PENDING_DELETE stands in the way of a new one (false: only until the deletion is asked for)
    pending_delete_blocks_another: bool = true;
    /// A grant can be deleted while its workflow runs (false: refused as busy)
    busy_grant_deletable: bool = true;
    /// How long a ClientToken gives the first answer again
    client_token_window: TokenWindow = TokenWindow::ForEver;
    /// A ClientToken that comes back with other parameters
    client_token_mismatch: TokenMismatch = TokenMismatch::ValidationException;
    /// CreateGrantVersion's SourceVersion or DeleteGrant's Version is not the current one
    stale_version_error: Refusal = Refusal::ValidationException;
    /// A grant is busy, ended or otherwise in the wrong state for the call
    busy_grant_error: Refusal = Refusal::ValidationException;
    /// There is no such grant
    missing_grant_error: Refusal = Refusal::ValidationException;
    /// The grant is somebody else's
    foreign_grant_error: ForeignGrantError = ForeignGrantError::AuthorizationException;
    /// A single-account grant may name the management account when that account is not the grantor
    management_account_grantable: bool = false;
    /// Live grants that one license may have; 2,000 by the user guide
    grants_per_license: usize = 2_000, of [2_000, 25];
    /// License Manager writes that one account may make in a second, 0 for any number; more get
    /// RateLimitExceededException
    writes_per_second: u64 = 0, of [0, 1, 10];

    // Licenses

    /// What becomes of the grants of a license that ends: DELETED (false: `ended_license` says)
    ended_license_deletes_grants: bool = false;
    /// What becomes of the grants of a license that ends, when they are not DELETED
    ended_license: EndedLicense = EndedLicense::ActiveOnesDisabled;
    /// A renewal or replacement keeps the license and raises its version, whichever license its purchase names
    renewal_keeps_license: bool = false;
    /// The old license ends with its agreement, before the successor's is there (false: when the successor's is there)
    old_license_ends_first: bool = true;
    /// Seconds after a purchase until the license exists (until then the entitlement is PENDING)
    license_provision_seconds: u64 = 90, of [0, 90, 7_200];
    /// Seconds for which License Manager does not know a license that its agreement already names
    license_visibility_seconds: u64 = 0, of [0, 120];
    /// Seconds for which a new license is PENDING_AVAILABLE, so that nothing can be granted of it
    license_pending_seconds: u64 = 0, of [0, 900];
    /// How License Manager writes a license's ARN
    license_arn: LicenseArn = LicenseArn::Colon;
    /// How the agreement service writes a license's ARN
    agreement_license_arn: AgreementLicenseArn = AgreementLicenseArn::Same;
    /// The account inside the ARN of a grant that a buyer made
    grant_arn_account: GrantArnAccount = GrantArnAccount::Grantor;
    /// `Beneficiary` of a received license is a root ARN (false: twelve digits)
    beneficiary_is_arn: bool = false;
    /// `CreateTime` of a license
    create_time: CreateTime = CreateTime::EpochSeconds;
    /// `Validity.End` of a license is present (false: absent, as for open-ended subscriptions)
    validity_has_end: bool = false;
    /// `LicenseMetadata` names the agreement and the seller beside the grant
    license_metadata_names_agreement: bool = false;

    // Time and lists

    /// Seconds a workflow takes (create, activate)
    workflow_seconds: u64 = 60, of [0, 60, 3_600];
    /// How many times as long a deletion takes
    deletion_takes_times: u64 = 1, of [1, 60];
    /// Seconds for which a new grant is missing, where `visibility_lag` says
    visibility_seconds: u64 = 0, of [0, 30, 240];
    /// Which reads miss a new grant for `visibility_seconds`
    visibility_lag: VisibilityLag = VisibilityLag::GetAndLists;
    /// Largest page any list call returns, whatever MaxResults says
    page_size: usize = 100, of [100, 2];
    /// About one page in four is empty although more follows
    empty_pages: bool = false;
    /// Seconds by which reads of a DynamoDB index lag behind its table
    index_lag_seconds: u64 = 0, of [0, 5, 60];

    // Organizations

    /// `Account.Paths` is present in Organizations answers
    account_paths: bool = true;
    /// `Account.State` is present in Organizations answers (the older `Status` always is)
    account_state: bool = true;
    /// Seconds a new account cannot be reached by AssumeRole and AcceptGrant
    account_ready_seconds: u64 = 120, of [0, 120, 3_600];

    // Events

    /// License Manager's own events on the bus, Grant Change and License Change, whose details are undocumented
    license_manager_events: LicenseManagerEvents = LicenseManagerEvents::Off;
    /// CloudTrail brings the hub's own writes to License Manager to the bus (false: only calls to Organizations)
    cloudtrail_events: bool = false;
    /// How AccountJoinedOrganization and AccountDepartedOrganization are told
    membership_events: MembershipEvents = MembershipEvents::ServiceEvent;
    /// Seconds after which an account's creation, closing, joining and leaving is told
    account_event_seconds: u64 = 0, of [0, 900];
    /// A renewal's Created event has acceptanceTime (false: absent, as in the documented sample)
    renewal_event_has_acceptance_time: bool = false;
    /// The resource ARN in agreement events, spelled three ways on one documentation page
    agreement_arn: AgreementArn = AgreementArn::WithoutPartition;
}
