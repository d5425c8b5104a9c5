//! `Tag Change on Resource`
//!
//! Best effort, and whether Organizations sends it at all is not documented. Shape: EventBridge schema registry,
//! `aws.tag@TagChangeOnResource`.

use serde_json::Value;

use super::envelope::Envelope;
use super::poison::Poison;
use super::shown::shown;
use super::{Decoded, Scope};

pub(super) fn decode(envelope: &Envelope<'_>) -> Result<Decoded, Poison> {
    if envelope.detail_type != "Tag Change on Resource" {
        return Ok(Decoded::nothing(format!("`{}` is no change of tags", shown(envelope.detail_type))));
    }
    envelope.require_detail()?;
    if envelope.text("detail.service") != Some("organizations") {
        return Ok(Decoded::nothing("Tag Change on Resource: of another service"));
    }
    match envelope.text("detail.resource-type") {
        Some("account") => account(envelope),
        Some("ou" | "organizational-unit" | "root") => {
            Ok(envelope.trigger(Scope::OrganizationalUnit, "Tag Change on Resource"))
        }
        Some(_) | None => Ok(Decoded::nothing("Tag Change on Resource: neither an account nor an organizational unit")),
    }
}

/// The account closes the ARN: `arn:aws:organizations::<management>:account/<organization>/<account>`
fn account(envelope: &Envelope<'_>) -> Result<Decoded, Poison> {
    let resource = envelope.event.get("resources").and_then(|resources| resources.get(0));
    let id = resource.and_then(Value::as_str).and_then(|arn| arn.rsplit('/').next()?.parse().ok());
    match id {
        Some(id) => Ok(envelope.trigger(Scope::Account(id), "Tag Change on Resource")),
        None => Err(Poison::at("resources[0]", resource, "the ARN of an account, ending in twelve digits")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::trigger::{Trigger, decode};

    fn change(service: &str, kind: &str, resources: Value) -> Decoded {
        decode(&json!({
            "source": "aws.tag",
            "detail-type": "Tag Change on Resource",
            "resources": resources,
            "detail": {"service": service, "resource-type": kind, "tags": {}},
        }))
    }

    #[test]
    fn tags_of_accounts_and_units_are_followed_and_others_are_not() {
        let arn = "arn:aws:organizations::210987654321:account/o-4kq7vt2m9x/487120396655";
        let Decoded::Trigger(Trigger { scope, .. }) = change("organizations", "account", json!([arn])) else {
            panic!("not taken")
        };
        assert_eq!(scope.to_string(), "account 487120396655");
        assert!(matches!(
            change("organizations", "organizational-unit", json!([])),
            Decoded::Trigger(Trigger { scope: Scope::OrganizationalUnit, .. })
        ));
        assert!(matches!(change("organizations", "policy", json!([arn])), Decoded::Nothing { .. }));
        assert!(matches!(change("ec2", "instance", json!([arn])), Decoded::Nothing { .. }));
    }

    #[test]
    fn an_account_without_a_readable_arn_is_poison() {
        for resources in [json!(null), json!([]), json!([7]), json!(["arn:aws:organizations::1:account/o-1/48712"])] {
            let Decoded::Poison(poison) = change("organizations", "account", resources) else { panic!("taken") };
            assert_eq!(poison.field, "resources[0]");
        }
    }
}
