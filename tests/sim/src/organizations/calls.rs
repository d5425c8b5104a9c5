//! The operations: who may call them, and single reads

use serde_json::{Value, json};

use super::request::text;
use super::shape;
use crate::error::ApiError;
use crate::state::State;

impl State {
    pub(crate) fn call_organizations(
        &mut self,
        caller: &str,
        operation: &str,
        body: &Value,
    ) -> Result<Value, ApiError> {
        self.may_call(caller, operation)?;
        match operation {
            "DescribeOrganization" => Ok(json!({"Organization": shape::organization(&self.organization)})),
            "DescribeAccount" => {
                let id = text(body, "AccountId");
                let account = self.organization.accounts.get(id).ok_or_else(|| account_not_found(id))?;
                Ok(json!({"Account": shape::account(&self.organization, account, &self.knobs)}))
            }
            "DescribeOrganizationalUnit" => self.describe_unit(body),
            "DescribeCreateAccountStatus" => self.describe_creation(body),
            "ListAccounts"
            | "ListAccountsForParent"
            | "ListRoots"
            | "ListOrganizationalUnitsForParent"
            | "ListParents"
            | "ListChildren"
            | "ListTagsForResource"
            | "ListAWSServiceAccessForOrganization"
            | "ListCreateAccountStatus"
            | "ListDelegatedAdministrators"
            | "ListDelegatedServicesForAccount" => self.list_organization(operation, body),
            "CreateAccount" => self.create_account_call(body),
            "MoveAccount" => self.move_account_call(body),
            "CloseAccount" => self.close_account(body),
            "RemoveAccountFromOrganization" => self.remove_account_call(body),
            "LeaveOrganization" => self.leave_organization(caller),
            "CreateOrganizationalUnit" => self.create_unit(body),
            "UpdateOrganizationalUnit" => self.update_unit(body),
            "DeleteOrganizationalUnit" => self.delete_unit(body),
            "TagResource" | "UntagResource" => self.tag_call(operation, body),
            "EnableAWSServiceAccess" | "DisableAWSServiceAccess" => self.service_access(operation, body),
            "RegisterDelegatedAdministrator" => self.register_administrator(body),
            "DeregisterDelegatedAdministrator" => self.deregister_administrator(body),
            other => Err(ApiError::refused("UnknownOperationException", format!("No operation {other}"))),
        }
    }

    /// Every member may describe the organization and leave it; the rest is for the management account, and reads for
    /// delegated administrators too ("This operation can be called only from the organization's management account or by
    /// a member account that is a delegated administrator", API_ListAccounts)
    fn may_call(&self, caller: &str, operation: &str) -> Result<(), ApiError> {
        let organization = &self.organization;
        if !organization.accounts.contains_key(caller) {
            let message = "Your account is not a member of an organization.";
            return Err(ApiError::refused("AWSOrganizationsNotInUseException", message));
        }
        let anybodys = matches!(operation, "DescribeOrganization" | "LeaveOrganization");
        let reading = operation.starts_with("Describe") || operation.starts_with("List");
        let delegated = reading && organization.is_delegated(caller);
        if anybodys || delegated || caller == organization.management_account {
            return Ok(());
        }
        Err(ApiError::refused("AccessDeniedException", "You don't have permissions to access this resource."))
    }
}

pub(super) fn account_not_found(id: &str) -> ApiError {
    ApiError::refused("AccountNotFoundException", format!("You specified an account that doesn't exist: {id}"))
}
