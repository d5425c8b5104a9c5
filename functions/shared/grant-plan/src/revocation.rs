//! The revocation pass: one decision for the whole deployment about what may be taken away or pushed aside
//!
//! A look at one license never takes anything. It says what it would take ([`Candidate`]); the pass counts everybody's
//! candidates against the limits of the last 24 hours and releases all of them or none; the next look at the license
//! carries out what was released, if it is still due.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, LicenseId};
use crate::settings::{PolicySettings, Quota};
use crate::time::{Timestamp, hours, minutes};

/// What has to have been so for at least this long, and at two looks, before it is a candidate at all
pub const DWELL: Duration = minutes(15);

/// How long a release may be used; what was not carried out by then waits for another
pub const LASTS: Duration = hours(1);

/// How far back releases count: a run that saw a release shortly before [`LASTS`] was over may act some minutes later, so
/// that no 24 hours see more than the limits whenever the calls are made
pub const COUNTED: Duration = hours(26);

/// Accounts that may lose a product in 24 hours where `_settings.limits.revocations` says nothing
pub const USUAL_REVOCATIONS: u32 = 25;

/// Releases that are counted at once at most, whatever the limits say: their record is one item of the ledger
pub const MOST: usize = 2_000;

/// What is done to an account by somebody's wish that costs it something
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A grant of ours in use is switched off
    Revocation,
    /// The account's own subscription makes way for a grant of ours
    Replacement,
}

/// What a look at a license found due
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Candidate {
    /// In which account
    pub account: AccountId,
    /// What
    pub kind: Kind,
    /// Since when it has been so
    pub since: Timestamp,
}

/// A candidate that may be carried out
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Release {
    /// When
    pub at: Timestamp,
    /// Of which license
    pub license: LicenseId,
    /// In which account
    pub account: AccountId,
    /// What
    pub kind: Kind,
}

/// Why everything of a kind waits
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// What waits
    pub kind: Kind,
    /// In how many accounts
    pub due: usize,
    /// How many were released within the last 24 hours
    pub used: usize,
    /// How many may be in all
    pub limit: usize,
    /// So many at once want a person's word, though the limit has room for them
    #[serde(default)]
    pub unapproved: bool,
}

/// What came of a pass
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use]
pub struct Passed {
    /// What may be carried out now
    pub released: Vec<Release>,
    /// What waits
    pub held: Vec<Held>,
}

/// What one license's look has to know of the passes
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Releases {
    /// What may be carried out now
    pub released: BTreeSet<(AccountId, Kind)>,
    /// Kinds of which everything waits
    pub held: Vec<Held>,
}

/// Everybody's candidates of one license
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Waiting {
    /// What is due
    pub candidates: Vec<Candidate>,
    /// In how many accounts a grant of ours is in use: what percentages are of
    pub in_use: usize,
}

impl Releases {
    /// What of all releases is about this license and can still be used
    #[must_use]
    pub fn of(license: &LicenseId, releases: &[Release], held: &[Held], now: Timestamp) -> Self {
        let usable = releases.iter().filter(|release| release.license == *license && is_usable(release, now));
        let released = usable.map(|release| (release.account.clone(), release.kind)).collect();
        Self { released, held: held.to_vec() }
    }

    /// Whether this may be done now
    #[must_use]
    pub fn allow(&self, account: &AccountId, kind: Kind) -> bool {
        self.released.contains(&(account.clone(), kind))
    }

    /// Why everything of a kind waits, if it does
    #[must_use]
    pub fn hold(&self, kind: Kind) -> Option<&Held> {
        self.held.iter().find(|held| held.kind == kind)
    }
}

fn is_usable(release: &Release, now: Timestamp) -> bool {
    now.since(release.at) < LASTS
}

/// Releases that still count
#[must_use]
pub fn counted(releases: &[Release], now: Timestamp) -> Vec<Release> {
    releases.iter().filter(|release| now.since(release.at) < COUNTED).cloned().collect()
}

