//! Rules, accounts and licenses as an admin thinks of them, and as the policy table and AWS write them

use std::collections::BTreeMap;

use grant_plan::id::{AccountId, OuId};
use grant_plan::license::{Agreement, License, LicenseStatus, Origin};
use grant_plan::organization::{Account, AccountState, Organization};
use grant_plan::time::Timestamp;
use serde_json::{Value, json};

/// Days since 1970 of the present
pub(crate) const TODAY: i64 = 20;
pub(crate) const NOW: Timestamp = Timestamp(TODAY * 86_400);

/// A selector of accounts
#[derive(Debug, Clone, Default)]
pub(crate) struct Who {
    pub(crate) everybody: bool,
    pub(crate) units: Vec<usize>,
    pub(crate) accounts: Vec<usize>,
    pub(crate) tags: Vec<(&'static str, Vec<&'static str>)>,
    pub(crate) names: Vec<&'static str>,
    pub(crate) states: Vec<&'static str>,
}

/// A selector of products; all empty is every product
#[derive(Debug, Clone, Default)]
pub(crate) struct What {
    pub(crate) skus: Vec<&'static str>,
    pub(crate) names: Vec<&'static str>,
    pub(crate) sellers: Vec<u64>,
    pub(crate) agreements: Vec<&'static str>,
    pub(crate) exact: bool,
}

/// A rule
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) id: &'static str,
    pub(crate) enabled: bool,
    pub(crate) deny: bool,
    pub(crate) priority: u32,
    pub(crate) what: What,
    pub(crate) who: Who,
    pub(crate) except: Option<Who>,
    pub(crate) activation: &'static str,
    pub(crate) operations: Option<&'static str>,
    pub(crate) from: Option<i64>,
    pub(crate) until: Option<i64>,
    pub(crate) rollout: Option<(Who, i64)>,
    pub(crate) most: Option<usize>,
}

/// An account: the units around it, outermost first, and what is known of it
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) units: Vec<usize>,
    pub(crate) tags: Option<BTreeMap<&'static str, &'static str>>,
    pub(crate) name: Option<&'static str>,
    pub(crate) state: &'static str,
}

/// A license, and what is known of where it comes from
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) sku: &'static str,
    pub(crate) product: &'static str,
    pub(crate) seller: Option<u64>,
    /// The agreement, and the one it renews
    pub(crate) agreement: Option<(&'static str, Option<&'static str>)>,
}

/// Everything
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) members: Vec<Member>,
    pub(crate) rules: Vec<Said>,
    pub(crate) held: Held,
    pub(crate) protected: Who,
}

fn unit(number: usize) -> OuId {
    format!("ou-root-{number:08}").parse().unwrap()
}

pub(crate) fn account(number: usize) -> AccountId {
    format!("{number:012}").parse().unwrap()
}

fn day(number: i64) -> String {
    Timestamp(number * 86_400).to_string()
}

impl Who {
    pub(crate) fn item(&self) -> Value {
        let mut item = json!({});
        if self.everybody {
            item["organization"] = true.into();
        }
        let units: Vec<String> = self.units.iter().map(|number| unit(*number).to_string()).collect();
        let accounts: Vec<String> = self.accounts.iter().map(|number| account(*number).to_string()).collect();
        put(&mut item, "ou", &units);
        put(&mut item, "account", &accounts);
        put(&mut item, "name", &self.names);
        put(&mut item, "state", &self.states);
        for (key, values) in &self.tags {
            item["tag"][key] = values.iter().copied().collect();
        }
        item
    }
}

/// One value may stand without a list
fn put<T: Clone + Into<Value>>(item: &mut Value, part: &str, values: &[T]) {
    match values {
        [] => {}
        [only] => item[part] = only.clone().into(),
        several => item[part] = several.iter().cloned().map(Into::into).collect::<Vec<Value>>().into(),
    }
}

impl What {
    pub(crate) fn is_everything(&self) -> bool {
        self.skus.is_empty() && self.names.is_empty() && self.sellers.is_empty() && self.agreements.is_empty()
    }

    fn item(&self) -> Value {
        if self.is_everything() {
            return "*".into();
        }
        let mut item = json!({});
        put(&mut item, "sku", &self.skus);
        put(&mut item, "name", &self.names);
        put(&mut item, "seller", &self.sellers.iter().map(|seller| format!("{seller:012}")).collect::<Vec<_>>());
        put(&mut item, "agreement", &self.agreements);
        if self.exact {
            item["exact"] = "true".into();
        }
        item
    }
}

impl Said {
    pub(crate) fn item(&self) -> Value {
        let mut item = json!({
            "rule": self.id, "enabled": self.enabled, "priority": self.priority.to_string(),
            "products": self.what.item(), "accounts": self.who.item(), "activation": self.activation,
        });
        if self.deny {
            item["effect"] = "deny".into();
        }
        if let Some(except) = &self.except {
            item["except"] = except.item();
        }
        if let Some(operation) = self.operations {
            item["operations"] = json!([operation]);
        }
        if let Some(from) = self.from {
            item["valid_from"] = day(from).into();
        }
        if let Some(until) = self.until {
            item["valid_until"] = day(until).into();
        }
        if let Some((first, days)) = &self.rollout {
            item["rollout"] = json!({"first": first.item(), "then_after_days": days});
        }
        if let Some(most) = self.most {
            item["max_accounts"] = most.into();
        }
        item
    }
}

impl World {
    pub(crate) fn items(&self) -> Vec<Value> {
        let mut items: Vec<Value> = self.rules.iter().map(Said::item).collect();
        let protected = self.protected.item();
        if protected != json!({}) {
            items.push(json!({"rule": "_settings", "protected": protected}));
        }
        items
    }

    pub(crate) fn organization(&self) -> Organization {
        let member = |(number, member): (usize, &Member)| {
            let tags = member.tags.as_ref();
            let known = Account {
                state: AccountState::from_api(member.state),
                path: member.units.iter().map(|number| unit(*number)).collect(),
                name: member.name.map(str::to_owned),
                tags: tags.map(|tags| tags.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()),
                tags_at: None,
            };
            (account(number), known)
        };
        Organization {
            id: "o-4kq7vt2m9x".parse().unwrap(),
            arn: "arn:aws:organizations::000000000000:organization/o-4kq7vt2m9x".into(),
            management: account(0),
            units: (0..4).map(|number| (unit(number), String::new())).collect(),
            accounts: self.members.iter().enumerate().map(member).collect(),
        }
    }

    pub(crate) fn license(&self) -> License {
        let Held { sku, product, seller, agreement } = self.held.clone();
        let agreement = agreement.map(|(id, renews)| Agreement {
            id: id.parse().unwrap(),
            renews: renews.into_iter().map(|id| id.parse().unwrap()).collect(),
            earlier_licenses: [].into(),
            is_open: false,
        });
        let seller = seller.map(|seller| format!("{seller:012}").parse().unwrap());
        License {
            arn: "arn:aws:license-manager::294406891311:license:l-1".parse().unwrap(),
            sku: sku.into(),
            product: product.into(),
            home_region: "us-east-1".into(),
            status: LicenseStatus::Available,
            operations: ["CheckoutLicense", "CreateGrant"].map(String::from).into(),
            holder: account(0),
            origin: Origin { agreement, seller, ..Origin::default() },
        }
    }
}
