//! Seeing a license's world, with the calls and in the order in which the engine makes them

use std::collections::BTreeSet;
use std::sync::Arc;

use grant_plan::call::{Failure, Operation};
use grant_plan::entry::Report;
use grant_plan::grant::{Grant, GrantStatus};
use grant_plan::id::{AccountId, LicenseId};
use grant_plan::license::{Agreement, License, LicenseStatus, Origin};
use grant_plan::organization::{Organization, Principal};
use grant_plan::revocation::Releases;
use grant_plan::snapshot::{Limits, Snapshot};
use pretend_aws::error::ApiError;
use pretend_aws::license_manager::{Context, Grant as Granted, GrantStatus as Status, HOME_REGION, LicenseManager};
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::wish::Rules;
use super::world::{Memory, World, account_id};

/// What a run goes by
#[derive(Debug, Clone)]
pub(super) struct Basis {
    pub(super) rules: Arc<Rules>,
    pub(super) known: Arc<Organization>,
}

/// The first half of a look: what the tables say
#[derive(Debug, Clone)]
pub(super) struct Remembered {
    pub(super) memory: Memory,
    pub(super) basis: Basis,
    license: License,
    releases: Releases,
}

impl World {
    /// The license, the rules and the ledger; `None` when the hub does not hold the license, as far as listings show
    pub(super) fn remember(&self, license: usize) -> Option<Remembered> {
        let held = self.license_manager.license(&self.purchase(license).license);
        // What no listing shows yet is looked at by nobody.
        let held = held.filter(|held| held.visible_from <= self.now)?;
        // Read off the state: the wire's rows of licenses are the longest of all, and a look needs three words of them.
        let license_of = License {
            arn: LicenseManager::license_arn(held.id()).parse().expect("the service names licenses"),
            sku: held.sku().to_owned(),
            product: held.purchase.product.clone(),
            home_region: HOME_REGION.to_owned(),
            status: LicenseStatus::from_api(held.status.as_str()),
            operations: held.received_operations().into_iter().map(|operation| operation.as_str().to_owned()).collect(),
            holder: account_id(&self.hub),
            origin: Origin { agreement: Some(first_of_its_chain(&held.purchase.agreement)), ..Origin::default() },
        };
        Some(Remembered {
            memory: self.ledger.get(license).cloned().unwrap_or_default(),
            basis: Basis { rules: Arc::clone(&self.rules), known: Arc::clone(&self.known) },
            releases: Releases::of(license_of.arn.id(), &self.window.0, &self.window.1, self.seconds()),
            license: license_of,
        })
    }

    /// The second half of a look: what License Manager lists
    pub(super) fn see(&mut self, remembered: &Remembered) -> Result<Snapshot, Failure> {
        let Remembered { memory, basis: Basis { rules, known }, license, releases } = remembered;
        let mut blind = None;
        let (distributed, received, own_subscriptions) = if license.shareable() {
            let distributed = self.distributed(license.arn.as_str(), None, known)?;
            let received = self.received(license.arn.as_str(), known).or_else(|failure| {
                blind = Some(Report::of_refusal(&failure, self.seconds()).ok_or(failure)?);
                Ok(Vec::new())
            })?;
            (distributed, received, self.own_subscriptions(&license.sku))
        } else {
            Default::default()
        };
        Ok(Snapshot {
            deployment: "main".parse().expect("a name"),
            now: self.seconds(),
            policy: rules.policy.clone(),
            organization: Organization::clone(known),
            license: license.clone(),
            distributed,
            received,
            blind,
            shrunk: Vec::new(),
            own_subscriptions,
            entries: memory.entries.clone(),
            remembered: memory.pairs.clone(),
            releases: releases.clone(),
            limits: Limits { grant_budget: self.budget },
        })
    }

