//! What was written, by whom: the record that invariants are checked against

use jiff::Timestamp;

use super::grant::{GrantStatus, Override, Principal};
use super::word::words;

words! {
    /// A writing operation on a grant
    WriteOperation {
        /// CreateGrant
        CreateGrant = "CreateGrant",
        /// CreateGrantVersion
        CreateGrantVersion = "CreateGrantVersion",
        /// AcceptGrant
        AcceptGrant = "AcceptGrant",
        /// RejectGrant
        RejectGrant = "RejectGrant",
        /// DeleteGrant
        DeleteGrant = "DeleteGrant",
    }
}

/// One accepted write; a repeated ClientToken is not a write
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// When
    pub at: Timestamp,
    /// Account that called
    pub caller: String,
    /// What it called
    pub operation: WriteOperation,
    /// On which grant
    pub grant_arn: String,
    /// Of which license, `l-...`
    pub license: String,
    /// The grant's principal
    pub principal: Principal,
    /// The grant's name before the write (the new name for CreateGrant)
    pub name: String,
    /// The name it was given by CreateGrantVersion
    pub renamed: Option<String>,
    /// The grant's status before the write; none for CreateGrant
    pub was: Option<GrantStatus>,
    /// Status asked for: CreateGrantVersion's Status or CreateGrant's DesiredStatus
    pub status: Option<GrantStatus>,
    /// Options.ActivationOverrideBehavior of the call
    pub override_behavior: Option<Override>,
    /// The grant active for the same product in the account when the call came, if it was another one
    pub active_before: Option<String>,
    /// The principal was in the organization
    pub in_organization: bool,
    /// Done by a person at the console, not by a program under test
    pub person: bool,
}

/// One active grant put out of the way by another
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Displacement {
    /// When
    pub at: Timestamp,
    /// In which account
    pub account: String,
    /// The grant that was active
    pub displaced: String,
    /// The grant that took its place
    pub by: String,
}
