//! The grant budget: how many live grants one license may have, and how far that is used

use std::fmt;

use serde::Serialize;

/// From this share of a hundred on, a budget is worth a warning
pub const WARNED_PERCENT: usize = 80;

/// A license's grant budget, as a plan leaves it
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// Live grants there may be; sub-grants are not counted
    pub of: usize,
    /// Live grants there are or may be unseen, other people's counted, and those that the plan makes
    pub used: usize,
    /// Grants that were wanted and that there is no room for
    pub refused: usize,
}

impl Budget {
    /// Nothing planned yet
    #[must_use]
    pub fn new(of: usize, live: usize) -> Self {
        Self { of, used: live, refused: 0 }
    }

    /// Takes room for one more grant, or counts it as refused
    pub(crate) fn take(&mut self) -> bool {
        let has_room = self.used < self.of;
        match has_room {
            true => self.used += 1,
            false => self.refused += 1,
        }
        has_room
    }

    /// How much of a hundred is used, rounded down; more than a hundred where people made more than there may be
    #[must_use]
    pub fn percent(&self) -> usize {
        self.used.saturating_mul(100).checked_div(self.of).unwrap_or(100)
    }

    /// Whether a person should hear of it: four fifths are used
    #[must_use]
    pub fn is_tight(&self) -> bool {
        self.percent() >= WARNED_PERCENT
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, used, refused } = self;
        write!(formatter, "{used} of {of} grants are used")?;
        match refused {
            0 => Ok(()),
            _ => write!(
                formatter,
                ", with no room for {refused} more: select the organization or top-level units as a whole, which takes one \
                 grant each, or raise `GRANTWAY_GRANT_BUDGET` (AWS's own limit is 2,000 grants for each license)"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_fifths_are_worth_a_warning() {
        assert!(!Budget::new(1500, 1199).is_tight());
        assert!(Budget::new(1500, 1200).is_tight());
        assert!(!Budget::new(10, 0).is_tight());
        assert!(Budget::new(0, 0).is_tight(), "nothing fits in");
    }

    #[test]
    fn what_finds_no_room_is_counted_with_what_would_mend_it() {
        let mut budget = Budget::new(3, 2);
        assert_eq!((budget.take(), budget.take(), budget.take()), (true, false, false));
        assert_eq!(budget, Budget { of: 3, used: 3, refused: 2 });
        let text = budget.to_string();
        assert!(text.starts_with("3 of 3 grants are used, with no room for 2 more: select"), "{text}");
        assert_eq!(Budget::new(3, 1).to_string(), "1 of 3 grants are used");
    }
}
