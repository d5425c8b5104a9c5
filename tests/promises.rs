//! What Grantway promises, one by one, each read off the pretend License Manager when everything has come to rest
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "promises/by_hand.rs"]
mod by_hand;
#[path = "promises/delivery.rs"]
mod delivery;
#[path = "promises/edges.rs"]
mod edges;
#[path = "promises/failures.rs"]
mod failures;
#[path = "promises/growth.rs"]
mod growth;
#[path = "promises/holds.rs"]
mod holds;
#[path = "promises/known_later.rs"]
mod known_later;
#[path = "promises/ledger.rs"]
mod ledger;
#[path = "promises/membership.rs"]
mod membership;
#[path = "promises/open_questions.rs"]
mod open_questions;
#[path = "promises/secrets.rs"]
mod secrets;
#[path = "promises/settled.rs"]
mod settled;
#[path = "promises/shrink.rs"]
mod shrink;
#[path = "promises/spokes.rs"]
mod spokes;
#[path = "promises/throttling.rs"]
mod throttling;
#[path = "promises/units.rs"]
mod units;
#[path = "promises/waiting.rs"]
mod waiting;
