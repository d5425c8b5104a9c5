//! Service Quotas: what a caller may read of License Manager's limits

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::page;
use crate::state::State;

const SERVICE: (&str, &str) = ("license-manager", "AWS License Manager");
/// AWS publishes the codes of quotas in its console only: this one is made up, its name is what to look for
const GRANTS: (&str, &str) = ("L-PRETEND1", "Grants per license");
/// License Manager User Guide, "Distribute a license": 2,000 grants for one license
const GRANTS_BY_DEFAULT: usize = 2_000;
/// `MaxResults`: 1 to 100
const LARGEST_PAGE: usize = 100;

impl State {
    pub(crate) fn call_service_quotas(
        &mut self,
        caller: &str,
        operation: &str,
        body: &Value,
    ) -> Result<Value, ApiError> {
        let applied = quota(caller, self.knobs.grants_per_license);
        let default = quota(caller, GRANTS_BY_DEFAULT);
        match operation {
            "GetServiceQuota" | "GetAWSDefaultServiceQuota" => {
                service(body)?;
                if word(body, "QuotaCode", 128)? != GRANTS.0 {
                    return Err(no_such("service quota"));
                }
                Ok(json!({"Quota": if operation == "GetServiceQuota" { applied } else { default }}))
            }
            "ListServiceQuotas" | "ListAWSDefaultServiceQuotas" => {
                service(body)?;
                let all = vec![if operation == "ListServiceQuotas" { applied } else { default }];
                let wanted = match body.get("QuotaCode") {
                    None | Some(Value::Null) => None,
                    Some(_) => Some(word(body, "QuotaCode", 128)?),
                };
                let found = if wanted.is_none_or(|code| code == GRANTS.0) { all } else { Vec::new() };
                quotas_page("Quotas", found, body)
            }
            "ListServices" => {
                quotas_page("Services", vec![json!({"ServiceCode": SERVICE.0, "ServiceName": SERVICE.1})], body)
            }
            other => Err(ApiError::refused("UnknownOperationException", format!("No operation {other}"))),
        }
    }
}

fn quota(account: &str, value: usize) -> Value {
    let (service, code) = (SERVICE.0, GRANTS.0);
    json!({
        "ServiceCode": service,
        "ServiceName": SERVICE.1,
        "QuotaArn": format!("arn:aws:servicequotas:us-east-1:{account}:{service}/{code}"),
        "QuotaCode": code,
        "QuotaName": GRANTS.1,
        "Value": value as f64,
        "Unit": "None",
        "Adjustable": false,
        "GlobalQuota": false,
        "QuotaAppliedAtLevel": "ACCOUNT",
    })
}

fn quotas_page(member: &str, items: Vec<Value>, body: &Value) -> Result<Value, ApiError> {
    let size = page::size(body.get("MaxResults"), LARGEST_PAGE).ok_or_else(|| illegal("MaxResults"))?;
    let token = body.get("NextToken").and_then(Value::as_str);
    let (items, next) = page::cut(member, items, size, token)
        .ok_or_else(|| ApiError::refused("InvalidPaginationTokenException", "Invalid NextToken was provided."))?;
    Ok(match next {
        Some(next) => json!({member: items, "NextToken": next}),
        None => json!({member: items}),
    })
}

fn service(body: &Value) -> Result<(), ApiError> {
    if word(body, "ServiceCode", 63)? == SERVICE.0 { Ok(()) } else { Err(no_such("service")) }
}

/// `[a-zA-Z][a-zA-Z0-9-]{1,...}`
fn word<'a>(body: &'a Value, member: &str, most: usize) -> Result<&'a str, ApiError> {
    let word = body.get(member).and_then(Value::as_str).unwrap_or_default();
    let legal = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let begins = word.starts_with(|first: char| first.is_ascii_alphabetic());
    if (2..=most).contains(&word.len()) && legal && begins { Ok(word) } else { Err(illegal(member)) }
}

fn illegal(member: &str) -> ApiError {
    ApiError::refused("IllegalArgumentException", format!("Invalid input was provided for {member}."))
}

fn no_such(what: &str) -> ApiError {
    let message = format!("The request failed because the specified {what} does not exist.");
    ApiError::refused("NoSuchResourceException", message)
}
