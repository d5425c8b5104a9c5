//! What becomes of a grant that a rule asks for no more

use std::time::Duration;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::reader::Reader;
use crate::time::days;

/// How long a grant outlives the wish for it
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Revoke {
    /// It stays until a person takes it
    #[default]
    Never,
    /// As soon as the revocation pass lets it
    Now,
    /// It stays ACTIVE for some days, is switched off for some, and is deleted then
    After {
        /// Days that it stays ACTIVE
        after_days: u32,
        /// Days that it is off, during which one call brings it back
        off_days: u32,
    },
}

/// Days off for a rule that gives none
const USUALLY_OFF: u32 = 7;
/// Ten years; more is a slip of the keyboard
const MOST_DAYS: u32 = 3650;

impl Revoke {
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// How long a grant stays in use once nobody asks for it; `None`: for good
    #[must_use]
    pub fn stays(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::Now => Some(Duration::ZERO),
            Self::After { after_days, off_days: _ } => Some(days(after_days.into())),
        }
    }

    pub(super) fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let Value::Object(parts) = value else {
            return match value.as_str() {
                Some("never") => Some(Self::Never),
                Some("now") => Some(Self::Now),
                Some(_) | None => {
                    let help = "write `never`, `now` or `{\"after_days\": 30, \"off_days\": 7}`";
                    reader.error("revoke", value, "must say what becomes of grants", help);
                    None
                }
            };
        };
        reader.known(parts, &["after_days", "off_days"], &[], "revoke.");
        let after_days = match parts.get("after_days") {
            Some(days) => reader.number("revoke.after_days", days, 0, MOST_DAYS),
            None => {
                reader.error("revoke.after_days", &Value::Null, "is missing", "say after how many days");
                None
            }
        };
        let off_days = match parts.get("off_days") {
            Some(days) => reader.number("revoke.off_days", days, 0, MOST_DAYS),
            None => Some(USUALLY_OFF),
        };
        Some(Self::After { after_days: after_days?, off_days: off_days? })
    }
}

/// As [`Serialize`] writes it, for the ledger; what an admin writes is read with everything that may be wrong with it
impl<'de> Deserialize<'de> for Revoke {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Word {
            Never,
            Now,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Word(Word),
            Days { after_days: u32, off_days: u32 },
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Word(Word::Never) => Self::Never,
            Written::Word(Word::Now) => Self::Now,
            Written::Days { after_days, off_days } => Self::After { after_days, off_days },
        })
    }
}

impl Serialize for Revoke {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never => serializer.serialize_str("never"),
            Self::Now => serializer.serialize_str("now"),
            Self::After { after_days, off_days } => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("after_days", after_days)?;
                map.serialize_entry("off_days", off_days)?;
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_ledger_keeps_is_read_back() {
        for revoke in [Revoke::Never, Revoke::Now, Revoke::After { after_days: 30, off_days: 7 }] {
            let text = serde_json::to_string(&revoke).unwrap();
            assert_eq!(serde_json::from_str::<Revoke>(&text).unwrap(), revoke, "{text}");
        }
        assert!(serde_json::from_str::<Revoke>("\"soon\"").is_err());
    }

    #[test]
    fn only_a_rule_that_says_so_lets_go() {
        assert_eq!(Revoke::Never.stays(), None);
        assert_eq!(Revoke::Now.stays(), Some(Duration::ZERO));
        assert_eq!(Revoke::After { after_days: 2, off_days: 7 }.stays(), Some(days(2)));
    }
}
