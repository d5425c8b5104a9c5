//! What AWS's models demand of a request, looked at before the service sees it
//!
//! `constraints/*.json` has the inputs of every operation that is answered here: what is required, how long, how many,
//! how large, which pattern, which words, which JSON type. `constraints.py` takes them from botocore's models.

mod breach;
mod pattern;
mod refusal;
mod table;
#[cfg(test)]
mod tests;
mod walk;

use super::route::Protocol;
use super::{Body, Reply, Route, Service};
use table::Table;

/// What the service answers when the request is not as its model wants it; nothing when it is, or when the operation is
/// not known here
pub(super) fn refused(route: &Route) -> Option<Reply> {
    if !is_applied(route.service) {
        return None;
    }
    let table = Table::of(route.service);
    let input = table.input(&route.operation)?;
    let spelling = if route.protocol == Protocol::Query { walk::Spelling::Texts } else { walk::Spelling::Typed };
    let found = match &route.body {
        Body::Value(value) => walk::breaches(table, input, spelling, value),
        // Read without making anything of it. What is no JSON at all is left to the database, which says so.
        Body::Raw(raw) => walk::breaches(table, input, spelling, &mut serde_json::Deserializer::from_slice(raw)),
    };
    refusal::of(route.service, &found)
}

/// License Manager checks its requests itself, in the order that its knobs want
fn is_applied(service: Service) -> bool {
    service != Service::LicenseManager
}
