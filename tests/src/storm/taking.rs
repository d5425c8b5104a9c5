//! What was taken from accounts or pushed aside: within the limits, by a release, and not forgotten where it was due

use std::collections::BTreeSet;

use grant_engine::Engine;
use grant_plan::call::Failure;
use jiff::{SignedDuration, Timestamp};
use pretend_aws::invariants::{self, Course, Expectations, Taken, Violation};
use pretend_aws::license_manager::{Grant, GrantStatus, LicenseStatus};
use pretend_aws::{Purchase, State};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use super::ledger::Ledger;
use super::scene::Scene;
use crate::oracle::{Says, denying, is_about, says};

/// How long after a release a run may act by it: it can be used for an hour, and a run takes its time
const USABLE: SignedDuration = SignedDuration::from_mins(65);

/// How many seconds a release counts
const COUNTED: i64 = 25 * 3600;

/// Accounts that may lose something in a day where the settings say nothing (README, `limits.revocations`)
const USUAL: usize = 25;

/// What a revocation pass released, as the ledger has it
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Release {
    /// When, in seconds
    pub(super) at: i64,
    pub(super) license: String,
    pub(super) account: String,
    /// `revocation` or `replacement`
    pub(super) kind: String,
}

/// How much may be taken in a day, where the settings say so
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) revocations: Option<usize>,
    pub(super) replacements: Option<usize>,
}

impl Limits {
    pub(super) fn draw(random: &mut StdRng) -> Self {
        let revocations = [None, None, Some(1), Some(2)].choose(random).copied().flatten();
        let replacements = [None, Some(1)].choose(random).copied().flatten();
        Self { revocations, replacements }
    }

    /// As `_settings.limits` says it
    pub(super) fn item(&self) -> Option<Value> {
        let mut limits = json!({});
        for (name, limit) in [("revocations", self.revocations), ("replacements", self.replacements)] {
            if let Some(count) = limit {
                limits[name] = json!({ "count": count });
            }
        }
        (*self != Self::default()).then_some(limits)
    }

    fn revocations(&self) -> usize {
        self.revocations.unwrap_or(USUAL)
    }

    fn replacements(&self) -> usize {
        self.replacements.unwrap_or_default()
    }
}

impl Scene {
    /// Takes down what the ledger has of releases now
    pub(super) async fn look_at_releases(&mut self) {
        let ledger = Ledger::read(&self.story.ledger().await);
        self.releases.extend(ledger.releases().cloned());
    }

    /// A rule denies somebody what they have, or no longer names them, and lets go of it
    pub(super) async fn take_back(&mut self, random: &mut StdRng) {
        let prefix = self.story.stamp();
        let has: BTreeSet<String> = self.world().with(|state| {
            let active = state.license_manager.grants().filter(|grant| grant.status == GrantStatus::Active);
            let ours = active.filter(|grant| grant.name.starts_with(&prefix));
            ours.filter_map(|grant| grant.principal.account().map(str::to_owned)).collect()
        });
        let has: Vec<&String> = has.iter().collect();
        let count = random.random_range(1..=3);
        let some: Vec<&String> = has.choose_multiple(random, count).copied().collect();
        if some.is_empty() {
            return;
        }
        let granting: Vec<(String, Value)> = self
            .rules
            .iter()
            .filter(|(_, rule)| !rule.spoilt && rule.meant["effect"] != "deny")
            .map(|(id, rule)| (id.clone(), rule.meant.clone()))
            .collect();
        match granting.choose(random).cloned() {
            Some((id, mut narrowed)) if random.random_bool(0.4) => {
                narrowed["revoke"] = json!("now");
                narrowed["except"] = json!({ "account": some });
                self.put_rule(&id, narrowed, false).await;
            }
            Some(_) | None => {
                let id = format!("deny-{}", self.number());
                let accounts = json!({ "account": some });
                let rule =
                    json!({"rule": id, "effect": "deny", "products": "*", "accounts": accounts, "revoke": "now"});
                self.put_rule(&id, rule, false).await;
            }
        }
    }

    /// Whether so much is gone that Grantway takes it for a fault
    pub(super) async fn is_shrunk(&self) -> bool {
        let shrunk = async |engine: &Engine| {
            let (_, shrunk) = engine.counts(&engine.policy().await?).await?;
            Ok::<bool, Failure>(!shrunk.is_empty())
        };
        self.story.quietly(shrunk(self.story.engine())).await.unwrap_or(true)
    }

    /// What the course allows, given the settings and what was released
    ///
    /// What was released shortly before the ledger was lost counts no more: this is the one thing that goes with it.
    pub(super) fn allow(&self, course: &mut Course) {
        let whole = |limit: usize| if self.ledger_lost { usize::MAX } else { limit };
        course.limits.revocations = whole(self.limits.revocations());
        course.limits.displacements = whole(self.limits.replacements());
        let revocations = self.releases.iter().filter(|release| release.kind == "revocation");
        course.revoking = Some(revocations.filter_map(usable).collect());
    }

