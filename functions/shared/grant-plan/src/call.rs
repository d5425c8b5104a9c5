//! Calls to License Manager as values, and how a failed one is understood

use std::fmt;

use crate::grant::GrantStatus;
use crate::id::GrantArn;
use crate::reason::ReasonCode;

/// CreateGrant
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateGrant {
    /// ClientToken: the intent, so that a repetition is the same request
    pub token: String,
    /// GrantName: the stamp
    pub name: String,
    /// LicenseArn
    pub license: String,
    /// The one element of Principals
    pub principal: String,
    /// HomeRegion of the license
    pub home_region: String,
    /// AllowedOperations
    pub operations: Vec<String>,
    /// Options.DesiredStatus = ACTIVE with this override; organization and unit principals only
    pub activate: Option<Override>,
}

/// CreateGrantVersion with Status = ACTIVE
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivateGrant {
    /// ClientToken
    pub token: String,
    /// GrantArn
    pub arn: GrantArn,
    /// Options.ActivationOverrideBehavior, always sent: the default is not documented
    pub overriding: Override,
}

/// CreateGrantVersion with Status = DISABLED
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchOff {
    /// ClientToken
    pub token: String,
    /// GrantArn
    pub arn: GrantArn,
    /// StatusReason, for whoever finds it off; at most 400 characters
    pub reason: String,
}

/// ActivationOverrideBehavior
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Override {
    /// Leave active grants that are there alone
    DistributedGrantsOnly,
    /// Disable the other active grants of the product
    AllGrantsPermittedByIssuer,
}

/// What a grant-writing call answers
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantReply {
    /// GrantArn
    pub arn: GrantArn,
    /// Status right after
    pub status: GrantStatus,
    /// Version right after
    pub version: String,
}

/// The operations whose failures are told apart
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// license-manager CreateGrant
    CreateGrant,
    /// license-manager CreateGrantVersion
    CreateGrantVersion,
    /// license-manager DeleteGrant
    DeleteGrant,
    /// license-manager AcceptGrant
    AcceptGrant,
    /// license-manager GetGrant
    GetGrant,
    /// sts AssumeRole
    AssumeRole,
    /// Any call that only reads; observing fails as a whole
    Observe,
    /// The ledger
    Ledger,
    /// A queue
    Queue,
    /// events PutEvents on a member account's bus
    Bus,
}

/// What a failed call means for what comes next (decided once, in [`Failure::of_code`])
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// The same call may work later
    Retry,
    /// The world moved since it was looked at: look again, then decide again
    Stale,
    /// No use until a person changes something; the code says what
    Permanent(ReasonCode),
}

/// Whether the call may have done its work in spite of failing
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It did nothing: refused before it began
    None,
    /// Nobody knows: no answer, or a fault on the service's side
    Unknown,
}

/// A failed call, understood
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which call
    pub operation: Operation,
    /// The service's error code; `None` when no answer came
    pub code: Option<String>,
    /// The service's message, or what went wrong on the way
    pub message: String,
    /// What it means
    pub disposition: Disposition,
    /// Whether it may have worked all the same
    pub effect: Effect,
}

impl Failure {
    /// Understands an answer that carried an error code
    ///
    /// License Manager answers `ValidationException` or `InvalidParameterValueException` for "not found", "moved on"
    /// and "not allowed in this state" alike (API reference; AWS's own CloudFormation handlers map both to not
    /// found), so the meaning depends on the operation as well. Codes nobody knows are [`Disposition::Retry`]:
    /// the plan is computed anew each time, so retrying is harmless, while a wrong "permanent" hides.
    #[must_use]
    pub fn of_code(operation: Operation, code: &str, message: &str, server_fault: bool) -> Self {
        let invalid = matches!(code, "ValidationException" | "InvalidParameterValueException");
        let denied = matches!(
            code,
            "AccessDeniedException" | "AuthorizationException" | "AccessDenied" | "UnauthorizedException"
        );
        let disposition = if server_fault || is_throttle(code) {
            Disposition::Retry
        } else if code == "ResourceLimitExceededException" {
            // "Too many concurrent org grants are in progress" is this code and passes by itself.
            if message.to_ascii_lowercase().contains("concurrent") {
                Disposition::Retry
            } else {
                Disposition::Permanent(ReasonCode::QuotaReached)
            }
        } else {
            match operation {
                // Of License Manager for organization principals, of the Marketplace for every activation.
                Operation::CreateGrant | Operation::CreateGrantVersion
                    if invalid && message.to_ascii_lowercase().contains("trusted access") =>
                {
                    Disposition::Permanent(ReasonCode::TrustedAccessMissing)
                }
                Operation::CreateGrant if invalid || code == "ConflictException" => {
                    Disposition::Permanent(ReasonCode::CallRefused)
                }
                Operation::CreateGrantVersion
                | Operation::DeleteGrant
                | Operation::AcceptGrant
                | Operation::GetGrant
                    if invalid || code == "ConflictException" =>
                {
                    Disposition::Stale
                }
                Operation::AssumeRole if denied => Disposition::Permanent(ReasonCode::MemberRoleMissing),
                Operation::Bus if denied || is_closed_bus(code) => Disposition::Permanent(ReasonCode::MemberBusClosed),
                Operation::Ledger if code == "ConditionalCheckFailedException" => Disposition::Stale,
                Operation::CreateGrant
                | Operation::CreateGrantVersion
                | Operation::DeleteGrant
                | Operation::AcceptGrant
                | Operation::GetGrant
                | Operation::AssumeRole
                | Operation::Observe
                | Operation::Ledger
                | Operation::Queue
                | Operation::Bus => {
                    if denied {
                        Disposition::Permanent(ReasonCode::AccessDenied)
                    } else {
                        Disposition::Retry
                    }
                }
            }
        };
        Self {
            operation,
            code: Some(code.to_owned()),
            message: message.to_owned(),
            disposition,
            effect: if server_fault { Effect::Unknown } else { Effect::None },
        }
    }

