//! Why an account has a license or has not, as a value
//!
//! Asks every rule about this one pair, one after the other and in words, where [`crate::matcher`] works with sets. A
//! test holds the two together.

mod consider;

use std::fmt;

use serde::Serialize;

use crate::desired::By;
use crate::id::{AccountId, LicenseId};
use crate::license::License;
use crate::matcher::Why;
use crate::organization::Organization;
use crate::policy::Policy;
use crate::reason::ReasonCode;
use crate::rule::{Effect, Rule};
use crate::time::Timestamp;

pub use consider::{Considered, Outcome};

/// What the rules come to for one account and one license
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It is to have it
    Granted,
    /// A rule denies it
    Denied,
    /// No rule gives it, or none that can be followed now
    NotSelected,
}

/// Why an account has a license or has not
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Which account
    pub account: AccountId,
    /// Which license
    pub license: LicenseId,
    /// What the rules come to
    pub decision: Decision,
    /// The rule that decided, and its version
    #[serde(flatten)]
    pub by: Decided,
    /// The reasons in words, the deciding one first
    pub because: Vec<String>,
    /// What the plan says of the pair, when the caller knows
    pub state: Option<String>,
    /// Why the plan says so
    pub reason_code: Option<ReasonCode>,
    /// Why the pair is left as it is, when it is
    #[serde(skip)]
    pub left: Option<Why>,
    /// What each rule says, in the order in which they are asked
    #[serde(skip)]
    pub considered: Vec<Considered>,
}

/// The rule that decided, if one did
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Decided {
    /// Which
    pub rule: Option<String>,
    /// Which version of it
    pub version: Option<String>,
}

/// Explains one pair
#[must_use]
pub fn explain(
    policy: &Policy,
    organization: &Organization,
    license: &License,
    account: &AccountId,
    now: Timestamp,
) -> Explanation {
    let mut rules: Vec<&Rule> = policy.rules.iter().collect();
    rules.sort_by_key(|rule| rule.order());
    let world = consider::World { organization, license, account, now };
    let asked: Vec<Asked<'_>> = rules.into_iter().map(|rule| (rule, world.consider(rule))).collect();
    let is_protected = policy.settings.protected.covers(account, organization);
    let settled = settle(&asked, is_protected && organization.accounts.contains_key(account));
    let mut because = settled.words(&asked);
    because.extend(asked.iter().filter(|(rule, _)| settled.by != Some(By::of(rule))).map(|(_, said)| said.to_string()));
    for restored in &policy.restored {
        let (rule, version, at) = (&restored.rule, &restored.version, restored.at);
        because.push(format!("item `{rule}` cannot be read as it stands: its version {version} of {at} is in force"));
    }
    Explanation {
        account: account.clone(),
        license: license.arn.id().clone(),
        decision: settled.decision,
        by: Decided {
            rule: settled.by.as_ref().map(|by| by.rule.to_string()),
            version: settled.by.map(|by| by.version),
        },
        because,
        state: None,
        reason_code: None,
        left: settled.left,
        considered: asked.into_iter().map(|(_, said)| said).collect(),
    }
}

/// What all rules together come to
struct Settled {
    decision: Decision,
    by: Option<By>,
    left: Option<Why>,
}

/// A rule, and what it says of the pair
type Asked<'a> = (&'a Rule, Considered);

