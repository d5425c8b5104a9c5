//! What people, the organization and AWS do at any moment

use std::sync::Arc;

use pretend_aws::license_manager::{Grant, GrantStatus, LicenseStatus};
use pretend_aws::organizations::Account;
use rand::Rng;
use rand::rngs::StdRng;
use serde_json::json;

use super::deed::by_hand;
use super::draw::{any, chance, pick};
use super::log::Log;
use super::prelude::{ended, fail_some};
use super::scene::{self, MEMBERS, ROOT, UNITS, hand_made, rules};
use super::world::{OURS, World};

/// One deed
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Delete,
    Disable,
    DisableSubGrant,
    Reject,
    GrantByHand,
    Subscribe,
    Unsubscribe,
    Join,
    Leave,
    Move,
    Suspend,
    Reopen,
    Rules,
    Pause,
    EndLicense,
    RenewLicense,
    LoseRole,
    GiveRole,
    LoseAccess,
    GiveAccess,
    FailWorkflow,
}

const DEEDS: [Deed; 24] = [
    Deed::Delete,
    Deed::Delete,
    Deed::Disable,
    Deed::DisableSubGrant,
    Deed::Reject,
    Deed::GrantByHand,
    Deed::Subscribe,
    Deed::Unsubscribe,
    Deed::Join,
    Deed::Leave,
    Deed::Move,
    Deed::Suspend,
    Deed::Reopen,
    Deed::Rules,
    Deed::Rules,
    Deed::Rules,
    Deed::Pause,
    Deed::EndLicense,
    Deed::RenewLicense,
    Deed::LoseRole,
    Deed::GiveRole,
    Deed::LoseAccess,
    Deed::GiveAccess,
    Deed::FailWorkflow,
];

const MARKETPLACE: &str = "license-management.marketplace.amazonaws.com";

/// Somebody does something; the event of it may be lost
pub(super) fn act(world: &mut World, dice: &mut StdRng, log: &mut Log) {
    let deed = *pick(dice, &DEEDS);
    log.coverage.deed(name(deed));
    log.tell(|| format!("{} {}", world.now, name(deed)));
    match deed {
        Deed::Delete => {
            let one = ours(world, dice, |grant| !grant.sub_grant && grant.status != GrantStatus::PendingDelete);
            if let Some(grant) = one {
                let body = json!({"GrantArn": grant.arn, "Version": grant.version.to_string()});
                at_console(world, None, "DeleteGrant", &body, log);
            }
        }
        Deed::Disable => {
            let grant = ours(world, dice, |grant| grant.status == GrantStatus::Active && !grant.sub_grant);
            disable(world, grant, log);
        }
        Deed::DisableSubGrant => {
            let grant = ours(world, dice, |grant| grant.status == GrantStatus::Active && grant.sub_grant);
            disable(world, grant, log);
        }
        Deed::Reject => {
            if let Some(grant) = ours(world, dice, |grant| grant.status == GrantStatus::PendingAccept) {
                let body = json!({"GrantArn": grant.arn});
                at_console(world, grant.principal.account().map(str::to_owned), "RejectGrant", &body, log);
            }
        }
        Deed::GrantByHand => hand_made(world, dice, log),
        Deed::Subscribe => world.subscribe(pick::<&str>(dice, &MEMBERS)),
        Deed::Unsubscribe => {
            let own = scene::purchase(pick::<&str>(dice, &MEMBERS), 9, "AmiProduct").license;
            world.end_license(&own, LicenseStatus::Expired, log);
        }
        Deed::Join | Deed::Leave | Deed::Move | Deed::Suspend | Deed::Reopen => organization(world, deed, dice, log),
        Deed::Rules => {
            let rules = rules(world, dice);
            log.tell(|| format!("  rules: {:?}, paused {}, broken {}", rules.wishes, rules.paused, rules.broken));
            world.rule(rules);
        }
        Deed::Pause => {
            let rules = world.rules.with_paused(!world.rules.paused);
            world.rule(rules);
        }
        Deed::EndLicense => {
            let license = pick(dice, &world.licenses).license.clone();
            let status = *pick(dice, &[LicenseStatus::Expired, LicenseStatus::Deleted, LicenseStatus::Suspended]);
            world.end_license(&license, status, log);
        }
        Deed::RenewLicense => {
            if let Some(license) = ended(world, dice) {
                let renewed = world.licenses.iter().find(|purchase| purchase.license == license).cloned();
                renewed.iter().for_each(|purchase| world.provision(purchase));
            }
        }
        Deed::LoseRole => {
            world.roleless.insert((*pick(dice, &MEMBERS)).to_owned());
        }
        Deed::GiveRole => world.roleless.clear(),
        Deed::LoseAccess => world.organization.trusted_services.retain(|service| service != MARKETPLACE),
        Deed::GiveAccess => {
            if !world.organization.trusted_services.iter().any(|service| service == MARKETPLACE) {
                world.organization.trusted_services.push(MARKETPLACE.to_owned());
            }
        }
        Deed::FailWorkflow => fail_some(world, log),
    }
}

