//! Sets of accounts of one organization, as bits

use fixedbitset::FixedBitSet;

/// A set of accounts, by their place among an organization's ids; 10,000 accounts are 1,250 bytes
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSet(FixedBitSet);

impl AccountSet {
    /// No account out of so many
    #[must_use]
    pub(crate) fn none(accounts: usize) -> Self {
        Self(FixedBitSet::with_capacity(accounts))
    }

    /// All of so many
    pub(crate) fn all(accounts: usize) -> Self {
        let mut bits = FixedBitSet::with_capacity(accounts);
        bits.insert_range(..);
        Self(bits)
    }

    /// A set over the same accounts, with none in it
    pub(crate) fn emptied(&self) -> Self {
        Self::none(self.0.len())
    }

    pub(crate) fn insert(&mut self, index: usize) {
        if index < self.0.len() {
            self.0.insert(index);
        }
    }

    /// Adds what is in the other
    pub(crate) fn add(&mut self, other: &Self) {
        self.0.union_with(&other.0);
    }

    /// Takes out what is not in the other
    pub(crate) fn keep(&mut self, other: &Self) {
        self.0.intersect_with(&other.0);
    }

    /// Takes out what is in the other
    pub(crate) fn take(&mut self, other: &Self) {
        self.0.difference_with(&other.0);
    }

    /// What is in this one and not in the other
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        rest.take(other);
        rest
    }

    /// What is in both
    #[must_use]
    pub fn both(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.keep(other);
        both
    }

    /// How many are in both
    pub(crate) fn shared(&self, other: &Self) -> usize {
        self.0.intersection_count(&other.0)
    }

    /// Whether all of it is in the other
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Whether none is in both
    pub(crate) fn is_apart(&self, other: &Self) -> bool {
        self.0.is_disjoint(&other.0)
    }

    /// How many accounts
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.count_ones(..)
    }

    /// Whether there is none
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_clear()
    }

    /// Whether the account at this place is in it
    #[must_use]
    pub fn contains(&self, index: usize) -> bool {
        self.0.contains(index)
    }

    /// The places of its accounts, in order
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.ones()
    }
}
