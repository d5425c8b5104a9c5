//! Which part of it somebody wants to see

use crate::id::{AccountId, LicenseId, OrganizationId, RuleId};
use crate::license::License;
use crate::nearest::nearest;
use crate::organization::{Organization, Principal};
use crate::plan::PairState;
use crate::policy::Policy;
use crate::reason::ReasonCode;

/// What a pair has to be like to be counted and shown; `None`: it may be any
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Of this account
    pub account: Option<AccountId>,
    /// Of this license
    pub license: Option<LicenseId>,
    /// Named by this rule
    pub rule: Option<RuleId>,
    /// In this state
    pub reason: Option<ReasonCode>,
}

/// Something to filter by that there is not, and that would make everything look settled
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// The account is none of the organization's
    #[error("`{account}` is no account of organization `{organization}`")]
    NoMember {
        /// The account
        account: AccountId,
        /// The organization
        organization: OrganizationId,
    },
    /// The hub does not hold the license
    #[error("this account holds no license `{0}`; `aws license-manager list-received-licenses` lists them")]
    NotHeld(LicenseId),
    /// No rule in force has the id
    #[error("no rule `{rule}` is in force{}", did_you_mean(.nearest.as_ref()))]
    NoRule {
        /// The id
        rule: RuleId,
        /// The id that was probably meant
        nearest: Option<RuleId>,
    },
}

fn did_you_mean(nearest: Option<&RuleId>) -> String {
    nearest.map(|rule| format!("; did you mean `{rule}`?")).unwrap_or_default()
}

impl Filter {
    /// Holds what is asked for against what there is
    ///
    /// # Errors
    /// [`FilterError`] for the first of account, license and rule that there is not.
    pub fn check(&self, policy: &Policy, organization: &Organization, held: &[License]) -> Result<(), FilterError> {
        if let Some(account) = &self.account
            && !organization.accounts.contains_key(account)
        {
            return Err(FilterError::NoMember { account: account.clone(), organization: organization.id.clone() });
        }
        if let Some(license) = &self.license
            && !held.iter().any(|known| known.arn.id() == license)
        {
            return Err(FilterError::NotHeld(license.clone()));
        }
        if let Some(rule) = &self.rule
            && !policy.rules.iter().any(|known| known.id == *rule)
        {
            let near = nearest(rule.as_str(), policy.rules.iter().map(|known| known.id.as_str()));
            let nearest = near.and_then(|near| near.parse().ok());
            return Err(FilterError::NoRule { rule: rule.clone(), nearest });
        }
        Ok(())
    }

    /// Whether a license is to be looked at
    #[must_use]
    pub fn takes_license(&self, license: &LicenseId) -> bool {
        self.license.as_ref().is_none_or(|only| only == license)
    }

    pub(super) fn takes_pair(&self, account: &AccountId, pair: &PairState) -> bool {
        self.account.as_ref().is_none_or(|only| only == account)
            && self.rule.as_ref().is_none_or(|only| *only == pair.rule)
            && self.reason.is_none_or(|only| only == pair.code)
    }

    /// A grant to a whole concerns each of its accounts; no rule asks for a grant that stands for no pair
    pub(super) fn takes_grant(&self, principal: &Principal, code: ReasonCode) -> bool {
        let concerns = |only: &AccountId| match principal {
            Principal::Account(account) => only == account,
            Principal::Organization | Principal::Unit(_) => true,
        };
        self.account.as_ref().is_none_or(concerns) && self.rule.is_none() && self.reason.is_none_or(|only| only == code)
    }
}
