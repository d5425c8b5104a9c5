//! The reads, and switching a trail on and off

use serde_json::{Value, json};

use super::Trail;
use crate::clock::epoch_seconds;
use crate::error::ApiError;
use crate::page;
use crate::state::State;

impl State {
    pub(crate) fn call_cloud_trail(&mut self, caller: &str, operation: &str, body: &Value) -> Result<Value, ApiError> {
        match operation {
            "DescribeTrails" => {
                let names: Vec<&str> = body
                    .get("trailNameList")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                for name in &names {
                    check(name)?;
                }
                let shadows = body.get("includeShadowTrails") != Some(&Value::Bool(false));
                let trails = self.trails_of(caller).filter(|trail| {
                    let named = names.is_empty() || names.iter().any(|name| self.is_named(trail, name));
                    let shadow = trail.home_region != "us-east-1" || caller != self.organization.management_account;
                    named && (shadows || !shadow)
                });
                Ok(json!({"trailList": trails.map(|trail| self.shown_trail(trail)).collect::<Vec<_>>()}))
            }
            "GetTrail" => Ok(json!({"Trail": self.shown_trail(self.trail(caller, body, "Name")?)})),
            "GetTrailStatus" => {
                let trail = self.trail(caller, body, "Name")?;
                let since = if trail.logging { "StartLoggingTime" } else { "StopLoggingTime" };
                Ok(json!({"IsLogging": trail.logging, since: epoch_seconds(trail.since)}))
            }
            "GetEventSelectors" => {
                let trail = self.trail(caller, body, "TrailName")?;
                let selector = json!({
                    "ReadWriteType": trail.read_write, "IncludeManagementEvents": trail.management_events,
                    "DataResources": [], "ExcludeManagementEventSources": [],
                });
                Ok(json!({"TrailARN": self.trail_arn(trail), "EventSelectors": [selector]}))
            }
            "ListTrails" => {
                let shape = |trail: &Trail| json!({"TrailARN": self.trail_arn(trail), "Name": trail.name, "HomeRegion": trail.home_region});
                let trails = self.trails_of(caller).map(shape).collect();
                let token = body.get("NextToken").and_then(Value::as_str);
                let (trails, next) = page::cut("ListTrails", trails, self.knobs.page_size, token)
                    .ok_or_else(|| ApiError::refused("InvalidTokenException", "The token is not valid."))?;
                Ok(match next {
                    Some(next) => json!({"Trails": trails, "NextToken": next}),
                    None => json!({"Trails": trails}),
                })
            }
            "StartLogging" | "StopLogging" => {
                let name = self.trail(caller, body, "Name")?.name.clone();
                if caller != self.organization.management_account {
                    let message = "The request was made by an account that does not own the trail.";
                    return Err(ApiError::refused("NotOrganizationMasterAccountException", message));
                }
                self.set_logging(&name, operation == "StartLogging");
                Ok(Value::Null)
            }
            other => Err(ApiError::refused("UnknownOperationException", format!("No operation {other}"))),
        }
    }

    pub(crate) fn set_logging(&mut self, name: &str, logging: bool) {
        let now = self.now();
        for trail in self.cloud_trail.trails.iter_mut().filter(|trail| trail.name == name) {
            trail.logging = logging;
            trail.since = now;
        }
    }

    /// The management account sees every trail, members those of the organization
    fn trails_of<'a>(&'a self, caller: &str) -> impl Iterator<Item = &'a Trail> + use<'a> {
        let (owner, member) =
            (caller == self.organization.management_account, self.organization.accounts.contains_key(caller));
        self.cloud_trail.trails.iter().filter(move |trail| owner || (member && trail.organization))
    }

    fn trail(&self, caller: &str, body: &Value, member: &str) -> Result<&Trail, ApiError> {
        let name = body.get(member).and_then(Value::as_str).unwrap_or_default();
        check(name)?;
        self.trails_of(caller).find(|trail| self.is_named(trail, name)).ok_or_else(|| {
            ApiError::refused("TrailNotFoundException", format!("Unknown trail: {name} for the user: {caller}"))
        })
    }

    fn is_named(&self, trail: &Trail, name: &str) -> bool {
        trail.name == name || self.trail_arn(trail) == name
    }

    fn trail_arn(&self, trail: &Trail) -> String {
        let owner = &self.organization.management_account;
        format!("arn:aws:cloudtrail:{}:{owner}:trail/{}", trail.home_region, trail.name)
    }

    fn shown_trail(&self, trail: &Trail) -> Value {
        json!({
            "Name": trail.name,
            "S3BucketName": format!("trail-{}", self.organization.management_account),
            "IncludeGlobalServiceEvents": true,
            "IsMultiRegionTrail": trail.multi_region,
            "HomeRegion": trail.home_region,
            "TrailARN": self.trail_arn(trail),
            "LogFileValidationEnabled": true,
            "HasCustomEventSelectors": trail.read_write != "All" || !trail.management_events,
            "HasInsightSelectors": false,
            "IsOrganizationTrail": trail.organization,
        })
    }
}

/// A name of 3 to 128 letters, digits, periods, underscores and dashes, or an ARN (API_GetTrail)
fn check(name: &str) -> Result<(), ApiError> {
    if name.starts_with("arn:") {
        if name.contains(":trail/") {
            return Ok(());
        }
        return Err(ApiError::refused("CloudTrailARNInvalidException", format!("{name} is not a trail's ARN.")));
    }
    let legal = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let ends = name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.ends_with(|last: char| last.is_ascii_alphanumeric());
    if (3..=128).contains(&name.len()) && legal && ends {
        return Ok(());
    }
    let message = "Trail name must have 3 to 128 letters, digits, periods, underscores or dashes.";
    Err(ApiError::refused("InvalidTrailNameException", message))
}
