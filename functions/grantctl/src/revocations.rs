//! `grantctl revocations`: what waits to be taken away or pushed aside, and a person's word for it

use std::collections::BTreeMap;

use anyhow::anyhow;
use clap::Subcommand;
use grant_engine::Engine;
use grant_plan::call::Failure;
use grant_plan::id::{AccountId, LicenseArn, LicenseId};
use grant_plan::revocation::{Candidate, Held, Release, Waiting};
use serde_json::{Value, json};

use crate::cli::Format;
use crate::confirm::HubConfirmation;
use crate::connect;
use crate::exit::Exit;
use crate::output;

/// What to do about it
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Show what waits, and why; exits 2 when something does
    List,
    /// Take it upon yourself, whatever the limits say: what is chosen is carried out by the next look, within the hour
    Release {
        /// Only this license, by ARN or `l-...`
        #[arg(long)]
        license: Option<String>,
        /// Only in this account
        #[arg(long)]
        account: Option<String>,
        /// Whether it is meant
        #[command(flatten)]
        confirmation: HubConfirmation,
    },
}

/// Everything that waits
struct Waits {
    licenses: Vec<LicenseArn>,
    waiting: BTreeMap<LicenseId, Waiting>,
    held: Vec<Held>,
}

impl Command {
    /// Carries it out
    ///
    /// # Errors
    /// When AWS or the ledger cannot be read or written, or an argument is no account or license.
    pub async fn run(self, endpoint: Option<&str>, format: Format) -> anyhow::Result<Exit> {
        let engine = connect::engine(endpoint).await?;
        match self {
            Self::List => {
                let waits = Waits::look(&engine, None, None).await?;
                waits.show(format)?;
                Ok(if waits.waiting.is_empty() { Exit::Settled } else { Exit::Differences })
            }
            Self::Release { license, account, confirmation } => {
                let license = license.as_deref().map(LicenseId::from_arn).transpose()?;
                let account: Option<AccountId> = account.map(|account| account.parse()).transpose()?;
                let waits = Waits::look(&engine, license.as_ref(), account.as_ref()).await?;
                waits.show(format)?;
                if waits.waiting.is_empty() {
                    return Ok(Exit::Settled);
                }
                if !confirmation.given(engine.clients()).await? {
                    return Ok(Exit::Differences);
                }
                engine.release_by_hand(&waits.chosen(&engine)).await.map_err(cannot("write the ledger"))?;
                if format == Format::Text {
                    output::line("released: the next look at each license carries it out, where it is still due");
                }
                Ok(Exit::Settled)
            }
        }
    }
}

impl Waits {
    async fn look(engine: &Engine, only: Option<&LicenseId>, account: Option<&AccountId>) -> anyhow::Result<Self> {
        let held = engine.received_licenses().await.map_err(cannot("list licenses"))?;
        let licenses = held.into_iter().map(|license| license.arn);
        let licenses: Vec<LicenseArn> = licenses.filter(|arn| only.is_none_or(|only| arn.id() == only)).collect();
        let mut waiting = engine.all_waiting(&licenses).await.map_err(cannot("read the ledger"))?;
        for one in waiting.values_mut() {
            one.candidates.retain(|candidate| account.is_none_or(|account| candidate.account == *account));
        }
        waiting.retain(|_, waiting| !waiting.candidates.is_empty());
        let window = engine.ledger().window().await.map_err(cannot("read the ledger"))?;
        Ok(Self { licenses, waiting, held: window.map(|window| window.held).unwrap_or_default() })
    }

    fn all(&self) -> impl Iterator<Item = (&LicenseId, &Candidate)> {
        self.waiting.iter().flat_map(|(license, waiting)| waiting.candidates.iter().map(move |one| (license, one)))
    }

    /// As releases of now, by license
    fn chosen(&self, engine: &Engine) -> Vec<(LicenseArn, Vec<Release>)> {
        let of = |arn: &LicenseArn| -> Vec<Release> {
            let mine = self.all().filter(|(license, _)| *license == arn.id());
            let release = |(license, candidate): (&LicenseId, &Candidate)| Release {
                at: engine.now(),
                license: license.clone(),
                account: candidate.account.clone(),
                kind: candidate.kind,
            };
            mine.map(release).collect()
        };
        let all = self.licenses.iter().map(|arn| (arn.clone(), of(arn)));
        all.filter(|(_, releases)| !releases.is_empty()).collect()
    }

    fn show(&self, format: Format) -> anyhow::Result<()> {
        match format {
            Format::Json => {
                let rows: Vec<Value> = self.all().map(|(license, one)| {
                    json!({"license": license, "account": one.account, "kind": one.kind, "since": one.since.to_string()})
                }).collect();
                output::json(&json!({"waiting": rows, "held": self.held}))
            }
            Format::Text => {
                if self.waiting.is_empty() {
                    output::line("nothing waits to be taken away or pushed aside");
                }
                for (license, Candidate { account, kind, since }) in self.all() {
                    output::line(format_args!("{:<12} {license} -> {account}, since {since}", kind.as_str()));
                }
                self.held.iter().for_each(|held| output::line(format_args!("! {held}")));
                Ok(())
            }
        }
    }
}

fn cannot(what: &'static str) -> impl Fn(Failure) -> anyhow::Error {
    move |failure| anyhow!("cannot {what}: {failure}")
}
