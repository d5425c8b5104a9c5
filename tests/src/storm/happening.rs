//! What people and AWS do to a world while Grantway is at work in it

use rand::Rng;
use rand::rngs::StdRng;

macro_rules! happenings {
    ($($(#[$doc:meta])* $variant:ident, $weight:literal;)*) => {
        /// One thing that happens
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Happening {
            $($(#[$doc])* $variant,)*
        }

        impl Happening {
            /// Everything that can happen
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// How likely it is beside the others
            fn weight(self) -> u32 {
                match self { $(Self::$variant => $weight),* }
            }

            /// Its name in counts
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),* }
            }
        }
    };
}

happenings! {
    /// The hub buys something
    Purchase, 8;
    /// An agreement is renewed or replaced, with its license or another one
    Succession, 4;
    /// An agreement ends
    AgreementEnds, 2;
    /// A member buys for itself what the hub has
    MemberBuys, 3;
    /// An account is created at the root
    AccountCreated, 5;
    /// An account goes to another unit
    AccountMoved, 6;
    /// An account is suspended, or active again
    AccountSuspended, 3;
    /// An account is being closed, or is closed
    AccountClosed, 2;
    /// An account leaves the organization
    AccountLeaves, 2;
    /// An account gets a tag
    AccountTagged, 1;
    /// A unit is made, and an account moved into it
    UnitMade, 2;
    /// A new rule
    RulePut, 6;
    /// A rule reads differently
    RuleEdited, 6;
    /// A rule is switched off, or on
    RuleSwitched, 3;
    /// A rule is deleted
    RuleDeleted, 3;
    /// A rule cannot be read any more
    RuleSpoilt, 3;
    /// A rule can be read again
    RuleMended, 3;
    /// `_settings.paused` is set, or set otherwise
    Paused, 3;
    /// Trusted access for License Manager or the Marketplace goes off, or comes back
    TrustedAccess, 3;
    /// Accounts are no longer linked in License Manager, or are again
    Linking, 2;
    /// A member's role is taken away, or comes back
    MemberRole, 4;
    /// A person grants a license to an account, or to everybody
    PersonGrants, 7;
    /// Another deployment of Grantway grants a license to an account
    OtherDeploymentGrants, 2;
    /// A person activates some grant
    PersonActivates, 8;
    /// A person switches a grant off
    PersonSwitchesOff, 5;
    /// A person deletes a grant
    PersonDeletes, 4;
    /// A member rejects a grant
    MemberRejects, 6;
    /// A member accepts a grant
    MemberAccepts, 4;
    /// Every item of the ledger is gone
    LedgerEmptied, 2;
    /// The ledger is as it was some time before
    LedgerRestored, 3;
    /// Two runs look at the same license at once
    TwoAtOnce, 6;
    /// The functions die in the middle of their work
    Death, 6;
    /// One reply is lost, and only one
    ReplyLost, 5;
    /// A message that nobody can read arrives
    BadMessage, 3;
}

impl Happening {
    /// One of them, by their weights
    pub(super) fn draw(random: &mut StdRng) -> Self {
        let total: u32 = Self::ALL.iter().map(|one| one.weight()).sum();
        let mut at = random.random_range(0..total);
        for one in Self::ALL {
            match at.checked_sub(one.weight()) {
                Some(rest) => at = rest,
                None => return *one,
            }
        }
        Self::Purchase
    }
}
