//! Everything outside a run: License Manager's rules, the organization, the ledger, the clock

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use grant_plan::entry::{Entry, EntryKey};
use grant_plan::id::{AccountId, LicenseId};
use grant_plan::organization::{Account, AccountState, Organization as Known};
use grant_plan::revocation::{Held, Release, Waiting, counted, pass};
use grant_plan::snapshot::Remembered;
use grant_plan::step::GranteeRequest;
use jiff::{SignedDuration, Timestamp};
use pretend_aws::error::ApiError;
use pretend_aws::license_manager::{Context, GrantStatus, LicenseManager};
use pretend_aws::organizations::Organization;
use pretend_aws::{Knobs, Purchase};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;

use super::judge::Broken;
use super::log::Log;
use super::sight::Basis;
use super::wish::Rules;

/// How the names of Grantway's grants begin in these worlds
pub(super) const OURS: &str = "gw/main/";

/// What the ledger holds of one license
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    pub(super) entries: BTreeMap<EntryKey, Entry>,
    pub(super) pairs: BTreeMap<AccountId, Remembered>,
    /// What waits for the revocation pass
    pub(super) waiting: Waiting,
}

/// Activations of one grant
#[derive(Debug, Clone, Default)]
pub(super) struct Announced {
    /// How often the ledger counted one more
    pub(super) counted: usize,
    /// The tokens by which they were called
    pub(super) called: BTreeSet<String>,
}

/// One world at one moment; a clone is another course of events
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) now: Timestamp,
    /// The account Grantway runs in, which holds the licenses
    pub(super) hub: Arc<str>,
    pub(super) organization: Organization,
    /// The organization as the ledger has it, which may be behind
    pub(super) known: Arc<Known>,
    pub(super) knobs: Knobs,
    pub(super) license_manager: LicenseManager,
    /// The hub's licenses
    pub(super) licenses: Arc<[Purchase]>,
    /// For each license
    pub(super) ledger: Vec<Memory>,
    pub(super) rules: Arc<Rules>,
    /// What the revocation passes released, and what the last one held back
    pub(super) window: (Vec<Release>, Vec<Held>),
    /// Own subscriptions that the settings let displace in a day
    pub(super) replacements: u32,
    /// License and account of every pair that was ever asked for
    pub(super) asked: BTreeSet<(String, String)>,
    /// When some run last looked at rules that asked for a pair
    pub(super) heard: Arc<BTreeMap<(String, String), Timestamp>>,
    /// Pairs that were ever asked for by a rule that lets own subscriptions make way
    pub(super) may_displace: BTreeSet<(String, String)>,
    /// Licenses that were ever asked for everybody: their organization grants stay, and joiners come under them
    pub(super) for_all: BTreeSet<String>,
    /// The same for everything under a unit
    pub(super) for_units: BTreeSet<(String, String)>,
    /// Accounts without a role for accept-grants
    pub(super) roleless: BTreeSet<String>,
    pub(super) budget: usize,
    /// Requests to accept-grants on their way
    pub(super) inbox: Vec<GranteeRequest>,
    /// Requests arrive at once
    pub(super) prompt: bool,
    /// Some account left
    pub(super) departed: bool,
    /// Somebody took the ledger's memory away
    pub(super) tampered: bool,
    /// Activations that the ledger counted before they were called, by the grant's ARN
    pub(super) announced: BTreeMap<String, Announced>,
    /// What went wrong on the way
    pub(super) broken: Vec<Broken>,
    pub(super) seed: u64,
    pub(super) intents: u64,
}

