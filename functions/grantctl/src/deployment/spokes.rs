//! Spokes on a pretend AWS: what `infra/member-spoke.yaml` makes in every member account, as its StackSet does
//!
//! The hub's event goes to the bus of the account, past the bus's policy to the rule, and from there to the function.
//! Only the function is called in process instead of by Lambda.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Context;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use grant_engine::Spoke;
use grant_engine::clients::Clients;
use grant_engine::clock::Clock;
use grant_engine::config::{Acceptance, Config, SpokeConfig};
use grant_engine::fault::Fault;
use grant_plan::spoke::{DETAIL_TYPE, SOURCE};
use pretend_aws::World;
use pretend_aws::event_bus::policy_for;
use pretend_aws::lambda::Invocation;
use serde_json::{Value, json};

/// How often a spoke's own schedule comes (`infra/member-spoke.yaml`)
pub const SPOKE_SWEEP: Duration = Duration::from_secs(60 * 60);

/// The spokes of a deployment
#[derive(Debug)]
pub struct Spokes {
    config: SpokeConfig,
    bus: String,
    http_client: SharedHttpClient,
    seed: u64,
    spokes: BTreeMap<String, Spoke>,
    unreached: BTreeSet<String>,
}

impl Spokes {
    /// The spokes that a hub configured like this tells of grants, in no account yet; `None` where it tells none
    ///
    /// # Errors
    /// When the world's hub is no account.
    pub fn of(
        world: &World,
        config: &Config,
        http_client: SharedHttpClient,
        seed: u64,
    ) -> anyhow::Result<Option<Self>> {
        let Acceptance::Spoke { bus } = &config.acceptance else { return Ok(None) };
        let config = SpokeConfig {
            deployment: config.deployment.clone(),
            hub: world.with(|state| state.hub.clone()).parse().context("the hub's account")?,
            home_region: config.home_region.clone(),
        };
        let (spokes, unreached) = (BTreeMap::new(), BTreeSet::new());
        Ok(Some(Self { config, bus: bus.clone(), http_client, seed, spokes, unreached }))
    }

    /// The StackSet reaches every account but the management account, which StackSets skip, and those held back
    ///
    /// # Errors
    /// When a rule cannot be made.
    pub fn reach(&mut self, world: &World) -> anyhow::Result<()> {
        let members = world.with(|state| {
            let management = &state.organization.management_account;
            state.organization.accounts.keys().filter(|id| *id != management).cloned().collect::<Vec<_>>()
        });
        for account in members {
            if !self.unreached.contains(&account) && !self.spokes.contains_key(&account) {
                self.deploy(world, &account)?;
            }
        }
        Ok(())
    }

    /// An account has its spoke
    ///
    /// # Errors
    /// When its rule cannot be made.
    pub fn deploy(&mut self, world: &World, account: &str) -> anyhow::Result<()> {
        self.unreached.remove(account);
        let (bus, function) = (self.bus_arn(account), self.function_arn(account));
        let organization = world.with(|state| state.organization.id.clone());
        let policy = policy_for(&bus, self.config.hub.as_str(), &organization, SOURCE);
        let pattern = json!({
            "source": [SOURCE], "detail-type": [DETAIL_TYPE], "account": [self.config.hub.as_str()],
            "detail": {"deployment": [self.config.deployment.as_str()]},
        });
        let rule = format!("grantway-{}-grant-requested", self.config.deployment);
        let made =
            world.set_bus_policy(&bus, Some(policy)).and_then(|()| world.put_rule_on(&bus, &rule, &pattern, &function));
        made.map_err(|error| anyhow::anyhow!("the bus of account {account}: {error}"))?;
        world.host_function(&function);
        let clock = Clock::new(world.time_source(), world.sleep());
        let clients = Clients::on(self.http_client.clone(), &self.config.home_region, account, &clock);
        let seed = self.seed ^ account.parse::<u64>().unwrap_or_default();
        self.spokes.insert(account.to_owned(), Spoke::new(self.config.clone(), clients, clock, Some(seed)));
        Ok(())
    }

    /// An account has none until it is deployed there, and its bus lets nobody in
    ///
    /// # Errors
    /// When its bus cannot be.
    pub fn remove(&mut self, world: &World, account: &str) -> anyhow::Result<()> {
        self.unreached.insert(account.to_owned());
        self.spokes.remove(account);
        world.remove_function(&self.function_arn(account));
        let closed = world.set_bus_policy(&self.bus_arn(account), None);
        closed.map_err(|error| anyhow::anyhow!("the bus of account {account}: {error}"))
    }

    /// The schedule of every spoke comes
    pub fn sweep(&self, world: &World) {
        for account in self.spokes.keys() {
            world.invoke_function(&self.function_arn(account), &json!({"job": "sweep"}));
        }
    }

    /// What some spoke is invoked with next, and in which account
    #[must_use]
    pub fn poll(&self, world: &World) -> Option<(String, Invocation)> {
        self.spokes.keys().find_map(|account| {
            let invocation = world.next_invocation(&self.function_arn(account))?;
            Some((account.clone(), invocation))
        })
    }

    /// Invokes the function of an account
    ///
    /// # Errors
    /// As the function does; where there is none, nothing happens.
    pub async fn invoke(&self, account: &str, payload: Value) -> Result<Value, Fault> {
        match self.spokes.get(account) {
            Some(spoke) => accept_grants::spoke::handle(spoke, payload).await,
            None => Ok(Value::Null),
        }
    }

    /// Whether nothing waits for any of them
    #[must_use]
    pub fn is_idle(&self, world: &World) -> bool {
        self.spokes.keys().all(|account| world.invocations_waiting(&self.function_arn(account)) == 0)
    }

    /// The event bus of an account that the hub puts events on
    #[must_use]
    pub fn bus_arn(&self, account: &str) -> String {
        format!("arn:aws:events:{}:{account}:event-bus/{}", self.config.home_region, self.bus)
    }

    fn function_arn(&self, account: &str) -> String {
        let (region, deployment) = (&self.config.home_region, &self.config.deployment);
        format!("arn:aws:lambda:{region}:{account}:function:grantway-{deployment}-spoke")
    }
}
