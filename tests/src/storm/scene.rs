//! A storm under way: the world, what was asked for in it, and what is remembered for the judgement

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use grant_engine::Engine;
use grant_plan::call::Failure;
use pretend_aws::calls::Call;
use pretend_aws::license_manager::GrantStatus;
use pretend_aws::tables::TableSnapshot;
use pretend_aws::{Faults, Purchase, World};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::coverage::Coverage;
use super::happening::Happening;
use super::ledger::Ledger;
use super::rules;
use super::spans::Spans;
use super::stage::Stage;
use super::taking::{Limits, Release};
use super::timeline::Timeline;
use crate::story::{Delivery, Story};

/// For how many seconds the lane function may go by what it read (`infra/hub.yaml`)
const LONGEST_RUN: i64 = 300;

/// More policies than a storm with several spoilt rules may be under at a moment
const MOST_POLICIES: usize = 1024;

/// A rule of the policy table
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// As the admin meant it
    pub(super) meant: Value,
    /// As it read before, oldest first
    pub(super) before: Vec<Value>,
    /// Whether the table holds a version of it that cannot be read
    pub(super) spoilt: bool,
}

/// A storm under way
pub(super) struct Scene {
    pub(super) story: Story,
    pub(super) random: StdRng,
    pub(super) hub: String,
    pub(super) rules: BTreeMap<String, Rule>,
    pub(super) paused: bool,
    /// Paused by change windows of which none is open
    pub(super) closed: bool,
    /// Accounts in which the settings let nothing be changed
    pub(super) protected: Vec<String>,
    /// Accounts that may lose something in a day, and own subscriptions that may be displaced, where the settings say so
    pub(super) limits: Limits,
    /// What the revocation passes released
    pub(super) releases: BTreeSet<Release>,
    /// When some rule could not be read
    pub(super) unclear: Spans,
    /// When everything was paused
    pub(super) pauses: Spans,
    /// Some pair goes round and round, so that it never comes to rest
    pub(super) in_vain: bool,
    /// What was wrong on the way
    pub(super) broken: Vec<String>,
    /// What the hub can still buy
    pub(super) for_sale: Vec<Purchase>,
    /// Everything bought so far, by whomever
    pub(super) bought: Vec<Purchase>,
    /// Licenses that took the place of others, each after the one whose place it took, in order
    pub(super) succeeded: Vec<(String, String)>,
    pub(super) timeline: Timeline,
    pub(super) coverage: Coverage,
    /// What the ledger held at some moment
    pub(super) kept: Option<TableSnapshot>,
    /// The ledger was emptied or restored: what it knew is lost
    pub(super) ledger_lost: bool,
    /// Bodies of messages that nobody can read
    pub(super) unreadable: Vec<String>,
    /// Numbers for names that must not be used twice
    pub(super) next: u64,
    /// What happened, for people
    pub(super) told: Vec<String>,
    /// Calls up to the judgement
    pub(super) calls: Vec<Call>,
    /// The grants that others made, as they stood when the storm was over
    pub(super) left_by_hand: BTreeMap<String, GrantStatus>,
}

impl Scene {
    /// The curtain rises: a deployed world with its first rules
    pub(super) async fn open(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let Stage { world, mut purchases, bought, own } = Stage::set(seed, &mut random);
        let faults = world.with(|state| std::mem::replace(&mut state.faults, Faults::calm()));
        let mut story = Story::deployed_in(&world, seed).await;
        world.with(|state| state.faults = faults);
        if random.random_bool(0.08) {
            let budget = random.random_range(1..=4);
            story = story.configured(|config| config.grant_budget = budget);
        }
        let for_sale = purchases.split_off(bought);
        let hub = world.with(|state| state.hub.clone());
        let mut coverage = Coverage { seeds: 1, ..Coverage::default() };
        coverage.answered(&world.with(|state| state.knobs.choices()));
        purchases.extend(own);
        let mut scene = Self {
            story,
            random,
            hub,
            rules: BTreeMap::new(),
            paused: false,
            closed: false,
            protected: Vec::new(),
            limits: Limits::default(),
            releases: BTreeSet::new(),
            unclear: Spans::default(),
            pauses: Spans::default(),
            in_vain: false,
            broken: Vec::new(),
            for_sale,
            bought: purchases,
            succeeded: Vec::new(),
            timeline: Timeline::default(),
            coverage,
            kept: None,
            ledger_lost: false,
            unreadable: Vec::new(),
            next: 0,
            told: Vec::new(),
            calls: Vec::new(),
            left_by_hand: BTreeMap::new(),
        };
        scene.tell(|scene| scene.cast());
        if scene.random.random_bool(0.1) {
            scene.protected = scene.some_account(|_| true).into_iter().collect();
        }
        scene.limits = Limits::draw(&mut StdRng::seed_from_u64(scene.random.clone().random()));
        if !scene.protected.is_empty() || scene.limits != Limits::default() {
            scene.pause(false).await;
        }
        scene.note();
        for _ in 0..scene.random.random_range(1..=3) {
            scene.happen(Happening::RulePut).await;
        }
        scene
    }

