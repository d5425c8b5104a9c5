//! What CloudTrail tells of administrators' calls to Organizations, answers included

use serde_json::{Value, json};

use super::{Account, Creation, Outcome};
use crate::clock::seconds_later;
use crate::events::long_date;
use crate::state::State;

impl State {
    /// A call that succeeded, with what it answered
    pub(super) fn tell_call(&mut self, name: &str, parameters: Value, response: Value) {
        self.tell_organization(|moment| {
            let mut event = moment.organizations_call(name, parameters);
            if let Some(detail) = event.get_mut("detail").and_then(Value::as_object_mut) {
                detail.insert("responseElements".to_owned(), response);
            }
            event
        });
    }

    /// CreateAccount itself: address and name are masked
    pub(super) fn tell_account_asked(&mut self, creation: &Creation) {
        let tags: Vec<Value> = creation.tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
        let status = json!({
            "accountName": "****", "state": "IN_PROGRESS", "id": creation.id,
            "requestedTimestamp": long_date(creation.requested),
        });
        self.tell_call(
            "CreateAccount",
            json!({"tags": tags, "email": "****", "accountName": "****"}),
            json!({"createAccountStatus": status}),
        );
    }

    /// CreateAccountResult, which also means failure
    pub(super) fn tell_account_decided(&mut self, creation: &Creation) {
        match &creation.outcome {
            Outcome::Pending => {}
            Outcome::Made(id) => {
                let now = self.now();
                let account = Account {
                    id: id.clone(),
                    name: creation.name.clone(),
                    parent: self.organization.root.clone(),
                    state: "ACTIVE".to_owned(),
                    tags: creation.tags.clone(),
                    joined: now,
                    ready: seconds_later(now, self.knobs.account_ready_seconds),
                };
                self.settle_in(account, Some(&creation.id));
            }
            Outcome::Failed(reason) => {
                let status = json!({
                    "id": creation.id, "state": "FAILED", "accountName": "****", "failureReason": reason,
                    "requestedTimestamp": long_date(creation.requested),
                    "completedTimestamp": long_date(creation.completed),
                });
                let details = json!({"createAccountStatus": status});
                self.tell_of_account(|moment| {
                    Some(moment.service_event("CreateAccountResult", "1.06", "AWS Internal", details))
                });
            }
        }
    }
}
