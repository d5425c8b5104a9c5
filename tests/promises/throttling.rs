//! License Manager's throttle is handled, though the SDK does not

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_licensemanager::config::{BehaviorVersion, Region};
use aws_sdk_licensemanager::error::ProvideErrorMetadata;
use aws_sdk_licensemanager::types::AllowedOperation;
use aws_types::SdkConfig;
use grantway_tests::story::{HUB, IN_WORKLOADS, Story, WORKLOADS, license_arn, one_by_one, rule};
use pretend_aws::{Fault, Purchase, Service};

#[tokio::test]
async fn the_sdk_by_itself_gives_up_on_the_first_throttled_call() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.bought(&purchase).await;
    story.settle().await;
    let world = story.world();
    // Retries as the SDK has them unless told otherwise: "standard", three attempts.
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(HUB, "secret", None, None, "test")))
        .http_client(world.http_client())
        .time_source(world.time_source())
        .sleep_impl(world.sleep())
        .build();
    let client = aws_sdk_licensemanager::Client::new(&config);
    story.forget_calls();
    story.fail_next(Service::LicenseManager, "CreateGrant", Fault::Throttle);
    let call = client
        .create_grant()
        .client_token("token")
        .grant_name("bare")
        .license_arn(license_arn(&purchase).as_str())
        .principals(format!("arn:aws:iam::{}:root", IN_WORKLOADS[0]))
        .home_region("us-east-1")
        .allowed_operations(AllowedOperation::CheckoutLicense);
    let error = world.run(call.clone().send()).await.unwrap_err();
    assert_eq!(error.code(), Some("RateLimitExceededException"));
    assert_eq!(story.count("LicenseManager", "CreateGrant"), 1, "the SDK tried again after all");
    // The call itself was right: not throttled, it goes through.
    world.run(call.send()).await.unwrap();
}

#[tokio::test]
async fn three_throttled_calls_in_a_row_cost_seconds_and_nothing_else() {
    let mut calm = Duration::ZERO;
    for operation in
        ["", "CreateGrant", "ListDistributedGrants", "CreateGrantVersion", "ListReceivedGrantsForOrganization"]
    {
        let (mut story, purchase) = (Story::new().await, Purchase::sample());
        story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
        let throttled = if operation.is_empty() { 0 } else { 3 };
        for _ in 0..throttled {
            story.fail_next(Service::LicenseManager, operation, Fault::Throttle);
        }
        story.bought(&purchase).await;
        let waited = story.settle().await;
        assert_eq!(story.world().with(|state| state.faults.happened().values().sum::<u64>()), throttled);
        assert_eq!(story.active(&purchase).len(), 4, "{operation}");
        assert_eq!(story.grants_of(&purchase).len(), 4, "{operation}");
        if operation.is_empty() {
            calm = waited;
        }
        assert!(waited <= calm + Duration::from_secs(10), "{operation} took {waited:?} instead of {calm:?}");
        assert_eq!(story.courier.failures, [""; 0], "{operation}");
    }
}

#[tokio::test]
async fn a_service_that_throttles_two_calls_of_three_is_got_through_in_the_end() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
    story.world().with(|state| state.faults.throttle = 0.66);
    story.bought(&purchase).await;
    story.settle().await;
    assert_eq!((story.grants_of(&purchase).len(), story.active(&purchase).len()), (4, 4));
    assert!(story.world().with(|state| state.faults.happened()[&Fault::Throttle]) > 20);
}
