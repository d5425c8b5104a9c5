//! A model's pattern: Java's dialect, and the whole text has to match

use std::sync::OnceLock;

use regex::Regex;

/// A pattern as the model has it, ready when it is first wanted
#[derive(Debug, Default)]
pub(super) struct Pattern {
    pub(super) text: String,
    /// One that matches the same, for what has no counterpart here
    pub(super) same: Option<String>,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) fn new(text: String, same: Option<String>) -> Self {
        Self { text, same, compiled: OnceLock::new() }
    }

    /// A pattern that does not compile matches everything; the tests have that none is such
    pub(super) fn matches(&self, text: &str) -> bool {
        self.compiled().is_none_or(|regex| regex.is_match(text))
    }

    pub(super) fn compiled(&self) -> Option<&Regex> {
        let pattern = self.same.as_deref().unwrap_or(&self.text);
        self.compiled.get_or_init(|| Regex::new(&format!(r"\A(?:{})\z", of_ascii(pattern))).ok()).as_ref()
    }
}

/// Java's `\w`, `\d` and `\s` know ASCII alone
fn of_ascii(pattern: &str) -> String {
    let mut whole = String::with_capacity(pattern.len());
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            whole.push(letter);
            continue;
        }
        match letters.next() {
            Some('w') => whole.push_str("[0-9A-Za-z_]"),
            Some('d') => whole.push_str("[0-9]"),
            Some('s') => whole.push_str(r"[\t-\r ]"),
            Some('S') => whole.push_str(r"[^\t-\r ]"),
            Some(other) => whole.extend(['\\', other]),
            None => whole.push('\\'),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        let pattern = Pattern::new(pattern.to_owned(), None);
        assert!(pattern.compiled().is_some(), "{pattern:?}");
        pattern.matches(text)
    }

    #[test]
    fn a_pattern_is_about_the_whole_text_with_or_without_anchors() {
        assert!(matches("[a-z]+", "abc"));
        assert!(!matches("[a-z]+", "abc "));
        // The model's anchors bind more tightly than its bar; the whole text decides all the same.
        assert!(matches("^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$", "r-9xk2"));
        assert!(!matches("^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$", "r-9xk2 and more"));
        assert!(!matches(r"^\d{12}$", "123456789012\n"));
    }

    #[test]
    fn short_classes_are_of_ascii_inside_of_brackets_too() {
        assert!(matches(r"[\w+=,.@-]*", "a_B9+=,.@-"));
        assert!(!matches(r"[\w+=,.@-]*", "é"));
        assert!(!matches(r"\d+", "٣"));
        assert!(matches(r"\S+", "a\u{2003}b"));
        assert!(!matches(r"\S+", "a b"));
        assert!(matches(r"[\s\S]*", "all\nof it é"));
        assert!(matches(r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "Größe 7"));
    }
}
