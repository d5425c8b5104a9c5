//! Each service as raw HTTP, whichever client may have written it

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets something unexpected should stop there"
)]

mod administration;
mod ask;
mod delivery;
mod doctor;
mod door;
mod dynamodb;
mod events;
mod history;
mod lambda;
mod licenses;
mod market;
mod marketplace;
mod organizations;
mod past;
mod queues;
mod readme;
mod saved;
mod sts;
mod tcp;
mod topics;
mod upkeep;