/// Decides about everything that is due: all of a kind is released, or none
///
/// `releases` are those of earlier passes.
pub fn pass(
    due: &BTreeMap<LicenseId, Waiting>,
    releases: &[Release],
    settings: &PolicySettings,
    now: Timestamp,
) -> Passed {
    let mut passed = Passed::default();
    for kind in [Kind::Revocation, Kind::Replacement] {
        let is_released = |license: &LicenseId, account: &AccountId| {
            releases.iter().any(|one| {
                one.kind == kind && one.license == *license && one.account == *account && is_usable(one, now)
            })
        };
        let of_kind = |waiting: &Waiting| waiting.candidates.iter().any(|candidate| candidate.kind == kind);
        let in_use: usize = due.values().filter(|waiting| of_kind(waiting)).map(|waiting| waiting.in_use).sum();
        let fresh: Vec<Release> = due
            .iter()
            .flat_map(|(license, waiting)| waiting.candidates.iter().map(move |candidate| (license, candidate)))
            .filter(|(license, candidate)| candidate.kind == kind && !is_released(license, &candidate.account))
            .map(|(license, candidate)| Release {
                at: now,
                license: license.clone(),
                account: candidate.account.clone(),
                kind,
            })
            .collect();
        if fresh.is_empty() {
            continue;
        }
        let used = counted(releases, now).iter().filter(|release| release.kind == kind).count();
        let limit = limit(settings, kind, in_use);
        let unapproved = approval(settings, kind).is_some_and(|quota| fresh.len() > most(quota, in_use));
        if used + fresh.len() > limit || unapproved {
            passed.held.push(Held { kind, due: fresh.len(), used, limit, unapproved });
        } else {
            passed.released.extend(fresh);
        }
    }
    passed
}

/// How many of a kind may be done in 24 hours
fn limit(settings: &PolicySettings, kind: Kind, in_use: usize) -> usize {
    let (given, usual) = match kind {
        Kind::Revocation => (settings.limits.revocations, USUAL_REVOCATIONS),
        // What may cost a member money is done by nobody's silence.
        Kind::Replacement => (settings.limits.replacements, 0),
    };
    match given {
        Some(quota) => most(quota, in_use),
        None => number(usual),
    }
}

fn approval(settings: &PolicySettings, kind: Kind) -> Option<Quota> {
    match kind {
        Kind::Revocation => settings.approval.revocations,
        Kind::Replacement => settings.approval.replacements,
    }
}

/// The smaller of the number and the share
fn most(quota: Quota, in_use: usize) -> usize {
    let count = quota.count.map_or(MOST, number);
    let share = quota.percent.map_or(MOST, |percent| in_use.saturating_mul(number(percent)) / 100);
    count.min(share).min(MOST)
}

fn number(count: u32) -> usize {
    usize::try_from(count).unwrap_or(MOST)
}

