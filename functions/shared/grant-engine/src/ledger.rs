//! The ledger: what we meant to do, what we know came of it, and what is due
//!
//! One DynamoDB table with keys `pk` and `sk`. Per license (`pk = LICENSE#<id>`): one `LANE`, a `GRANT#<key>` per
//! grant, a `PAIR#<account>` only while a pair is not plainly ACTIVE, and `REVOCABLE` while something waits to be revoked. The organization's snapshot lies in chunks under
//! `ORG`, agreements whose license is awaited under `AGREEMENT#<id>`, unreadable messages under `QUARANTINE`. Versions of
//! the policy table's items lie under `RULE#<id>`, where licenses come from under `PURCHASES`; what is wrong with items,
//! and how many things there were, under `POLICY`; what may be taken away within a day under `REVOCATIONS`. Items that want to be looked at carry `due_at` and `due_shard`, the
//! keys of the sparse index `due`.

mod agreement;
mod counts;
mod due;
mod entries;
mod items;
mod lane;
mod organization;
mod pairs;
mod purchases;
mod quarantine;
mod revocable;
mod status;
mod versions;

pub use agreement::Waiting;
pub use counts::Counted;
pub use due::DueItem;
pub(crate) use entries::LicenseMemory;
pub use lane::Lane;
pub use organization::SnapshotMark;
pub use quarantine::Quarantined;
pub(crate) use revocable::Revocable;
pub use revocable::Window;
pub use versions::Place;

/// The table and the client that reaches it
#[derive(Debug, Clone)]
pub struct Ledger {
    client: aws_sdk_dynamodb::Client,
    table: String,
}

impl Ledger {
    pub(crate) fn new(client: aws_sdk_dynamodb::Client, table: String) -> Self {
        Self { client, table }
    }
}
