//! How things stand, as a value: counts first, then only what is not plainly as it should be
//!
//! Made of the same plans that a run would carry out, and of what the ledger remembers of the runs before, which alone
//! knows since when a pair is as it is.

mod filter;
mod render;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use crate::entry::EntryKey;
use crate::id::{AccountId, LicenseId, RuleId};
use crate::plan::{PairState, Plan, plan};
use crate::reason::{ReasonCode, Standing};
use crate::snapshot::{Remembered, Snapshot};
use crate::time::{Timestamp, written};

pub use filter::{Filter, FilterError};

/// One license as it was looked at: what a run would find, and what the ledger remembers
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    plan: Plan,
    remembered: BTreeMap<AccountId, Remembered>,
    at: Timestamp,
    lane: Lane,
}

/// When the ledger says that a license wants to be looked at
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lane {
    /// Without being asked
    pub due_at: Option<Timestamp>,
    /// Somebody asked for a look that nobody has taken yet
    pub owed: bool,
}

impl Looked {
    /// Plans what was seen, by the function that every run plans with
    #[must_use]
    pub fn of(snapshot: &Snapshot, lane: Lane) -> Self {
        Self { plan: plan(snapshot), remembered: snapshot.remembered.clone(), at: snapshot.now, lane }
    }
}

/// How things stand
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// How many there are of everything
    pub counts: Counts,
    /// Every pair that is not plainly ACTIVE or HOLDER: blocked ones first, then moving ones
    pub exceptions: Vec<Exception>,
    /// Grants left alone although nobody asks for them, or although they cannot be treated
    pub kept: Vec<GrantState>,
    /// Grants on their way that no pair waits for
    pub under_way: Vec<GrantState>,
    /// Licenses that want to be looked at by now
    pub lanes_due: Vec<LaneDue>,
    /// What the codes of the above say, each once
    pub meanings: Vec<Meaning>,
}

/// How many pairs there are, of how many licenses and accounts, and in which states
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Pairs of a license and an account that the rules name
    pub pairs: usize,
    /// Licenses that these pairs are of
    pub licenses: usize,
    /// Accounts that these pairs are of
    pub accounts: usize,
    /// Nobody has to do anything
    pub settled: usize,
    /// It goes on by itself
    pub moving: usize,
    /// A person has to do something first
    pub blocked: usize,
    /// By reason code; one that no pair has is left out
    pub reason_codes: BTreeMap<ReasonCode, usize>,
}

/// A pair that is not plainly ACTIVE or HOLDER
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exception {
    /// Which license
    pub license: LicenseId,
    /// Which account
    pub account: AccountId,
    /// Whether somebody has to do something
    pub standing: Standing,
    /// Why it is as it is
    pub reason_code: ReasonCode,
    /// The rule that names the account
    pub rule: RuleId,
    /// Since when, by the ledger; `None`: no run has noted this state yet
    #[serde(serialize_with = "written::serialize")]
    pub since: Option<Timestamp>,
    /// The other state that the last run noted, when the pair has left it since
    pub noted: Option<Noted>,
    /// The moment that the pair itself waits for, else when its license is due; `None`: an event or the full reconcile
    #[serde(serialize_with = "written::serialize")]
    pub next_look: Option<Timestamp>,
    /// More, for people; never account names or e-mail addresses
    pub detail: Option<String>,
}

/// A state that the ledger remembers and that a look no longer finds
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Noted {
    /// Why the pair was as it was
    pub reason_code: ReasonCode,
    /// Since when
    #[serde(serialize_with = "in_words")]
    pub since: Timestamp,
}

fn in_words<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

/// A grant that no pair speaks for
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GrantState {
    /// Of which license
    pub license: LicenseId,
    /// Whom it is made to: `organization`, a unit, or an account
    pub grant: String,
    /// Why it is as it is
    pub reason_code: ReasonCode,
}

/// A license that wants to be looked at by now
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LaneDue {
    /// Which license
    pub license: LicenseId,
    /// Since when, or with `owed` when the sweep would take the message for lost
    #[serde(serialize_with = "written::serialize")]
    pub due_at: Option<Timestamp>,
    /// Somebody asked for a look that nobody has taken yet
    pub owed: bool,
}

/// What a reason code says
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Meaning {
    /// Which code
    pub reason_code: ReasonCode,
    /// What it says
    pub meaning: &'static str,
    /// What a person does about it; empty where nothing is to be done
    pub mend: &'static str,
}

