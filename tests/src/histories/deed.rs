//! Doing what a step asks for, and what accept-grants does when it is told

use std::sync::Arc;

use grant_plan::acceptance::{Acceptance, acceptance, still_wanted};
use grant_plan::call::{ActivateGrant, CreateGrant, Disposition, Failure, GrantReply, Operation, Override};
use grant_plan::entry::{Entry, EntryKey, Report};
use grant_plan::grant::GrantStatus;
use grant_plan::organization::Principal;
use grant_plan::reason::ReasonCode;
use grant_plan::step::{Answer, Ask, GranteeRequest};
use pretend_aws::Purchase;
use pretend_aws::error::ApiError;
use serde_json::{Value, json};

use super::judge;
use super::log::Log;
use super::sight::{Basis, grant, understood};
use super::trouble::Trouble;
use super::world::{World, license_id, short};

/// Looks of accept-grants per request
const LOOKS: usize = 4;

/// Attempts at a call that is turned away for its pace
const ATTEMPTS: u32 = 6;

impl World {
    /// A call that is made again when the service turns it away for its pace
    fn paced(&mut self, caller: &str, operation: &str, body: &Value, log: &mut Log) -> Result<Value, ApiError> {
        for _ in 1..ATTEMPTS {
            match self.call(caller, operation, body, log) {
                Err(error) if error.code == "RateLimitExceededException" => self.wait(1, log),
                answer => return answer,
            }
        }
        self.call(caller, operation, body, log)
    }

    pub(super) fn purchase(&self, license: usize) -> &Purchase {
        self.licenses.get(license).expect("runs are about licenses of their world")
    }

    /// Does what is asked for a license by a run that goes by this; `None`: the run is no more
    pub(super) fn carry(
        &mut self,
        license: usize,
        basis: &Basis,
        ask: &Ask,
        trouble: Option<Trouble>,
        log: &mut Log,
    ) -> Option<Answer> {
        let silence = || Answer::Failed(Failure::unanswered(ask.operation(), "timed out".to_owned()));
        let refused =
            |code: &str, fault: bool| Answer::Failed(Failure::of_code(ask.operation(), code, "pretended", fault));
        let trouble = trouble.filter(|trouble| trouble.befalls(ask));
        if let Some(trouble) = trouble {
            log.coverage.fault(format!("{trouble:?} {}", name(ask)));
        }
        let answer = match trouble {
            None => Some(self.perform(license, basis, ask, log)),
            Some(Trouble::CrashBefore) => None,
            Some(Trouble::CrashAfter | Trouble::CrashWithAnswer) => {
                let _unheard = self.perform(license, basis, ask, log);
                None
            }
            Some(Trouble::LostReply) => {
                let _unheard = self.perform(license, basis, ask, log);
                Some(silence())
            }
            Some(Trouble::LostCall) => Some(silence()),
            Some(Trouble::Throttled) => Some(refused("RateLimitExceededException", false)),
            Some(Trouble::FaultBefore) => Some(refused("ServerInternalException", true)),
            Some(Trouble::FaultAfter) => {
                let _unheard = self.perform(license, basis, ask, log);
                Some(refused("ServerInternalException", true))
            }
            Some(Trouble::SentTwice) => {
                let _unheard = self.perform(license, basis, ask, log);
                Some(self.perform(license, basis, ask, log))
            }
            Some(Trouble::Refused) => Some(Answer::Conflict),
        };
        if let Some(Answer::Failed(failure)) = &answer {
            log.coverage.failure(failure);
        }
        log.tell(|| {
            let trouble = trouble.map(|trouble| format!(" [{trouble:?}]")).unwrap_or_default();
            let answer = answer.as_ref().map_or("the run is no more".to_owned(), told);
            format!("  {}{trouble}: {answer}", asked(ask))
        });
        answer
    }

