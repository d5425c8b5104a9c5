//! AWS License Manager's grants and received licenses, for AWS Marketplace licenses
//!
//! Typed rules over state (`create`, `version`, `answer`, `delete`) start workflows; [`LicenseManager::tick`] ends
//! them. `wire` above them reads and writes the JSON of the real service. Where AWS leaves a question open, a field
//! of [`Knobs`] answers it; the rest follows the API model and the user guide's pages on granted licenses and grant
//! statuses.
//!
//! Cloning is cheap: what a grant or a license is and was is shared between the clones.

mod activation;
mod answer;
mod calls;
mod checkout;
mod chore;
mod coverage;
mod create;
mod delete;
mod grant;
mod kept;
mod license;
mod news;
mod pace;
mod principal;
mod provision;
mod received;
mod refusal;
mod replay;
mod role;
mod saved;
mod settings;
mod sight;
mod tags;
#[cfg(test)]
pub(crate) mod tests;
mod transition;
mod version;
mod wire;
mod word;
mod workflow;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::Rng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

pub use grant::{Grant, GrantStatus, GrantType, Override, Principal};
pub use license::{AllowedOperation, HOME_REGION, License, LicenseStatus, MARKETPLACE_ACCOUNT, license_id};
pub(crate) use news::Subject;
pub use transition::Transition;
pub(crate) use wire::{agreement_license_arn, license_arn};
pub use write::{Displacement, Write, WriteOperation};

use crate::error::ApiError;
use crate::knobs::{GrantArnAccount, Knobs, LicenseManagerEvents};
use crate::organizations::Organization;
use activation::Places;
use checkout::Consumption;
use chore::Chore;
use coverage::Members;
use kept::Kept;
use news::News;
use pace::Pace;
use principal::LICENSE_MANAGER_ACCESS;
use provision::Succession;
use replay::Replays;
use settings::Settings;
use workflow::Workflow;

type Arn = Arc<str>;

/// Everything License Manager knows, in one Region: licenses, grants, client tokens, pending workflows
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenseManager {
    licenses: BTreeMap<Arc<str>, Arc<Kept<License>>>,
    grants: BTreeMap<Arn, Arc<Kept<Grant>>>,
    /// By license: its grants that are not sub-grants
    #[serde(skip)]
    direct: BTreeMap<Arc<str>, BTreeSet<Arn>>,
    /// Organization and unit grants of all licenses
    #[serde(skip)]
    spread: BTreeSet<Arn>,
    /// By organization or unit grant: its sub-grants, ended ones included
    #[serde(skip)]
    sub_grants: BTreeMap<Arn, BTreeSet<Arn>>,
    /// By account: grants to that account alone, sub-grants included
    #[serde(skip)]
    by_account: BTreeMap<Arc<str>, BTreeSet<Arn>>,
    // INVARIANT: one active grant per account and SKU; `shift` and `occupy` alone write it.
    #[serde(skip)]
    places: Places,
    tags: BTreeMap<Arc<str>, BTreeMap<String, String>>,
    replays: Replays,
    consumptions: BTreeMap<String, Arc<Consumption>>,
    #[serde(with = "crate::world::pairs")]
    workflows: BTreeMap<(Timestamp, u64), Workflow>,
    #[serde(with = "crate::world::pairs")]
    chores: BTreeMap<(Timestamp, u64), Chore>,
    started: u64,
    successions: BTreeMap<String, Succession>,
    members: Arc<Members>,
    settings: Arc<Settings>,
    pace: Pace,
    writes: Vec<Arc<Write>>,
    displacements: Vec<Displacement>,
    transitions: BTreeMap<Transition, u64>,
    news: Vec<News>,
    /// Whether anybody wants the news
    #[serde(skip)]
    told: bool,
    /// The call is a person's
    #[serde(skip)]
    person: bool,
    /// The call is to be answered as things stood then
    #[serde(skip)]
    then: Option<Timestamp>,
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

    fn deletion_end(&self) -> Timestamp {
        let seconds = self.knobs.workflow_seconds.saturating_mul(self.knobs.deletion_takes_times);
        after(self.now, if self.slow { seconds.saturating_mul(SLOW) } else { seconds })
    }

    /// Whether the caller may grant to the organization and see all of it
    fn administers(&self) -> bool {
        self.caller == self.organization.management_account || self.is_delegated_administrator()
    }

    /// An account that is delegated to some services only must have License Manager among them
    fn is_delegated_administrator(&self) -> bool {
        let organization = self.organization;
        let named = organization.delegated_administrators.iter().any(|account| account == self.caller);
        let mut services = organization.delegations.keys().filter(|(account, _)| account == self.caller).peekable();
        named && (services.peek().is_none() || services.any(|(_, service)| service == LICENSE_MANAGER_ACCESS))
    }
}

