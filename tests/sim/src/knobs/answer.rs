//! The answers that are neither yes or no nor a number

use super::catalog::{Answer, Answers, answers};

answers! {
    /// How a grant made with `DesiredStatus` comes to be active
    DesiredStatus {
        /// PENDING_WORKFLOW, then WORKFLOW_COMPLETED
        Straight,
        /// PENDING_WORKFLOW, what it would be without the option, PENDING_WORKFLOW again, WORKFLOW_COMPLETED
        ByWayOfDistribution,
        /// The option is accepted and nothing comes of it
        Ignored,
    }
}

answers! {
    /// The override of an activation that names none
    OmittedOverride {
        /// DISTRIBUTED_GRANTS_ONLY
        DistributedGrantsOnly,
        /// ALL_GRANTS_PERMITTED_BY_ISSUER
        AllGrantsPermittedByIssuer,
    }
}

answers! {
    /// DISTRIBUTED_GRANTS_ONLY in an account where another grant is active for the product
    TakenAccount {
        /// The grant becomes DISABLED and StatusReason says why
        DisabledWithReason,
        /// The grant becomes DISABLED without a word
        Disabled,
        /// The grant becomes FAILED_WORKFLOW and StatusReason says why
        Failed,
        /// The call is refused with ValidationException; in an organization grant the account gets no sub-grant
        Refused,
    }
}

answers! {
    /// What becomes of a sub-grant whose account leaves the organization or the unit
    LeaverSubGrant {
        /// DELETED when the account leaves
        DeletedAtOnce,
        /// DELETED an hour later, unless the account is back by then
        DeletedLate,
        /// DISABLED when the account leaves, never DELETED
        Disabled,
        /// Nothing happens to it
        Kept,
    }
}

answers! {
    /// What an organization grant does with accounts that are not ACTIVE
    SuspendedAccounts {
        /// They get no sub-grant until they are ACTIVE again
        Skipped,
        /// They get one like any other account
        Covered,
        /// They get one, and it becomes FAILED_WORKFLOW
        Failed,
    }
}

answers! {
    /// `ParentArn` of a sub-grant
    SubGrantParent {
        /// The organization or unit grant's ARN
        OrganizationGrant,
        /// The organization or unit grant's id in an ARN that has the Region
        RegionalForm,
        /// The license's ARN
        License,
    }
}

answers! {
    /// What a deleted organization or unit grant ends as; its sub-grants become DELETED
    DeletedOrganizationGrant {
        /// DELETED
        Deleted,
        /// WORKFLOW_COMPLETED, which the user guide explains as "distributed or recalled"
        WorkflowCompleted,
    }
}

answers! {
    /// A grant to a unit inside another unit
    NestedUnit {
        /// CreateGrant is refused so
        ValidationException,
        /// CreateGrant is refused so
        InvalidParameterValueException,
        /// The grant is made and becomes FAILED_WORKFLOW
        FailsLater,
    }
}

answers! {
    /// The refusal of a second grant for the same license and principal
    DuplicateError {
        /// One of the next two, as it comes
        Varied,
        /// ConflictException, which the API does not even model
        ConflictException,
        /// ValidationException
        ValidationException,
        /// InvalidParameterValueException
        InvalidParameterValueException,
        /// ValidationException with a text that says nothing of a grant being there
        Wordless,
    }
}

answers! {
    /// How long a ClientToken gives the first answer again
    TokenWindow {
        /// As long as the world lasts
        ForEver,
        /// 600 seconds, as documented for CreateToken
        TenMinutes,
        /// Tokens are not looked at
        Never,
    }
}

answers! {
    /// A ClientToken that comes back with other parameters
    TokenMismatch {
        /// Refused so
        ValidationException,
        /// Refused so
        InvalidParameterValueException,
        /// Refused so
        ConflictException,
        /// The first request's answer, as if nothing were different
        FirstAnswer,
    }
}

answers! {
    /// The code of a refusal
    Refusal {
        /// ValidationException
        ValidationException,
        /// InvalidParameterValueException
        InvalidParameterValueException,
        /// ConflictException
        ConflictException,
    }
}

answers! {
    /// The grant is somebody else's
    ForeignGrantError {
        /// AuthorizationException
        AuthorizationException,
        /// AccessDeniedException
        AccessDeniedException,
        /// ValidationException, as if there were none
        ValidationException,
        /// InvalidParameterValueException
        InvalidParameterValueException,
    }
}

answers! {
    /// What becomes of the grants of a license that ends
    EndedLicense {
        /// ACTIVE ones become DISABLED
        ActiveOnesDisabled,
        /// They stay as they are, of no use
        Untouched,
    }
}

answers! {
    /// How a license's ARN is written; only the trailing `l-...` compares
    LicenseArn {
        /// `arn:aws:license-manager::294406891311:license:l-...`
        Colon,
        /// `arn:aws:license-manager::294406891311:license/l-...`
        Slash,
        /// `arn:aws:license-manager:us-east-1:294406891311:license:l-...`
        Regional,
    }
}

answers! {
    /// How the agreement service writes a license's ARN
    AgreementLicenseArn {
        /// As License Manager does
        Same,
        /// `aws:license-manager:us-east-1:294406891311:l-...`, which is no ARN
        Unprefixed,
    }
}

answers! {
    /// The account inside a grant's ARN
    GrantArnAccount {
        /// The account that made the grant
        Grantor,
        /// AWS Marketplace's
        Issuer,
    }
}

answers! {
    /// `CreateTime` of a license
    CreateTime {
        /// A string of epoch seconds, as seen live
        EpochSeconds,
        /// ISO 8601, as documented
        Iso,
    }
}

answers! {
    /// Which reads miss a new grant
    VisibilityLag {
        /// GetGrant and all lists
        GetAndLists,
        /// All lists
        ListsOnly,
        /// GetGrant
        GetOnly,
    }
}

answers! {
    /// License Manager's own events on the hub's bus
    LicenseManagerEvents {
        /// None
        Off,
        /// With an empty detail
        Bare,
        /// With ARNs and statuses in the detail
        Detailed,
    }
}

answers! {
    /// How AccountJoinedOrganization and AccountDepartedOrganization are told
    MembershipEvents {
        /// A service event with the account in `serviceEventDetails`
        ServiceEvent,
        /// An API call event with the account in `requestParameters`
        ApiCall,
        /// A service event that does not say which account
        WithoutAccount,
        /// Not at all
        Untold,
    }
}

answers! {
    /// The resource ARN in agreement events
    AgreementArn {
        /// `arn:aws:aws-marketplace::agreement:agmt-...`
        WithoutPartition,
        /// `arn:aws:aws-marketplace::aws:agreement:agmt-...`
        WithAccount,
        /// `arn:aws:aws-marketplace:aws:agreement:agmt-...`
        WithRegion,
    }
}
