//! The loop that carries Asks to AWS and brings Answers back; it decides nothing

use grant_plan::action::Action;
use grant_plan::call::{ActivateGrant, CreateGrant, Disposition, Failure, GrantReply, Operation, Override, SwitchOff};
use grant_plan::grant::GrantStatus;
use grant_plan::id::GrantArn;
use grant_plan::reason::ReasonCode;
use grant_plan::snapshot::Snapshot;
use grant_plan::step::{Answer, Ask, Context, Next, Outcome, Step};

use aws_sdk_licensemanager::types::{ActivationOverrideBehavior, AllowedOperation, GrantStatus as ApiStatus, Options};

use crate::Engine;
use crate::failure::{understand, unreadable};
use crate::pace::{Pace, Repeat};

/// No protocol asks this often; one that does is wrong and is cut off
const MOST_ASKS: usize = 16;

impl Engine {
    /// Carries one action through
    pub(crate) async fn apply(&self, snapshot: &Snapshot, action: &Action) -> Outcome {
        let Some(intent) = self.intent() else { return Outcome::Conflict };
        let license = snapshot.license.arn.id().clone();
        tracing::debug!(
            license.id = %license, action.kind = action.kind(), action.key = %action.key(), "action begins"
        );
        let context = Context { deployment: snapshot.deployment.clone(), license };
        let entry = action.entry(&snapshot.entries);
        let (mut step, mut next) = Step::start(context, action, entry, intent, self.now());
        for _ in 0..MOST_ASKS {
            let ask = match next {
                Next::Ask(ask) => ask,
                Next::Done(outcome) => return outcome,
            };
            let answer = self.carry(snapshot, ask).await;
            next = step.next(answer, self.now());
        }
        tracing::error!(license.id = %snapshot.license.arn.id(), action = ?action, "a protocol did not come to an end");
        Outcome::Held { code: ReasonCode::Retrying, detail: "the protocol did not come to an end".to_owned() }
    }

    async fn carry(&self, snapshot: &Snapshot, ask: Ask) -> Answer {
        let license = snapshot.license.arn.id();
        let answered = match ask {
            Ask::Record { key, expected, entry } => {
                let recorded = self.ledger.record(license, &key, expected, &entry).await;
                recorded.map(|recorded| if recorded { Answer::Recorded } else { Answer::Conflict })
            }
            Ask::Create(call) => self.create_grant(&call).await.map(Answer::Replied),
            Ask::Activate(call) => {
                activate_grant(&self.pace, &self.clients.license_manager, &call).await.map(Answer::Replied)
            }
            Ask::SwitchOff(call) => self.switch_off_grant(&call).await.map(Answer::Replied),
            Ask::Delete { arn, version } => self.delete_grant(&arn, &version).await.map(Answer::Replied),
            Ask::Find { principal_arn } => self
                .distributed_grants(&snapshot.license.arn, Some(&principal_arn), &snapshot.organization.id)
                .await
                .map(Answer::Found),
            Ask::Tell(request) => self.tell_grantee(&request).await.map(|()| Answer::Told),
        };
        answered.unwrap_or_else(|failure| {
            log(&failure, snapshot);
            Answer::Failed(failure)
        })
    }

    /// CreateGrant; repeated at once only when it was refused before it began, since how long License Manager knows a
    /// ClientToken is not documented
    async fn create_grant(&self, call: &CreateGrant) -> Result<GrantReply, Failure> {
        let answer = self
            .paced(Repeat::IfRefused, || async {
                let operations = call.operations.iter().map(|text| AllowedOperation::from(text.as_str())).collect();
                let mut request = self
                    .clients
                    .license_manager
                    .create_grant()
                    .client_token(&call.token)
                    .grant_name(&call.name)
                    .license_arn(&call.license)
                    .principals(&call.principal)
                    .home_region(&call.home_region)
                    .set_allowed_operations(Some(operations));
                if let Some(overriding) = call.activate {
                    let options = Options::builder().desired_status(ApiStatus::Active);
                    request = request.options(options.activation_override_behavior(behaviour(overriding)).build());
                }
                request.send().await.map_err(|error| understand(Operation::CreateGrant, &error))
            })
            .await?;
        reply(Operation::CreateGrant, answer.grant_arn, answer.status, answer.version)
    }

