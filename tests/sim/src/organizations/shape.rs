//! Accounts, units and the organization as the API shows them

use serde_json::{Value, json};

use super::{Account, Organization, Unit};
use crate::clock::epoch_seconds;
use crate::knobs::Knobs;

pub(super) fn organization(organization: &Organization) -> Value {
    let management = &organization.management_account;
    json!({
        "Id": organization.id,
        "Arn": organization.arn(),
        "FeatureSet": "ALL",
        "MasterAccountArn": account_arn(organization, management),
        "MasterAccountId": management,
        "MasterAccountEmail": email(organization, management),
        "AvailablePolicyTypes": [],
    })
}

pub(super) fn account(organization: &Organization, account: &Account, knobs: &Knobs) -> Value {
    let mut shape = json!({
        "Id": account.id,
        "Arn": account_arn(organization, &account.id),
        "Email": email(organization, &account.id),
        "Name": account.name,
        "Status": status(&account.state),
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": epoch_seconds(account.joined),
    });
    if let Some(members) = shape.as_object_mut() {
        if knobs.account_state {
            members.insert("State".to_owned(), account.state.as_str().into());
        }
        if knobs.account_paths {
            members.insert("Paths".to_owned(), json!([path(organization, account)]));
        }
    }
    shape
}

/// The older `Status`: a closed account is SUSPENDED in it, and it has no word for PENDING_ACTIVATION
/// (orgs_manage_accounts_account_state)
fn status(state: &str) -> &str {
    match state {
        "CLOSED" => "SUSPENDED",
        "PENDING_ACTIVATION" => "ACTIVE",
        other => other,
    }
}

/// `o-.../r-.../ou-.../<account>/`, outermost unit first (pattern of the model's `Path`)
fn path(organization: &Organization, account: &Account) -> String {
    let mut parts = vec![organization.id.as_str(), organization.root.as_str()];
    parts.extend(organization.ancestors(&account.parent).into_iter().rev().map(|unit| unit.id.as_str()));
    parts.push(&account.id);
    format!("{}/", parts.join("/"))
}

pub(super) fn unit(organization: &Organization, unit: &Unit) -> Value {
    let mut parts = vec![organization.id.as_str(), organization.root.as_str()];
    parts.extend(organization.ancestors(&unit.id).into_iter().rev().map(|above| above.id.as_str()));
    let path = format!("{}/", parts.join("/"));
    json!({"Id": unit.id, "Arn": organization.unit_arn(&unit.id), "Name": unit.name, "Path": path})
}

pub(super) fn root(organization: &Organization) -> Value {
    let arn = format!(
        "arn:aws:organizations::{}:root/{}/{}",
        organization.management_account, organization.id, organization.root
    );
    json!({"Id": organization.root, "Arn": arn, "Name": "Root", "PolicyTypes": []})
}

/// A member account as the list of delegated administrators shows it, since a time in seconds
pub(super) fn administrator(organization: &Organization, account: &Account, knobs: &Knobs, since: f64) -> Value {
    let mut shape = self::account(organization, account, knobs);
    if let Some(members) = shape.as_object_mut() {
        members.remove("Paths");
        members.insert("DelegationEnabledDate".to_owned(), since.into());
    }
    shape
}

pub(super) fn account_arn(organization: &Organization, id: &str) -> String {
    format!("arn:aws:organizations::{}:account/{}/{id}", organization.management_account, organization.id)
}

pub(super) fn email(organization: &Organization, id: &str) -> String {
    organization.emails.get(id).cloned().unwrap_or_else(|| format!("{id}@example.com"))
}
