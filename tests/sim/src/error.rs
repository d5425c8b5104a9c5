//! What a service answers when it refuses

/// An error as an AWS service sends it: a code, a message and an HTTP status
///
/// The door decides how it looks on the wire (JSON `__type`, CBOR `__type`, or XML), so rules only name it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// HTTP status: 400 for refusals, 500 for faults
    pub status: u16,
    /// The exception's name, such as `ValidationException`
    pub code: String,
    /// Text for a person
    pub message: String,
    /// What the exceptions that have a `Reason` member say in it, such as Organizations' ConstraintViolationException
    pub reason: Option<String>,
}

impl ApiError {
    /// A refusal with HTTP status 400, which License Manager uses for every client error, throttling included
    pub fn refused(code: &str, message: impl Into<String>) -> Self {
        Self::with_status(400, code, message)
    }

    /// A fault on the service's side, HTTP status 500
    pub fn fault(code: &str, message: impl Into<String>) -> Self {
        Self::with_status(500, code, message)
    }

    /// A refusal with any other status, as the XML services and SQS have them
    pub fn with_status(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), reason: None }
    }

    /// The same with a `Reason`
    #[must_use]
    pub fn because(mut self, reason: &str) -> Self {
        self.reason = Some(reason.to_owned());
        self
    }

    /// `ValidationException`, the commonest refusal
    pub fn validation(message: impl Into<String>) -> Self {
        Self::refused("ValidationException", message)
    }
}
