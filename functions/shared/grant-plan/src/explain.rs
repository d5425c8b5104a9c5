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
    let asked: Vec<(&Rule, Considered)> = rules.into_iter().map(|rule| (rule, world.consider(rule))).collect();
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

fn settle(asked: &[(&Rule, Considered)], is_protected: bool) -> Settled {
    let by = |rule: &Rule| Some(By::of(rule));
    let of = |effect: Effect| asked.iter().filter(move |(rule, _)| rule.effect == effect);
    let left = |why: Why, rule: Option<&Rule>| Settled {
        decision: Decision::NotSelected,
        by: rule.and_then(by),
        left: Some(why),
    };
    if is_protected {
        let naming = asked.iter().find(|(_, said)| said.may_select());
        return left(Why::Protected, naming.map(|(rule, _)| *rule));
    }
    if let Some((rule, _)) = of(Effect::Deny).find(|(_, said)| said.outcome == Outcome::Selects) {
        return Settled { decision: Decision::Denied, by: by(rule), left: None };
    }
    let open = |said: &Considered| match &said.outcome {
        Outcome::Open(Why::NotYet(_)) => None,
        Outcome::Open(why) => Some(*why),
        Outcome::Selects | Outcome::Off(_) | Outcome::Misses(_) => None,
    };
    match of(Effect::Grant).position(|(_, said)| said.outcome == Outcome::Selects) {
        Some(place) => {
            let Some((rule, _)) = of(Effect::Grant).nth(place) else {
                return Settled { decision: Decision::NotSelected, by: None, left: None };
            };
            let perhaps_denied = of(Effect::Deny).find_map(|(deny, said)| Some((open(said)?, *deny)));
            let differs = |other: &Rule| other.activation != rule.activation || other.operations != rule.operations;
            let mut before = of(Effect::Grant).take(place).filter(|(other, _)| differs(other));
            let in_doubt = || before.find_map(|(other, said)| Some((open(said)?, *other)));
            match perhaps_denied.or_else(in_doubt) {
                Some((why, other)) => left(why, Some(other)),
                None => Settled { decision: Decision::Granted, by: by(rule), left: None },
            }
        }
        None => {
            let later = |said: &Considered| match said.outcome {
                Outcome::Open(why) => Some(why),
                Outcome::Selects | Outcome::Off(_) | Outcome::Misses(_) => None,
            };
            let first = of(Effect::Grant).find_map(|(rule, said)| Some((open(said)?, *rule)));
            let first = first.or_else(|| of(Effect::Grant).find_map(|(rule, said)| Some((later(said)?, *rule))));
            match first {
                Some((why, rule)) => left(why, Some(rule)),
                None => Settled { decision: Decision::NotSelected, by: None, left: None },
            }
        }
    }
}

impl Settled {
    /// The deciding reason, and who lost against it
    fn words(&self, asked: &[(&Rule, Considered)]) -> Vec<String> {
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
    let differs = other.activation != winner.activation || other.operations != winner.operations;
    if other.id == winner.id || other.effect != Effect::Grant || said.outcome != Outcome::Selects || !differs {
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
