//! The organization as it was observed: units, accounts, and where each account lies

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, OrganizationId, OuId};
use crate::time::{Timestamp, hours};

/// The organization at one moment
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// `o-...`
    pub id: OrganizationId,
    /// The ARN as DescribeOrganization gives it
    ///
    /// Its account field is the management account even when a delegated administrator asks, so it is never built
    /// from the caller's own account.
    pub arn: String,
    /// The management account
    pub management: AccountId,
    /// Name of each unit, for people
    pub units: BTreeMap<OuId, String>,
    /// Every account, by id
    pub accounts: BTreeMap<AccountId, Account>,
}

/// One account of the organization
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its life-cycle state
    pub state: AccountState,
    /// The units it lies in, outermost first; empty directly under the root
    pub path: Vec<OuId>,
    /// Its name, for rules that select by it; `None`: not known. Never shown in a finding, an explanation or a log
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its tags; `None`: not read yet, which is not the same as none
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeMap<String, String>>,
    /// When they were read
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags_at: Option<Timestamp>,
}

/// How long tags count for after they were read: a change may come without an event, and nothing is to be taken away by
/// a tag that is gone
pub const TAGS_HOLD: std::time::Duration = hours(24);

impl Organization {
    /// Without the tags that were read too long ago to go by
    #[must_use]
    pub fn as_known(mut self, now: Timestamp) -> Self {
        let is_old = |account: &&mut Account| account.tags_at.is_some_and(|at| now.since(at) > TAGS_HOLD);
        self.accounts.values_mut().filter(is_old).for_each(|account| account.tags = None);
        self
    }

    /// With the tags that were read of the same accounts before; reading an organization does not read them
    #[must_use]
    pub fn with_tags_of(mut self, earlier: &Self) -> Self {
        for (id, account) in &mut self.accounts {
            if let (None, Some(known)) = (&account.tags_at, earlier.accounts.get(id)) {
                (account.tags, account.tags_at) = (known.tags.clone(), known.tags_at);
            }
        }
        self
    }
}

impl Account {
    /// An account of which only state and place are known
    #[must_use]
    pub fn new(state: AccountState, path: Vec<OuId>) -> Self {
        Self { state, path, name: None, tags: None, tags_at: None }
    }

    /// The top-level unit it lies under; `None` directly under the root
    #[must_use]
    pub fn top(&self) -> Option<&OuId> {
        self.path.first()
    }
}

/// Life-cycle state of an account (Organizations `Account.State`; `Status` where only that is given)
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountState {
    /// Sign-up not finished
    PendingActivation,
    /// In use
    Active,
    /// Suspended by AWS
    Suspended,
    /// Being closed
    PendingClosure,
    /// Closed, not yet gone
    Closed,
    /// A state this version does not know
    Unknown(String),
}

impl AccountState {
    /// The states that this version knows, as the API writes them
    pub const KNOWN: [&'static str; 5] = ["PENDING_ACTIVATION", "ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED"];

    /// Whether AWS has switched the account off, or is about to
    #[must_use]
    pub fn is_off(&self) -> bool {
        match self {
            Self::Suspended | Self::PendingClosure | Self::Closed => true,
            Self::PendingActivation | Self::Active | Self::Unknown(_) => false,
        }
    }

    /// The state for the API's text
    #[must_use]
    pub fn from_api(text: &str) -> Self {
        match text {
            "PENDING_ACTIVATION" => Self::PendingActivation,
            "ACTIVE" => Self::Active,
            "SUSPENDED" => Self::Suspended,
            "PENDING_CLOSURE" => Self::PendingClosure,
            "CLOSED" => Self::Closed,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

impl fmt::Display for AccountState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::PendingActivation => "PENDING_ACTIVATION",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
            Self::Unknown(other) => other,
        })
    }
}

/// Whom a grant is made to
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// The whole organization
    Organization,
    /// A top-level unit with all that lies under it
    Unit(OuId),
    /// One account
    Account(AccountId),
}

impl Principal {
    /// Whether a grant to it reaches an account of the organization
    ///
    /// A unit is a top-level one, so it reaches whatever lies under it however deep.
    #[must_use]
    pub fn covers(&self, account: &AccountId, organization: &Organization) -> bool {
        match self {
            Self::Organization => organization.accounts.contains_key(account),
            Self::Unit(unit) => organization.accounts.get(account).is_some_and(|known| known.top() == Some(unit)),
            Self::Account(one) => one == account,
        }
    }

