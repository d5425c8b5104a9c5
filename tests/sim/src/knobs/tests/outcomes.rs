//! Each outcome of each knob can be told from the others by what callers see

use std::collections::BTreeSet;

use super::events::{self, Scene};
use super::grants;
use super::licenses;
use crate::knobs::Knobs;
use crate::license_manager::tests::World;

/// What one knob does to what is seen; the text differs between any two of its outcomes
enum Sight {
    /// In License Manager's rules alone
    Rules(fn(&mut World) -> String),
    /// In a whole world
    Whole(fn(&Scene) -> String),
}

use Sight::{Rules, Whole};

/// Knobs that services other than License Manager answer to; their own tests show them
const ELSEWHERE: [&str; 3] = ["account_paths", "account_state", "index_lag_seconds"];

#[rustfmt::skip]
const SIGHTS: &[(&str, Sight)] = &[
    ("auto_accept_account_grants", Rules(grants::account_grant)),
    ("auto_accept_from_delegated_administrator", Rules(grants::grant_by_delegate)),
    ("auto_accept_new_accounts", Rules(grants::grant_to_newcomer)),
    ("account_grant_passes_workflow", Rules(grants::account_grant)),
    ("acceptance_passes_workflow", Rules(grants::acceptance)),
    ("account_activation_passes_workflow", Rules(grants::activation)),
    ("grantor_may_activate_account_grants", Rules(grants::activation)),
    ("desired_status_supported", Rules(grants::desired_status)),
    ("desired_status_sequence", Rules(grants::desired_status)),
    ("omitted_override", Rules(grants::taken_without_override)),
    ("first_activation_sticks", Rules(grants::activation)),
    ("failed_grant_can_be_activated", Rules(grants::failed_grant)),
    ("taken_account", Rules(grants::taken_account)),
    ("organization_grant_completes_before_activation", Rules(grants::organization_grant)),
    ("joiner_sub_grant_active", Rules(grants::joiner)),
    ("leaver_sub_grant", Rules(grants::leaver)),
    ("account_grant_ends_on_departure", Rules(grants::leaver)),
    ("suspended_accounts", Rules(grants::suspended)),
    ("organization_grant_covers_management", Rules(grants::management)),
    ("new_version_reactivates_sub_grants", Rules(grants::new_version)),
    ("sub_grants_before_activation", Rules(grants::organization_grant)),
    ("sub_grants_count_against_quota", Rules(grants::quota)),
    ("sub_grant_parent", Rules(grants::sub_grant_parent)),
    ("deleted_organization_grant", Rules(grants::deleted)),
    ("nested_unit", Rules(grants::nested_unit)),
    ("marketplace_access_needed_to_create", Rules(grants::without_marketplace)),
    ("marketplace_access_needed_to_list", Rules(grants::without_marketplace)),
    ("concurrent_organization_grants", Rules(grants::two_at_once)),
    ("workflow_bumps_version", Rules(grants::account_grant)),
    ("duplicate_grants_refused", Rules(grants::duplicate)),
    ("duplicate_error", Rules(grants::duplicate)),
    ("pending_delete_blocks_another", Rules(grants::deleted)),
    ("busy_grant_deletable", Rules(grants::busy)),
    ("client_token_window", Rules(grants::same_token)),
    ("client_token_mismatch", Rules(grants::same_token)),
    ("stale_version_error", Rules(grants::refusals)),
    ("busy_grant_error", Rules(grants::busy)),
    ("missing_grant_error", Rules(grants::refusals)),
    ("foreign_grant_error", Rules(grants::refusals)),
    ("management_account_grantable", Rules(grants::management)),
    ("grants_per_license", Rules(grants::many)),
    ("writes_per_second", Rules(grants::many)),
    ("ended_license_deletes_grants", Rules(licenses::ended)),
    ("ended_license", Rules(licenses::ended)),
    ("renewal_keeps_license", Whole(licenses::renewed)),
    ("old_license_ends_first", Whole(licenses::renewed)),
    ("license_provision_seconds", Whole(licenses::provisioned)),
    ("license_visibility_seconds", Whole(licenses::provisioned)),
    ("license_pending_seconds", Whole(licenses::provisioned)),
    ("license_arn", Rules(licenses::shape)),
    ("agreement_license_arn", Whole(licenses::entitlement)),
    ("grant_arn_account", Rules(grants::account_grant)),
    ("beneficiary_is_arn", Rules(licenses::shape)),
    ("create_time", Rules(licenses::shape)),
    ("validity_has_end", Rules(licenses::shape)),
    ("license_metadata_names_agreement", Rules(licenses::shape)),
    ("workflow_seconds", Rules(grants::timing)),
    ("deletion_takes_times", Rules(grants::timing)),
    ("visibility_seconds", Rules(grants::visibility)),
    ("visibility_lag", Rules(grants::visibility)),
    ("page_size", Rules(grants::pages)),
    ("empty_pages", Rules(grants::pages)),
    ("account_ready_seconds", Whole(events::new_account)),
    ("license_manager_events", Whole(events::granting)),
    ("cloudtrail_events", Whole(events::granting)),
    ("membership_events", Whole(events::new_account)),
    ("account_event_seconds", Whole(events::new_account)),
    ("renewal_event_has_acceptance_time", Whole(licenses::renewed)),
    ("agreement_arn", Whole(licenses::renewed)),
];

/// What must be so for a knob to matter
fn beside(name: &str) -> Knobs {
    let calm = Knobs::default();
    match name {
        "acceptance_passes_workflow" => Knobs { auto_accept_account_grants: false, ..calm },
        "organization_grant_covers_management" => Knobs { management_account_grantable: true, ..calm },
        "client_token_window" => Knobs { duplicate_grants_refused: false, ..calm },
        "visibility_lag" => Knobs { visibility_seconds: 30, ..calm },
        _ => calm,
    }
}

#[test]
fn every_knob_is_looked_at() {
    let seen = SIGHTS.iter().map(|(name, _)| *name).chain(ELSEWHERE);
    assert_eq!(seen.collect::<BTreeSet<_>>(), Knobs::catalog().iter().map(|knob| knob.name).collect());
}

#[test]
fn each_outcome_makes_a_difference_that_callers_see() {
    for (name, sight) in SIGHTS {
        let knob = Knobs::catalog().into_iter().find(|knob| knob.name == *name).unwrap();
        let mut sights = BTreeSet::new();
        for outcome in &knob.outcomes {
            let mut knobs = serde_json::to_value(beside(name)).unwrap();
            knobs[*name] = outcome.value.clone();
            let knobs: Knobs = serde_json::from_value(knobs).unwrap();
            let seen = match sight {
                Rules(look) => look(&mut World::with(knobs)),
                Whole(look) => look(&Scene::with(knobs)),
            };
            assert!(sights.insert(seen.clone()), "{name} = {} looks like another outcome: {seen}", outcome.value);
        }
    }
}
