//! Making, moving, closing and removing accounts

use std::time::Duration;

use rand::Rng;
use serde_json::{Value, json};

use super::calls::account_not_found;
use super::creation::{CREATION, Creation, Outcome};
use super::request::{constraint, text};
use super::{shape, tags};
use crate::clock::later;
use crate::error::ApiError;
use crate::state::{State, letters};

/// How long CloseAccount takes in the pretend AWS; the User Guide's sample event shows 43 seconds
const CLOSURE: Duration = Duration::from_secs(43);
/// Within a rolling 30 days 10 % of the members may be closed, 10 at least (API_CloseAccount)
const CLOSURES_LAST: Duration = Duration::from_secs(30 * 86_400);
const LEAST_CLOSURES: usize = 10;

impl State {
    pub(super) fn create_account_call(&mut self, body: &Value) -> Result<Value, ApiError> {
        let tags = tags::given(body)?;
        let now = self.now();
        let creation = Creation {
            id: format!("car-{}", letters(&mut self.rng, 16)),
            name: text(body, "AccountName").to_owned(),
            email: text(body, "Email").to_owned(),
            tags,
            requested: now,
            completed: later(now, CREATION),
            outcome: Outcome::Pending,
        };
        let status = creation.shape();
        self.tell_account_asked(&creation);
        self.organization.creations.insert(creation.id.clone(), creation);
        Ok(json!({"CreateAccountStatus": status}))
    }

    /// Requests whose time has come are decided: nobody else may have the address
    pub(crate) fn decide_accounts(&mut self) {
        let now = self.now();
        let due = |creation: &&Creation| creation.outcome == Outcome::Pending && creation.completed <= now;
        let due: Vec<Creation> = self.organization.creations.values().filter(due).cloned().collect();
        for mut creation in due {
            let organization = &self.organization;
            let taken = organization.accounts.keys().any(|id| shape::email(organization, id) == creation.email);
            creation.outcome = if taken {
                Outcome::Failed("EMAIL_ALREADY_EXISTS".to_owned())
            } else {
                let id = self.unused_account();
                self.organization.emails.insert(id.clone(), creation.email.clone());
                Outcome::Made(id)
            };
            // Decided before it is told, because what is told of lets other things happen.
            self.organization.creations.insert(creation.id.clone(), creation.clone());
            self.tell_account_decided(&creation);
        }
        let closed: Vec<String> = self.organization.closures_due(now);
        for id in closed {
            self.set_account_state(&id, "CLOSED");
        }
    }

    fn unused_account(&mut self) -> String {
        loop {
            let id = self.rng.random_range(100_000_000_000_u64..1_000_000_000_000).to_string();
            if !self.organization.accounts.contains_key(&id) {
                return id;
            }
        }
    }

    pub(super) fn describe_creation(&self, body: &Value) -> Result<Value, ApiError> {
        let creation = self.organization.creations.get(text(body, "CreateAccountRequestId")).ok_or_else(|| {
            let message = "We can't find an create account request with the CreateAccountRequestId that you specified.";
            ApiError::refused("CreateAccountStatusNotFoundException", message)
        })?;
        Ok(json!({"CreateAccountStatus": creation.shape()}))
    }

    pub(super) fn close_account(&mut self, body: &Value) -> Result<Value, ApiError> {
        let id = text(body, "AccountId").to_owned();
        let organization = &self.organization;
        let member = organization.accounts.get(&id).ok_or_else(|| account_not_found(&id))?;
        if id == organization.management_account {
            let message = "You attempted to close the management account.";
            return Err(constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", message));
        }
        match member.state.as_str() {
            "CLOSED" | "SUSPENDED" => {
                let message = "You attempted to close an account that is already closed.";
                return Err(ApiError::refused("AccountAlreadyClosedException", message));
            }
            "PENDING_CLOSURE" => {
                let message =
                    "The request failed because it conflicts with the current state of the specified resource.";
                return Err(ApiError::refused("ConflictException", message));
            }
            _ => {}
        }
        let now = self.now();
        let members = organization.accounts.len().saturating_sub(1);
        let recent = organization.closures.iter().filter(|(at, _)| later(*at, CLOSURES_LAST) > now).count();
        if recent >= LEAST_CLOSURES.max(members / 10) {
            let message = "You have exceeded close account quota for the past 30 days.";
            return Err(constraint("CLOSE_ACCOUNT_QUOTA_EXCEEDED", message));
        }
        self.organization.closures.push((later(now, CLOSURE), id.clone()));
        self.tell_call("CloseAccount", json!({"accountId": id}), Value::Null);
        self.set_account_state(&id, "PENDING_CLOSURE");
        Ok(Value::Null)
    }

    pub(super) fn remove_account_call(&mut self, body: &Value) -> Result<Value, ApiError> {
        let id = text(body, "AccountId").to_owned();
        self.may_leave(&id)?;
        self.tell_call("RemoveAccountFromOrganization", json!({"accountId": id}), Value::Null);
        self.remove_account(&id, "REMOVED");
        Ok(Value::Null)
    }

    /// CloudTrail records the call in the account that leaves, so the organization sees the departure only
    pub(super) fn leave_organization(&mut self, caller: &str) -> Result<Value, ApiError> {
        self.may_leave(caller)?;
        self.remove_account(caller, "LEFT");
        Ok(Value::Null)
    }

    fn may_leave(&self, id: &str) -> Result<(), ApiError> {
        let organization = &self.organization;
        if !organization.accounts.contains_key(id) {
            return Err(account_not_found(id));
        }
        if id == organization.management_account {
            let message = "You can't remove a management account from an organization.";
            return Err(ApiError::refused("MasterCannotLeaveOrganizationException", message));
        }
        if organization.is_delegated(id) {
            let message = "You attempted to remove an account that is registered as a delegated administrator.";
            return Err(constraint("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", message));
        }
        Ok(())
    }

    pub(super) fn move_account_call(&mut self, body: &Value) -> Result<Value, ApiError> {
        let (id, source, destination) =
            (text(body, "AccountId"), text(body, "SourceParentId"), text(body, "DestinationParentId"));
        let organization = &self.organization;
        let account = organization.accounts.get(id).ok_or_else(|| account_not_found(id))?;
        if account.parent != source {
            let message = "You provided a source root or organizational unit that doesn't exist.";
            return Err(ApiError::refused("SourceParentNotFoundException", message));
        }
        if destination != organization.root && !organization.units.contains_key(destination) {
            let message = "You provided a destination root or organizational unit that doesn't exist.";
            return Err(ApiError::refused("DestinationParentNotFoundException", message));
        }
        if source == destination {
            let message = "That account is already present in the specified destination.";
            return Err(ApiError::refused("DuplicateAccountException", message));
        }
        let (id, destination) = (id.to_owned(), destination.to_owned());
        self.move_account(&id, &destination);
        Ok(Value::Null)
    }
}
