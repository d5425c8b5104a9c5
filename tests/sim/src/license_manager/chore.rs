//! What License Manager does later to a grant that is not waiting for it

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::coverage::is_under;
use super::grant::GrantStatus;
use super::transition::{Change, Transition};
use super::workflow::Work;
use super::{Arn, LicenseManager, Turn, after};

/// Something to do when its time comes, if it is still called for
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Chore {
    /// Activate a grant that was made with DesiredStatus
    Activate(Arn),
    /// Take a sub-grant from an account that left
    Remove(Arn),
    /// Make a license AVAILABLE, by its id
    Release(Arn),
}

impl LicenseManager {
    pub(super) fn put_off(&mut self, chore: Chore, due: Timestamp) {
        self.started += 1;
        self.chores.insert((due, self.started), chore);
    }

    pub(super) fn attend_to(&mut self, chore: Chore, turn: &mut Turn<'_>) {
        match chore {
            Chore::Activate(arn) => {
                let Some(grant) = self.grant(&arn) else { return };
                let idle = matches!(grant.status, GrantStatus::Disabled | GrantStatus::WorkflowCompleted);
                if grant.is_live() && idle && !grant.activated {
                    let started = Change::to(GrantStatus::PendingWorkflow, Transition::Activating);
                    self.shift(&arn, started, turn.now);
                    self.begin(&arn, Work::Activate, after(turn.now, turn.knobs.workflow_seconds));
                }
            }
            Chore::Remove(arn) => {
                let Some(sub_grant) = self.grant(&arn).filter(|grant| grant.is_live()) else { return };
                let parent = self.grant(&sub_grant.parent_arn);
                let account = sub_grant.principal.account().unwrap_or_default();
                if !parent.is_some_and(|parent| is_under(&parent.principal, account, turn.organization)) {
                    self.remove(&arn, GrantStatus::Deleted, turn);
                }
            }
            Chore::Release(license) => self.release_license(&license, turn.knobs, turn.now),
        }
    }
}
