//! What people do to grants past Grantway

use grantway_tests::story::Story;
use serde_json::{Value, json};

use super::player::{Player, Said};

impl Player {
    /// `person WHO grants LICENSE to PRINCIPAL as NAME`, `person WHO activates|disables|deletes|accepts|rejects GRANT`
    pub(crate) async fn person(&mut self, rest: &str) -> Said {
        let world = self.story().await.world().clone();
        self.names.name_grants(&world);
        let (who, rest) = rest.split_once(' ').ok_or("who does what?")?;
        let caller = self.names.account(who)?.to_owned();
        let (verb, what) = rest.split_once(' ').ok_or("does what?")?;
        if verb == "grants" {
            return self.granted(&caller, what).await;
        }
        let grant = self.names.grant(what)?.to_owned();
        let version = world.with(|state| state.license_manager.grant(&grant).map(|grant| grant.version.to_string()));
        // A token for each call: a person who tries again means it.
        let token = format!("{verb}-{}", world.now().as_second());
        let (operation, body) = match verb {
            "activates" => ("CreateGrantVersion", json!({"ClientToken": token, "GrantArn": grant, "Status": "ACTIVE"})),
            "disables" => {
                ("CreateGrantVersion", json!({"ClientToken": token, "GrantArn": grant, "Status": "DISABLED"}))
            }
            "deletes" => ("DeleteGrant", json!({"GrantArn": grant, "Version": version})),
            "accepts" => ("AcceptGrant", json!({"GrantArn": grant})),
            "rejects" => ("RejectGrant", json!({"GrantArn": grant})),
            _ => return Err("no person does that".to_owned()),
        };
        Ok(refusal(self.story().await, &caller, operation, &body))
    }

    async fn granted(&mut self, caller: &str, what: &str) -> Said {
        let form = "person WHO grants LICENSE to PRINCIPAL as NAME";
        let (license, rest) = what.split_once(" to ").ok_or(form)?;
        let (to, name) = rest.split_once(" as ").ok_or(form)?;
        let license = &self.names.purchase(license)?.license;
        let license = grantway_tests::story::license_arn(&pretend_aws::Purchase {
            license: license.clone(),
            ..pretend_aws::Purchase::sample()
        });
        let world = self.story().await.world().clone();
        let principal = if to == "organization" {
            world.with(|state| state.organization.arn())
        } else if let Ok(unit) = self.names.unit(to) {
            world.with(|state| state.organization.unit_arn(unit))
        } else {
            format!("arn:aws:iam::{}:root", self.names.account(to)?)
        };
        let body = json!({
            "ClientToken": format!("by-hand-{to}-{}", world.now().as_second()), "GrantName": name,
            "HomeRegion": "us-east-1", "LicenseArn": license.as_str(), "Principals": [principal],
            "AllowedOperations": ["CheckoutLicense", "CheckInLicense"],
        });
        Ok(refusal(self.story().await, caller, "CreateGrant", &body))
    }
}

/// Nothing where License Manager does as it is told
fn refusal(story: &Story, caller: &str, operation: &str, body: &Value) -> Vec<String> {
    match story.person_tries(caller, operation, body) {
        Ok(_answer) => Vec::new(),
        Err(error) => vec![format!("refused: {error}")],
    }
}
