//! What callers see of licenses and agreements

use serde_json::json;

use super::events::Scene;
use crate::Purchase;
use crate::license_manager::tests::{ALICE, HUB, LICENSE, World};
use crate::license_manager::{LicenseManager, LicenseStatus};

pub(super) fn ended(world: &mut World) -> String {
    let arn = world.active_grant(ALICE);
    let (knobs, now) = (world.knobs.clone(), world.now);
    world.rules.end_license(LICENSE, LicenseStatus::Expired, &knobs, now);
    world.status(&arn).as_str().to_owned()
}

pub(super) fn shape(world: &mut World) -> String {
    let body = json!({ "LicenseArn": LicenseManager::license_arn(LICENSE) });
    world.call(HUB, "GetLicense", body).unwrap().to_string()
}

fn successor() -> Purchase {
    let (agreement, license) = ("agmt-second".to_owned(), "l-00000000000000000000000000000002".to_owned());
    Purchase { agreement, license, ..Purchase::sample() }
}

/// What License Manager says of the licenses on the way through a renewal, and what the bus told
pub(super) fn renewed(scene: &Scene) -> String {
    scene.world.purchase(&Purchase::sample());
    scene.advance(100);
    scene.world.succeed(&Purchase::sample().agreement, &successor(), "RENEW");
    let first = scene.licenses();
    scene.advance(100);
    format!("{first}; {}; {}", scene.licenses(), scene.events())
}

pub(super) fn provisioned(scene: &Scene) -> String {
    scene.world.purchase(&Purchase::sample());
    let mut said = Vec::new();
    for seconds in [1, 99, 7_200] {
        scene.advance(seconds);
        said.push(scene.call("ListReceivedLicenses", &json!({})));
    }
    said.join("; ")
}

pub(super) fn entitlement(scene: &Scene) -> String {
    scene.world.purchase(&Purchase::sample());
    scene.advance(100);
    let body = json!({ "agreementId": Purchase::sample().agreement });
    let caller = scene.world.with(|state| state.hub.clone());
    let answer = scene.world.with(|state| state.call_marketplace(&caller, "GetAgreementEntitlements", &body));
    answer.unwrap().to_string()
}