    /// Understands a call that got no answer
    #[must_use]
    pub fn unanswered(operation: Operation, message: String) -> Self {
        Self { operation, code: None, message, disposition: Disposition::Retry, effect: Effect::Unknown }
    }

    /// Whether the service asked for a slower pace
    #[must_use]
    pub fn is_throttle(&self) -> bool {
        self.code.as_deref().is_some_and(is_throttle)
    }

    /// The state a pair is in after this failure
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self.disposition {
            Disposition::Retry | Disposition::Stale => ReasonCode::Retrying,
            Disposition::Permanent(reason) => reason,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.as_deref().unwrap_or("no answer");
        write!(formatter, "{:?}: {code}: {}", self.operation, self.message)
    }
}

/// Of a whole PutEvents or of one entry (API_PutEventsResultEntry): the bus has no policy for us, or is not there
fn is_closed_bus(code: &str) -> bool {
    matches!(
        code,
        "NotAuthorizedForSourceException"
            | "NotAuthorizedForDetailTypeException"
            | "InvalidAccountIdException"
            | "InvalidArgument"
            | "ResourceNotFoundException"
    )
}

/// `RateLimitExceededException` is License Manager's own throttle, which the SDK does not retry; the others are the
/// names the AWS runtime lists as throttling
fn is_throttle(code: &str) -> bool {
    matches!(
        code,
        "RateLimitExceededException"
            | "ThrottlingException"
            | "Throttling"
            | "ThrottledException"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "SlowDown"
            | "ProvisionedThroughputExceededException"
            | "LimitExceededException"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_code_means_different_things_to_different_operations() {
        let of = |operation, code| Failure::of_code(operation, code, "", false).disposition;
        assert_eq!(of(Operation::CreateGrant, "ValidationException"), Disposition::Permanent(ReasonCode::CallRefused));
        assert_eq!(of(Operation::CreateGrantVersion, "ValidationException"), Disposition::Stale);
        assert_eq!(of(Operation::AcceptGrant, "InvalidParameterValueException"), Disposition::Stale);
        assert_eq!(of(Operation::AssumeRole, "AccessDenied"), Disposition::Permanent(ReasonCode::MemberRoleMissing));
        assert_eq!(
            of(Operation::CreateGrant, "AccessDeniedException"),
            Disposition::Permanent(ReasonCode::AccessDenied)
        );
    }

    #[test]
    fn throttling_and_server_faults_pass_and_only_faults_may_have_worked() {
        let throttled = Failure::of_code(Operation::CreateGrant, "RateLimitExceededException", "", false);
        assert_eq!((throttled.disposition, throttled.effect), (Disposition::Retry, Effect::None));
        let fault = Failure::of_code(Operation::CreateGrant, "ServerInternalException", "", true);
        assert_eq!((fault.disposition, fault.effect), (Disposition::Retry, Effect::Unknown));
        let quota = Failure::of_code(Operation::CreateGrant, "ResourceLimitExceededException", "too many", false);
        assert_eq!(quota.disposition, Disposition::Permanent(ReasonCode::QuotaReached));
        let busy = "Too many concurrent org grants are in progress";
        let busy = Failure::of_code(Operation::CreateGrant, "ResourceLimitExceededException", busy, false);
        assert_eq!(busy.disposition, Disposition::Retry);
    }

    #[test]
    fn a_bus_that_does_not_let_us_in_is_for_somebody_to_open_and_one_that_is_busy_is_tried_again() {
        let of = |code| Failure::of_code(Operation::Bus, code, "", false).disposition;
        for closed in [
            "AccessDeniedException",
            "NotAuthorizedForSourceException",
            "NotAuthorizedForDetailTypeException",
            "InvalidAccountIdException",
            "InvalidArgument",
            "ResourceNotFoundException",
        ] {
            assert_eq!(of(closed), Disposition::Permanent(ReasonCode::MemberBusClosed), "{closed}");
        }
        for busy in ["ThrottlingException", "InternalFailure", "InternalException", "BrandNewException"] {
            assert_eq!(of(busy), Disposition::Retry, "{busy}");
        }
        let queue = Failure::of_code(Operation::Queue, "AccessDenied", "", false).disposition;
        assert_eq!(queue, Disposition::Permanent(ReasonCode::AccessDenied));
    }

    #[test]
    fn a_code_nobody_knows_is_retried() {
        let unknown = Failure::of_code(Operation::DeleteGrant, "BrandNewException", "", false);
        assert_eq!(unknown.disposition, Disposition::Retry);
    }
}
