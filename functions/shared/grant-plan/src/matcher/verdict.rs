//! What the rules say about one license, as sets of accounts

use super::Matcher;
use super::compiled::{Compiled, Reach};
use super::places::Place;
use super::sets::AccountSet;
use crate::answer::Answer;
use crate::id::OuId;
use crate::license::License;
use crate::rule::Rule;
use crate::time::Timestamp;

/// Why a pair is left as it is: nothing is given and nothing counts as unwanted
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The settings protect the account
    Protected,
    /// A tag or name that the rule asks for is not known yet
    AccountUnknown,
    /// Something that the rule asks of the license is not known yet
    LicenseUnknown,
    /// The rule selects more accounts than it may
    TooMany,
    /// The rule's rollout has not come to the account; when it will, if that is known
    NotYet(Option<Timestamp>),
    /// The holder may do nothing of what the rule lets grantees do
    NothingToGrant,
}

/// What the rules say about one license
///
/// The sets are apart from each other; an account in none of them is not selected.
#[derive(Debug)]
pub struct Verdict<'m> {
    /// Who gets it, by the rule that settles how
    pub granted: Vec<(&'m Rule, AccountSet)>,
    /// To whom it is denied, by the first rule that does
    pub denied: Vec<(&'m Rule, AccountSet)>,
    /// Which pairs are left as they are, by the rule that cannot be followed; no rule: none names the account
    pub left: Vec<(Why, Option<&'m Rule>, AccountSet)>,
    /// The rule by which an organization's grant would be exact
    pub whole: Option<&'m Rule>,
    /// The top-level units to which a grant would be exact, each with the rule
    pub units: Vec<(&'m OuId, &'m Rule)>,
    /// Places in which nobody is protected; `None`: the organization
    pub free: Vec<Option<&'m OuId>>,
    /// Everybody who gets it
    pub all: AccountSet,
}

impl Verdict<'_> {
    /// How what is there differs from what is asked for
    ///
    /// `settled` are the accounts that have the license. Empty on both sides: this license wants no closer look.
    #[must_use]
    pub fn difference(&self, settled: &AccountSet) -> Difference {
        let mut unwanted = settled.without(&self.all);
        self.left.iter().for_each(|(_, _, set)| unwanted.take(set));
        Difference { missing: self.all.without(settled), unwanted }
    }
}

/// How what is there differs from what is asked for
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Accounts that should have the license and do not
    pub missing: AccountSet,
    /// Accounts that have it though no rule asks for it
    pub unwanted: AccountSet,
}

impl Difference {
    /// Whether there is none
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.unwanted.is_empty()
    }
}

pub(super) fn of<'m>(matcher: &'m Matcher<'_>, license: &License) -> Verdict<'m> {
    Weighing::new(matcher, license).weigh()
}

/// A verdict in the making
struct Weighing<'m, 'a, 'l> {
    matcher: &'m Matcher<'a>,
    license: &'l License,
    /// The rules that are about the license or may be
    about: Vec<(&'m Compiled<'a>, Answer)>,
    /// Accounts about which there is nothing left to decide
    closed: AccountSet,
    verdict: Verdict<'m>,
}

impl<'m, 'a, 'l> Weighing<'m, 'a, 'l> {
    fn new(matcher: &'m Matcher<'a>, license: &'l License) -> Self {
        let asked = matcher.rules.iter().map(|rule| (rule, rule.rule.products.answer(license)));
        let none = AccountSet::none(matcher.accounts.len());
        let verdict = Verdict {
            granted: Vec::new(),
            denied: Vec::new(),
            left: Vec::new(),
            whole: None,
            units: Vec::new(),
            free: matcher.places.iter().filter(|place| place.is_free).map(|place| place.unit).collect(),
            all: none.clone(),
        };
        Self {
            matcher,
            license,
            about: asked.filter(|(_, answer)| answer.is_possible()).collect(),
            closed: none,
            verdict,
        }
    }