    /// ListDistributedGrants of a license, perhaps to one principal
    pub(super) fn distributed(
        &mut self,
        license: &str,
        principal: Option<&str>,
        known: &Organization,
    ) -> Result<Vec<Grant>, Failure> {
        let mut filters = vec![json!({"Name": "LicenseArn", "Values": [license]})];
        filters.extend(principal.map(|arn| json!({"Name": "GranteePrincipalARN", "Values": [arn]})));
        let hub = Arc::clone(&self.hub);
        let rows = self.list(&hub, "ListDistributedGrants", &json!({ "Filters": filters }), "Grants")?;
        Ok(rows.iter().map(|row| grant(row, known)).collect())
    }

    fn received(&mut self, license: &str, known: &Organization) -> Result<Vec<Grant>, Failure> {
        let hub = Arc::clone(&self.hub);
        let body = json!({ "LicenseArn": license });
        let rows = self.list(&hub, "ListReceivedGrantsForOrganization", &body, "Grants")?;
        Ok(rows.iter().map(|row| grant(row, known)).collect())
    }

    /// Accounts of the organization with an active subscription of their own
    fn own_subscriptions(&self, sku: &str) -> BTreeSet<AccountId> {
        let active =
            |grant: &&Granted| grant.is_own_subscription() && grant.status == Status::Active && grant.sku == sku;
        let available = |grant: &&Granted| {
            let license = self.license_manager.license(&grant.license);
            license.is_some_and(|license| license.status.as_str() == "AVAILABLE" && license.purchase.shareable())
        };
        let grants = self.license_manager.grants().filter(active).filter(available);
        let accounts = grants.filter_map(|grant| grant.principal.account());
        let others =
            accounts.filter(|account| *account != &*self.hub && self.organization.accounts.contains_key(*account));
        others.map(account_id).collect()
    }

    /// All pages of a listing
    fn list(&mut self, caller: &str, operation: &str, body: &Value, member: &str) -> Result<Vec<Value>, Failure> {
        let mut ids = self.dice(operation);
        let mut body = body.clone();
        let mut rows = Vec::new();
        loop {
            let mut page = self
                .read(caller, operation, &body, &mut ids)
                .map_err(|error| understood(Operation::Observe, &error))?;
            if let Some(Value::Array(more)) = page.get_mut(member).map(Value::take) {
                rows.extend(more);
            }
            match (page.get_mut("NextToken").map(Value::take), body.as_object_mut()) {
                (Some(token), Some(members)) => members.insert("NextToken".to_owned(), token),
                (None, _) | (_, None) => return Ok(rows),
            };
        }
    }

    fn read(&mut self, caller: &str, operation: &str, body: &Value, ids: &mut StdRng) -> Result<Value, ApiError> {
        let Self { now, organization, knobs, license_manager, .. } = self;
        let mut context = Context { now: *now, caller, organization, knobs, ids, slow: false };
        license_manager.call(&mut context, operation, body)
    }
}

/// Here nothing is renewed
fn first_of_its_chain(agreement: &str) -> Agreement {
    let id = agreement.parse().expect("the service names agreements");
    Agreement { id, renews: BTreeSet::new(), earlier_licenses: BTreeSet::new(), is_open: false }
}

/// A refusal as the planner understands it
pub(super) fn understood(operation: Operation, error: &ApiError) -> Failure {
    Failure::of_code(operation, &error.code, &error.message, error.status >= 500)
}

/// A grant as the planner takes it
pub(super) fn grant(row: &Value, known: &Organization) -> Grant {
    let operations = row.get("GrantedOperations").and_then(Value::as_array).into_iter().flatten();
    Grant {
        arn: text(row, "GrantArn").parse().expect("the service names grants"),
        name: text(row, "GrantName").to_owned(),
        license: LicenseId::from_arn(text(row, "LicenseArn")).expect("the service names licenses"),
        principal: Principal::from_arn(text(row, "GranteePrincipalArn"), &known.id),
        parent: text(row, "ParentArn").parse().ok(),
        status: GrantStatus::from_api(text(row, "GrantStatus")),
        status_reason: row.get("StatusReason").and_then(Value::as_str).map(str::to_owned),
        version: text(row, "Version").to_owned(),
        operations: operations.filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

fn text<'a>(row: &'a Value, member: &str) -> &'a str {
    row.get(member).and_then(Value::as_str).unwrap_or_default()
}
