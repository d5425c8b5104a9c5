//! Wire storms: the whole engine in small random worlds, judged by checkers that share nothing with it
//!
//! One seed is one world: an organization, what it buys, rules, answers to the open questions about AWS, faults, and
//! people who act at any moment. Then faults stop, time passes, and what is left has to be right.

pub mod coverage;

pub use coverage::{Coverage, Subject};

/// What became of one seed, or of one history
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// What was broken, for people; empty when all is well
    pub broken: Vec<String>,
    /// What was met on the way
    pub coverage: Coverage,
}
