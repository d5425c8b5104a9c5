//! AWS IAM: roles, as far as somebody looks whether they are there and STS lets somebody in by them

mod calls;
mod trust;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::calls::Digest;
use crate::organizations::Organization;

/// The roles of every account
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Iam {
    #[serde(with = "crate::world::pairs")]
    roles: BTreeMap<(String, String), Role>,
    /// Names that were ever put anywhere, so that the world knows where they are and where not
    known: BTreeSet<String>,
    /// Service-linked roles that are missing in an account, by account and name
    without: BTreeSet<(String, String)>,
}

/// A role
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// `/` or `/some/path/`
    pub path: String,
    /// Trust policy: who may assume it
    pub trust: Value,
    /// Description
    pub description: String,
    /// ARNs of managed policies
    pub attached: Vec<String>,
    /// Inline policies by name
    pub inline: BTreeMap<String, Value>,
    /// When it was made; the beginning of its account when not said
    pub created: Option<Timestamp>,
}

/// Service-linked roles of License Manager and Marketplace, and who has them
const SERVICE_LINKED: [(&str, &str, Has); 5] = [
    ("AWSServiceRoleForOrganizations", "organizations.amazonaws.com", Has::Every),
    ("AWSServiceRoleForAWSLicenseManagerRole", "license-manager.amazonaws.com", Has::Every),
    (
        "AWSServiceRoleForAWSLicenseManagerMasterAccountRole",
        "license-manager.master-account.amazonaws.com",
        Has::Management,
    ),
    (
        "AWSServiceRoleForAWSLicenseManagerMemberAccountRole",
        "license-manager.member-account.amazonaws.com",
        Has::Members,
    ),
    ("AWSServiceRoleForMarketplaceLicenseManagement", "license-management.marketplace.amazonaws.com", Has::Every),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Has {
    Every,
    Management,
    Members,
}

/// `AROA...`: nobody looks at ids; they need to be stable and different
pub(crate) fn role_id(account: &str, name: &str) -> String {
    format!("AROA{}", Digest::of(&[account.as_bytes(), name.as_bytes()]).to_uppercase())
}

impl Role {
    /// A role that an account's own administrators may let anybody of these accounts assume
    pub fn trusting(accounts: &[&str]) -> Self {
        let principals: Vec<String> = accounts.iter().map(|account| format!("arn:aws:iam::{account}:root")).collect();
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "sts:AssumeRole"});
        Self {
            path: "/".to_owned(),
            trust: json!({"Version": "2012-10-17", "Statement": [statement]}),
            description: String::new(),
            attached: Vec::new(),
            inline: BTreeMap::new(),
            created: None,
        }
    }

    fn service_linked(service: &str) -> Self {
        let statement = json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"});
        Self {
            path: format!("/aws-service-role/{service}/"),
            trust: json!({"Version": "2012-10-17", "Statement": [statement]}),
            ..Self::trusting(&[])
        }
    }
}

impl Iam {
    /// Makes a role in an account, or replaces one
    ///
    /// From now on this name is a role in the accounts where it was put, and in no other.
    pub fn put(&mut self, account: &str, name: &str, role: Role) {
        self.without.remove(&(account.to_owned(), name.to_owned()));
        self.known.insert(name.to_owned());
        self.roles.insert((account.to_owned(), name.to_owned()), role);
    }

    /// Takes a role away from an account, a service-linked one too
    pub fn remove(&mut self, account: &str, name: &str) {
        let key = (account.to_owned(), name.to_owned());
        self.roles.remove(&key);
        if SERVICE_LINKED.iter().any(|(linked, _, _)| *linked == name) {
            self.without.insert(key);
        }
    }

    /// A role of an account of the organization, made or service-linked
    pub fn find(&self, organization: &Organization, account: &str, name: &str) -> Option<Role> {
        let key = (account.to_owned(), name.to_owned());
        if let Some(role) = self.roles.get(&key) {
            return Some(role.clone());
        }
        let (_, service, has) = SERVICE_LINKED.iter().find(|(linked, _, _)| *linked == name)?;
        let member = organization.accounts.contains_key(account);
        let management = account == organization.management_account;
        let holds = match has {
            Has::Every => true,
            Has::Management => management,
            Has::Members => !management,
        };
        (member && holds && !self.without.contains(&key)).then(|| Role::service_linked(service))
    }

    /// Whether an account has the role that a service makes for itself, such as `license-manager.amazonaws.com`
    pub fn has_service_linked(&self, organization: &Organization, account: &str, service: &str) -> bool {
        let linked = SERVICE_LINKED.iter().find(|(_, principal, _)| *principal == service);
        linked.is_some_and(|(name, _, _)| self.find(organization, account, name).is_some())
    }

    /// Names of every role of an account, in their order
    fn names(&self, organization: &Organization, account: &str) -> BTreeSet<String> {
        let made = self.roles.keys().filter(|(who, _)| who == account).map(|(_, name)| name.clone());
        let linked = SERVICE_LINKED.iter().map(|(name, _, _)| (*name).to_owned());
        made.chain(linked).filter(|name| self.find(organization, account, name).is_some()).collect()
    }
}
