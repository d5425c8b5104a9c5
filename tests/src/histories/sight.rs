//! Seeing a license's world, with the calls and in the order in which the engine makes them

use std::collections::BTreeSet;
use std::sync::Arc;

use grant_plan::call::{Failure, Operation};
use grant_plan::grant::{Grant, GrantStatus};
use grant_plan::id::{AccountId, LicenseId};
use grant_plan::license::{License, LicenseStatus};
use grant_plan::organization::{Organization, Principal};
use grant_plan::snapshot::{Limits, Snapshot};
use pretend_aws::error::ApiError;
use pretend_aws::license_manager::{Context, LicenseManager};
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
}

impl World {
    /// The license, the rules and the ledger; `None` when the hub does not hold the license
    pub(super) fn remember(&mut self, license: usize) -> Result<Option<Remembered>, Failure> {
        let purchase = self.purchase(license).clone();
        let arn = LicenseManager::license_arn(&purchase.license);
        let hub = Arc::clone(&self.hub);
        let rows = self.list(&hub, "ListReceivedLicenses", &json!({ "LicenseArns": [arn] }), "Licenses")?;
        let Some(row) = rows.first() else { return Ok(None) };
        let license_of = License {
            arn: text(row, "LicenseArn").parse().expect("the service names licenses"),
            sku: text(row, "ProductSKU").to_owned(),
            product: text(row, "ProductName").to_owned(),
            home_region: text(row, "HomeRegion").to_owned(),
            status: LicenseStatus::from_api(text(row, "Status")),
            operations: operations(row).map(str::to_owned).collect(),
            holder: account_id(&hub),
        };
        Ok(Some(Remembered {
            memory: self.ledger.get(license).cloned().unwrap_or_default(),
            basis: Basis { rules: Arc::clone(&self.rules), known: Arc::clone(&self.known) },
            license: license_of,
        }))
    }

    /// The second half of a look: what License Manager lists
    pub(super) fn see(&mut self, remembered: &Remembered) -> Result<Snapshot, Failure> {
        let Remembered { memory, basis: Basis { rules, known }, license } = remembered;
        let (distributed, received, own_subscriptions) = if license.shareable() {
            (
                self.distributed(license.arn.as_str(), None, known)?,
                self.received(license.arn.as_str(), known)?,
                self.own_subscriptions(&license.sku)?,
            )
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
            own_subscriptions,
            entries: memory.entries.clone(),
            remembered: memory.pairs.clone(),
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

    fn own_subscriptions(&mut self, sku: &str) -> Result<BTreeSet<AccountId>, Failure> {
        let hub = Arc::clone(&self.hub);
        let body = json!({ "Filters": [{"Name": "ProductSKU", "Values": [sku]}] });
        let rows = self.list(&hub, "ListReceivedLicensesForOrganization", &body, "Licenses")?;
        let mut held: BTreeSet<LicenseId> = BTreeSet::new();
        let mut found = Vec::new();
        for row in &rows {
            let beneficiary = text(row, "Beneficiary");
            let account =
                beneficiary.strip_prefix("arn:aws:iam::").map_or(beneficiary, |rest| rest.trim_end_matches(":root"));
            let Ok(license) = LicenseId::from_arn(text(row, "LicenseArn")) else { continue };
            let active = row.pointer("/ReceivedMetadata/ReceivedStatus").and_then(Value::as_str) == Some("ACTIVE");
            let shares = operations(row).any(|operation| operation == "CreateGrant");
            if *account == *hub {
                held.insert(license);
            } else if text(row, "Status") == "AVAILABLE" && active && shares {
                found.push((account_id(account), license));
            }
        }
        Ok(found.into_iter().filter(|(_, license)| !held.contains(license)).map(|(account, _)| account).collect())
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

/// A refusal as the planner understands it
pub(super) fn understood(operation: Operation, error: &ApiError) -> Failure {
    Failure::of_code(operation, &error.code, &error.message, error.status >= 500)
}

/// A grant as the planner takes it
pub(super) fn grant(row: &Value, known: &Organization) -> Grant {
    Grant {
        arn: text(row, "GrantArn").parse().expect("the service names grants"),
        name: text(row, "GrantName").to_owned(),
        license: LicenseId::from_arn(text(row, "LicenseArn")).expect("the service names licenses"),
        principal: Principal::from_arn(text(row, "GranteePrincipalArn"), &known.id),
        parent: text(row, "ParentArn").parse().ok(),
        status: GrantStatus::from_api(text(row, "GrantStatus")),
        status_reason: row.get("StatusReason").and_then(Value::as_str).map(str::to_owned),
        version: text(row, "Version").to_owned(),
    }
}

fn text<'a>(row: &'a Value, member: &str) -> &'a str {
    row.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn operations(row: &Value) -> impl Iterator<Item = &str> {
    let operations = row.pointer("/ReceivedMetadata/AllowedOperations").and_then(Value::as_array);
    operations.into_iter().flatten().filter_map(Value::as_str)
}
