//! Grantway's hub on a pretend AWS behind a port, in real time, as processes meet it

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_licensemanager::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_licensemanager::types::GrantStatus;
use grant_engine::Engine;
use grant_engine::config::Config;
use grantctl::deployment::Deployment;
use grantctl::sim;
use pretend_aws::license_manager::MARKETPLACE_ACCOUNT;
use pretend_aws::server::Server;
use pretend_aws::{Blueprint, World};
use serde_json::Value;
use tokio::task::JoinHandle;

/// The variables of a process
pub(crate) type Environment = BTreeMap<String, String>;

/// A deployment behind a port
#[derive(Debug)]
pub(crate) struct Hub {
    deployment: Deployment,
    environment: Environment,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Hub {
    /// Deploys into the sample organization and begins to serve it
    pub(crate) async fn start(seed: u64) -> Self {
        let world = sim::served(&Blueprint::sample(), seed);
        let deployment = Deployment::new(&world, seed).await.expect("a deployment");
        let server = Server::bind(world, (Ipv4Addr::LOCALHOST, 0).into()).await.expect("a free port");
        let environment = sim::environment(&deployment, server.address())
            .into_iter()
            .map(|(name, value)| (name, value.as_str().expect("text").to_owned()))
            .collect();
        let serving = tokio::spawn(server.serve(std::future::pending()));
        Self { deployment, environment, serving }
    }

    /// What points a process at this hub
    pub(crate) fn environment(&self) -> Environment {
        self.environment.clone()
    }

    /// The world it is deployed in
    pub(crate) fn world(&self) -> &World {
        self.deployment.world()
    }

    /// What its functions are configured with
    pub(crate) fn config(&self) -> &Config {
        self.deployment.config()
    }

    /// An engine of the deployment, for functions that are not run as processes
    pub(crate) fn engine(&self) -> &Engine {
        self.deployment.engine()
    }

    /// Puts a rule into the policy table
    pub(crate) async fn put_rule(&self, rule: Value) {
        self.deployment.put_rule(&rule).await.expect("the policy table takes it");
    }

    /// Lets the schedule's sweep come now
    pub(crate) async fn send_sweep(&self) {
        self.deployment.schedule("sweep").await.expect("the triggers queue takes it");
    }

    /// Lets time pass
    ///
    /// The services' clock goes forward. Processes go by the machine's clock, which nobody can move, so for them every
    /// moment that the ledger remembers or has due lies back by the same time.
    pub(crate) async fn pass(&self, time: Duration) {
        self.world().advance(time);
        let (client, table) = (self.dynamodb(), &self.config().ledger_table);
        let items = client.scan().table_name(table).into_paginator().items().send();
        for item in items.collect::<Result<Vec<_>, _>>().await.expect("the ledger") {
            let mut older = item.clone();
            older.values_mut().for_each(|value| set_back(value, time));
            if older != item {
                let put = client.put_item().table_name(table).set_item(Some(older));
                put.send().await.expect("the ledger takes it");
            }
        }
    }

    /// The bodies in quarantine
    pub(crate) async fn quarantined(&self) -> Vec<String> {
        let kept = self.engine().ledger().quarantined().await.expect("the ledger");
        assert!(kept.iter().all(|message| message.whole), "cut short: {kept:?}");
        kept.into_iter().map(|message| message.body).collect()
    }

    /// The accounts in which a grant of the license is ACTIVE, by the SDK over the port
    pub(crate) async fn active(&self, license: &str) -> BTreeSet<String> {
        let config = aws_sdk_licensemanager::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(self.config().home_region.clone()))
            .endpoint_url(&self.environment["AWS_ENDPOINT_URL"])
            .credentials_provider(self.credentials())
            .build();
        let client = aws_sdk_licensemanager::Client::from_conf(config);
        let license = format!("arn:aws:license-manager::{MARKETPLACE_ACCOUNT}:license:{license}");
        let (mut active, mut token) = (BTreeSet::new(), None);
        loop {
            let call = client.list_received_grants_for_organization().license_arn(&license).set_next_token(token);
            let page = call.send().await.expect("the organization's grants");
            let grants = page.grants.unwrap_or_default().into_iter();
            let grants = grants.filter(|grant| grant.grant_status == GrantStatus::Active);
            active.extend(grants.map(|grant| account(&grant.grantee_principal_arn)));
            token = page.next_token;
            if token.is_none() {
                return active;
            }
        }
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(self.config().home_region.clone()))
            .endpoint_url(&self.environment["AWS_ENDPOINT_URL"])
            .credentials_provider(self.credentials())
            .build();
        aws_sdk_dynamodb::Client::from_conf(config)
    }

    fn credentials(&self) -> Credentials {
        let of = |name: &str| self.environment[name].clone();
        Credentials::new(of("AWS_ACCESS_KEY_ID"), of("AWS_SECRET_ACCESS_KEY"), None, None, "given")
    }
}

/// Sets back every moment within a value: whole seconds since 1970, which no other number of the ledger is as large as
fn set_back(value: &mut AttributeValue, by: Duration) {
    const NO_LESS: i64 = 1_000_000_000;
    match value {
        AttributeValue::N(text) => {
            if let Some(moment) = text.parse::<i64>().ok().filter(|moment| *moment > NO_LESS) {
                *text = moment.saturating_sub_unsigned(by.as_secs()).to_string();
            }
        }
        AttributeValue::M(parts) => parts.values_mut().for_each(|part| set_back(part, by)),
        AttributeValue::L(parts) => parts.iter_mut().for_each(|part| set_back(part, by)),
        AttributeValue::B(_)
        | AttributeValue::Bool(_)
        | AttributeValue::Bs(_)
        | AttributeValue::Ns(_)
        | AttributeValue::Null(_)
        | AttributeValue::S(_)
        | AttributeValue::Ss(_)
        | _ => {}
    }
}

/// The account that a grant's principal is
fn account(principal: &str) -> String {
    let account = principal.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root"));
    account.unwrap_or_else(|| panic!("ACTIVE for `{principal}`, which is no account")).to_owned()
}
