//! The real AWS SDK for Rust, unmodified, against a world in the same process and in virtual time

#![expect(clippy::panic, reason = "a test that meets something unexpected should stop there")]

mod clients;
mod reads;
mod state;
mod trouble;
