//! One pass over a request, whatever it is written in, beside the shape that it has to have
//!
//! Written as a serde visitor, so that DynamoDB's raw requests are gone through without making values of them.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::breach::{Breach, Rule, Step};
use super::table::{Bounds, Shape, Structure, Table};

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

/// The walk at one value; whether there is one, which null is not
struct At<'w, 't> {
    walk: &'w mut Walk<'t>,
    shape: &'t Shape,
}

impl<'t> At<'_, 't> {
    /// Types are read before anything else is looked at, so the first wrong one ends the walk
    fn wrong_type<E: Error>(self, is: &'static str) -> Result<bool, E> {
        let wanted = match self.shape {
            Shape::Text { .. } => "a String",
            Shape::Whole { name, .. } => name,
            Shape::Flag => "a Boolean",
            Shape::Time => "a Timestamp",
            Shape::Blob => "a Blob",
            Shape::List { .. } => "a List",
            Shape::Map { .. } => "a Map",
            Shape::Structure(_) => "a Structure",
            Shape::Anything => return Ok(true),
        };
        self.walk.report("", Rule::Type(is, wanted));
        Err(E::custom("of another type"))
    }

    fn whole<E: Error>(self, number: Option<i64>, is: &'static str) -> Result<bool, E> {
        match (self.shape, number) {
            (Shape::Whole { value, .. }, Some(number)) => {
                self.walk.number(number, *value);
                Ok(true)
            }
            (Shape::Time | Shape::Anything, _) => Ok(true),
            (
                Shape::Whole { .. }
                | Shape::Text { .. }
                | Shape::Flag
                | Shape::Blob
                | Shape::List { .. }
                | Shape::Map { .. }
                | Shape::Structure(_),
                _,
            ) => self.wrong_type(is),
        }
    }

    /// A form's word for what is no text
    fn spelled<E: Error>(self, text: &str) -> Result<bool, E> {
        const IS: &str = "STRING_VALUE";
        match self.shape {
            Shape::Whole { .. } => {
                let number = text.parse().ok();
                self.whole(number, IS)
            }
            Shape::Flag if matches!(text, "true" | "false") => Ok(true),
            Shape::List { count, .. } | Shape::Map { count, .. } if text.is_empty() => {
                self.walk.count(0, *count, "[]");
                Ok(true)
            }
            Shape::Structure(structure) if text.is_empty() => {
                self.walk.members_missing(structure, 0);
                Ok(true)
            }
            Shape::Time | Shape::Blob | Shape::Text { .. } | Shape::Anything => Ok(true),
            Shape::Flag | Shape::List { .. } | Shape::Map { .. } | Shape::Structure(_) => self.wrong_type(IS),
        }
    }
}

impl<'de> DeserializeSeed<'de> for At<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, request: D) -> Result<bool, D::Error> {
        request.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_, '_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<bool, E> {
        match self.shape {
            Shape::Flag | Shape::Anything => Ok(true),
            Shape::Text { .. }
            | Shape::Whole { .. }
            | Shape::Time
            | Shape::Blob
            | Shape::List { .. }
            | Shape::Map { .. }
            | Shape::Structure(_) => self.wrong_type(if flag { "TRUE_VALUE" } else { "FALSE_VALUE" }),
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<bool, E> {
        self.whole(Some(number), "NUMBER_VALUE")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<bool, E> {
        self.whole(Some(i64::try_from(number).unwrap_or(i64::MAX)), "NUMBER_VALUE")
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<bool, E> {
        self.whole(None, "DECIMAL_VALUE")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
        match (self.shape, self.walk.spelling) {
            (Shape::Text { .. }, _) => {
                self.walk.text(text, self.shape);
                Ok(true)
            }
            (Shape::Time | Shape::Blob | Shape::Anything, _) => Ok(true),
            (_, Spelling::Texts) => self.spelled(text),
            (
                Shape::Whole { .. } | Shape::Flag | Shape::List { .. } | Shape::Map { .. } | Shape::Structure(_),
                Spelling::Typed,
            ) => self.wrong_type("STRING_VALUE"),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        let Shape::List { count, of } = self.shape else {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return self.wrong_type("START_ARRAY");
        };
        let shape = self.walk.table.shape(*of);
        let walk = self.walk;
        let mut index = 0_usize;
        loop {
            walk.path.push(Way::Item(index));
            let more = items.next_element_seed(At { walk, shape })?.is_some();
            walk.path.pop();
            if !more {
                break;
            }
            index = index.saturating_add(1);
        }
        walk.count(index, *count, if index == 0 { "[]" } else { "[...]" });
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<bool, A::Error> {
        match self.shape {
            Shape::Structure(structure) => {
                let mut seen = 0;
                while let Some(member) = entries.next_key_seed(NameOf(structure))? {
                    let Some((name, member)) = member else {
                        entries.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    let shape = self.walk.table.shape(member.shape);
                    self.walk.path.push(Way::Member(name));
                    if entries.next_value_seed(At { walk: self.walk, shape })? {
                        seen |= member.bit;
                    }
                    self.walk.path.pop();
                }
                self.walk.members_missing(structure, seen);
                Ok(true)
            }
            Shape::Map { count, key, of } => {
                let (key, shape) = (self.walk.table.shape(*key), self.walk.table.shape(*of));
                let mut number = 0_usize;
                loop {
                    let from = self.walk.keys.len();
                    if entries.next_key_seed(KeyOf { walk: self.walk, shape: key })?.is_none() {
                        break;
                    }
                    self.walk.path.push(Way::Entry(from));
                    entries.next_value_seed(At { walk: self.walk, shape })?;
                    self.walk.path.pop();
                    self.walk.keys.truncate(from);
                    number = number.saturating_add(1);
                }
                self.walk.count(number, *count, if number == 0 { "{}" } else { "{...}" });
                Ok(true)
            }
            Shape::Anything => {
                while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(true)
            }
            Shape::Text { .. } | Shape::Whole { .. } | Shape::Flag | Shape::Time | Shape::Blob | Shape::List { .. } => {
                self.wrong_type("START_OBJECT")
            }
        }
    }
}

/// A member by its name; those that the model does not know are skipped, as AWS does
struct NameOf<'t>(&'t Structure);

impl<'de, 't> DeserializeSeed<'de> for NameOf<'t> {
    type Value = Option<(&'t str, &'t super::table::Member)>;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_str(self)
    }
}

impl<'t> Visitor<'_> for NameOf<'t> {
    type Value = Option<(&'t str, &'t super::table::Member)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a member's name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.members.get_key_value(name).map(|(name, member)| (name.as_str(), member)))
    }
}

/// A map's key, which has a shape of its own
struct KeyOf<'w, 't> {
    walk: &'w mut Walk<'t>,
    shape: &'t Shape,
}

impl<'de> DeserializeSeed<'de> for KeyOf<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<(), D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyOf<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<(), E> {
        let (before, from) = (self.walk.found.len(), self.walk.keys.len());
        self.walk.keys.push_str(key);
        self.walk.path.push(Way::Entry(from));
        self.walk.text(key, self.shape);
        self.walk.path.pop();
        for breach in self.walk.found.iter_mut().skip(before) {
            if let Some(Step::Entry(key)) = breach.place.pop() {
                breach.place.push(Step::Key(key));
            }
        }
        Ok(())
    }
}
