//! From when reads know a new grant

use jiff::Timestamp;

use super::{Knobs, VisibilityLag};
use crate::clock::seconds_later;

impl Knobs {
    /// From when GetGrant knows a grant made now
    pub(crate) fn readable_from(&self, now: Timestamp) -> Timestamp {
        match self.visibility_lag {
            VisibilityLag::GetAndLists | VisibilityLag::GetOnly => seconds_later(now, self.visibility_seconds),
            VisibilityLag::ListsOnly => now,
        }
    }

    /// From when lists know a grant made now
    pub(crate) fn visible_from(&self, now: Timestamp) -> Timestamp {
        match self.visibility_lag {
            VisibilityLag::GetAndLists | VisibilityLag::ListsOnly => seconds_later(now, self.visibility_seconds),
            VisibilityLag::GetOnly => now,
        }
    }
}
