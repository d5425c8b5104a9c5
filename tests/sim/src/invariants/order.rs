//! What was true at each moment: never two grants where one belongs, never nothing where something was

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::course::Course;
use super::writes::{programs, violation};
use super::{Expectations, GAP, NO_STAMP, ONE_GRANT_PER_KEY, Violation};
use crate::license_manager::{GrantStatus, LicenseManager, Principal, Write, WriteOperation};

/// All there is to look at
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) license_manager: &'a LicenseManager,
    pub(super) history: &'a [Arc<Write>],
    pub(super) expectations: &'a Expectations,
    pub(super) course: &'a Course,
}

/// From when to when a grant was live, and its ARN
type Life<'a> = (Timestamp, Timestamp, &'a str);

impl View<'_> {
    /// From when to when a grant was ACTIVE; a span that lasts goes to the end of the course
    pub(super) fn active_spans(&self, arn: &str) -> Vec<(Timestamp, Timestamp)> {
        let mut spans = Vec::new();
        let mut since = None;
        for (at, grant) in self.license_manager.states(arn) {
            match (grant.status == GrantStatus::Active, since) {
                (true, None) => since = Some(at),
                (false, Some(from)) => {
                    spans.push((from, at));
                    since = None;
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
        spans.extend(since.map(|from| (from, self.course.until)));
        spans
    }

    /// Two grants of ours for one license and principal were live at the same moment
    ///
    /// A grant in PENDING_DELETE is on its way out and does not count.
    pub(super) fn twice_at_once(&self) -> Vec<Violation> {
        let mut spans: BTreeMap<(&str, &Principal), Vec<Life<'_>>> = BTreeMap::new();
        let made = programs(self.history).filter(|write| write.operation == WriteOperation::CreateGrant);
        let made: BTreeSet<&str> = made.map(|write| write.grant_arn.as_str()).collect();
        let grants = self.license_manager.grants().filter(|grant| made.contains(grant.arn.as_str()));
        for grant in grants.filter(|grant| self.expectations.is_ours(&grant.name)) {
            let states = self.license_manager.states(&grant.arn);
            let over = states.iter().find(|(_, grant)| !grant.is_live() || grant.status == GrantStatus::PendingDelete);
            let until = over.map_or(Timestamp::MAX, |(at, _)| *at);
            let key = (grant.license.as_str(), &grant.principal);
            spans.entry(key).or_default().push((grant.created, until, &grant.arn));
        }
        let mut violations = Vec::new();
        for ((license, principal), mut spans) in spans {
            spans.sort_unstable();
            for pair in spans.windows(2) {
                if let [(_, until, first), (from, _, second)] = pair
                    && from < until
                {
                    let detail = format!("{license} for {principal:?}: from {from} both {first} and {second}");
                    violations.push(Violation { invariant: ONE_GRANT_PER_KEY, detail });
                }
            }
        }
        violations
    }

    /// A write of ours took a product from an account in which it was wanted all along
    ///
    /// One product has one active grant per account, so there can be nothing else at that moment; a successor is
    /// activated first and displaces what it succeeds. Any license of the product counts as wanting it.
    pub(super) fn gaps(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        for write in programs(self.history).filter(|write| self.expectations.is_ours(&write.name)) {
            for account in &write.takes_from {
                let from = self.course.before(write.at);
                let wanted = |license: &str| self.course.asked_always(license, account, from, write.at);
                let mut licenses = self.of_the_same_product(&write.license);
                if licenses.any(wanted) {
                    violations.push(violation(GAP, write, &format!("{account} has nothing now and should")));
                }
            }
        }
        violations
    }

    fn of_the_same_product(&self, license: &str) -> impl Iterator<Item = &str> {
        let sku = self.license_manager.license(license).map(|license| license.sku());
        let licenses = self.license_manager.licenses();
        licenses.filter(move |other| Some(other.sku()) == sku).map(|other| other.id())
    }

    /// A grant that a program of the hub made goes by a name without the prefix, or with nothing after it
    pub(super) fn stamps_lost(&self) -> Vec<Violation> {
        let prefix = &self.expectations.name_prefix;
        let stamped = |name: &str| name.strip_prefix(prefix.as_str()).is_some_and(|rest| !rest.is_empty());
        programs(self.history)
            .filter(|write| write.caller == self.expectations.hub && self.expectations.is_ours(&write.name))
            .filter(|write| match (&write.renamed, write.operation) {
                (Some(name), _) => !stamped(name),
                (None, WriteOperation::CreateGrant) => !stamped(&write.name),
                (
                    None,
                    WriteOperation::CreateGrantVersion
                    | WriteOperation::AcceptGrant
                    | WriteOperation::RejectGrant
                    | WriteOperation::DeleteGrant,
                ) => false,
            })
            .map(|write| violation(NO_STAMP, write, &format!("its name is no stamp: {:?}", write.renamed)))
            .collect()
    }
}
