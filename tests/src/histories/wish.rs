//! Rules as values: the item an admin would write, and by itself what it means

use std::collections::BTreeSet;

use grant_plan::organization::Organization as Known;
use grant_plan::policy::Policy;
use pretend_aws::organizations::Organization;
use serde_json::{Value, json};

/// Whom a rule selects
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// `organization: true`
    Everybody,
    /// `ou`
    Unit(String),
    /// `account`
    Accounts(BTreeSet<String>),
}

impl Who {
    fn item(&self) -> Value {
        match self {
            Self::Everybody => json!({"organization": true}),
            Self::Unit(unit) => json!({ "ou": [unit] }),
            Self::Accounts(accounts) => json!({ "account": accounts }),
        }
    }

    /// Whether an account that lies in these units is selected
    fn names(&self, account: &str, units: &[String]) -> bool {
        match self {
            Self::Everybody => true,
            Self::Unit(unit) => units.contains(unit),
            Self::Accounts(accounts) => accounts.contains(account),
        }
    }
}

/// One rule
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) id: &'static str,
    pub(super) who: Who,
    pub(super) except: Option<Who>,
    /// `keep`, `replace` or `manual`
    pub(super) activation: &'static str,
    /// `None`: every license
    pub(super) license: Option<String>,
    /// `revoke: now`
    pub(super) lets_go: bool,
    /// `cover: wide`
    pub(super) wide: bool,
    /// `effect: deny`
    pub(super) denies: bool,
}

impl Wish {
    fn item(&self) -> Value {
        let mut item = json!({"rule": self.id, "accounts": self.who.item()});
        if let Some(members) = item.as_object_mut() {
            let products = match &self.license {
                Some(license) => json!({ "license": license }),
                None => json!("*"),
            };
            members.insert("products".to_owned(), products);
            if self.denies {
                members.insert("effect".to_owned(), json!("deny"));
            } else {
                members.insert("activation".to_owned(), json!(self.activation));
            }
            if self.wide {
                members.insert("cover".to_owned(), json!("wide"));
            }
            if self.lets_go {
                members.insert("revoke".to_owned(), json!("now"));
            }
            if let Some(except) = &self.except {
                members.insert("except".to_owned(), except.item());
            }
        }
        item
    }

    fn about(&self, license: &str) -> bool {
        self.license.as_ref().is_none_or(|only| only == license)
    }

    fn names(&self, license: &str, account: &str, units: &[String]) -> bool {
        self.about(license)
            && self.who.names(account, units)
            && !self.except.as_ref().is_some_and(|except| except.names(account, units))
    }
}

/// The policy table, as items and as what they mean
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    pub(super) wishes: Vec<Wish>,
    pub(super) paused: bool,
    /// One more item, which cannot be read
    pub(super) broken: bool,
    /// Own subscriptions that may be displaced in a day
    pub(super) replacements: u32,
    pub(super) policy: Policy,
}

impl Rules {
    /// The table with these rules, and nothing about limits
    #[cfg(test)]
    pub(super) fn new(wishes: Vec<Wish>, paused: bool, broken: bool) -> Self {
        Self::limited(wishes, paused, broken, 0)
    }

    /// The table with these rules, by which so many own subscriptions may be displaced in a day; ids must be in order
    pub(super) fn limited(wishes: Vec<Wish>, paused: bool, broken: bool, replacements: u32) -> Self {
        let mut items: Vec<Value> = wishes.iter().map(Wish::item).collect();
        if paused || replacements > 0 {
            let limits = json!({"replacements": {"count": replacements}});
            items.push(json!({"rule": "_settings", "paused": paused, "limits": limits}));
        }
        if broken {
            items.push(json!({"rule": "zz-broken", "products": "*", "accounts": {"everyone": true}}));
        }
        let policy = Policy::read(&items);
        Self { wishes, paused, broken, replacements, policy }
    }

    /// The same table, paused or not
    pub(super) fn with_paused(&self, paused: bool) -> Self {
        Self::limited(self.wishes.clone(), paused, self.broken, self.replacements)
    }