/// A well-mixed number from a few others
pub(super) fn mix(parts: &[u64]) -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for part in parts {
        state = (state ^ part).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 32;
    }
    state
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl World {
    /// The planner's clock
    pub(super) fn seconds(&self) -> grant_plan::time::Timestamp {
        grant_plan::time::Timestamp(self.now.as_second())
    }

    /// Random numbers of one call: the same request draws the same ones whatever else has happened, so that two
    /// orders that come to the same come to the same bytes
    pub(super) fn dice(&self, about: &str) -> StdRng {
        StdRng::seed_from_u64(mix(&[self.seed, hash(about)]))
    }

    /// The revocation pass of the sweep
    pub(super) fn pass(&mut self) {
        let policy = &self.rules.policy;
        if !policy.is_whole() || policy.stands_still(self.seconds()).is_some() {
            return;
        }
        let due = self.licenses.iter().zip(&self.ledger);
        let due = due.filter(|(_, memory)| !memory.waiting.candidates.is_empty());
        let due = due.map(|(purchase, memory)| (license_id(purchase), memory.waiting.clone())).collect();
        let passed = pass(&due, &self.window.0, &policy.settings, self.seconds());
        self.window.0 = counted(&self.window.0, self.seconds());
        self.window.0.extend(passed.released);
        self.window.1 = passed.held;
    }

    /// A License Manager call by an account
    pub(super) fn call(
        &mut self,
        caller: &str,
        operation: &str,
        body: &Value,
        log: &mut Log,
    ) -> Result<Value, ApiError> {
        let token =
            body.get("ClientToken").or_else(|| body.get("GrantArn")).and_then(Value::as_str).unwrap_or_default();
        let mut ids = self.dice(token);
        self.call_with(caller, operation, body, &mut ids, false, log)
    }

    pub(super) fn call_with(
        &mut self,
        caller: &str,
        operation: &str,
        body: &Value,
        ids: &mut StdRng,
        person: bool,
        log: &mut Log,
    ) -> Result<Value, ApiError> {
        let writes = pretend_aws::license_manager::is_write(operation);
        let before = if writes { self.statuses() } else { Vec::new() };
        let Self { now, organization, knobs, license_manager, .. } = self;
        let mut context = Context { now: *now, caller, organization, knobs, ids, slow: false };
        let answer = if person {
            license_manager.act_as_person(&mut context, operation, body)
        } else {
            license_manager.call(&mut context, operation, body)
        };
        if writes {
            self.note_changes(&before, log);
        }
        answer
    }

    /// Lets time pass; what is due happens
    pub(super) fn wait(&mut self, seconds: u64, log: &mut Log) {
        let by = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        self.now = self.now.checked_add(by).unwrap_or(Timestamp::MAX);
        self.tick(log);
    }

    /// Lets everything happen that is due, or follows from a change of the organization
    pub(super) fn tick(&mut self, log: &mut Log) {
        let before = self.statuses();
        let mut ids =
            StdRng::seed_from_u64(mix(&[self.seed, self.now.as_second().unsigned_abs(), before.len() as u64]));
        self.license_manager.tick(self.now, &self.organization, &self.knobs, &mut ids);
        self.note_changes(&before, log);
    }

    /// Every grant's status, in the order of [`LicenseManager::grants`]
    fn statuses(&self) -> Vec<(u128, GrantStatus)> {
        self.license_manager.grants().map(|grant| (mark(&grant.arn), grant.status)).collect()
    }

    fn note_changes(&self, before: &[(u128, GrantStatus)], log: &mut Log) {
        let mut before = before.iter().peekable();
        for grant in self.license_manager.grants() {
            // Grants never vanish, so what is missing among the earlier ones is new.
            let was = before.next_if(|(id, _)| *id == mark(&grant.arn)).map(|(_, status)| *status);
            if was != Some(grant.status) {
                log.coverage.change(was, grant.status);
                log.tell(|| {
                    let was = was.map_or("", GrantStatus::as_str);
                    format!("    {} `{}` {was} -> {}", short(&grant.arn), grant.name, grant.status.as_str())
                });
            }
        }
    }

    /// The ledger hears of the organization as it is now
    pub(super) fn learn_organization(&mut self) {
        self.known = Arc::new(known(&self.organization));
    }

    /// New rules; what they ask for is remembered for good
    pub(super) fn rule(&mut self, rules: Rules) {
        self.rules = Arc::new(rules);
        self.note_asked();
    }

    /// Call this after every change of rules or organization
    pub(super) fn note_asked(&mut self) {
        let known = known(&self.organization);
        for purchase in self.licenses.iter() {
            if self.rules.asks_for_everybody(&purchase.license) {
                self.for_all.insert(purchase.license.clone());
            }
            for unit in self.organization.units.keys() {
                if self.rules.asks_for_unit(&purchase.license, unit, &known) {
                    self.for_units.insert((purchase.license.clone(), unit.clone()));
                }
            }
            for account in self.organization.accounts.values() {
                let pair = (purchase.license.clone(), account.parent.clone());
                if self.for_units.contains(&pair) {
                    self.asked.insert((pair.0, account.id.clone()));
                }
            }
            for account in self.organization.accounts.keys() {
                let pair = || (purchase.license.clone(), account.clone());
                if let Some(wish) = self.rules.by(&purchase.license, account, &self.organization) {
                    self.asked.insert(pair());
                    if wish.activation == "replace" && self.rules.replacements > 0 {
                        self.may_displace.insert(pair());
                    }
                }
            }
        }
    }

    /// A run looks at what is asked for of a license
    pub(super) fn note_heard(&mut self, license: usize, basis: &Basis) {
        let license = self.purchase(license).license.clone();
        let accounts = basis.known.accounts.keys().map(ToString::to_string);
        let asked = accounts.filter(|account| basis.rules.ask_for(&license, account, &basis.known));
        let now = self.now;
        let asked: Vec<_> = asked.map(|account| ((license.clone(), account), now)).collect();
        Arc::make_mut(&mut self.heard).extend(asked);
    }

    /// A number that two worlds share only when all that is to come of them is the same
    pub(super) fn fingerprint(&self) -> u64 {
        let mut print = Print(DefaultHasher::new());
        let Self { now, license_manager, ledger, inbox, known, rules, announced, broken, .. } = self;
        // Writing into a hasher does not fail.
        let _infallible = write!(
            print,
            "{now} {license_manager:?} {ledger:?} {inbox:?} {:p} {:p} {announced:?} {broken:?}",
            *known, *rules
        );
        print.0.finish()
    }
}

