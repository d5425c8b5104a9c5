//! What the histories have come across, counted

use std::collections::BTreeMap;

use grant_plan::action::Action;
use grant_plan::call::{Disposition, Failure};
use grant_plan::reason::ReasonCode;
use pretend_aws::license_manager::{GrantStatus, LicenseManager};

/// How often each thing was met, by its name
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Kinds of actions that were carried out
    pub actions: BTreeMap<&'static str, u64>,
    /// Codes of pairs and holds, as plans gave them
    pub codes: BTreeMap<&'static str, u64>,
    /// Codes of pairs when everything had come to rest
    pub at_rest: BTreeMap<&'static str, u64>,
    /// What failures were taken for, with the operation that failed
    pub dispositions: BTreeMap<String, u64>,
    /// Changes of a grant's status, as they were seen
    pub changes: BTreeMap<(&'static str, &'static str), u64>,
    /// Transitions of License Manager's table, by their number
    pub transitions: BTreeMap<&'static str, u64>,
    /// What was made to go wrong, with the kind of ask
    pub faults: BTreeMap<String, u64>,
    /// What people and the organization did
    pub deeds: BTreeMap<&'static str, u64>,
}

impl Coverage {
    pub(super) fn action(&mut self, action: &Action) {
        *self.actions.entry(kind(action)).or_default() += 1;
    }

    pub(super) fn code(&mut self, code: ReasonCode) {
        *self.codes.entry(code.as_str()).or_default() += 1;
    }

    pub(super) fn rest(&mut self, code: ReasonCode) {
        *self.at_rest.entry(code.as_str()).or_default() += 1;
    }

    pub(super) fn failure(&mut self, failure: &Failure) {
        let what = match failure.disposition {
            Disposition::Retry => "retry",
            Disposition::Stale => "stale",
            Disposition::Permanent(code) => code.as_str(),
        };
        *self.dispositions.entry(format!("{:?}: {what}", failure.operation)).or_default() += 1;
    }

    /// What a world went through from its beginning to its rest
    pub(super) fn course(&mut self, license_manager: &LicenseManager) {
        for (transition, count) in license_manager.transitions() {
            *self.transitions.entry(transition.number()).or_default() += count;
        }
    }

    pub(super) fn change(&mut self, was: Option<GrantStatus>, is: GrantStatus) {
        *self.changes.entry((was.map_or("", GrantStatus::as_str), is.as_str())).or_default() += 1;
    }

    pub(super) fn fault(&mut self, name: String) {
        *self.faults.entry(name).or_default() += 1;
    }

    pub(super) fn deed(&mut self, name: &'static str) {
        *self.deeds.entry(name).or_default() += 1;
    }

    /// Both together
    pub(super) fn add(&mut self, other: Self) {
        add(&mut self.actions, other.actions);
        add(&mut self.codes, other.codes);
        add(&mut self.at_rest, other.at_rest);
        add(&mut self.dispositions, other.dispositions);
        add(&mut self.changes, other.changes);
        add(&mut self.transitions, other.transitions);
        add(&mut self.faults, other.faults);
        add(&mut self.deeds, other.deeds);
    }
}

fn add<K: Ord>(to: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
    for (key, count) in from {
        *to.entry(key).or_default() += count;
    }
}

/// The kind of an action, by its name in `grant_plan::action`
pub(super) fn kind(action: &Action) -> &'static str {
    match action {
        Action::Create(_) => "Create",
        Action::Repeat(_) => "Repeat",
        Action::Record { .. } => "Record",
        Action::Activate { .. } => "Activate",
        Action::AskGrantee { .. } => "AskGrantee",
        Action::DeleteFailed { .. } => "DeleteFailed",
        Action::Close { .. } => "Close",
        Action::Retire { .. } => "Retire",
        Action::SwitchOff { .. } => "SwitchOff",
        Action::NoteTerms { .. } => "NoteTerms",
        Action::NoteServed { .. } => "NoteServed",
        Action::NoteUnwanted { since: Some(_), .. } => "NoteUnwanted",
        Action::NoteUnwanted { since: None, .. } => "NoteWantedAgain",
        Action::NoteContested { .. } => "NoteContested",
    }
}
