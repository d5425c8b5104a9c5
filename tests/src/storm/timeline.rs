//! What was asked for, moment by moment: the rules in force, and who belonged to the organization

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use pretend_aws::invariants::{Course, Limits};
use pretend_aws::organizations::Organization;
use pretend_aws::{Purchase, State};
use serde_json::Value;

use crate::oracle::{Pair, asks_for_everybody, asks_for_unit, is_about, is_over, naming};

/// For how many seconds Grantway may go by a picture of the organization: the full reconcile comes every six hours
/// (`infra/hub.yaml`), may fail a few times, and the run that uses the picture takes its time
const PICTURE: i64 = 8 * 3600;

/// For how many hours an account may be served that a wide grant was never to serve: nothing is corrected while everything
/// is paused or some rule cannot be read, and a storm may last for days
const CORRECTED: i64 = 200;

/// Something that held from one moment to another
#[derive(Debug)]
struct Span<T> {
    began: Timestamp,
    ended: Timestamp,
    what: T,
}

/// What an admin asked for, and of whom
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// Each as the several that it may be taken for
    policies: Vec<Span<Vec<Vec<Value>>>>,
    organizations: Vec<Span<Organization>>,
}

impl Timeline {
    /// Takes down how things stand from now on; one of `rules` is in force, and none has any that cannot be read
    pub(super) fn note(&mut self, state: &State, rules: Vec<Vec<Value>>) {
        let now = state.now();
        if self.policies.last().is_none_or(|last| last.what != rules) {
            begin(&mut self.policies, now, rules);
        }
        let same = |last: &Span<Organization>| places(&last.what).eq(places(&state.organization));
        if !self.organizations.last().is_some_and(same) {
            begin(&mut self.organizations, now, state.organization.clone());
        }
    }

    /// What was asked for from each moment on, as far as anybody could take it to be
    ///
    /// Events of the organization get lost, and then Grantway goes by a picture of it that is some hours old: so rules
    /// are also read against the organization as it was a while before.
    pub(super) fn course(&self, bought: &[Purchase], hub: &str, until: Timestamp) -> Course {
        // A rule that was overwritten at the moment at which it was put was in force all the same.
        let in_force = |policy: &Span<Vec<Vec<Value>>>, now: Timestamp| {
            policy.began == now || policy.began < now && now <= policy.ended
        };
        let asked = self.moments().into_iter().map(|now| {
            let mut pairs = BTreeSet::new();
            for rules in self.policies.iter().filter(|policy| in_force(policy, now)).flat_map(|policy| &policy.what) {
                let pictures = self.pictures(now);
                let rules = &within_limits(rules, &pictures);
                pictures.into_iter().for_each(|picture| pairs.extend(named(rules, picture, bought, hub)));
            }
            (now, pairs)
        });
        course_of(asked.collect(), until)
    }

    /// What was asked for from each moment on, whatever picture Grantway went by and whatever it took a rule for that it
    /// could not read
    pub(super) fn sure_course(&self, bought: &[Purchase], hub: &str, until: Timestamp) -> Course {
        let asked = self.moments().into_iter().map(|now| {
            let in_force = self.policies.iter().filter(|policy| policy.began <= now && now < policy.ended);
            let readings = in_force
                .flat_map(|policy| &policy.what)
                .flat_map(|rules| self.pictures(now).into_iter().map(|picture| named(rules, picture, bought, hub)));
            (now, readings.reduce(|all, one| all.intersection(&one).cloned().collect()).unwrap_or_default())
        });
        course_of(asked.collect(), until)
    }

    /// Whenever something changed, and shortly after: then what was overwritten is over
    fn moments(&self) -> BTreeSet<Timestamp> {
        let policies = self.policies.iter().map(|policy| policy.began);
        let began: Vec<_> = policies.chain(self.organizations.iter().map(|picture| picture.began)).collect();
        let forgotten = self.organizations.iter().map(|picture| later(picture.ended, PICTURE));
        let moments = began.iter().copied().chain(forgotten);
        moments.flat_map(|moment| [moment, later(moment, 1)]).collect()
    }

    /// The organization as Grantway may take it to be at a moment
    fn pictures(&self, now: Timestamp) -> Vec<&Organization> {
        let known = self.organizations.iter().filter(|picture| {
            picture.began <= now && picture.ended.as_second().saturating_add(PICTURE) >= now.as_second()
        });
        known.map(|picture| &picture.what).collect()
    }

    /// Accounts that left, and until when Grantway may go by a picture in which they are members
    pub(super) fn unheard(&self) -> BTreeMap<String, Timestamp> {
        let mut seen_until = BTreeMap::new();
        for picture in &self.organizations {
            seen_until.extend(picture.what.accounts.keys().map(|account| (account.clone(), picture.ended)));
        }
        let left = seen_until.into_iter().filter(|(_, ended)| *ended < Timestamp::MAX);
        left.map(|(account, ended)| {
            (account, ended.saturating_add(SignedDuration::from_secs(PICTURE)).unwrap_or(ended))
        })
        .collect()
    }

