//! Questions to AWS, each answered whole: paging, filters and tokens stay in here

mod agreement;
mod grants;
mod licenses;
mod organization;
mod pages;
mod policy;
mod purchases;
mod tags;

pub use agreement::Entitlement;
pub(crate) use grants::{read as read_grant, waiting_for_acceptance};
