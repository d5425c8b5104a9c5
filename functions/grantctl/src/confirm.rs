//! Asking before anything is written

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context, bail};
use clap::Args;
use grant_engine::clients::Clients;

/// How a person or a pipeline says that it means it
#[derive(Debug, Clone, Args)]
pub struct Confirmation {
    /// Do it without asking; takes `--account`, too
    #[arg(long, requires = "account")]
    yes: bool,
    /// The account that this is meant for: nothing is written in any other
    #[arg(long)]
    account: Option<String>,
}

/// The same for a command whose `--account` is the account that a license goes to
#[derive(Debug, Clone, Args)]
pub struct HubConfirmation {
    /// Do it without asking; takes `--hub`, too
    #[arg(long, requires = "hub")]
    yes: bool,
    /// The account that Grantway runs in: nothing is written from any other
    #[arg(long)]
    hub: Option<String>,
}

impl Confirmation {
    /// Whether to go on
    ///
    /// # Errors
    /// When the credentials are another account's, or nobody is there to be asked.
    pub(crate) async fn given(&self, clients: &Clients) -> anyhow::Result<bool> {
        given("--account", self.account.as_deref(), self.yes, clients).await
    }
}

impl HubConfirmation {
    /// Whether to go on
    ///
    /// # Errors
    /// When the credentials are another account's, or nobody is there to be asked.
    pub(crate) async fn given(&self, clients: &Clients) -> anyhow::Result<bool> {
        given("--hub", self.hub.as_deref(), self.yes, clients).await
    }
}

/// `flag` is how this command spells the account that is meant
async fn given(flag: &str, meant: Option<&str>, yes: bool, clients: &Clients) -> anyhow::Result<bool> {
    if let Some(meant) = meant {
        let caller =
            clients.sts.get_caller_identity().send().await.context("cannot tell whose credentials these are")?;
        let is = caller.account().unwrap_or_default();
        if is != meant {
            bail!("`{flag}` is `{meant}`, and these are credentials of account `{is}`; nothing was written");
        }
    }
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        bail!("nobody is there to be asked; say `--yes {flag} ID`. Nothing was written");
    }
    let mut answer = String::new();
    write!(std::io::stderr(), "Write this? [y/N] ")?;
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
