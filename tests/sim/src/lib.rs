//! A pretend AWS for a Marketplace buyer: License Manager grants, Marketplace agreements, Organizations reads, STS,
//! SQS, EventBridge rules and DynamoDB with Streams, in one process
//!
//! The rules of each service are plain synchronous functions over typed state ([`license_manager`],
//! [`organizations`], ...). Above them is one *door* ([`door`]) that speaks each service's own protocol; behind the
//! door sit two entrances: an in-process SDK `HttpClient` ([`client`]) and a TCP listener ([`server`]).
//!
//! Nothing here knows Grantway: it is a pretend AWS, not a test double of a client.

pub mod blueprint;
pub mod error;
pub mod knobs;
pub mod license_manager;
pub mod organizations;