    /// The rule by which an account is asked for: of several the one with the lowest id, unless one denies it
    pub(super) fn by(&self, license: &str, account: &str, organization: &Organization) -> Option<&Wish> {
        let parent = &organization.accounts.get(account)?.parent;
        let units: Vec<String> = organization.ancestors(parent).into_iter().map(|unit| unit.id.clone()).collect();
        self.first(license, account, &units)
    }

    fn first(&self, license: &str, account: &str, units: &[String]) -> Option<&Wish> {
        let mut naming = self.wishes.iter().filter(|wish| wish.names(license, account, units));
        let denied = self.wishes.iter().any(|wish| wish.denies && wish.names(license, account, units));
        naming.next().filter(|_| !denied)
    }

    /// The rule that denies an account what it may have
    pub(super) fn denying(&self, license: &str, account: &str, organization: &Organization) -> Option<&Wish> {
        let parent = &organization.accounts.get(account)?.parent;
        let units: Vec<String> = organization.ancestors(parent).into_iter().map(|unit| unit.id.clone()).collect();
        self.wishes.iter().find(|wish| wish.denies && wish.names(license, account, &units))
    }

    /// Whether an account is asked for where the ledger takes it to lie
    pub(super) fn ask_for(&self, license: &str, account: &str, known: &Known) -> bool {
        self.asking(license, account, known).is_some()
    }

    /// The rule by which an account is asked for where the ledger takes it to lie
    pub(super) fn asking(&self, license: &str, account: &str, known: &Known) -> Option<&Wish> {
        let placed = account.parse().ok().and_then(|account| known.accounts.get(&account))?;
        let units: Vec<String> = placed.path.iter().map(ToString::to_string).collect();
        self.first(license, account, &units)
    }

    /// Whether a rule that says `cover: wide` asks for some account in a unit, or in the organization
    pub(super) fn ask_widely(&self, license: &str, unit: Option<&str>, known: &Known) -> bool {
        let mut inside = known
            .accounts
            .iter()
            .filter(|(_, placed)| unit.is_none_or(|unit| placed.top().is_some_and(|top| top.as_str() == unit)));
        inside.any(|(account, placed)| {
            let units: Vec<String> = placed.path.iter().map(ToString::to_string).collect();
            self.first(license, account.as_str(), &units).is_some_and(|wish| wish.wide)
        })
    }

    /// Whether some rule asks for everything under a top-level unit, tomorrow's accounts included
    pub(super) fn asks_for_unit(&self, license: &str, unit: &str, known: &Known) -> bool {
        let here = |account: &String| {
            let placed = account.parse().ok().and_then(|account| known.accounts.get(&account));
            placed.is_none_or(|placed| placed.top().is_some_and(|top| top.as_str() == unit))
        };
        let reaches = |who: &Who| match who {
            Who::Everybody => true,
            // Every unit of these worlds is a top-level one.
            Who::Unit(other) => other == unit,
            Who::Accounts(accounts) => accounts.iter().any(here),
        };
        let whole = |who: &Who| match who {
            Who::Everybody => true,
            Who::Unit(one) => one == unit,
            Who::Accounts(_) => false,
        };
        let could_deny = |wish: &Wish| wish.denies && wish.about(license) && reaches(&wish.who);
        let mut about = self.wishes.iter().filter(|wish| wish.about(license) && !wish.denies);
        about.any(|wish| whole(&wish.who) && !wish.except.as_ref().is_some_and(reaches))
            && !self.wishes.iter().any(could_deny)
    }

    /// Whether some rule asks for the whole organization, tomorrow's accounts included
    pub(super) fn asks_for_everybody(&self, license: &str) -> bool {
        let mut about = self.wishes.iter().filter(|wish| wish.about(license));
        let whole = |wish: &Wish| wish.who == Who::Everybody && wish.except.is_none();
        about.clone().any(whole) && !about.any(|wish| wish.denies)
    }
}