/// How these licenses stand, as far as the filter lets through
#[must_use]
pub fn status(looked: &[Looked], filter: &Filter) -> Status {
    let looked: Vec<&Looked> = looked.iter().filter(|looked| filter.takes_license(&looked.plan.license)).collect();
    let pairs: Vec<(&Looked, &AccountId, &PairState)> = looked
        .iter()
        .flat_map(|looked| looked.plan.pairs.iter().map(|(account, pair)| (*looked, account, pair)))
        .filter(|(_, account, pair)| filter.takes_pair(account, pair))
        .collect();
    let mut exceptions: Vec<Exception> = pairs
        .iter()
        .filter(|(_, _, pair)| !matches!(pair.code, ReasonCode::Active | ReasonCode::Holder))
        .map(|(looked, account, pair)| looked.exception(account, pair))
        .collect();
    exceptions.sort_by_key(|exception| match exception.standing {
        Standing::Blocked => 0,
        Standing::Moving => 1,
        Standing::Settled => 2,
    });
    let kept: Vec<GrantState> = looked.iter().flat_map(|looked| looked.kept(filter)).collect();
    let under_way: Vec<GrantState> = looked.iter().flat_map(|looked| looked.under_way(filter)).collect();
    let shown: BTreeSet<ReasonCode> = exceptions
        .iter()
        .map(|exception| exception.reason_code)
        .chain(kept.iter().chain(&under_way).map(|grant| grant.reason_code))
        .collect();
    Status {
        counts: Counts::of(&pairs),
        exceptions,
        kept,
        under_way,
        lanes_due: looked.iter().filter_map(|looked| looked.lane_due()).collect(),
        meanings: shown.into_iter().map(Meaning::of).collect(),
    }
}

impl Status {
    /// Whether nothing moves and nothing is blocked, pairs and grants alike
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let grants = self.kept.iter().chain(&self.under_way);
        self.counts.moving == 0
            && self.counts.blocked == 0
            && grants.map(|grant| grant.reason_code.standing()).all(|standing| standing == Standing::Settled)
    }
}

impl Counts {
    fn of(pairs: &[(&Looked, &AccountId, &PairState)]) -> Self {
        let mut counts = Self {
            pairs: pairs.len(),
            licenses: pairs.iter().map(|(looked, _, _)| &looked.plan.license).collect::<BTreeSet<_>>().len(),
            accounts: pairs.iter().map(|(_, account, _)| *account).collect::<BTreeSet<_>>().len(),
            ..Self::default()
        };
        for (_, _, pair) in pairs {
            *counts.reason_codes.entry(pair.code).or_default() += 1;
            match pair.code.standing() {
                Standing::Settled => counts.settled += 1,
                Standing::Moving => counts.moving += 1,
                Standing::Blocked => counts.blocked += 1,
            }
        }
        counts
    }
}

impl Looked {
    fn exception(&self, account: &AccountId, pair: &PairState) -> Exception {
        let remembered = self.remembered.get(account);
        let same = remembered.filter(|remembered| remembered.code == pair.code);
        let other = remembered.filter(|remembered| remembered.code != pair.code);
        // A wait that merely begins anew with each look says when somebody who looks now would look again. Nobody does:
        // this look leaves no trace, so the ledger's word counts.
        let own = pair.next_look.filter(|at| pair.code.next_look(self.at) != Some(*at));
        Exception {
            license: self.plan.license.clone(),
            account: account.clone(),
            standing: pair.code.standing(),
            reason_code: pair.code,
            rule: pair.rule.clone(),
            since: same.map(|remembered| remembered.since),
            noted: other.map(|noted| Noted { reason_code: noted.code, since: noted.since }),
            next_look: own.or(self.lane.due_at),
            detail: pair.detail.clone(),
        }
    }

    fn kept(&self, filter: &Filter) -> Vec<GrantState> {
        let holds = self.plan.holds.iter().filter(|hold| filter.takes_grant(&hold.principal, hold.code));
        holds.map(|hold| self.grant(&hold.principal, hold.code)).collect()
    }

    /// One that is kept, too, is told once
    fn under_way(&self, filter: &Filter) -> Vec<GrantState> {
        let is_kept =
            |key: &EntryKey| self.plan.holds.iter().any(|hold| EntryKey::Grant(hold.principal.clone()) == *key);
        let under_way = self.plan.under_way.iter().filter(|grant| !is_kept(&grant.key));
        let taken = under_way.filter(|grant| match &grant.key {
            EntryKey::Grant(principal) => filter.takes_grant(principal, grant.code),
            EntryKey::SubGrant(account) => {
                filter.takes_grant(&crate::organization::Principal::Account(account.clone()), grant.code)
            }
        });
        taken.map(|grant| self.grant(&grant.key, grant.code)).collect()
    }

    fn grant(&self, grant: &impl ToString, code: ReasonCode) -> GrantState {
        GrantState { license: self.plan.license.clone(), grant: grant.to_string(), reason_code: code }
    }

    fn lane_due(&self) -> Option<LaneDue> {
        let Lane { due_at, owed } = self.lane;
        let is_due = owed || due_at.is_some_and(|at| at <= self.at);
        is_due.then(|| LaneDue { license: self.plan.license.clone(), due_at, owed })
    }
}

impl Meaning {
    fn of(code: ReasonCode) -> Self {
        Self { reason_code: code, meaning: code.meaning(), mend: code.mend() }
    }
}