    /// Pairs in which an own subscription may have made way
    pub(super) fn may_displace(&self) -> BTreeSet<(String, String)> {
        match self.limits.replacements() {
            0 => BTreeSet::new(),
            _ => self.timeline.displacing(&self.bought, &self.hub),
        }
    }

    /// Whatever was taken from an account was released for that account
    pub(super) fn taken_unreleased(&self, state: &State, expectations: &Expectations, course: &Course) -> Vec<String> {
        let manager = &state.license_manager;
        let taken = invariants::taken(manager, manager.writes(), expectations, course);
        let unreleased = taken.into_iter().filter(|taken| !self.is_released(taken));
        unreleased
            .map(|Taken { at, license, account, grant_arn }| {
                format!("unreleased: {at} {license} was taken from {account} by {grant_arn}")
            })
            .collect()
    }

    fn is_released(&self, taken: &Taken) -> bool {
        let mut releases = self.releases.iter().filter(|release| release.kind == "revocation");
        releases.any(|release| {
            release.license == taken.license
                && release.account == taken.account
                && usable(release).is_some_and(|(from, until)| from <= taken.at && taken.at <= until)
        })
    }

    /// Whether a violation is only that nothing is corrected for the time being under a grant that reaches further
    pub(super) fn is_uncorrected(&self, violation: &Violation, stands_still: bool) -> bool {
        let of_place = violation.invariant == invariants::NOT_WANTED || violation.invariant == invariants::NOT_ASKED;
        let mut licenses = self.bought.iter().filter(|purchase| violation.detail.contains(&purchase.license));
        of_place
            && stands_still
            && licenses.any(|purchase| self.timeline.covered_widely(&self.bought, &purchase.license))
    }

    /// What nobody asks for, and a rule lets go of, is not in use any more when everything is settled
    ///
    /// Unless the limit holds it, or it was switched on by hand, or the ledger lost what it knew of it.
    pub(super) fn not_let_go(&self, state: &State, rules: &[Value], offered: &[Purchase], prefix: &str) -> Vec<String> {
        if self.ledger_lost {
            return Vec::new();
        }
        let unasked: Vec<(&Purchase, &Grant)> = offered
            .iter()
            .flat_map(|purchase| unasked(state, rules, purchase, prefix).map(move |grant| (purchase, grant)))
            .collect();
        let day_ago = state.now().as_second() - COUNTED;
        let used = self.releases.iter().filter(|release| release.kind == "revocation" && release.at > day_ago).count();
        if used + unasked.len() > self.limits.revocations() {
            return Vec::new();
        }
        let left = unasked.into_iter().filter(|(purchase, grant)| lets_go(state, rules, purchase, grant, prefix));
        left.map(|(_, grant)| format!("let_go: {} is still active in {:?}", grant.arn, grant.principal)).collect()
    }
}

/// From when to when a release can be used
fn usable(release: &Release) -> Option<(Timestamp, Timestamp)> {
    let from = Timestamp::from_second(release.at).ok()?;
    Some((from, from.checked_add(USABLE).ok()?))
}

/// Grants of ours in use in accounts that no rule asks them for
fn unasked<'a>(
    state: &'a State,
    rules: &'a [Value],
    purchase: &'a Purchase,
    prefix: &'a str,
) -> impl Iterator<Item = &'a Grant> {
    let active = state.license_manager.grants().filter(|grant| grant.status == GrantStatus::Active);
    let ours = active.filter(move |grant| grant.license == purchase.license && grant.name.starts_with(prefix));
    ours.filter(move |grant| {
        let account = grant.principal.account().unwrap_or_default();
        let member = state.organization.accounts.get(account).is_some_and(|known| known.state != "CLOSED");
        member && says(rules, &state.organization, purchase, account) == Says::Nothing
    })
}

/// Whether every rule that could have a word in it says `revoke: now`
fn lets_go(state: &State, rules: &[Value], purchase: &Purchase, grant: &Grant, prefix: &str) -> bool {
    let says_now = |rule: &Value| rule["revoke"] == "now";
    let manager = &state.license_manager;
    let by_hand = manager
        .writes()
        .iter()
        .any(|write| write.person && (write.grant_arn == grant.arn || write.grant_arn == grant.parent_arn));
    let ended = manager.license(&purchase.license).is_none_or(|license| license.status != LicenseStatus::Available);
    if by_hand || ended {
        return false;
    }
    let account = grant.principal.account().unwrap_or_default();
    let mut denies = denying(rules, &state.organization, purchase, account).peekable();
    if denies.peek().is_some() {
        return denies.all(says_now);
    }
    let maker = grant.name.strip_prefix(prefix).and_then(|name| name.split('/').next());
    let maker = rules.iter().find(|rule| rule["rule"].as_str() == maker);
    // A part of a whole grant may have been treated by another rule's word since.
    let mut granting = rules.iter().filter(|rule| rule["effect"] != "deny" && is_about(rule, purchase));
    maker.is_some_and(says_now) && (!grant.sub_grant || granting.all(says_now))
}
