//! Which roles are Grantway's own

use serde_json::Value;

use super::field;

/// Names of the roles under which Grantway itself calls License Manager, in the hub and in member accounts
///
/// Names without path, as `sessionIssuer.userName` has them: `grantway-lane`. The default knows none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnRoles(Vec<String>);

impl OwnRoles {
    /// Takes role names; empty ones are left out, since an empty setting must not match every caller
    pub fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(names.into_iter().map(Into::into).filter(|name: &String| !name.is_empty()).collect())
    }

    /// Whether a CloudTrail `userIdentity` is one of these roles
    ///
    /// Whole names are compared: `grantway-lane` is not `grantway-lane-of-somebody-else`.
    pub(super) fn made(&self, identity: &Value) -> bool {
        let names = [
            field::text(identity, "sessionContext.sessionIssuer.userName"),
            field::text(identity, "sessionContext.sessionIssuer.arn").and_then(role_name),
            field::text(identity, "arn").and_then(role_name),
        ];
        names.into_iter().flatten().any(|name| self.0.iter().any(|own| own == name))
    }
}

/// The role in `arn:aws:sts::..:assumed-role/NAME/SESSION` or `arn:aws:iam::..:role/PATH/NAME`
fn role_name(arn: &str) -> Option<&str> {
    let resource = arn.rsplit(':').next()?;
    match resource.split_once('/')? {
        ("assumed-role", rest) => rest.split('/').next(),
        ("role", rest) => rest.rsplit('/').next(),
        (_, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_role_is_known_by_issuer_name_issuer_arn_and_session_arn() {
        let own = OwnRoles::new(["grantway-lane"]);
        for identity in [
            json!({"sessionContext": {"sessionIssuer": {"userName": "grantway-lane"}}}),
            json!({"sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::000000000001:role/apps/grantway-lane"}}}),
            json!({"arn": "arn:aws:sts::000000000001:assumed-role/grantway-lane/session"}),
        ] {
            assert!(own.made(&identity), "{identity}");
            assert!(!OwnRoles::default().made(&identity), "{identity}");
        }
    }

    #[test]
    fn somebody_else_is_not_taken_for_us() {
        let own = OwnRoles::new(["grantway-lane", ""]);
        for identity in [
            json!(null),
            json!({"arn": "arn:aws:sts::000000000001:assumed-role/grantway-lane-2/grantway-lane"}),
            json!({"arn": "arn:aws:iam::000000000001:user/grantway-lane"}),
            json!({"sessionContext": {"sessionIssuer": {"userName": ""}}}),
            json!({"sessionContext": {"sessionIssuer": {"userName": ["grantway-lane"]}}}),
        ] {
            assert!(!own.made(&identity), "{identity}");
        }
    }
}
