//! Short names for what AWS calls by numbers: scripts and their output know no others

use std::collections::BTreeMap;

use grantway_tests::story::HUB;
use pretend_aws::license_manager::{Grant, LicenseManager, Principal};
use pretend_aws::{Purchase, World};
use serde_json::Value;

/// The organization of every scenario
pub(crate) const ORGANIZATION: &str = "o-4kq7vt2m9x";
/// Its root
pub(crate) const ROOT: &str = "r-9xk2";

/// Names given so far
#[derive(Debug)]
pub(crate) struct Names {
    accounts: BTreeMap<String, String>,
    units: BTreeMap<String, String>,
    purchases: BTreeMap<String, Purchase>,
    /// The account in which Grantway is deployed, which buys
    buyer: String,
    /// By ARN, in the order in which the grants were made
    grants: Vec<(String, String)>,
}

impl Names {
    /// Only the management account has one, which holds the licenses unless a member is delegated to
    pub(crate) fn new() -> Self {
        let accounts = BTreeMap::from([("hub".to_owned(), HUB.to_owned())]);
        let units = BTreeMap::from([("root".to_owned(), ROOT.to_owned())]);
        Self { accounts, units, purchases: BTreeMap::new(), buyer: HUB.to_owned(), grants: Vec::new() }
    }

    /// A member buys from now on; answers its id
    pub(crate) fn delegate(&mut self, name: &str) -> Result<String, String> {
        self.buyer = self.account(name)?.to_owned();
        Ok(self.buyer.clone())
    }

    /// Names an account; without an id of its own it gets the next
    pub(crate) fn add_account(&mut self, name: &str, id: Option<&str>) -> String {
        let id = id.map_or_else(|| format!("1000000000{:02}", self.accounts.len()), str::to_owned);
        self.accounts.insert(name.to_owned(), id.clone());
        id
    }

    /// Names a unit
    pub(crate) fn add_unit(&mut self, name: &str, id: Option<&str>) -> String {
        let id = id.map_or_else(|| format!("ou-9xk2-0000000{}", self.units.len()), str::to_owned);
        self.units.insert(name.to_owned(), id.clone());
        id
    }

    /// Names a purchase and all that belongs to it; `changes` are fields of it
    pub(crate) fn add_purchase(&mut self, name: &str, changes: &Value) -> Result<Purchase, String> {
        let number = self.purchases.len() + 1;
        let mut fields = serde_json::to_value(Purchase {
            acceptor: self.buyer.clone(),
            agreement: format!("agmt-{number:025}"),
            license: format!("l-{number:032x}"),
            sku: format!("prod-{number:013}"),
            product: format!("Product {name}"),
            product_type: "AmiProduct".to_owned(),
            proposer: "640218890143".to_owned(),
            offer: format!("offer-{number:013}"),
        })
        .map_err(|error| error.to_string())?;
        for (field, value) in changes.as_object().into_iter().flatten() {
            fields[field] = value.clone();
        }
        let purchase: Purchase = serde_json::from_value(fields).map_err(|error| error.to_string())?;
        self.purchases.insert(name.to_owned(), purchase.clone());
        Ok(purchase)
    }

    pub(crate) fn account(&self, name: &str) -> Result<&str, String> {
        self.accounts.get(name).map(String::as_str).ok_or_else(|| format!("there is no account `{name}`"))
    }

    pub(crate) fn unit(&self, name: &str) -> Result<&str, String> {
        self.units.get(name).map(String::as_str).ok_or_else(|| format!("there is no unit `{name}`"))
    }

    pub(crate) fn purchase(&self, name: &str) -> Result<&Purchase, String> {
        self.purchases.get(name).ok_or_else(|| format!("nothing was bought as `{name}`"))
    }

    /// The ARN of a grant called `license/principal`
    pub(crate) fn grant(&self, name: &str) -> Result<&str, String> {
        let found = self.grants.iter().find(|(_, given)| given == name);
        found.map(|(arn, _)| arn.as_str()).ok_or_else(|| {
            let known: Vec<&str> = self.grants.iter().map(|(_, name)| name.as_str()).collect();
            format!("there is no grant `{name}`, only {}", known.join(", "))
        })
    }

