//! One change: everything its calls need, so that whoever applies it looks nothing up and chooses nothing

use std::collections::BTreeSet;

use crate::call::Override;
use crate::entry::{Entry, EntryKey};
use crate::grant::Grant;
use crate::id::{AccountId, GrantArn, RuleId};
use crate::organization::Principal;
use crate::reason::ReasonCode;
use crate::rule::Revoke;
use crate::time::Timestamp;

/// One change to License Manager or to what the ledger says
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Make a grant
    Create(Create),
    /// Make the call of an intent again, with the same token, since nothing came of it
    Repeat(Create),
    /// Write down a grant that an intent of ours made and whose answer was lost
    Record {
        /// The principal it was made to
        principal: Principal,
        /// The grant
        grant: Grant,
    },
    /// Make a grant or sub-grant usable
    Activate {
        /// Whose attempts to count
        key: EntryKey,
        /// The grant
        arn: GrantArn,
        /// What to do about other active grants
        overriding: Override,
        /// By whose word, for a key that has no entry yet
        rule: RuleId,
        /// That rule's version
        rule_version: String,
        /// Somebody had switched it off
        heals: bool,
    },
    /// Have the account accept, and activate where only it may
    AskGrantee {
        /// Whose attempts to count
        key: EntryKey,
        /// The account
        account: AccountId,
        /// The grant
        arn: GrantArn,
        /// Whether it should activate too
        activate: bool,
        /// By whose word, for a key that has no entry yet
        rule: RuleId,
        /// That rule's version
        rule_version: String,
        /// Somebody had switched it off
        heals: bool,
    },
    /// Take away a grant whose distribution failed, or that was rejected and a person wants another try instead of, so
    /// that a new one can be made
    DeleteFailed {
        /// Whose entry
        principal: Principal,
        /// The grant
        arn: GrantArn,
        /// Its version, which the call must name
        version: String,
        /// It was rejected: License Manager may hold that for an end already
        rejected: bool,
    },
    /// Take away a grant that another of ours has taken the place of
    Retire {
        /// Whose entry
        principal: Principal,
        /// The grant
        arn: GrantArn,
        /// Its version, which the call must name
        version: String,
    },
    /// Write down that an entry's grant is gone or never was
    Close {
        /// Which entry
        key: EntryKey,
        /// Why, for people
        because: String,
    },
    /// Write down since when nobody wants it, or that somebody does again
    NoteUnwanted {
        /// Which entry
        key: EntryKey,
        /// `None`: wanted again
        since: Option<Timestamp>,
        /// What a key is about that has no entry yet, or one for an earlier sub-grant
        of: Option<Noted>,
    },
    /// Switch off what nobody asks for any more and the revocation pass has released
    SwitchOff {
        /// Whose attempts to count
        key: EntryKey,
        /// The grant
        arn: GrantArn,
        /// What a key is about that has no entry yet: nobody ever asked for it
        of: Option<Noted>,
    },
    /// Write down whom a grant to a place is to serve
    NoteServed {
        /// Which entry
        key: EntryKey,
        /// All accounts that it is or was to serve and that were not seen off since
        served: BTreeSet<AccountId>,
    },
    /// Write down what becomes of it once nobody asks for it, so that this is known when its rule is no more
    NoteTerms {
        /// Which entry
        key: EntryKey,
        /// What its rule says
        revoke: Revoke,
    },
    /// Write down that somebody undid once more what we did, and that it is left so for now
    NoteContested {
        /// Which entry
        key: EntryKey,
    },
}

/// A sub-grant that is written down for the first time
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// The sub-grant
    pub arn: GrantArn,
    /// By whose word its parent was made
    pub rule: RuleId,
    /// That rule's version
    pub rule_version: String,
}