/// Whether an operation changes state, so that a lost reply to it matters
pub fn is_write(operation: &str) -> bool {
    let others = ["UpdateServiceSettings", "TagResource", "UntagResource", "CheckoutLicense", "CheckInLicense"];
    WriteOperation::from_word(operation).is_some() || others.contains(&operation)
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
            places: Places::default(),
            tags: BTreeMap::new(),
            replays: Replays::default(),
            consumptions: BTreeMap::new(),
            workflows: BTreeMap::new(),
            chores: BTreeMap::new(),
            started: 0,
            successions: BTreeMap::new(),
            members: Arc::default(),
            settings: Arc::default(),
            pace: Pace::default(),
            writes: Vec::new(),
            displacements: Vec::new(),
            transitions: BTreeMap::new(),
            news: Vec::new(),
            told: false,
            person: false,
            then: None,
        }
    }

    /// One API call: JSON in, JSON out, members named as on the wire
    ///
    /// Members the model does not know are ignored, as AWS JSON 1.1 services do.
    ///
    /// # Errors
    ///
    /// What the service would refuse; `UnknownOperationException` for an operation outside grants, received licenses,
    /// their tags and consumption, and service settings.
    pub fn call(
        &mut self,
        context: &mut Context<'_>,
        operation: &str,
        body: &serde_json::Value,
    ) -> Result<serde_json::Value, ApiError> {
        self.told = context.knobs.license_manager_events != LicenseManagerEvents::Off;
        context.admit()?;
        if is_write(operation) {
            self.pace.admit(context)?;
        }
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

    /// A fault: a list is answered as grants and licenses stood at `then`; any other call as it would be anyway
    ///
    /// # Errors
    ///
    /// As [`LicenseManager::call`].
    pub fn call_as_of(
        &mut self,
        context: &mut Context<'_>,
        operation: &str,
        body: &serde_json::Value,
        then: Timestamp,
    ) -> Result<serde_json::Value, ApiError> {
        self.then = Some(then).filter(|_| operation.starts_with("List"));
        let answer = self.call(context, operation, body);
        self.then = None;
        answer
    }

    /// Ends the workflows due by `now`, in order, and follows accounts that joined, moved or left
    ///
    /// Joins and leaves are noticed at `now`; call this after every change of the organization.
    pub fn tick(&mut self, now: Timestamp, organization: &Organization, knobs: &Knobs, ids: &mut StdRng) {
        self.told = knobs.license_manager_events != LicenseManagerEvents::Off;
        let mut turn = Turn { now, organization, knobs, ids };
        if self.settings.linked_since.is_none() && self.settings.linked {
            Arc::make_mut(&mut self.settings).linked_since = Some(now);
        }
        let linked = self.is_linked(organization);
        if !self.members.are_of(organization, linked) {
            self.members = Arc::new(Members::of(organization, linked));
            self.follow_members(&mut turn);
        }
        while let Some(due) = self.next_due().filter(|due| *due <= now) {
            turn.now = due;
            // What a workflow does at one moment comes before what follows from it.
            if let Some(workflow) = first_due(&mut self.workflows, due) {
                self.finish(workflow, &mut turn);
            } else if let Some(chore) = first_due(&mut self.chores, due) {
                self.attend_to(chore, &mut turn);
            }
        }
    }

    /// When something happens next by itself
    pub fn next_due(&self) -> Option<Timestamp> {
        let workflow = self.workflows.first_key_value().map(|((due, _), _)| *due);
        let chore = self.chores.first_key_value().map(|((due, _), _)| *due);
        [workflow, chore].into_iter().flatten().min()
    }

    /// A fault: the workflow that is running for this grant will end in FAILED_WORKFLOW; false when none is running
    pub fn fail_workflow(&mut self, grant_arn: &str, reason: &str) -> bool {
        let running = self.grant(grant_arn).and_then(|grant| grant.workflow);
        match running.and_then(|key| self.workflows.get_mut(&key)) {
            Some(workflow) => {
                workflow.failure = Some(reason.into());
                true
            }
            None => false,
        }
    }

    /// `arn:aws:license-manager::294406891311:license:l-...`: the account is AWS Marketplace's, the Region empty
    ///
    /// The form seen most; the knob [`license_arn`](Knobs::license_arn) has others.
    pub fn license_arn(license_id: &str) -> String {
        format!("arn:aws:license-manager::{MARKETPLACE_ACCOUNT}:license:{license_id}")
    }

    fn insert(&mut self, grant: Grant) -> Arn {
        let arn: Arn = grant.arn.as_str().into();
        if grant.sub_grant {
            self.sub_grants.entry(grant.parent_arn.as_str().into()).or_default().insert(Arc::clone(&arn));
        } else {
            self.direct.entry(grant.license.as_str().into()).or_default().insert(Arc::clone(&arn));
        }
        match grant.principal.account() {
            Some(account) => self.by_account.entry(account.into()).or_default().insert(Arc::clone(&arn)),
            None => self.spread.insert(Arc::clone(&arn)),
        };
        let created = grant.created;
        self.grants.insert(Arc::clone(&arn), Arc::new(Kept::new(grant, created)));
        arn
    }

    fn change(&mut self, arn: &str, now: Timestamp, change: impl FnOnce(&mut Grant)) {
        if let Some(kept) = self.grants.get_mut(arn) {
            Arc::make_mut(kept).change(now, change);
        }
    }
}

fn first_due<T>(queue: &mut BTreeMap<(Timestamp, u64), T>, due: Timestamp) -> Option<T> {
    queue.first_entry().filter(|entry| entry.key().0 == due).map(|entry| entry.remove())
}

fn after(now: Timestamp, seconds: u64) -> Timestamp {
    let seconds = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    now.checked_add(seconds).unwrap_or(Timestamp::MAX)
}

fn grant_arn(grantor: &str, knobs: &Knobs, ids: &mut StdRng) -> String {
    let account = match knobs.grant_arn_account {
        GrantArnAccount::Grantor => grantor,
        GrantArnAccount::Issuer => MARKETPLACE_ACCOUNT,
    };
    format!("arn:aws:license-manager::{account}:grant:g-{:032x}", ids.random::<u128>())
}
