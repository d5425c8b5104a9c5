//! What must never have happened in a world, whoever acted in it
//!
//! A program that distributes grants is given a name prefix and told which accounts it should serve; these checks read
//! the state and the record of writes and say what it did wrong. They know the rules of AWS License Manager and the
//! expectations, and nothing of how any program decides.

mod active;
mod course;
mod limits;
mod order;
mod requests;
#[cfg(test)]
mod tests;
mod writes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use course::{Course, Limits, Pair};
use jiff::Timestamp;

use crate::license_manager::{LicenseManager, Write};
use crate::organizations::Organization;

/// What the program under test was asked to do
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectations {
    /// How the names of its grants begin
    pub name_prefix: String,
    /// License id and account of every pair it was asked for
    pub wanted: BTreeSet<(String, String)>,
    /// The account it makes grants from
    pub hub: String,
    /// Accounts that left, and until when nobody need have heard of it: an activation that is asked for until then is
    /// for a member as far as anybody knows
    pub unheard: BTreeMap<String, Timestamp>,
    /// License id and account of every pair in which it may push aside what is not its own
    pub may_displace: BTreeSet<(String, String)>,
}

impl Expectations {
    fn may_displace(&self, license: &str, account: &str) -> bool {
        self.may_displace.contains(&(license.to_owned(), account.to_owned()))
    }

    fn is_ours(&self, name: &str) -> bool {
        name.starts_with(&self.name_prefix)
    }
}

/// A broken invariant
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which one: one of the constants of this module
    pub invariant: &'static str,
    /// Where, for a person
    pub detail: String,
}

/// Two live grants of ours for the same license and principal
pub const ONE_GRANT_PER_KEY: &str = "one_grant_per_key";

/// A grant under another name was written to by somebody who did not make it, and not by a person
pub const FOREIGN_GRANT_TOUCHED: &str = "foreign_grant_touched";

/// A grant of ours was made for, or activated in, something outside the organization
pub const OUTSIDE_ORGANIZATION: &str = "outside_organization";

/// A grant of ours was deleted although it had not failed
pub const REVOKED: &str = "revoked";

/// A grant that is not ours lost its place to ours, or was put at risk by an override
pub const DISPLACED: &str = "displaced";

/// A grant of ours is active in an account that nobody asked for
pub const NOT_WANTED: &str = "not_wanted";

/// The hub made a grant without the prefix, and not by a person
pub const NO_STAMP: &str = "no_stamp";

/// A grant of ours was made for, or activated in, an account that nobody had asked for
pub const NOT_ASKED: &str = "not_asked";

/// A wanted product was taken from an account, before anything was there in its stead
pub const GAP: &str = "gap";

/// More was taken away, or pushed aside, within 24 hours than allowed
pub const OVER_LIMIT: &str = "over_limit";

/// Something was taken away or deleted by a run that may not do so
pub const REVOKED_OUT_OF_TURN: &str = "revoked_out_of_turn";

/// Every invariant that was broken at any time on the way, in a fixed order
///
/// Beside [`broken`], which looks at the end: this needs to know what was asked for when. Writes marked as a person's
/// are never held against the program.
pub fn broken_on_the_way(
    license_manager: &LicenseManager,
    history: &[Arc<Write>],
    expectations: &Expectations,
    course: &Course,
) -> Vec<Violation> {
    let view = order::View { license_manager, history, expectations, course };
    let mut violations = writes::foreign_grants(history, expectations);
    violations.extend(writes::without_stamp(history, expectations));
    violations.extend(view.stamps_lost());
    violations.extend(view.not_asked());
    violations.extend(view.twice_at_once());
    violations.extend(view.gaps());
    violations.extend(view.over_limits());
    violations.extend(view.out_of_turn());
    violations
}

/// An account that lost an active grant of ours by our own write
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// When
    pub at: Timestamp,
    /// Which license, `l-...`
    pub license: String,
    /// Which account
    pub account: String,
    /// By a write to which grant
    pub grant_arn: String,
}

/// Everything that was taken away, but for what an organization or unit grant reached by the way and was to be corrected
pub fn taken(
    license_manager: &LicenseManager,
    history: &[Arc<Write>],
    expectations: &Expectations,
    course: &Course,
) -> Vec<Taken> {
    let view = order::View { license_manager, history, expectations, course };
    let one = |(write, account): (&Write, &str)| Taken {
        at: write.at,
        license: write.license.clone(),
        account: account.to_owned(),
        grant_arn: write.grant_arn.clone(),
    };
    view.revocations().map(one).collect()
}

/// Every broken invariant, in a fixed order; `history` is usually [`LicenseManager::writes`]
///
/// Writes marked as a person's are never held against the program.
pub fn broken(
    license_manager: &LicenseManager,
    organization: &Organization,
    history: &[Arc<Write>],
    expectations: &Expectations,
) -> Vec<Violation> {
    let mut violations = writes::foreign_grants(history, expectations);
    violations.extend(writes::without_stamp(history, expectations));
    violations.extend(writes::outside(history, expectations));
    violations.extend(writes::revoked(history, expectations));
    violations.extend(writes::overrides(license_manager, history, expectations));
    violations.extend(active::displaced(license_manager, history, expectations));
    violations.extend(active::doubled(license_manager, expectations));
    violations.extend(active::not_wanted(license_manager, organization, expectations));
    violations
}
