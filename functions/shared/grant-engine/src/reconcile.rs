//! The one code path: observe, plan, apply once, record

use grant_plan::action::Action;
use grant_plan::call::{Failure, Operation};
use grant_plan::entry::Report as Refusal;
use grant_plan::id::LicenseArn;
use grant_plan::organization::Organization;
use grant_plan::plan::{Plan, plan};
use grant_plan::policy::Policy;
use grant_plan::snapshot::Snapshot;
use grant_plan::step::Outcome;
use grant_plan::time::hours;

use crate::Engine;
use crate::failure::unreadable;
use crate::ledger::Revocable;
use crate::report::Report;

/// When to look again for a license that is not listed and that the ledger remembers something of
const UNSEEN: std::time::Duration = hours(1);

/// Looks per run: a second one when somebody changed the ledger between our reading and our writing
const LOOKS: usize = 2;

impl Engine {
    /// Everything a plan for one license is made from, and what of it the ledger has waiting for the revocation pass;
    /// `None` when the hub holds no such license
    ///
    /// # Errors
    /// When any part of the world cannot be seen: half a view is worse than none.
    async fn observe(
        &self,
        license: &LicenseArn,
        policy: Policy,
        organization: Organization,
    ) -> Result<Option<(Snapshot, Option<Revocable>)>, Failure> {
        let Some(license) = self.received_license(license).await? else { return Ok(None) };
        let shrunk = self.shrunk(&policy, &organization).await?;
        let memory = self.ledger.remember(license.arn.id()).await?;
        let releases = self.releases(license.arn.id(), &memory).await?;
        // What cannot be shared was never granted: its listings have nothing to say.
        let mut blind = None;
        let (distributed, received, own_subscriptions) = if license.shareable() {
            (
                self.distributed_grants(&license.arn, None, &organization.id).await?,
                self.unless_refused(self.received_grants(&license.arn, &organization.id).await, &mut blind)?,
                self.unless_refused(self.own_subscriptions(&license.sku, &license.holder).await, &mut blind)?,
            )
        } else {
            Default::default()
        };
        let snapshot = Snapshot {
            deployment: self.config.deployment.clone(),
            now: self.now(),
            policy,
            organization,
            license,
            distributed,
            received,
            blind,
            shrunk,
            own_subscriptions,
            entries: memory.entries,
            remembered: memory.pairs,
            releases,
            limits: self.limits(),
        };
        Ok(Some((snapshot, memory.revocable)))
    }

    /// What an organization-wide list shows; one that is refused until somebody mends something is noted as such
    fn unless_refused<T: Default>(&self, list: Result<T, Failure>, blind: &mut Option<Refusal>) -> Result<T, Failure> {
        list.or_else(|failure| {
            *blind = Some(Refusal::of_refusal(&failure, self.now()).ok_or(failure)?);
            Ok(T::default())
        })
    }

    /// What would be done about one license, without doing it and without writing anything
    ///
    /// # Errors
    /// When the world cannot be seen, or the hub holds no such license.
    pub async fn plan(&self, license: &LicenseArn) -> Result<Plan, Failure> {
        self.plan_by(license, self.policy().await?).await
    }

    /// The same if this were the policy
    ///
    /// # Errors
    /// When the world cannot be seen, or the hub holds no such license.
    pub async fn plan_by(&self, license: &LicenseArn, policy: Policy) -> Result<Plan, Failure> {
        Ok(plan(&self.snapshot_by(license, policy).await?))
    }

    /// What such a plan is made from, with what the ledger remembers of the license; nothing is written
    ///
    /// # Errors
    /// When the world cannot be seen, or the hub holds no such license.
    pub async fn snapshot_by(&self, license: &LicenseArn, policy: Policy) -> Result<Snapshot, Failure> {
        let snapshot = self.observe(license, policy, self.organization_as_seen().await?).await?;
        let missing = || unreadable(Operation::Observe, license.as_str(), "this account holds no such license");
        snapshot.map(|(snapshot, _)| snapshot).ok_or_else(missing)
    }

    /// A license that the listing does not show: it may be gone, or the listing behind
    ///
    /// Whatever the ledger remembers of it wants to be looked at again.
    async fn unseen(&self, license: &LicenseArn) -> Result<Report, Failure> {
        let memory = self.ledger.remember(license.id()).await?;
        let known = !memory.entries.is_empty() || !memory.pairs.is_empty();
        Ok(Report {
            license: license.id().clone(),
            pairs: Default::default(),
            holds: Vec::new(),
            under_way: Vec::new(),
            budget: None,
            outcomes: Vec::new(),
            findings: Vec::new(),
            complete: true,
            look_again: known.then(|| self.now().after(UNSEEN)),
        })
    }

    /// Brings one license to what the rules ask for, as far as one run can
    ///
    /// # Errors
    /// When the world cannot be seen, or what was found cannot be recorded. A failed action is no error: it is in the
    /// report, and the pair keeps a reason.
    pub async fn reconcile(&self, license: &LicenseArn) -> Result<Report, Failure> {
        let mut outcomes = Vec::new();
        let mut looks = 0;
        loop {
            looks += 1;
            let (policy, organization) = (self.policy().await?, self.organization().await?);
            let Some((snapshot, revocable)) = self.observe(license, policy, organization).await? else {
                tracing::warn!(license.id = %license.id(), "license `{}` is not held by this account", license.id());
                return self.unseen(license).await;
            };
            let mut plan = plan(&snapshot);
            let mut conflict = false;
            let mut complete = true;
            for action in std::mem::take(&mut plan.actions) {
                if self.out_of_time() {
                    complete = false;
                    break;
                }
                let outcome = self.apply(&snapshot, &action).await;
                conflict |= outcome == Outcome::Conflict;
                note(&mut plan, &action, &outcome, self.now());
                outcomes.push((action, outcome));
            }
            if conflict && complete && looks < LOOKS {
                continue;
            }
            self.ledger.note_pairs(license.id(), &snapshot.remembered, &plan.pairs, self.now()).await?;
            self.ledger.note_revocable(&snapshot.license.arn, revocable.as_ref(), &plan.waiting, self.now()).await?;
            let report = Report {
                license: license.id().clone(),
                pairs: plan.pairs,
                holds: plan.holds,
                under_way: plan.under_way,
                budget: plan.budget,
                outcomes,
                findings: snapshot.policy.findings,
                complete,
                look_again: plan.next_edge,
            };
            report.log();
            return Ok(report);
        }
    }
}

/// Carries what came of an action over to whatever waits for it
fn note(plan: &mut Plan, action: &Action, outcome: &Outcome, now: grant_plan::time::Timestamp) {
    if let (Action::NoteContested { .. }, Outcome::Applied(_)) = (action, outcome) {
        return;
    }
    let key = action.key();
    let (code, detail) = match outcome {
        Outcome::Applied(code) => (*code, None),
        Outcome::Held { code, detail } => (*code, Some(detail.clone())),
        Outcome::Conflict => (grant_plan::reason::ReasonCode::Retrying, None),
    };
    let next_look = code.next_look(now);
    for pair in plan.pairs.values_mut().filter(|pair| pair.by.as_ref() == Some(&key)) {
        pair.code = code;
        pair.detail.clone_from(&detail);
        pair.next_look = next_look;
    }
    for grant in plan.under_way.iter_mut().filter(|grant| grant.key == key) {
        grant.code = code;
        grant.next_look = next_look;
    }
}
