//! AWS CloudTrail: trails, and whether there is one that lets events reach EventBridge
//!
//! Without a trail that logs management writes in us-east-1 nothing that comes "via CloudTrail" reaches a bus
//! (EventBridge User Guide, "AWS service events delivered via AWS CloudTrail").

mod calls;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The management account's trails
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloudTrail {
    /// In no order
    pub trails: Vec<Trail>,
}

/// A trail with one classic event selector
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    /// 3 to 128 characters
    pub name: String,
    /// Region it was made in
    pub home_region: String,
    /// It records every Region
    pub multi_region: bool,
    /// It records every account of the organization, and its members see it
    pub organization: bool,
    /// Off after StopLogging
    pub logging: bool,
    /// `All`, `WriteOnly` or `ReadOnly`
    pub read_write: String,
    /// It records management events at all
    pub management_events: bool,
    /// Since when it logs or does not
    pub since: Timestamp,
}

impl Trail {
    /// The one that most organizations have: of the organization, in every Region, logging everything
    pub fn of_organization(since: Timestamp) -> Self {
        Self {
            name: "organization".to_owned(),
            home_region: "us-east-1".to_owned(),
            multi_region: true,
            organization: true,
            logging: true,
            read_write: "All".to_owned(),
            management_events: true,
            since,
        }
    }

    /// Whether what administrators do in us-east-1 is recorded by it
    pub fn records_writes(&self) -> bool {
        let here = self.multi_region || self.home_region == "us-east-1";
        self.logging && here && self.management_events && self.read_write != "ReadOnly"
    }
}

impl CloudTrail {
    pub(crate) fn new(since: Timestamp) -> Self {
        Self { trails: vec![Trail::of_organization(since)] }
    }

    /// Whether an event reaches its bus: all do that do not come by CloudTrail
    pub(crate) fn lets_through(&self, event: &Value) -> bool {
        let kind = event.get("detail-type").and_then(Value::as_str).unwrap_or_default();
        !kind.ends_with(" via CloudTrail") || self.trails.iter().any(Trail::records_writes)
    }
}
