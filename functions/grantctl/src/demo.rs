//! `grantctl demo`: the main job on a pretend AWS, from nothing to settled
//!
//! Builds an organization, puts rules into the policy table, then plays a purchase, a new account that is moved to its
//! unit, and a rule edit, in simulated time and with faults on. Ends with the coverage of every license, read back
//! from License Manager, and a full reconcile more that must write nothing.

pub mod organization;
mod story;
mod summary;

use grant_plan::reason::ReasonCode;
use pretend_aws::{Faults, Knobs, Settings, World};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::cli::Format;
use crate::deployment::Deployment;
use crate::exit::Exit;
use crate::output;

pub use organization::{Stage, stage};
pub use summary::{Held, Summary};

/// What to play
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// Everything random follows from it
    pub seed: u64,
    /// Accounts, the management account included; at least 8
    pub accounts: u32,
    /// Licenses, one of them SaaS; at least 2
    pub licenses: u32,
}

/// A demo that has been played
#[derive(Debug)]
pub struct Played {
    /// Where it was played
    pub deployment: Deployment,
    /// What it was played with
    pub stage: Stage,
    /// How it ended
    pub summary: Summary,
}

/// Plays the demo and shows it
///
/// # Errors
/// When the pretend AWS or a function breaks its contract; a world that does not settle is no error but exit 1.
pub async fn run(size: &Size, format: Format) -> anyhow::Result<Exit> {
    let tell = match format {
        Format::Text => |text: &str| output::line(text),
        Format::Json => |_: &str| {},
    };
    let played = play(size, tell).await?;
    match format {
        Format::Json => output::json(&played.summary)?,
        Format::Text => output::line(summary::Shown(&played)),
    }
    Ok(if played.summary.is_good() { Exit::Settled } else { Exit::Failure })
}

/// Plays the demo, telling what happens as it happens
///
/// # Errors
/// As [`run`].
pub async fn play(size: &Size, tell: impl Fn(&str)) -> anyhow::Result<Played> {
    let stage = stage(size);
    let settings = Settings {
        seed: size.seed,
        knobs: knobs(size.seed),
        faults: Faults {
            throttle: 0.05,
            server_error: 0.02,
            lost_reply: 0.02,
            slow_workflow: 0.05,
            account_not_ready: 0.05,
            ..Faults::calm()
        },
        ..Settings::default()
    };
    let world = World::new(&stage.blueprint, settings);
    let mut deployment = Deployment::new(&world, size.seed).await?;
    let summary = story::play(&mut deployment, &stage, tell).await?;
    Ok(Played { deployment, stage, summary })
}

/// Answers to the open questions about AWS, different for each seed: the outcome must not depend on them
fn knobs(seed: u64) -> Knobs {
    let mut random = StdRng::seed_from_u64(seed ^ 0x6b6e_6f62);
    let mut toss = || random.random_bool(0.5);
    Knobs {
        auto_accept_account_grants: toss(),
        grantor_may_activate_account_grants: toss(),
        desired_status_supported: toss(),
        organization_grant_completes_before_activation: toss(),
        joiner_sub_grant_active: toss(),
        workflow_bumps_version: toss(),
        account_paths: toss(),
        account_state: toss(),
        beneficiary_is_arn: toss(),
        sub_grants_before_activation: toss(),
        new_version_reactivates_sub_grants: toss(),
        organization_grant_covers_management: toss(),
        empty_pages: toss(),
        ..Knobs::default()
    }
}

/// Whether a pair counts as having the license: read back as ACTIVE, or the license's own holder
fn is_active(code: ReasonCode) -> bool {
    matches!(code, ReasonCode::Active | ReasonCode::Holder)
}
