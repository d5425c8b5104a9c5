//! The result of one run over one license

use std::collections::BTreeMap;
use std::fmt;

use grant_plan::action::Action;
use grant_plan::budget::Budget;
use grant_plan::finding::Finding;
use grant_plan::id::{AccountId, LicenseId};
use grant_plan::plan::{Hold, PairState, UnderWay};
use grant_plan::reason::ReasonCode;
use grant_plan::step::Outcome;
use grant_plan::time::Timestamp;

/// What a run found and did
#[derive(Debug, Clone)]
#[must_use]
pub struct Report {
    /// Which license
    pub license: LicenseId,
    /// Every pair the rules name, as the run left it
    pub pairs: BTreeMap<AccountId, PairState>,
    /// Grants left alone
    pub holds: Vec<Hold>,
    /// Grants on their way that no pair waits for
    pub under_way: Vec<UnderWay>,
    /// What was done, in order
    pub outcomes: Vec<(Action, Outcome)>,
    /// How far the license's grant budget is used; `None`: what there is could not be seen
    pub budget: Option<Budget>,
    /// Rules that could not be read
    pub findings: Vec<Finding>,
    /// When to look again whatever the pairs say: what the rules ask for changes by itself then, or the license was not
    /// there to be seen
    pub look_again: Option<Timestamp>,
    /// Whether everything planned was tried; `false`: time ran out
    pub complete: bool,
}

impl Report {
    /// When the license wants to be looked at without being asked
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        let grants = self.under_way.iter().filter_map(|grant| grant.next_look);
        self.pairs.values().filter_map(|pair| pair.next_look).chain(grants).chain(self.look_again).min()
    }

    /// How many pairs are in each state
    #[must_use]
    pub fn counts(&self) -> BTreeMap<ReasonCode, usize> {
        let mut counts = BTreeMap::new();
        for pair in self.pairs.values() {
            *counts.entry(pair.code).or_default() += 1;
        }
        counts
    }

    /// The one line a run leaves in the log
    pub fn log(&self) {
        let applied = self.outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Applied(_))).count();
        tracing::info!(
            license.id = %self.license,
            pairs = self.pairs.len(),
            actions = self.outcomes.len(),
            applied,
            held = self.outcomes.len() - applied,
            findings = self.findings.len(),
            // Without a dot, which a metric filter could not name.
            budget_percent = self.budget.map(|budget| budget.percent()),
            contested = self.contested(),
            complete = self.complete,
            states = %Counts(&self.counts()),
            "license `{}` reconciled",
            self.license
        );
        if let Some(budget) = self.budget.filter(Budget::is_tight) {
            tracing::warn!(
                license.id = %self.license,
                grants.used = budget.used,
                grants.budget = budget.of,
                grants.refused = budget.refused,
                "grant budget of license `{}`: {budget}",
                self.license
            );
        }
        let contested = self.contested();
        if contested > 0 {
            tracing::warn!(
                license.id = %self.license,
                pairs.contested = contested,
                "license `{}` is switched off or deleted again and again in {contested} accounts: {}",
                self.license,
                ReasonCode::Contested.mend()
            );
        }
    }

    /// In how many accounts somebody undoes what the rules ask for
    fn contested(&self) -> usize {
        self.pairs.values().filter(|pair| pair.code == ReasonCode::Contested).count()
    }
}

struct Counts<'a>(&'a BTreeMap<ReasonCode, usize>);

impl fmt::Display for Counts<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (code, count)) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(formatter, "{gap}{code}={count}")?;
        }
        Ok(())
    }
}
