//! Yes, no, or: what would decide is not known

use std::ops::Not;

/// What a selector says about an account or a license
///
/// Tags, names and agreements are read later than accounts and licenses. Taking what is not known for a no would take
/// products away from people, and taking it for a yes would give them out; so it is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// It does not select it
    No,
    /// It depends on something that is not known
    Unknown,
    /// It selects it
    Yes,
}

impl Answer {
    /// Both: no if either is
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Whether it may turn out to be a yes
    #[must_use]
    pub fn is_possible(self) -> bool {
        self != Self::No
    }
}

impl Not for Answer {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Answer {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::Answer::{No, Unknown, Yes};

    #[test]
    fn a_no_settles_it_whatever_else_is_unknown() {
        assert_eq!(No.and(Unknown), No);
        assert_eq!(Yes.and(Unknown), Unknown);
        assert_eq!(!Unknown, Unknown);
        assert_eq!((!Yes, !No), (No, Yes));
    }
}
