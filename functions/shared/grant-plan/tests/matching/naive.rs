//! What rules mean, one pair and one rule at a time, with `None` for what nobody knows

use super::said::{Held, Member, Said, TODAY, What, Who, World};

/// What comes of one pair
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Comes {
    Granted(&'static str),
    Denied(&'static str),
    Left,
    Nothing,
}

/// What one rule says of one pair
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Yes,
    /// It may turn out to, or it stands still
    Perhaps,
    /// Not before its rollout goes on
    Later,
    No,
}

fn all(parts: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let parts: Vec<Option<bool>> = parts.into_iter().collect();
    if parts.contains(&Some(false)) {
        Some(false)
    } else if parts.contains(&None) {
        None
    } else {
        Some(true)
    }
}

/// `*` is any text and `?` any one letter
fn fits(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => fits(&pattern[1..], text) || (!text.is_empty() && fits(pattern, &text[1..])),
        (Some('?'), Some(_)) => fits(&pattern[1..], &text[1..]),
        (Some(one), Some(other)) => one == other && fits(&pattern[1..], &text[1..]),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn selects(who: &Who, number: usize, member: &Member) -> Option<bool> {
    let tag = |(key, values): &(&'static str, Vec<&'static str>)| {
        let tags = member.tags.as_ref()?;
        Some(tags.get(key).is_some_and(|given| values.iter().any(|value| fits(value, given))))
    };
    let by_name = || {
        if who.names.is_empty() {
            Some(true)
        } else {
            member.name.map(|name| who.names.iter().any(|pattern| fits(pattern, name)))
        }
    };
    let rest = [
        Some(who.units.is_empty() || who.units.iter().any(|unit| member.units.contains(unit))),
        Some(who.accounts.is_empty() || who.accounts.contains(&number)),
        Some(who.states.is_empty() || who.states.contains(&member.state)),
        by_name(),
    ];
    all(who.tags.iter().map(tag).chain(rest))
}

fn is_about(what: &What, held: &Held) -> Option<bool> {
    let seller = || if what.sellers.is_empty() { Some(true) } else { Some(what.sellers.contains(&held.seller?)) };
    let agreement = || {
        if what.agreements.is_empty() {
            return Some(true);
        }
        let (id, renews) = held.agreement?;
        let renewed = !what.exact && renews.is_some_and(|renews| what.agreements.contains(&renews));
        Some(renewed || what.agreements.contains(&id))
    };
    all([
        Some(what.skus.is_empty() || what.skus.contains(&held.sku)),
        Some(what.names.is_empty() || what.names.iter().any(|name| fits(name, held.product))),
        seller(),
        agreement(),
    ])
}

fn names(rule: &Said, number: usize, member: &Member) -> Option<bool> {
    let excepted = rule.except.as_ref().map_or(Some(false), |except| selects(except, number, member));
    all([selects(&rule.who, number, member), excepted.map(|excepted| !excepted)])
}

impl World {
    fn says(&self, rule: &Said, number: usize, member: &Member) -> Says {
        let begun = rule.from.is_none_or(|from| from <= TODAY);
        let ended = rule.until.is_some_and(|until| until <= TODAY);
        let product = is_about(&rule.what, &self.held);
        let account = names(rule, number, member);
        if !rule.enabled || !begun || ended || product == Some(false) || account == Some(false) {
            return Says::No;
        }
        let mut account = account;
        if let Some((first, days)) = &rule.rollout {
            let for_all = rule.from.is_some_and(|from| from + days <= TODAY);
            let in_ring = selects(first, number, member);
            match (for_all, account, in_ring) {
                (true, _, _) => {}
                (false, Some(_), Some(false)) if !rule.deny => return Says::Later,
                (false, _, Some(false)) => return Says::No,
                (false, account_named, in_ring) => account = all([account_named, in_ring]),
            }
        }
        let selected =
            self.members.iter().enumerate().filter(|(number, member)| names(rule, *number, member) == Some(true));
        let is_over = rule.most.is_some_and(|most| selected.count() > most);
        let nothing = !rule.deny && rule.operations.is_some_and(|operation| operation != "CheckoutLicense");
        if product.is_none() || account.is_none() || is_over || nothing { Says::Perhaps } else { Says::Yes }
    }

    /// What comes of every account, in order
    pub(crate) fn comes(&self) -> Vec<Comes> {
        self.members.iter().enumerate().map(|(number, member)| self.comes_of(number, member)).collect()
    }

    fn comes_of(&self, number: usize, member: &Member) -> Comes {
        let protected = &self.protected;
        if protected.accounts.contains(&number) || protected.units.iter().any(|unit| member.units.contains(unit)) {
            return Comes::Left;
        }
        let mut rules: Vec<&Said> = self.rules.iter().collect();
        rules.sort_by_key(|rule| (rule.priority, rule.id));
        let say = |rule: &Said| self.says(rule, number, member);
        if let Some(deny) = rules.iter().find(|rule| rule.deny && say(rule) == Says::Yes) {
            return Comes::Denied(deny.id);
        }
        let perhaps_denied = rules.iter().any(|rule| rule.deny && say(rule) == Says::Perhaps);
        let grants: Vec<&&Said> = rules.iter().filter(|rule| !rule.deny).collect();
        let Some(place) = grants.iter().position(|rule| say(rule) == Says::Yes) else {
            let possible = grants.iter().any(|rule| matches!(say(rule), Says::Perhaps | Says::Later));
            return if possible { Comes::Left } else { Comes::Nothing };
        };
        let settles = grants[place];
        let differs = |other: &Said| other.activation != settles.activation || other.operations != settles.operations;
        if perhaps_denied || grants[..place].iter().any(|other| say(other) == Says::Perhaps && differs(other)) {
            return Comes::Left;
        }
        Comes::Granted(settles.id)
    }
}
