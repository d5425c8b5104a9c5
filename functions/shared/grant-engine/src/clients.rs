//! The SDK clients, made once, with everything explicit: Region, time-outs, retries, clock

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::retry::RetryPartition;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use crate::clock::Clock;

/// How long one attempt of a call may take, and one call with its retries
///
/// Long against any answer seen from these services; short against the 30 s of the shortest function, which still has
/// to hand its messages back when a service goes silent.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Attempts of a call whose service the SDK's own classification suits
const ATTEMPTS: u32 = 4;

/// One client per service
#[derive(Debug, Clone)]
pub struct Clients {
    /// License Manager, in the hub's account; the SDK's retries are off, [`crate::Engine`] paces these calls
    pub license_manager: aws_sdk_licensemanager::Client,
    /// Organizations
    pub organizations: aws_sdk_organizations::Client,
    /// Marketplace Agreement
    pub agreements: aws_sdk_marketplaceagreement::Client,
    /// DynamoDB
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// SQS
    pub sqs: aws_sdk_sqs::Client,
    /// STS
    pub sts: aws_sdk_sts::Client,
    /// EventBridge; the SDK's retries are off, since an entry that was throttled is in an answer that is a success
    pub events: aws_sdk_eventbridge::Client,
    shared: SdkConfig,
}

impl Clients {
    /// Clients for the process's environment: credentials and endpoints as every AWS tool takes them
    /// (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_<SERVICE>`)
    ///
    /// `endpoint` sends every service there instead.
    pub async fn from_env(home_region: &str, clock: &Clock, endpoint: Option<&str>) -> Self {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(Region::new(home_region.to_owned()))
            .timeout_config(timeouts())
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .time_source(clock.time_source())
            .sleep_impl(clock.sleep_impl());
        if let Some(endpoint) = endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        Self::new(&loader.load().await)
    }

    /// Clients on a given transport, without looking at the environment
    ///
    /// `account` signs as the account itself. The SDK's retries come at once, since their waits are random, and its
    /// retry bucket is this world's own: the same world sees the same calls at the same times.
    #[must_use]
    pub fn on(
        http_client: aws_smithy_runtime_api::client::http::SharedHttpClient,
        home_region: &str,
        account: &str,
        clock: &Clock,
    ) -> Self {
        let credentials = Credentials::new(account, "secret", None, None, "given");
        let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS);
        let shared = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(home_region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .timeout_config(timeouts())
            .retry_config(retries.with_initial_backoff(Duration::ZERO))
            .time_source(clock.time_source())
            .sleep_impl(clock.sleep_impl())
            .http_client(http_client)
            .build();
        Self::new(&shared)
    }

    fn new(shared: &SdkConfig) -> Self {
        // The SDK's default buckets belong to the process, not to the clients.
        let partition = || RetryPartition::custom("grantway").build();
        Self {
            license_manager: license_manager(shared, None),
            organizations: aws_sdk_organizations::Client::from_conf(
                aws_sdk_organizations::config::Builder::from(shared).retry_partition(partition()).build(),
            ),
            agreements: aws_sdk_marketplaceagreement::Client::from_conf(
                aws_sdk_marketplaceagreement::config::Builder::from(shared).retry_partition(partition()).build(),
            ),
            dynamodb: aws_sdk_dynamodb::Client::from_conf(
                aws_sdk_dynamodb::config::Builder::from(shared).retry_partition(partition()).build(),
            ),
            sqs: aws_sdk_sqs::Client::from_conf(
                aws_sdk_sqs::config::Builder::from(shared).retry_partition(partition()).build(),
            ),
            sts: aws_sdk_sts::Client::from_conf(
                aws_sdk_sts::config::Builder::from(shared).retry_partition(partition()).build(),
            ),
            events: aws_sdk_eventbridge::Client::from_conf(
                aws_sdk_eventbridge::config::Builder::from(shared).retry_config(RetryConfig::disabled()).build(),
            ),
            shared: shared.clone(),
        }
    }

    /// License Manager with the credentials of a member account
    #[must_use]
    pub fn license_manager_as(&self, credentials: Credentials) -> aws_sdk_licensemanager::Client {
        license_manager(&self.shared, Some(credentials))
    }
}

/// The SDK does not retry License Manager's throttle (`RateLimitExceededException`, HTTP 400, not modelled as
/// retryable) but would retry its other failures, so its retries are off and one place decides about all of them
fn license_manager(shared: &SdkConfig, credentials: Option<Credentials>) -> aws_sdk_licensemanager::Client {
    let mut config = aws_sdk_licensemanager::config::Builder::from(shared).retry_config(RetryConfig::disabled());
    if let Some(credentials) = credentials {
        config = config.credentials_provider(credentials);
    }
    aws_sdk_licensemanager::Client::from_conf(config.build())
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(CALL_TIMEOUT)
        .build()
}
