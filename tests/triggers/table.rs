//! Every event that could matter, what it leads to, and which rule of EventBridge lets it through

use distribute_grants::trigger::{Decoded, Scope};

/// What kind of scope an event leads to
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leads {
    Agreement,
    Account,
    Organization,
    License,
    Grant,
    Sweep,
    Nothing,
}

impl Leads {
    /// What was decoded, in one word; `None` for what belongs in quarantine
    pub(crate) fn of(decoded: &Decoded) -> Option<Self> {
        match decoded {
            Decoded::Trigger(trigger) => Some(match trigger.scope {
                Scope::Agreement(_) => Self::Agreement,
                Scope::Account(_) => Self::Account,
                Scope::OrganizationalUnit => Self::Organization,
                Scope::License(_) => Self::License,
                Scope::Grant(_) => Self::Grant,
                Scope::Sweep | Scope::Policy { .. } | Scope::All => Self::Sweep,
            }),
            Decoded::Nothing { .. } => Some(Self::Nothing),
            Decoded::Poison(_) => None,
        }
    }
}

/// One kind of event
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// `eventName` of what comes by way of CloudTrail, else the `detail-type`
    pub(crate) name: &'static str,
    /// What a good one leads to
    pub(crate) leads: &'static [Leads],
    /// The rule that lets it through; `None`: none does, and a comment says why
    pub(crate) rule: Option<&'static str>,
}

const fn row(name: &'static str, leads: &'static [Leads], rule: &'static str) -> Row {
    Row { name, leads, rule: Some(rule) }
}

const fn unheard(name: &'static str, leads: &'static [Leads]) -> Row {
    Row { name, leads, rule: None }
}

const AGREEMENT: &[Leads] = &[Leads::Agreement];
const ACCOUNT: &[Leads] = &[Leads::Account];
const ORGANIZATION: &[Leads] = &[Leads::Organization];
/// An account where one is named, else the organization
const MEMBERSHIP: &[Leads] = &[Leads::Account, Leads::Organization];
const LICENSE: &[Leads] = &[Leads::License];
const GRANT: &[Leads] = &[Leads::Grant];
const SWEEP: &[Leads] = &[Leads::Sweep];
const NOTHING: &[Leads] = &[Leads::Nothing];

const LIFECYCLE: &str = "mp-agreement-lifecycle";
const REQUESTS: &str = "mp-cancellations-and-adjustments";
const STRUCTURE: &str = "org-structure-and-tags";
const GRANTS: &str = "ct-lm-grants";

pub(crate) const ROWS: &[Row] = &[
    // AWS Marketplace, to the buyer
    row("Purchase Agreement Created - Acceptor", AGREEMENT, "mp-agreement-created"),
    row("Purchase Agreement Amended - Acceptor", AGREEMENT, LIFECYCLE),
    row("Purchase Agreement Amended Acceptor", AGREEMENT, LIFECYCLE),
    row("Purchase Agreement Ended - Acceptor", AGREEMENT, LIFECYCLE),
    row("Purchase Agreement Ending - Acceptor", NOTHING, LIFECYCLE),
    row("Purchase Agreement Renewal Terms Finalized - Acceptor", AGREEMENT, LIFECYCLE),
    row("Purchase Agreement Renewal Upcoming - Acceptor", AGREEMENT, LIFECYCLE),
    row("Agreement Cancellation Request Pending Approval - Acceptor", NOTHING, REQUESTS),
    row("Agreement Cancellation Request Approved - Acceptor", AGREEMENT, REQUESTS),
    row("Agreement Cancellation Request Rejected - Acceptor", NOTHING, REQUESTS),
    row("Agreement Cancellation Request Cancelled - Acceptor", NOTHING, REQUESTS),
    row("Purchase Agreement Billing Adjustment Completed - Acceptor", NOTHING, REQUESTS),
    row("AcceptAgreementRequest", AGREEMENT, "ct-mp-purchases"),
    row("CancelAgreement", AGREEMENT, "ct-mp-purchases"),
    // Sent to sellers only.
    unheard("License Deprovisioned - Manufacturer", NOTHING),
    // AWS Organizations
    row("CreateAccountResult", ACCOUNT, "org-account-created"),
    row("AccountJoinedOrganization", MEMBERSHIP, "org-membership"),
    row("AccountDepartedOrganization", MEMBERSHIP, "org-membership"),
    row("CloseAccountResult", ACCOUNT, "org-account-closed"),
    row("MoveAccount", ACCOUNT, STRUCTURE),
    row("RemoveAccountFromOrganization", ACCOUNT, STRUCTURE),
    row("CreateOrganizationalUnit", ORGANIZATION, STRUCTURE),
    row("UpdateOrganizationalUnit", ORGANIZATION, STRUCTURE),
    row("DeleteOrganizationalUnit", ORGANIZATION, STRUCTURE),
    row("TagResource", MEMBERSHIP, STRUCTURE),
    row("UntagResource", MEMBERSHIP, STRUCTURE),
    row("Tag Change on Resource", ACCOUNT, "tag-change-org-account"),
    // Asked for and not done yet: the result has an event of its own.
    unheard("CreateAccount", NOTHING),
    unheard("CloseAccount", NOTHING),
    unheard("InviteAccountToOrganization", NOTHING),
    // Recorded in the account that joins or leaves, whose bus is not listened to.
    unheard("AcceptHandshake", ORGANIZATION),
    unheard("LeaveOrganization", ACCOUNT),
    // Of no consequence.
    unheard("EffectivePolicyValidation", NOTHING),
    unheard("ResponsibilityTransferAccepted", NOTHING),
    // AWS Control Tower
    row("CreateManagedAccount", ACCOUNT, "controltower-accounts"),
    row("UpdateManagedAccount", ACCOUNT, "controltower-accounts"),
    // License Manager
    row("Grant Change", SWEEP, "lm-native-grant-or-license"),
    row("License Change", SWEEP, "lm-native-grant-or-license"),
    // Using a license changes no grant.
    unheard("License Consumption Change", NOTHING),
    unheard("License Token Change", NOTHING),
    row("CreateGrant", LICENSE, GRANTS),
    row("CreateGrantVersion", GRANT, GRANTS),
    row("AcceptGrant", GRANT, GRANTS),
    row("RejectGrant", GRANT, GRANTS),
    row("DeleteGrant", GRANT, GRANTS),
    // The clock invokes by Scheduler, whose input is no event; a rule with a schedule is understood all the same.
    unheard("Scheduled Event", SWEEP),
];
