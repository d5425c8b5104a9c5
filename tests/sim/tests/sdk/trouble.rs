use std::time::Duration;

use aws_sdk_licensemanager::error::{ProvideErrorMetadata, SdkError};
use pretend_aws::{Fault, Purchase, Service};

use crate::clients::{MANAGEMENT, config, run, world};

#[test]
fn the_sdk_does_not_retry_license_managers_throttling() {
    let world = world();
    world.with(|state| state.faults.fail_next(Service::LicenseManager, "ListReceivedLicenses", Fault::Throttle));
    let client = aws_sdk_licensemanager::Client::new(&config(&world, MANAGEMENT));
    let error = run(&world, client.list_received_licenses().send()).unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("RateLimitExceededException"));
    assert_eq!(world.with(|state| state.calls.count("LicenseManager", "ListReceivedLicenses")), 1);
}

#[test]
fn the_sdk_retries_a_server_error_after_a_sleep_in_virtual_time() {
    let world = world();
    world.with(|state| state.faults.fail_next(Service::Organizations, "DescribeOrganization", Fault::ServerError));
    let client = aws_sdk_organizations::Client::new(&config(&world, MANAGEMENT));
    let answer = run(&world, client.describe_organization().send()).unwrap();
    assert_eq!(answer.organization().unwrap().id(), Some("o-4kq7vt2m9x"));
    assert_eq!(world.with(|state| state.calls.count("Organizations", "DescribeOrganization")), 2);
    assert_eq!(world.with(|state| state.faults.happened()[&Fault::ServerError]), 1);
}

#[test]
fn a_lost_reply_is_a_broken_connection_after_the_effect() {
    let world = world();
    world.purchase(&Purchase::sample());
    world.advance(Duration::from_secs(90));
    world.with(|state| state.faults.fail_next(Service::LicenseManager, "ListReceivedLicenses", Fault::LostReply));
    let no_retries = aws_sdk_licensemanager::config::retry::RetryConfig::disabled();
    let config = config(&world, MANAGEMENT).into_builder().retry_config(no_retries).build();
    let client = aws_sdk_licensemanager::Client::new(&config);
    let lost = run(&world, client.list_received_licenses().send());
    assert!(matches!(lost, Err(SdkError::DispatchFailure(ref failure)) if failure.is_io()), "{lost:?}");
    let licenses = run(&world, client.list_received_licenses().send()).unwrap();
    assert_eq!(licenses.licenses().len(), 1);
    assert_eq!(world.with(|state| state.calls.log()[0].result.clone()), "LOST");
}
