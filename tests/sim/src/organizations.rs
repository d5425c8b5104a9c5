//! AWS Organizations: the tree of accounts, and the calls a buyer makes on it

mod calls;
mod lists;
mod model;
mod shape;

pub use model::{Account, Organization, Unit};
