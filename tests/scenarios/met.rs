//! What scenarios showed, counted: what no file tells of is not told

use std::collections::{BTreeMap, BTreeSet};

use grant_plan::action::Action;
use grant_plan::plan::Plan;
use grant_plan::reason::ReasonCode;
use pretend_aws::license_manager::{Grant, Principal};

/// How grants of one license can lie beside each other
pub(crate) const SHAPES: [&str; 8] = [
    "organization",
    "units",
    "accounts",
    "organization and units",
    "organization and accounts",
    "units and accounts",
    "somebody else's organization",
    "somebody else's units",
];

/// Every word of `Action::kind`
pub(crate) const ACTIONS: [&str; 13] = [
    "create",
    "repeat",
    "record",
    "activate",
    "ask_grantee",
    "delete_failed",
    "close",
    "note_unwanted",
    "switch_off",
    "note_terms",
    "note_served",
    "note_contested",
    "retire",
];

/// Which of [`ACTIONS`] it is: a new kind does not compile until it has a place there and a scenario
fn place(action: &Action) -> usize {
    match action {
        Action::Create(_) => 0,
        Action::Repeat(_) => 1,
        Action::Record { .. } => 2,
        Action::Activate { .. } => 3,
        Action::AskGrantee { .. } => 4,
        Action::DeleteFailed { .. } => 5,
        Action::Close { .. } => 6,
        Action::NoteUnwanted { .. } => 7,
        Action::SwitchOff { .. } => 8,
        Action::NoteTerms { .. } => 9,
        Action::NoteServed { .. } => 10,
        Action::NoteContested { .. } => 11,
        Action::Retire { .. } => 12,
    }
}

/// Codes, kinds of actions and shapes that some output showed
#[derive(Debug, Clone, Default)]
pub(crate) struct Met {
    /// Reason codes of pairs and of grants left alone
    pub(crate) codes: BTreeSet<String>,
    /// Of [`ACTIONS`]
    pub(crate) actions: BTreeSet<&'static str>,
    /// Of [`SHAPES`], or one that is not listed there
    pub(crate) shapes: BTreeSet<String>,
}

impl Met {
    pub(crate) fn code(&mut self, code: ReasonCode) {
        self.codes.insert(code.to_string());
    }

    /// What a plan's text shows
    pub(crate) fn plan(&mut self, plan: &Plan) {
        for action in &plan.actions {
            assert_eq!(ACTIONS[place(action)], action.kind(), "an action's place is not that of its kind");
            self.actions.insert(action.kind());
        }
        self.states(plan);
    }

    pub(crate) fn states(&mut self, plan: &Plan) {
        plan.pairs.values().for_each(|pair| self.code(pair.code));
        plan.holds.iter().for_each(|hold| self.code(hold.code));
        plan.under_way.iter().for_each(|grant| self.code(grant.code));
    }

    /// How the live grants of one license lie beside each other, ours by one word for each kind of principal
    pub(crate) fn grants<'a>(&mut self, stamp: &str, grants: impl Iterator<Item = &'a Grant>) {
        let mut ours: BTreeMap<u8, &str> = BTreeMap::new();
        for grant in grants.filter(|grant| grant.is_live() && !grant.sub_grant && !grant.is_own_subscription()) {
            let (place, kind) = match grant.principal {
                Principal::Organization => (0, "organization"),
                Principal::Unit(_) => (1, "units"),
                Principal::Account(_) => (2, "accounts"),
            };
            if grant.name.starts_with(stamp) {
                ours.insert(place, kind);
            } else if place < 2 {
                self.shapes.insert(format!("somebody else's {kind}"));
            }
        }
        if !ours.is_empty() {
            self.shapes.insert(ours.into_values().collect::<Vec<_>>().join(" and "));
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.codes.extend(other.codes.iter().cloned());
        self.actions.extend(&other.actions);
        self.shapes.extend(other.shapes.iter().cloned());
    }
}
