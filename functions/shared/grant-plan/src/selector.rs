//! What a rule's `accounts`, `except` and `rollout.first` select
//!
//! Inside one selector the parts must all hold and the values of one part are alternatives: `{ou: [a, b], account: c}`
//! is account `c` when it lies in `a` or in `b`.

pub(crate) mod miss;
pub(crate) mod read;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::answer::Answer;
use crate::id::{AccountId, OuId};
use crate::organization::{Account, AccountState, Organization};
use crate::pattern::Pattern;

/// Which accounts a rule is about
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("minProperties" = 1)))]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// `organization: true`: every account
    #[serde(default, skip_serializing_if = "is_false")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Flag"))]
    pub organization: bool,
    /// Units by id, nested ones included
    #[serde(rename = "ou", default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<crate::schema::Unit>"))]
    pub units: BTreeSet<OuId>,
    /// Accounts by id
    #[serde(rename = "account", default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<crate::schema::Account>"))]
    pub accounts: BTreeSet<AccountId>,
    /// Tags of the account: key to values, each a glob; every key must fit
    #[serde(rename = "tag", default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, crate::schema::OneOrMany<String>>"))]
    pub tags: BTreeMap<String, BTreeSet<Pattern>>,
    /// The account's name, by glob
    #[serde(rename = "name", default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<String>"))]
    pub names: BTreeSet<Pattern>,
    /// Life-cycle states: `ACTIVE`, `SUSPENDED`, `PENDING_ACTIVATION`, `PENDING_CLOSURE`, `CLOSED`
    #[serde(rename = "state", default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<crate::schema::State>"))]
    pub states: BTreeSet<AccountState>,
}

impl Accounts {
    /// Whether the account is one of these; no for one that is not in the organization
    #[must_use]
    pub fn select(&self, account: &AccountId, organization: &Organization) -> Answer {
        let Some(known) = organization.accounts.get(account) else { return Answer::No };
        // A selector without any part selects nobody; the rule reader refuses it before it gets here.
        Answer::from(self.organization || self.is_narrowed())
            .and(Answer::from(self.accounts.is_empty() || self.accounts.contains(account)))
            .and(Answer::from(self.units.is_empty() || known.path.iter().any(|unit| self.units.contains(unit))))
            .and(Answer::from(self.states.is_empty() || self.states.contains(&known.state)))
            .and(self.by_tag(known))
            .and(self.by_name(known))
    }

    fn by_tag(&self, account: &Account) -> Answer {
        let fits = |tags: &BTreeMap<String, String>, key: &str, values: &BTreeSet<Pattern>| {
            tags.get(key).is_some_and(|given| values.iter().any(|value| value.is_match(given)))
        };
        match &account.tags {
            _ if self.tags.is_empty() => Answer::Yes,
            None => Answer::Unknown,
            Some(tags) => self.tags.iter().all(|(key, values)| fits(tags, key, values)).into(),
        }
    }

    fn by_name(&self, account: &Account) -> Answer {
        match &account.name {
            _ if self.names.is_empty() => Answer::Yes,
            None => Answer::Unknown,
            Some(name) => self.names.iter().any(|pattern| pattern.is_match(name)).into(),
        }
    }

    /// Every account there is and will be: nothing in it could say no to a future account
    ///
    /// An account's state does not count: an account that is off has no use for a grant, and is held for that.
    #[must_use]
    pub fn is_whole_organization(&self) -> bool {
        self.organization && self.units.is_empty() && self.is_by_place_alone()
    }

    /// The same for everything under a unit
    #[must_use]
    pub(crate) fn is_whole_unit(&self, unit: &OuId) -> bool {
        let named = if self.units.is_empty() { self.organization } else { self.units.contains(unit) };
        named && self.is_by_place_alone()
    }

    fn is_by_place_alone(&self) -> bool {
        let states = self.states.is_empty() || self.states.contains(&AccountState::Active);
        states && self.accounts.is_empty() && self.tags.is_empty() && self.names.is_empty()
    }

    /// Whether it could take away from an organization's grant: some account of today that is not off, or one of tomorrow
    ///
    /// An account by id counts even when the organization does not have it: it may have joined since that was looked at.
    #[must_use]
    pub(crate) fn could_exclude(&self) -> bool {
        self.states.is_empty() || !self.states.iter().all(AccountState::is_off)
    }

    /// The same for a grant to a top-level unit
    ///
    /// `top` gives the top-level unit that a unit or an account lies under, where that is known. Whatever is not known to
    /// lie elsewhere may lie here.
    pub(crate) fn could_exclude_from(&self, unit: &OuId, top: &Tops<'_>) -> bool {
        let here = |known: Option<Option<&OuId>>| known.is_none_or(|known| known == Some(unit));
        self.could_exclude()
            && (self.units.is_empty() || self.units.iter().any(|one| here(top.of_unit(one).map(Some))))
            && (self.accounts.is_empty() || self.accounts.iter().any(|one| here(top.of_account(one))))
    }

    fn is_narrowed(&self) -> bool {
        let Self { organization: _, units, accounts, tags, names, states } = self;
        !(units.is_empty() && accounts.is_empty() && tags.is_empty() && names.is_empty() && states.is_empty())
    }
}

/// The top-level unit that each unit and each account lies under
#[derive(Debug)]
pub(crate) struct Tops<'a> {
    organization: &'a Organization,
    units: BTreeMap<&'a OuId, &'a OuId>,
}

impl<'a> Tops<'a> {
    pub(crate) fn of(organization: &'a Organization) -> Self {
        let mut units = BTreeMap::new();
        for account in organization.accounts.values() {
            if let Some(top) = account.top() {
                units.extend(account.path.iter().map(|unit| (unit, top)));
            }
        }
        Self { organization, units }
    }

    /// Every top-level unit that some account lies under
    pub(crate) fn all(&self) -> BTreeSet<&'a OuId> {
        self.units.values().copied().collect()
    }

    /// `None`: not known, since no account lies in the unit
    pub(crate) fn of_unit(&self, unit: &OuId) -> Option<&'a OuId> {
        self.units.get(unit).copied()
    }

    /// `None`: not known; `Some(None)`: directly under the root
    fn of_account(&self, account: &AccountId) -> Option<Option<&'a OuId>> {
        self.organization.accounts.get(account).map(|known| known.top())
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}
