//! A pretend AWS for a Marketplace buyer: License Manager grants, Marketplace agreements, Organizations, STS, IAM roles,
//! SQS, SNS, EventBridge rules, CloudTrail trails, quotas, and DynamoDB with Streams, in one process
//!
//! The rules of each service are plain synchronous functions over typed state ([`license_manager`],
//! [`organizations`], ...). Above them is one *door* ([`door`]) that speaks each service's own protocol; behind the
//! door sit two entrances: an in-process SDK `HttpClient` ([`World::http_client`]) and a TCP listener
//! ([`server`]). [`lambda`] is what the Lambda service does around a function.
//!
//! Nothing here knows the programs it serves: it is a pretend AWS, not a test double of a client.

pub mod blueprint;
pub mod calls;
mod client;
mod clock;
pub mod cloud_trail;
pub mod door;
pub mod error;
pub mod event_bus;
mod events;
pub mod faults;
pub mod iam;
pub mod invariants;
pub mod knobs;
pub mod lambda;
pub mod license_manager;
pub mod marketplace;
pub mod organizations;
mod page;
pub mod server;
mod service_quotas;
pub mod sns;
pub mod sqs;
mod state;
pub mod sts;
pub mod tables;
mod world;

pub use blueprint::{Blueprint, Purchase};
pub use clock::Time;
pub use door::{Answer, Service};
pub use faults::{Fault, Faults};
pub use knobs::Knobs;
pub use sqs::QueueAttributes;
pub use state::State;
pub use world::{Cancellation, DocumentError, QueueHandle, Resume, Settings, World};
