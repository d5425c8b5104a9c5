//! The events AWS sends a buyer, in the shapes that its documentation and observers give them

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

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
}

/// `2026-09-14T08:12:41Z`
pub(crate) fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `Sep 14, 2026 8:12:03 AM`, as Organizations writes times inside its service events
fn long_date(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%b %-d, %Y %-I:%M:%S %p").to_string()
}

/// The same with a second comma, as the newer membership events have it
fn long_date_with_comma(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%b %-d, %Y, %-I:%M:%S %p").to_string()
}

impl Moment<'_> {
    fn envelope(&self, source: &str, kind: &str, resources: Value, detail: Value) -> Value {
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
            match previous {
                Some(previous) => members.insert("previousAgreementId".to_owned(), previous.into()),
                // The documented renewal has no acceptanceTime.
                None => members.insert("acceptanceTime".to_owned(), iso(agreement.accepted).into()),
            };
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
        let resources = json!([format!("arn:aws:aws-marketplace::agreement:{}", purchase.agreement)]);
        self.envelope("aws.agreement-marketplace", kind, resources, detail)
    }

    fn service_event(&self, name: &str, version: &str, by: &str, details: Value) -> Value {
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
    pub(crate) fn account_joined(&self, account: &str, method: &str) -> Value {
        let details =
            json!({"accountId": account, "joinedMethod": method, "joinedTime": long_date_with_comma(self.at)});
        self.service_event("AccountJoinedOrganization", "1.11", "AWS Internal", details)
    }

    /// AccountDepartedOrganization, `departureMethod` LEFT, REMOVED or CLEANED
    pub(crate) fn account_departed(&self, account: &str, method: &str) -> Value {
        let details =
            json!({"accountId": account, "departureMethod": method, "departureTime": long_date_with_comma(self.at)});
        self.service_event("AccountDepartedOrganization", "1.11", "AWS Internal", details)
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
        let account = self.account;
        let detail = json!({
            "eventVersion": "1.08",
            "userIdentity": {
                "type": "AssumedRole",
                "principalId": "AROAX4K7Q2V9EXAMPLE:session",
                "arn": format!("arn:aws:sts::{account}:assumed-role/platform-admin/session"),
                "accountId": account,
                "accessKeyId": "ASIAX4K7Q2V9EXAMPLE",
                "sessionContext": {
                    "sessionIssuer": {
                        "type": "Role",
                        "principalId": "AROAX4K7Q2V9EXAMPLE",
                        "arn": format!("arn:aws:iam::{account}:role/platform-admin"),
                        "accountId": account,
                        "userName": "platform-admin",
                    },
                    "webIdFederationData": {},
                    "attributes": {"mfaAuthenticated": "false", "creationDate": iso(self.at)},
                },
            },
            "eventTime": iso(self.at),
            "eventSource": "organizations.amazonaws.com",
            "eventName": name,
            "awsRegion": "us-east-1",
            "sourceIPAddress": "198.51.100.23",
            "userAgent": "aws-sdk-rust/1.3",
            "requestParameters": parameters,
            "responseElements": null,
            "requestID": self.id,
            "eventID": self.inner_id,
            "readOnly": false,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": account,
            "eventCategory": "Management",
        });
        self.envelope("aws.organizations", "AWS API Call via CloudTrail", json!([]), detail)
    }
}
