//! What a rule's `products`, `accounts` and `except` select
//!
//! Inside one selector the parts must all hold and the values of one part are alternatives: `{ou: [a, b], account: c}`
//! is account `c` when it lies in `a` or in `b`.

use std::collections::BTreeSet;

use globset::GlobMatcher;

use crate::id::{AccountId, LicenseId, OuId};
use crate::license::License;
use crate::organization::Organization;

/// Which licenses a rule is about
#[derive(Debug, Clone)]
pub enum Products {
    /// `"*"`, written out on purpose
    Every,
    /// All parts that are given must hold; at least one is given
    Parts {
        /// ProductSKU, exactly
        skus: BTreeSet<String>,
        /// ProductName by glob (`*`, `?`, `[..]`, `{a,b}`)
        names: Vec<GlobMatcher>,
        /// The license itself
        licenses: BTreeSet<LicenseId>,
    },
}

impl Products {
    /// Whether the license is one of these
    #[must_use]
    pub fn select(&self, license: &License) -> bool {
        match self {
            Self::Every => true,
            Self::Parts { skus, names, licenses } => {
                (skus.is_empty() || skus.contains(&license.sku))
                    && (names.is_empty() || names.iter().any(|name| name.is_match(&license.product)))
                    && (licenses.is_empty() || licenses.contains(license.arn.id()))
            }
        }
    }
}

/// Which accounts a rule is about
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    /// `organization: true`: every account
    pub organization: bool,
    /// Units, nested ones included
    pub units: BTreeSet<OuId>,
    /// Accounts by id
    pub accounts: BTreeSet<AccountId>,
}

impl Accounts {
    /// Whether the account is one of these
    #[must_use]
    pub fn select(&self, account: &AccountId, organization: &Organization) -> bool {
        let Some(known) = organization.accounts.get(account) else { return false };
        // A selector without any part selects nobody; the rule reader refuses it before it gets here.
        (self.organization || self.is_narrowed())
            && (self.units.is_empty() || known.path.iter().any(|unit| self.units.contains(unit)))
            && (self.accounts.is_empty() || self.accounts.contains(account))
    }

    /// Every account there is and will be: nothing in it could say no to a future account
    #[must_use]
    pub fn is_whole_organization(&self) -> bool {
        self.organization && !self.is_narrowed()
    }

    fn is_narrowed(&self) -> bool {
        !self.units.is_empty() || !self.accounts.is_empty()
    }
}
