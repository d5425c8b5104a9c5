//! People who act in License Manager past Grantway

use pretend_aws::license_manager::{Grant, GrantStatus, LicenseManager};
use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use super::scene::Scene;

impl Scene {
    /// A grant that `fits`
    fn some_grant(&mut self, fits: impl Fn(&Grant) -> bool) -> Option<Grant> {
        let hub = self.hub.clone();
        let grants: Vec<Grant> = self.world().with(|state| {
            state.license_manager.grants().filter(|grant| grant.grantor == hub && fits(grant)).cloned().collect()
        });
        grants.choose(&mut self.random).cloned()
    }

    fn grant_by_hand(&mut self, name: &str, to_everybody: bool) -> bool {
        let bought: Vec<String> =
            self.bought.iter().filter(|one| one.acceptor == self.hub).map(|one| one.license.clone()).collect();
        let Some(license) = bought.choose(&mut self.random).cloned() else { return false };
        let accounts: Vec<String> = self.world().with(|state| state.organization.accounts.keys().cloned().collect());
        let Some(account) = accounts.choose(&mut self.random).cloned() else { return false };
        let everybody = self.world().with(|state| state.organization.arn());
        let principal = if to_everybody { everybody } else { format!("arn:aws:iam::{account}:root") };
        let body = json!({
            "ClientToken": format!("by-hand-{}", self.number()), "GrantName": name, "HomeRegion": "us-east-1",
            "LicenseArn": LicenseManager::license_arn(&license), "Principals": [principal],
            "AllowedOperations": ["CheckoutLicense", "CheckInLicense"],
        });
        let hub = self.hub.clone();
        self.person_calls(&hub, "CreateGrant", &body)
    }

    /// A person's call; answers whether License Manager did it
    fn person_calls(&mut self, caller: &str, operation: &str, body: &Value) -> bool {
        let answer = self.story.person_tries(caller, operation, body);
        let done = answer.is_ok();
        self.tell(|_| match &answer {
            Ok(answer) => format!("{caller} by hand: {operation} {body}: {answer}"),
            Err(error) => format!("{caller} by hand: {operation} {body}: refused, {error}"),
        });
        done
    }

    pub(super) fn person_grants(&mut self) -> bool {
        let to_everybody = self.random.random_bool(0.25);
        self.grant_by_hand("made by hand", to_everybody)
    }

    pub(super) fn other_deployment_grants(&mut self) -> bool {
        let intent: u128 = self.random.random();
        self.grant_by_hand(&format!("gw/other/everyone/{intent:032x}"), false)
    }

    pub(super) fn person_activates(&mut self) -> bool {
        let Some(grant) = self.some_grant(|grant| grant.status == GrantStatus::Disabled) else { return false };
        let token = format!("by-hand-{}", self.number());
        let body = json!({"ClientToken": token, "GrantArn": grant.arn, "Status": "ACTIVE"});
        let hub = self.hub.clone();
        self.person_calls(&hub, "CreateGrantVersion", &body)
    }

    /// The hub, or the account itself
    pub(super) fn person_switches_off(&mut self) -> bool {
        let on = |grant: &Grant| matches!(grant.status, GrantStatus::Active | GrantStatus::WorkflowCompleted);
        let Some(grant) = self.some_grant(on) else { return false };
        let own = grant.principal.account().filter(|_| self.next.is_multiple_of(2));
        let caller = own.map_or_else(|| self.hub.clone(), str::to_owned);
        let token = format!("by-hand-{}", self.number());
        let body = json!({"ClientToken": token, "GrantArn": grant.arn, "Status": "DISABLED"});
        self.person_calls(&caller, "CreateGrantVersion", &body)
    }

    pub(super) fn person_deletes(&mut self) -> bool {
        let deletable =
            |grant: &Grant| grant.status.is_live() && grant.status != GrantStatus::PendingDelete && !grant.sub_grant;
        let Some(grant) = self.some_grant(deletable) else { return false };
        let body = json!({"GrantArn": grant.arn, "Version": grant.version.to_string()});
        let hub = self.hub.clone();
        self.person_calls(&hub, "DeleteGrant", &body)
    }

    pub(super) fn member_answers(&mut self, operation: &str) -> bool {
        let Some(grant) = self.some_grant(|grant| grant.status == GrantStatus::PendingAccept) else { return false };
        let Some(account) = grant.principal.account() else { return false };
        self.person_calls(account, operation, &json!({"GrantArn": grant.arn}))
    }
}
