//! Decides which License Manager grants should exist, and what to do about the difference
//!
//! Everything here is a pure function of values: no clock, no network, no environment, no randomness. Time and fresh
//! ids come in as arguments. What goes out is a [`plan::Plan`] (actions and holds) and, per action, a
//! [`step::Step`]: the protocol of applying it, as a state machine that asks for ledger writes and calls.
//!
//! ```text
//! rules ─┐
//! organization ─┼─> desired ─> cover ─┐
//! license ─┘                          ├─> plan ─> actions, holds, a state for every pair
//! grants seen, ledger entries ────────┘
//! ```

pub mod acceptance;
pub mod action;
pub mod answer;
pub mod budget;
pub mod call;
pub mod check;
pub mod cover;
pub mod desired;
pub mod entry;
pub mod explain;
pub mod finding;
pub mod grant;
pub mod guard;
pub mod id;
pub mod license;
pub mod matcher;
mod nearest;
pub mod organization;
pub mod pattern;
pub mod plan;
pub mod policy;
pub mod products;
pub mod purchase;
mod reader;
pub mod reason;
pub mod render;
pub mod revocation;
pub mod rule;
#[cfg(feature = "schema")]
pub mod schema;
pub mod selector;
pub mod settings;
pub mod snapshot;
pub mod spoke;
pub mod status;
pub mod step;
pub mod suggest;
pub mod time;
pub mod version;
pub mod written;
