//! Whether a bus's resource policy lets somebody else's event in
//!
//! EventBridge User Guide, "Permissions for event buses" and "Using IAM policy conditions": nobody but who is allowed
//! by a statement of which every condition holds. A condition that is not known here never holds.

use serde_json::Value;

use crate::organizations::Organization;

/// One event that somebody wants to put
#[derive(Debug, Clone, Copy)]
pub(super) struct Put<'a> {
    pub(super) caller: &'a str,
    pub(super) organization: &'a Organization,
    pub(super) bus: &'a str,
    pub(super) source: &'a str,
    pub(super) kind: &'a str,
}

pub(super) fn admits(policy: &Value, put: &Put<'_>) -> bool {
    let speaks = |effect: &str| {
        let of_effect = |statement: &&&Value| statement.get("Effect").and_then(Value::as_str) == Some(effect);
        listed(policy.get("Statement")).iter().filter(of_effect).any(|statement| applies(statement, put))
    };
    speaks("Allow") && !speaks("Deny")
}

fn applies(statement: &Value, put: &Put<'_>) -> bool {
    let principal = statement.get("Principal");
    let principals = listed(principal.and_then(|principal| principal.get("AWS")).or(principal));
    let root = format!("arn:aws:iam::{}:root", put.caller);
    let named = has(&principals, &["*", put.caller, &root]);
    let actions = has(&listed(statement.get("Action")), &["events:PutEvents", "events:*", "*"]);
    let resource = has(&listed(statement.get("Resource")), &[put.bus, "*"]);
    let conditions = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    named && actions && resource && conditions.into_iter().all(|(operator, keys)| holds(operator, keys, put))
}

fn holds(operator: &str, keys: &Value, put: &Put<'_>) -> bool {
    let member = put.organization.accounts.contains_key(put.caller);
    let is = |key: &str, values: &Value| {
        let actual = match key {
            "aws:PrincipalOrgID" if member => put.organization.id.as_str(),
            "aws:PrincipalAccount" => put.caller,
            "events:source" => put.source,
            "events:detail-type" => put.kind,
            _ => return false,
        };
        has(&listed(Some(values)), &[actual])
    };
    operator == "StringEquals" && keys.as_object().is_some_and(|keys| keys.iter().all(|(key, values)| is(key, values)))
}

fn has(listed: &[&Value], any: &[&str]) -> bool {
    listed.iter().filter_map(|one| one.as_str()).any(|one| any.contains(&one))
}

/// One or several, as policies have it
fn listed(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Blueprint, Settings, World};

    const BUS: &str = "arn:aws:events:us-east-1:318204957731:event-bus/default";

    #[test]
    fn a_statement_lets_in_whom_it_names_and_only_where_all_its_conditions_hold() {
        let world = World::new(&Blueprint::sample(), Settings::default());
        world.with(|state| {
            let organization = &state.organization;
            let put = Put { caller: "210987654321", organization, bus: BUS, source: "mine", kind: "Any" };
            let of = |change: Value| {
                let mut statement = json!({
                    "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
                    "Action": "events:PutEvents", "Resource": BUS,
                });
                statement.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
                statement
            };
            let lets = |change: Value| admits(&json!({"Statement": [of(change)]}), &put);
            let when = |conditions: Value| lets(json!({"Condition": {"StringEquals": conditions}}));
            assert!(lets(json!({})) && lets(json!({"Principal": "*"})) && lets(json!({"Principal": {"AWS": ["*"]}})));
            assert!(when(json!({"aws:PrincipalOrgID": organization.id, "events:source": ["other", "mine"]})));
            for refused in [
                json!({"Effect": "Deny"}),
                json!({"Principal": {"AWS": "arn:aws:iam::402958173646:root"}}),
                json!({"Action": "events:PutRule"}),
                json!({"Resource": "arn:aws:events:us-east-1:402958173646:event-bus/default"}),
                json!({"Condition": {"StringLike": {"events:source": "mine"}}}),
            ] {
                assert!(!lets(refused.clone()), "{refused}");
            }
            for refused in [
                json!({"aws:PrincipalOrgID": "o-other00000"}),
                json!({"events:source": "other"}),
                json!({"events:detail-type": "Other"}),
                json!({"events:source": "mine", "aws:Unheard": "of"}),
            ] {
                assert!(!when(refused.clone()), "{refused}");
            }
            let denied = json!({"Statement": [of(json!({})), of(json!({"Effect": "Deny"}))]});
            assert!(!admits(&denied, &put));
            let stranger = Put { caller: "999999999999", ..put };
            let in_organization = of(json!({
                "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization.id}},
            }));
            assert!(!admits(&json!({"Statement": in_organization}), &stranger));
        });
    }
}
