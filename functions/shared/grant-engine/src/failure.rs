//! From the SDK's errors to failures that `grant-plan` understands

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use grant_plan::call::{Failure, Operation};

/// Understands an SDK error: the code by the operation, silence as "nobody knows"
#[must_use]
pub fn understand<E>(operation: Operation, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            let code = context.err().code().unwrap_or("UnknownError");
            let message = context.err().message().unwrap_or("no message");
            Failure::of_code(operation, code, message, status >= 500)
        }
        // Time-outs, refused connections, unreadable answers: the call may have done its work.
        SdkError::ConstructionFailure(_)
        | SdkError::TimeoutError(_)
        | SdkError::DispatchFailure(_)
        | SdkError::ResponseError(_)
        | _ => {
            let silence = chain(error);
            let mend = "check the network, the Region and the endpoint (`AWS_ENDPOINT_URL`)";
            Failure::unanswered(operation, format!("{silence}; {mend}"))
        }
    }
}

/// The error with its causes, which is where the SDK keeps what happened
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// A failure to read what the ledger or an answer holds
#[must_use]
pub fn unreadable(operation: Operation, what: &str, problem: impl std::fmt::Display) -> Failure {
    Failure::unanswered(operation, format!("{what} is not readable: {problem}"))
}
