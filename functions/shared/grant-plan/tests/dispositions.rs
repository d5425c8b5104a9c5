//! What every answer to every operation means: the whole table, written out by hand

use grant_plan::call::{Disposition, Effect, Failure, Operation};
use grant_plan::reason::ReasonCode;

use Disposition::{Permanent, Retry, Stale};
use Operation::{
    AcceptGrant, AssumeRole, Bus, CreateGrant, CreateGrantVersion, DeleteGrant, GetGrant, Ledger, Observe, Queue,
};
use ReasonCode::{AccessDenied, CallRefused, MemberBusClosed, MemberRoleMissing, QuotaReached, TrustedAccessMissing};

const OPERATIONS: [Operation; 10] =
    [CreateGrant, CreateGrantVersion, DeleteGrant, AcceptGrant, GetGrant, AssumeRole, Observe, Ledger, Queue, Bus];

/// By code, one disposition for each operation in the order of [`OPERATIONS`]
const TABLE: [(&str, [Disposition; 10]); 17] = [
    ("ValidationException", INVALID),
    ("InvalidParameterValueException", INVALID),
    ("ConflictException", INVALID),
    ("AccessDeniedException", DENIED),
    ("AuthorizationException", DENIED),
    ("AccessDenied", DENIED),
    ("UnauthorizedException", DENIED),
    ("ResourceLimitExceededException", [Permanent(QuotaReached); 10]),
    ("RateLimitExceededException", [Retry; 10]),
    ("ThrottlingException", [Retry; 10]),
    ("ConditionalCheckFailedException", CONDITION),
    ("ResourceNotFoundException", CLOSED),
    ("NotAuthorizedForSourceException", CLOSED),
    ("NotAuthorizedForDetailTypeException", CLOSED),
    ("InvalidAccountIdException", CLOSED),
    ("InvalidArgument", CLOSED),
    ("BrandNewException", [Retry; 10]),
];

const INVALID: [Disposition; 10] =
    [Permanent(CallRefused), Stale, Stale, Stale, Stale, Retry, Retry, Retry, Retry, Retry];

const DENIED: [Disposition; 10] = [
    Permanent(AccessDenied),
    Permanent(AccessDenied),
    Permanent(AccessDenied),
    Permanent(AccessDenied),
    Permanent(AccessDenied),
    Permanent(MemberRoleMissing),
    Permanent(AccessDenied),
    Permanent(AccessDenied),
    Permanent(AccessDenied),
    Permanent(MemberBusClosed),
];

const CONDITION: [Disposition; 10] = [Retry, Retry, Retry, Retry, Retry, Retry, Retry, Stale, Retry, Retry];

const CLOSED: [Disposition; 10] =
    [Retry, Retry, Retry, Retry, Retry, Retry, Retry, Retry, Retry, Permanent(MemberBusClosed)];

#[test]
fn every_code_of_every_operation_has_the_disposition_of_the_table() {
    for (code, row) in TABLE {
        for (operation, expected) in OPERATIONS.into_iter().zip(row) {
            let failure = Failure::of_code(operation, code, "", false);
            assert_eq!(failure.disposition, expected, "{operation:?}: {code}");
            assert_eq!(failure.effect, Effect::None, "{operation:?}: {code}");
            let throttled = matches!(code, "RateLimitExceededException" | "ThrottlingException");
            assert_eq!(failure.is_throttle(), throttled, "{code}");
        }
    }
}

#[test]
fn a_fault_of_the_service_passes_whatever_it_is_called_and_may_have_worked() {
    for (code, _) in TABLE {
        for operation in OPERATIONS {
            let failure = Failure::of_code(operation, code, "", true);
            assert_eq!((failure.disposition, failure.effect), (Retry, Effect::Unknown), "{operation:?}: {code}");
        }
    }
}

#[test]
fn trusted_access_is_told_by_the_message_where_the_holder_writes_and_nowhere_else() {
    let message = "Grantor has disabled Trusted Access to AWS License Manager Service in AWS Organizations";
    for operation in OPERATIONS {
        let of = |code| Failure::of_code(operation, code, message, false).disposition;
        let expected = match operation {
            CreateGrant | CreateGrantVersion => Permanent(TrustedAccessMissing),
            DeleteGrant | AcceptGrant | GetGrant => Stale,
            AssumeRole | Observe | Ledger | Queue | Bus => Retry,
        };
        assert_eq!(of("ValidationException"), expected, "{operation:?}");
        assert_ne!(of("ConflictException"), Permanent(TrustedAccessMissing), "{operation:?}");
    }
}

#[test]
fn a_limit_on_what_runs_at_once_passes_and_no_answer_may_have_worked() {
    for operation in OPERATIONS {
        let busy = "Too many Concurrent org grants are in progress";
        let busy = Failure::of_code(operation, "ResourceLimitExceededException", busy, false);
        assert_eq!((busy.disposition, busy.is_throttle()), (Retry, false), "{operation:?}");
        let silent = Failure::unanswered(operation, "timed out".to_owned());
        assert_eq!((silent.disposition, silent.effect, silent.is_throttle()), (Retry, Effect::Unknown, false));
        assert_eq!(silent.reason(), ReasonCode::Retrying);
    }
}
