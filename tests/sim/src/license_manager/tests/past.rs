use serde_json::json;

use super::*;

impl World {
    /// A call answered as things stood `seconds` ago
    fn call_late(&mut self, caller: &str, operation: &str, body: Value, seconds: i64) -> Value {
        let then = self.now - jiff::SignedDuration::from_secs(seconds);
        let mut context = Context {
            now: self.now,
            caller,
            organization: &self.organization,
            knobs: &self.knobs,
            ids: &mut self.ids,
            slow: false,
        };
        self.rules.call_as_of(&mut context, operation, &body, then).unwrap()
    }
}

#[test]
fn an_old_version_of_a_grant_is_what_it_had_become() {
    let mut world = World::new();
    let arn = world.active_grant(ALICE);
    world.switch(HUB, &arn, "DISABLED", "").unwrap();
    let mut status = |version: Option<&str>| {
        let mut body = json!({ "GrantArn": arn });
        if let Some(version) = version {
            body["Version"] = json!(version);
        }
        let grant = &world.call(HUB, "GetGrant", body).unwrap()["Grant"];
        (grant["Version"].as_str().unwrap().to_owned(), grant["GrantStatus"].as_str().unwrap().to_owned())
    };
    let told = |version: &str, status: &str| (version.to_owned(), status.to_owned());
    assert_eq!(status(Some("1")), told("1", "DISABLED"));
    assert_eq!(status(Some("2")), told("2", "ACTIVE"));
    assert_eq!(status(Some("3")), told("3", "DISABLED"));
    assert_eq!(status(None), told("3", "DISABLED"));
}

#[test]
fn a_stale_list_tells_statuses_as_they_were_and_misses_what_is_new() {
    let mut world = World::new();
    let alice = world.active_grant(ALICE);
    world.advance(100);
    world.switch(HUB, &alice, "DISABLED", "").unwrap();
    let bob = world.grant(&account_arn(BOB));
    world.advance(10);
    let rows = |page: &Value| -> Vec<(String, String)> {
        let text = |row: &Value, member: &str| row[member].as_str().unwrap().to_owned();
        let rows = page["Grants"].as_array().unwrap().iter();
        rows.map(|row| (text(row, "GrantArn"), text(row, "GrantStatus"))).collect()
    };
    let stale = world.call_late(HUB, "ListDistributedGrants", json!({}), 20);
    assert_eq!(rows(&stale), [(alice.clone(), "ACTIVE".to_owned())]);
    let fresh = world.call(HUB, "ListDistributedGrants", json!({})).unwrap();
    assert_eq!(rows(&fresh).len(), 2);
    let received = world.call_late(BOB, "ListReceivedLicenses", json!({}), 20);
    assert_eq!(received["Licenses"], json!([]));
    let body = json!({ "LicenseArn": LicenseManager::license_arn(LICENSE) });
    let everything = world.call_late(HUB, "ListReceivedGrantsForOrganization", body, 20);
    assert!(!rows(&everything).iter().any(|(arn, _)| *arn == bob));
}

#[test]
fn only_lists_look_back() {
    let mut world = World::new();
    let arn = world.active_grant(ALICE);
    world.advance(100);
    world.switch(HUB, &arn, "DISABLED", "").unwrap();
    let got = world.call_late(HUB, "GetGrant", json!({ "GrantArn": arn }), 50);
    assert_eq!(got["Grant"]["GrantStatus"], "DISABLED");
}

#[test]
fn versions_of_a_license_are_listed_newest_state_first() {
    let mut world = World::new();
    let mut renewed = purchase(HUB, 1, "AmiProduct");
    renewed.product = "Example, second year".to_owned();
    world.advance(10);
    world.provision(&renewed);
    let arn = LicenseManager::license_arn(LICENSE);
    let first = world.call(HUB, "GetLicense", json!({ "LicenseArn": arn, "Version": "1" })).unwrap();
    assert_eq!(first["License"]["ProductName"], "Example");
    let rows = world.list(HUB, "ListLicenseVersions", json!({ "LicenseArn": arn }));
    let mut versions: Vec<_> = rows.iter().map(|row| (row["Version"].clone(), row["ProductName"].clone())).collect();
    versions.sort_by_key(|(version, _)| version.to_string());
    let expected = [(json!("1"), json!("Example")), (json!("2"), json!("Example, second year"))];
    assert_eq!(versions, expected);
    let body = json!({ "LicenseArn": arn });
    refused(world.call(ALICE, "ListLicenseVersions", body), "AuthorizationException", "LicenseArn");
}

#[test]
fn versions_are_refused_in_the_words_that_their_listing_has() {
    let mut world = World::new();
    let (code, arn) = ("InvalidParameterValueException", LicenseManager::license_arn(LICENSE));
    let nothing = LicenseManager::license_arn("l-00000000000000000000000000000000");
    let body = json!({ "LicenseArn": nothing });
    refused(world.call(HUB, "ListLicenseVersions", body.clone()), code, "does not exist");
    refused(world.call(HUB, "GetLicense", body), "ValidationException", "does not exist");
    let body = json!({ "LicenseArn": arn, "NextToken": "made up" });
    refused(world.call(HUB, "ListLicenseVersions", body), code, "NextToken");
    refused(world.call(HUB, "ListLicenseVersions", json!({})), code, "LicenseArn");
}
