//! Cases as they stand in the files

use std::collections::{BTreeMap, BTreeSet};

use grant_plan::id::{AccountId, AgreementId, LicenseId, OuId};
use grant_plan::license::{Agreement, License, LicenseStatus, Origin};
use grant_plan::organization::{Account, AccountState, Organization};
use grant_plan::time::Timestamp;
use grant_plan::version::Recorded;
use serde::Deserialize;
use serde_json::Value;

/// A file of cases on one theme
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) organization: BTreeMap<AccountId, Lies>,
    pub(crate) licenses: BTreeMap<String, Held>,
    pub(crate) cases: Vec<Case>,
}

/// One case: rules, and what comes of them
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) why: String,
    pub(crate) rules: Vec<Value>,
    pub(crate) now: Option<String>,
    /// Earlier versions, oldest first, recorded one second after the other from 2026-12-01 on
    #[serde(default)]
    pub(crate) recorded: Vec<Value>,
    /// In place of the file's
    pub(crate) organization: Option<BTreeMap<AccountId, Lies>>,
    pub(crate) licenses: Option<BTreeMap<String, Held>>,
    /// License, account, and the rule that grants it
    #[serde(default)]
    pub(crate) granted: BTreeMap<String, BTreeMap<AccountId, String>>,
    #[serde(default)]
    pub(crate) denied: BTreeMap<String, BTreeMap<AccountId, String>>,
    /// Pairs left as they are: the rule, or `-`, and a part of why
    #[serde(default)]
    pub(crate) left: BTreeMap<String, BTreeMap<AccountId, String>>,
    /// Licenses for which one grant to the organization is exact, and the rule
    #[serde(default)]
    pub(crate) whole: BTreeMap<String, String>,
    /// How accounts are activated, where the case says so
    #[serde(default)]
    pub(crate) activation: BTreeMap<String, BTreeMap<AccountId, String>>,
    /// Parts of what the explanation of a pair says
    #[serde(default)]
    pub(crate) because: BTreeMap<String, BTreeMap<AccountId, Vec<String>>>,
    /// Everything found, warnings included, by `severity rule attribute` with a part of message or help
    #[serde(default)]
    pub(crate) findings: BTreeMap<String, String>,
    /// When something changes though nobody edits anything
    pub(crate) next_edge: Option<String>,
}

/// Where an account lies, and what is known of it; without `tags` and `name` these are not known
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lies {
    #[serde(default)]
    ou: Vec<OuId>,
    name: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    state: Option<String>,
}

/// A license that the hub holds
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Held {
    #[serde(default)]
    pub(crate) sku: String,
    #[serde(default)]
    pub(crate) product: String,
    operations: Option<BTreeSet<String>>,
    #[serde(rename = "type")]
    kind: Option<String>,
    offer: Option<String>,
    seller: Option<AccountId>,
    agreement: Option<AgreementId>,
    #[serde(default)]
    renews: BTreeSet<AgreementId>,
    #[serde(default)]
    earlier_licenses: BTreeSet<LicenseId>,
    #[serde(default)]
    is_open: bool,
}

/// The time of cases that give none
pub(crate) fn moment(text: Option<&String>) -> Timestamp {
    text.map_or("2027-01-15T12:00:00Z", String::as_str).parse().unwrap()
}

pub(crate) fn recorded(images: &[Value]) -> BTreeMap<String, Vec<Recorded>> {
    let first: Timestamp = "2026-12-01".parse().unwrap();
    let mut all: BTreeMap<String, Vec<Recorded>> = BTreeMap::new();
    for (second, image) in (0..).zip(images) {
        let recorded = Recorded { at: Timestamp(first.0 + second), image: Some(image.clone()) };
        all.entry(image["rule"].as_str().unwrap().to_owned()).or_default().push(recorded);
    }
    all
}

pub(crate) fn organization(accounts: &BTreeMap<AccountId, Lies>) -> Organization {
    let units = accounts.values().flat_map(|account| &account.ou).map(|unit| (unit.clone(), String::new()));
    let account = |(id, lies): (&AccountId, &Lies)| {
        let state = AccountState::from_api(lies.state.as_deref().unwrap_or("ACTIVE"));
        let account =
            Account { state, path: lies.ou.clone(), name: lies.name.clone(), tags: lies.tags.clone(), tags_at: None };
        (id.clone(), account)
    };
    Organization {
        id: "o-4kq7vt2m9x".parse().unwrap(),
        arn: "arn:aws:organizations::111111111111:organization/o-4kq7vt2m9x".into(),
        management: "111111111111".parse().unwrap(),
        units: units.collect(),
        accounts: accounts.iter().map(account).collect(),
    }
}

/// A license called `l-<name>`
pub(crate) fn license(name: &str, held: &Held) -> License {
    let usual = ["CheckoutLicense", "CheckInLicense", "CreateGrant"].map(String::from);
    let agreement = held.agreement.clone().map(|id| Agreement {
        id,
        renews: held.renews.clone(),
        earlier_licenses: held.earlier_licenses.clone(),
        is_open: held.is_open,
    });
    License {
        arn: format!("arn:aws:license-manager::294406891311:license:l-{name}").parse().unwrap(),
        sku: held.sku.clone(),
        product: held.product.clone(),
        home_region: "us-east-1".into(),
        status: LicenseStatus::Available,
        operations: held.operations.clone().unwrap_or_else(|| usual.into()),
        holder: "111111111111".parse().unwrap(),
        origin: Origin { kind: held.kind.clone(), agreement, offer: held.offer.clone(), seller: held.seller.clone() },
    }
}
