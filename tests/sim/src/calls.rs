//! What was asked of the pretend AWS: every call in order, and counts per service

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

/// One call as it was answered
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// When
    pub at: Timestamp,
    /// The caller's account, twelve digits
    pub caller: String,
    /// The service, such as `LicenseManager`
    pub service: String,
    /// The operation, such as `CreateGrant`
    pub operation: String,
    /// Whether the operation changes anything
    pub write: bool,
    /// `OK`, an error's code, or `LOST` when the effect happened and the reply did not arrive
    pub result: String,
    /// Sixteen hexadecimal digits over the bodies of request and reply, lost replies included; empty for calls on tables
    /// and Streams themselves, whose ids no seed repeats
    pub digest: String,
}

/// FNV-1a, 64 bits: cheap, the same everywhere, and no defence against anybody
#[derive(Debug)]
pub(crate) struct Digest;

impl Digest {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;

    /// Over all parts, with a mark behind each, so that moving a byte from one part to the next is seen
    pub(crate) fn of(parts: &[&[u8]]) -> String {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(Self::PRIME);
        let hash = parts.iter().fold(Self::OFFSET, |hash, part| part.iter().fold(hash, step).wrapping_mul(Self::PRIME));
        format!("{hash:016x}")
    }
}

/// Calls counted by what they do
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counter {
    /// Calls that change nothing
    pub read: u64,
    /// Calls that change something, refused ones included
    pub write: u64,
}

/// The log of a world, oldest call first
#[derive(Debug, Clone, Default)]
pub struct Calls {
    log: Vec<Call>,
    counters: BTreeMap<String, Counter>,
}

impl Calls {
    pub(crate) fn push(&mut self, call: Call) {
        let counter = self.counters.entry(call.service.clone()).or_default();
        if call.write {
            counter.write += 1;
        } else {
            counter.read += 1;
        }
        self.log.push(call);
    }

    /// Every call so far
    pub fn log(&self) -> &[Call] {
        &self.log
    }

    /// Counts per service, since the world began
    pub fn counters(&self) -> &BTreeMap<String, Counter> {
        &self.counters
    }

    /// Counts of one service; zeros when it was never called
    pub fn of(&self, service: &str) -> Counter {
        self.counters.get(service).copied().unwrap_or_default()
    }

    /// How often an operation was called, whatever the answer
    pub fn count(&self, service: &str, operation: &str) -> usize {
        self.log.iter().filter(|call| call.service == service && call.operation == operation).count()
    }

    /// Forgets everything, to count from here
    pub fn clear(&mut self) {
        self.log.clear();
        self.counters.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_fnv_1a_with_a_mark_behind_each_part() {
        // Of one empty part: the offset times the prime, as FNV-1a of one zero byte.
        assert_eq!(Digest::of(&[b""]), "af63bd4c8601b7df");
        assert_eq!(Digest::of(&[b"ab", b""]).len(), 16);
        assert_ne!(Digest::of(&[b"ab", b"c"]), Digest::of(&[b"a", b"bc"]));
    }
}
