//! What an account has received: grants it can see, licenses it holds

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Context;
use super::LicenseManager;
use super::coverage::is_under;
use super::grant::{Grant, GrantStatus};
use super::license::License;
use super::principal;
use super::role::denied;
use crate::error::ApiError;
use crate::organizations::Organization;

/// A license as one account sees it
#[derive(Debug, Clone, Copy)]
pub(super) struct Received<'a> {
    pub(super) account: &'a str,
    pub(super) license: &'a License,
    /// The grant that speaks for it: the active one, else a live one, else the own subscription, else the newest
    pub(super) grant: &'a Grant,
}

impl<'a> Received<'a> {
    /// The same for every version of the license, newest first, each as it was last
    pub(super) fn versions(self, rules: &'a LicenseManager) -> Vec<Self> {
        let mut rows: Vec<Self> = Vec::new();
        for license in rules.license_states(self.license.id()).into_iter().rev() {
            if rows.last().is_none_or(|row| row.license.version != license.version) {
                rows.push(Self { license, ..self });
            }
        }
        rows
    }
}

impl LicenseManager {
    /// Grants an account made, without sub-grants, which only the organization-wide list shows
    pub(super) fn distributed_grants(&self, account: &str, license: Option<&str>, now: Timestamp) -> Vec<&Grant> {
        let now = self.sight(now);
        let all = license.is_none().then(|| self.direct.values().flatten());
        let one = license.and_then(|license| self.direct.get(license));
        let arns = all.into_iter().flatten().chain(one.into_iter().flatten());
        arns.filter_map(|arn| self.seen(arn))
            .filter(|grant| grant.grantor == account && grant.visible_from <= now)
            .collect()
    }

    /// Grants to an account, to its unit or to its organization (API, ListReceivedGrants)
    pub(super) fn received_grants(&self, account: &str, organization: &Organization, now: Timestamp) -> Vec<&Grant> {
        let now = self.sight(now);
        let own = self.by_account.get(account).into_iter().flatten();
        let spread = self.spread.iter().filter(|arn| {
            let grant = self.seen(arn);
            grant.is_some_and(|grant| grant.grantor != account && is_under(&grant.principal, account, organization))
        });
        let grants = own.chain(spread).filter_map(|arn| self.seen(arn));
        grants.filter(|grant| grant.visible_from <= now).collect()
    }

    /// All grants of a license received in the organization: to it, its units and its accounts, sub-grants included
    pub(super) fn organization_grants(&self, license: &str, context: &Context<'_>) -> Vec<&Grant> {
        let now = self.sight(context.now);
        let mut grants = Vec::new();
        for (arn, grant) in
            self.direct.get(license).into_iter().flatten().filter_map(|arn| Some((arn, self.seen(arn)?)))
        {
            grants.push(grant);
            let sub_grants = self.sub_grants.get(arn).into_iter().flatten();
            grants.extend(sub_grants.filter_map(|arn| self.seen(arn)));
        }
        grants.retain(|grant| grant.visible_from <= now && principal::exists(&grant.principal, context.organization));
        grants
    }

    /// The licenses an account has received, one row each, ended ones included
    pub(super) fn received_licenses<'a>(&'a self, account: &'a str, now: Timestamp) -> Vec<Received<'a>> {
        let now = self.sight(now);
        let mut rows: BTreeMap<&str, Received<'a>> = BTreeMap::new();
        let arns = self.by_account.get(account).into_iter().flatten();
        for grant in arns.filter_map(|arn| self.seen(arn)).filter(|grant| grant.visible_from <= now) {
            let Some(license) = self.seen_license(&grant.license) else { continue };
            let row = rows.entry(license.id()).or_insert(Received { account, license, grant });
            if rank(grant) > rank(row.grant) {
                row.grant = grant;
            }
        }
        rows.into_values().collect()
    }

    /// The organization-wide lists are for administrators, with accounts linked and trusted access on
    pub(super) fn check_organization_view(&self, context: &Context<'_>) -> Result<(), ApiError> {
        if !context.administers() {
            return Err(denied(
                "Only the management account or a delegated administrator can list for the organization",
            ));
        }
        if !self.is_linked(context.organization) {
            return Err(denied("AWS Organizations accounts are not linked to AWS License Manager"));
        }
        let marketplace = principal::trusts(context.organization, principal::MARKETPLACE_ACCESS);
        if context.knobs.marketplace_access_needed_to_list && !marketplace {
            return Err(denied("Trusted access for AWS Marketplace is disabled in AWS Organizations"));
        }
        Ok(())
    }
}

fn rank(grant: &Grant) -> (bool, bool, bool, Timestamp) {
    (grant.status == GrantStatus::Active, grant.is_live(), grant.is_own_subscription(), grant.created)
}