    fn weigh(mut self) -> Verdict<'m> {
        self.protect();
        let perhaps_denied = self.deny();
        self.grant(&perhaps_denied);
        let matcher = self.matcher;
        for (index, place) in matcher.places.iter().enumerate() {
            let Some(rule) = self.whole(index, place) else { continue };
            match place.unit {
                None => self.verdict.whole = Some(rule),
                Some(unit) => self.verdict.units.push((unit, rule)),
            }
        }
        self.verdict
    }

    /// Takes what is not decided yet out of a set and closes it
    fn fresh(&mut self, set: &AccountSet) -> AccountSet {
        let fresh = set.without(&self.closed);
        self.closed.add(&fresh);
        fresh
    }

    fn leave(&mut self, why: Why, rule: Option<&'m Rule>, set: &AccountSet) {
        let left = self.fresh(set);
        if !left.is_empty() {
            self.verdict.left.push((why, rule, left));
        }
    }

    fn protect(&mut self) {
        if self.matcher.protected.is_empty() {
            return;
        }
        for (rule, _) in self.about.clone() {
            self.leave(Why::Protected, Some(rule.rule), &self.matcher.protected.both(&rule.maybe));
        }
        self.leave(Why::Protected, None, &self.matcher.protected);
    }

    /// Denials that are sure; the sets of those that are not, with the rule and why
    fn deny(&mut self) -> Vec<(Why, &'m Rule, AccountSet)> {
        let mut perhaps = Vec::new();
        for (rule, answer) in self.about.clone().into_iter().filter(|(rule, _)| !rule.grants()) {
            match unfit(rule, answer) {
                None => {
                    let denied = self.fresh(&rule.yes);
                    if !denied.is_empty() {
                        self.verdict.denied.push((rule.rule, denied));
                    }
                    perhaps.push((Why::AccountUnknown, rule.rule, rule.unknown()));
                }
                Some(why) => perhaps.push((why, rule.rule, rule.maybe.clone())),
            }
        }
        perhaps.retain(|(_, _, set)| !set.is_empty());
        perhaps
    }

    fn grant(&mut self, perhaps_denied: &[(Why, &'m Rule, AccountSet)]) {
        // Rules that would settle it if more were known of them, and accounts that they might be about.
        let mut open: Vec<(Why, &'m Compiled<'a>, AccountSet)> = Vec::new();
        for (rule, answer) in self.about.clone().into_iter().filter(|(rule, _)| rule.grants()) {
            match unfit(rule, answer).or_else(|| self.nothing_to_grant(rule.rule)) {
                None => {
                    let mut mine = rule.yes.without(&self.closed);
                    for (why, other, set) in perhaps_denied {
                        self.hand_over(&mut mine, *why, other, set);
                    }
                    for (why, other, set) in open.iter().filter(|(_, other, _)| other.class != rule.class) {
                        self.hand_over(&mut mine, *why, other.rule, set);
                    }
                    if !mine.is_empty() {
                        self.closed.add(&mine);
                        self.verdict.all.add(&mine);
                        self.verdict.granted.push((rule.rule, mine));
                    }
                    let unknown = rule.unknown();
                    if !unknown.is_empty() {
                        open.push((Why::AccountUnknown, rule, unknown));
                    }
                }
                Some(why) => open.push((why, rule, rule.maybe.clone())),
            }
        }
        for (why, rule, set) in &open {
            self.leave(*why, Some(rule.rule), set);
        }
        for (rule, _) in self.about.clone() {
            if let Some((rest, from)) = rule.later.as_ref().filter(|_| rule.grants()) {
                self.leave(Why::NotYet(*from), Some(rule.rule), rest);
            }
        }
    }

    /// Leaves what is in the other set as it is
    fn hand_over(&mut self, mine: &mut AccountSet, why: Why, rule: &'m Rule, set: &AccountSet) {
        if !mine.is_apart(set) {
            self.leave(why, Some(rule), &mine.both(set));
            mine.take(set);
        }
    }

    fn nothing_to_grant(&self, rule: &Rule) -> Option<Why> {
        let narrowed = rule.operations.as_ref()?;
        (!narrowed.iter().any(|operation| self.license.operations.contains(operation))).then_some(Why::NothingToGrant)
    }

    /// The rule by which a grant to the place would be exact, today and for whoever joins
    fn whole(&self, index: usize, place: &Place<'_>) -> Option<&'m Rule> {
        let reach = |rule: &Compiled<'_>| rule.reach.get(index).copied().unwrap_or(Reach::ELSEWHERE);
        let sure = |rule: &Compiled<'_>, answer: Answer| {
            reach(rule).is_whole && unfit(rule, answer).is_none() && self.nothing_to_grant(rule.rule).is_none()
        };
        let (first, _) = self.about.iter().find(|(rule, answer)| sure(rule, *answer))?;
        let takes_away = |rule: &Compiled<'_>| match rule.grants() {
            false => reach(rule).could_exclude,
            // Who joins under such a rule would be granted more by a grant to the place than is asked for.
            true => {
                rule.rule.operations != first.rule.operations
                    && rule.rule.order() < first.rule.order()
                    && reach(rule).could_exclude
            }
        };
        let is_exact = place.is_free && !self.about.iter().any(|(rule, _)| takes_away(rule));
        (is_exact && self.is_of_one_class(first, place)).then_some(first.rule)
    }

    /// Whether everybody there who is not off gets it in the same way
    fn is_of_one_class(&self, first: &Compiled<'_>, place: &Place<'_>) -> bool {
        let mut same = self.closed.emptied();
        for (rule, set) in &self.verdict.granted {
            if rule.settles_like(first.rule) {
                same.add(set);
            }
        }
        first.rule.activation != crate::rule::Activation::Manual && place.counted.is_within(&same)
    }
}

/// Why a rule cannot be followed, though it takes part
fn unfit(rule: &Compiled<'_>, answer: Answer) -> Option<Why> {
    match answer {
        Answer::Unknown => Some(Why::LicenseUnknown),
        Answer::Yes | Answer::No => rule.is_over.then_some(Why::TooMany),
    }
}