    /// The principal an ARN names, when it is one of `organization`'s own forms
    ///
    /// Forms (License Manager user guide, "Distribute entitlements"): `arn:aws:organizations::<management>:organization/o-x`,
    /// `arn:aws:organizations::<management>:ou/o-x/ou-y`, `arn:aws:iam::<account>:root`. A bare account id is taken too,
    /// since lists have been seen to answer with either.
    #[must_use]
    pub fn from_arn(arn: &str, organization: &OrganizationId) -> Option<Self> {
        if let Some(account) = Self::account_of(arn) {
            return Some(Self::Account(account));
        }
        let mut fields = arn.splitn(6, ':');
        let (service, resource) = (fields.nth(2)?, fields.nth(2)?);
        match service {
            "organizations" => {
                let (kind, rest) = resource.split_once('/')?;
                match (kind, rest.split_once('/')) {
                    ("organization", None) if rest == organization.as_str() => Some(Self::Organization),
                    ("ou", Some((owner, unit))) if owner == organization.as_str() => unit.parse().ok().map(Self::Unit),
                    (_, _) => None,
                }
            }
            _ => None,
        }
    }

    /// The account that a grant's principal is, for who knows no organization; `None`: none
    #[must_use]
    pub fn account_of(arn: &str) -> Option<AccountId> {
        if let Ok(account) = arn.parse() {
            return Some(account);
        }
        let mut fields = arn.splitn(6, ':');
        let (service, account, resource) = (fields.nth(2)?, fields.nth(1)?, fields.next()?);
        (service == "iam" && resource == "root").then(|| account.parse().ok()).flatten()
    }

    /// The ARN for CreateGrant's `Principals`
    #[must_use]
    pub fn arn(&self, organization: &Organization) -> String {
        match self {
            Self::Organization => organization.arn.clone(),
            Self::Unit(unit) => {
                format!("arn:aws:organizations::{}:ou/{}/{unit}", organization.management, organization.id)
            }
            Self::Account(account) => format!("arn:aws:iam::{account}:root"),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization => formatter.write_str("organization"),
            Self::Unit(unit) => write!(formatter, "{unit}"),
            Self::Account(account) => write!(formatter, "{account}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_kept_before_names_and_tags_were_is_still_read() {
        let kept = r#"{"state":"ACTIVE","path":["ou-9xk2-h3n8d1pw"]}"#;
        let account: Account = serde_json::from_str(kept).unwrap();
        assert_eq!((&account.name, &account.tags), (&None, &None));
        assert_eq!(serde_json::to_string(&account).unwrap(), kept);
    }

    #[test]
    fn tags_are_carried_over_and_stop_counting_after_a_day() {
        let mut account = Account::new(AccountState::Active, Vec::new());
        let fresh = |account: &Account| Organization {
            id: "o-4kq7vt2m9x".parse().unwrap(),
            arn: String::new(),
            management: "210987654321".parse().unwrap(),
            units: BTreeMap::new(),
            accounts: BTreeMap::from([("487120396655".parse().unwrap(), account.clone())]),
        };
        let unread = fresh(&account);
        (account.tags, account.tags_at) = (Some(BTreeMap::new()), Some(Timestamp(100)));
        let known = unread.with_tags_of(&fresh(&account));
        assert_eq!(known, fresh(&account));
        let at_the_end = Timestamp(100).after(TAGS_HOLD);
        assert_eq!(known.clone().as_known(at_the_end), known);
        let old = known.as_known(Timestamp(at_the_end.0 + 1));
        let account = old.accounts.values().next().unwrap();
        assert_eq!((&account.tags, account.tags_at), (&None, Some(Timestamp(100))), "how old they are is still known");
    }

    #[test]
    fn principals_are_read_from_every_form_and_foreign_ones_are_not() {
        let own: OrganizationId = "o-4kq7vt2m9x".parse().unwrap();
        let read = |arn: &str| Principal::from_arn(arn, &own).map(|principal| principal.to_string());
        assert_eq!(
            read("arn:aws:organizations::210987654321:organization/o-4kq7vt2m9x").as_deref(),
            Some("organization")
        );
        assert_eq!(
            read("arn:aws:organizations::210987654321:ou/o-4kq7vt2m9x/ou-9xk2-h3n8d1pw").as_deref(),
            Some("ou-9xk2-h3n8d1pw")
        );
        assert_eq!(read("arn:aws:iam::487120396655:root").as_deref(), Some("487120396655"));
        assert_eq!(read("487120396655").as_deref(), Some("487120396655"));
        assert_eq!(read("arn:aws:organizations::1:organization/o-someoneelse"), None);
        assert_eq!(read("arn:aws:iam::487120396655:role/x"), None);
        assert_eq!(read(""), None);
    }
}
