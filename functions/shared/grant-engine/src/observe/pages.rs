//! A listing's pages: the one place that follows a token from one to the next

use grant_plan::call::{Failure, Operation};

use crate::failure::unreadable;

/// What a page holds and the token of its successor, as the SDK's outputs have them
pub(super) type Page<T, K> = (Option<Vec<T>>, Option<K>);

/// Every item of a listing, in its order
///
/// `page` asks for one page: the first without a token, each other with the token its predecessor gave. Only a missing
/// token ends a listing. A page may be empty and have a successor (API_ListAccounts: "can return a null set of results
/// even when there are more results available"), and an empty token is none.
///
/// # Errors
/// The first failure of `page`. A token that comes a second time: the pages would go round for ever, and what they
/// held so far is no whole answer. botocore's and the SDK's own paginators stop at it too.
pub(super) async fn all<T, K>(
    mut page: impl AsyncFnMut(Option<K>) -> Result<Page<T, K>, Failure>,
) -> Result<Vec<T>, Failure>
where
    K: Clone + Default + PartialEq,
{
    let mut found = Vec::new();
    let mut given: Vec<K> = Vec::new();
    loop {
        let (items, next) = page(given.last().cloned()).await?;
        found.extend(items.unwrap_or_default());
        let Some(next) = next.filter(|token| *token != K::default()) else { return Ok(found) };
        if given.contains(&next) {
            return Err(unreadable(Operation::Observe, "a listing", "a page names one before it as its successor"));
        }
        given.push(next);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::future::Future;
    use std::path::{Path, PathBuf};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Reads a listing of these pages, each under the token that its predecessor names, and counts what was asked for
    fn read(pages: &[(&str, &[u32], Option<&str>)]) -> (Result<Vec<u32>, Failure>, usize) {
        let mut asked = 0;
        let listing = all(async |token: Option<String>| {
            asked += 1;
            let token = token.unwrap_or_default();
            let (_, items, next) = pages.iter().find(|page| page.0 == token).expect("a token that was given out");
            Ok((Some(items.to_vec()), next.map(str::to_owned)))
        });
        let answer = now(listing);
        (answer, asked)
    }

    /// What a future is that waits for nothing
    fn now<T>(future: impl Future<Output = T>) -> T {
        let Poll::Ready(output) = pin!(future).poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("it waits for something");
        };
        output
    }

    #[test]
    fn every_page_is_asked_for_once_and_in_order() {
        let (found, asked) = read(&[("", &[3, 1], Some("a")), ("a", &[2], Some("b")), ("b", &[4, 5], None)]);
        assert_eq!(found, Ok(vec![3, 1, 2, 4, 5]));
        assert_eq!(asked, 3);
    }

    #[test]
    fn an_empty_page_with_a_token_is_not_the_end() {
        let pages: [(&str, &[u32], Option<&str>); 4] =
            [("", &[], Some("a")), ("a", &[], Some("b")), ("b", &[7], Some("c")), ("c", &[], None)];
        assert_eq!(read(&pages).0, Ok(vec![7]));
    }

    #[test]
    fn an_empty_token_is_the_end() {
        let (found, asked) = read(&[("", &[1], Some(""))]);
        assert_eq!((found, asked), (Ok(vec![1]), 1));
    }

    #[test]
    fn a_page_that_names_itself_or_an_earlier_one_is_an_error_and_no_listing() {
        let itself = read(&[("", &[1], Some("a")), ("a", &[2], Some("a"))]);
        let earlier = read(&[("", &[1], Some("a")), ("a", &[2], Some("b")), ("b", &[3], Some("a"))]);
        for ((found, asked), pages) in [(itself, 2), (earlier, 3)] {
            let failure = found.unwrap_err();
            assert!(failure.message.contains("a page names one before it"), "{failure}");
            assert_eq!(asked, pages);
        }
    }

    #[test]
    fn a_page_that_fails_fails_the_listing() {
        let mut asked = 0;
        let found: Result<Vec<u32>, _> = now(all(async |token: Option<String>| {
            asked += 1;
            match token {
                None => Ok((Some(vec![1]), Some("a".to_owned()))),
                Some(_) => Err(unreadable(Operation::Observe, "the second page", "gone")),
            }
        }));
        assert!(found.unwrap_err().message.contains("the second page"), "asked {asked} times");
    }

    #[test]
    fn keys_of_a_table_are_followed_like_tokens() {
        let keys = [None, Some(vec![("rule", "a")]), Some(vec![("rule", "b")])];
        let found = now(all(async |from: Option<Vec<(&str, &str)>>| {
            let at = keys.iter().position(|key| *key == from).expect("a key that was given out");
            Ok((Some(vec![at]), keys.get(at + 1).cloned().flatten()))
        }));
        assert_eq!(found, Ok(vec![0, 1, 2]));
    }

    /// How a call begins that answers in pages
    const LISTINGS: [&str; 4] = [".list_", ".get_agreement_entitlements()", ".scan()", ".query()"];
    /// How it is told which
    const TOKENS: [&str; 2] = [".set_next_token(token)", ".set_exclusive_start_key(from)"];

    #[test]
    fn no_listing_of_this_crate_asks_for_its_first_page_only() {
        let mut listings = 0;
        for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for (at, listing) in LISTINGS.iter().flat_map(|listing| code.match_indices(listing)) {
                let call = code[at..].split(".send()").next().unwrap();
                assert!(TOKENS.iter().any(|token| call.contains(token)), "{}: {listing} has no token", file.display());
                listings += 1;
            }
        }
        assert!(listings >= 12, "only {listings} listings found");
    }

    fn files(directory: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }
}