    pub(super) fn world(&self) -> World {
        self.story.world().clone()
    }

    /// A number that was not used before
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Who is there, for people
    fn cast(&self) -> String {
        self.world().with(|state| {
            let accounts: Vec<String> = state
                .organization
                .accounts
                .values()
                .map(|one| format!("{} in {} {}", one.id, one.parent, one.state))
                .collect();
            let faults = serde_json::to_string(&state.faults).unwrap_or_default();
            let bought: Vec<String> = self
                .bought
                .iter()
                .chain(&self.for_sale)
                .map(|one| format!("{} of {} ({}) by {}", one.license, one.sku, one.product_type, one.acceptor))
                .collect();
            format!(
                "hub {}, management {}\n  {}\n  {}\n  {:?}\n  {faults}\n  budget {}",
                self.hub,
                state.organization.management_account,
                accounts.join("\n  "),
                bought.join("\n  "),
                state.knobs,
                self.story.config().grant_budget
            )
        })
    }

    /// Says what happens now
    pub(super) fn tell(&mut self, what: impl FnOnce(&Self) -> String) {
        let line = format!("{}  {}", self.world().now().strftime("%d %b %H:%M:%S"), what(self));
        self.told.push(line);
    }

    /// Takes down what is asked for from now on
    pub(super) fn note(&mut self) {
        let world = self.world();
        self.unclear.mark(world.now().as_second(), self.is_unclear());
        let asked = self.rules_that_may_ask();
        world.with(|state| self.timeline.note(state, asked));
    }

    /// Whether some rule cannot be read
    pub(super) fn is_unclear(&self) -> bool {
        self.rules.values().any(|rule| rule.spoilt)
    }

    /// What has to hold at every moment: whoever waits has a due time, and nothing is marked as wanted by nobody while some
    /// rule cannot be read, but by a run that had read them before
    pub(super) async fn look_at_ledger(&mut self) {
        let ledger = Ledger::read(&self.story.ledger().await);
        self.releases.extend(ledger.releases().cloned());
        if !self.ledger_lost {
            self.broken.extend(ledger.without_due());
        }
        for at in ledger.unwanted().iter().filter(|at| self.unclear.cover(**at, LONGEST_RUN)) {
            self.broken.push(format!("hasty: an entry is unwanted since {at}, when some rule could not be read"));
        }
    }

    /// The rules in force: as they stand in the table, or else as the ledger holds that they last could be read
    pub(super) fn rules_in_force(&self, ledger: &Ledger) -> Vec<Value> {
        let in_force = self.rules.iter().filter_map(|(id, rule)| match rule.spoilt {
            false => Some(&rule.meant),
            true => ledger.last_version(id),
        });
        let in_force = in_force.map(|rule| self.unfolded(rule));
        in_force.chain(std::iter::once(self.settings())).collect()
    }

    /// Whatever may be in force: of a rule that cannot be read nobody here knows which version that is, or whether any
    fn rules_that_may_ask(&self) -> Vec<Vec<Value>> {
        let mut policies = vec![vec![self.settings()]];
        for rule in self.rules.values() {
            let versions: Vec<Option<Value>> = if rule.spoilt {
                let all = rule.before.iter().chain([&rule.meant]);
                all.map(|version| Some(self.unfolded(version))).chain([None]).collect()
            } else {
                vec![Some(self.unfolded(&rule.meant))]
            };
            let with = |policy: &Vec<Value>, version: &Option<Value>| policy.iter().chain(version).cloned().collect();
            policies = policies
                .iter()
                .flat_map(|policy| versions.iter().map(|version| with(policy, version)).collect::<Vec<_>>())
                .take(MOST_POLICIES)
                .collect();
        }
        policies
    }