fn organization(world: &mut World, deed: Deed, dice: &mut StdRng, log: &mut Log) {
    let account = (*pick(dice, &MEMBERS)).to_owned();
    let now = world.now;
    let accounts = &mut world.organization.accounts;
    match (deed, accounts.get_mut(&account)) {
        (Deed::Leave, Some(_)) => {
            accounts.remove(&account);
            world.departed = true;
        }
        (Deed::Move, Some(known)) => known.parent = (*pick(dice, &[ROOT, UNITS[0], UNITS[1]])).to_owned(),
        (Deed::Suspend, Some(known)) => {
            known.state = (*pick(dice, &["SUSPENDED", "PENDING_CLOSURE", "CLOSED"])).to_owned();
        }
        (Deed::Reopen, Some(known)) => known.state = "ACTIVE".to_owned(),
        (Deed::Join, None) => {
            let ready = i64::try_from(world.knobs.account_ready_seconds).unwrap_or(i64::MAX);
            let joined = Account {
                id: account.clone(),
                name: format!("account {account}"),
                parent: (*pick(dice, &[ROOT, UNITS[0], UNITS[1]])).to_owned(),
                state: "ACTIVE".to_owned(),
                tags: std::collections::BTreeMap::new(),
                joined: now,
                ready: now.checked_add(jiff::SignedDuration::from_secs(ready)).unwrap_or(now),
            };
            accounts.insert(account.clone(), joined);
        }
        (_, Some(_) | None) => return,
    }
    log.tell(|| format!("  {account}"));
    world.tick(log);
    world.note_asked();
    if chance(dice, 80) {
        world.learn_organization();
    }
}

/// A live grant of ours of this kind
fn ours(world: &World, dice: &mut StdRng, kind: impl Fn(&Grant) -> bool) -> Option<Grant> {
    let grants = world.license_manager.grants();
    let those: Vec<Grant> =
        grants.filter(|grant| grant.name.starts_with(OURS) && grant.status.is_live() && kind(grant)).cloned().collect();
    any(dice, &those).cloned()
}

fn disable(world: &mut World, grant: Option<Grant>, log: &mut Log) {
    if let Some(grant) = grant {
        let token = format!("off-{}", grant.version);
        let body = json!({"ClientToken": token, "GrantArn": grant.arn, "Status": "DISABLED"});
        let caller = grant.principal.account().map(str::to_owned);
        at_console(world, caller, "CreateGrantVersion", &body, log);
    }
}

/// A call by a person in an account, or in the hub
fn at_console(world: &mut World, caller: Option<String>, operation: &str, body: &serde_json::Value, log: &mut Log) {
    let caller: Arc<str> = caller.map_or_else(|| Arc::clone(&world.hub), Into::into);
    let answer = by_hand(world, &caller, operation, body, log);
    log.tell(|| format!("  {caller} by hand: {operation} {body}: {answer:?}"));
}

/// The ledger is emptied, or an earlier copy of it is put back; no table is restored within a listing's lag
pub(super) fn restore(world: &mut World, copy: Option<Vec<super::world::Memory>>, log: &mut Log) {
    log.coverage.deed(if copy.is_some() { "ledger restored" } else { "ledger emptied" });
    log.tell(|| format!("{} the ledger is restored: {copy:?}", world.now));
    let empty = vec![super::world::Memory::default(); world.licenses.len()];
    world.wait(400, log);
    world.ledger = copy.unwrap_or(empty);
    world.tampered = true;
}

/// Time goes by
pub(super) fn pause(dice: &mut StdRng) -> u64 {
    match dice.random_range(0..10) {
        0..=5 => dice.random_range(0..30),
        6 | 7 => dice.random_range(30..300),
        8 => dice.random_range(300..1200),
        _ => *pick(dice, &[900, 3600, 21_600, 90_000]),
    }
}

fn name(deed: Deed) -> &'static str {
    match deed {
        Deed::Delete => "grant deleted",
        Deed::Disable => "grant disabled",
        Deed::DisableSubGrant => "sub-grant disabled",
        Deed::Reject => "grant rejected",
        Deed::GrantByHand => "grants by hand",
        Deed::Subscribe => "own subscription",
        Deed::Unsubscribe => "own subscription ends",
        Deed::Join => "account joins",
        Deed::Leave => "account leaves",
        Deed::Move => "account moves",
        Deed::Suspend => "account suspended or closed",
        Deed::Reopen => "account active again",
        Deed::Rules => "rules change",
        Deed::Pause => "paused or gone on",
        Deed::EndLicense => "license ends",
        Deed::RenewLicense => "license renewed",
        Deed::LoseRole => "role lost",
        Deed::GiveRole => "roles given",
        Deed::LoseAccess => "trusted access off",
        Deed::GiveAccess => "trusted access on",
        Deed::FailWorkflow => "workflows fail",
    }
}
