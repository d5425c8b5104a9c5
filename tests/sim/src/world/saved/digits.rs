//! Numbers that are larger than JSON's readers take, as texts

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::Serializer;

/// Writes the digits as a text
///
/// # Errors
/// None of its own.
pub(crate) fn serialize<S: Serializer>(number: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

/// Reads them back
///
/// # Errors
/// When the text is no number.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}