    /// A rule that names a license names those that it was renewed or replaced by, too
    fn unfolded(&self, rule: &Value) -> Value {
        let mut rule = rule.clone();
        let Some(named) = rule.pointer_mut("/products/license") else { return rule };
        let texts = named.as_array().cloned().unwrap_or_else(|| vec![named.clone()]);
        let id = |text: &Value| text.as_str().and_then(|text| text.rsplit(':').next()).unwrap_or_default().to_owned();
        let mut ids: Vec<String> = texts.iter().map(id).collect();
        for (earlier, later) in &self.succeeded {
            if ids.contains(earlier) && !ids.contains(later) {
                ids.push(later.clone());
            }
        }
        *named = json!(ids);
        rule
    }

    pub(super) fn settings(&self) -> Value {
        let mut settings = json!({"rule": "_settings", "paused": self.paused && !self.closed});
        if self.closed {
            // A storm begins on a Monday and is over before the week is.
            settings["change_windows"] = json!([{"days": ["sun"], "from": "03:00", "until": "03:01"}]);
        }
        if let Some(limits) = self.limits.item() {
            settings["limits"] = limits;
        }
        if !self.protected.is_empty() {
            settings["protected"] = json!({"account": self.protected});
        }
        settings
    }

    /// The grants that others made, and how they stand
    pub(super) fn by_hand(&self) -> BTreeMap<String, GrantStatus> {
        let stamp = self.story.stamp();
        self.world().with(|state| {
            let others = state.license_manager.grants().filter(|grant| !grant.name.starts_with(&stamp));
            others.map(|grant| (grant.arn.clone(), grant.status)).collect()
        })
    }

    /// A person takes for right what is there, however much more there was
    pub(super) async fn accept_shrink(&mut self) {
        let accept = async |engine: &Engine| {
            let (counts, shrunk) = engine.counts(&engine.policy().await?).await?;
            if shrunk.is_empty() {
                return Ok::<bool, Failure>(false);
            }
            engine.accept_counts(counts).await.map(|()| true)
        };
        let accepted = self.story.quietly(accept(self.story.engine())).await.expect("the world can be seen");
        if accepted {
            self.tell(|_| "that much is gone is accepted".to_owned());
        }
    }

    /// Some time passes, more or less
    pub(super) async fn wait(&mut self) {
        let seconds = match self.random.random_range(0..10) {
            0 | 1 => 0,
            2..=4 => self.random.random_range(1..=90),
            5..=7 => self.random.random_range(90..=1200),
            8 => self.random.random_range(1200..=7200),
            _ => self.random.random_range(7200..=30_000),
        };
        if seconds < 900 {
            self.world().advance(Duration::from_secs(seconds));
            self.story.pump().await;
        } else {
            let sweeps = (seconds / 1800).clamp(1, 4);
            let every = Duration::from_secs(seconds / sweeps);
            for _ in 0..sweeps {
                self.story.pass_sweeping(every, every).await;
                self.revive();
            }
        }
    }

    /// Functions that died are started anew
    pub(super) fn revive(&self) {
        if self.story.wire().is_cut() {
            self.story.wire().mend();
        }
    }

    /// How messages are brought for the time being
    pub(super) fn deliver_somehow(&mut self) {
        self.story.courier.delivery = match self.random.random_range(0..10) {
            0 => Delivery::Twice,
            1 => Delivery::Backwards,
            2 => Delivery::ScheduleOnly,
            _ => Delivery::Once,
        };
    }

    /// A rule is written into the table, or takes the place of another one
    pub(super) async fn put_rule(&mut self, id: &str, meant: Value, spoilt: bool) {
        let item = if spoilt { rules::spoilt(&mut self.random, &meant) } else { meant.clone() };
        let before = self.rules.remove(id).map_or_else(Vec::new, |rule| [rule.before, vec![rule.meant]].concat());
        self.rules.insert(id.to_owned(), Rule { meant, before, spoilt });
        self.note();
        self.tell(|_| format!("rule put: {item}"));
        self.story.with_rule(item).await;
    }

    /// One of the rules
    pub(super) fn some_rule(&mut self, spoilt: bool) -> Option<(String, Rule)> {
        let rules: Vec<_> = self.rules.iter().filter(|(_, rule)| rule.spoilt == spoilt).collect();
        rules.choose(&mut self.random).map(|(id, rule)| ((*id).clone(), (*rule).clone()))
    }

    /// Nothing may be changed from now on, by `_settings.paused` or by its change windows, or everything again
    pub(super) async fn pause(&mut self, paused: bool) {
        self.closed = paused && self.number().is_multiple_of(2);
        self.paused = paused;
        self.pauses.mark(self.world().now().as_second(), paused);
        self.tell(|scene| format!("paused: {paused}{}", if scene.closed { ", no change window is open" } else { "" }));
        self.story.with_rule(self.settings()).await;
    }
}
