//! What a whole world shows, on its bus above all

use std::time::Duration;

use serde_json::{Value, json};

use crate::knobs::Knobs;
use crate::license_manager::{LicenseManager, MARKETPLACE_ACCOUNT};
use crate::{Blueprint, Purchase, Settings};

/// A world to look at
pub(super) struct Scene {
    pub(super) world: crate::World,
}

impl Scene {
    pub(super) fn with(knobs: Knobs) -> Self {
        Self { world: crate::World::new(&Blueprint::sample(), Settings { knobs, ..Settings::default() }) }
    }

    pub(super) fn advance(&self, seconds: u64) {
        self.world.advance(Duration::from_secs(seconds));
    }

    /// One call to License Manager by the hub; its answer as text
    pub(super) fn call(&self, operation: &str, body: &Value) -> String {
        let answer = self.world.with(|state| {
            let hub = state.hub.clone();
            state.call_license_manager(&hub, operation, body, None)
        });
        format!("{answer:?}")
    }

    pub(super) fn licenses(&self) -> String {
        self.world.with(|state| {
            let licenses = state.license_manager.licenses();
            let told = licenses.map(|license| format!("{} v{}", license.status.as_str(), license.version));
            told.collect::<Vec<_>>().join(", ")
        })
    }

    /// Kinds, resources and details of what the bus has seen, without ids and times
    pub(super) fn events(&self) -> String {
        let gist = |event: &Value| {
            let detail = &event["detail"];
            let members = |value: &Value| value.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>());
            format!(
                "{} {} {:?} {:?} {:?}",
                event["detail-type"],
                event["resources"],
                members(detail),
                members(&detail["agreement"]),
                members(&detail["serviceEventDetails"]),
            )
        };
        self.world.with(|state| state.bus.events().iter().map(gist).collect::<Vec<_>>().join("; "))
    }
}

/// A new account is heard of, and can be reached, sooner or later
pub(super) fn new_account(scene: &Scene) -> String {
    scene.world.create_account("487120396655", "new");
    let mut said = Vec::new();
    for seconds in [1, 599, 3_600] {
        scene.advance(seconds);
        let reached = scene
            .world
            .with(|state| state.call_license_manager("487120396655", "GetServiceSettings", &json!({}), None).is_ok());
        said.push(format!("{reached}: {}", scene.events()));
    }
    said.join("; ")
}

pub(super) fn granting(scene: &Scene) -> String {
    scene.world.purchase(&Purchase::sample());
    scene.advance(100);
    let body = json!({
        "ClientToken": "once",
        "GrantName": "everyone",
        "LicenseArn": LicenseManager::license_arn(&Purchase::sample().license),
        "Principals": ["arn:aws:iam::318204957731:root"],
        "HomeRegion": "us-east-1",
        "AllowedOperations": ["CheckoutLicense"],
    });
    scene.call("CreateGrant", &body);
    scene.advance(100);
    scene.events()
}

#[test]
fn a_write_is_recorded_as_the_sample_records_it() {
    let scene = Scene::with(Knobs { cloudtrail_events: true, ..Knobs::default() });
    granting(&scene);
    let event = scene.world.with(|state| {
        let calls = state.bus.events().iter().filter(|event| event["source"] == "aws.license-manager");
        calls.cloned().collect::<Vec<_>>()
    });
    let [event] = event.as_slice() else { panic!("{event:?}") };
    assert_eq!(event["detail-type"], "AWS API Call via CloudTrail");
    let detail = &event["detail"];
    assert_eq!(
        (&detail["eventSource"], &detail["eventName"]),
        (&json!("license-manager.amazonaws.com"), &json!("CreateGrant"))
    );
    assert_eq!(detail["requestParameters"]["principals"], json!(["arn:aws:iam::318204957731:root"]));
    assert_eq!(detail["requestParameters"]["homeRegion"], "us-east-1");
    assert_eq!(detail["responseElements"]["status"], "PENDING_WORKFLOW");
    assert_eq!((detail.get("errorCode"), &detail["readOnly"]), (None, &json!(false)));
}

#[test]
fn refused_writes_are_recorded_with_their_error_and_members_own_writes_elsewhere() {
    let scene = Scene::with(Knobs { cloudtrail_events: true, ..Knobs::default() });
    scene.call("AcceptGrant", &json!({ "GrantArn": "arn:aws:license-manager::1:grant:g-none" }));
    scene.call("GetGrant", &json!({ "GrantArn": "arn:aws:license-manager::1:grant:g-none" }));
    scene.world.with(|state| {
        let body = json!({ "GrantArn": "arn:aws:license-manager::1:grant:g-none" });
        state.call_license_manager("318204957731", "AcceptGrant", &body, None).unwrap_err();
    });
    let events = scene.world.with(|state| state.bus.events().to_vec());
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["detail"]["errorCode"], "ValidationException");
    assert_eq!(events[0]["detail"]["responseElements"], Value::Null);
}

#[test]
fn license_managers_own_events_tell_of_every_status() {
    let scene =
        Scene::with(Knobs { license_manager_events: crate::knobs::LicenseManagerEvents::Detailed, ..Knobs::default() });
    granting(&scene);
    let told = scene.world.with(|state| {
        let own = state.bus.events().iter().filter(|event| event["source"] == "aws.license-manager");
        let own = own.map(|event| {
            let detail = &event["detail"];
            let status = detail.get("grantStatus").unwrap_or(&detail["status"]);
            format!("{} {}", event["detail-type"].as_str().unwrap(), status.as_str().unwrap())
        });
        own.collect::<Vec<_>>()
    });
    let expected =
        ["Grant Change ACTIVE", "License Change AVAILABLE", "Grant Change PENDING_WORKFLOW", "Grant Change DISABLED"];
    assert_eq!(told, expected);
    assert!(scene.events().contains("grantArn"));
    assert_ne!(scene.world.with(|state| state.hub.clone()), MARKETPLACE_ACCOUNT);
}
