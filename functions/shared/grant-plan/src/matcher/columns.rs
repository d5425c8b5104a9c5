//! An organization by attribute: which accounts lie in a unit, have a tag, are in a state

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use super::sets::AccountSet;
use crate::id::{AccountId, OuId};
use crate::organization::{Account, AccountState, Organization};
use crate::pattern::Pattern;
use crate::selector::Accounts;
use crate::settings::Protected;

/// Who a selector selects, and who it may turn out to select
#[derive(Debug, Clone)]
pub(super) struct Selected {
    pub(super) yes: AccountSet,
    /// `yes` and those of whom something is not known
    pub(super) maybe: AccountSet,
}

/// An organization by attribute; each attribute is looked through once, when a selector first asks for it
#[derive(Debug)]
pub(super) struct Columns<'a> {
    accounts: Vec<&'a AccountId>,
    rows: Vec<&'a Account>,
    units: HashMap<&'a OuId, AccountSet>,
    states: BTreeMap<&'a AccountState, AccountSet>,
    tags: RefCell<HashMap<String, Column<'a>>>,
    names: RefCell<Option<Column<'a>>>,
}

/// The values of one attribute: each with its accounts, and the accounts of which it is not known
#[derive(Debug, Clone)]
struct Column<'a> {
    values: BTreeMap<&'a str, Vec<usize>>,
    unknown: AccountSet,
}

impl<'a> Columns<'a> {
    pub(super) fn new(organization: &'a Organization) -> Self {
        let count = organization.accounts.len();
        let (accounts, rows): (Vec<_>, Vec<_>) = organization.accounts.iter().unzip();
        let mut units: HashMap<&OuId, AccountSet> = HashMap::new();
        let mut states: BTreeMap<&AccountState, AccountSet> = BTreeMap::new();
        for (index, account) in rows.iter().enumerate() {
            for unit in &account.path {
                units.entry(unit).or_insert_with(|| AccountSet::none(count)).insert(index);
            }
            states.entry(&account.state).or_insert_with(|| AccountSet::none(count)).insert(index);
        }
        Self { accounts, rows, units, states, tags: RefCell::default(), names: RefCell::default() }
    }

    pub(super) fn into_accounts(self) -> Vec<&'a AccountId> {
        self.accounts
    }

    fn none(&self) -> AccountSet {
        AccountSet::none(self.rows.len())
    }

    /// The accounts that are not off
    pub(super) fn counted(&self) -> AccountSet {
        let mut counted = AccountSet::all(self.rows.len());
        self.states.iter().filter(|(state, _)| state.is_off()).for_each(|(_, set)| counted.take(set));
        counted
    }

    /// The accounts in a unit, nested ones included
    pub(super) fn in_unit(&self, unit: &OuId) -> AccountSet {
        self.units.get(unit).cloned().unwrap_or_else(|| self.none())
    }

    pub(super) fn protected(&self, protected: &Protected) -> AccountSet {
        let mut set = self.by_id(&protected.accounts);
        set.add(&self.any(protected.units.iter().filter_map(|unit| self.units.get(unit))));
        set
    }

    /// Who a selector selects: what [`Accounts::select`] says of each account
    pub(super) fn select(&self, selector: &Accounts) -> Selected {
        let Accounts { organization: _, units, accounts, tags, names, states } = selector;
        let mut yes = if *selector == Accounts::default() { self.none() } else { AccountSet::all(self.rows.len()) };
        if !accounts.is_empty() {
            yes.keep(&self.by_id(accounts));
        }
        if !units.is_empty() {
            yes.keep(&self.any(units.iter().filter_map(|unit| self.units.get(unit))));
        }
        if !states.is_empty() {
            yes.keep(&self.any(states.iter().filter_map(|state| self.states.get(state))));
        }
        let mut maybe = yes.clone();
        for (key, values) in tags {
            let mut columns = self.tags.borrow_mut();
            let column = columns.entry(key.clone()).or_insert_with(|| self.tag(key));
            column.narrow(values, &mut yes, &mut maybe);
        }
        if !names.is_empty() {
            let mut column = self.names.borrow_mut();
            column.get_or_insert_with(|| self.name()).narrow(names, &mut yes, &mut maybe);
        }
        Selected { yes, maybe }
    }

    fn any<'s>(&self, sets: impl Iterator<Item = &'s AccountSet>) -> AccountSet {
        let mut any = self.none();
        sets.for_each(|set| any.add(set));
        any
    }

    fn by_id<'s>(&self, accounts: impl IntoIterator<Item = &'s AccountId>) -> AccountSet {
        let mut set = self.none();
        for account in accounts {
            if let Ok(index) = self.accounts.binary_search(&account) {
                set.insert(index);
            }
        }
        set
    }

    fn tag(&self, key: &str) -> Column<'a> {
        self.column(|account| match &account.tags {
            None => Known::Not,
            Some(tags) => tags.get(key).map_or(Known::Nothing, |value| Known::Value(value)),
        })
    }

    fn name(&self) -> Column<'a> {
        self.column(|account| account.name.as_ref().map_or(Known::Not, |name| Known::Value(name)))
    }

    fn column(&self, value: impl Fn(&'a Account) -> Known<'a>) -> Column<'a> {
        let mut column = Column { values: BTreeMap::new(), unknown: self.none() };
        for (index, account) in self.rows.iter().enumerate() {
            match value(account) {
                Known::Not => column.unknown.insert(index),
                Known::Nothing => {}
                Known::Value(value) => column.values.entry(value).or_default().push(index),
            }
        }
        column
    }
}

/// What is known of an attribute
enum Known<'a> {
    Not,
    Nothing,
    Value(&'a str),
}

impl Column<'_> {
    /// Keeps the accounts whose value is one of these; those whose value is not known may be kept
    fn narrow(&self, patterns: &BTreeSet<Pattern>, yes: &mut AccountSet, maybe: &mut AccountSet) {
        let mut fitting = yes.emptied();
        for pattern in patterns {
            let start = pattern.beginning();
            let near = self
                .values
                .range::<str, _>((Bound::Included(start), Bound::Unbounded))
                .take_while(|(value, _)| value.starts_with(start));
            for (_, accounts) in near.filter(|(value, _)| pattern.is_match(value)) {
                accounts.iter().for_each(|index| fitting.insert(*index));
            }
        }
        yes.keep(&fitting);
        fitting.add(&self.unknown);
        maybe.keep(&fitting);
    }
}
