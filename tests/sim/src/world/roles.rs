//! Roles, trails and what else an administrator sets up around the services

use jiff::Timestamp;

use super::World;
use crate::cloud_trail::Trail;
use crate::iam::Role;

impl World {
    /// Makes a role in an account; from then on that name is a role in the accounts where it was put, and in no other
    pub fn put_role(&self, account: &str, name: &str, role: &Role) {
        self.with(|state| state.iam.put(account, name, role.clone()));
    }

    /// Makes a role in every member account, as a StackSet does, which leaves the management account out
    pub fn put_member_roles(&self, name: &str, role: &Role) {
        self.with(|state| {
            let management = &state.organization.management_account;
            let members: Vec<String> =
                state.organization.accounts.keys().filter(|id| *id != management).cloned().collect();
            for account in members {
                state.iam.put(&account, name, role.clone());
            }
        });
    }

    /// Takes a role away from an account, a service-linked one too
    pub fn remove_role(&self, account: &str, name: &str) {
        self.with(|state| state.iam.remove(account, name));
    }

    /// AssumeRole is refused in an account, whatever the role
    pub fn lock_account(&self, account: &str) {
        self.with(|state| state.sts.missing_roles.insert(account.to_owned()));
    }

    /// Takes [`lock_account`](Self::lock_account) back
    pub fn unlock_account(&self, account: &str) {
        self.with(|state| state.sts.missing_roles.remove(account));
    }

    /// Replaces the management account's trails; with none that logs, nothing comes to the bus via CloudTrail
    pub fn set_trails(&self, trails: Vec<Trail>) {
        self.with(|state| state.cloud_trail.trails = trails);
    }

    /// Somebody calls StartLogging or StopLogging on a trail
    pub fn set_logging(&self, trail: &str, logging: bool) {
        self.with(|state| state.set_logging(trail, logging));
    }

    /// Until then a target of rules refuses everything, as a throttled queue does; EventBridge tries again
    pub fn refuse_deliveries(&self, target_arn: &str, until: Timestamp) {
        self.with(|state| state.bus.refuse_until(target_arn, until));
    }
}
