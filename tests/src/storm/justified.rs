//! Whether a pair's reason is true in the world: one line per code, read off the pretend AWS and not off the engine
//!
//! Codes are text here. A code that this table does not know is not justified, and so is every code that says that
//! something is under way, unless the world itself says what it waits for.

use std::sync::Arc;

use pretend_aws::license_manager::{Grant, GrantStatus, LicenseStatus, Principal, Write, WriteOperation};
use pretend_aws::{Purchase, State};
use serde_json::Value;

use super::ledger::Ledger;

/// Everything about one pair that the world says by itself
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) state: &'a State,
    pub(super) ledger: &'a Ledger,
    /// The ledger was emptied or restored
    pub(super) ledger_lost: bool,
    pub(super) purchase: &'a Purchase,
    pub(super) account: &'a str,
    /// The rule that names the pair
    pub(super) rule: &'a Value,
    /// Why the pair is left as it is, if it is
    pub(super) left: Option<&'static str>,
    /// How names of Grantway's grants begin
    pub(super) prefix: &'a str,
    pub(super) paused: bool,
    pub(super) budget: usize,
}

impl Facts<'_> {
    /// Whether the code is true
    pub(super) fn justify(&self, code: &str) -> bool {
        match code {
            "ACTIVE" => self.is_active(),
            "PROTECTED" | "ROLLOUT_LATER" | "TOO_MANY_ACCOUNTS" => self.left == Some(code),
            "HOLDER" => self.account == self.purchase.acceptor,
            "NOT_SHAREABLE" => self.purchase.product_type == "SaaSProduct",
            "LICENSE_ENDED" => {
                self.license_is(&[LicenseStatus::Expired, LicenseStatus::Deleted, LicenseStatus::Deactivated])
            }
            "LICENSE_PENDING" => self.license_is(&[LicenseStatus::PendingAvailable]),
            "ACCOUNT_SUSPENDED" => match self.account_state() {
                Some("SUSPENDED" | "PENDING_CLOSURE") => true,
                // `Status`, which is all there is where `State` is missing, has no word for it.
                Some("CLOSED") => !self.state.knobs.account_state,
                Some(_) | None => false,
            },
            "ACCOUNT_CLOSED" => matches!(self.account_state(), Some("CLOSED") | None),
            "ACCOUNT_NOT_READY" => self.account_state() == Some("PENDING_ACTIVATION"),
            "OWN_SUBSCRIPTION" => self.subscribes() && self.activation() != "replace",
            "REPLACE_UNAPPROVED" => self.subscribes() && self.activation() == "replace",
            "COVERED_BY_FOREIGN" => {
                self.here().any(|grant| grant.status == GrantStatus::Active && !self.is_ours(grant))
            }
            "FOREIGN_NOT_ACTIVE" => self.on_this_principal().any(|grant| !self.is_ours(grant) && !is_stamped(grant)),
            "OTHER_DEPLOYMENT" => self.on_this_principal().any(|grant| !self.is_ours(grant) && is_stamped(grant)),
            "MANUAL_ACTIVATION" => self.activation() == "manual" && self.ours_here(GrantStatus::Disabled),
            "REJECTED" => self.ours_here(GrantStatus::Rejected),
            "FAILED_WORKFLOW" => {
                self.ours_anywhere(GrantStatus::FailedWorkflow) || self.is_unfinished() || self.is_occupied()
            }
            // Deletions take days in some worlds.
            "DELETING" => self.ours_anywhere(GrantStatus::PendingDelete),
            "STAMP_WITHOUT_ENTRY" => self.ledger_lost && self.has_unknown_stamp(),
            "PAUSED" => self.paused,
            "GRANT_BUDGET" => self.live_grants() >= self.budget,
            "QUOTA_REACHED" => self.counted_grants() >= self.state.knobs.grants_per_license,
            "TRUSTED_ACCESS_MISSING" => self.state.organization.trusted_services.len() < 2,
            "MEMBER_ROLE_MISSING" => self.state.sts.missing_roles.contains(self.account),
            "MANAGEMENT_NOT_GRANTABLE" => self.is_refused() || self.is_out_of_reach(),
            "CONTESTED" => self.is_fought_over(),
            "ACTIVATION_STALLED" => {
                self.is_occupied() || self.is_unfinished() || self.is_taken_back() || self.is_left_hanging()
            }
            "ACCESS_DENIED" => self.is_unfinished(),
            _ => false,
        }
    }

    /// No grant can ever get through to the account, whatever is tried: License Manager fails it or leaves it off
    pub(super) fn is_in_vain(&self) -> bool {
        self.is_unfinished() || self.is_occupied()
    }

    /// Whether a code is one of the round that such a grant goes: made, failed, deleted, made anew the day after
    pub(super) fn goes_round(&self, code: &str) -> bool {
        let round = ["CREATING", "NOT_VISIBLE_YET", "WORKFLOW_PENDING", "ACTIVATING", "AWAITING_ACCEPTANCE"];
        round.contains(&code) || ["AWAITING_GRANTEE", "DELETING", "FAILED_WORKFLOW", "RETRYING"].contains(&code)
    }

    /// Another organization grant on its way, or a deletion that takes weeks in some worlds, keeps this one from being made
    pub(super) fn is_crowded_out(&self, code: &str) -> bool {
        code == "INTENT_UNRESOLVED" && self.state.license_manager.is_crowded(&self.state.knobs)
    }

    /// What the world knows that a wrong code could be explained with, for people
    pub(super) fn said(&self) -> String {
        let grants: Vec<String> = self
            .state
            .license_manager
            .grants()
            .filter(|grant| grant.license == self.purchase.license || grant.sku == self.purchase.sku)
            .filter(|grant| match &grant.principal {
                Principal::Account(account) => account == self.account,
                Principal::Organization | Principal::Unit(_) => true,
            })
            .map(|grant| {
                let (short, name) = (grant.arn.rsplit(':').next().unwrap_or_default(), &grant.name);
                format!(
                    "{short} `{name}` of {} {:?} {:?} {:?}",
                    grant.license, grant.principal, grant.status, grant.status_reason
                )
            })
            .collect();
        format!(
            "account {:?}, license {:?}, rule {}, grants: [{}]",
            self.account_state(),
            self.license_status(),
            self.rule,
            grants.join("; ")
        )
    }

    fn is_ours(&self, grant: &Grant) -> bool {
        grant.name.starts_with(self.prefix)
    }

    fn license_status(&self) -> Option<LicenseStatus> {
        self.state.license_manager.license(&self.purchase.license).map(|license| license.status)
    }

    fn license_is(&self, statuses: &[LicenseStatus]) -> bool {
        self.license_status().is_some_and(|status| statuses.contains(&status))
    }

    fn account_state(&self) -> Option<&str> {
        self.state.organization.accounts.get(self.account).map(|account| account.state.as_str())
    }

    fn activation(&self) -> &str {
        self.rule.get("activation").and_then(Value::as_str).unwrap_or("keep")
    }

    /// Grants and sub-grants of the license to this very account
    fn here(&self) -> impl Iterator<Item = &Grant> {
        let grants = self.state.license_manager.grants().filter(|grant| grant.license == self.purchase.license);
        grants
            .filter(|grant| grant.principal.account() == Some(self.account) && grant.grantor == self.purchase.acceptor)
    }

    /// Those of them that were made to the account and not to something above it
    fn on_this_principal(&self) -> impl Iterator<Item = &Grant> {
        self.here().filter(|grant| !grant.sub_grant && grant.status != GrantStatus::Deleted)
    }

    /// Whether License Manager itself has the license ACTIVE in the account
    pub(super) fn is_active(&self) -> bool {
        self.here().any(|grant| grant.status == GrantStatus::Active)
    }

    fn ours_here(&self, status: GrantStatus) -> bool {
        self.here().any(|grant| self.is_ours(grant) && grant.status == status)
    }

    fn ours_anywhere(&self, status: GrantStatus) -> bool {
        let mut grants = self.state.license_manager.grants().filter(|grant| grant.license == self.purchase.license);
        grants.any(|grant| self.is_ours(grant) && grant.status == status)
    }

    /// Another grant for the product is active in the account: of another license, and not what the account bought itself
    fn is_occupied(&self) -> bool {
        let mut others = self.state.license_manager.grants().filter(|grant| grant.sku == self.purchase.sku);
        others.any(|grant| {
            grant.principal.account() == Some(self.account)
                && grant.status == GrantStatus::Active
                && grant.license != self.purchase.license
                && !grant.is_own_subscription()
        })
    }

    /// The account's own subscription to the product is active
    fn subscribes(&self) -> bool {
        let manager = &self.state.license_manager;
        let mut own =
            manager.licenses().filter(|license| license.holder() == self.account && license.sku() == self.purchase.sku);
        own.any(|license| manager.grant(&license.received_by).is_some_and(|grant| grant.status == GrantStatus::Active))
    }

    /// The management account is beyond the reach of a member's organization grant, where AWS has it so
    fn is_out_of_reach(&self) -> bool {
        self.account == self.state.organization.management_account
            && !self.state.knobs.organization_grant_covers_management
    }

    /// People undid what Grantway made for the account at least three times, within a day or little more
    fn is_fought_over(&self) -> bool {
        let undoes = |write: &&Arc<Write>| {
            let off = write.operation == WriteOperation::DeleteGrant || write.status == Some(GrantStatus::Disabled);
            off && write.person
                && write.license == self.purchase.license
                && write.name.starts_with(self.prefix)
                && write.principal.account().is_none_or(|to| to == self.account)
        };
        let writes = self.state.license_manager.writes().iter().filter(undoes);
        let undone: Vec<i64> = writes.map(|write| write.at.as_second()).collect();
        undone.iter().zip(undone.iter().skip(2)).any(|(first, third)| third - first <= 2 * 86_400)
    }

    /// A workflow hangs that nobody is to repeat: a person's, where the rule says hands off or everything is paused
    fn is_left_hanging(&self) -> bool {
        let hands_off = self.paused || self.activation() == "manual";
        hands_off && self.ours_here(GrantStatus::PendingWorkflow)
    }

    /// Somebody deleted an organization grant of ours that reads as if it had been distributed, where AWS has it so
    fn is_taken_back(&self) -> bool {
        let mut grants = self.state.license_manager.grants().filter(|grant| grant.license == self.purchase.license);
        grants.any(|grant| self.is_ours(grant) && grant.status == GrantStatus::WorkflowCompleted && !grant.is_live())
    }

    /// The account's sign-up is not finished, and only `State`, where there is one, says so
    fn is_unfinished(&self) -> bool {
        self.account_state() == Some("PENDING_ACTIVATION") && !self.state.knobs.account_state
    }

    /// A member cannot grant to the management account, where AWS has it so
    fn is_refused(&self) -> bool {
        self.account == self.state.organization.management_account && !self.state.knobs.management_account_grantable
    }

    /// A grant of ours stands for the account, or for everybody, of which the ledger knows nothing
    fn has_unknown_stamp(&self) -> bool {
        let grants = self.state.license_manager.grants().filter(|grant| grant.license == self.purchase.license);
        let mut ours =
            grants.filter(|grant| self.is_ours(grant) && !grant.sub_grant && grant.status != GrantStatus::Deleted);
        ours.any(|grant| {
            let concerns = grant.principal.account().is_none_or(|account| account == self.account);
            let intent = grant.name.rsplit('/').next().unwrap_or_default();
            concerns && !self.ledger.knows(&grant.license, &grant.arn) && !self.ledger.knows(&grant.license, intent)
        })
    }

    /// What License Manager counts against its own limit, as far as anybody knows
    fn counted_grants(&self) -> usize {
        let grants = self.state.license_manager.grants().filter(|grant| grant.license == self.purchase.license);
        let counts = |grant: &&Grant| {
            grant.grantor == self.purchase.acceptor
                && grant.status != GrantStatus::Deleted
                && (!grant.sub_grant || self.state.knobs.sub_grants_count_against_quota)
        };
        grants.filter(counts).count()
    }

    fn live_grants(&self) -> usize {
        let grants = self.state.license_manager.grants().filter(|grant| grant.license == self.purchase.license);
        let made = grants.filter(|grant| grant.grantor == self.purchase.acceptor && !grant.sub_grant);
        made.filter(|grant| grant.status != GrantStatus::Deleted).count()
    }
}

fn is_stamped(grant: &Grant) -> bool {
    grant.name.starts_with("gw/")
}
