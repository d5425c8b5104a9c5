//! AWS License Manager's grants and received licenses, for AWS Marketplace licenses
//!
//! Typed rules over state (`create`, `version`, `answer`, `delete`) start workflows; [`LicenseManager::tick`] ends
//! them. `wire` above them reads and writes the JSON of the real service. Where AWS leaves a question open, a field
//! of [`Knobs`] answers it; the rest follows the API model and the user guide's pages on granted licenses and grant
//! statuses.

mod activation;
mod answer;
mod coverage;
mod create;
mod delete;
mod grant;
mod license;
mod principal;
mod received;
mod role;
#[cfg(test)]
pub(crate) mod tests;
mod version;
mod wire;
mod word;
mod workflow;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rand::Rng;
use rand::rngs::StdRng;

pub use grant::{Grant, GrantStatus, GrantType, Override, Principal};
pub use license::{AllowedOperation, HOME_REGION, License, LicenseStatus, MARKETPLACE_ACCOUNT, license_id};
pub use write::{Displacement, Write, WriteOperation};

use crate::blueprint::Purchase;
use crate::error::ApiError;
use crate::knobs::Knobs;
use crate::organizations::Organization;
use coverage::Members;
use create::Replay;
use workflow::Workflow;

/// Everything License Manager knows, in one Region: licenses, grants, client tokens, pending workflows
#[derive(Debug, Clone)]
pub struct LicenseManager {
    licenses: BTreeMap<String, License>,
    grants: BTreeMap<String, Grant>,
    /// By license: its grants that are not sub-grants
    direct: BTreeMap<String, BTreeSet<String>>,
    /// Organization and unit grants of all licenses
    spread: BTreeSet<String>,
    /// By organization or unit grant: its sub-grants, ended ones included
    sub_grants: BTreeMap<String, BTreeSet<String>>,
    /// By account: grants to that account alone, sub-grants included
    by_account: BTreeMap<String, BTreeSet<String>>,
    // INVARIANT: one active grant per account and SKU; `shift` alone writes it.
    active: BTreeMap<(String, String), String>,
    replays: BTreeMap<(String, String), Replay>,
    workflows: BTreeMap<(Timestamp, u64), Workflow>,
    started: u64,
    members: Members,
    writes: Vec<Write>,
    displacements: Vec<Displacement>,
    linked: bool,
    person: bool,
}

/// One call's surroundings
#[derive(Debug)]
pub struct Context<'a> {
    /// The world's time
    pub now: Timestamp,
    /// The caller's account, twelve digits
    pub caller: &'a str,
    /// The organization as it is now
    pub organization: &'a Organization,
    /// Answers to open questions
    pub knobs: &'a Knobs,
    /// Randomness for ARNs and listing order, from the world's seed
    pub ids: &'a mut StdRng,
    /// A fault: the workflow this call starts takes twenty times as long
    pub slow: bool,
}

/// The surroundings of a workflow's end, which has no caller
#[derive(Debug)]
struct Turn<'a> {
    now: Timestamp,
    organization: &'a Organization,
    knobs: &'a Knobs,
    ids: &'a mut StdRng,
}

/// How many times longer a slow workflow takes
const SLOW: u64 = 20;

impl Context<'_> {
    fn workflow_end(&self) -> Timestamp {
        let seconds = self.knobs.workflow_seconds;
        after(self.now, if self.slow { seconds.saturating_mul(SLOW) } else { seconds })
    }

    /// Whether the caller may grant to the organization and see all of it
    fn administers(&self) -> bool {
        self.caller == self.organization.management_account
            || self.organization.delegated_administrators.iter().any(|account| account == self.caller)
    }
}

/// Whether an operation changes state, so that a lost reply to it matters
pub fn is_write(operation: &str) -> bool {
    WriteOperation::from_word(operation).is_some() || operation == "UpdateServiceSettings"
}

impl Default for LicenseManager {
    fn default() -> Self {
        Self::new()
    }
}

impl LicenseManager {
    /// No licenses, no grants, AWS Organizations accounts linked
    pub fn new() -> Self {
        Self {
            licenses: BTreeMap::new(),
            grants: BTreeMap::new(),
            direct: BTreeMap::new(),
            spread: BTreeSet::new(),
            sub_grants: BTreeMap::new(),
            by_account: BTreeMap::new(),
            active: BTreeMap::new(),
            replays: BTreeMap::new(),
            workflows: BTreeMap::new(),
            started: 0,
            members: Members::default(),
            writes: Vec::new(),
            displacements: Vec::new(),
            linked: true,
            person: false,
        }
    }