fn settle(asked: &[Asked<'_>], is_protected: bool) -> Settled {
    if is_protected {
        let naming = asked.iter().find(|(_, said)| said.may_select());
        return Settled::left(Why::Protected, naming.map(|(rule, _)| *rule));
    }
    let selects = |said: &Considered| said.outcome == Outcome::Selects;
    let (denies, grants): (Vec<&Asked<'_>>, Vec<&Asked<'_>>) =
        asked.iter().partition(|(rule, _)| rule.effect == Effect::Deny);
    if let Some((rule, _)) = denies.iter().find(|(_, said)| selects(said)) {
        return Settled { decision: Decision::Denied, by: Some(By::of(rule)), left: None };
    }
    let place = grants.iter().position(|(_, said)| selects(said)).unwrap_or(grants.len());
    let (before, rest) = grants.split_at(place);
    match rest.first() {
        Some((rule, _)) => in_doubt(&denies, before, rule).unwrap_or_else(|| Settled {
            decision: Decision::Granted,
            by: Some(By::of(rule)),
            left: None,
        }),
        None => undecided(&grants),
    }
}

/// What keeps a rule that would grant it from doing so: a denial that may be one, or a rule before it that would settle
/// otherwise how
fn in_doubt(denies: &[&Asked<'_>], before: &[&Asked<'_>], grants: &Rule) -> Option<Settled> {
    let before = before.iter().filter(|(other, _)| !other.settles_like(grants));
    denies.iter().chain(before).find_map(|(rule, said)| Some(Settled::left(said.open()?, Some(rule))))
}

/// Where no rule grants it for certain, the first that may, or else the first that will
fn undecided(grants: &[&Asked<'_>]) -> Settled {
    let may = grants.iter().find_map(|(rule, said)| Some((said.open()?, *rule)));
    let will = || grants.iter().find_map(|(rule, said)| Some((said.later()?, *rule)));
    match may.or_else(will) {
        Some((why, rule)) => Settled::left(why, Some(rule)),
        None => Settled { decision: Decision::NotSelected, by: None, left: None },
    }
}

impl Settled {
    fn left(why: Why, rule: Option<&Rule>) -> Self {
        Self { decision: Decision::NotSelected, by: rule.map(By::of), left: Some(why) }
    }

    /// The deciding reason, and who lost against it
    fn words(&self, asked: &[Asked<'_>]) -> Vec<String> {
        let winner = self.by.as_ref().and_then(|by| asked.iter().find(|(rule, _)| rule.id == by.rule));
        let mut words = Vec::new();
        match (self.decision, winner, self.left) {
            (Decision::Granted, Some((rule, _)), _) => {
                let Rule { id, version, priority, activation, .. } = rule;
                words.push(format!(
                    "rule `{id}` (version {version}, priority {priority}) grants it, activation {activation}"
                ));
                words.extend(asked.iter().filter_map(|(other, said)| lost(rule, other, said)));
            }
            (Decision::Denied, Some((rule, _)), _) => {
                let Rule { id, version, .. } = rule;
                words.push(format!("rule `{id}` (version {version}) denies it, which wins over every grant"));
            }
            (_, Some((rule, _)), Some(why)) => {
                words.push(format!("left as it is: {why} (rule `{}`, version {})", rule.id, rule.version));
            }
            (_, None, Some(why)) => words.push(format!("left as it is: {why}")),
            (_, _, None) => words.push("no rule selects it".to_owned()),
        }
        words
    }
}

/// What a rule that would grant it otherwise lost by
fn lost(winner: &Rule, other: &Rule, said: &Considered) -> Option<String> {
    let selects = other.effect == Effect::Grant && said.outcome == Outcome::Selects;
    if other.id == winner.id || !selects || other.settles_like(winner) {
        return None;
    }
    let by = if winner.priority == other.priority {
        "its id comes first, their priorities being the same".to_owned()
    } else {
        format!("priority {} comes before {}", winner.priority, other.priority)
    };
    Some(format!("the settings of rule `{}` win over those of rule `{}`: {by}", winner.id, other.id))
}

impl Explanation {
    /// With what the plan says of the pair
    #[must_use]
    pub fn with_state(mut self, state: impl Into<String>, reason_code: ReasonCode) -> Self {
        self.state = Some(state.into());
        self.reason_code = Some(reason_code);
        self
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::NotSelected => "not selected",
        })
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} -> {}: {}", self.license, self.account, self.decision)?;
        match (&self.state, &self.reason_code) {
            (Some(state), Some(code)) => write!(formatter, ", {state} ({code})")?,
            (Some(state), None) => write!(formatter, ", {state}")?,
            (None, Some(code)) => write!(formatter, ", {code}")?,
            (None, None) => {}
        }
        for reason in &self.because {
            write!(formatter, "\n  {reason}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_explanation_is_one_json_object_with_the_decision_at_its_top() {
        let explanation = Explanation {
            account: "123456789012".parse().unwrap(),
            license: "l-1".parse().unwrap(),
            decision: Decision::NotSelected,
            by: Decided { rule: Some("r".into()), version: Some("1".into()) },
            because: vec!["left as it is: the settings protect the account".into()],
            state: None,
            reason_code: None,
            left: Some(Why::Protected),
            considered: Vec::new(),
        };
        let expected = json!({
            "account": "123456789012", "license": "l-1", "decision": "not-selected", "rule": "r", "version": "1",
            "because": ["left as it is: the settings protect the account"], "state": null, "reason_code": null,
        });
        assert_eq!(serde_json::to_value(&explanation).unwrap(), expected);
        let told = explanation.with_state("settled", ReasonCode::Protected);
        assert_eq!(serde_json::to_value(&told).unwrap()["reason_code"], "PROTECTED");
        assert_eq!(
            told.to_string(),
            "l-1 -> 123456789012: not selected, settled (PROTECTED)\n  left as it is: the settings protect the account"
        );
    }
}
