//! Why a (license, account) pair is as it is: a closed list of codes
//!
//! Every pair that the rules name has exactly one code. The table below is what the documentation prints; a code
//! without a line here does not compile.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::nearest::nearest;
use crate::time::{Timestamp, hours, minutes};

/// Whether somebody has to do something about a pair
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// As it should be, or as it will stay: nobody has to do anything
    Settled,
    /// AWS or Grantway is at work; it goes on by itself
    Moving,
    /// A person has to do something first
    Blocked,
}

impl fmt::Display for Standing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Settled => "settled",
            Self::Moving => "moving",
            Self::Blocked => "blocked",
        })
    }
}

macro_rules! reasons {
    ($($variant:ident, $code:literal, $standing:ident, $look:expr, $meaning:literal, $mend:literal;)*) => {
        /// The state of one pair
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum ReasonCode {
            $(#[doc = $meaning] #[serde(rename = $code)] $variant,)*
        }

        impl ReasonCode {
            /// Every code, in the order of the table
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as logs, the ledger and people see it
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// Whether anybody has to do anything
            #[must_use]
            pub fn standing(self) -> Standing {
                match self { $(Self::$variant => Standing::$standing),* }
            }

            /// What the code says, one sentence
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),* }
            }

            /// What a person does about it; empty where nothing is to be done
            #[must_use]
            pub fn mend(self) -> &'static str {
                match self { $(Self::$variant => $mend),* }
            }

            /// How long after seeing this state to look again; `None`: an event or the full reconcile will do
            #[must_use]
            pub fn look_again(self) -> Option<Duration> {
                match self { $(Self::$variant => $look),* }
            }
        }
    };
}

