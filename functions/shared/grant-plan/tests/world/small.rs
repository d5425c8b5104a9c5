//! A small organization, one license, and verbs that say how this world differs from an empty one
//!
//! ```text
//! root ── 000000000001  management account, holds the license
//!  ├─ prod ── 000000000101
//!  │   └─ core ── 000000000102
//!  └─ dev ── 000000000103
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use grant_plan::entry::{Entry, EntryKey, Phase};
use grant_plan::grant::{Grant, GrantStatus};
use grant_plan::id::{AccountId, GrantArn, Intent, OuId};
use grant_plan::license::{License, LicenseStatus, Origin};
use grant_plan::organization::{Account, AccountState, Organization, Principal};
use grant_plan::plan::{Plan, plan};
use grant_plan::policy::Policy;
use grant_plan::snapshot::{Limits, Snapshot};
use grant_plan::time::Timestamp;
use serde_json::{Value, json};

/// When every world begins
pub(crate) const NOW: Timestamp = Timestamp(1_800_000_000);
/// The account that holds the license
pub(crate) const HOLDER: u64 = 1;
/// The other accounts
pub(crate) const MEMBERS: [u64; 3] = [101, 102, 103];

pub(crate) fn account(number: u64) -> AccountId {
    format!("{number:012}").parse().unwrap()
}

pub(crate) fn to_account(number: u64) -> Principal {
    Principal::Account(account(number))
}

pub(crate) fn arn(name: &str) -> GrantArn {
    format!("arn:aws:license-manager::{HOLDER:012}:grant:g-{name}").parse().unwrap()
}

/// The intent that is this digit all over
pub(crate) fn intent(digit: char) -> Intent {
    digit.to_string().repeat(32).parse().unwrap()
}

/// The name of a grant that `deployment` made by this intent
pub(crate) fn stamp(deployment: &str, digit: char) -> String {
    format!("gw/{deployment}/everyone/{}", intent(digit))
}

pub(crate) fn ago(wait: Duration) -> Timestamp {
    Timestamp(NOW.0 - i64::try_from(wait.as_secs()).unwrap())
}

/// A rule for everybody
pub(crate) fn everyone() -> Value {
    json!({"rule": "everyone", "products": "*", "accounts": {"organization": true}})
}

/// A rule for these accounts
pub(crate) fn only(accounts: &[u64]) -> Value {
    let accounts: Vec<String> = accounts.iter().map(|number| account(*number).to_string()).collect();
    json!({"rule": "only", "products": "*", "accounts": {"account": accounts}})
}

/// A grant as a listing shows it
pub(crate) fn grant(name: &str, principal: Principal, status: GrantStatus, stamp: &str) -> Grant {
    Grant {
        arn: arn(name),
        name: stamp.to_owned(),
        license: "l-1".parse().unwrap(),
        principal: Some(principal),
        parent: None,
        status,
        status_reason: None,
        version: "1".into(),
        operations: BTreeSet::from(["CheckoutLicense".to_owned()]),
    }
}

/// A first entry in this phase
pub(crate) fn entry(phase: Phase) -> Entry {
    Entry::new(None, "everyone".parse().unwrap(), "v1".into(), phase)
}

/// An entry that holds the grant of this name, made by intent `a`
pub(crate) fn holds(name: &str, at: Timestamp) -> Entry {
    entry(Phase::Held { intent: Some(intent('a')), arn: arn(name), at })
}

/// A snapshot in the making
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) snapshot: Snapshot,
    rules: Vec<Value>,
}

impl World {
    /// Nothing wanted, nothing granted, nothing remembered
    pub(crate) fn new() -> Self {
        let unit = |name: &str| -> OuId { format!("ou-root-{name}0000").parse().unwrap() };
        let (prod, core, dev) = (unit("prod"), unit("core"), unit("dev0"));
        let at = |path: &[&OuId]| Account::new(AccountState::Active, path.iter().map(|unit| (*unit).clone()).collect());
        let paths: [&[&OuId]; 3] = [&[&prod], &[&prod, &core], &[&dev]];
        let mut accounts: BTreeMap<_, _> =
            MEMBERS.iter().zip(paths).map(|(number, path)| (account(*number), at(path))).collect();
        accounts.insert(account(HOLDER), at(&[]));
        let units = [(prod, "prod"), (core, "core"), (dev, "dev")];
        let snapshot = Snapshot {
            deployment: "main".parse().unwrap(),
            now: NOW,
            policy: Policy::default(),
            organization: Organization {
                id: "o-4kq7vt2m9x".parse().unwrap(),
                arn: format!("arn:aws:organizations::{HOLDER:012}:organization/o-4kq7vt2m9x"),
                management: account(HOLDER),
                units: units.into_iter().map(|(id, name)| (id, name.to_owned())).collect(),
                accounts,
            },
            license: License {
                arn: "arn:aws:license-manager::294406891311:license:l-1".parse().unwrap(),
                sku: "prod-1".into(),
                product: "Acme Scanner".into(),
                home_region: "us-east-1".into(),
                status: LicenseStatus::Available,
                operations: ["CheckoutLicense", "CreateGrant"].map(String::from).into(),
                holder: account(HOLDER),
                origin: Origin::default(),
            },
            distributed: Vec::new(),
            received: Vec::new(),
            blind: None,
            shrunk: Vec::new(),
            own_subscriptions: BTreeSet::new(),
            releases: Default::default(),
            entries: BTreeMap::new(),
            remembered: BTreeMap::new(),
            limits: Limits { grant_budget: 1500 },
        };
        Self { snapshot, rules: Vec::new() }
    }

    /// One more item in the policy table
    pub(crate) fn rule(mut self, item: Value) -> Self {
        self.rules.push(item);
        self.snapshot.policy = Policy::read(&self.rules);
        self
    }

    pub(crate) fn paused(self) -> Self {
        self.rule(json!({"rule": "_settings", "paused": true}))
    }

    /// One more item, which cannot be read
    pub(crate) fn with_a_broken_rule(self) -> Self {
        self.rule(json!({"rule": "broken", "products": "*"}))
    }

    /// The holder's listing shows this grant
    pub(crate) fn distributed(mut self, grant: Grant) -> Self {
        self.snapshot.distributed.push(grant);
        self
    }

    /// The holder's listing shows a grant that the ledger remembers, under the name `A`
    pub(crate) fn granted(self, principal: Principal, status: GrantStatus) -> Self {
        let made = grant("A", principal.clone(), status, &stamp("main", 'a'));
        self.distributed(made).entry(principal, holds("A", ago(Duration::from_secs(3600))))
    }

    /// The organization-wide listing shows a grant, or a sub-grant of `parent`, in an account
    pub(crate) fn received(mut self, name: &str, number: u64, parent: Option<&str>, status: GrantStatus) -> Self {
        let parent = parent.map(arn);
        self.snapshot.received.push(Grant { parent, ..grant(name, to_account(number), status, "") });
        self
    }

    /// The ledger's entry for the grant to a principal
    pub(crate) fn entry(mut self, principal: Principal, entry: Entry) -> Self {
        self.snapshot.entries.insert(EntryKey::Grant(principal), entry);
        self
    }

    pub(crate) fn own_subscription(mut self, number: u64) -> Self {
        self.snapshot.own_subscriptions.insert(account(number));
        self
    }

    /// The same world after a while
    pub(crate) fn later(mut self, wait: Duration) -> Self {
        self.snapshot.now = self.snapshot.now.after(wait);
        self
    }

    pub(crate) fn plan(&self) -> Plan {
        plan(&self.snapshot)
    }
}
