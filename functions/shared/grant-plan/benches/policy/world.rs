//! An organization, licenses and rules of a given size, always the same

use std::collections::BTreeMap;

use grant_plan::id::{AccountId, OuId};
use grant_plan::license::{License, LicenseStatus, Origin};
use grant_plan::organization::{Account, AccountState, Organization};
use grant_plan::policy::Policy;
use grant_plan::time::Timestamp;
use serde_json::{Value, json};

pub(crate) const NOW: Timestamp = Timestamp(1_800_000_000);

/// How much there is
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) accounts: usize,
    pub(crate) licenses: usize,
    pub(crate) rules: usize,
}

impl std::fmt::Display for Size {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} accounts x {} licenses x {} rules", self.accounts, self.licenses, self.rules)
    }
}

pub(crate) const SMALL: Size = Size { accounts: 1_000, licenses: 50, rules: 30 };
pub(crate) const MIDDLE: Size = Size { accounts: 3_000, licenses: 150, rules: 100 };
pub(crate) const LARGE: Size = Size { accounts: 10_000, licenses: 500, rules: 300 };

/// Numbers that look random and are not (splitmix64)
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }

    fn some(&mut self, count: usize, end: usize) -> Vec<usize> {
        (0..count).map(|_| self.below(end)).collect()
    }
}

/// Everything that a run is about
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) items: Vec<Value>,
    pub(crate) policy: Policy,
    pub(crate) organization: Organization,
    pub(crate) licenses: Vec<License>,
}

fn account(number: usize) -> AccountId {
    format!("{number:012}").parse().unwrap()
}

/// Twenty units under the root, each with ten units in it
fn unit(top: usize, below: Option<usize>) -> OuId {
    format!("ou-root-{top:04}{:04}", below.map_or(0, |below| below + 1)).parse().unwrap()
}

const ENVIRONMENTS: [&str; 4] = ["prod", "stage", "dev", "sandbox"];

impl World {
    pub(crate) fn new(size: Size) -> Self {
        let mut dice = Dice(size.accounts as u64);
        let accounts = (0..size.accounts).map(|number| (account(number), member(&mut dice, number))).collect();
        let organization = Organization {
            id: "o-4kq7vt2m9x".parse().unwrap(),
            arn: "arn:aws:organizations::000000000000:organization/o-4kq7vt2m9x".into(),
            management: account(0),
            units: BTreeMap::new(),
            accounts,
        };
        let licenses = (0..size.licenses).map(|number| license(&mut dice, number)).collect();
        let items: Vec<Value> = (0..size.rules).map(|number| rule(&mut dice, number, size)).collect();
        let policy = Policy::read(&items);
        assert!(policy.is_whole(), "{:?}", policy.findings);
        Self { items, policy, organization, licenses }
    }
}

fn member(dice: &mut Dice, number: usize) -> Account {
    let top = dice.below(20);
    let environment = ENVIRONMENTS[dice.below(4)];
    let tags = [("env", environment.to_owned()), ("team", format!("team-{}", dice.below(60)))];
    Account {
        state: if dice.below(50) == 0 { AccountState::Suspended } else { AccountState::Active },
        path: vec![unit(top, None), unit(top, Some(dice.below(10)))],
        name: Some(format!("team-{}-{environment}-{number}", dice.below(60))),
        tags_at: None,
        tags: Some(tags.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
    }
}

fn license(dice: &mut Dice, number: usize) -> License {
    License {
        arn: format!("arn:aws:license-manager::294406891311:license:l-{number:032}").parse().unwrap(),
        sku: format!("prod-{number}"),
        product: format!("Vendor {} Product {number}", dice.below(40)),
        home_region: "us-east-1".into(),
        status: LicenseStatus::Available,
        operations: ["CheckoutLicense", "CreateGrant"].map(String::from).into(),
        holder: account(0),
        origin: Origin { kind: Some("AmiProduct".into()), ..Origin::default() },
    }
}

/// Of twenty rules twelve are for the organization, five for units, three for tags or accounts; of those eight, every
/// third denies: 40 of 300
fn rule(dice: &mut Dice, number: usize, size: Size) -> Value {
    let kind = number % 20;
    let products = match dice.below(20) {
        0 => json!("*"),
        1..=4 => json!({"name": format!("Vendor {} *", dice.below(40))}),
        _ => {
            let count = 5 + dice.below(40);
            let skus = dice.some(count, size.licenses).into_iter().map(|sku| format!("prod-{sku}"));
            json!({"sku": skus.collect::<Vec<_>>()})
        }
    };
    let mut item = json!({"rule": format!("rule-{number}"), "priority": dice.below(10), "products": products});
    item["accounts"] = match kind {
        0..=11 => json!({"organization": true}),
        12..=16 => {
            let below = (dice.below(2) == 0).then(|| dice.below(10));
            json!({"ou": dice.some(3, 20).into_iter().map(|top| unit(top, below).to_string()).collect::<Vec<_>>()})
        }
        17 => json!({"tag": {"env": [ENVIRONMENTS[dice.below(4)], "st*"], "team": format!("team-{}*", dice.below(6))}}),
        18 => json!({"name": format!("team-{}-*", dice.below(60))}),
        _ => {
            let ids = dice.some(200, size.accounts).into_iter().map(|number| account(number).to_string());
            json!({"account": ids.collect::<Vec<_>>()})
        }
    };
    if kind < 12 && dice.below(4) == 0 {
        item["except"] = json!({"ou": unit(dice.below(20), None).to_string()});
    }
    if kind >= 12 && (number / 20 * 8 + kind - 12).is_multiple_of(3) {
        item["effect"] = json!("deny");
        item.as_object_mut().unwrap().remove("priority");
    }
    item
}
