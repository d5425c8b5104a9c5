//! How the demo ended: one JSON document, or a table for people

use std::collections::BTreeMap;
use std::fmt;

use comfy_table::{Table, presets};
use grant_plan::plan::Plan;
use grant_plan::reason::ReasonCode;
use pretend_aws::World;
use serde::Serialize;

use super::organization::Stage;
use super::{Played, is_active};
use crate::deployment::Deployment;

/// The result of a demo; its JSON form is documented in the README
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Accounts in the organization at the end, the management account included
    pub accounts: usize,
    /// Licenses held at the end
    pub licenses: usize,
    /// License-account pairs that the rules name
    pub wanted: usize,
    /// Of these, pairs that have the license: ACTIVE, read back from License Manager, or the license's own holder
    pub active: usize,
    /// Of the active ones, pairs whose account holds the license itself
    pub holders: usize,
    /// The rest, each with its reason: `wanted = active + holds`
    pub holds: Vec<Held>,
    /// How many invariants the pretend AWS found broken
    pub invariants_broken: usize,
    /// Which
    pub broken: Vec<String>,
    /// Calls to License Manager, Organizations, Marketplace and STS while the story was played
    pub api_calls: ReadWrite,
    /// Calls to DynamoDB and SQS meanwhile
    pub storage_calls: ReadWrite,
    /// Faults that struck meanwhile
    pub faults: BTreeMap<String, u64>,
    /// Whether everything came to rest
    pub settled: bool,
    /// Writing calls in one more full reconcile: any to AWS's control plane, and any to the ledger but for the
    /// `wanted` and `done` counters of the lanes
    pub writes_when_settled: u64,
    /// Reading calls in that reconcile
    pub reads_when_settled: u64,
    /// Invocations of the three functions
    pub invocations: u64,
    #[serde(skip)]
    coverage: Vec<Coverage>,
}

/// A pair that is not active
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Held {
    /// `l-...`
    pub license: String,
    /// Twelve digits
    pub account: String,
    /// Why
    pub reason_code: String,
}

/// Calls that change nothing, and calls that change something
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ReadWrite {
    /// Calls that change nothing
    pub read: u64,
    /// Calls that change something, refused ones included
    pub write: u64,
}

/// One line of the table
#[derive(Debug, Clone)]
struct Coverage {
    product: String,
    kind: String,
    wanted: usize,
    active: usize,
    held: BTreeMap<ReasonCode, usize>,
}

/// Calls of one stretch of the story
pub(super) struct Calls {
    pub(super) aws: ReadWrite,
    storage: ReadWrite,
    /// Writes to the ledger that are not a lane's counters: those are UpdateItem, everything else is not
    ledger_writes: u64,
}

impl Calls {
    pub(super) fn of(world: &World) -> Self {
        world.with(|state| {
            let sum = |services: &[&str]| {
                services.iter().map(|service| state.calls.of(service)).fold(ReadWrite::default(), |sum, counter| {
                    ReadWrite { read: sum.read + counter.read, write: sum.write + counter.write }
                })
            };
            let ledger_writes = ["PutItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"]
                .iter()
                .map(|operation| state.calls.count("DynamoDb", operation) as u64)
                .sum();
            Self {
                aws: sum(&["LicenseManager", "Organizations", "Marketplace", "Sts"]),
                storage: sum(&["DynamoDb", "Sqs"]),
                ledger_writes,
            }
        })
    }

    pub(super) fn writes(&self) -> u64 {
        self.aws.write + self.ledger_writes
    }
}

impl Summary {
    pub(super) fn new(
        deployment: &Deployment,
        stage: &Stage,
        plans: &[Plan],
        broken: Vec<String>,
        during: Calls,
        after: &Calls,
        settled: bool,
    ) -> Self {
        let pairs =
            || plans.iter().flat_map(|plan| plan.pairs.iter().map(move |(account, pair)| (plan, account, pair)));
        let mut holds: Vec<Held> = pairs()
            .filter(|(_, _, pair)| !is_active(pair.code))
            .map(|(plan, account, pair)| Held {
                license: plan.license.to_string(),
                account: account.to_string(),
                reason_code: pair.code.to_string(),
            })
            .collect();
        holds.sort();
        let faults = deployment.world().with(|state| {
            let happened = state.faults.happened().iter();
            happened.map(|(fault, count)| (format!("{fault:?}"), *count)).collect()
        });
        Self {
            accounts: deployment.world().with(|state| state.organization.accounts.len()),
            licenses: plans.len(),
            wanted: pairs().count(),
            active: pairs().filter(|(_, _, pair)| is_active(pair.code)).count(),
            holders: pairs().filter(|(_, _, pair)| pair.code == ReasonCode::Holder).count(),
            holds,
            invariants_broken: broken.len(),
            broken,
            api_calls: during.aws,
            storage_calls: during.storage,
            faults,
            settled,
            writes_when_settled: after.writes(),
            reads_when_settled: after.aws.read,
            invocations: deployment.tally().invocations,
            coverage: plans.iter().map(|plan| coverage(stage, plan)).collect(),
        }
    }

    /// Settled, nothing broken, and nothing written by looking once more
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.settled && self.invariants_broken == 0 && self.writes_when_settled == 0
    }
}

fn coverage(stage: &Stage, plan: &Plan) -> Coverage {
    let purchases = stage.blueprint.purchases.iter().chain([&stage.purchase]);
    let bought = purchases.into_iter().find(|purchase| purchase.license == plan.license.as_str());
    let mut held = BTreeMap::new();
    for pair in plan.pairs.values().filter(|pair| !is_active(pair.code)) {
        *held.entry(pair.code).or_default() += 1;
    }
    Coverage {
        product: bought.map_or_else(|| plan.license.to_string(), |purchase| purchase.product.clone()),
        kind: bought.map(|purchase| purchase.product_type.clone()).unwrap_or_default(),
        wanted: plan.pairs.len(),
        active: plan.pairs.values().filter(|pair| is_active(pair.code)).count(),
        held,
    }
}

/// The summary as people read it
pub(super) struct Shown<'a>(pub(super) &'a Played);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = &self.0.summary;
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED);
        table.set_header(["product", "type", "wanted", "active", "held, and why"]);
        for line in &summary.coverage {
            let held: Vec<String> = line.held.iter().map(|(code, count)| format!("{count} {code}")).collect();
            let (wanted, active) = (line.wanted.to_string(), line.active.to_string());
            table.add_row([&line.product, &line.kind, &wanted, &active, &held.join(", ")]);
        }
        writeln!(formatter, "{table}")?;
        let Summary { wanted, active, holds, api_calls, faults, .. } = summary;
        let struck: u64 = faults.values().sum();
        writeln!(formatter, "{active} of {wanted} pairs active, {} held", holds.len())?;
        writeln!(
            formatter,
            "{} reading and {} writing calls to AWS, {struck} faults struck, {} invocations",
            api_calls.read, api_calls.write, summary.invocations
        )?;
        for broken in &summary.broken {
            writeln!(formatter, "BROKEN  {broken}")?;
        }
        let verdict = if summary.is_good() { "settled, nothing broken" } else { "NOT settled, or something broke" };
        write!(formatter, "{verdict}; one more full reconcile wrote {} times", summary.writes_when_settled)
    }
}
