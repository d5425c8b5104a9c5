//! AWS STS: who somebody is, and sessions in member accounts

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::seconds_later;
use crate::error::ApiError;
use crate::iam::role_id;
use crate::state::{State, letters};

/// AssumeRole: how long a session is good for unless said, in seconds
const AN_HOUR: u64 = 3_600;

/// Sessions that are out, and accounts that have no role to assume
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sts {
    /// Accounts in which no role exists, as before a StackSet has reached them
    pub missing_roles: BTreeSet<String>,
    sessions: BTreeMap<String, Session>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    pub(crate) account: String,
    /// The role's ARN
    pub(crate) role: String,
    /// The session's own, as who assumed the role called it
    pub(crate) name: String,
    pub(crate) expires: Timestamp,
}

impl Session {
    fn role_name(&self) -> &str {
        self.role.rsplit('/').next().unwrap_or_default()
    }

    /// `arn:aws:sts::<account>:assumed-role/<role>/<session>`, without the role's path (IAM User Guide, "IAM identifiers")
    fn arn(&self) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{}", self.account, self.role_name(), self.name)
    }

    /// `<the role's id>:<session>`
    fn user_id(&self) -> String {
        format!("{}:{}", role_id(&self.account, self.role_name()), self.name)
    }
}

impl Sts {
    pub(crate) fn session(&self, access_key: &str) -> Option<&Session> {
        self.sessions.get(access_key)
    }
}

/// The one refusal AssumeRole has, whatever the cause: STS does not tell strangers which roles exist
pub(crate) fn not_authorized(caller: &str, role: &str) -> ApiError {
    let message = format!(
        "User: arn:aws:sts::{caller}:assumed-role/caller/session is not authorized to perform: sts:AssumeRole on resource: {role}"
    );
    ApiError::with_status(403, "AccessDenied", message)
}

impl State {
    pub(crate) fn call_sts(
        &mut self,
        caller: &str,
        session: Option<&Session>,
        operation: &str,
        body: &Value,
    ) -> Result<Value, ApiError> {
        match operation {
            "GetCallerIdentity" => Ok(json!({
                "Arn": session.map_or_else(|| format!("arn:aws:iam::{caller}:root"), Session::arn),
                "UserId": session.map_or_else(|| caller.to_owned(), Session::user_id),
                "Account": caller,
            })),
            "AssumeRole" => self.assume_role(caller, body),
            other => Err(ApiError::refused("InvalidAction", format!("Could not find operation {other}"))),
        }
    }

    fn assume_role(&mut self, caller: &str, body: &Value) -> Result<Value, ApiError> {
        let text = |member: &str| body.get(member).and_then(Value::as_str).unwrap_or_default();
        let (role, name) = (text("RoleArn"), text("RoleSessionName"));
        let account =
            role_account(role).ok_or_else(|| ApiError::refused("ValidationError", format!("{role} is invalid")))?;
        let seconds = text("DurationSeconds").parse().unwrap_or(AN_HOUR);
        let now = self.now();
        let reachable = self.organization.accounts.get(account).is_some_and(|member| {
            member.ready <= now && !matches!(member.state.as_str(), "SUSPENDED" | "PENDING_CLOSURE" | "CLOSED")
        });
        let missing = self.sts.missing_roles.contains(account);
        if !reachable || missing || !self.iam.admits(&self.organization, caller, account, role) {
            return Err(not_authorized(caller, role));
        }
        let key = format!("ASIA{}", letters(&mut self.rng, 16).to_uppercase());
        let expires = seconds_later(now, seconds);
        let session = Session { account: account.to_owned(), role: role.to_owned(), name: name.to_owned(), expires };
        let answer = json!({
            "Credentials": {
                "AccessKeyId": key,
                "SecretAccessKey": letters(&mut self.rng, 40),
                "SessionToken": letters(&mut self.rng, 80),
                "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            },
            "AssumedRoleUser": { "AssumedRoleId": session.user_id(), "Arn": session.arn() },
        });
        self.sts.sessions.insert(key, session);
        Ok(answer)
    }
}

/// The account field of `arn:aws:iam::<account>:role/...`
fn role_account(role: &str) -> Option<&str> {
    let (account, rest) = role.strip_prefix("arn:aws:iam::")?.split_once(':')?;
    let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    (digits && rest.starts_with("role/")).then_some(account)
}
