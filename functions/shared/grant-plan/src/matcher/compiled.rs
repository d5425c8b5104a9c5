//! One rule as sets of accounts

use std::collections::BTreeSet;

use super::columns::{Columns, Selected};
use super::places::Places;
use super::sets::AccountSet;
use crate::rule::{Activation, Effect, Phase, Rule};
use crate::time::Timestamp;

/// How an account gets a license: rules of one class do not contradict each other
pub(super) type Class<'a> = (Activation, Option<&'a BTreeSet<String>>);

/// One rule that takes part, as sets
#[derive(Debug)]
pub(super) struct Compiled<'a> {
    pub(super) rule: &'a Rule,
    /// Whom it selects now
    pub(super) yes: AccountSet,
    /// These, and those whom it may turn out to select
    pub(super) maybe: AccountSet,
    /// Whom it selects once its rollout goes on
    pub(super) later: Option<(AccountSet, Option<Timestamp>)>,
    /// It selects more than it may, so it stands still
    pub(super) is_over: bool,
    /// Which settings it has, as a number
    pub(super) class: usize,
    /// What it says of each place's accounts of tomorrow; the order of the matcher's places
    pub(super) reach: Vec<Reach>,
}

/// What a rule says of whoever may join a place
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    /// It selects every account that may join
    pub(super) is_whole: bool,
    /// It could take away from a grant to the place
    pub(super) could_exclude: bool,
}

impl Reach {
    /// Of a rule that has nothing to do with the place
    pub(super) const ELSEWHERE: Self = Self { is_whole: false, could_exclude: false };
}

/// Whether a rule says anything at a moment
pub(super) fn takes_part(rule: &Rule, now: Timestamp) -> bool {
    match rule.phase(now) {
        Phase::Full | Phase::Ring(_) => true,
        Phase::Disabled | Phase::Before(_) | Phase::Over(_) => false,
    }
}

impl<'a> Compiled<'a> {
    pub(super) fn new(
        rule: &'a Rule,
        columns: &Columns<'_>,
        places: &Places<'_>,
        now: Timestamp,
        classes: &mut Vec<Class<'a>>,
    ) -> Self {
        let Selected { mut yes, mut maybe } = columns.select(&rule.accounts);
        if let Some(except) = &rule.except {
            let except = columns.select(except);
            yes.take(&except.maybe);
            maybe.take(&except.yes);
        }
        let is_over =
            rule.max_accounts.is_some_and(|most| u64::try_from(yes.count()).is_ok_and(|count| count > most.into()));
        let later = ring(rule, now).map(|(first, from)| {
            let first = columns.select(first);
            // Whoever may turn out to be in the ring is neither in it nor of the rest.
            let rest = yes.without(&first.maybe);
            yes.keep(&first.yes);
            maybe.keep(&first.maybe);
            (rest, from)
        });
        let class = (rule.activation, rule.operations.as_ref());
        let class = classes.iter().position(|known| *known == class).unwrap_or_else(|| {
            classes.push(class);
            classes.len() - 1
        });
        let for_everybody = rule.effect == Effect::Grant && later.is_none() && rule.max_accounts.is_none();
        let reach = places.iter().map(|place| {
            let excludes = rule.except.as_ref().is_some_and(|except| places.could_exclude(except, place));
            Reach {
                is_whole: for_everybody && place.is_whole(&rule.accounts) && !excludes,
                could_exclude: places.could_exclude(&rule.accounts, place),
            }
        });
        Self { rule, yes, maybe, later, is_over, class, reach: reach.collect() }
    }

    pub(super) fn grants(&self) -> bool {
        self.rule.effect == Effect::Grant
    }

    /// Whom it may turn out to select, without those whom it does
    pub(super) fn unknown(&self) -> AccountSet {
        self.maybe.without(&self.yes)
    }
}

/// The first ring of a rollout, while it is for no others, and when that ends
pub(super) fn ring(rule: &Rule, now: Timestamp) -> Option<(&crate::selector::Accounts, Option<Timestamp>)> {
    match (rule.phase(now), &rule.rollout) {
        (Phase::Ring(from), Some(rollout)) => Some((&rollout.first, from)),
        (Phase::Ring(_) | Phase::Full | Phase::Disabled | Phase::Before(_) | Phase::Over(_), _) => None,
    }
}
