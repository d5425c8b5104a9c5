//! AWS Organizations: the tree of accounts, and the reads a buyer makes on it

mod model;

pub use model::{Account, Organization, Unit};
