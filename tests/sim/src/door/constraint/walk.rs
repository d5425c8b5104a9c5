//! One pass over a request, whatever it is written in, beside the shape that it has to have
//!
//! Written as a serde visitor, so that DynamoDB's raw requests are gone through without making values of them.

mod name;
mod value;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer};

use super::breach::{Breach, Rule, Step};
use super::table::{Bounds, Shape, Structure, Table};
use value::At;

/// How values that are no texts are written
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As JSON and CBOR have them
    Typed,
    /// As forms have them: everything is text, and an empty text is an empty list, map or structure as well
    Texts,
}

/// A request with more to say against it than this is refused for these
const MOST_BREACHES: usize = 10;

/// Everything that the shape forbids; a value of another type is the last thing found
pub(super) fn breaches<'t, 'de>(
    table: &'t Table,
    input: &'t Shape,
    spelling: Spelling,
    request: impl Deserializer<'de>,
) -> Vec<Breach<'t>> {
    let mut walk = Walk { table, spelling, path: Vec::new(), keys: String::new(), found: Vec::new() };
    // The walk has its own word about values of another type; what is not even readable is not its to refuse.
    let _read = At { walk: &mut walk, shape: input }.deserialize(request);
    walk.found
}

#[derive(Debug)]
struct Walk<'t> {
    table: &'t Table,
    spelling: Spelling,
    path: Vec<Way<'t>>,
    /// The keys of the path, one behind the other
    keys: String,
    found: Vec<Breach<'t>>,
}

/// A step that costs nothing to make, since most are never told of
#[derive(Debug, Clone, Copy)]
enum Way<'t> {
    Member(&'t str),
    Item(usize),
    /// From here on in the keys
    Entry(usize),
}

impl<'t> Walk<'t> {
    fn place(&self) -> Vec<Step> {
        let mut until = self.keys.len();
        let mut steps: Vec<Step> = Vec::new();
        for way in self.path.iter().rev() {
            steps.push(match way {
                Way::Member(name) => Step::Member((*name).to_owned()),
                Way::Item(index) => Step::Item(*index),
                Way::Entry(from) => {
                    let key = self.keys.get(*from..until).unwrap_or_default();
                    until = *from;
                    Step::Entry(key.to_owned())
                }
            });
        }
        steps.reverse();
        steps
    }

    fn report(&mut self, value: impl fmt::Display, rule: Rule<'t>) {
        if self.found.len() < MOST_BREACHES || matches!(rule, Rule::Type(..)) {
            // Control characters have no place in XML, not even escaped.
            let value = value.to_string().replace(|letter: char| letter.is_control(), "?");
            self.found.push(Breach { place: self.place(), value, rule });
        }
    }

    fn count(&mut self, count: usize, bounds: Bounds, value: impl fmt::Display) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        if let Some(least) = bounds.least.filter(|least| count < *least) {
            self.report(value, Rule::Shortest(least));
        } else if let Some(most) = bounds.most.filter(|most| count > *most) {
            self.report(value, Rule::Longest(most));
        }
    }

    fn number(&mut self, number: i64, bounds: Bounds) {
        if let Some(least) = bounds.least.filter(|least| number < *least) {
            self.report(number, Rule::Least(least));
        } else if let Some(most) = bounds.most.filter(|most| number > *most) {
            self.report(number, Rule::Most(most));
        }
    }

    fn text(&mut self, text: &'_ str, shape: &'t Shape) {
        let Shape::Text { length, pattern, words } = shape else { return };
        if !words.is_empty() {
            if !words.iter().any(|word| word == text) {
                self.report(text, Rule::Words(words));
            }
            return;
        }
        if length.least.is_some() || length.most.is_some() {
            self.count(text.chars().count(), *length, text);
        }
        if let Some(pattern) = pattern
            && !pattern.matches(text)
        {
            self.report(text, Rule::Pattern(&pattern.text));
        }
    }

    fn members_missing(&mut self, structure: &'t Structure, seen: u64) {
        for (place, name) in structure.required.iter().enumerate() {
            let bit = u32::try_from(place).ok().and_then(|place| 1_u64.checked_shl(place)).unwrap_or_default();
            if seen & bit == 0 {
                self.path.push(Way::Member(name));
                self.report("", Rule::Required);
                self.path.pop();
            }
        }
    }
}
