//! Making, renaming and deleting organizational units

use serde_json::{Value, json};

use super::request::{constraint, text};
use super::{Unit, shape, tags};
use crate::error::ApiError;
use crate::state::{State, letters};

/// Organizations User Guide, "Quotas": OU nesting in a root, five levels deep
const DEEPEST: usize = 5;
/// The same page: 2,000 OUs in an organization
const MOST: usize = 2_000;

impl State {
    pub(super) fn create_unit(&mut self, body: &Value) -> Result<Value, ApiError> {
        let (above, name) = (text(body, "ParentId"), text(body, "Name"));
        let given = tags::given(body)?;
        let organization = &self.organization;
        if above != organization.root && !organization.units.contains_key(above) {
            let message = "You can't find a root or OU with the ParentId that you specified.";
            return Err(ApiError::refused("ParentNotFoundException", message));
        }
        self.name_is_free(above, name, None)?;
        if organization.ancestors(above).len() >= DEEPEST {
            let message = "You attempted to create an OU tree that is too many levels deep.";
            return Err(constraint("OU_DEPTH_LIMIT_EXCEEDED", message));
        }
        if organization.units.len() >= MOST {
            let message = "You attempted to exceed the number of OUs that you can have in an organization.";
            return Err(constraint("OU_NUMBER_LIMIT_EXCEEDED", message));
        }
        // A unit's id repeats that of its root: ou-<root>-<own>.
        let root = organization.root.trim_start_matches("r-").to_owned();
        let id = format!("ou-{root}-{}", letters(&mut self.rng, 8));
        let made = Unit { id: id.clone(), name: name.to_owned(), parent: above.to_owned() };
        self.organization.units.insert(id.clone(), made);
        if !given.is_empty() {
            self.organization.tags.insert(id.clone(), given);
        }
        self.unit_told("CreateOrganizationalUnit", json!({"name": name, "parentId": above}), &id)
    }

    pub(super) fn update_unit(&mut self, body: &Value) -> Result<Value, ApiError> {
        let id = text(body, "OrganizationalUnitId").to_owned();
        let known = self.organization.units.get(&id).ok_or_else(not_found)?;
        if body.get("Name").is_none_or(Value::is_null) {
            return Ok(json!({"OrganizationalUnit": shape::unit(&self.organization, known)}));
        }
        let name = text(body, "Name");
        self.name_is_free(&known.parent, name, Some(&id))?;
        if let Some(unit) = self.organization.units.get_mut(&id) {
            unit.name = name.to_owned();
        }
        self.unit_told("UpdateOrganizationalUnit", json!({"organizationalUnitId": id, "name": name}), &id)
    }

    pub(super) fn delete_unit(&mut self, body: &Value) -> Result<Value, ApiError> {
        let id = text(body, "OrganizationalUnitId").to_owned();
        let organization = &self.organization;
        if !organization.units.contains_key(&id) {
            return Err(not_found());
        }
        let lived_in = organization.accounts.values().any(|account| account.parent == id);
        if lived_in || organization.units.values().any(|unit| unit.parent == id) {
            let message = "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all \
                           child OUs, and try the operation again.";
            return Err(ApiError::refused("OrganizationalUnitNotEmptyException", message));
        }
        self.organization.units.remove(&id);
        self.organization.tags.remove(&id);
        self.tell_call("DeleteOrganizationalUnit", json!({"organizationalUnitId": id}), Value::Null);
        Ok(Value::Null)
    }

    /// Names are unique among the units of one parent
    fn name_is_free(&self, parent: &str, name: &str, but: Option<&str>) -> Result<(), ApiError> {
        let mut siblings = self.organization.units.values().filter(|unit| unit.parent == parent);
        if siblings.any(|unit| unit.name == name && Some(unit.id.as_str()) != but) {
            let message = "An OU with the same name already exists.";
            return Err(ApiError::refused("DuplicateOrganizationalUnitException", message));
        }
        Ok(())
    }

    fn unit_told(&mut self, operation: &str, parameters: Value, id: &str) -> Result<Value, ApiError> {
        let unit = self.organization.units.get(id).ok_or_else(not_found)?;
        let element = json!({"arn": self.organization.unit_arn(id), "id": id, "name": unit.name});
        let answer = json!({"OrganizationalUnit": shape::unit(&self.organization, unit)});
        self.tell_call(operation, parameters, json!({"organizationalUnit": element}));
        Ok(answer)
    }

    pub(super) fn describe_unit(&self, body: &Value) -> Result<Value, ApiError> {
        let id = text(body, "OrganizationalUnitId");
        let unit = self.organization.units.get(id).ok_or_else(not_found)?;
        Ok(json!({"OrganizationalUnit": shape::unit(&self.organization, unit)}))
    }
}

fn not_found() -> ApiError {
    let message = "You specified an organizational unit that doesn't exist.";
    ApiError::refused("OrganizationalUnitNotFoundException", message)
}
