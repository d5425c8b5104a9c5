//! AWS Organizations: the tree of accounts, and the calls a buyer and its administrators make on it

mod accounts;
mod calls;
mod creation;
mod delegation;
mod lists;
mod model;
mod request;
mod shape;
mod tags;
mod told;
mod units;

pub use creation::{Creation, Outcome};
pub use model::{Account, Organization, Unit};
