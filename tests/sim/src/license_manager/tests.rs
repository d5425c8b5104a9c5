//! The rules as their callers see them

mod activating;
mod answering;
mod creating;
mod deleting;
mod licenses;
mod listing;
mod members;
mod past;
mod requests;
mod transitions;
mod using;
mod walk;

use jiff::Timestamp;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::{Context, GrantStatus, LicenseManager};
use crate::blueprint::{AccountBlueprint, Blueprint, Purchase, UnitBlueprint};
use crate::error::ApiError;
use crate::knobs::Knobs;
use crate::organizations::{Account, Organization};

pub(crate) const HUB: &str = "000000000001";
pub(crate) const ALICE: &str = "000000000002";
pub(crate) const BOB: &str = "000000000003";
pub(crate) const CAROL: &str = "000000000004";
pub(crate) const LICENSE: &str = "l-00000000000000000000000000000001";
pub(crate) const UNIT: &str = "ou-test-aaaaaaaa";
pub(crate) const NESTED: &str = "ou-test-bbbbbbbb";

/// A hub, one account in a unit, one in a unit below it, one under the root; the hub has bought one product
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) rules: LicenseManager,
    pub(crate) organization: Organization,
    pub(crate) knobs: Knobs,
    pub(crate) ids: StdRng,
    pub(crate) now: Timestamp,
    pub(crate) slow: bool,
    tokens: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Knobs { workflow_bumps_version: false, ..Knobs::default() })
    }

    pub(crate) fn with(knobs: Knobs) -> Self {
        let account = |id: &str, parent: &str| AccountBlueprint {
            id: id.to_owned(),
            name: id.to_owned(),
            parent: parent.to_owned(),
            state: "ACTIVE".to_owned(),
            tags: Default::default(),
        };
        let unit = |id: &str, parent: &str| UnitBlueprint {
            id: id.to_owned(),
            name: id.to_owned(),
            parent: parent.to_owned(),
        };
        let blueprint = Blueprint {
            organization: "o-abcdefghij".to_owned(),
            management_account: HUB.to_owned(),
            root: "r-test".to_owned(),
            units: vec![unit(UNIT, "r-test"), unit(NESTED, UNIT)],
            accounts: vec![
                account(HUB, "r-test"),
                account(ALICE, UNIT),
                account(BOB, NESTED),
                account(CAROL, "r-test"),
            ],
            purchases: Vec::new(),
        };
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let mut world = Self {
            rules: LicenseManager::new(),
            organization: Organization::new(&blueprint, now),
            knobs,
            ids: StdRng::seed_from_u64(7),
            now,
            slow: false,
            tokens: 0,
        };
        world.provision(&purchase(HUB, 1, "AmiProduct"));
        world.tick();
        world
    }

    pub(crate) fn provision(&mut self, purchase: &Purchase) {
        self.rules.provision(purchase, &self.organization, &self.knobs, self.now, &mut self.ids);
    }

    pub(crate) fn tick(&mut self) {
        self.rules.tick(self.now, &self.organization, &self.knobs, &mut self.ids);
    }

    pub(crate) fn advance(&mut self, seconds: i64) {
        self.now += jiff::SignedDuration::from_secs(seconds);
        self.tick();
    }

    /// Until no workflow is running
    pub(crate) fn settle(&mut self) {
        while let Some(due) = self.rules.next_due() {
            self.now = due.max(self.now);
            self.tick();
        }
    }

    pub(crate) fn call(&mut self, caller: &str, operation: &str, body: Value) -> Result<Value, ApiError> {
        self.act(caller, operation, body, false)
    }

    pub(crate) fn by_hand(&mut self, caller: &str, operation: &str, body: Value) -> Result<Value, ApiError> {
        self.act(caller, operation, body, true)
    }

    fn act(&mut self, caller: &str, operation: &str, mut body: Value, person: bool) -> Result<Value, ApiError> {
        self.tick();
        self.tokens += 1;
        let tokened = matches!(operation, "CreateGrant" | "CreateGrantVersion");
        if tokened && body.get("ClientToken").is_none() {
            body["ClientToken"] = json!(format!("token-{}", self.tokens));
        }
        let mut context = Context {
            now: self.now,
            caller,
            organization: &self.organization,
            knobs: &self.knobs,
            ids: &mut self.ids,
            slow: self.slow,
        };
        if person {
            self.rules.act_as_person(&mut context, operation, &body)
        } else {
            self.rules.call(&mut context, operation, &body)
        }
    }

    /// CreateGrant by the hub; the new grant's ARN
    pub(crate) fn grant(&mut self, principal: &str) -> String {
        arn_of(&self.call(HUB, "CreateGrant", new_grant(principal)).unwrap())
    }

    /// CreateGrantVersion with a status and, unless empty, an override
    pub(crate) fn switch(&mut self, caller: &str, arn: &str, status: &str, behavior: &str) -> Result<Value, ApiError> {
        let mut body = json!({ "GrantArn": arn, "Status": status });
        if !behavior.is_empty() {
            body["Options"] = json!({ "ActivationOverrideBehavior": behavior });
        }
        self.call(caller, "CreateGrantVersion", body)
    }

    /// A grant by the hub to one account, active
    pub(crate) fn active_grant(&mut self, account: &str) -> String {
        let arn = self.grant(&account_arn(account));
        self.settle();
        self.switch(HUB, &arn, "ACTIVE", "DISTRIBUTED_GRANTS_ONLY").unwrap();
        self.settle();
        assert_eq!(self.status(&arn), GrantStatus::Active);
        arn
    }

    /// A grant by the hub to the organization, activated
    pub(crate) fn active_organization_grant(&mut self) -> String {
        let organization = self.organization.arn();
        let arn = self.grant(&organization);
        self.settle();
        self.switch(HUB, &arn, "ACTIVE", "DISTRIBUTED_GRANTS_ONLY").unwrap();
        self.settle();
        assert_eq!(self.status(&arn), GrantStatus::WorkflowCompleted);
        arn
    }

    pub(crate) fn status(&self, arn: &str) -> GrantStatus {
        self.rules.grant(arn).unwrap().status
    }

    pub(crate) fn version(&self, arn: &str) -> u64 {
        self.rules.grant(arn).unwrap().version
    }

    /// The newest sub-grant of an organization grant in an account
    pub(crate) fn sub_grant(&self, parent: &str, account: &str) -> Option<String> {
        let sub_grants = self.rules.grants().filter(|grant| grant.sub_grant && grant.parent_arn == parent);
        let here = sub_grants.filter(|grant| grant.principal.account() == Some(account));
        here.max_by_key(|grant| (grant.is_live(), grant.created)).map(|grant| grant.arn.clone())
    }

    /// Accounts in which the license is active, the hub aside
    pub(crate) fn active(&self) -> Vec<String> {
        let accounts = self.rules.active_accounts(LICENSE, &self.organization);
        accounts.into_keys().filter(|account| account != HUB).collect()
    }

    pub(crate) fn join(&mut self, id: &str, parent: &str) {
        let account = Account {
            id: id.to_owned(),
            name: id.to_owned(),
            parent: parent.to_owned(),
            state: "ACTIVE".to_owned(),
            tags: Default::default(),
            joined: self.now,
            ready: self.now,
        };
        self.organization.accounts.insert(id.to_owned(), account);
        self.tick();
    }

    /// All rows of a list, through all its pages
    pub(crate) fn list(&mut self, caller: &str, operation: &str, body: Value) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut body = body;
        loop {
            let page = self.call(caller, operation, body.clone()).unwrap();
            let member = if operation.contains("License") { "Licenses" } else { "Grants" };
            rows.extend(page[member].as_array().unwrap().iter().cloned());
            match page.get("NextToken") {
                Some(token) => body["NextToken"] = token.clone(),
                None => return rows,
            }
        }
    }
}