    /// CreateGrantVersion with Status DISABLED; the token makes a repetition the same request
    async fn switch_off_grant(&self, call: &SwitchOff) -> Result<GrantReply, Failure> {
        let answer = self
            .paced(Repeat::Always, || async {
                let request = self.clients.license_manager.create_grant_version().client_token(&call.token);
                let request = request.grant_arn(call.arn.as_str()).status(ApiStatus::Disabled);
                let request = request.status_reason(&call.reason);
                request.send().await.map_err(|error| understand(Operation::CreateGrantVersion, &error))
            })
            .await?;
        reply(Operation::CreateGrantVersion, answer.grant_arn, answer.status, answer.version)
    }

    /// DeleteGrant of exactly this version
    async fn delete_grant(&self, arn: &GrantArn, version: &str) -> Result<GrantReply, Failure> {
        let answer = self
            .paced(Repeat::IfRefused, || async {
                let call = self.clients.license_manager.delete_grant().grant_arn(arn.as_str()).version(version);
                call.send().await.map_err(|error| understand(Operation::DeleteGrant, &error))
            })
            .await?;
        reply(Operation::DeleteGrant, answer.grant_arn, answer.status, answer.version)
    }
}

/// CreateGrantVersion with Status ACTIVE; the token makes a repetition the same request
pub(crate) async fn activate_grant(
    pace: &Pace,
    client: &aws_sdk_licensemanager::Client,
    call: &ActivateGrant,
) -> Result<GrantReply, Failure> {
    let answer = pace
        .paced(Repeat::Always, || async {
            client
                .create_grant_version()
                .client_token(&call.token)
                .grant_arn(call.arn.as_str())
                .status(ApiStatus::Active)
                .options(Options::builder().activation_override_behavior(behaviour(call.overriding)).build())
                .send()
                .await
                .map_err(|error| understand(Operation::CreateGrantVersion, &error))
        })
        .await?;
    reply(Operation::CreateGrantVersion, answer.grant_arn, answer.status, answer.version)
}

fn behaviour(overriding: Override) -> ActivationOverrideBehavior {
    match overriding {
        Override::DistributedGrantsOnly => ActivationOverrideBehavior::DistributedGrantsOnly,
        Override::AllGrantsPermittedByIssuer => ActivationOverrideBehavior::AllGrantsPermittedByIssuer,
    }
}

fn reply(
    operation: Operation,
    arn: Option<String>,
    status: Option<ApiStatus>,
    version: Option<String>,
) -> Result<GrantReply, Failure> {
    let arn = arn.unwrap_or_default().parse().map_err(|error| unreadable(operation, "the answer", error))?;
    let status = GrantStatus::from_api(status.as_ref().map_or("", |status| status.as_str()));
    Ok(GrantReply { arn, status, version: version.unwrap_or_default() })
}

/// A failure is logged here, once; everybody above sees an outcome
fn log(failure: &Failure, snapshot: &Snapshot) {
    let (license, code) = (snapshot.license.arn.id(), failure.code.as_deref());
    match failure.disposition {
        Disposition::Retry | Disposition::Stale => tracing::info!(
            license.id = %license, operation = ?failure.operation, error.code = code,
            disposition = ?failure.disposition, "call for license `{license}` failed and will be tried again"
        ),
        Disposition::Permanent(reason) => tracing::warn!(
            license.id = %license, operation = ?failure.operation, error.code = code, reason.code = %reason,
            error.message = %failure.message, "call for license `{license}` was refused: {}", reason.mend()
        ),
    }
}