    fn perform(&mut self, license: usize, basis: &Basis, ask: &Ask, log: &mut Log) -> Answer {
        let answered = match ask {
            Ask::Record { key, expected, entry } => Ok(self.record(license, key, *expected, entry)),
            Ask::Create(call) => self.create(license, basis, call, log).map(Answer::Replied),
            Ask::Activate(call) => {
                judge::activation_is_announced(self, call);
                judge::activation_is_inside(self, basis, call);
                judge::activation_of_a_place_is_asked_for(self, basis, call);
                judge::override_is_released(self, license, basis, call);
                let hub = Arc::clone(&self.hub);
                self.activate(&hub, call, log).map(Answer::Replied)
            }
            Ask::SwitchOff(call) => {
                judge::withdrawal_is_released(self, license, basis, call);
                let hub = Arc::clone(&self.hub);
                let body = json!({
                    "ClientToken": call.token,
                    "GrantArn": call.arn.as_str(),
                    "Status": "DISABLED",
                    "StatusReason": call.reason,
                });
                let answer = self.paced(&hub, "CreateGrantVersion", &body, log);
                answer
                    .map(|answer| reply(&answer))
                    .map_err(|error| understood(Operation::CreateGrantVersion, &error))
                    .map(Answer::Replied)
            }
            Ask::Delete { arn, version } => {
                let hub = Arc::clone(&self.hub);
                let body = json!({"GrantArn": arn.as_str(), "Version": version});
                let answer = self.paced(&hub, "DeleteGrant", &body, log);
                answer
                    .map(|answer| reply(&answer))
                    .map_err(|error| understood(Operation::DeleteGrant, &error))
                    .map(Answer::Replied)
            }
            Ask::Find { principal_arn } => {
                let arn = pretend_aws::license_manager::LicenseManager::license_arn(&self.purchase(license).license);
                let known = Arc::clone(&self.known);
                self.distributed(&arn, Some(principal_arn), &known).map(Answer::Found)
            }
            Ask::Tell(request) => {
                if self.prompt {
                    self.act_as_grantee(request, log);
                } else {
                    self.inbox.push(request.clone());
                }
                Ok(Answer::Told)
            }
        };
        answered.unwrap_or_else(Answer::Failed)
    }

    /// Writes over the revision that was read only; finding the same entry there counts as written
    fn record(&mut self, license: usize, key: &EntryKey, expected: Option<u64>, entry: &Entry) -> Answer {
        let Some(memory) = self.ledger.get_mut(license) else { return Answer::Conflict };
        let present = memory.entries.get(key);
        if present == Some(entry) {
            return Answer::Recorded;
        }
        if present.map(|entry| entry.revision) != expected {
            return Answer::Conflict;
        }
        let before = present.filter(|present| present.arn() == entry.arn()).map(|present| present.activation);
        let before = before.unwrap_or_default();
        // One that somebody undid is counted from one anew.
        let again = entry.activation.count > before.count || entry.activation.last > before.last;
        if let Some(arn) = entry.arn().filter(|_| again) {
            self.announced.entry(arn.to_string()).or_default().counted += 1;
        }
        let before = memory.entries.insert(key.clone(), entry.clone());
        judge::intent_is_kept(self, before.as_ref(), entry);
        Answer::Recorded
    }

    fn create(
        &mut self,
        license: usize,
        basis: &Basis,
        call: &CreateGrant,
        log: &mut Log,
    ) -> Result<GrantReply, Failure> {
        judge::creation_is_announced(self, license, call);
        judge::creation_is_asked_for(self, license, basis, call);
        let mut body = json!({
            "ClientToken": call.token,
            "GrantName": call.name,
            "LicenseArn": call.license,
            "Principals": [call.principal],
            "HomeRegion": call.home_region,
            "AllowedOperations": call.operations,
        });
        if let (Some(overriding), Some(members)) = (call.activate, body.as_object_mut()) {
            let options = json!({"DesiredStatus": "ACTIVE", "ActivationOverrideBehavior": behaviour(overriding)});
            members.insert("Options".to_owned(), options);
        }
        let hub = Arc::clone(&self.hub);
        let answer = self.paced(&hub, "CreateGrant", &body, log);
        judge::one_grant_per_key(self);
        answer.map(|answer| reply(&answer)).map_err(|error| understood(Operation::CreateGrant, &error))
    }

