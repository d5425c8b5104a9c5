//! Observes an organization's licenses and grants, carries Steps to AWS, and records what happened
//!
//! Everything that decides lives in `grant-plan`; this crate is the thin shell around it. Whatever woke it, a run
//! goes through [`Engine::reconcile`]: observe, plan, apply once, record.

mod amend;
mod apply;
pub mod clients;
pub mod clock;
pub mod config;
mod engine;
pub mod failure;
pub mod fault;
mod grantee;
pub mod guard;
pub mod lane;
pub mod ledger;
mod member;
pub mod observe;
mod pace;
mod reconcile;
mod record;
pub mod report;
mod revocation;
mod spoke;
mod tell;

pub use engine::Engine;
pub use member::GranteeOutcome;
use observe::read_grant as observe_grant;
pub use spoke::{Spoke, SpokeOutcome, Swept};
