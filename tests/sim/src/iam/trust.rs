//! Whether a role lets a caller in

use serde_json::Value;

use super::Iam;
use crate::organizations::Organization;

impl Iam {
    /// Whether `caller` may assume the role of that ARN
    ///
    /// A role name that nobody put anywhere is taken to be everywhere and to trust everybody, for worlds that are not
    /// about roles.
    pub(crate) fn admits(&self, organization: &Organization, caller: &str, account: &str, arn: &str) -> bool {
        let name = arn.rsplit('/').next().unwrap_or_default();
        if !self.known.contains(name) {
            return true;
        }
        let path = arn.split_once(":role").map(|(_, path)| path.strip_suffix(name).unwrap_or_default());
        self.find(organization, account, name)
            .is_some_and(|role| Some(role.path.as_str()) == path && allows(&role.trust, caller, organization))
    }
}

/// A statement that allows the caller's account and whose conditions, of those understood here, hold
fn allows(trust: &Value, caller: &str, organization: &Organization) -> bool {
    let statements = listed(trust.get("Statement"));
    statements.iter().any(|statement| {
        let effect = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
        let principals = listed(statement.get("Principal").and_then(|principal| principal.get("AWS")));
        let named = principals.iter().filter_map(|one| one.as_str()).any(|one| {
            one == "*"
                || one == caller
                || one.strip_prefix("arn:aws:iam::").and_then(|rest| rest.get(..12)) == Some(caller)
        });
        let wanted = statement
            .get("Condition")
            .and_then(|condition| condition.get("StringEquals"))
            .and_then(|equals| equals.get("aws:PrincipalOrgID"));
        let member = organization.accounts.contains_key(caller);
        let within = wanted.is_none_or(|id| member && id.as_str() == Some(organization.id.as_str()));
        effect && named && within
    })
}

/// One or several, as policies have it
fn listed(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}
