//! Pages of a list: an order of its own per listing, opaque tokens

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng;
use serde_json::{Value, json};

use super::request::Request;
use crate::error::ApiError;
use crate::license_manager::Context;

/// Where a listing stands
///
/// Rows are ordered by a hash of their key and the listing's salt, so that rows which come or go between two pages
/// move no others, and no client can rely on an order.
#[derive(Debug, Clone, Copy)]
struct Cursor {
    /// Operation, caller and arguments, which must not change between pages
    about: u64,
    salt: u64,
    /// The last row's place
    after: Option<u64>,
    /// Empty pages so far, so that no token comes twice: clients would take that for a listing without end
    empty: u64,
}

impl Cursor {
    fn encode(self) -> String {
        let after = self.after.map(|after| format!("{after:x}")).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(format!("{:x}.{:x}.{after}.{:x}", self.about, self.salt, self.empty))
    }

    fn decode(token: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let mut parts = text.split('.');
        let about = u64::from_str_radix(parts.next()?, 16).ok()?;
        let salt = u64::from_str_radix(parts.next()?, 16).ok()?;
        let after = match parts.next()? {
            "" => None,
            after => Some(u64::from_str_radix(after, 16).ok()?),
        };
        let empty = u64::from_str_radix(parts.next()?, 16).ok()?;
        Some(Self { about, salt, after, empty })
    }
}

/// One page of rows, each with a key that is unique in the list, under `member`
pub(super) fn page<T>(
    request: &Request<'_>,
    context: &mut Context<'_>,
    about: &str,
    member: &str,
    rows: Vec<(impl AsRef<str>, T)>,
    shape: impl Fn(&T, &Context<'_>) -> Value,
) -> Result<Value, ApiError> {
    let size = request.max_results()?.unwrap_or(context.knobs.page_size).min(context.knobs.page_size).max(1);
    let about = hash(0, &format!("{about} {}", context.caller));
    let cursor = match request.text("NextToken")? {
        Some(token) => Cursor::decode(token)
            .filter(|cursor| cursor.about == about)
            .ok_or_else(|| ApiError::validation("NextToken is not valid for this request"))?,
        None => Cursor { about, salt: context.ids.random(), after: None, empty: 0 },
    };
    let mut rows: Vec<(u64, T)> = rows
        .into_iter()
        .map(|(key, row)| (hash(cursor.salt, key.as_ref()), row))
        .filter(|(place, _)| cursor.after.is_none_or(|after| *place > after))
        .collect();
    if !rows.is_empty() && context.knobs.empty_pages && context.ids.random_bool(0.25) {
        let next = Cursor { empty: cursor.empty.saturating_add(1), ..cursor };
        return Ok(answer(member, Vec::new(), Some(next)));
    }
    let more = rows.len() > size;
    if more {
        // Only this page's rows need an order, and a list may have ten thousand.
        rows.select_nth_unstable_by_key(size, |(place, _)| *place);
        rows.truncate(size);
    }
    rows.sort_by_key(|(place, _)| *place);
    let after = rows.last().map(|(place, _)| *place);
    let next = more.then_some(Cursor { after, ..cursor });
    Ok(answer(member, rows.iter().map(|(_, row)| shape(row, context)).collect(), next))
}

fn answer(member: &str, rows: Vec<Value>, next: Option<Cursor>) -> Value {
    match next {
        Some(next) => json!({ member: rows, "NextToken": next.encode() }),
        None => json!({ member: rows }),
    }
}

/// FNV-1a with a final mix: the same on every machine and Rust release, so that seeds keep their meaning
fn hash(salt: u64, key: &str) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325 ^ salt;
    for byte in key.bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}
