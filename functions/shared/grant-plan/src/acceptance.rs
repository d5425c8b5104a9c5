//! What the account's own side does about a grant made to it

use std::time::Duration;

use crate::entry::Entry;
use crate::grant::{Grant, GrantStatus};
use crate::reason::ReasonCode;
use crate::step::GranteeRequest;
use crate::time::{Timestamp, minutes};

/// How long a request may have been under way: the rules it came of may have changed since, and the lane asks again
pub(crate) const FRESH: Duration = minutes(15);

/// The entry of a request that is still to be followed; `entry` is what the ledger holds for its key now
///
/// # Errors
/// Why time has passed it by.
pub fn still_wanted(request: &GranteeRequest, entry: Option<Entry>, now: Timestamp) -> Result<Entry, &'static str> {
    let entry = entry.ok_or("the ledger knows nothing of the grant")?;
    if entry.arn() != Some(&request.grant) {
        Err("the ledger holds another grant by now")
    } else if entry.unwanted_since.is_some() {
        Err("no rule asks for the grant any more")
    } else if now.since(request.asked_at) >= FRESH {
        Err("it was asked for too long ago")
    } else {
        Ok(entry)
    }
}

/// The next thing to do in the account
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// Call AcceptGrant
    Accept,
    /// Call CreateGrantVersion with Status ACTIVE
    Activate,
    /// Nothing; the pair is in this state
    Done(ReasonCode),
}

/// Decides by what the account sees, never by how the organization is set up
///
/// A grant that was accepted by the organization's own setting before we came is as good as one we accept. `activate`
/// says that the grantor asks for activation; `tried` that it was called in this run already.
#[must_use]
pub fn acceptance(grant: &Grant, activate: bool, tried: bool) -> Acceptance {
    match &grant.status {
        GrantStatus::PendingAccept => Acceptance::Accept,
        GrantStatus::Disabled if activate && !tried => Acceptance::Activate,
        GrantStatus::Disabled if activate => Acceptance::Done(ReasonCode::Activating),
        GrantStatus::Disabled => Acceptance::Done(ReasonCode::ManualActivation),
        GrantStatus::Active => Acceptance::Done(ReasonCode::Active),
        // Asked to activate what is on its way: an activation that hangs goes on when it is asked for again, and one
        // that runs is refused, which does no harm.
        GrantStatus::PendingWorkflow if activate && !tried => Acceptance::Activate,
        GrantStatus::PendingWorkflow => Acceptance::Done(ReasonCode::WorkflowPending),
        GrantStatus::Rejected => Acceptance::Done(ReasonCode::Rejected),
        GrantStatus::FailedWorkflow => Acceptance::Done(ReasonCode::FailedWorkflow),
        GrantStatus::PendingDelete | GrantStatus::Deleted => Acceptance::Done(ReasonCode::Deleting),
        GrantStatus::WorkflowCompleted | GrantStatus::Unknown(_) => Acceptance::Done(ReasonCode::UnknownStatus),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(status: &str) -> Grant {
        Grant {
            arn: "arn:aws:license-manager::123456789012:grant:g-1".parse().unwrap(),
            name: String::new(),
            license: "l-1".parse().unwrap(),
            principal: None,
            parent: None,
            status: GrantStatus::from_api(status),
            status_reason: None,
            version: "1".into(),
            operations: std::collections::BTreeSet::new(),
        }
    }

    #[test]
    fn only_a_fresh_request_for_a_grant_that_the_ledger_holds_and_rules_want_is_followed() {
        let grant = grant("PENDING_ACCEPT").arn;
        let key = crate::entry::EntryKey::SubGrant("123456789012".parse().unwrap());
        let phase = crate::entry::Phase::Held { intent: None, arn: grant.clone(), at: Timestamp(0) };
        let entry = Entry::new(None, "everyone".parse().unwrap(), "v1".into(), phase);
        let account = "123456789012".parse().unwrap();
        let request = GranteeRequest {
            license: "l-1".parse().unwrap(),
            account,
            grant,
            activate: true,
            key,
            asked_at: Timestamp(0),
        };
        let why = |entry: Option<&Entry>, now| still_wanted(&request, entry.cloned(), Timestamp(now)).err();
        assert_eq!(why(Some(&entry), 899), None);
        assert!(why(Some(&entry), 900).is_some_and(|why| why.contains("too long ago")));
        assert!(why(None, 1).is_some_and(|why| why.contains("knows nothing")));
        let unwanted = entry.with(|entry| entry.unwanted_since = Some(Timestamp(1)));
        assert!(why(Some(&unwanted), 2).is_some_and(|why| why.contains("no rule")));
        let closed = entry.with(|entry| {
            entry.phase = crate::entry::Phase::Closed { because: "gone".into(), at: Timestamp(1) };
        });
        assert!(why(Some(&closed), 2).is_some_and(|why| why.contains("another grant")));
    }

    #[test]
    fn accept_then_activate_then_done() {
        assert_eq!(acceptance(&grant("PENDING_ACCEPT"), true, false), Acceptance::Accept);
        assert_eq!(acceptance(&grant("DISABLED"), true, false), Acceptance::Activate);
        assert_eq!(acceptance(&grant("DISABLED"), true, true), Acceptance::Done(ReasonCode::Activating));
        assert_eq!(acceptance(&grant("ACTIVE"), true, true), Acceptance::Done(ReasonCode::Active));
    }

    #[test]
    fn what_is_on_its_way_is_activated_once_more_where_that_was_asked_for() {
        assert_eq!(acceptance(&grant("PENDING_WORKFLOW"), true, false), Acceptance::Activate);
        let waits = Acceptance::Done(ReasonCode::WorkflowPending);
        assert_eq!(acceptance(&grant("PENDING_WORKFLOW"), true, true), waits);
        assert_eq!(acceptance(&grant("PENDING_WORKFLOW"), false, false), waits);
    }

    #[test]
    fn a_rule_that_leaves_activation_to_the_owner_is_obeyed() {
        assert_eq!(acceptance(&grant("DISABLED"), false, false), Acceptance::Done(ReasonCode::ManualActivation));
    }
}