    /// Every pair that was asked for at some moment
    pub(super) fn asked(course: &Course) -> BTreeSet<Pair> {
        course.asked.iter().flat_map(|(_, pairs)| pairs).cloned().collect()
    }

    /// Licenses that some rule asked for everywhere, whoever joins
    ///
    /// A grant to the whole organization was right then, and reaches whoever joins until it is revoked.
    pub(super) fn asked_everywhere(&self, bought: &[Purchase]) -> BTreeSet<String> {
        let everywhere = |purchase: &Purchase| {
            self.policies
                .iter()
                .flat_map(|policy| policy.what.iter().flatten())
                .any(|rule| asks_for_everybody(rule, purchase))
        };
        bought.iter().filter(|purchase| everywhere(purchase)).map(|purchase| purchase.license.clone()).collect()
    }

    /// Pairs that were ever asked for by a rule that lets own subscriptions make way
    pub(super) fn displacing(&self, bought: &[Purchase], hub: &str) -> BTreeSet<Pair> {
        let mut pairs = BTreeSet::new();
        for rules in self.policies.iter().flat_map(|policy| &policy.what) {
            for picture in &self.organizations {
                for purchase in bought.iter().filter(|purchase| purchase.acceptor == hub) {
                    let accounts = picture.what.accounts.keys().filter(|account| {
                        let by = naming(rules, &picture.what, purchase, account);
                        by.is_some_and(|rule| rule["activation"] == "replace")
                    });
                    pairs.extend(accounts.map(|account| (purchase.license.clone(), account.clone())));
                }
            }
        }
        pairs
    }

    /// Whether some rule about a license ever said `cover: wide`
    pub(super) fn covered_widely(&self, bought: &[Purchase], license: &str) -> bool {
        let mut rules = self.policies.iter().flat_map(|policy| policy.what.iter().flatten());
        let of_license = || bought.iter().filter(|purchase| purchase.license == license);
        rules.any(|rule| rule["cover"] == "wide" && of_license().any(|purchase| is_about(rule, purchase)))
    }

    /// Whether some rule asked for a license everywhere under a unit, as the organization looked at some moment
    ///
    /// A grant to the unit was right then, and reaches whoever joins or is moved there until it is revoked.
    pub(super) fn asked_under(&self, purchase: &Purchase, unit: &str) -> bool {
        let mut rules = self.policies.iter().flat_map(|policy| policy.what.iter().flatten());
        rules.any(|rule| self.organizations.iter().any(|picture| asks_for_unit(rule, purchase, unit, &picture.what)))
    }
}

fn later(moment: Timestamp, seconds: i64) -> Timestamp {
    moment.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

/// Every pair that rules name in an organization that looks like this
fn named(rules: &[Value], organization: &Organization, bought: &[Purchase], hub: &str) -> BTreeSet<Pair> {
    let offered = bought.iter().filter(|purchase| purchase.acceptor == hub);
    let of = |purchase: &Purchase| {
        let accounts = organization.accounts.keys();
        let named = accounts.filter(|id| naming(rules, organization, purchase, id).is_some());
        named.map(|id| (purchase.license.clone(), id.clone())).collect::<Vec<_>>()
    };
    offered.flat_map(of).collect()
}

/// A course in which nothing may be taken
fn course_of(asked: Vec<(Timestamp, BTreeSet<Pair>)>, until: Timestamp) -> Course {
    let (grace, correction) = (SignedDuration::from_mins(20), SignedDuration::from_hours(CORRECTED));
    Course { asked, grace, correction, limits: Limits::NONE, revoking: Some(Vec::new()), until }
}

/// Rules without the limits that some picture keeps: one account is seen in its new place while another still is in its
/// old one, so that Grantway may count as few as in the best of them
fn within_limits(rules: &[Value], pictures: &[&Organization]) -> Vec<Value> {
    let mut rules = rules.to_vec();
    for rule in &mut rules {
        if pictures.iter().any(|picture| !is_over(rule, picture))
            && let Some(attributes) = rule.as_object_mut()
        {
            attributes.remove("max_accounts");
        }
    }
    rules
}

fn begin<T>(spans: &mut Vec<Span<T>>, now: Timestamp, what: T) {
    if let Some(last) = spans.last_mut() {
        last.ended = now;
    }
    spans.push(Span { began: now, ended: Timestamp::MAX, what });
}

/// Where everything lies: what rules look at
fn places(organization: &Organization) -> impl Iterator<Item = (&String, &String)> {
    let units = organization.units.values().map(|unit| (&unit.id, &unit.parent));
    units.chain(organization.accounts.values().map(|account| (&account.id, &account.parent)))
}
