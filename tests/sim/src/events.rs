//! The events AWS sends a buyer, in the shapes that its documentation and observers give them

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::knobs::{AgreementArn, Knobs, LicenseManagerEvents, MembershipEvents};
use crate::license_manager::{Subject, license_arn};
use crate::marketplace::Agreement;

/// What every event of one moment has in common
#[derive(Debug)]
pub(crate) struct Moment<'a> {
    /// The account on whose bus the event appears
    pub(crate) account: &'a str,
    pub(crate) at: Timestamp,
    /// Envelope id
    pub(crate) id: String,
    /// `detail.eventID` or `detail.requestId`
    pub(crate) inner_id: String,
    /// How events are written where nobody knows
    pub(crate) knobs: &'a Knobs,
}

/// `2026-09-14T08:12:41Z`
pub(crate) fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `Sep 14, 2026 8:12:03 AM`, as Organizations writes times inside its service events
pub(crate) fn long_date(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%b %-d, %Y %-I:%M:%S %p").to_string()
}

/// The same with a second comma, as the newer membership events have it
fn long_date_with_comma(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%b %-d, %Y, %-I:%M:%S %p").to_string()
}

impl Moment<'_> {
    pub(crate) fn envelope(&self, source: &str, kind: &str, resources: Value, detail: Value) -> Value {
        json!({
            "version": "0",
            "id": self.id,
            "detail-type": kind,
            "source": source,
            "account": self.account,
            "time": iso(self.at),
            "region": "us-east-1",
            "resources": resources,
            "detail": detail,
        })
    }

    /// Purchase Agreement Created: `intent` NEW, RENEW or REPLACE; only RENEW names the agreement before it
    pub(crate) fn agreement_created(&self, agreement: &Agreement, intent: &str, previous: Option<&str>) -> Value {
        let purchase = &agreement.purchase;
        let mut inner = json!({
            "id": purchase.agreement,
            "intent": intent,
            "status": "ACTIVE",
            "startTime": iso(agreement.start),
        });
        if let Some(members) = inner.as_object_mut() {
            members.extend(agreement.end.map(|end| ("endTime".to_owned(), iso(end).into())));
            members.extend(previous.map(|previous| ("previousAgreementId".to_owned(), previous.into())));
            // The documented renewal has no acceptanceTime.
            if previous.is_none() || self.knobs.renewal_event_has_acceptance_time {
                members.insert("acceptanceTime".to_owned(), iso(agreement.accepted).into());
            }
        }
        self.agreement_event(agreement, "Purchase Agreement Created - Acceptor", inner)
    }

    /// Purchase Agreement Ended, with the status that ended it
    pub(crate) fn agreement_ended(&self, agreement: &Agreement) -> Value {
        let inner = json!({"id": agreement.purchase.agreement, "status": agreement.status});
        self.agreement_event(agreement, "Purchase Agreement Ended - Acceptor", inner)
    }

    fn agreement_event(&self, agreement: &Agreement, kind: &str, inner: Value) -> Value {
        let purchase = &agreement.purchase;
        let detail = json!({
            "requestId": self.inner_id,
            "catalog": "AWSMarketplace",
            "agreement": inner,
            "acceptor": {"accountId": purchase.acceptor},
            "proposer": {"accountId": purchase.proposer},
            "offer": {"id": purchase.offer},
        });
        self.on_agreement(agreement, kind, detail)
    }

    /// An event whose one resource is the agreement, in the spelling that the knob says
    pub(crate) fn on_agreement(&self, agreement: &Agreement, kind: &str, detail: Value) -> Value {
        let prefix = match self.knobs.agreement_arn {
            AgreementArn::WithoutPartition => "arn:aws:aws-marketplace::agreement",
            AgreementArn::WithAccount => "arn:aws:aws-marketplace::aws:agreement",
            AgreementArn::WithRegion => "arn:aws:aws-marketplace:aws:agreement",
        };
        let resources = json!([format!("{prefix}:{}", agreement.purchase.agreement)]);
        self.envelope("aws.agreement-marketplace", kind, resources, detail)
    }

    pub(crate) fn service_event(&self, name: &str, version: &str, by: &str, details: Value) -> Value {
        let detail = json!({
            "eventVersion": version,
            "userIdentity": {"accountId": self.account, "invokedBy": by},
            "eventTime": iso(self.at),
            "eventSource": "organizations.amazonaws.com",
            "eventName": name,
            "awsRegion": "us-east-1",
            "sourceIPAddress": by,
            "userAgent": by,
            "requestParameters": null,
            "responseElements": null,
            "eventID": self.inner_id,
            "readOnly": false,
            "eventType": "AwsServiceEvent",
            "managementEvent": true,
            "recipientAccountId": self.account,
            "serviceEventDetails": details,
            "eventCategory": "Management",
        });
        self.envelope("aws.organizations", "AWS Service Event via CloudTrail", json!([]), detail)
    }

    /// CreateAccountResult, which carries the account's id and no unit
    pub(crate) fn account_created(&self, account: &str, request: &str) -> Value {
        let when = long_date(self.at);
        let status = json!({
            "id": request,
            "state": "SUCCEEDED",
            "accountName": "****",
            "accountId": account,
            "requestedTimestamp": when,
            "completedTimestamp": when,
        });
        self.service_event("CreateAccountResult", "1.05", "AWS Internal", json!({"createAccountStatus": status}))
    }

    /// AccountJoinedOrganization, `joinedMethod` CREATED or INVITED
    pub(crate) fn account_joined(&self, account: &str, method: &str) -> Option<Value> {
        let when = long_date_with_comma(self.at);
        let details = json!({"accountId": account, "joinedMethod": method, "joinedTime": when});
        self.membership_event("AccountJoinedOrganization", details)
    }

    /// AccountDepartedOrganization, `departureMethod` LEFT, REMOVED or CLEANED
    pub(crate) fn account_departed(&self, account: &str, method: &str) -> Option<Value> {
        let when = long_date_with_comma(self.at);
        let details = json!({"accountId": account, "departureMethod": method, "departureTime": when});
        self.membership_event("AccountDepartedOrganization", details)
    }

    /// Names and fields of the two are documented, their places are not
    fn membership_event(&self, name: &str, mut details: Value) -> Option<Value> {
        match self.knobs.membership_events {
            MembershipEvents::ServiceEvent => Some(self.service_event(name, "1.11", "AWS Internal", details)),
            MembershipEvents::ApiCall => Some(self.organizations_call(name, details)),
            MembershipEvents::WithoutAccount => {
                details.as_object_mut().map(|members| members.remove("accountId"));
                Some(self.service_event(name, "1.11", "AWS Internal", details))
            }
            MembershipEvents::Untold => None,
        }
    }

    /// CloseAccountResult, sent after success
    pub(crate) fn account_closed(&self, account: &str) -> Value {
        let when = long_date(self.at);
        let status = json!({
            "accountId": account, "state": "SUCCEEDED", "requestedTimestamp": when, "completedTimestamp": when,
        });
        let details = json!({"closeAccountStatus": status});
        self.service_event("CloseAccountResult", "1.08", "organizations.amazonaws.com", details)
    }

    /// A call to Organizations by an administrator, as CloudTrail records it
    pub(crate) fn organizations_call(&self, name: &str, parameters: Value) -> Value {
        self.api_call("organizations", "platform-admin", name, parameters, &Ok(Value::Null))
    }

    /// A call to License Manager, as CloudTrail records it in the caller's account; refused calls too
    pub(crate) fn license_manager_call(&self, name: &str, body: &Value, answer: &Result<Value, ApiError>) -> Value {
        let answer = answer.as_ref().map(camel_case).map_err(Clone::clone);
        self.api_call("license-manager", "license-caller", name, camel_case(body), &answer)
    }

    fn api_call(
        &self,
        service: &str,
        role: &str,
        name: &str,
        parameters: Value,
        answer: &Result<Value, ApiError>,
    ) -> Value {
        let account = self.account;
        let mut detail = json!({
            "eventVersion": "1.08",
            "userIdentity": {
                "type": "AssumedRole",
                "principalId": "AROAX4K7Q2V9EXAMPLE:session",
                "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/session"),
                "accountId": account,
                "accessKeyId": "ASIAX4K7Q2V9EXAMPLE",
                "sessionContext": {
                    "sessionIssuer": {
                        "type": "Role",
                        "principalId": "AROAX4K7Q2V9EXAMPLE",
                        "arn": format!("arn:aws:iam::{account}:role/{role}"),
                        "accountId": account,
                        "userName": role,
                    },
                    "webIdFederationData": {},
                    "attributes": {"mfaAuthenticated": "false", "creationDate": iso(self.at)},
                },
            },
            "eventTime": iso(self.at),
            "eventSource": format!("{service}.amazonaws.com"),
            "eventName": name,
            "awsRegion": "us-east-1",
            "sourceIPAddress": "198.51.100.23",
            "userAgent": "aws-sdk-rust/1.3",
            "requestParameters": parameters,
            "responseElements": answer.as_ref().unwrap_or(&Value::Null),
            "requestID": self.id,
            "eventID": self.inner_id,
            "readOnly": false,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": account,
            "eventCategory": "Management",
        });
        if let (Err(error), Some(members)) = (answer, detail.as_object_mut()) {
            members.insert("errorCode".to_owned(), json!(error.code));
            members.insert("errorMessage".to_owned(), json!(error.message));
        }
        self.envelope(&format!("aws.{service}"), "AWS API Call via CloudTrail", json!([]), detail)
    }

    /// Grant Change or License Change, whose details nobody has published: by the knob nothing, or what one would expect
    pub(crate) fn license_news(&self, subject: &Subject) -> Option<Value> {
        let (kind, detail) = match subject {
            Subject::Grant { arn, license, status } => {
                let license = license_arn(license, self.knobs);
                ("Grant Change", json!({"grantArn": arn, "licenseArn": license, "grantStatus": status.as_str()}))
            }
            Subject::License { license, status } => {
                let license = license_arn(license, self.knobs);
                ("License Change", json!({"licenseArn": license, "status": status.as_str()}))
            }
        };
        match self.knobs.license_manager_events {
            LicenseManagerEvents::Off => None,
            LicenseManagerEvents::Bare => Some(self.envelope("aws.license-manager", kind, json!([]), json!({}))),
            LicenseManagerEvents::Detailed => Some(self.envelope("aws.license-manager", kind, json!([]), detail)),
        }
    }
}

/// Member names as CloudTrail writes them: the first letter small
fn camel_case(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (small(name), camel_case(value))).collect(),
        Value::Array(values) => values.iter().map(camel_case).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn small(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