    fn activate(&mut self, caller: &str, call: &ActivateGrant, log: &mut Log) -> Result<GrantReply, Failure> {
        let body = json!({
            "ClientToken": call.token,
            "GrantArn": call.arn.as_str(),
            "Status": "ACTIVE",
            "Options": {"ActivationOverrideBehavior": behaviour(call.overriding)},
        });
        let answer = self.paced(caller, "CreateGrantVersion", &body, log);
        answer.map(|answer| reply(&answer)).map_err(|error| understood(Operation::CreateGrantVersion, &error))
    }

    /// What accept-grants does with one request
    pub(super) fn act_as_grantee(&mut self, request: &GranteeRequest, log: &mut Log) {
        let license = self.licenses.iter().position(|purchase| license_id(purchase) == request.license);
        let entry = license.and_then(|license| self.ledger.get(license)?.entries.get(&request.key).cloned());
        if let Err(why) = still_wanted(request, entry, self.seconds()) {
            log.tell(|| format!("  accept-grants in {}: {why}", request.account));
            return;
        }
        let found = self.accept_and_activate(request, log);
        let (code, detail) = match found {
            Ok(code) => (code, format!("seen by account {}", request.account)),
            Err(failure) => {
                log.coverage.failure(&failure);
                match failure.disposition {
                    Disposition::Permanent(code) => (code, failure.to_string()),
                    Disposition::Stale => (ReasonCode::NotVisibleYet, failure.to_string()),
                    // The message comes again; the lane's own next request does as well.
                    Disposition::Retry => return,
                }
            }
        };
        log.tell(|| format!("  accept-grants in {} for {}: {code}", request.account, short(request.grant.as_str())));
        let at = self.seconds();
        let memory = license.and_then(|license| self.ledger.get_mut(license));
        if let Some(entry) = memory.and_then(|memory| memory.entries.get_mut(&request.key))
            && entry.grantee_report.as_ref().is_none_or(|before| before.code != code)
        {
            *entry = entry.with(|entry| entry.grantee_report = Some(Report { code, detail, at }));
        }
    }

    fn accept_and_activate(&mut self, request: &GranteeRequest, log: &mut Log) -> Result<ReasonCode, Failure> {
        let member = request.account.as_str();
        if !self.reachable(member) {
            return Err(Failure::of_code(Operation::AssumeRole, "AccessDenied", "not authorized", false));
        }
        let known = Arc::clone(&self.known);
        let mut tried = false;
        for look in 0..LOOKS {
            let answer = self.call(member, "GetGrant", &json!({"GrantArn": request.grant.as_str()}), log);
            let answer = answer.map_err(|error| understood(Operation::GetGrant, &error))?;
            let seen = grant(answer.get("Grant").unwrap_or(&Value::Null), &known);
            match acceptance(&seen, request.activate, tried) {
                Acceptance::Done(code) => return Ok(code),
                Acceptance::Accept => {
                    let answer = self.paced(member, "AcceptGrant", &json!({"GrantArn": request.grant.as_str()}), log);
                    passed(answer.map(|_| ()).map_err(|error| understood(Operation::AcceptGrant, &error)))?;
                }
                Acceptance::Activate => {
                    tried = true;
                    let token = format!("{}-grantee-{}-{look}", request.grant.short(), seen.version);
                    let overriding = Override::DistributedGrantsOnly;
                    let call = ActivateGrant { token, arn: request.grant.clone(), overriding };
                    passed(self.activate(member, &call, log).map(|_| ()))?;
                }
            }
        }
        Ok(ReasonCode::Activating)
    }