pub(crate) fn purchase(acceptor: &str, number: u32, product_type: &str) -> Purchase {
    Purchase {
        acceptor: acceptor.to_owned(),
        agreement: format!("agmt-{number}"),
        license: format!("l-{number:032x}"),
        sku: "prod-example".to_owned(),
        product: "Example".to_owned(),
        product_type: product_type.to_owned(),
        proposer: "999999999999".to_owned(),
        offer: format!("offer-{number}"),
    }
}

pub(crate) fn account_arn(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

pub(crate) fn arn_of(answer: &Value) -> String {
    answer["GrantArn"].as_str().unwrap().to_owned()
}

pub(crate) fn new_grant(principal: &str) -> Value {
    json!({
        "GrantName": "gw/demo/everyone/1",
        "LicenseArn": LicenseManager::license_arn(LICENSE),
        "Principals": [principal],
        "HomeRegion": "us-east-1",
        "AllowedOperations": ["CheckoutLicense", "CheckInLicense"],
    })
}

/// A refusal's code and text
#[track_caller]
pub(crate) fn refused(answer: Result<Value, ApiError>, code: &str, text: &str) {
    let error = answer.expect_err("the call was accepted");
    assert_eq!(error.code, code, "{error}");
    assert!(error.message.contains(text), "{error} lacks `{text}`");
    assert_eq!(error.status, 400);
}

#[test]
fn writes_are_told_from_reads() {
    assert!(super::is_write("CreateGrant"));
    assert!(super::is_write("AcceptGrant"));
    assert!(super::is_write("UpdateServiceSettings"));
    assert!(!super::is_write("GetGrant"));
    assert!(!super::is_write("ListDistributedGrants"));
}
