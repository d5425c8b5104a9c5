//! Checks of single writes

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{DISPLACED, Expectations, FOREIGN_GRANT_TOUCHED, NO_STAMP, OUTSIDE_ORGANIZATION, REVOKED, Violation};
use crate::license_manager::{GrantStatus, LicenseManager, Override, Write, WriteOperation};

/// Writes of programs, not of people
pub(super) fn programs(history: &[Arc<Write>]) -> impl Iterator<Item = &Write> {
    history.iter().map(|write| &**write).filter(|write| !write.person)
}

pub(super) fn violation(invariant: &'static str, write: &Write, what: &str) -> Violation {
    let detail = format!(
        "{} {} {} by {} on {} `{}`: {what}",
        write.at,
        write.operation.as_str(),
        write.license,
        write.caller,
        write.grant_arn,
        write.name,
    );
    Violation { invariant, detail }
}

pub(super) fn foreign_grants(history: &[Arc<Write>], expectations: &Expectations) -> Vec<Violation> {
    // A program in another account may use its own grants; the hub has no grants but those with its prefix.
    let made = programs(history).filter(|write| write.operation == WriteOperation::CreateGrant);
    let makers: BTreeMap<&str, &str> = made.map(|write| (write.grant_arn.as_str(), write.caller.as_str())).collect();
    programs(history)
        .filter(|write| write.operation != WriteOperation::CreateGrant && !expectations.is_ours(&write.name))
        .filter(|write| {
            let own = makers.get(write.grant_arn.as_str()) == Some(&write.caller.as_str());
            write.caller == expectations.hub || !own
        })
        .map(|write| violation(FOREIGN_GRANT_TOUCHED, write, "made by somebody else"))
        .collect()
}

pub(super) fn without_stamp(history: &[Arc<Write>], expectations: &Expectations) -> Vec<Violation> {
    programs(history)
        .filter(|write| write.operation == WriteOperation::CreateGrant && write.caller == expectations.hub)
        .filter(|write| !expectations.is_ours(&write.name))
        .map(|write| violation(NO_STAMP, write, "the name lacks the prefix"))
        .collect()
}

pub(super) fn outside(history: &[Arc<Write>], expectations: &Expectations) -> Vec<Violation> {
    let unheard = |write: &Write| {
        let until = write.principal.account().and_then(|account| expectations.unheard.get(account));
        until.is_some_and(|until| write.at < *until)
    };
    programs(history)
        .filter(|write| expectations.is_ours(&write.name) && !write.in_organization)
        .filter(|write| match write.operation {
            WriteOperation::CreateGrant => true,
            WriteOperation::CreateGrantVersion => write.status == Some(GrantStatus::Active) && !unheard(write),
            WriteOperation::AcceptGrant | WriteOperation::RejectGrant | WriteOperation::DeleteGrant => false,
        })
        .map(|write| violation(OUTSIDE_ORGANIZATION, write, &format!("{:?} is not in it", write.principal)))
        .collect()
}

pub(super) fn revoked(history: &[Arc<Write>], expectations: &Expectations) -> Vec<Violation> {
    programs(history)
        .filter(|write| write.operation == WriteOperation::DeleteGrant && expectations.is_ours(&write.name))
        .filter(|write| write.was != Some(GrantStatus::FailedWorkflow))
        // What is off while another is in use in its stead is no loss to anybody.
        .filter(|write| !(write.was == Some(GrantStatus::Disabled) && write.active_before.is_some()))
        .map(|write| violation(REVOKED, write, &format!("it was {:?}", write.was)))
        .collect()
}

/// ALL_GRANTS_PERMITTED_BY_ISSUER is only for taking over from another grant of ours in one account: on a whole
/// organization or unit nobody can know whose grants it would push aside
pub(super) fn overrides(
    license_manager: &LicenseManager,
    history: &[Arc<Write>],
    expectations: &Expectations,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    for write in programs(history) {
        let all = write.override_behavior == Some(Override::AllGrantsPermittedByIssuer);
        if !all || !expectations.is_ours(&write.name) {
            continue;
        }
        if write.principal.account().is_some_and(|account| expectations.may_displace(&write.license, account)) {
            continue;
        }
        let active = write.active_before.as_ref().and_then(|arn| license_manager.grant(arn));
        if write.principal.account().is_none() {
            violations.push(violation(DISPLACED, write, "override for a whole organization or unit"));
        } else if let Some(active) = active.filter(|active| !expectations.is_ours(&active.name)) {
            violations.push(violation(DISPLACED, write, &format!("override against {} `{}`", active.arn, active.name)));
        }
    }
    violations
}