    /// Whether AssumeRole works in an account
    pub(super) fn reachable(&self, account: &str) -> bool {
        !self.roleless.contains(account)
            && self.organization.accounts.get(account).is_some_and(|member| {
                member.ready <= self.now && !matches!(member.state.as_str(), "SUSPENDED" | "PENDING_CLOSURE" | "CLOSED")
            })
    }
}

/// It moved on while we called: the next look says to where
fn passed(answer: Result<(), Failure>) -> Result<(), Failure> {
    match answer {
        Err(failure) if failure.disposition == Disposition::Stale => Ok(()),
        other => other,
    }
}

fn behaviour(overriding: Override) -> &'static str {
    match overriding {
        Override::DistributedGrantsOnly => "DISTRIBUTED_GRANTS_ONLY",
        Override::AllGrantsPermittedByIssuer => "ALL_GRANTS_PERMITTED_BY_ISSUER",
    }
}

fn reply(answer: &Value) -> GrantReply {
    let text = |member: &str| answer.get(member).and_then(Value::as_str).unwrap_or_default();
    GrantReply {
        arn: text("GrantArn").parse().expect("the service names grants"),
        status: GrantStatus::from_api(text("Status")),
        version: text("Version").to_owned(),
    }
}

/// The kind of an ask
pub(super) fn name(ask: &Ask) -> &'static str {
    match ask {
        Ask::Record { .. } => "Record",
        Ask::Create(_) => "Create",
        Ask::Activate(_) => "Activate",
        Ask::SwitchOff(_) => "SwitchOff",
        Ask::Delete { .. } => "Delete",
        Ask::Find { .. } => "Find",
        Ask::Tell(_) => "Tell",
    }
}

fn asked(ask: &Ask) -> String {
    let key = |key: &EntryKey| match key {
        EntryKey::Grant(Principal::Organization) => "organization".to_owned(),
        EntryKey::Grant(principal) => principal.to_string(),
        EntryKey::SubGrant(account) => format!("{account}'s sub-grant"),
    };
    match ask {
        Ask::Record { key: of, expected, entry } => {
            let from = expected.map_or("nothing".to_owned(), |revision| format!("revision {revision}"));
            format!("record {} over {from}: {:?}", key(of), entry.phase)
        }
        Ask::Create(call) => format!("CreateGrant `{}` to {} (token {})", call.name, call.principal, call.token),
        Ask::Activate(call) => format!("CreateGrantVersion {} ACTIVE (token {})", short(call.arn.as_str()), call.token),
        Ask::SwitchOff(call) => {
            format!("CreateGrantVersion {} DISABLED (token {})", short(call.arn.as_str()), call.token)
        }
        Ask::Delete { arn, version } => format!("DeleteGrant {} version {version}", short(arn.as_str())),
        Ask::Find { principal_arn } => format!("list the grants to {principal_arn}"),
        Ask::Tell(request) => format!("tell accept-grants of {} in {}", short(request.grant.as_str()), request.account),
    }
}

fn told(answer: &Answer) -> String {
    match answer {
        Answer::Recorded => "recorded".to_owned(),
        Answer::Conflict => "somebody else wrote it first".to_owned(),
        Answer::Replied(reply) => format!("{} {}", short(reply.arn.as_str()), reply.status),
        Answer::Found(grants) => format!("{} found", grants.len()),
        Answer::Told => "told".to_owned(),
        Answer::Failed(failure) => failure.to_string(),
    }
}

/// What a person does at the console, as `caller`
pub(super) fn by_hand(
    world: &mut World,
    caller: &str,
    operation: &str,
    body: &Value,
    log: &mut Log,
) -> Result<Value, ApiError> {
    let mut ids = world.dice(&body.to_string());
    world.call_with(caller, operation, body, &mut ids, true, log)
}
