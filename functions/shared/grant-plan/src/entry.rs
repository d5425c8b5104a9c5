//! The ledger's memory of one grant: what we meant to do, and what we know came of it

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::call::{Disposition, Failure};
use crate::id::{AccountId, GrantArn, Intent, RuleId};
use crate::organization::Principal;
use crate::reason::ReasonCode;
use crate::rule::Revoke;
use crate::time::{Timestamp, hours};

/// The layout of ledger items this version writes; an item with a higher one holds everything
pub const SCHEMA: u32 = 1;

/// Which entry of a license
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKey {
    /// The grant that we made to a principal
    Grant(Principal),
    /// The sub-grant of an account under an organization or unit grant, once it had to be treated by itself
    SubGrant(AccountId),
}

/// What the ledger holds for one key
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Layout, see [`SCHEMA`]
    pub schema: u32,
    /// How many lives the key has had: raised with each new intent
    pub generation: u32,
    /// Optimistic lock: raised with each write
    pub revision: u64,
    /// Fresh with each step that writes: two runs that write the same at the same second still wrote two entries,
    /// and whoever finds its own write there after a lost answer does not take the other's for it
    #[serde(default)]
    pub writer: Option<Intent>,
    /// The rule by whose word it exists
    pub rule: RuleId,
    /// That rule's version
    pub rule_version: String,
    /// Where the protocol stands
    pub phase: Phase,
    /// Intents before the present one whose calls may yet turn out to have worked, oldest first; at most [`FORMER`]
    #[serde(default)]
    pub former: Vec<Intent>,
    /// How often its distribution failed and it was deleted for that, over all lives
    #[serde(default)]
    pub failed: Attempts,
    /// The grant that was deleted for it last: once gone it may read WORKFLOW_COMPLETED as if it had been distributed
    /// (user guide, "Grant statuses": distributed or recalled)
    #[serde(default)]
    pub recalled: Option<GrantArn>,
    /// The grant at its end that a person wants another try for: a rejected one is given up, a sub-grant is activated
    /// again; the next life forgets it
    #[serde(default)]
    pub retried: Option<GrantArn>,
    /// Rejected grants that were given up and that License Manager would not delete, oldest first: they stay listed, and
    /// nothing comes of them any more; at most [`FORMER`]
    #[serde(default)]
    pub given_up: Vec<GrantArn>,
    /// What was tried to make it usable
    pub activation: Attempts,
    /// Why the last try was refused, until the next one: what stands in its way is not mended from look to look
    #[serde(default)]
    pub refusal: Option<Report>,
    /// What was asked of the grantee, when the grantor cannot act
    pub grantee: Attempts,
    /// Only the grantee may activate this grant: the grantor was refused
    pub by_grantee: bool,
    /// When it was found that somebody had switched the grant off or deleted it, oldest first; those of the last day are
    /// kept, and the [`FOUGHT`]th of them is the one that was not healed
    #[serde(default)]
    pub reversals: Vec<Timestamp>,
    /// What the grantee's side last reported
    pub grantee_report: Option<Report>,
    /// Since when no rule asks for it
    pub unwanted_since: Option<Timestamp>,
    /// What its rule last said becomes of it once no rule asks for it: a rule that was deleted says nothing any more
    #[serde(default, skip_serializing_if = "Revoke::is_default")]
    pub revoke: Revoke,
    /// A person wants the grant of the whole place in its stead
    #[serde(default)]
    pub gives_way: bool,
    /// For a grant to a place that may reach further than the wanted accounts: those that it was ever to serve and that
    /// were not seen off since; all others are switched off as soon as they are seen on. `None`: nobody knows
    #[serde(default, skip_serializing_if = "Option::is_none", with = "served")]
    pub served: Option<BTreeSet<AccountId>>,
    /// Calls that switch it off, since no rule asks for it
    #[serde(default)]
    pub off: Attempts,
}

