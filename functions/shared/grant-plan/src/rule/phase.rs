//! Whether a rule takes part at a moment, and when that changes

use std::time::Duration;

use super::Rule;
use crate::time::{Timestamp, days};

/// What part a rule takes at one moment
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// `enabled: false`
    Disabled,
    /// Its `valid_from` is still to come
    Before(Timestamp),
    /// Its `valid_until` has come
    Over(Timestamp),
    /// It is for the first ring of its rollout; for the rest from the moment given, when that is known
    Ring(Option<Timestamp>),
    /// It is for all whom it selects
    Full,
}

impl Rule {
    /// What part it takes at a moment: from the second `valid_from` on, until the second before `valid_until`
    #[must_use]
    pub fn phase(&self, now: Timestamp) -> Phase {
        match (self.valid_from, self.valid_until) {
            _ if !self.enabled => Phase::Disabled,
            (_, Some(until)) if until <= now => Phase::Over(until),
            (Some(from), _) if from > now => Phase::Before(from),
            (_, _) => match self.rest_from() {
                Some(Some(from)) if from <= now => Phase::Full,
                Some(from) => Phase::Ring(from),
                None => Phase::Full,
            },
        }
    }

    /// The next moment at which its part changes though nobody edits it
    #[must_use]
    pub fn next_edge(&self, now: Timestamp) -> Option<Timestamp> {
        if !self.enabled || self.valid_until.is_some_and(|until| until <= now) {
            return None;
        }
        let edges = [self.valid_from, self.valid_until, self.rest_from().flatten()];
        edges.into_iter().flatten().filter(|edge| *edge > now).min()
    }

    /// When the rest of a rollout begins, if there is one and if that is known
    fn rest_from(&self) -> Option<Option<Timestamp>> {
        let rollout = self.rollout.as_ref()?;
        let wait: Duration = days(rollout.then_after_days.into());
        Some(self.valid_from.or(self.since).map(|from| from.after(wait)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rule(more: &Value) -> Rule {
        let mut item = json!({"rule": "r", "products": "*", "accounts": {"organization": true}});
        item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Rule::read(&item).unwrap()
    }

    #[test]
    fn a_window_opens_and_closes_to_the_second() {
        let rule = rule(&json!({"valid_from": "1970-01-02", "valid_until": "1970-01-03"}));
        let (from, until) = (Timestamp(86_400), Timestamp(172_800));
        assert_eq!(rule.phase(Timestamp(from.0 - 1)), Phase::Before(from));
        assert_eq!(rule.phase(from), Phase::Full);
        assert_eq!(rule.phase(Timestamp(until.0 - 1)), Phase::Full);
        assert_eq!(rule.phase(until), Phase::Over(until));
        assert_eq!(rule.next_edge(Timestamp(0)), Some(from));
        assert_eq!(rule.next_edge(from), Some(until));
        assert_eq!(rule.next_edge(until), None);
    }

    #[test]
    fn a_rollout_counts_from_the_window_or_from_the_record_or_waits() {
        let rollout = json!({"first": {"account": "123456789012"}, "then_after_days": 2});
        let mut recorded = rule(&json!({"rollout": rollout}));
        assert_eq!(recorded.phase(Timestamp(0)), Phase::Ring(None));
        assert_eq!(recorded.next_edge(Timestamp(0)), None);
        recorded.since = Some(Timestamp(0));
        assert_eq!(recorded.phase(Timestamp(172_799)), Phase::Ring(Some(Timestamp(172_800))));
        assert_eq!(recorded.phase(Timestamp(172_800)), Phase::Full);
        let windowed = rule(&json!({"rollout": rollout, "valid_from": "1970-01-02"}));
        assert_eq!(windowed.next_edge(Timestamp(86_400)), Some(Timestamp(86_400 * 3)));
    }

    #[test]
    fn a_disabled_rule_has_no_edges() {
        let rule = rule(&json!({"enabled": "false", "valid_from": "1970-01-02"}));
        assert_eq!((rule.phase(Timestamp(0)), rule.next_edge(Timestamp(0))), (Phase::Disabled, None));
    }
}
