//! The listings, which now and then give an empty page before a full one

use rand::Rng;
use serde_json::{Value, json};

use super::calls::account_not_found;
use super::delegation::not_registered;
use super::request::{invalid, text};
use super::shape;
use super::tags::target_not_found;
use crate::clock::epoch_seconds;
use crate::error::ApiError;
use crate::page;
use crate::state::State;

/// The model's `MaxResults`: 1 to 20
const LARGEST_PAGE: usize = 20;
/// One page in so many is empty and carries a NextToken: API_ListAccounts, "Always check the NextToken response
/// parameter ... can return a null set of results even when there are more results available"
const EMPTY_PAGE_ODDS: u32 = 8;

impl State {
    pub(super) fn list_organization(&mut self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let (member, items) = self.organization_items(operation, body)?;
        // A token belongs to one listing of one thing.
        let of = ["ParentId", "ChildId", "ResourceId", "AccountId", "ServicePrincipal"]
            .into_iter()
            .find_map(|name| body.get(name).and_then(Value::as_str));
        let list = format!("{operation}/{}", of.unwrap_or_default());
        let size = page::size(body.get("MaxResults"), LARGEST_PAGE).unwrap_or(LARGEST_PAGE);
        let token = body.get("NextToken").and_then(Value::as_str);
        let start = page::start(&list, token).ok_or_else(|| invalid("NextToken", "INVALID_NEXT_TOKEN"))?;
        if start < items.len() && self.rng.random_ratio(1, EMPTY_PAGE_ODDS) {
            return Ok(json!({member: [], "NextToken": page::token_of_empty(&list, token)}));
        }
        let (items, next) = page::cut(&list, items, size.min(self.knobs.page_size), token)
            .ok_or_else(|| invalid("NextToken", "INVALID_NEXT_TOKEN"))?;
        Ok(match next {
            Some(next) => json!({member: items, "NextToken": next}),
            None => json!({member: items}),
        })
    }

    fn organization_items(&self, operation: &str, body: &Value) -> Result<(&'static str, Vec<Value>), ApiError> {
        let organization = &self.organization;
        let account = |account| shape::account(organization, account, &self.knobs);
        Ok(match operation {
            "ListAccounts" => ("Accounts", organization.accounts.values().map(account).collect()),
            "ListAccountsForParent" => {
                let parent = self.parent(body)?;
                let children = organization.accounts.values().filter(|account| account.parent == parent);
                ("Accounts", children.map(account).collect())
            }
            "ListRoots" => ("Roots", vec![shape::root(organization)]),
            "ListOrganizationalUnitsForParent" => {
                let parent = self.parent(body)?;
                let children = organization.units.values().filter(|unit| unit.parent == parent);
                ("OrganizationalUnits", children.map(|unit| shape::unit(organization, unit)).collect())
            }
            "ListChildren" => {
                let parent = self.parent(body)?;
                let kind = text(body, "ChildType");
                let ids: Vec<&String> = if kind == "ACCOUNT" {
                    organization.accounts.values().filter(|one| one.parent == parent).map(|one| &one.id).collect()
                } else {
                    organization.units.values().filter(|one| one.parent == parent).map(|one| &one.id).collect()
                };
                ("Children", ids.into_iter().map(|id| json!({"Id": id, "Type": kind})).collect())
            }
            "ListParents" => {
                let child = text(body, "ChildId");
                let parent = match (organization.accounts.get(child), organization.units.get(child)) {
                    (Some(account), _) => &account.parent,
                    (None, Some(unit)) => &unit.parent,
                    (None, None) => {
                        let message = "You specified a child that doesn't exist.";
                        return Err(ApiError::refused("ChildNotFoundException", message));
                    }
                };
                let kind = if *parent == organization.root { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
                ("Parents", vec![json!({"Id": parent, "Type": kind})])
            }
            "ListTagsForResource" => {
                let tags = organization.tags_of(text(body, "ResourceId")).ok_or_else(target_not_found)?;
                ("Tags", tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect())
            }
            "ListAWSServiceAccessForOrganization" => {
                let shape = |name: &String| match organization.trust_began(name) {
                    Some(since) => json!({"ServicePrincipal": name, "DateEnabled": epoch_seconds(since)}),
                    None => json!({"ServicePrincipal": name}),
                };
                ("EnabledServicePrincipals", organization.trusted_services.iter().map(shape).collect())
            }
            "ListCreateAccountStatus" => {
                let states = body.get("States").and_then(Value::as_array);
                let wanted = |state: &str| states.is_none_or(|states| states.iter().any(|one| one == state));
                let requests = organization.creations.values().filter(|one| wanted(one.state()));
                ("CreateAccountStatuses", requests.map(super::Creation::shape).collect())
            }
            "ListDelegatedServicesForAccount" => {
                let id = text(body, "AccountId");
                let member = organization.accounts.get(id).ok_or_else(|| account_not_found(id))?;
                let since = |name: &str| {
                    let since = organization.delegations.get(&(id.to_owned(), name.to_owned()));
                    epoch_seconds(since.copied().unwrap_or(member.joined))
                };
                let services = organization.services_of(id);
                let shapes =
                    services.map(|name| json!({"ServicePrincipal": name, "DelegationEnabledDate": since(name)}));
                let shapes: Vec<Value> = shapes.collect();
                if shapes.is_empty() {
                    return Err(not_registered());
                }
                ("DelegatedServices", shapes)
            }
            _ => {
                let principal = body.get("ServicePrincipal").and_then(Value::as_str);
                let wanted = |id: &&String| principal.is_none_or(|principal| organization.administers(id, principal));
                let ids = organization.delegated_administrators.iter().filter(wanted);
                let shapes = ids.filter_map(|id| {
                    let member = organization.accounts.get(id)?;
                    let since = organization.delegations.iter().filter(|((who, _), _)| who == id).map(|(_, at)| *at);
                    let since = epoch_seconds(since.min().unwrap_or(member.joined));
                    Some(shape::administrator(organization, member, &self.knobs, since))
                });
                ("DelegatedAdministrators", shapes.collect())
            }
        })
    }

    fn parent<'a>(&self, body: &'a Value) -> Result<&'a str, ApiError> {
        let parent = text(body, "ParentId");
        if parent == self.organization.root || self.organization.units.contains_key(parent) {
            return Ok(parent);
        }
        let message = "You can't find a root or OU with the ParentId that you specified.";
        Err(ApiError::refused("ParentNotFoundException", message))
    }
}
