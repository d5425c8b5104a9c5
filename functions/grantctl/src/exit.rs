//! How grantctl ends, for scripts

use std::process::{ExitCode, Termination};

/// The process's exit code
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, for `plan` nothing to do, and for `status` nothing that moves or is blocked
    Settled,
    /// 1: it did not work
    Failure,
    /// 2: there are differences, and for `status` something that moves or is blocked
    Differences,
    /// 3: the policy cannot be read
    InvalidPolicy,
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Settled => 0,
            Self::Failure => 1,
            Self::Differences => 2,
            Self::InvalidPolicy => 3,
        })
    }
}
