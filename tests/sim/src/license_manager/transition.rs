//! The ways a grant's status can go, numbered as a table that tests can tick off

use super::LicenseManager;
use super::grant::GrantStatus;

/// Declares the transitions with their numbers
macro_rules! transitions {
    ($($(#[doc = $line:literal])+ $name:ident = $number:literal,)+) => {
        /// One way a status changes; a way through PENDING_WORKFLOW or PENDING_DELETE counts once, when it ends
        ///
        /// Sources: License Manager user guide, "Grant statuses", "Grant acceptance and activation"; what people saw
        /// live where the guide is silent.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum Transition {
            $($(#[doc = $line])+ $name,)+
        }

        impl Transition {
            /// Every transition
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its number
            pub fn number(self) -> &'static str {
                match self {
                    $(Self::$name => $number,)+
                }
            }
        }
    };
}

transitions! {
    /// A buyer subscribes: Marketplace's own grant to it is ACTIVE
    Subscribed = "1",
    /// CreateGrant for an organization or unit, or a new version of it that activates nothing: PENDING_WORKFLOW
    Distributing = "2",
    /// PENDING_WORKFLOW to DISABLED: an organization or unit grant is distributed, not activated
    Distributed = "3",
    /// PENDING_WORKFLOW to WORKFLOW_COMPLETED before any activation: the same, seen otherwise
    DistributionCompleted = "3'",
    /// DISABLED or WORKFLOW_COMPLETED to PENDING_WORKFLOW: the grantor activates an organization or unit grant
    Activating = "4",
    /// PENDING_WORKFLOW to WORKFLOW_COMPLETED: every account it reaches has its sub-grant
    FannedOut = "5",
    /// CreateGrant for one account whose owner must accept: PENDING_ACCEPT
    AwaitingAcceptance = "6",
    /// CreateGrant for one account that accepts automatically: DISABLED, by way of PENDING_WORKFLOW or not
    AutoAccepted = "7",
    /// PENDING_ACCEPT to DISABLED: AcceptGrant
    Accepted = "8",
    /// PENDING_ACCEPT to REJECTED: RejectGrant
    Rejected = "9",
    /// DISABLED to ACTIVE in one account, by way of PENDING_WORKFLOW or not
    Activated = "10",
    /// An activation that leaves the grant DISABLED, because another one is active for the product in the account
    Withheld = "10'",
    /// ACTIVE to DISABLED by CreateGrantVersion, or a whole organization or unit grant switched off
    Deactivated = "11",
    /// ACTIVE to DISABLED because another grant for the product took its place
    Displaced = "12",
    /// Any live status to the end that DeleteGrant brings
    Deleted = "13",
    /// PENDING_WORKFLOW to FAILED_WORKFLOW
    Failed = "14",
    /// The license ended, and the grant with it
    LicenseEnded = "15",
    /// An account that joins gets a sub-grant of an organization or unit grant
    SubGrantCreated = "16",
    /// An account that leaves loses its sub-grant, or the grant made to it alone
    SubGrantRemoved = "17",
}

/// A change of status
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) to: GrantStatus,
    pub(super) reason: Option<String>,
    /// The transition that is complete with this change
    pub(super) completes: Option<Transition>,
    /// It raises the version
    pub(super) bump: bool,
}

impl Change {
    pub(super) fn to(to: GrantStatus, completes: impl Into<Option<Transition>>) -> Self {
        Self { to, reason: None, completes: completes.into(), bump: false }
    }

    pub(super) fn because(self, reason: impl Into<Option<String>>) -> Self {
        Self { reason: reason.into(), ..self }
    }

    pub(super) fn bump(self, bump: bool) -> Self {
        Self { bump, ..self }
    }
}

impl LicenseManager {
    /// How often each transition has been gone through
    pub fn transitions(&self) -> &std::collections::BTreeMap<Transition, u64> {
        &self.transitions
    }

    pub(super) fn count(&mut self, transition: Transition) {
        *self.transitions.entry(transition).or_default() += 1;
    }
}
