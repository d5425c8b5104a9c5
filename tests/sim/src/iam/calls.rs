//! The reads, and CreateServiceLinkedRole; what the model forbids of a request the door has refused

use serde_json::{Value, json};

use super::{Role, SERVICE_LINKED, role_id};
use crate::error::ApiError;
use crate::events::iso;
use crate::page;
use crate::state::State;

/// `MaxItems` unless said
const PAGE: usize = 100;

impl State {
    pub(crate) fn call_iam(&mut self, caller: &str, operation: &str, body: &Value) -> Result<Value, ApiError> {
        match operation {
            "GetRole" => {
                let (name, role) = self.named_role(caller, body)?;
                Ok(json!({"Role": self.shown_role(caller, name, &role)}))
            }
            "ListRoles" => {
                let prefix = text(body, "PathPrefix").unwrap_or("/");
                let names = self.iam.names(&self.organization, caller);
                let roles = names.iter().filter_map(|name| {
                    let role = self.iam.find(&self.organization, caller, name)?;
                    role.path.starts_with(prefix).then(|| self.shown_role(caller, name, &role))
                });
                self.iam_page("Roles", roles.collect(), body)
            }
            "ListRolePolicies" => {
                let (_, role) = self.named_role(caller, body)?;
                self.iam_page("PolicyNames", role.inline.keys().map(|name| json!(name)).collect(), body)
            }
            "ListAttachedRolePolicies" => {
                let (_, role) = self.named_role(caller, body)?;
                let shape = |arn: &String| json!({"PolicyName": arn.rsplit('/').next(), "PolicyArn": arn});
                self.iam_page("AttachedPolicies", role.attached.iter().map(shape).collect(), body)
            }
            "GetRolePolicy" => {
                let (name, role) = self.named_role(caller, body)?;
                let policy = text(body, "PolicyName").unwrap_or_default();
                let document = role
                    .inline
                    .get(policy)
                    .ok_or_else(|| no_such(format!("The role policy with name {policy} cannot be found.")))?;
                Ok(json!({"RoleName": name, "PolicyName": policy, "PolicyDocument": encoded(document)}))
            }
            "CreateServiceLinkedRole" => self.create_service_linked_role(caller, body),
            other => Err(ApiError::refused("InvalidAction", format!("Could not find operation {other}"))),
        }
    }

    fn create_service_linked_role(&mut self, caller: &str, body: &Value) -> Result<Value, ApiError> {
        let service = text(body, "AWSServiceName").unwrap_or_default();
        let linked = SERVICE_LINKED.iter().find(|(_, principal, _)| *principal == service);
        let Some((name, _, _)) = linked else {
            return Err(ApiError::refused("InvalidInput", format!("Service role for {service} is not supported")));
        };
        if self.iam.find(&self.organization, caller, name).is_some() {
            let message =
                format!("Service role name {name} has been taken in this account, please try a different suffix.");
            return Err(ApiError::refused("InvalidInput", message));
        }
        let role = Role {
            description: text(body, "Description").unwrap_or_default().to_owned(),
            created: Some(self.now()),
            ..Role::service_linked(service)
        };
        let shown = self.shown_role(caller, name, &role);
        self.iam.put(caller, name, role);
        Ok(json!({"Role": shown}))
    }

    fn named_role<'a>(&self, caller: &str, body: &'a Value) -> Result<(&'a str, Role), ApiError> {
        let name = text(body, "RoleName").unwrap_or_default();
        let role = self.iam.find(&self.organization, caller, name);
        let role = role.ok_or_else(|| no_such(format!("The role with name {name} cannot be found.")))?;
        Ok((name, role))
    }

    fn shown_role(&self, account: &str, name: &str, role: &Role) -> Value {
        let since = self.organization.accounts.get(account).map(|member| member.joined);
        let created = role.created.or(since).unwrap_or_else(|| self.now());
        let mut shown = json!({
            "Path": role.path,
            "RoleName": name,
            "RoleId": role_id(account, name),
            "Arn": format!("arn:aws:iam::{account}:role{}{name}", role.path),
            "CreateDate": iso(created),
            "AssumeRolePolicyDocument": encoded(&role.trust),
            "MaxSessionDuration": 3600,
        });
        if let Some(members) = shown.as_object_mut().filter(|_| !role.description.is_empty()) {
            members.insert("Description".to_owned(), role.description.as_str().into());
        }
        shown
    }

    fn iam_page(&self, member: &str, items: Vec<Value>, body: &Value) -> Result<Value, ApiError> {
        let size = text(body, "MaxItems").and_then(|given| given.parse().ok()).unwrap_or(PAGE);
        let list = format!("{member}/{}", text(body, "RoleName").unwrap_or_default());
        let marker = text(body, "Marker");
        let (items, next) =
            page::cut(&list, items, size.min(self.knobs.page_size), marker).ok_or_else(invalid_marker)?;
        Ok(match next {
            Some(next) => json!({member: items, "IsTruncated": true, "Marker": next}),
            None => json!({member: items, "IsTruncated": false}),
        })
    }
}

/// Policies come percent-encoded (RFC 3986) inside the XML
fn encoded(policy: &Value) -> String {
    let mut text = String::new();
    for byte in policy.to_string().bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn text<'a>(body: &'a Value, member: &str) -> Option<&'a str> {
    body.get(member).and_then(Value::as_str)
}

/// A token that was made up, or is another listing's
fn invalid_marker() -> ApiError {
    ApiError::refused("ValidationError", "Invalid Marker.")
}

fn no_such(message: String) -> ApiError {
    ApiError::with_status(404, "NoSuchEntity", message)
}
