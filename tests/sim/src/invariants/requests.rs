//! Every grant made and every activation was asked for

use jiff::Timestamp;

use super::order::View;
use super::writes::{programs, violation};
use super::{NOT_ASKED, Violation};
use crate::license_manager::{GrantStatus, Write, WriteOperation};

impl View<'_> {
    /// A grant to one account must have been asked for within the grace before the write
    ///
    /// One to an organization or unit must serve somebody who was. Each other account it reaches must be switched off
    /// again in time, which is the only way to exclude it.
    pub(super) fn not_asked(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        for write in programs(self.history).filter(|write| self.expectations.is_ours(&write.name)) {
            let creates = write.operation == WriteOperation::CreateGrant;
            let activates = write.status == Some(GrantStatus::Active);
            if !creates && !activates {
                continue;
            }
            match write.principal.account() {
                Some(account) if self.asked_for(write, account) => {}
                Some(account) => violations.push(violation(NOT_ASKED, write, &format!("nobody asked for {account}"))),
                // One that reached nobody yet may be for an account whose sign-up is not finished.
                None if write.reaches.is_empty() => {}
                None if !write.reaches.iter().any(|account| self.asked_for(write, account)) => {
                    violations.push(violation(NOT_ASKED, write, "nobody asked for any account under it"));
                }
                None if activates => violations.extend(self.over_granted(write)),
                None => {}
            }
        }
        violations
    }

    fn asked_for(&self, write: &Write, account: &str) -> bool {
        self.course.asked_once(&write.license, account, self.course.before(write.at), write.at)
    }

    fn over_granted(&self, write: &Write) -> Vec<Violation> {
        let accounts = write.reaches.iter().filter(|account| !self.asked_for(write, account));
        let over = accounts.filter_map(|account| {
            let (from, to) = self.served_too_long(write, account)?;
            let what = format!("{account} was served from {from} to {to} and nobody asked for it");
            Some(violation(NOT_ASKED, write, &what))
        });
        over.collect()
    }

    /// When the grant served an account for longer than it may without anybody asking for that
    fn served_too_long(&self, write: &Write, account: &str) -> Option<(Timestamp, Timestamp)> {
        let sub_grants = self.license_manager.sub_grants(&write.grant_arn);
        let here = sub_grants.filter(|sub_grant| sub_grant.principal.account() == Some(account));
        let mut spans = here.flat_map(|sub_grant| self.active_spans(&sub_grant.arn));
        spans.find(|(from, to)| {
            let unasked =
                !self.course.asked_once(&write.license, account, self.course.before(*from), self.course.after(*from));
            *from >= write.at && *to > self.course.correctable(*from) && unasked
        })
    }
}
