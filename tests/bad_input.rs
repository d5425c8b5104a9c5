//! What nobody can read stops nothing else, is kept whole, and is said with what to do about it
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "bad_input/messages.rs"]
mod messages;
#[path = "bad_input/quarantine.rs"]
mod quarantine;
#[path = "bad_input/rules.rs"]
mod rules;
#[path = "bad_input/spokes.rs"]
mod spokes;
#[path = "bad_input/unreachable.rs"]
mod unreachable;
