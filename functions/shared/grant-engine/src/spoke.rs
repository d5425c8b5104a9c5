//! accept-grants in a member account: with the account's own rights, and without a ledger

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use grant_plan::call::{Disposition, Failure, Operation};
use grant_plan::grant::Grant;
use grant_plan::id::AccountId;
use grant_plan::reason::ReasonCode;
use grant_plan::spoke::{SpokeRequest, is_for_us, is_swept};

use crate::clients::Clients;
use crate::clock::Clock;
use crate::config::SpokeConfig;
use crate::failure::{understand, unreadable};
use crate::grantee::Grantee;
use crate::member::GranteeOutcome;
use crate::observe::waiting_for_acceptance;
use crate::pace::{Pace, Repeat};

/// What runs in a member account, made once per process
#[derive(Debug)]
pub struct Spoke {
    config: SpokeConfig,
    clients: Clients,
    pace: Pace,
    account: Mutex<Option<AccountId>>,
}

/// What came of a request
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum SpokeOutcome {
    /// It was not followed, and why
    Refused(&'static str),
    /// The grant was treated
    Treated(GranteeOutcome),
}

/// What a sweep did
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use]
pub struct Swept {
    /// Grants of ours that waited for acceptance
    pub waiting: usize,
    /// Of these, how many wait no more
    pub accepted: usize,
}

impl Spoke {
    /// A spoke on these clients, which speak for the member account
    ///
    /// `seed` makes its random waits repeatable; `None` takes them from the operating system.
    #[must_use]
    pub fn new(config: SpokeConfig, clients: Clients, clock: Clock, seed: Option<u64>) -> Self {
        Self { config, clients, pace: Pace::new(clock, seed), account: Mutex::new(None) }
    }

    /// The configuration it was made with
    #[must_use]
    pub fn config(&self) -> &SpokeConfig {
        &self.config
    }

    /// No call is begun later than this from now
    pub fn work_for(&self, slice: Duration) {
        self.pace.work_until(Some(self.pace.now().after(slice)));
    }

    /// Does what the hub asks for, if the grant itself bears it out
    ///
    /// What the account may not do, and what time has passed by, is an outcome: the hub looks for itself and asks
    /// again.
    ///
    /// # Errors
    /// When something failed that may pass.
    pub async fn act(&self, request: &SpokeRequest) -> Result<SpokeOutcome, Failure> {
        let account = self.account().await?;
        if let Err(why) = request.concerns(&self.config.deployment, &account, self.pace.now()) {
            return Ok(SpokeOutcome::Refused(why));
        }
        let done = async {
            let grant = self.grantee().look(&request.grant).await?;
            match is_for_us(&grant, &self.config.deployment, &account) {
                Ok(()) => self.grantee().treat(&request.grant, grant, request.activate).await.map(Ok),
                Err(why) => Ok(Err(why)),
            }
        };
        Ok(match done.await {
            Ok(Ok(code)) => SpokeOutcome::Treated(GranteeOutcome { code, detail: String::new() }),
            Ok(Err(why)) => SpokeOutcome::Refused(why),
            Err(failure) => match failure.disposition {
                Disposition::Permanent(code) => {
                    SpokeOutcome::Treated(GranteeOutcome { code, detail: failure.to_string() })
                }
                // The account does not see the grant yet, or it moves at this moment.
                Disposition::Stale => SpokeOutcome::Treated(GranteeOutcome {
                    code: ReasonCode::NotVisibleYet,
                    detail: failure.to_string(),
                }),
                Disposition::Retry => return Err(failure),
            },
        })
    }

    /// Accepts every grant of the hub's deployment that still waits for it, whichever events were lost
    ///
    /// # Errors
    /// When what waits cannot be listed.
    pub async fn sweep(&self) -> Result<Swept, Failure> {
        let account = self.account().await?;
        let (pace, client) = (&self.pace, &self.clients.license_manager);
        let mut waiting = waiting_for_acceptance(pace, client, &self.config.hub).await?;
        waiting.retain(|grant| is_swept(grant, &self.config.deployment, &account));
        let mut swept = Swept { waiting: waiting.len(), accepted: 0 };
        for grant in waiting {
            if self.pace.out_of_time() {
                break;
            }
            match self.accept(grant).await {
                Ok(()) => swept.accepted += 1,
                // One that cannot be accepted stands in the way of no other, and the next sweep sees it again.
                Err(failure) => tracing::warn!(
                    error.code = failure.code.as_deref(), error.message = %failure.message,
                    "a grant could not be accepted: {}", failure.reason().mend()
                ),
            }
        }
        Ok(swept)
    }

    async fn accept(&self, grant: Grant) -> Result<(), Failure> {
        let arn = grant.arn.clone();
        let left = self.grantee().treat(&arn, grant, false).await?;
        tracing::info!(grant.arn = %arn, reason.code = %left, "grant accepted that no event told of");
        Ok(())
    }

    fn grantee(&self) -> Grantee<'_> {
        Grantee { pace: &self.pace, client: &self.clients.license_manager, organization: None }
    }

    /// The account it runs in (GetCallerIdentity, which needs no right), asked once
    async fn account(&self) -> Result<AccountId, Failure> {
        let known = self.account.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let answer = self
            .pace
            .paced(Repeat::Always, || async {
                let call = self.clients.sts.get_caller_identity();
                call.send().await.map_err(|error| understand(Operation::Observe, &error))
            })
            .await?;
        let account = answer.account.unwrap_or_default();
        let account: AccountId =
            account.parse().map_err(|error| unreadable(Operation::Observe, "the caller's identity", error))?;
        *self.account.lock().unwrap_or_else(PoisonError::into_inner) = Some(account.clone());
        Ok(account)
    }
}
