//! What large organizations cost: grants, calls, and time as AWS would see it and as this machine does
//!
//! `cargo run --profile storm --locked -p grantway-tests --bin scale`

// The SDK's nested futures are deeper than the compiler's default for laying out types.
#![recursion_limit = "256"]

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

use grantway_tests::story::{Story, license_arn, rule};
use pretend_aws::blueprint::{AccountBlueprint, UnitBlueprint};
use pretend_aws::{Blueprint, Purchase, Settings};
use serde_json::{Value, json};

/// Top-level units of each organization
const UNITS: usize = 25;
const HUB: &str = "100000000000";

fn account(number: usize) -> String {
    format!("{}", 100_000_000_000 + number)
}

fn unit(number: usize) -> String {
    format!("ou-root-{number:08}")
}

/// So many accounts, the management account directly under the root and the rest spread over the units
fn organization(accounts: usize) -> Blueprint {
    let unit_of = |number: usize| if number == 0 { "r-root".to_owned() } else { unit(number % UNITS) };
    Blueprint {
        organization: "o-4kq7vt2m9x".to_owned(),
        management_account: HUB.to_owned(),
        root: "r-root".to_owned(),
        units: (0..UNITS)
            .map(|number| UnitBlueprint { id: unit(number), name: unit(number), parent: "r-root".to_owned() })
            .collect(),
        accounts: (0..accounts)
            .map(|number| AccountBlueprint {
                id: account(number),
                name: format!("account {number}"),
                parent: unit_of(number),
                state: "ACTIVE".to_owned(),
                tags: BTreeMap::new(),
            })
            .collect(),
        purchases: Vec::new(),
    }
}

fn purchase() -> Purchase {
    Purchase { acceptor: HUB.to_owned(), ..Purchase::sample() }
}

/// Calls of License Manager since the last time, by operation
fn calls(story: &Story) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    story.world().with(|state| {
        for call in state.calls.log().iter().filter(|call| call.service == "LicenseManager") {
            *counts.entry(call.operation.clone()).or_default() += 1;
        }
    });
    story.forget_calls();
    let said: Vec<String> = counts.iter().map(|(operation, count)| format!("{count} {operation}")).collect();
    if said.is_empty() { "none".to_owned() } else { said.join(", ") }
}

#[expect(clippy::disallowed_methods, reason = "what this machine takes is what is measured")]
fn started() -> Instant {
    Instant::now()
}

fn say(line: std::fmt::Arguments<'_>) {
    // Whoever closed the pipe has read enough.
    let _closed = writeln!(std::io::stdout(), "{line}");
}

/// What stands when a story has settled
async fn tell(what: &str, story: &Story, purchase: &Purchase, after: Duration, began: Instant) {
    let (grants, active) = (story.grants_of(purchase).len(), story.active(purchase).len());
    say(format_args!("{what}"));
    say(format_args!("  {grants} grants, {active} accounts ACTIVE after {} min", after.as_secs() / 60));
    say(format_args!("  calls: {}", calls(story)));
    say(format_args!("  {:.1} s on this machine", began.elapsed().as_secs_f64()));
}

/// How long a denial that says `revoke: now` may take: two looks a quarter of an hour apart, a pass, and the call
const DENIED_WITHIN: Duration = Duration::from_secs(3600);

/// The whole organization except one account, then one more that is denied
async fn except_one(accounts: usize, cover: &str) {
    let (mut story, purchase) = (Story::of(&organization(accounts), Settings::default()).await, purchase());
    let mut but_one = rule("but-one", &purchase, &json!({"organization": true}));
    if let Some(attributes) = but_one.as_object_mut() {
        attributes.insert("except".to_owned(), json!({"account": account(7)}));
        attributes.insert("cover".to_owned(), Value::from(cover));
    }
    story.with_rule(but_one).await;
    story.forget_calls();
    let began = started();
    story.bought(&purchase).await;
    let after = story.settle().await;
    tell(&format!("organization of {accounts} except one account, {cover}"), &story, &purchase, after, began).await;

    let mut denial = rule("not-there", &purchase, &json!({"account": account(8)}));
    if let Some(attributes) = denial.as_object_mut() {
        attributes.insert("effect".to_owned(), Value::from("deny"));
        attributes.insert("revoke".to_owned(), Value::from("now"));
    }
    let began = started();
    story.with_rule(denial).await;
    story.pass(DENIED_WITHIN).await;
    tell("and one more that is denied later, `revoke: now`", &story, &purchase, DENIED_WITHIN, began).await;
    let held = story.held_grants(&purchase).await;
    say(format_args!("  kept: {held:?}"));
}

/// A grant to a whole organization in which three accounts do not come to have it
async fn three_are_not_active(accounts: usize) {
    let (mut story, purchase) = (Story::of(&organization(accounts), Settings::default()).await, purchase());
    let own = Purchase {
        acceptor: account(11),
        agreement: "agmt-own00000000000000000001".to_owned(),
        license: format!("l-{:032x}", 11),
        ..purchase.clone()
    };
    story.bought(&own).await;
    story.world().with(|state| {
        if let Some(account) = state.organization.accounts.get_mut(&account(12)) {
            account.state = "SUSPENDED".to_owned();
        }
    });
    story.with_rule(rule("everyone", &purchase, &json!({"organization": true}))).await;
    story.forget_calls();
    let began = started();
    story.bought(&purchase).await;
    let after = story.settle().await;
    tell(&format!("organization of {accounts}, one grant"), &story, &purchase, after, began).await;

    let sub_grant = story.world().with(|state| {
        let mut grants = state.license_manager.grants().filter(|grant| grant.license == purchase.license);
        let found = grants.find(|grant| grant.sub_grant && grant.principal.account() == Some(&account(13)));
        found.map(|grant| grant.arn.clone()).unwrap_or_default()
    });
    let off = json!({"ClientToken": "off", "GrantArn": sub_grant, "Status": "DISABLED"});
    story.person(&account(13), "CreateGrantVersion", &off);
    story.forget_calls();
    let began = started();
    let plan = story.world().run(story.engine().plan(&license_arn(&purchase))).await;
    say(format_args!("verification of the {accounts}"));
    match plan {
        Ok(plan) => {
            for (account, pair) in &plan.pairs {
                if !matches!(pair.code.as_str(), "ACTIVE" | "HOLDER") {
                    say(format_args!("  {account} {}: {}", pair.code, pair.code.meaning()));
                }
            }
            let actions = plan.actions.len();
            say(format_args!("  {actions} to be mended by a call"));
        }
        Err(failure) => say(format_args!("  failed: {failure}")),
    }
    say(format_args!("  calls: {}", calls(&story)));
    say(format_args!("  {:.1} s on this machine", began.elapsed().as_secs_f64()));
}

fn main() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        except_one(5_000, "exact").await;
        except_one(5_000, "wide").await;
        three_are_not_active(10_000).await;
    });
    Ok(())
}
