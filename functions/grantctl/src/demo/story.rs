//! What happens in the demo, in order

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{anyhow, bail};
use grant_plan::plan::Plan;
use pretend_aws::invariants::{Expectations, broken};

use super::organization::Stage;
use super::summary::{Calls, Summary};
use crate::deployment::Deployment;

/// How long the world may take to settle after the last thing that happens to it
const PATIENCE: Duration = Duration::from_secs(48 * 3600);

/// Plays the story and sums up
pub(super) async fn play(deployment: &mut Deployment, stage: &Stage, tell: impl Fn(&str)) -> anyhow::Result<Summary> {
    let world = deployment.world().clone();
    let say = |text: &str| tell(&format!("{}  {text}", world.now().strftime("%d %b %H:%M")));
    let (accounts, held) = (stage.blueprint.accounts.len(), stage.blueprint.purchases.len().saturating_sub(1));
    say(&format!("organization {} with {accounts} accounts; {held} licenses held", stage.blueprint.organization));

    for rule in &stage.rules {
        deployment.put_rule(rule).await?;
    }
    say(&format!("{} rules put into the policy table", stage.rules.len()));
    settle(deployment, &say).await?;

    say(&format!("purchase of {} ({})", stage.purchase.product, stage.purchase.product_type));
    world.purchase(&stage.purchase);
    settle(deployment, &say).await?;

    say(&format!("account {} is created at the root", stage.newcomer));
    world.create_account(&stage.newcomer, "newcomer");
    deployment.pass(Duration::from_secs(600)).await?;
    say(&format!("account {} is moved to {}", stage.newcomer, stage.newcomer_unit));
    world.move_account(&stage.newcomer, &stage.newcomer_unit);
    settle(deployment, &say).await?;

    let edited = stage.edited_rule.get("rule").and_then(serde_json::Value::as_str).unwrap_or("?");
    say(&format!("rule `{edited}` is edited in the table"));
    deployment.put_rule(&stage.edited_rule).await?;
    settle(deployment, &say).await?;

    say("the schedule's full reconcile comes");
    deployment.schedule("reconcile").await?;
    let settled = settle(deployment, &say).await?;

    let during = Calls::of(&world);
    world.with(|state| state.faults.stop());
    let plans = plans(deployment).await?;
    let invariants = broken_invariants(deployment, &plans);
    world.with(|state| state.calls.clear());
    deployment.schedule("reconcile").await?;
    deployment.pump().await?;
    let after = Calls::of(&world);
    say(&format!("one more full reconcile: {} reading calls, {} writing", after.aws.read, after.writes()));
    let settled = settled && deployment.is_idle();
    Ok(Summary::new(deployment, stage, &plans, invariants, during, &after, settled))
}

/// Lets time pass until nothing is under way any more; answers whether that came about
async fn settle(deployment: &mut Deployment, say: &impl Fn(&str)) -> anyhow::Result<bool> {
    deployment.pump().await?;
    let began = deployment.world().now();
    loop {
        deployment.pass(crate::deployment::SWEEP).await?;
        let waited = deployment.world().now().duration_since(began).unsigned_abs();
        let quiet = deployment.is_idle() && nothing_awaited(deployment).await?;
        if quiet && plans(deployment).await?.iter().all(Plan::is_settled) {
            say(&format!("settled after {} min", waited.as_secs() / 60));
            return Ok(true);
        }
        if waited > PATIENCE {
            say("not settled; giving up");
            return Ok(false);
        }
    }
}

/// Whether no license of an agreement is awaited: nothing in the ledger is due within the hour
async fn nothing_awaited(deployment: &Deployment) -> anyhow::Result<bool> {
    let engine = deployment.engine();
    let soon = engine.now().after(Duration::from_secs(3600));
    let due = deployment.world().run(engine.ledger().due(soon)).await;
    Ok(due.map_err(|failure| anyhow!("{failure}"))?.is_empty())
}

/// What the engine would do now about every license held, calls not counted as part of the story
async fn plans(deployment: &Deployment) -> anyhow::Result<Vec<Plan>> {
    let (world, engine) = (deployment.world(), deployment.engine());
    let calls = world.with(|state| std::mem::take(&mut state.calls));
    let faults = world.with(|state| {
        let calm = pretend_aws::Faults::calm();
        std::mem::replace(&mut state.faults, calm)
    });
    let mut plans = Vec::new();
    let seen = async {
        for license in engine.received_licenses().await? {
            plans.push(engine.plan(&license.arn).await?);
        }
        Ok::<(), grant_plan::call::Failure>(())
    };
    let seen = world.run(seen).await;
    world.with(|state| {
        state.calls = calls;
        state.faults = faults;
    });
    match seen {
        Ok(()) => Ok(plans),
        Err(failure) => bail!("the world cannot be seen: {failure}"),
    }
}

/// What the pretend AWS itself finds wrong with what was done to it
fn broken_invariants(deployment: &Deployment, plans: &[Plan]) -> Vec<String> {
    let name_prefix = format!("gw/{}/", deployment.config().deployment);
    deployment.world().with(|state| {
        let wanted: BTreeSet<(String, String)> = plans
            .iter()
            .flat_map(|plan| plan.pairs.keys().map(|account| (plan.license.to_string(), account.to_string())))
            .collect();
        let expectations = Expectations {
            name_prefix,
            wanted,
            hub: state.hub.clone(),
            unheard: BTreeMap::new(),
            may_displace: Default::default(),
        };
        let manager = &state.license_manager;
        let violations = broken(manager, &state.organization, manager.writes(), &expectations);
        let mut broken: Vec<String> =
            violations.iter().map(|violation| format!("{}: {}", violation.invariant, violation.detail)).collect();
        for plan in plans {
            let active = manager.active_accounts(plan.license.as_str(), &state.organization);
            for (account, pair) in &plan.pairs {
                if pair.code == grant_plan::reason::ReasonCode::Active && !active.contains_key(account.as_str()) {
                    broken.push(format!("reported ACTIVE and is not: {} in {account}", plan.license));
                }
            }
        }
        broken
    })
}
