//! Answers to the open questions about AWS, drawn for one world

use pretend_aws::Knobs;
use rand::rngs::StdRng;

use super::draw::{chance, pick};

/// Answers at random to the questions that histories have been searched for; the others keep their likeliest answer
///
/// A grant is missing from listings for a minute at most where nothing but the time limit of a run keeps a call that
/// is sent late from making a second one.
pub(super) fn draw(dice: &mut StdRng) -> Knobs {
    let duplicate_grants_refused = chance(dice, 70);
    let lags: &[u64] = if duplicate_grants_refused { &[0, 30, 240] } else { &[0, 30] };
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
        workflow_seconds: *pick(dice, &[0, 60, 3600]),
        visibility_seconds: *pick(dice, lags),
        page_size: *pick(dice, &[2, 100]),
        empty_pages: chance(dice, 30),
        account_ready_seconds: *pick(dice, &[0, 120, 3600]),
        ..Knobs::default()
    }
}
