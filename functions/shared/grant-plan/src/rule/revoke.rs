//! What becomes of a grant that a rule asks for no more

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::reader::Reader;

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
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
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
