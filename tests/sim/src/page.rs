//! Pages of a listing and the opaque tokens between them

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The page size asked for, the largest when none is; nothing when it is out of range
pub(crate) fn size(asked: Option<&Value>, largest: usize) -> Option<usize> {
    match asked {
        None | Some(Value::Null) => Some(largest),
        Some(value) => {
            value.as_u64().and_then(|size| usize::try_from(size).ok()).filter(|size| (1..=largest).contains(size))
        }
    }
}

/// Where a token says to go on; nothing when the token is of another listing or was made up
pub(crate) fn start(list: &str, token: Option<&str>) -> Option<usize> {
    place(list, token).map(|(offset, _)| offset)
}

/// The token of an empty page: it goes on where the page's own did and is another, since clients take a token that
/// comes twice for a listing without end (botocore: "The same next token was received twice")
pub(crate) fn token_of_empty(list: &str, from: Option<&str>) -> Option<String> {
    let (offset, empty) = place(list, from)?;
    Some(token(list, offset, empty.saturating_add(1)))
}

/// An offset, and how many empty pages came there
fn place(list: &str, token: Option<&str>) -> Option<(usize, u32)> {
    let Some(token) = token else { return Some((0, 0)) };
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    // The listing's name may hold colons of its own.
    let (place, empty) = text.rsplit_once(':')?;
    let (name, offset) = place.rsplit_once(':')?;
    if name == list { Some((offset.parse().ok()?, empty.parse().ok()?)) } else { None }
}

fn token(list: &str, offset: usize, empty: u32) -> String {
    URL_SAFE_NO_PAD.encode(format!("{list}:{offset}:{empty}"))
}

/// One page and the token of the next; nothing when the token is not of this listing
pub(crate) fn cut<T>(list: &str, items: Vec<T>, size: usize, from: Option<&str>) -> Option<(Vec<T>, Option<String>)> {
    let start = start(list, from)?;
    let end = start.saturating_add(size.max(1));
    let next = (end < items.len()).then(|| token(list, end, 0));
    Some((items.into_iter().skip(start).take(size.max(1)).collect(), next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cover_everything_once() {
        let (mut seen, mut at) = (Vec::new(), None);
        loop {
            let (page, next) = cut("L", (0..7).collect(), 3, at.as_deref()).unwrap();
            seen.extend(page);
            at = next;
            if at.is_none() {
                break;
            }
        }
        assert_eq!(seen, (0..7).collect::<Vec<_>>());
    }

    #[test]
    fn empty_pages_go_on_at_the_same_place_and_no_two_of_their_tokens_are_the_same() {
        let first = token_of_empty("L", None).unwrap();
        let second = token_of_empty("L", Some(&first)).unwrap();
        assert_ne!(first, second);
        assert_eq!(start("L", Some(&second)), Some(0));
    }

    #[test]
    fn a_token_of_another_listing_is_refused() {
        assert_eq!(cut("B", vec![1], 1, Some(&token("A", 0, 0))), None);
        assert_eq!(cut("B", vec![1], 1, Some("rubbish")), None);
        assert_eq!(start("arn:aws:x", Some(&token("arn:aws:x", 3, 0))), Some(3));
    }
}
