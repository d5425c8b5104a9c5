//! Names inside of a value: a structure's members, a map's keys

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};

use super::{Walk, Way};
use crate::door::constraint::breach::Step;
use crate::door::constraint::table::{Member, Shape, Structure};

/// A member by its name; those that the model does not know are skipped, as AWS does
pub(super) struct NameOf<'t>(pub(super) &'t Structure);

impl<'de, 't> DeserializeSeed<'de> for NameOf<'t> {
    type Value = Option<(&'t str, &'t Member)>;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_str(self)
    }
}

impl<'t> Visitor<'_> for NameOf<'t> {
    type Value = Option<(&'t str, &'t Member)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a member's name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.members.get_key_value(name).map(|(name, member)| (name.as_str(), member)))
    }
}

/// A map's key, which has a shape of its own
pub(super) struct KeyOf<'w, 't> {
    pub(super) walk: &'w mut Walk<'t>,
    pub(super) shape: &'t Shape,
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