/// Where the making of a grant stands
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The call is about to be made, or was made and nobody knows what came of it
    Intended {
        /// Carried by GrantName and ClientToken
        intent: Intent,
        /// When it was written down
        at: Timestamp,
        /// Whether the call asks for activation in the same go (`Options.DesiredStatus`)
        one_call: bool,
    },
    /// License Manager made it
    Held {
        /// The intent that made it; `None` for sub-grants, which License Manager makes
        intent: Option<Intent>,
        /// Its ARN
        arn: GrantArn,
        /// When we learnt of it
        at: Timestamp,
    },
    /// License Manager refused to make it; nothing exists
    Refused {
        /// Why
        reason: ReasonCode,
        /// The refusal's code and message
        detail: String,
        /// When
        at: Timestamp,
    },
    /// It is gone, or was never ours
    Closed {
        /// Why, for people
        because: String,
        /// When
        at: Timestamp,
    },
}

/// How often something was tried, and when last
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Attempts {
    /// How often
    pub count: u32,
    /// When last
    pub last: Option<Timestamp>,
}

impl Attempts {
    /// One more, now
    #[must_use]
    pub fn again(self, now: Timestamp) -> Self {
        Self { count: self.count.saturating_add(1), last: Some(now) }
    }
}

/// What came of acting on a grant
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The state the grant was left in, or what keeps it there
    pub code: ReasonCode,
    /// More, for people
    pub detail: String,
    /// When
    pub at: Timestamp,
}

impl Report {
    /// Why something was refused that will be refused until somebody mends it; `None`: it may pass by itself
    #[must_use]
    pub fn of_refusal(failure: &Failure, now: Timestamp) -> Option<Self> {
        match failure.disposition {
            Disposition::Permanent(code) => Some(Self { code, detail: failure.to_string(), at: now }),
            Disposition::Retry | Disposition::Stale => None,
        }
    }
}

/// More intents than this are not remembered: a call is known to have worked or not within minutes, and a key gets a new
/// intent an hour after a refusal at the soonest
pub const FORMER: usize = 4;

/// So many reversals within a day are a fight: the last of them is left as it is, and a person has to find out who
/// undoes what the rules ask for
pub const FOUGHT: usize = 3;
/// The time in which reversals are counted
const FIGHT: std::time::Duration = hours(24);

fn remembered<T: Clone + PartialEq>(former: &[T], next: Option<&T>) -> Vec<T> {
    let mut all: Vec<T> = former.iter().filter(|one| Some(*one) != next).chain(next).cloned().collect();
    all.drain(..all.len().saturating_sub(FORMER));
    all
}

impl Entry {
    /// A first entry, or the next life of `previous`
    #[must_use]
    pub fn new(previous: Option<&Self>, rule: RuleId, rule_version: String, phase: Phase) -> Self {
        Self {
            schema: SCHEMA,
            generation: previous.map_or(1, |entry| entry.generation.saturating_add(1)),
            revision: previous.map_or(1, |entry| entry.revision.saturating_add(1)),
            writer: None,
            rule,
            rule_version,
            phase,
            former: previous.map_or_else(Vec::new, Self::intents),
            failed: previous.map_or_else(Attempts::default, |entry| entry.failed),
            recalled: previous.and_then(|entry| entry.recalled.clone()),
            retried: None,
            given_up: previous.map_or_else(Vec::new, |entry| entry.given_up.clone()),
            activation: Attempts::default(),
            refusal: None,
            grantee: Attempts::default(),
            reversals: previous.map_or_else(Vec::new, |entry| entry.reversals.clone()),
            by_grantee: false,
            grantee_report: None,
            unwanted_since: None,
            revoke: Revoke::default(),
            gives_way: false,
            served: None,
            off: Attempts::default(),
        }
    }

