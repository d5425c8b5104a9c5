//! How much was taken away, how fast, and by whom

use jiff::{SignedDuration, Timestamp};

use super::order::View;
use super::writes::{programs, violation};
use super::{OVER_LIMIT, REVOKED_OUT_OF_TURN, Violation, active};
use crate::license_manager::{GrantStatus, Write, WriteOperation};

const DAY: SignedDuration = SignedDuration::from_hours(24);

impl View<'_> {
    /// In no 24 hours more than the limits
    pub(super) fn over_limits(&self) -> Vec<Violation> {
        let limits = self.course.limits;
        let revocations = self.revocations().map(|(write, account)| (write.at, account.to_owned())).collect();
        let pushed = active::pushed_aside(self.license_manager, self.history, self.expectations);
        let pushed = pushed.map(|(displacement, _)| (displacement.at, displacement.account.clone())).collect();
        let too_many =
            [("revocations", revocations, limits.revocations), ("displacements", pushed, limits.displacements)];
        too_many.into_iter().filter_map(|(what, times, limit)| over(what, times, limit)).collect()
    }

    /// Nothing is taken away or deleted but by a pass that may
    ///
    /// Deleting what failed is no revocation.
    pub(super) fn out_of_turn(&self) -> Vec<Violation> {
        let Some(passes) = &self.course.revoking else { return Vec::new() };
        let out_of_turn = |write: &Write| !passes.iter().any(|(from, to)| *from <= write.at && write.at <= *to);
        let taken = self.revocations().filter(|(write, _)| out_of_turn(write));
        let taken =
            taken.map(|(write, account)| violation(REVOKED_OUT_OF_TURN, write, &format!("taken from {account}")));
        let deleted = programs(self.history)
            .filter(|write| write.operation == WriteOperation::DeleteGrant && self.expectations.is_ours(&write.name))
            .filter(|write| write.was != Some(GrantStatus::FailedWorkflow) && write.takes_from.is_empty())
            .filter(|write| out_of_turn(write))
            .map(|write| violation(REVOKED_OUT_OF_TURN, write, "deleted"));
        taken.chain(deleted).collect()
    }

    /// Accounts that lost an active grant of ours by our own write
    ///
    /// Switching off what an organization or unit grant reached by the way, while it may be corrected, is not one.
    pub(super) fn revocations(&self) -> impl Iterator<Item = (&Write, &str)> {
        let ours = programs(self.history).filter(|write| self.expectations.is_ours(&write.name));
        ours.flat_map(|write| write.takes_from.iter().map(move |account| (write, account.as_str())))
            .filter(|(write, account)| !self.corrects(write, account))
    }

    fn corrects(&self, write: &Write, account: &str) -> bool {
        let spans = self.active_spans(&write.grant_arn);
        let Some((from, _)) = spans.into_iter().find(|(_, to)| *to == write.at) else { return false };
        let in_time = write.at <= self.course.correctable(from);
        in_time && !self.course.asked_once(&write.license, account, from, write.at)
    }
}

fn over(what: &str, mut times: Vec<(Timestamp, String)>, limit: usize) -> Option<Violation> {
    times.sort_unstable();
    let crowded = times.iter().enumerate().find_map(|(first, (from, _))| {
        let within = times.iter().skip(first).take_while(|(at, _)| at.duration_since(*from) < DAY).count();
        (within > limit).then_some((from, within))
    });
    crowded.map(|(from, count)| Violation {
        invariant: OVER_LIMIT,
        detail: format!("{count} {what} within 24 hours from {from}, {limit} allowed"),
    })
}
