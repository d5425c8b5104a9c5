//! Bad input: a clear message, the right disposition, nothing lost