    /// One API call: JSON in, JSON out, members named as on the wire
    ///
    /// Members the model does not know are ignored, as AWS JSON 1.1 services do. `Tags` are accepted and not kept.
    ///
    /// # Errors
    ///
    /// What the service would refuse; `UnknownOperationException` for an operation outside grants, received licenses
    /// and service settings.
    pub fn call(
        &mut self,
        context: &mut Context<'_>,
        operation: &str,
        body: &serde_json::Value,
    ) -> Result<serde_json::Value, ApiError> {
        wire::dispatch(self, context, operation, body)
    }

    /// The same call done by a person, such as at the console: its writes are marked so
    ///
    /// # Errors
    ///
    /// As [`LicenseManager::call`].
    pub fn act_as_person(
        &mut self,
        context: &mut Context<'_>,
        operation: &str,
        body: &serde_json::Value,
    ) -> Result<serde_json::Value, ApiError> {
        self.person = true;
        let answer = self.call(context, operation, body);
        self.person = false;
        answer
    }

    /// Ends the workflows due by `now`, in order, and follows accounts that joined, moved or left
    ///
    /// Joins and leaves are noticed at `now`; call this after every change of the organization.
    pub fn tick(&mut self, now: Timestamp, organization: &Organization, knobs: &Knobs, ids: &mut StdRng) {
        let mut turn = Turn { now, organization, knobs, ids };
        if !self.members.are_of(organization) {
            self.members = Members::of(organization);
            self.follow_members(&mut turn);
        }
        while let Some((&key, _)) = self.workflows.first_key_value() {
            if key.0 > now {
                break;
            }
            if let Some(workflow) = self.workflows.remove(&key) {
                turn.now = key.0;
                self.finish(workflow, &mut turn);
            }
        }
    }

    /// When the next workflow ends
    pub fn next_due(&self) -> Option<Timestamp> {
        self.workflows.first_key_value().map(|((due, _), _)| *due)
    }

    /// A license comes into being for its buyer, with Marketplace's grant to it already ACTIVE
    ///
    /// A product has one active grant per account, so another one active there for the same SKU becomes DISABLED. For
    /// a license id already known this is a renewal that keeps the license: its version rises and it is AVAILABLE.
    pub fn provision(
        &mut self,
        purchase: &Purchase,
        _organization: &Organization,
        knobs: &Knobs,
        now: Timestamp,
        ids: &mut StdRng,
    ) {
        if let Some(license) = self.licenses.get_mut(&purchase.license) {
            license.version += 1;
            license.status = LicenseStatus::Available;
            license.purchase = purchase.clone();
            let received_by = license.received_by.clone();
            if self.grants.get(&received_by).is_some_and(|grant| grant.status.is_live()) {
                self.take_slot(&received_by, knobs, now);
                return;
            }
        }
        let version = self.licenses.get(&purchase.license).map_or(1, |license| license.version);
        let arn = grant_arn(MARKETPLACE_ACCOUNT, ids);
        let license = License {
            purchase: purchase.clone(),
            status: LicenseStatus::Available,
            version,
            created: now,
            received_by: arn.clone(),
        };
        let grant = Grant {
            arn: arn.clone(),
            name: purchase.product.clone(),
            parent_arn: Self::license_arn(license.id()),
            license: license.id().to_owned(),
            sku: license.sku().to_owned(),
            principal: Principal::Account(license.holder().to_owned()),
            principal_arn: principal::account_arn(license.holder()),
            grantor: MARKETPLACE_ACCOUNT.to_owned(),
            home_region: HOME_REGION,
            status: GrantStatus::Disabled,
            status_reason: None,
            version: 1,
            operations: license.received_operations(),
            options: None,
            options_by_grantor: false,
            grant_type: GrantType::Buyer,
            activated: false,
            sub_grant: false,
            switched_off: false,
            created: now,
            visible_from: now,
            ended: None,
            workflow: None,
        };
        self.licenses.insert(license.id().to_owned(), license);
        self.insert(grant);
        self.take_slot(&arn, knobs, now);
    }

