//! A purchase, a grant to one account, and its way to DISABLED, in no time: `cargo run -p pretend-aws --example quick_start`

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_licensemanager::config::{BehaviorVersion, Region};
use aws_sdk_licensemanager::types::AllowedOperation;
use aws_types::SdkConfig;
use pretend_aws::{Blueprint, Purchase, Settings, World};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "what came of it is what one runs it for")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let world = World::new(&Blueprint::sample(), Settings { seed: 7, ..Settings::default() });
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::from_keys("210987654321", "any", None)))
        .http_client(world.http_client())
        .time_source(world.time_source())
        .sleep_impl(world.sleep())
        .build();
    let licenses = aws_sdk_licensemanager::Client::new(&config);

    world.purchase(&Purchase::sample()); // agreement and event now, the license after 90 virtual seconds
    world.advance(Duration::from_secs(90));
    let made = licenses
        .create_grant()
        .client_token("once")
        .grant_name("payments")
        .license_arn(format!("arn:aws:license-manager::294406891311:license:{}", Purchase::sample().license))
        .principals("arn:aws:iam::318204957731:root")
        .home_region("us-east-1")
        .allowed_operations(AllowedOperation::CheckoutLicense)
        .send();
    let arn = world.run(made).await?.grant_arn.unwrap_or_default(); // sleeping moves the clock and takes no time
    world.advance(Duration::from_secs(60));
    let status = world.with(|state| state.license_manager.grant(&arn).map(|grant| grant.status));
    println!("{arn} is {status:?} at {}", world.now());
    Ok(())
}
