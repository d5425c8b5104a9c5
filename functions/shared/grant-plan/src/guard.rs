//! What shrank so much that it is taken for a fault and not for a wish

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much there was in a snapshot
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Items of the policy table, settings not counted
    pub rules: u64,
    /// Accounts of the organization
    pub accounts: u64,
    /// Licenses that the hub holds
    pub licenses: u64,
}

/// What was counted
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Items of the policy table
    Rules,
    /// Accounts of the organization
    Accounts,
    /// Licenses of the hub
    Licenses,
}

/// A count that fell to zero, or by more than one and more than 30 %, since it was last accepted
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shrunk {
    /// What
    pub what: Counted,
    /// How many there were
    pub from: u64,
    /// How many there are
    pub to: u64,
}

/// A fall by more of a hundred than this is a fault until a person accepts it
pub const MOST_PERCENT: u64 = 30;

/// Every count that fell too far; on a fresh install, with nothing accepted yet, none can have
///
/// While there is one, nothing counts as unwanted. What grew or shrank less is to be accepted by the caller as the
/// new `accepted`, but only when nothing shrank: else a slow fall could be accepted piece by piece.
#[must_use]
pub fn shrunk(accepted: Option<&Counts>, now: &Counts) -> Vec<Shrunk> {
    let Some(accepted) = accepted else { return Vec::new() };
    let counts = [
        (Counted::Rules, accepted.rules, now.rules),
        (Counted::Accounts, accepted.accounts, now.accounts),
        (Counted::Licenses, accepted.licenses, now.licenses),
    ];
    let too_far = |from: u64, to: u64| {
        let left = u128::from(to) * 100;
        // One of a few is a large share and still an edit like any other.
        let by_share = from.saturating_sub(to) > 1 && left < u128::from(from) * u128::from(100 - MOST_PERCENT);
        from > to && (to == 0 || by_share)
    };
    counts
        .into_iter()
        .filter(|(_, from, to)| too_far(*from, *to))
        .map(|(what, from, to)| Shrunk { what, from, to })
        .collect()
}

impl fmt::Display for Counted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Rules => "rules",
            Self::Accounts => "accounts",
            Self::Licenses => "licenses",
        })
    }
}

impl fmt::Display for Shrunk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, from, to } = self;
        write!(formatter, "{what} fell from {from} to {to}: taken for a fault until it is accepted")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(rules: u64, accounts: u64, licenses: u64) -> Counts {
        Counts { rules, accounts, licenses }
    }

    #[test]
    fn a_fresh_install_has_shrunk_from_nothing() {
        assert!(shrunk(None, &counts(0, 0, 0)).is_empty());
        assert!(shrunk(Some(&counts(0, 0, 0)), &counts(0, 0, 0)).is_empty());
        assert!(shrunk(Some(&counts(0, 1, 0)), &counts(5, 60, 3)).is_empty());
    }

    #[test]
    fn thirty_of_a_hundred_may_go_and_one_more_may_not() {
        assert!(shrunk(Some(&counts(100, 100, 100)), &counts(70, 70, 70)).is_empty());
        let found = shrunk(Some(&counts(100, 100, 100)), &counts(70, 69, 100));
        assert_eq!(found, [Shrunk { what: Counted::Accounts, from: 100, to: 69 }]);
        assert!(found[0].to_string().contains("accounts fell from 100 to 69"));
    }

    #[test]
    fn the_last_one_is_a_fall_to_zero() {
        assert_eq!(shrunk(Some(&counts(1, 1, 1)), &counts(0, 1, 0)).len(), 2);
        assert!(shrunk(Some(&counts(3, 2, 3)), &counts(2, 1, 2)).is_empty(), "one of a few");
        assert_eq!(shrunk(Some(&counts(4, 9, 9)), &counts(2, 8, 8)).len(), 1);
    }
}
