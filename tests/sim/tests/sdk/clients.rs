//! SDK configuration as a program under test makes it

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::config::{BehaviorVersion, Region};
use aws_types::SdkConfig;
use pretend_aws::{Blueprint, Settings, World};

pub(crate) fn world() -> World {
    World::new(&Blueprint::sample(), Settings::default())
}

pub(crate) fn config(world: &World, access_key: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::from_keys(access_key, "secret", None)))
        .http_client(world.http_client())
        .time_source(world.time_source())
        .sleep_impl(world.sleep())
        .build()
}

pub(crate) const MANAGEMENT: &str = "210987654321";

/// Drives work in the world's virtual time, without any runtime
pub(crate) fn run<F: Future>(world: &World, work: F) -> F::Output {
    let mut work = pin!(world.run(work));
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("the world left work waiting"),
    }
}
