//! A grant as it was observed, and the stamp by which ours are known

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{Deployment, GrantArn, IdError, Intent, LicenseId, RuleId};
use crate::organization::Principal;

/// One grant or sub-grant
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its ARN
    pub arn: GrantArn,
    /// GrantName, where ours carry a [`Stamp`]
    pub name: String,
    /// The license it is of
    pub license: LicenseId,
    /// Whom it is made to; `None` for a principal outside the organization or in an unknown form
    pub principal: Option<Principal>,
    /// ParentArn: for a sub-grant the organization or unit grant it came from
    pub parent: Option<GrantArn>,
    /// Where it stands
    pub status: GrantStatus,
    /// StatusReason, free text
    pub status_reason: Option<String>,
    /// Version, which DeleteGrant must name
    pub version: String,
    /// GrantedOperations; empty: not told
    pub operations: BTreeSet<String>,
}

impl Grant {
    /// The stamp its name carries
    #[must_use]
    pub fn stamp(&self) -> Option<Stamp> {
        self.name.parse().ok()
    }
}

/// GrantStatus of the API, unknown ones kept as text
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GrantStatus {
    /// Distribution or activation is running
    PendingWorkflow,
    /// The grantee must accept
    PendingAccept,
    /// The grantee said no; terminal
    Rejected,
    /// Usable
    Active,
    /// Distribution failed
    FailedWorkflow,
    /// Gone; lists keep it as a tombstone
    Deleted,
    /// Going
    PendingDelete,
    /// Accepted, not activated: unusable
    Disabled,
    /// Organization and unit grants only: distributed or recalled; sub-grants carry the state
    WorkflowCompleted,
    /// A status this version does not know
    Unknown(String),
}

impl GrantStatus {
    /// The status for the API's text
    #[must_use]
    pub fn from_api(text: &str) -> Self {
        match text {
            "PENDING_WORKFLOW" => Self::PendingWorkflow,
            "PENDING_ACCEPT" => Self::PendingAccept,
            "REJECTED" => Self::Rejected,
            "ACTIVE" => Self::Active,
            "FAILED_WORKFLOW" => Self::FailedWorkflow,
            "DELETED" => Self::Deleted,
            "PENDING_DELETE" => Self::PendingDelete,
            "DISABLED" => Self::Disabled,
            // The user guide writes WORKFLOW_COMPLETE, the API model WORKFLOW_COMPLETED.
            "WORKFLOW_COMPLETED" | "WORKFLOW_COMPLETE" => Self::WorkflowCompleted,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// The API's text
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::PendingWorkflow => "PENDING_WORKFLOW",
            Self::PendingAccept => "PENDING_ACCEPT",
            Self::Rejected => "REJECTED",
            Self::Active => "ACTIVE",
            Self::FailedWorkflow => "FAILED_WORKFLOW",
            Self::Deleted => "DELETED",
            Self::PendingDelete => "PENDING_DELETE",
            Self::Disabled => "DISABLED",
            Self::WorkflowCompleted => "WORKFLOW_COMPLETED",
            Self::Unknown(other) => other,
        }
    }

    /// Whether the grant still takes up its (license, principal): everything but a tombstone
    ///
    /// A rejected grant still stands in the way of nothing but is terminal; it is kept as live so that nobody makes
    /// another one behind the grantee's back.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !matches!(self, Self::Deleted)
    }
}

impl fmt::Display for GrantStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What the name of a grant of ours says: `gw/<deployment>/<rule>/<intent>`
///
/// The intent is written to the ledger before the call that uses it, so a grant whose record was lost is still known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Which deployment made it
    pub deployment: Deployment,
    /// For which rule
    pub rule: RuleId,
    /// By which intent
    pub intent: Intent,
}

impl fmt::Display for Stamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "gw/{}/{}/{}", self.deployment, self.rule, self.intent)
    }
}

/// A name that is no stamp
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// Not `gw/` and three parts
    #[error("not of the form `gw/<deployment>/<rule>/<intent>`")]
    Shape,
    /// A part is malformed
    #[error(transparent)]
    Part(#[from] IdError),
}

impl FromStr for Stamp {
    type Err = StampError;

    fn from_str(name: &str) -> Result<Self, StampError> {
        let mut parts = name.split('/');
        match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("gw"), Some(deployment), Some(rule), Some(intent), None) => {
                Ok(Self { deployment: deployment.parse()?, rule: rule.parse()?, intent: intent.parse()? })
            }
            _ => Err(StampError::Shape),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_back_from_the_name_it_makes() {
        let name = "gw/main/everyone/0123456789abcdef0123456789abcdef";
        let stamp: Stamp = name.parse().unwrap();
        assert_eq!(stamp.to_string(), name);
        for other in ["my grant", "gw/main/everyone", "gw/main/everyone/xyz", "gw/main/a/b/c", ""] {
            assert!(other.parse::<Stamp>().is_err(), "{other}");
        }
    }

    #[test]
    fn every_status_of_the_api_keeps_its_name() {
        let names = [
            "PENDING_WORKFLOW",
            "PENDING_ACCEPT",
            "REJECTED",
            "ACTIVE",
            "FAILED_WORKFLOW",
            "DELETED",
            "PENDING_DELETE",
            "DISABLED",
            "WORKFLOW_COMPLETED",
        ];
        for name in names {
            let status = GrantStatus::from_api(name);
            assert!(!matches!(status, GrantStatus::Unknown(_)), "{name}");
            assert_eq!(status.as_str(), name);
        }
        assert_eq!(GrantStatus::from_api("NEW_ONE").as_str(), "NEW_ONE");
    }
}
