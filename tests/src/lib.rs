//! What Grantway promises, tried on the pretend AWS
//!
//! The suites lie beside this package's `Cargo.toml`; [`oracle`] says independently of `grant-plan` what the rules
//! mean, [`story`] makes small worlds for single promises, [`storm`] makes random ones by the thousand, and [`histories`]
//! drives the planner and its steps straight on the rules of License Manager.

pub mod histories;
pub mod oracle;
pub mod storm;
pub mod story;
