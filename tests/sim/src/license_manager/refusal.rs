//! Refusals whose codes nobody documents: the knobs choose them

use crate::error::ApiError;
use crate::knobs::{DuplicateError, ForeignGrantError, Refusal};
use rand::Rng;
use rand::rngs::StdRng;

impl Refusal {
    pub(super) fn error(self, message: impl Into<String>) -> ApiError {
        let code = match self {
            Self::ValidationException => "ValidationException",
            Self::InvalidParameterValueException => "InvalidParameterValueException",
            Self::ConflictException => "ConflictException",
        };
        ApiError::refused(code, message)
    }
}

impl ForeignGrantError {
    pub(super) fn error(self, message: impl Into<String>) -> ApiError {
        let code = match self {
            Self::AuthorizationException => "AuthorizationException",
            Self::AccessDeniedException => "AccessDeniedException",
            Self::ValidationException => "ValidationException",
            Self::InvalidParameterValueException => "InvalidParameterValueException",
        };
        ApiError::refused(code, message)
    }
}

impl DuplicateError {
    pub(super) fn error(self, ids: &mut StdRng) -> ApiError {
        const TEXT: &str = "The principal already has a grant for this license";
        let (code, text) = match self {
            Self::Varied if ids.random() => ("ConflictException", TEXT),
            Self::Varied | Self::ValidationException => ("ValidationException", TEXT),
            Self::ConflictException => ("ConflictException", TEXT),
            Self::InvalidParameterValueException => ("InvalidParameterValueException", TEXT),
            Self::Wordless => ("ValidationException", "The request is not valid"),
        };
        ApiError::refused(code, text)
    }
}
