//! A glob that remembers how it was written

use std::cmp::Ordering;
use std::fmt;

use globset::{Glob, GlobMatcher};
use serde::{Serialize, Serializer};

/// A text to compare with, in which `*`, `?`, `[..]` and `{a,b}` stand for others; case matters
#[derive(Clone)]
pub struct Pattern {
    text: String,
    /// `None`: nothing in it stands for anything else
    glob: Option<GlobMatcher>,
}

/// What stands for something else, or might
const SIGNS: [char; 7] = ['*', '?', '[', ']', '{', '}', '\\'];

impl Pattern {
    /// Reads a glob
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        let glob = Glob::new(text).map_err(|error| error.kind().to_string())?;
        let is_plain = !text.contains(SIGNS);
        Ok(Self { text: text.to_owned(), glob: (!is_plain).then(|| glob.compile_matcher()) })
    }

    /// A text that stands for itself, whatever is in it
    #[must_use]
    pub fn literal(text: &str) -> Self {
        let escaped = globset::escape(text);
        Self::new(&escaped).unwrap_or_else(|_| Self { text: text.to_owned(), glob: None })
    }

    /// Whether a text is one of those meant
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.glob.as_ref().map_or(self.text == text, |glob| glob.is_match(text))
    }

    /// What every text that fits begins with
    pub(crate) fn beginning(&self) -> &str {
        let end = if self.glob.is_some() { self.text.find(SIGNS) } else { None };
        end.and_then(|end| self.text.get(..end)).unwrap_or(&self.text)
    }

    /// As it was written
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Pattern({:?})", self.text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl PartialOrd for Pattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pattern {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_without_signs_is_the_text_itself() {
        assert!(Pattern::new("prod").unwrap().is_match("prod"));
        assert!(!Pattern::new("prod").unwrap().is_match("production"));
        assert!(Pattern::new("prod*").unwrap().is_match("production/eu"));
        assert!(Pattern::new("{prod,stage}").unwrap().is_match("stage"));
        assert!(!Pattern::new("prod").unwrap().is_match("Prod"));
    }

    #[test]
    fn a_broken_glob_says_what_is_wrong() {
        assert!(Pattern::new("[a").unwrap_err().contains("]"));
        assert!(Pattern::new("").is_err());
    }
}