struct Print(DefaultHasher);

impl fmt::Write for Print {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// What tells grants apart: half of the random digits at the end of an ARN
fn mark(arn: &str) -> u128 {
    arn.as_bytes().last_chunk().map_or(0, |digits| u128::from_le_bytes(*digits))
}

/// The last digits of a grant's ARN, for readers
pub(super) fn short(arn: &str) -> &str {
    let from = arn.len().saturating_sub(6);
    arn.get(from..).unwrap_or(arn)
}

/// An account id as the planner's type
pub(super) fn account_id(text: &str) -> AccountId {
    text.parse().expect("scenes are made of account ids")
}

/// A purchase's license as the planner's type
pub(super) fn license_id(purchase: &Purchase) -> LicenseId {
    purchase.license.parse().expect("scenes are made of license ids")
}

/// The organization as Organizations' answers give it to the engine
pub(super) fn known(organization: &Organization) -> Known {
    let accounts = organization.accounts.values().map(|account| {
        let path = organization.ancestors(&account.parent).into_iter().rev().filter_map(|unit| unit.id.parse().ok());
        let placed = Account::new(AccountState::from_api(&account.state), path.collect());
        (account_id(&account.id), placed)
    });
    let units = organization.units.values().filter_map(|unit| Some((unit.id.parse().ok()?, unit.name.clone())));
    Known {
        id: organization.id.parse().expect("scenes are made of organization ids"),
        arn: organization.arn(),
        management: account_id(&organization.management_account),
        units: units.collect(),
        accounts: accounts.collect(),
    }
}
