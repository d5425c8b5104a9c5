//! Acceptance in the member's own account: what the hub asks for by an event, and what is followed there
//!
//! Whoever runs there has no ledger to ask. An event says where to look and nothing else: that a grant is one of the
//! hub's deployment and made to this account is read off the grant, and what came late is not followed, since the hub
//! asks again for as long as it wants it.

use serde::{Deserialize, Serialize};

use crate::acceptance::FRESH;
use crate::grant::{Grant, GrantStatus};
use crate::id::{AccountId, Deployment, GrantArn, LicenseId};
use crate::organization::Principal;
use crate::step::GranteeRequest;
use crate::time::Timestamp;

/// `source` of the event
pub const SOURCE: &str = "grantway";
/// `detail-type` of the event
pub const DETAIL_TYPE: &str = "Grant Requested";

/// `detail` of the event
///
/// Fields that are not known are passed over: a StackSet brings members a new version hours after the hub has it. How
/// other grants of the product are treated is none of them, so that no event can displace anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpokeRequest {
    /// Whose stamp the grant carries
    pub deployment: Deployment,
    /// The license, for people who read logs
    pub license: LicenseId,
    /// The account that is to act
    pub account: AccountId,
    /// The grant to accept
    pub grant: GrantArn,
    /// Whether to activate it too
    pub activate: bool,
    /// When the lane asked
    pub asked_at: Timestamp,
}

impl SpokeRequest {
    /// What a lane asks of an account's own side, as its event says it
    #[must_use]
    pub fn new(deployment: Deployment, request: &GranteeRequest) -> Self {
        Self {
            deployment,
            license: request.license.clone(),
            account: request.account.clone(),
            grant: request.grant.clone(),
            activate: request.activate,
            asked_at: request.asked_at,
        }
    }

    /// Whether to look at the grant at all, in `account` and for `deployment`
    ///
    /// # Errors
    /// Why not.
    pub fn concerns(&self, deployment: &Deployment, account: &AccountId, now: Timestamp) -> Result<(), &'static str> {
        if self.deployment != *deployment {
            Err("it is another deployment's request")
        } else if self.account != *account {
            Err("it is for another account")
        } else if now.since(self.asked_at) >= FRESH {
            Err("it was asked for too long ago")
        } else {
            Ok(())
        }
    }
}

/// Whether a grant that this account sees is a deployment's and made to the account itself
///
/// # Errors
/// Why it is left alone.
pub fn is_for_us(grant: &Grant, deployment: &Deployment, account: &AccountId) -> Result<(), &'static str> {
    if grant.stamp().is_none_or(|stamp| stamp.deployment != *deployment) {
        Err("the grant's name says that another made it")
    } else if grant.principal != Some(Principal::Account(account.clone())) {
        Err("the grant is made to somebody else")
    } else {
        Ok(())
    }
}

/// Whether the sweep takes up a grant that no event told of: it accepts, which by itself makes nothing usable, and
/// leaves activation to events, since only the hub knows whether a rule leaves that to the account's owner
#[must_use]
pub fn is_swept(grant: &Grant, deployment: &Deployment, account: &AccountId) -> bool {
    grant.status == GrantStatus::PendingAccept && is_for_us(grant, deployment, account).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "123456789012";

    fn grant(name: &str, account: &str, status: &str) -> Grant {
        Grant {
            arn: "arn:aws:license-manager::210987654321:grant:g-1".parse().unwrap(),
            name: name.to_owned(),
            license: "l-1".parse().unwrap(),
            principal: account.parse().ok().map(Principal::Account),
            parent: None,
            status: GrantStatus::from_api(status),
            status_reason: None,
            operations: Default::default(),
            version: "1".into(),
        }
    }

    fn stamp(deployment: &str) -> String {
        format!("gw/{deployment}/everyone/0123456789abcdef0123456789abcdef")
    }

    #[test]
    fn only_a_fresh_request_of_ones_own_deployment_and_account_is_looked_at() {
        let request = SpokeRequest {
            deployment: "main".parse().unwrap(),
            license: "l-1".parse().unwrap(),
            account: ACCOUNT.parse().unwrap(),
            grant: "arn:aws:license-manager::210987654321:grant:g-1".parse().unwrap(),
            activate: true,
            asked_at: Timestamp(1000),
        };
        let why = |deployment: &str, account: &str, now| {
            request.concerns(&deployment.parse().unwrap(), &account.parse().unwrap(), Timestamp(now)).err()
        };
        assert_eq!(why("main", ACCOUNT, 1899), None);
        // The member's clock may be behind the hub's.
        assert_eq!(why("main", ACCOUNT, 900), None);
        assert!(why("main", ACCOUNT, 1900).is_some_and(|why| why.contains("too long ago")));
        assert!(why("other", ACCOUNT, 1001).is_some_and(|why| why.contains("another deployment")));
        assert!(why("main", "999999999999", 1001).is_some_and(|why| why.contains("another account")));
    }

    #[test]
    fn what_is_not_stamped_or_not_ones_own_is_left_alone_whatever_an_event_says() {
        let (deployment, account) = ("main".parse().unwrap(), ACCOUNT.parse().unwrap());
        let why = |name: &str, to: &str| is_for_us(&grant(name, to, "PENDING_ACCEPT"), &deployment, &account).err();
        assert_eq!(why(&stamp("main"), ACCOUNT), None);
        for name in [stamp("other"), "a colleague's".to_owned(), "gw/main/everyone".to_owned(), String::new()] {
            assert!(why(&name, ACCOUNT).is_some_and(|why| why.contains("another made it")), "{name}");
        }
        for to in ["999999999999", "organization"] {
            assert!(why(&stamp("main"), to).is_some_and(|why| why.contains("somebody else")), "{to}");
        }
    }

    #[test]
    fn the_sweep_takes_up_what_waits_for_acceptance_and_nothing_else() {
        let (deployment, account) = ("main".parse().unwrap(), ACCOUNT.parse().unwrap());
        let swept = |name: &str, status: &str| is_swept(&grant(name, ACCOUNT, status), &deployment, &account);
        assert!(swept(&stamp("main"), "PENDING_ACCEPT"));
        assert!(!swept("a colleague's", "PENDING_ACCEPT"));
        for status in ["DISABLED", "ACTIVE", "PENDING_WORKFLOW", "REJECTED", "DELETED", "NEW_ONE"] {
            assert!(!swept(&stamp("main"), status), "{status}");
        }
    }

    #[test]
    fn a_newer_hub_may_say_more_and_an_older_one_no_less() {
        let whole = serde_json::json!({
            "deployment": "main", "license": "l-1", "account": ACCOUNT, "activate": false, "asked_at": 1000,
            "grant": "arn:aws:license-manager::210987654321:grant:g-1", "more": {"than": "is known"},
        });
        let request: SpokeRequest = serde_json::from_value(whole.clone()).unwrap();
        assert!(!request.activate && request.asked_at == Timestamp(1000));
        for field in ["deployment", "license", "account", "grant", "activate", "asked_at"] {
            let mut less = whole.clone();
            less.as_object_mut().unwrap().remove(field);
            assert!(serde_json::from_value::<SpokeRequest>(less).is_err(), "{field}");
        }
    }
}