reasons! {
    Active, "ACTIVE", Settled, None,
        "a grant of the license is ACTIVE in the account, read back from the organization-wide listing", "";
    Holder, "HOLDER", Settled, None,
        "the account holds the license itself", "";
    NotShareable, "NOT_SHAREABLE", Settled, None,
        "the license was received without CreateGrant: SaaS and professional services cannot be shared", "";
    OwnSubscription, "OWN_SUBSCRIPTION", Settled, Some(hours(24)),
        "the account has an active subscription of its own to the product, which `activation: keep` leaves alone",
        "cancel the account's own subscription, or set `activation: replace`";
    CoveredByForeign, "COVERED_BY_FOREIGN", Settled, None,
        "a grant that Grantway did not make is ACTIVE in the account", "";
    ForeignNotActive, "FOREIGN_NOT_ACTIVE", Blocked, Some(hours(1)),
        "a grant that Grantway did not make stands in the way and is not active", "activate or delete that grant in License Manager, or take it over with `grantctl adopt`";
    ManagementNotGrantable, "MANAGEMENT_NOT_GRANTABLE", Settled, Some(hours(24)),
        "the management account gets nothing of a license that another account holds: License Manager refused the grant, or an organization's grant does not reach it", "";
    AccountSuspended, "ACCOUNT_SUSPENDED", Settled, Some(hours(24)),
        "the account is suspended or being closed, so nothing is done in it", "";
    AccountClosed, "ACCOUNT_CLOSED", Settled, None,
        "the account is closed", "";
    ManualActivation, "MANUAL_ACTIVATION", Settled, Some(hours(24)),
        "the grant is there and the rule leaves activation to the account's owner", "activate it in the account, or change the rule's `activation`";
    LicenseEnded, "LICENSE_ENDED", Settled, None,
        "the license is expired, deactivated or deleted", "";
    NoLongerWanted, "NO_LONGER_WANTED", Settled, None,
        "a grant of ours is there although no rule asks for it any more; its rule's `revoke` says for how long", "";
    DeniedStillGranted, "DENIED_STILL_GRANTED", Settled, None,
        "a rule denies the account the product, which it has by a grant of ours; the rule's `revoke` says whether it is taken away", "";
    OverGranted, "OVER_GRANTED", Moving, Some(minutes(2)),
        "a grant to a whole place reached the account, for which no rule asks (`cover: wide`); it is being switched off", "";
    RevocationDue, "REVOCATION_DUE", Moving, Some(minutes(10)),
        "nobody asks for the grant any more and its rule lets go of it: the next revocation pass decides", "";
    RevocationHeld, "REVOCATION_HELD", Blocked, Some(hours(1)),
        "more is to be revoked than the limits allow within 24 hours, so nothing is", "look at `grantctl revocations`; raise `_settings.limits.revocations`, or release them with `grantctl revocations release`";
    Revoking, "REVOKING", Moving, Some(minutes(2)),
        "the grant is being switched off, since nobody asks for it any more", "";
    SwitchedOff, "SWITCHED_OFF", Settled, None,
        "the grant was switched off, since nobody asks for it any more; one call brings it back", "";
    Protected, "PROTECTED", Settled, None,
        "the settings protect the account: nothing is given to it and nothing taken from it", "";
    RolloutLater, "ROLLOUT_LATER", Settled, None,
        "the rule's `rollout` has not come to the account yet", "";
    Creating, "CREATING", Moving, Some(minutes(1)),
        "the grant is being created", "";
    IntentUnresolved, "INTENT_UNRESOLVED", Moving, Some(minutes(5)),
        "a CreateGrant got no answer; the listing is awaited before it is repeated with the same token", "";
    NotVisibleYet, "NOT_VISIBLE_YET", Moving, Some(minutes(5)),
        "a grant was created and is not listed yet", "";
    WorkflowPending, "WORKFLOW_PENDING", Moving, Some(minutes(2)),
        "License Manager is distributing or activating the grant", "";
    AwaitingAcceptance, "AWAITING_ACCEPTANCE", Moving, Some(minutes(5)),
        "the account must accept the grant; accept-grants was asked to", "";
    AwaitingGrantee, "AWAITING_GRANTEE", Moving, Some(minutes(5)),
        "the account must activate the grant; accept-grants was asked to", "";
    Activating, "ACTIVATING", Moving, Some(minutes(2)),
        "activation was requested and not seen yet", "";
    SubGrantMissing, "SUB_GRANT_MISSING", Moving, Some(minutes(5)),
        "the organization grant is there, its sub-grant for this account is not", "";
    AccountNotReady, "ACCOUNT_NOT_READY", Moving, Some(minutes(5)),
        "the account was just created or its sign-up is not finished", "";
    LicensePending, "LICENSE_PENDING", Moving, Some(minutes(5)),
        "the license is not available yet", "";
    Deleting, "DELETING", Moving, Some(minutes(5)),
        "a failed grant, or a rejected one on request, is being deleted before a new one is made", "";
    Retrying, "RETRYING", Moving, Some(minutes(5)),
        "a call failed in a way that may pass: throttled, a server error, or the world moved", "";
    Paused, "PAUSED", Blocked, None,
        "`_settings.paused` is true: nothing is changed", "set `_settings.paused` to false";
    OutsideChangeWindow, "OUTSIDE_CHANGE_WINDOW", Moving, Some(hours(24)),
        "`_settings.change_windows` allow no change now; it is made when the next one opens", "";
    ActivationStalled, "ACTIVATION_STALLED", Blocked, Some(hours(24)),
        "activation did not take: repeated three times, or days in a workflow", "look at the grant in License Manager; open a case with AWS";
    Contested, "CONTESTED", Blocked, Some(hours(24)),
        "somebody switched the grant off or deleted it three times within a day; it is healed again when the first of these is a day old", "find out in CloudTrail who does, settle it with them, then `grantctl retry`";
    Rejected, "REJECTED", Blocked, None,
        "the account rejected the grant", "ask the account's owner, then `grantctl retry --account A --license L`";
    FailedWorkflow, "FAILED_WORKFLOW", Blocked, Some(hours(1)),
        "License Manager could not distribute the grant: it is in use in some account, or a new one is made later", "look at the grant's StatusReason";
    ReplaceUnapproved, "REPLACE_UNAPPROVED", Blocked, Some(hours(24)),
        "the rule says `activation: replace`, which displaces the account's own subscription, and no revocation pass has released it", "allow it with `_settings.limits.replacements` or `grantctl revocations release`, or set `activation: keep`";
    NotKnownYet, "NOT_KNOWN_YET", Blocked, Some(hours(1)),
        "a rule asks for a tag, a name or an agreement that has not been read yet", "wait for it to be read, or select by `ou`, `account` or `sku`";
    TooManyAccounts, "TOO_MANY_ACCOUNTS", Blocked, Some(hours(24)),
        "the rule selects more accounts than its `max_accounts`, so it stands still", "raise `max_accounts`, or narrow the rule's `accounts`";
    NothingToGrant, "NOTHING_TO_GRANT", Blocked, Some(hours(24)),
        "the license's holder may pass on nothing of what the rule's `operations` allow", "give the rule operations that the license has, or none";
    GrantBudget, "GRANT_BUDGET", Blocked, Some(hours(24)),
        "another grant would exceed the license's grant budget", "select the whole organization instead of single accounts, or raise the budget";
    TrustedAccessMissing, "TRUSTED_ACCESS_MISSING", Blocked, Some(hours(1)),
        "trusted access for License Manager is off in Organizations", "enable trusted access for license-manager.amazonaws.com and license-management.marketplace.amazonaws.com";
    MemberRoleMissing, "MEMBER_ROLE_MISSING", Blocked, Some(hours(1)),
        "the account's acceptance role cannot be assumed", "deploy infra/member.yaml to the account";
    MemberBusClosed, "MEMBER_BUS_CLOSED", Blocked, Some(minutes(15)),
        "the account's event bus does not take what the hub puts there",
        "deploy infra/member-spoke.yaml to the account";
    AccessDenied, "ACCESS_DENIED", Blocked, Some(hours(1)),
        "License Manager denied a call", "compare the function's role with infra/hub.yaml, look for a service control policy, and see that accounts are linked in License Manager's settings";
    QuotaReached, "QUOTA_REACHED", Blocked, Some(hours(1)),
        "License Manager refused for a quota", "raise the quota, or use fewer grants";
    CallRefused, "CALL_REFUSED", Blocked, Some(hours(1)),
        "License Manager refused a call for a reason of its own", "read the message that is kept with the pair";
    UnknownStatus, "UNKNOWN_STATUS", Blocked, Some(hours(1)),
        "the grant has a status that this version does not know", "upgrade, or look at the grant in License Manager";
    StampWithoutEntry, "STAMP_WITHOUT_ENTRY", Blocked, Some(hours(1)),
        "a grant carries our stamp and the ledger does not know it", "`grantctl ledger rebuild`";
    OtherDeployment, "OTHER_DEPLOYMENT", Blocked, Some(hours(24)),
        "a grant of another deployment of Grantway stands in the way", "let one deployment own the license";
}

