//! Messages that nobody could read, kept whole until a person has looked

use std::io::{Read, Write};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use grant_plan::call::{Failure, Operation};
use grant_plan::entry::SCHEMA;
use grant_plan::time::{Timestamp, hours};

use super::Ledger;
use super::items::{Item, text};
use crate::failure::unreadable;

const QUARANTINE: &str = "QUARANTINE";
/// Kept for 90 days
const KEPT: std::time::Duration = hours(24 * 90);
/// What fits an item beside its other attributes (DynamoDB: 400 KB an item)
const FITS: usize = 350 * 1024;
/// Characters of a reason; one that quotes the message could by itself be too large for an item
const LONGEST_REASON: usize = 2_000;

/// One message in quarantine
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Its sort key, by which it is shown and replayed
    pub id: String,
    /// What could not be read: field, value and fix
    pub reason: String,
    /// Where it came from
    pub origin: String,
    /// The message; its head when `whole` is false
    pub body: String,
    /// Whether the body is complete
    pub whole: bool,
}

impl Ledger {
    /// Keeps a message, byte for byte
    ///
    /// The key is made from the content, so the same message delivered twice is kept once. A body that does not fit
    /// an item even when compressed keeps its head and its size.
    ///
    /// # Errors
    /// When the ledger cannot be written: then the message must stay where it is.
    pub async fn quarantine(&self, origin: &str, body: &str, reason: &str, now: Timestamp) -> Result<String, Failure> {
        let mut packed = compress(body.as_bytes());
        let whole = packed.len() <= FITS;
        if !whole {
            let head: String = body.chars().take(FITS / 4).collect();
            packed = compress(head.as_bytes());
        }
        let id = fingerprint(body);
        let reason: String = reason.chars().take(LONGEST_REASON).collect();
        let number = |value: i64| AttributeValue::N(value.to_string());
        let words = |value: &str| AttributeValue::S(value.to_owned());
        let item = Item::from([
            ("pk".to_owned(), words(QUARANTINE)),
            ("sk".to_owned(), words(&id)),
            ("schema".to_owned(), number(i64::from(SCHEMA))),
            ("origin".to_owned(), words(origin)),
            ("reason".to_owned(), words(&reason)),
            ("body".to_owned(), AttributeValue::B(Blob::new(packed))),
            ("whole".to_owned(), AttributeValue::Bool(whole)),
            ("size".to_owned(), number(i64::try_from(body.len()).unwrap_or(i64::MAX))),
            ("at".to_owned(), number(now.0)),
            ("expires_at".to_owned(), number(now.after(KEPT).0)),
        ]);
        self.put(item).await?;
        Ok(id)
    }

    /// Everything in quarantine, oldest key first
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn quarantined(&self) -> Result<Vec<Quarantined>, Failure> {
        self.partition(QUARANTINE).await?.iter().map(read).collect()
    }
}

fn read(item: &Item) -> Result<Quarantined, Failure> {
    let id = text(item, "sk").unwrap_or_default().to_owned();
    let packed = item
        .get("body")
        .and_then(|value| value.as_b().ok())
        .ok_or_else(|| unreadable(Operation::Ledger, &id, "it holds no body"))?;
    let bytes = decompress(packed.as_ref()).map_err(|error| unreadable(Operation::Ledger, &id, error))?;
    let body = String::from_utf8(bytes).map_err(|error| unreadable(Operation::Ledger, &id, error))?;
    Ok(Quarantined {
        reason: text(item, "reason").unwrap_or_default().to_owned(),
        origin: text(item, "origin").unwrap_or_default().to_owned(),
        whole: item.get("whole").and_then(|value| value.as_bool().ok()).copied().unwrap_or(true),
        id,
        body,
    })
}

/// 128 bits of FNV-1a, enough to tell messages apart; nothing rests on its being hard to forge
fn fingerprint(body: &str) -> String {
    let hash = body.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    });
    format!("{hash:032x}")
}

pub(super) fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail; what came out stands for itself and is checked when it is read.
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

pub(super) fn decompress(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut whole = Vec::new();
    DeflateDecoder::new(bytes).read_to_end(&mut whole)?;
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_comes_back() {
        let body = "{\"detail\":\"ü\"}".repeat(1000);
        let packed = compress(body.as_bytes());
        assert!(packed.len() < body.len());
        assert_eq!(decompress(&packed).unwrap(), body.as_bytes());
        assert!(decompress(b"\xff\xff\xff").is_err());
    }

    #[test]
    fn different_bodies_have_different_keys() {
        assert_ne!(fingerprint("a"), fingerprint("b"));
        assert_eq!(fingerprint("a"), fingerprint("a"));
    }
}
