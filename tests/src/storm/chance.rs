//! Answers to the open questions about AWS, and what goes wrong, as a seed has them

use pretend_aws::{Faults, Knobs, Service};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// A world's answers, each of them as likely as the others
pub(super) fn knobs(random: &mut StdRng) -> Knobs {
    fn one_of<T: Copy + Default>(random: &mut StdRng, of: &[T]) -> T {
        of.choose(random).copied().unwrap_or_default()
    }
    Knobs {
        auto_accept_account_grants: random.random(),
        grantor_may_activate_account_grants: random.random(),
        desired_status_supported: random.random(),
        organization_grant_completes_before_activation: random.random(),
        joiner_sub_grant_active: random.random(),
        organization_grant_covers_management: random.random(),
        workflow_bumps_version: random.random(),
        new_version_reactivates_sub_grants: random.random(),
        sub_grants_before_activation: random.random(),
        sub_grants_count_against_quota: random.random(),
        duplicate_grants_refused: random.random(),
        management_account_grantable: random.random(),
        ended_license_deletes_grants: random.random(),
        account_paths: random.random(),
        account_state: random.random(),
        beneficiary_is_arn: random.random(),
        workflow_seconds: one_of(random, &[1, 60, 400]),
        visibility_seconds: one_of(random, &[0, 0, 30, 240]),
        page_size: one_of(random, &[2, 5, 100]),
        empty_pages: random.random(),
        license_provision_seconds: one_of(random, &[0, 90, 4000]),
        account_ready_seconds: one_of(random, &[0, 120, 3000]),
    }
}

/// Nothing, a little, or a lot
pub(super) fn faults(random: &mut StdRng) -> Faults {
    let strength = match random.random_range(0..10) {
        0 | 1 => return Faults::calm(),
        2..=7 => 0.04,
        _ => 0.12,
    };
    let mut odds = || if random.random_bool(0.7) { strength } else { 0.0 };
    let mut faults = Faults {
        throttle: odds(),
        server_error: odds(),
        lost_reply: odds(),
        slow_workflow: odds(),
        account_not_ready: odds(),
        ..Faults::calm()
    };
    // Where the queues and the ledger suffer as much for hours, messages rightly end among the dead letters.
    if strength < 0.1 && random.random_bool(0.4) {
        faults.services.extend([Service::DynamoDb, Service::Sqs]);
    }
    faults
}

/// Every answer of a world as `knob=answer`, in the order of the knobs
pub(super) fn answers(knobs: &Knobs) -> Vec<String> {
    let fields = serde_json::to_value(knobs).unwrap_or_default();
    fields.as_object().into_iter().flatten().map(|(knob, answer)| format!("{knob}={answer}")).collect()
}
