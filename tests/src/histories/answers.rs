//! Answers to the open questions about AWS, drawn for one world

use pretend_aws::Knobs;
use rand::rngs::StdRng;

use super::draw::{chance, pick};

/// Answers at random
///
/// A grant is missing from listings for a minute at most where nothing but the time limit of a run keeps a call that
/// is sent late from making a second one.
pub(super) fn draw(dice: &mut StdRng) -> Knobs {
    let duplicate_grants_refused = chance(dice, 70);
    let lags: &[u64] = if duplicate_grants_refused { &[0, 0, 5, 60, 240] } else { &[0, 0, 5, 60] };
    Knobs {
        auto_accept_account_grants: chance(dice, 50),
        grantor_may_activate_account_grants: chance(dice, 50),
        desired_status_supported: chance(dice, 50),
        organization_grant_completes_before_activation: chance(dice, 50),
        joiner_sub_grant_active: chance(dice, 50),
        organization_grant_covers_management: chance(dice, 50),
        workflow_bumps_version: chance(dice, 50),
        new_version_reactivates_sub_grants: chance(dice, 50),
        sub_grants_before_activation: chance(dice, 50),
        sub_grants_count_against_quota: chance(dice, 50),
        duplicate_grants_refused,
        management_account_grantable: chance(dice, 50),
        ended_license_deletes_grants: chance(dice, 50),
        beneficiary_is_arn: chance(dice, 50),
        workflow_seconds: *pick(dice, &[1, 30, 60, 600, 7200]),
        visibility_seconds: *pick(dice, lags),
        page_size: *pick(dice, &[1, 2, 100]),
        empty_pages: chance(dice, 30),
        account_ready_seconds: *pick(dice, &[0, 120, 1800]),
        ..Knobs::default()
    }
}

/// The answers that matter to histories, by name
pub(super) fn settings(knobs: &Knobs) -> Vec<(&'static str, u64)> {
    vec![
        ("auto_accept_account_grants", knobs.auto_accept_account_grants.into()),
        ("grantor_may_activate_account_grants", knobs.grantor_may_activate_account_grants.into()),
        ("desired_status_supported", knobs.desired_status_supported.into()),
        ("organization_grant_completes_before_activation", knobs.organization_grant_completes_before_activation.into()),
        ("joiner_sub_grant_active", knobs.joiner_sub_grant_active.into()),
        ("organization_grant_covers_management", knobs.organization_grant_covers_management.into()),
        ("workflow_bumps_version", knobs.workflow_bumps_version.into()),
        ("new_version_reactivates_sub_grants", knobs.new_version_reactivates_sub_grants.into()),
        ("sub_grants_before_activation", knobs.sub_grants_before_activation.into()),
        ("sub_grants_count_against_quota", knobs.sub_grants_count_against_quota.into()),
        ("duplicate_grants_refused", knobs.duplicate_grants_refused.into()),
        ("management_account_grantable", knobs.management_account_grantable.into()),
        ("ended_license_deletes_grants", knobs.ended_license_deletes_grants.into()),
        ("beneficiary_is_arn", knobs.beneficiary_is_arn.into()),
        ("workflow_seconds", knobs.workflow_seconds),
        ("visibility_seconds", knobs.visibility_seconds),
        ("page_size", u64::try_from(knobs.page_size).unwrap_or(u64::MAX)),
        ("empty_pages", knobs.empty_pages.into()),
        ("account_ready_seconds", knobs.account_ready_seconds),
    ]
}