    /// A license's agreement ended: no grant of it is active any more
    ///
    /// By the knob `ended_license_deletes_grants`, all its grants become DELETED, or the active ones DISABLED.
    pub fn end_license(&mut self, license_id: &str, status: LicenseStatus, knobs: &Knobs, now: Timestamp) {
        let Some(license) = self.licenses.get_mut(license_id) else { return };
        license.status = status;
        for arn in self.grants_of(license_id) {
            let Some(was) = self.grants.get(&arn).map(|grant| grant.status) else { continue };
            let to = match knobs.ended_license_deletes_grants {
                true if was.is_live() => GrantStatus::Deleted,
                false if was == GrantStatus::Active => GrantStatus::Disabled,
                true | false => continue,
            };
            let reason = Some(format!("License is {}", status.as_str()));
            self.shift(&arn, to, reason, knobs.workflow_bumps_version, now);
        }
    }

    /// A fault: the workflow that is running for this grant will end in FAILED_WORKFLOW; false when none is running
    pub fn fail_workflow(&mut self, grant_arn: &str, reason: &str) -> bool {
        let running = self.grants.get(grant_arn).and_then(|grant| grant.workflow);
        match running.and_then(|key| self.workflows.get_mut(&key)) {
            Some(workflow) => {
                workflow.failure = Some(reason.to_owned());
                true
            }
            None => false,
        }
    }

    /// `arn:aws:license-manager::294406891311:license:l-...`: the account is AWS Marketplace's, the Region empty
    pub fn license_arn(license_id: &str) -> String {
        format!("arn:aws:license-manager::{MARKETPLACE_ACCOUNT}:license:{license_id}")
    }

    /// All grants there ever were, by ARN
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.values()
    }

    /// One grant
    pub fn grant(&self, arn: &str) -> Option<&Grant> {
        self.grants.get(arn)
    }

    /// All licenses, by id
    pub fn licenses(&self) -> impl Iterator<Item = &License> {
        self.licenses.values()
    }

    /// One license by its id
    pub fn license(&self, license_id: &str) -> Option<&License> {
        self.licenses.get(license_id)
    }

    /// Every accepted write, oldest first
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// Every active grant that another one put out of the way, oldest first
    pub fn displacements(&self) -> &[Displacement] {
        &self.displacements
    }

    /// Accounts of the organization in which a grant of this license is ACTIVE, with that grant
    ///
    /// The buyer's own account is among them, by Marketplace's grant to it.
    pub fn active_accounts(&self, license_id: &str, organization: &Organization) -> BTreeMap<String, String> {
        self.grants_of(license_id)
            .into_iter()
            .filter_map(|arn| self.grants.get(&arn))
            .filter(|grant| grant.status == GrantStatus::Active)
            .filter_map(|grant| Some((grant.principal.account()?.to_owned(), grant.arn.clone())))
            .filter(|(account, _)| organization.accounts.contains_key(account))
            .collect()
    }

    /// ARNs of a license's grants, each organization grant followed by its sub-grants
    fn grants_of(&self, license_id: &str) -> Vec<String> {
        let mut arns = Vec::new();
        for arn in self.direct.get(license_id).into_iter().flatten() {
            arns.push(arn.clone());
            arns.extend(self.sub_grants.get(arn).into_iter().flatten().cloned());
        }
        arns
    }

    fn insert(&mut self, grant: Grant) {
        let arn = grant.arn.clone();
        if grant.sub_grant {
            self.sub_grants.entry(grant.parent_arn.clone()).or_default().insert(arn.clone());
        } else {
            self.direct.entry(grant.license.clone()).or_default().insert(arn.clone());
        }
        match grant.principal.account() {
            Some(account) => self.by_account.entry(account.to_owned()).or_default().insert(arn.clone()),
            None => self.spread.insert(arn.clone()),
        };
        self.grants.insert(arn, grant);
    }
}

fn after(now: Timestamp, seconds: u64) -> Timestamp {
    let seconds = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    now.checked_add(seconds).unwrap_or(Timestamp::MAX)
}

fn grant_arn(account: &str, ids: &mut StdRng) -> String {
    format!("arn:aws:license-manager::{account}:grant:g-{:032x}", ids.random::<u128>())
}