impl ReasonCode {
    /// The moment to look again at a pair that was seen in this state now
    #[must_use]
    pub fn next_look(self, now: Timestamp) -> Option<Timestamp> {
        self.look_again().map(|wait| now.after(wait))
    }
}

/// Text that is no reason code
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is no reason code{}; the codes are {}", did_you_mean(.nearest.as_ref()), every_code())]
pub struct ReasonCodeError {
    /// The text that was given
    pub value: String,
    /// The code that was probably meant
    pub nearest: Option<ReasonCode>,
}

fn did_you_mean(nearest: Option<&ReasonCode>) -> String {
    nearest.map(|code| format!("; did you mean `{code}`?")).unwrap_or_default()
}

fn every_code() -> String {
    ReasonCode::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>().join(", ")
}

impl FromStr for ReasonCode {
    type Err = ReasonCodeError;

    fn from_str(text: &str) -> Result<Self, ReasonCodeError> {
        let find = |text: &str| Self::ALL.iter().copied().find(|code| code.as_str() == text);
        find(text).ok_or_else(|| {
            let nearest = nearest(text, Self::ALL.iter().map(|code| code.as_str())).and_then(find);
            ReasonCodeError { value: text.to_owned(), nearest }
        })
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_told_apart_and_whoever_is_blocked_is_told_what_to_do() {
        let codes: std::collections::BTreeSet<_> = ReasonCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), ReasonCode::ALL.len());
        for code in ReasonCode::ALL {
            match code.standing() {
                Standing::Settled => {}
                Standing::Moving => assert!(code.look_again().is_some(), "{code} moves but nobody looks again"),
                Standing::Blocked => assert!(!code.mend().is_empty(), "{code} blocks without a mend"),
            }
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(json, format!("\"{code}\""));
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
    }

    #[test]
    fn a_misspelt_code_is_refused_with_the_one_that_was_meant_and_all_there_are() {
        let error = "MEMBER_ROL_MISING".parse::<ReasonCode>().unwrap_err();
        assert_eq!(error.nearest, Some(ReasonCode::MemberRoleMissing));
        let text = error.to_string();
        assert!(
            text.starts_with("`MEMBER_ROL_MISING` is no reason code; did you mean `MEMBER_ROLE_MISSING`?"),
            "{text}"
        );
        for code in ReasonCode::ALL {
            assert!(text.contains(code.as_str()), "{code} is not in the list: {text}");
        }
        let far = "nonsense".parse::<ReasonCode>().unwrap_err();
        assert_eq!(far.nearest, None);
        assert!(!far.to_string().contains("did you mean"), "{far}");
    }
}
