//! What each reason code says of the world, in the world's own terms

use grant_plan::entry::{EntryKey, Phase};
use grant_plan::organization::Principal as Known;
use grant_plan::reason::ReasonCode;
use pretend_aws::Purchase;
use pretend_aws::license_manager::{
    Context, Grant, GrantStatus, LicenseManager, LicenseStatus, Principal, Write, WriteOperation,
};
use serde_json::json;

use super::{grants_in, is_known};
use crate::histories::wish::Wish;
use crate::histories::world::{OURS, World};

/// Whether the code is true of an account that this rule names
///
/// # Errors
/// What is the case instead.
pub(super) fn bears_out(
    world: &World,
    purchase: &Purchase,
    account: &str,
    wish: &Wish,
    code: ReasonCode,
) -> Result<(), String> {
    let grants: Vec<&Grant> = grants_in(world, &purchase.license, account).collect();
    let state = world.organization.accounts.get(account).map_or("", |account| account.state.as_str());
    let of = |grant: &&&Grant| from_us(world, grant);
    let has = |status: GrantStatus| grants.iter().filter(of).any(|grant| grant.status == status);
    let license = world.license_manager.license(&purchase.license);
    let status = license.map_or(LicenseStatus::Deleted, |license| license.status);
    let trusts = |service: &str| world.organization.trusted_services.iter().any(|trusted| trusted == service);
    let true_of_it = match code {
        ReasonCode::Active => has(GrantStatus::Active),
        ReasonCode::Holder => account == &*world.hub,
        ReasonCode::NotShareable => !purchase.shareable(),
        ReasonCode::OwnSubscription => wish.activation != "replace" && subscribes(world, purchase, account),
        ReasonCode::ReplaceUnapproved => wish.activation == "replace" && subscribes(world, purchase, account),
        ReasonCode::CoveredByForeign => {
            grants.iter().any(|grant| !from_us(world, grant) && grant.status == GrantStatus::Active)
        }
        ReasonCode::ForeignNotActive => over(world, &purchase.license, account).any(|grant| {
            !from_us(world, grant) && !grant.name.starts_with("gw/") && grant.status != GrantStatus::Active
        }),
        ReasonCode::OtherDeployment => over(world, &purchase.license, account)
            .any(|grant| grant.name.starts_with("gw/") && !grant.name.starts_with(OURS)),
        ReasonCode::StampWithoutEntry => over(world, &purchase.license, account)
            .any(|grant| grant.name.starts_with(OURS) && !is_known(world, top(world, grant))),
        ReasonCode::AccountSuspended => matches!(state, "SUSPENDED" | "PENDING_CLOSURE"),
        ReasonCode::AccountClosed => state == "CLOSED",
        ReasonCode::AccountNotReady => state == "PENDING_ACTIVATION",
        ReasonCode::ManualActivation => wish.activation == "manual" && has(GrantStatus::Disabled),
        ReasonCode::LicenseEnded => !matches!(status, LicenseStatus::Available | LicenseStatus::PendingAvailable),
        ReasonCode::LicensePending => status == LicenseStatus::PendingAvailable,
        ReasonCode::Paused => world.rules.paused,
        ReasonCode::ActivationStalled => {
            !has(GrantStatus::Active) && over(world, &purchase.license, account).any(|grant| from_us(world, grant))
        }
        ReasonCode::Rejected => has(GrantStatus::Rejected),
        ReasonCode::FailedWorkflow => {
            over(world, &purchase.license, account)
                .any(|grant| from_us(world, grant) && grant.status == GrantStatus::FailedWorkflow)
                || failed_before(world, &purchase.license, account)
        }
        ReasonCode::GrantBudget => live(world, &purchase.license) >= world.budget,
        ReasonCode::TrustedAccessMissing => {
            !trusts("license-manager.amazonaws.com") || !trusts("license-management.marketplace.amazonaws.com")
        }
        ReasonCode::MemberRoleMissing => {
            let waits = [GrantStatus::PendingAccept, GrantStatus::Disabled, GrantStatus::PendingWorkflow];
            !world.reachable(account) && waits.into_iter().any(has)
        }
        ReasonCode::CallRefused => would_refuse(world, purchase, account),
        ReasonCode::ManagementNotGrantable => {
            let knobs = &world.knobs;
            let out_of_reach = !knobs.management_account_grantable || !knobs.organization_grant_covers_management;
            let concerns = account == world.organization.management_account && account != &*world.hub;
            let refused = was_refused(world, &purchase.license, account) || is_taken(world, purchase, account);
            concerns && (out_of_reach || refused)
        }
        ReasonCode::Contested => is_fought_over(world, &purchase.license, account),
        // The organization-wide lists, and nothing else, are denied here.
        ReasonCode::AccessDenied => {
            !trusts("license-manager.amazonaws.com")
                || (world.knobs.marketplace_access_needed_to_list
                    && !trusts("license-management.marketplace.amazonaws.com"))
        }
        ReasonCode::QuotaReached => live(world, &purchase.license) >= world.knobs.grants_per_license,
        // No world here has a status nobody knows, rules that say such things, or spokes.
        ReasonCode::UnknownStatus
        | ReasonCode::MemberBusClosed
        | ReasonCode::OutsideChangeWindow
        | ReasonCode::Protected
        | ReasonCode::RolloutLater
        | ReasonCode::NotKnownYet
        | ReasonCode::TooManyAccounts
        | ReasonCode::NothingToGrant => false,
        // Of holds alone; a pair that a rule names is wanted.
        ReasonCode::NoLongerWanted
        | ReasonCode::DeniedStillGranted
        | ReasonCode::OverGranted
        | ReasonCode::RevocationDue
        | ReasonCode::RevocationHeld
        | ReasonCode::Revoking
        | ReasonCode::SwitchedOff => false,
        ReasonCode::Creating
        | ReasonCode::IntentUnresolved
        | ReasonCode::NotVisibleYet
        | ReasonCode::WorkflowPending
        | ReasonCode::AwaitingAcceptance
        | ReasonCode::AwaitingGrantee
        | ReasonCode::Activating
        | ReasonCode::SubGrantMissing
        | ReasonCode::Deleting
        | ReasonCode::Retrying => false,
    };
    if true_of_it { Ok(()) } else { Err(instead(world, purchase, account, state, status)) }
}

