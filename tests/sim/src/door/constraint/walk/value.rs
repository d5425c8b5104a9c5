//! A value beside its shape

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::name::{KeyOf, NameOf};
use super::{Spelling, Walk, Way};
use crate::door::constraint::breach::Rule;
use crate::door::constraint::table::Shape;

/// The walk at one value; whether there is one, which null is not
pub(super) struct At<'w, 't> {
    pub(super) walk: &'w mut Walk<'t>,
    pub(super) shape: &'t Shape,
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
