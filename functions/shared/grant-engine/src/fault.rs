//! How an invocation fails as a whole: a small, fixed set of kinds that alarms can match

use grant_plan::call::{Disposition, Failure};

use crate::config::ConfigError;

/// Why an invocation failed as a whole
///
/// Only for what a new delivery can cure, or what a person must mend in the deployment; everything else is an outcome
/// in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The same delivery may work later
    #[error("{0}")]
    Retryable(String),
    /// The deployment has to be mended first
    #[error("{0}")]
    Misconfigured(String),
}

impl Fault {
    /// The error type that Lambda reports
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Retryable(_) => "Retryable",
            Self::Misconfigured(_) => "Misconfigured",
        }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        match failure.disposition {
            Disposition::Retry | Disposition::Stale => Self::Retryable(failure.to_string()),
            Disposition::Permanent(reason) => Self::Misconfigured(format!("{failure}; {}", reason.mend())),
        }
    }
}

impl From<ConfigError> for Fault {
    fn from(error: ConfigError) -> Self {
        Self::Misconfigured(error.to_string())
    }
}