/// Whether License Manager refused a grant to the account when it was last asked, for whatever reason
fn was_refused(world: &World, license: &str, account: &str) -> bool {
    let place = world.licenses.iter().position(|purchase| purchase.license == license);
    let Some(memory) = place.and_then(|place| world.ledger.get(place)) else { return false };
    let entry = memory.entries.get(&EntryKey::Grant(Known::Account(crate::histories::world::account_id(account))));
    entry.is_some_and(|entry| matches!(entry.phase, Phase::Refused { .. }))
}

fn instead(world: &World, purchase: &Purchase, account: &str, state: &str, status: LicenseStatus) -> String {
    let grants: Vec<String> = over(world, &purchase.license, account)
        .map(|grant| {
            format!("{} `{}` {:?} {}", super::short(&grant.arn), grant.name, grant.principal, grant.status.as_str())
        })
        .collect();
    format!("the account is {state}, the license {}, its grants: {grants:?}", status.as_str())
}

/// The grant that a sub-grant came from, or the grant itself
fn top<'a>(world: &'a World, grant: &'a Grant) -> &'a Grant {
    if grant.sub_grant { world.license_manager.grant(&grant.parent_arn).unwrap_or(grant) } else { grant }
}

/// Whether Grantway made a grant, or the one it came from: its name says so, whatever the ledger holds
fn from_us(world: &World, grant: &Grant) -> bool {
    top(world, grant).name.starts_with(OURS)
}

/// Active grants of the product in an account, by whatever license
fn in_use<'a>(world: &'a World, purchase: &'a Purchase, account: &'a str) -> impl Iterator<Item = &'a Grant> {
    let active = world.license_manager.grants().filter(|grant| grant.status == GrantStatus::Active);
    active.filter(move |grant| grant.sku == purchase.sku && grant.principal.account() == Some(account))
}