    /// The same life with something changed
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut entry = self.clone();
        entry.revision = entry.revision.saturating_add(1);
        change(&mut entry);
        if let Some(intent) = self.intent().filter(|intent| entry.intent() != Some(intent)) {
            entry.former = remembered(&self.former, Some(intent));
        }
        entry
    }

    /// Without a rejected grant that License Manager would not delete
    #[must_use]
    pub fn giving_up(&self, arn: &GrantArn, because: String, now: Timestamp) -> Self {
        self.with(|entry| {
            entry.give_up(arn);
            entry.phase = Phase::Closed { because, at: now };
        })
    }

    /// Nothing comes of this rejected grant any more
    pub(crate) fn give_up(&mut self, arn: &GrantArn) {
        self.given_up = remembered(&self.given_up, Some(arn));
    }

    /// As if nothing had been tried yet to make it usable: what was done before somebody undid it says nothing of what
    /// comes after
    #[must_use]
    pub(crate) fn untried(&self) -> Self {
        let (activation, grantee) = (Attempts::default(), Attempts::default());
        Self { activation, grantee, grantee_report: None, ..self.clone() }
    }

    /// Until when what somebody undid is left as it is; `None`: nothing is
    #[must_use]
    pub(crate) fn contested_until(&self) -> Option<Timestamp> {
        let first = self.reversals.first().filter(|_| self.reversals.len() >= FOUGHT)?;
        Some(first.after(FIGHT))
    }

    /// Whether one more reversal now makes it a fight
    #[must_use]
    pub(crate) fn is_fought_over(&self, now: Timestamp) -> bool {
        self.reversals_of_the_day(now).len() + 1 >= FOUGHT
    }

    /// The reversals once one that was found now is left as it is
    #[must_use]
    pub(crate) fn reversals_left(&self, now: Timestamp) -> Vec<Timestamp> {
        let mut all = self.reversals_of_the_day(now);
        all.drain(..all.len().saturating_sub(FOUGHT - 1));
        all.push(now);
        all
    }

    /// The reversals once the last one is healed now: one that was left as it is counts from now on
    #[must_use]
    pub(crate) fn reversals_healed(&self, now: Timestamp) -> Vec<Timestamp> {
        let mut all = self.reversals_of_the_day(now);
        if self.contested_until().is_some() {
            all.pop();
        }
        all.push(now);
        all
    }

    fn reversals_of_the_day(&self, now: Timestamp) -> Vec<Timestamp> {
        self.reversals.iter().filter(|at| now.since(**at) < FIGHT).copied().collect()
    }

    /// Whether a grant with this intent in its name came of this key
    #[must_use]
    pub fn knows(&self, intent: &Intent) -> bool {
        self.intent() == Some(intent) || self.former.contains(intent)
    }

    /// Every intent that it knows, as the former ones of what comes next
    fn intents(&self) -> Vec<Intent> {
        remembered(&self.former, self.intent())
    }

    /// The grant it stands for, while there is one
    #[must_use]
    pub fn arn(&self) -> Option<&GrantArn> {
        match &self.phase {
            Phase::Held { arn, .. } => Some(arn),
            Phase::Intended { .. } | Phase::Refused { .. } | Phase::Closed { .. } => None,
        }
    }

    /// The intent that made or may yet make a grant
    #[must_use]
    pub fn intent(&self) -> Option<&Intent> {
        match &self.phase {
            Phase::Intended { intent, .. } => Some(intent),
            Phase::Held { intent, .. } => intent.as_ref(),
            Phase::Refused { .. } | Phase::Closed { .. } => None,
        }
    }
}

/// Thousands of accounts as one text: an item of the ledger holds 400 KB
mod served {
    use std::collections::BTreeSet;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::id::AccountId;

    pub(super) fn serialize<S: Serializer>(
        served: &Option<BTreeSet<AccountId>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match served {
            Some(served) => {
                let ids: Vec<&str> = served.iter().map(AccountId::as_str).collect();
                serializer.serialize_some(&ids.join(" "))
            }
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<BTreeSet<AccountId>>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let ids = text.split_whitespace().map(|id| id.parse().map_err(D::Error::custom));
        ids.collect::<Result<_, _>>().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accounts_that_a_wide_grant_serves_are_read_back_and_nobody_is_not_the_same_as_not_known() {
        let phase = Phase::Closed { because: "gone".into(), at: Timestamp(1) };
        let entry = Entry::new(None, "r".parse().unwrap(), "v1".into(), phase);
        let two: BTreeSet<AccountId> = ["123456789012", "000000000001"].map(|id| id.parse().unwrap()).into();
        for served in [None, Some(BTreeSet::new()), Some(two)] {
            let entry = Entry { served, ..entry.clone() };
            let text = serde_json::to_string(&entry).unwrap();
            assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry, "{text}");
        }
    }
}
