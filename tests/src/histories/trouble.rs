//! How one ask goes wrong

use grant_plan::step::Ask;

/// What befalls an ask
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    /// The run ends before the ask has done anything
    CrashBefore,
    /// It has done its work, and the run ends before it hears of it
    CrashAfter,
    /// The run ends when it has the answer
    CrashWithAnswer,
    /// It has done its work, and the run is told that nobody answered
    LostReply,
    /// It never arrived, and the run is told that nobody answered
    LostCall,
    /// Turned away by the service's throttle
    Throttled,
    /// The service answers with a fault of its own and has done nothing
    FaultBefore,
    /// The service answers with a fault of its own and has done its work
    FaultAfter,
    /// It is sent twice, and the second answer counts
    SentTwice,
    /// A ledger write that somebody else was quicker than
    Refused,
}

/// All of them
pub(super) const TROUBLES: [Trouble; 10] = [
    Trouble::CrashBefore,
    Trouble::CrashAfter,
    Trouble::CrashWithAnswer,
    Trouble::LostReply,
    Trouble::LostCall,
    Trouble::Throttled,
    Trouble::FaultBefore,
    Trouble::FaultAfter,
    Trouble::SentTwice,
    Trouble::Refused,
];

impl Trouble {
    /// Whether it can befall this ask
    ///
    /// The engine repeats only what reads or carries a token of its own, so nothing else is sent twice; the ledger is
    /// refused by its condition, and License Manager by its throttle.
    pub(super) fn befalls(self, ask: &Ask) -> bool {
        match self {
            Self::CrashBefore | Self::CrashAfter | Self::CrashWithAnswer | Self::LostReply | Self::LostCall => true,
            Self::Throttled | Self::FaultBefore | Self::FaultAfter => !matches!(ask, Ask::Record { .. }),
            Self::SentTwice => matches!(ask, Ask::Activate(_) | Ask::SwitchOff(_) | Ask::Record { .. } | Ask::Tell(_)),
            Self::Refused => matches!(ask, Ask::Record { .. }),
        }
    }
}
