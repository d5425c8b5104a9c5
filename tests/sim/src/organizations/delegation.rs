//! Trusted access of services, and the member accounts that administer them

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Organization;
use super::request::{constraint, text};
use crate::error::ApiError;
use crate::state::State;

/// License Manager takes one delegated administrator (License Manager User Guide, "Delegated administrator")
const ALONE: &str = "license-manager.amazonaws.com";

impl Organization {
    /// Whether a member account administers any service, which lets it read the organization
    pub fn is_delegated(&self, account: &str) -> bool {
        self.delegated_administrators.iter().any(|one| one == account)
    }

    /// Whether a member account administers this service
    pub fn administers(&self, account: &str, service: &str) -> bool {
        self.services_of(account).any(|name| name == service)
    }

    /// Since when a service is trusted: those that were so from the beginning, as long as there is the management account
    pub(super) fn trust_began(&self, service: &str) -> Option<Timestamp> {
        let beginning = || self.accounts.get(&self.management_account).map(|account| account.joined);
        self.trusted_since.get(service).copied().or_else(beginning)
    }

    /// The services that a member account administers; one named in
    /// [`delegated_administrators`](Self::delegated_administrators) only, License Manager's
    pub(super) fn services_of(&self, account: &str) -> impl Iterator<Item = &str> {
        let named = self.delegations.keys().filter(move |(who, _)| who == account).map(|(_, name)| name.as_str());
        let bare = self.is_delegated(account) && self.delegations.keys().all(|(who, _)| who != account);
        named.chain(bare.then_some(ALONE))
    }
}

impl State {
    pub(super) fn service_access(&mut self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let (principal, now) = (text(body, "ServicePrincipal").to_owned(), self.now());
        let parameters = json!({"servicePrincipal": principal});
        let organization = &mut self.organization;
        if operation == "DisableAWSServiceAccess" {
            organization.trusted_services.retain(|service| *service != principal);
        } else if !organization.trusted_services.contains(&principal) {
            organization.trusted_services.push(principal.clone());
            organization.trusted_since.insert(principal, now);
        }
        self.tell_call(operation, parameters, Value::Null);
        Ok(Value::Null)
    }

    pub(super) fn register_administrator(&mut self, body: &Value) -> Result<Value, ApiError> {
        let (id, principal) = (text(body, "AccountId"), text(body, "ServicePrincipal"));
        let organization = &self.organization;
        let member = organization.accounts.get(id).ok_or_else(|| super::calls::account_not_found(id))?;
        if id == organization.management_account {
            let message = "You cannot register the management account as a delegated administrator.";
            return Err(constraint("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", message));
        }
        if matches!(member.state.as_str(), "SUSPENDED" | "PENDING_CLOSURE" | "CLOSED") {
            let message = "You cannot register a suspended account as a delegated administrator.";
            return Err(constraint("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR", message));
        }
        if !organization.trusted_services.iter().any(|trusted| trusted == principal) {
            let message = "You attempted to register a delegated administrator before you enabled service access.";
            return Err(constraint("SERVICE_ACCESS_NOT_ENABLED", message));
        }
        if organization.administers(id, principal) {
            let message = "The specified account is already a delegated administrator for this AWS service.";
            return Err(ApiError::refused("AccountAlreadyRegisteredException", message));
        }
        let taken = organization.accounts.keys().any(|other| organization.administers(other, principal));
        if principal == ALONE && taken {
            let message = "You have reached the limit of delegated administrators for the service principal.";
            return Err(constraint("MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED", message));
        }
        let (id, principal, now) = (id.to_owned(), principal.to_owned(), self.now());
        // What it administered without being told so stays.
        let before: Vec<String> = self.organization.services_of(&id).map(str::to_owned).collect();
        for name in before.into_iter().chain([principal.clone()]) {
            self.organization.delegations.entry((id.clone(), name)).or_insert(now);
        }
        if !self.organization.is_delegated(&id) {
            self.organization.delegated_administrators.push(id.clone());
        }
        self.tell_call(
            "RegisterDelegatedAdministrator",
            json!({"accountId": id, "servicePrincipal": principal}),
            Value::Null,
        );
        Ok(Value::Null)
    }

    pub(super) fn deregister_administrator(&mut self, body: &Value) -> Result<Value, ApiError> {
        let (id, principal) = (text(body, "AccountId"), text(body, "ServicePrincipal"));
        let organization = &mut self.organization;
        if !organization.accounts.contains_key(id) {
            return Err(super::calls::account_not_found(id));
        }
        if !organization.administers(id, principal) {
            return Err(not_registered());
        }
        organization.delegations.remove(&(id.to_owned(), principal.to_owned()));
        if organization.delegations.keys().all(|(who, _)| who != id) {
            organization.delegated_administrators.retain(|one| one != id);
        }
        self.tell_call(
            "DeregisterDelegatedAdministrator",
            json!({"accountId": id, "servicePrincipal": principal}),
            Value::Null,
        );
        Ok(Value::Null)
    }
}

pub(super) fn not_registered() -> ApiError {
    let message = "The specified account is not a delegated administrator for this AWS service.";
    ApiError::refused("AccountNotRegisteredException", message)
}
