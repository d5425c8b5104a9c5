//! What follows from licenses and grants, and is therefore not saved with them

use super::{Arn, LicenseManager};

impl LicenseManager {
    /// Makes the indexes and the active places of a loaded service from its grants
    pub(crate) fn index_again(&mut self) {
        let grants = std::mem::take(&mut self.grants);
        let arns: Vec<Arn> = grants.keys().cloned().collect();
        for (arn, kept) in grants {
            self.insert(kept.now().clone());
            // With its past.
            self.grants.insert(arn, kept);
        }
        for arn in arns {
            self.occupy(&arn);
        }
    }
}