    /// Purchases by the ids of their licenses
    pub(crate) fn license(&self, id: &str) -> &str {
        let found = self.purchases.iter().find(|(_, purchase)| purchase.license == id);
        found.map_or("?", |(name, _)| name.as_str())
    }

    fn principal(&self, principal: &Principal) -> String {
        let named = |names: &BTreeMap<String, String>, id: &String| {
            names.iter().find(|(_, known)| *known == id).map_or_else(|| id.clone(), |(name, _)| name.clone())
        };
        match principal {
            Principal::Organization => "organization".to_owned(),
            Principal::Unit(unit) => named(&self.units, unit),
            Principal::Account(account) => named(&self.accounts, account),
        }
    }

    /// Names the grants that are new: `license/principal`, a sub-grant `license/principal/account`; of several on one
    /// principal the later ones are numbered
    pub(crate) fn name_grants(&mut self, world: &World) {
        let mut fresh: Vec<Grant> = world.with(|state| state.license_manager.grants().cloned().collect());
        fresh.retain(|grant| self.grant_name(&grant.arn).is_none());
        // In one second many may be made, by calls whose order the script does not know.
        fresh
            .sort_by_key(|grant| (grant.created, grant.sub_grant, self.principal(&grant.principal), grant.arn.clone()));
        for grant in fresh {
            let parent = self.grant_name(&grant.parent_arn).filter(|_| grant.sub_grant).map(str::to_owned);
            let license = self.license(&grant.license);
            let above = parent.unwrap_or_else(|| license.to_owned());
            let plain = format!("{above}/{}", self.principal(&grant.principal));
            let mut name = plain.clone();
            let mut number = 2;
            while self.grants.iter().any(|(_, taken)| *taken == name) {
                name = format!("{plain}#{number}");
                number += 1;
            }
            self.grants.push((grant.arn, name));
        }
    }

    pub(crate) fn grant_name(&self, arn: &str) -> Option<&str> {
        self.grants.iter().find(|(known, _)| known == arn).map(|(_, name)| name.as_str())
    }

    /// What `$name` stands for: an account's or a unit's id, a product's SKU, or a field of a purchase, `$db.agreement`
    pub(crate) fn resolve(&self, value: &mut Value) -> Result<(), String> {
        match value {
            Value::String(text) => {
                if let Some(name) = text.strip_prefix('$') {
                    *text = self.meant_by(name)?;
                }
                Ok(())
            }
            Value::Array(values) => values.iter_mut().try_for_each(|value| self.resolve(value)),
            Value::Object(members) => members.values_mut().try_for_each(|value| self.resolve(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }

    fn meant_by(&self, name: &str) -> Result<String, String> {
        let (name, field) = name.split_once('.').unwrap_or((name, "sku"));
        if let Ok(purchase) = self.purchase(name) {
            let fields = serde_json::to_value(purchase).map_err(|error| error.to_string())?;
            let value = fields.get(field).and_then(Value::as_str).map(str::to_owned);
            return value.ok_or_else(|| format!("a purchase has no `{field}`"));
        }
        self.account(name).or_else(|_| self.unit(name)).map(str::to_owned)
    }

    /// Text as the script may show it: names for ids, and nothing that another seed would spell otherwise
    pub(crate) fn shown(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let mut replace = |id: &str, name: &str| text = text.replace(id, name);
        for (arn, name) in &self.grants {
            replace(arn, name);
            let short = arn.rsplit(':').next().unwrap_or(arn);
            replace(short, name);
        }
        for (name, purchase) in &self.purchases {
            replace(&LicenseManager::license_arn(&purchase.license), name);
            for id in [&purchase.license, &purchase.agreement, &purchase.sku, &purchase.offer] {
                replace(id, name);
            }
        }
        for (name, id) in self.units.iter().chain(&self.accounts) {
            replace(id, name);
        }
        replace(ORGANIZATION, "organization");
        text
    }
}

/// The first word that could be a random id; none may get into a file
pub(crate) fn random_id(text: &str) -> Option<&str> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.into_iter().find(|word| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        digits >= 12 || (word.len() >= 16 && digits > 0 && word.chars().all(|letter| letter.is_ascii_hexdigit()))
    })
}
