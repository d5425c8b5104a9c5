//! The operations: who may call them, single reads, and the writes that an administrator makes

use serde_json::{Value, json};

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
                let id = text(body, "AccountId")?;
                let account = self.organization.accounts.get(id).ok_or_else(|| account_not_found(id))?;
                Ok(json!({"Account": shape::account(&self.organization, account, &self.knobs)}))
            }
            "DescribeOrganizationalUnit" => {
                let id = text(body, "OrganizationalUnitId")?;
                let unit = self.organization.units.get(id).ok_or_else(|| {
                    ApiError::refused(
                        "OrganizationalUnitNotFoundException",
                        "You specified an organizational unit that doesn't exist.",
                    )
                })?;
                Ok(json!({"OrganizationalUnit": shape::unit(&self.organization, unit)}))
            }
            "ListAccounts"
            | "ListAccountsForParent"
            | "ListRoots"
            | "ListOrganizationalUnitsForParent"
            | "ListParents"
            | "ListChildren"
            | "ListTagsForResource"
            | "ListAWSServiceAccessForOrganization"
            | "ListDelegatedAdministrators" => self.list_organization(operation, body),
            "MoveAccount" => self.move_account_call(body),
            "TagResource" | "UntagResource" => self.tag_call(operation, body),
            "EnableAWSServiceAccess" | "DisableAWSServiceAccess" => {
                let principal = text(body, "ServicePrincipal")?.to_owned();
                self.organization.trusted_services.retain(|service| *service != principal);
                if operation == "EnableAWSServiceAccess" {
                    self.organization.trusted_services.push(principal);
                }
                Ok(Value::Null)
            }
            other => Err(ApiError::refused("UnknownOperationException", format!("No operation {other}"))),
        }
    }

    /// Every member may describe the organization; the rest is for the management account, and reads for delegated
    /// administrators too ("This operation can be called only from the organization's management account or by a member
    /// account that is a delegated administrator", API_ListAccounts)
    fn may_call(&self, caller: &str, operation: &str) -> Result<(), ApiError> {
        let organization = &self.organization;
        if !organization.accounts.contains_key(caller) {
            let message = "Your account is not a member of an organization.";
            return Err(ApiError::refused("AWSOrganizationsNotInUseException", message));
        }
        let reading = operation.starts_with("Describe") || operation.starts_with("List");
        let delegated = organization.delegated_administrators.iter().any(|administrator| administrator == caller);
        if operation == "DescribeOrganization" || caller == organization.management_account || (reading && delegated) {
            return Ok(());
        }
        Err(ApiError::refused("AccessDeniedException", "You don't have permissions to access this resource."))
    }

    fn move_account_call(&mut self, body: &Value) -> Result<Value, ApiError> {
        let (id, source, destination) =
            (text(body, "AccountId")?, text(body, "SourceParentId")?, text(body, "DestinationParentId")?);
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

    fn tag_call(&mut self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let id = text(body, "ResourceId")?.to_owned();
        if !self.organization.accounts.contains_key(&id) {
            return Err(target_not_found());
        }
        let pairs: Vec<(String, Option<String>)> = if operation == "TagResource" {
            let tags = body.get("Tags").and_then(Value::as_array).ok_or_else(|| missing("Tags"))?;
            tags.iter()
                .map(|tag| Ok((text(tag, "Key")?.to_owned(), Some(text(tag, "Value")?.to_owned()))))
                .collect::<Result<_, ApiError>>()?
        } else {
            let keys = body.get("TagKeys").and_then(Value::as_array).ok_or_else(|| missing("TagKeys"))?;
            keys.iter().filter_map(Value::as_str).map(|key| (key.to_owned(), None)).collect()
        };
        for (key, value) in pairs {
            self.tag_account(&id, &key, value.as_deref());
        }
        Ok(Value::Null)
    }
}

pub(super) fn text<'a>(body: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    body.get(member).and_then(Value::as_str).ok_or_else(|| missing(member))
}

fn missing(member: &str) -> ApiError {
    ApiError::refused("InvalidInputException", format!("You provided no valid value for {member}."))
}

fn account_not_found(id: &str) -> ApiError {
    ApiError::refused("AccountNotFoundException", format!("You specified an account that doesn't exist: {id}"))
}

pub(super) fn target_not_found() -> ApiError {
    ApiError::refused("TargetNotFoundException", "You specified a target that doesn't exist.")
}
