//! distribute-grants: one binary, deployed as two functions
//!
//! *dispatch* turns events into looks at licenses: it decodes whatever woke it, finds the licenses it is about, raises
//! their lanes and sends the lanes a message. *lane* takes one look at one license: observe, plan, apply, record.

pub mod dispatch;
pub mod lane;
pub mod payload;
pub mod role;
pub mod trigger;
