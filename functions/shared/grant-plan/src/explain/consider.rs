//! What one rule says about one pair

use std::fmt;

use crate::answer::Answer;
use crate::id::{AccountId, RuleId};
use crate::license::License;
use crate::matcher::Why;
use crate::organization::Organization;
use crate::rule::{Effect, Phase, Rule};
use crate::time::Timestamp;

/// What a rule comes to for a pair
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It selects it
    Selects,
    /// It would, or might, but cannot be followed now
    Open(Why),
    /// It takes no part at the moment, in words
    Off(String),
    /// It does not select it, and on what it missed, in words
    Misses(Vec<String>),
}

/// One rule, asked about one pair
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    /// Which rule
    pub rule: RuleId,
    /// What it does to those whom it selects
    pub effect: Effect,
    /// What it comes to
    pub outcome: Outcome,
}

/// The pair, and what is known around it
pub(super) struct World<'a> {
    pub(super) organization: &'a Organization,
    pub(super) license: &'a License,
    pub(super) account: &'a AccountId,
    pub(super) now: Timestamp,
}

impl World<'_> {
    pub(super) fn consider(&self, rule: &Rule) -> Considered {
        let outcome = match rule.phase(self.now) {
            Phase::Disabled => Outcome::Off("is disabled".to_owned()),
            Phase::Before(from) => Outcome::Off(format!("takes part from {from} on")),
            Phase::Over(until) => Outcome::Off(format!("took part until {until}")),
            Phase::Full => self.selects(rule, None),
            Phase::Ring(from) => self.selects(rule, Some(from)),
        };
        Considered { rule: rule.id.clone(), effect: rule.effect, outcome }
    }

    /// `ring`: the rule is for its first ring only, until then
    fn selects(&self, rule: &Rule, ring: Option<Option<Timestamp>>) -> Outcome {
        let product = rule.products.answer(self.license);
        let mut account = names(rule, self.account, self.organization);
        if product == Answer::No || account == Answer::No {
            return Outcome::Misses(self.misses(rule, product));
        }
        if let (Some(from), Some(rollout)) = (ring, &rule.rollout) {
            let first = rollout.first.select(self.account, self.organization);
            match (account, first, rule.effect) {
                (Answer::Yes, Answer::No, Effect::Grant) => return Outcome::Open(Why::NotYet(from)),
                (_, Answer::No, _) => {
                    let mut missed = vec!["its rollout is for the first ring only".to_owned()];
                    missed.extend(rollout.first.misses(self.account, self.organization));
                    return Outcome::Misses(missed);
                }
                (_, Answer::Unknown | Answer::Yes, _) => account = account.and(first),
            }
        }
        match (product, account) {
            (Answer::Unknown, _) => Outcome::Open(Why::LicenseUnknown),
            _ if self.is_over(rule) => Outcome::Open(Why::TooMany),
            _ if self.grants_nothing(rule) => Outcome::Open(Why::NothingToGrant),
            (_, Answer::Unknown) => Outcome::Open(Why::AccountUnknown),
            (_, Answer::Yes | Answer::No) => Outcome::Selects,
        }
    }

    fn misses(&self, rule: &Rule, product: Answer) -> Vec<String> {
        let mut missed = if product == Answer::No { rule.products.misses(self.license) } else { Vec::new() };
        if rule.accounts.select(self.account, self.organization) != Answer::Yes {
            missed.extend(rule.accounts.misses(self.account, self.organization));
        }
        let excepts = |except: &crate::selector::Accounts| except.select(self.account, self.organization);
        if rule.except.as_ref().map(excepts) == Some(Answer::Yes) {
            missed.push("it is excepted".to_owned());
        }
        missed
    }

    fn is_over(&self, rule: &Rule) -> bool {
        let Some(most) = rule.max_accounts else { return false };
        let ids = self.organization.accounts.keys();
        let selected = ids.filter(|id| names(rule, id, self.organization) == Answer::Yes).count();
        u64::try_from(selected).is_ok_and(|selected| selected > most.into())
    }

    fn grants_nothing(&self, rule: &Rule) -> bool {
        let narrowed = rule.operations.as_ref().filter(|_| rule.effect == Effect::Grant);
        narrowed.is_some_and(|narrowed| narrowed.is_disjoint(&self.license.operations))
    }
}

fn names(rule: &Rule, account: &AccountId, organization: &Organization) -> Answer {
    let excepted = rule.except.as_ref().map_or(Answer::No, |except| except.select(account, organization));
    rule.accounts.select(account, organization).and(!excepted)
}

impl Considered {
    /// Whether the rule selects it or may
    pub(super) fn may_select(&self) -> bool {
        self.outcome == Outcome::Selects || self.open().is_some()
    }

    /// Why the rule cannot be followed though it may select it
    pub(super) fn open(&self) -> Option<Why> {
        match self.outcome {
            Outcome::Open(Why::NotYet(_)) | Outcome::Selects | Outcome::Off(_) | Outcome::Misses(_) => None,
            Outcome::Open(why) => Some(why),
        }
    }

    /// That the rule's rollout will come to it
    pub(super) fn later(&self) -> Option<Why> {
        match self.outcome {
            Outcome::Open(why @ Why::NotYet(_)) => Some(why),
            Outcome::Open(_) | Outcome::Selects | Outcome::Off(_) | Outcome::Misses(_) => None,
        }
    }
}

impl fmt::Display for Considered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = &self.rule;
        let does = match self.effect {
            Effect::Grant => "grants it too",
            Effect::Deny => "denies it too",
        };
        match &self.outcome {
            Outcome::Selects => write!(formatter, "rule `{rule}` {does}"),
            Outcome::Open(why) => write!(formatter, "rule `{rule}` cannot be followed: {why}"),
            Outcome::Off(words) => write!(formatter, "rule `{rule}` {words}"),
            Outcome::Misses(parts) => write!(formatter, "rule `{rule}` missed: {}", parts.join("; ")),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protected => formatter.write_str("the settings protect the account"),
            Self::AccountUnknown => formatter.write_str("a tag or the name of the account is not known yet"),
            Self::LicenseUnknown => formatter.write_str("where the license comes from is not known yet"),
            Self::TooMany => formatter.write_str("the rule selects more accounts than its `max_accounts`"),
            Self::NotYet(Some(from)) => write!(formatter, "the rollout comes to it at {from}"),
            Self::NotYet(None) => formatter.write_str("the rollout comes to it once its beginning is recorded"),
            Self::NothingToGrant => formatter.write_str("the holder has none of the rule's `operations` to pass on"),
        }
    }
}