/// Whether an account has an active subscription of its own to the product
fn subscribes(world: &World, purchase: &Purchase, account: &str) -> bool {
    in_use(world, purchase, account).any(Grant::is_own_subscription)
}

/// Whether an account uses the product by another license: then no part of this one's grant may come at all
fn is_taken(world: &World, purchase: &Purchase, account: &str) -> bool {
    in_use(world, purchase, account).any(|grant| grant.license != purchase.license)
}

/// Grants of a license that concern an account: to it, to a unit above it, to the organization
fn over<'a>(world: &'a World, license: &'a str, account: &'a str) -> impl Iterator<Item = &'a Grant> {
    let parent = world.organization.accounts.get(account).map_or("", |account| account.parent.as_str());
    let above = world.organization.ancestors(parent);
    let concerns = move |grant: &&Grant| match &grant.principal {
        Principal::Organization => true,
        Principal::Unit(unit) => above.iter().any(|above| above.id == *unit),
        Principal::Account(id) => id == account,
    };
    let grants = world.license_manager.grants();
    grants.filter(move |grant| grant.license == license && grant.status != GrantStatus::Deleted).filter(concerns)
}

/// Whether a grant that was to reach the account was deleted by Grantway, which it may do with failed ones only
fn failed_before(world: &World, license: &str, account: &str) -> bool {
    world.license_manager.writes().iter().any(|write| {
        write.operation == WriteOperation::DeleteGrant
            && !write.person
            && write.license == license
            && write.principal.account().is_none_or(|to| to == account)
    })
}

/// Whether people undid what Grantway made for the account at least three times, within a day or little more: it is told
/// by the next look only
fn is_fought_over(world: &World, license: &str, account: &str) -> bool {
    let undoes = |write: &Write| {
        let off = write.operation == WriteOperation::DeleteGrant || write.status == Some(GrantStatus::Disabled);
        off && write.person
            && write.license == license
            && write.name.starts_with(OURS)
            && write.principal.account().is_none_or(|to| to == account)
    };
    let writes = world.license_manager.writes().iter().filter(|write| undoes(write));
    let undone: Vec<i64> = writes.map(|write| write.at.as_second()).collect();
    undone.iter().zip(undone.iter().skip(2)).any(|(first, third)| third - first <= 2 * 86_400)
}

/// Grants of a license that count against its budget
fn live(world: &World, license: &str) -> usize {
    let counts = |grant: &&Grant| grant.license == license && !grant.sub_grant && !grant.is_own_subscription();
    world.license_manager.grants().filter(counts).filter(|grant| grant.status != GrantStatus::Deleted).count()
}

/// Whether License Manager refuses a grant to the account, or to the organization, where none of ours stands yet
fn would_refuse(world: &World, purchase: &Purchase, account: &str) -> bool {
    let ours = |principal: &Principal| {
        let mut over = over(world, &purchase.license, account);
        over.any(|grant| {
            from_us(world, grant) && !grant.sub_grant && grant.principal == *principal && grant.status.is_live()
        })
    };
    let principals = [
        (Principal::Account(account.to_owned()), format!("arn:aws:iam::{account}:root")),
        (Principal::Organization, world.organization.arn()),
    ];
    principals.iter().filter(|(principal, _)| !ours(principal)).any(|(_, principal)| {
        let mut trial = world.clone();
        let body = json!({
            "ClientToken": "trial",
            "GrantName": "trial",
            "LicenseArn": LicenseManager::license_arn(&purchase.license),
            "Principals": [principal],
            "HomeRegion": "us-east-1",
            "AllowedOperations": ["CheckoutLicense"],
        });
        let mut ids = trial.dice("trial");
        let World { now, organization, knobs, license_manager, hub, .. } = &mut trial;
        let mut context = Context { now: *now, caller: hub, organization, knobs, ids: &mut ids, slow: false };
        license_manager.call(&mut context, "CreateGrant", &body).is_err()
    })
}
