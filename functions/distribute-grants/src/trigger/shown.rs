//! Foreign text made fit for a log

use serde_json::Value;

/// Characters of foreign text that a message may hold
const LONGEST: usize = 200;
/// Characters that are looked at: an event may be a megabyte
const LOOKED_AT: usize = 400;
/// Characters after which a single word is cut: an e-mail's local part has at most 64, AWS ids fewer
const LONGEST_WORD: usize = 64;
/// Characters that are kept of such a word
const WORD_START: usize = 12;

/// Names after which the next word is a secret: CloudTrail and Marketplace fields, HTTP headers, query strings
const SECRETS: [&str; 8] =
    ["token", "secret", "password", "authorization", "signature", "credential", "credentials", "accesskey"];

/// `text` without control characters, e-mail addresses and what looks like a token, at most [`LONGEST`] characters
pub(crate) fn shown(text: &str) -> String {
    let (head, cut) = match text.char_indices().nth(LOOKED_AT) {
        Some((end, _)) => (text.get(..end).unwrap_or_default(), true),
        None => (text, false),
    };
    let mut out = String::new();
    let mut secret = false;
    let mut rest = head;
    while !rest.is_empty() {
        let gap_end = rest.find(is_word).unwrap_or(rest.len());
        let (gap, after) = rest.split_at(gap_end);
        out.extend(gap.chars().map(|found| if found.is_control() { ' ' } else { found }));
        let word_end = after.find(|found| !is_word(found)).unwrap_or(after.len());
        let (word, after) = after.split_at(word_end);
        // A word that the cut went through may be the first half of an address.
        if cut && after.is_empty() {
            break;
        }
        rest = after;
        // Backslashes alone are the escaped quotation mark before the word.
        if word.trim_matches('\\').is_empty() {
            out.push_str(word);
            continue;
        }
        out.push_str(&safe_word(word, secret));
        secret = names_secret(word, after);
    }
    shorten(out, cut)
}

/// A JSON value in a few words; what arrays and objects hold is not printed, since a person may be in it
pub(crate) fn described(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) if text.is_empty() => "an empty text".to_owned(),
        Value::String(text) => shown(text),
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(members) => format!("an object with {} members", members.len()),
    }
}

/// `text` when it is one plain word, such as a status or an error code
pub(crate) fn code(text: &str) -> Option<&str> {
    let plain = |found: char| found.is_ascii_alphanumeric() || matches!(found, '_' | '.' | '-');
    (!text.is_empty() && text.len() <= LONGEST_WORD && text.chars().all(plain)).then_some(text)
}

fn is_word(found: char) -> bool {
    found.is_alphanumeric() || matches!(found, '.' | '_' | '%' | '+' | '-' | '@' | '/' | '~' | '\\')
}

fn safe_word(word: &str, secret: bool) -> String {
    let lower = word.to_ascii_lowercase();
    if secret {
        "<secret>".to_owned()
    } else if lower.contains('@') || lower.contains("%40") || lower.contains("u0040") {
        "<e-mail>".to_owned()
    } else if looks_like_token(word) {
        "<token>".to_owned()
    } else if word.chars().count() > LONGEST_WORD {
        let start: String = word.chars().take(WORD_START).collect();
        format!("{start}<{} characters>", word.chars().count())
    } else {
        word.to_owned()
    }
}

/// AWS ids are of one case; what mixes upper case, lower case and digits over 24 characters is a key of some kind
fn looks_like_token(word: &str) -> bool {
    let mixed = word.bytes().any(|byte| byte.is_ascii_uppercase())
        && word.bytes().any(|byte| byte.is_ascii_lowercase())
        && word.bytes().any(|byte| byte.is_ascii_digit());
    let access_key = word.len() >= 16 && (word.starts_with("AKIA") || word.starts_with("ASIA"));
    let web_token = word.len() >= 16 && word.starts_with("eyJ");
    access_key || web_token || (mixed && word.len() >= 24)
}

fn names_secret(word: &str, after: &str) -> bool {
    let name = word.trim_matches('\\').to_ascii_lowercase();
    let gap = after.split(is_word).next().unwrap_or_default();
    if name == "bearer" || name == "basic" {
        return true;
    }
    // `License Token Change` is prose, `"token": "..."` is not.
    (gap.contains(':') || gap.contains('=')) && SECRETS.iter().any(|secret| name.ends_with(secret))
}

fn shorten(text: String, cut: bool) -> String {
    if text.chars().count() <= LONGEST && !cut {
        return text;
    }
    let start: String = text.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_and_arns_are_shown_as_they_are() {
        for text in [
            "agmt-3fq8d0zk1yv6m7n2wq5tb9xhe",
            "arn:aws:license-manager::702911538826:license:l-8c41f2a07d9b4e53a6f1c0d2e7b38a95",
            "AWS License Token Change",
            "48712039665",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn addresses_and_tokens_are_struck_out() {
        for text in [
            "owner@example.org",
            "mail=owner%40example.org&x=1",
            r"owner\u0040example.org",
            r#"{"registrationToken":"abc123"}"#,
            r#"{\"registrationToken\":\"abc123\"}"#,
            "Authorization: Bearer abc123",
            "key ASIAX4K7Q2V9EXAMPLE",
            "eyJhbGciOiJub25lIn0.abc.def",
            "IQoJb3JpZ2luX2VjEXAMPLEabc123",
        ] {
            let safe = shown(text);
            for leak in ["owner", "example.org", "abc", "X4K7", "b3JpZ2"] {
                assert!(!safe.contains(leak), "`{text}` became `{safe}`");
            }
        }
    }

    #[test]
    fn no_text_gets_longer_than_the_limit() {
        for text in ["x".repeat(1 << 20), "é ".repeat(5_000), "a@b ".repeat(5_000), "\n".repeat(300)] {
            assert!(shown(&text).chars().count() <= LONGEST, "{}", shown(&text));
            assert!(!shown(&text).contains(char::is_control));
        }
    }

    #[test]
    fn an_address_is_not_halved_into_sight() {
        // What is looked at ends after `person.of`.
        let text = format!("{} person.of.interest@example.org", "x".repeat(LOOKED_AT - 10));
        assert_eq!(shown(&text), "xxxxxxxxxxxx<390 characters> …");
    }

    #[test]
    fn what_arrays_and_objects_hold_is_not_printed() {
        assert_eq!(described(&json!(["owner@example.org"])), "an array of 1");
        assert_eq!(described(&json!({"token": "abc"})), "an object with 1 members");
        assert_eq!(described(&json!(-3)), "-3");
    }
}