/// What CreateGrant needs
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create {
    /// To whom
    pub principal: Principal,
    /// To whom, as CreateGrant takes it
    pub principal_arn: String,
    /// LicenseArn
    pub license: String,
    /// HomeRegion
    pub home_region: String,
    /// AllowedOperations
    pub operations: Vec<String>,
    /// By whose word
    pub rule: RuleId,
    /// That rule's version
    pub rule_version: String,
    /// Ask for activation in the same call
    pub activate: Option<Override>,
    /// What becomes of it once nobody asks for it
    pub revoke: Revoke,
    /// Whom it is to serve, where it reaches further
    pub served: Option<BTreeSet<AccountId>>,
    /// What it means when License Manager refuses it for a reason of its own
    pub if_refused: ReasonCode,
    /// Somebody had deleted the one before
    pub heals: bool,
}

impl Action {
    /// The entry it reads and writes
    #[must_use]
    pub fn key(&self) -> EntryKey {
        match self {
            Self::Create(create) | Self::Repeat(create) => EntryKey::Grant(create.principal.clone()),
            Self::Record { principal, .. } | Self::DeleteFailed { principal, .. } | Self::Retire { principal, .. } => {
                EntryKey::Grant(principal.clone())
            }
            Self::Activate { key, .. }
            | Self::AskGrantee { key, .. }
            | Self::Close { key, .. }
            | Self::SwitchOff { key, .. }
            | Self::NoteTerms { key, .. }
            | Self::NoteServed { key, .. }
            | Self::NoteUnwanted { key, .. }
            | Self::NoteContested { key } => key.clone(),
        }
    }

    /// Which kind of change, one word for logs and counts
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Repeat(_) => "repeat",
            Self::Record { .. } => "record",
            Self::Activate { .. } => "activate",
            Self::AskGrantee { .. } => "ask_grantee",
            Self::DeleteFailed { .. } => "delete_failed",
            Self::Retire { .. } => "retire",
            Self::Close { .. } => "close",
            Self::NoteUnwanted { .. } => "note_unwanted",
            Self::SwitchOff { .. } => "switch_off",
            Self::NoteTerms { .. } => "note_terms",
            Self::NoteServed { .. } => "note_served",
            Self::NoteContested { .. } => "note_contested",
        }
    }

    /// Whether it changes anything at AWS, and not the ledger alone
    #[must_use]
    pub fn writes(&self) -> bool {
        match self {
            Self::Create(_)
            | Self::Repeat(_)
            | Self::Activate { .. }
            | Self::AskGrantee { .. }
            | Self::SwitchOff { .. }
            | Self::Retire { .. }
            | Self::DeleteFailed { .. } => true,
            Self::Record { .. }
            | Self::Close { .. }
            | Self::NoteUnwanted { .. }
            | Self::NoteTerms { .. }
            | Self::NoteServed { .. }
            | Self::NoteContested { .. } => false,
        }
    }

    /// The same, done because somebody had undone it
    #[must_use]
    pub(crate) fn healing(self) -> Self {
        match self {
            Self::Create(create) => Self::Create(Create { heals: true, ..create }),
            Self::Activate { key, arn, overriding, rule, rule_version, heals: _ } => {
                Self::Activate { key, arn, overriding, rule, rule_version, heals: true }
            }
            Self::AskGrantee { key, account, arn, activate, rule, rule_version, heals: _ } => {
                Self::AskGrantee { key, account, arn, activate, rule, rule_version, heals: true }
            }
            Self::Repeat(_)
            | Self::Record { .. }
            | Self::DeleteFailed { .. }
            | Self::Retire { .. }
            | Self::Close { .. }
            | Self::SwitchOff { .. }
            | Self::NoteServed { .. }
            | Self::NoteTerms { .. }
            | Self::NoteUnwanted { .. }
            | Self::NoteContested { .. } => self,
        }
    }

    /// The entry that the action starts from, when it has to exist
    #[must_use]
    pub fn entry<'a>(&self, entries: &'a std::collections::BTreeMap<EntryKey, Entry>) -> Option<&'a Entry> {
        entries.get(&self.key())
    }
}
