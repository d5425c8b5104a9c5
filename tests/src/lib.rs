//! What Grantway promises, tried on the pretend AWS
//!
//! The suites lie beside this package's `Cargo.toml`; [`oracle`] says independently of `grant-plan` what the rules
//! mean, and [`story`] makes small worlds for single promises.

pub mod oracle;
pub mod story;
