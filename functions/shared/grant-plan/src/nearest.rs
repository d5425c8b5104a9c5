//! The word that somebody probably meant

/// The known word nearest to a misspelt one, when it is near enough to be worth a question
///
/// One slip in three letters is near: `acount` and `ous` are, `limits` for `accounts` is not.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let near = |known: &&str| strsim::osa_distance(&word, &known.to_lowercase());
    let found = known.into_iter().min_by_key(near)?;
    (near(&found) <= (word.chars().count() / 3).max(1)).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let known = ["accounts", "except", "ou", "enabled"];
        assert_eq!(nearest("execpt", known), Some("except"));
        assert_eq!(nearest("Account", known), Some("accounts"));
        assert_eq!(nearest("ous", known), Some("ou"));
        assert_eq!(nearest("limits", known), None);
        assert_eq!(nearest("", known), None);
    }
}
