//! The policy table as a whole: the rules in force, and what keeps others from being so

use std::collections::BTreeMap;

use serde_json::Value;

use crate::finding::{Finding, Severity};
use crate::license::License;
use crate::reason::ReasonCode;
use crate::rule::Rule;
use crate::settings::PolicySettings;
use crate::time::Timestamp;
use crate::version::{Recorded, Restored, in_force};

pub use crate::settings::SETTINGS;

/// What the policy table says
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The rules in force, by id; disabled ones included
    pub rules: Vec<Rule>,
    /// Everything that keeps an item of the table from being in force
    ///
    /// While there is something, the policy must not be taken for smaller than before: additions go on, and nothing
    /// counts as no longer wanted.
    pub findings: Vec<Finding>,
    /// What the authors of items that are in force should look at
    pub warnings: Vec<Finding>,
    /// Items that cannot be read and for which an earlier version is in force
    pub restored: Vec<Restored>,
    /// What holds for the whole deployment
    pub settings: PolicySettings,
    /// `_settings.paused`: plan, but change nothing
    pub paused: bool,
    /// How many items there are beside the settings, whether or not they are in force
    pub items: u64,
}

impl Policy {
    /// Reads all items of the policy table, each as plain JSON, with no record of earlier versions
    #[must_use]
    pub fn read(items: &[Value]) -> Self {
        in_force(items, &BTreeMap::new())
    }

    /// Reads all items of the policy table, each as plain JSON; where one cannot be read, its last good version counts
    ///
    /// `recorded` are the versions of each item, by its key, oldest first.
    #[must_use]
    pub fn read_with_versions(items: &[Value], recorded: &BTreeMap<String, Vec<Recorded>>) -> Self {
        in_force(items, recorded)
    }

    pub(crate) fn found(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            match finding.severity {
                Severity::Error => self.findings.push(finding),
                Severity::Warning => self.warnings.push(finding),
            }
        }
    }

    /// Whether every item could be read
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    /// Whether any enabled rule is about the license, or may be once more is known of it
    #[must_use]
    pub fn mentions(&self, license: &License) -> bool {
        self.rules.iter().any(|rule| rule.enabled && rule.products.select(license))
    }

    /// Whether any enabled rule selects accounts by their tags
    #[must_use]
    pub fn asks_for_tags(&self) -> bool {
        self.rules.iter().any(|rule| rule.enabled && rule.asks_for_tags())
    }

    /// Whether any enabled rule that selects accounts by their tags is about the license, or may be
    #[must_use]
    pub fn mentions_by_tags(&self, license: &License) -> bool {
        self.rules.iter().any(|rule| rule.enabled && rule.asks_for_tags() && rule.products.select(license))
    }

    /// Why no change may be made now, and when one may be again, if that is known; `None`: changes may be made
    #[must_use]
    pub fn stands_still(&self, now: Timestamp) -> Option<(ReasonCode, Option<Timestamp>)> {
        if self.paused {
            return Some((ReasonCode::Paused, None));
        }
        self.settings.closed_until(now).map(|opens| (ReasonCode::OutsideChangeWindow, Some(opens)))
    }

    /// The next moment at which what is asked for a license changes though nobody edits anything
    #[must_use]
    pub fn next_edge(&self, license: &License, now: Timestamp) -> Option<Timestamp> {
        let about = self.rules.iter().filter(|rule| rule.products.select(license));
        about.filter_map(|rule| rule.next_edge(now)).min()
    }
}