impl Kind {
    /// One word for logs and people
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Replacement => "replacement",
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, due, used, limit, unapproved } = self;
        let kind = kind.as_str();
        match due {
            1 => write!(formatter, "1 {kind} waits")?,
            due => write!(formatter, "{due} {kind}s wait")?,
        }
        if *unapproved {
            return write!(formatter, " for a person's word: `grantctl revocations release`");
        }
        write!(
            formatter,
            ": {used} of {limit} were released within 24 hours; raise `_settings.limits.{kind}s`, or \
             `grantctl revocations release`"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Quotas;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn account(number: u64) -> AccountId {
        format!("{number:012}").parse().unwrap()
    }

    fn license(number: u8) -> LicenseId {
        format!("l-{number:032x}").parse().unwrap()
    }

    fn due(kind: Kind, accounts: std::ops::Range<u64>, in_use: usize) -> Waiting {
        let candidates = accounts.map(|number| Candidate { account: account(number), kind, since: NOW });
        Waiting { candidates: candidates.collect(), in_use }
    }

    fn settings(revocations: Option<Quota>, replacements: Option<Quota>) -> PolicySettings {
        PolicySettings { limits: Quotas { changes: None, revocations, replacements }, ..PolicySettings::default() }
    }

    fn quota(count: Option<u32>, percent: Option<u32>) -> Option<Quota> {
        Some(Quota { count, percent })
    }

    #[test]
    fn what_is_within_the_limit_is_released_whole() {
        let waiting = [(license(1), due(Kind::Revocation, 0..20, 100)), (license(2), due(Kind::Revocation, 0..5, 9))];
        let passed = pass(&waiting.into(), &[], &PolicySettings::default(), NOW);
        assert_eq!((passed.released.len(), passed.held.len()), (25, 0));
    }

    #[test]
    fn one_too_many_anywhere_holds_everything() {
        let waiting = [(license(1), due(Kind::Revocation, 0..20, 100)), (license(2), due(Kind::Revocation, 0..6, 9))];
        let passed = pass(&waiting.into(), &[], &PolicySettings::default(), NOW);
        assert_eq!(passed.released, []);
        let held = Held { kind: Kind::Revocation, due: 26, used: 0, limit: 25, unapproved: false };
        assert_eq!(passed.held, [held]);
        assert!(held.to_string().contains("limits.revocations"), "{held}");
    }

    #[test]
    fn what_was_released_within_the_last_day_counts_and_what_was_before_does_not() {
        let earlier = |hours_ago: u64, count: u64| -> Vec<Release> {
            let at = NOW.before(hours(hours_ago));
            let one = |number| Release { at, license: license(3), account: account(number), kind: Kind::Revocation };
            (0..count).map(one).collect()
        };
        let waiting: BTreeMap<_, _> = [(license(1), due(Kind::Revocation, 0..5, 100))].into();
        let released = |releases: &[Release]| pass(&waiting, releases, &PolicySettings::default(), NOW).released.len();
        assert_eq!(released(&earlier(23, 20)), 5);
        assert_eq!(released(&earlier(23, 21)), 0);
        assert_eq!(
            released(&earlier(25, 21)),
            0,
            "its call may have been made an hour later, and by a run that takes long"
        );
        assert_eq!(released(&earlier(26, 21)), 5);
    }

    #[test]
    fn a_share_is_of_the_licenses_that_lose_something() {
        let waiting: BTreeMap<_, _> =
            [(license(1), due(Kind::Revocation, 0..3, 50)), (license(2), due(Kind::Replacement, 0..1, 10_000))].into();
        let five = settings(quota(Some(1_000), Some(5)), None);
        assert_eq!(pass(&waiting, &[], &five, NOW).held.first().map(|held| held.limit), Some(2));
        let six = settings(quota(None, Some(6)), None);
        assert_eq!(pass(&waiting, &[], &six, NOW).released.len(), 3);
    }

    #[test]
    fn nothing_is_replaced_by_anybodys_silence() {
        let waiting: BTreeMap<_, _> = [(license(1), due(Kind::Replacement, 0..1, 10))].into();
        assert_eq!(pass(&waiting, &[], &PolicySettings::default(), NOW).held.first().map(|held| held.limit), Some(0));
        assert_eq!(pass(&waiting, &[], &settings(None, quota(Some(1), None)), NOW).released.len(), 1);
    }

    #[test]
    fn more_at_once_than_the_threshold_wants_a_persons_word() {
        let waiting: BTreeMap<_, _> = [(license(1), due(Kind::Revocation, 0..3, 10))].into();
        let approval = |count| PolicySettings {
            approval: Quotas { revocations: quota(Some(count), None), ..Quotas::default() },
            ..PolicySettings::default()
        };
        assert_eq!(pass(&waiting, &[], &approval(3), NOW).released.len(), 3);
        let held = pass(&waiting, &[], &approval(2), NOW).held;
        assert!(held.first().is_some_and(|held| held.unapproved), "{held:?}");
    }

    #[test]
    fn what_is_released_already_is_not_released_again_until_that_has_lapsed() {
        let waiting: BTreeMap<_, _> = [(license(1), due(Kind::Revocation, 0..1, 10))].into();
        let first = pass(&waiting, &[], &PolicySettings::default(), NOW).released;
        let later = |minutes_later| NOW.after(minutes(minutes_later));
        assert_eq!(pass(&waiting, &first, &PolicySettings::default(), later(59)), Passed::default());
        assert_eq!(pass(&waiting, &first, &PolicySettings::default(), later(60)).released.len(), 1);
        let releases = |at| Releases::of(&license(1), &first, &[], at);
        assert!(releases(later(59)).allow(&account(0), Kind::Revocation));
        assert!(!releases(later(60)).allow(&account(0), Kind::Revocation));
        assert!(!releases(later(1)).allow(&account(0), Kind::Replacement));
        assert!(!Releases::of(&license(2), &first, &[], NOW).allow(&account(0), Kind::Revocation));
    }
}
